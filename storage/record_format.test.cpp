#include "storage/record_format.hpp"

#include "storage/crc32c.hpp"
#include "storage/golden.hpp"

#include <gtest/gtest.h>

namespace strowger::storage {
namespace {

record sample() {
  record r;
  r.at = 300;
  r.tenant = tenant_id{"acme"};
  r.tenant_sequence = 150;
  r.kind = "call";
  r.stream = "c1";
  r.version = 2;
  r.previous = 299;
  r.epoch = 7;
  r.tag = "call.held.v1";
  r.payload = std::string{"\x81\xa3leg\x01", 6};
  r.meta = {1'700'000'000'000, "agent", command_id{"m1"}, "c1", 298, 1'700'000'030'000};
  return r;
}

// A promise: these bytes stand on disks. A new record version gets a new test beside this one.
constexpr std::string_view sample_hex =
    "01ac020461636d6596010463616c6c02633102ab02070c63616c6c2e68656c642e7631"
    "80a0abfef962056167656e74026d31026331aa02e0f4aefef9620681a36c656701";

TEST(RecordFormat, VersionOneKeepsItsBytes) {
  EXPECT_EQ(to_hex(encode_record(sample())), sample_hex);
}

TEST(RecordFormat, VersionOneIsReadFieldByField) {
  const auto r = decode_record(from_hex(sample_hex));
  EXPECT_EQ(encode_record(r), encode_record(sample()));
  EXPECT_EQ(r.at, 300u);
  EXPECT_EQ(r.meta.wake_at, 1'700'000'030'000);
  EXPECT_EQ(r.meta.causation, 298u);
  EXPECT_EQ(r.payload, sample().payload);
}

TEST(RecordFormat, AGroupKeepsItsBytes) {
  group_writer group;
  group.add(sample());
  EXPECT_EQ(to_hex(group.finish()).substr(0, 4), "0100");
  EXPECT_EQ(to_hex(group.finish()).substr(12), "0144" + std::string{sample_hex});
}

TEST(RecordFormat, EveryCutAndEveryFlippedBitOfAGroupIsNoticed) {
  group_writer group;
  auto r = sample();
  group.add(r);
  ++r.at;
  group.add(r);
  const auto whole = group.finish();
  const auto read = [](std::string_view bytes) {
    group_reader in{300, bytes};
    while (!in.empty()) in.next();
  };
  EXPECT_NO_THROW(read(whole));
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_THROW(read(std::string_view{whole}.substr(0, size)), storage_error);
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    auto flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    EXPECT_THROW(read(flipped), storage_error);
  }
}

TEST(RecordFormat, ARecordAtTheWrongPositionIsNoticed) {
  group_writer group;
  group.add(sample());
  const auto bytes = group.finish();
  group_reader in{301, bytes};
  EXPECT_THROW(in.next(), storage_error);
}

TEST(RecordFormat, DamagedRecordsNeverCrashTheReader) {
  const auto whole = encode_record(sample());
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (int value = 0; value < 256; value += 5) {
      auto bytes = whole;
      bytes[i] = static_cast<char>(value);
      try {
        decode_record(bytes);
      } catch (const storage_error&) {
      }
    }
}

TEST(Crc32c, AgreesWithTheVectorsOfRfc3720) {
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
}

} // namespace
} // namespace strowger::storage
