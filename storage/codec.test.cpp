#include "storage/codec.hpp"

#include "storage/golden.hpp"
#include "storage/memory_store.hpp"
#include "storage/sealing_vault.hpp"

#include <gtest/gtest.h>

namespace strowger {
namespace {
enum class colour { red, green };
}
template <> struct enum_names<colour> {
  static constexpr std::array<std::string_view, 2> value{"red", "green"};
};
} // namespace strowger

namespace strowger::storage {
namespace {

struct counting_random final : security::random_source {
  std::uint8_t next = 0;
  void fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) byte = next++;
  }
};

struct inner {
  std::int32_t line = 0;
  std::string text;
  static constexpr auto fields =
      std::tuple{field{"line", &inner::line}, field{"text", &inner::text}};
};

struct everything {
  bool on = false;
  std::int64_t low = 0;
  std::uint64_t high = 0;
  std::uint8_t tiny = 0;
  std::string text;
  call_id call;
  colour shade{};
  std::optional<inner> maybe, never_set;
  std::vector<inner> list;
  std::map<std::string, std::uint32_t> by_name;
  std::map<device_id, inner> by_id;
  std::map<std::uint32_t, std::vector<std::string>> by_number;
  personal<std::string> name, unset;
  personal<inner> whole;
  static constexpr auto fields = std::tuple{field{"on", &everything::on},
                                            field{"low", &everything::low},
                                            field{"high", &everything::high},
                                            field{"tiny", &everything::tiny},
                                            field{"text", &everything::text},
                                            field{"call", &everything::call},
                                            field{"shade", &everything::shade},
                                            field{"maybe", &everything::maybe},
                                            field{"never", &everything::never_set},
                                            field{"list", &everything::list},
                                            field{"by_name", &everything::by_name},
                                            field{"by_id", &everything::by_id},
                                            field{"by_number", &everything::by_number},
                                            field{"name", &everything::name},
                                            field{"unset", &everything::unset},
                                            field{"whole", &everything::whole}};
};

struct nothing {
  static constexpr auto tag = "thing.nothing.v1";
  static constexpr auto fields = std::tuple{};
};
struct moved {
  static constexpr auto tag = "thing.moved.v1";
  std::int32_t by = 0;
  static constexpr auto fields = std::tuple{field{"by", &moved::by}};
};
struct moved_and_more { // the same event, written by a newer program
  static constexpr auto tag = "thing.moved.v1";
  std::string new_field;
  std::int32_t by = 0;
  static constexpr auto fields =
      std::tuple{field{"new_field", &moved_and_more::new_field}, field{"by", &moved_and_more::by}};
};
struct wide {
  std::uint64_t by = 0;
  static constexpr auto fields = std::tuple{field{"by", &wide::by}};
};
struct shaded {
  colour shade{};
  static constexpr auto fields = std::tuple{field{"shade", &shaded::shade}};
};
using event = std::variant<nothing, moved>;

everything sample() {
  everything x;
  x.on = true;
  x.low = std::numeric_limits<std::int64_t>::min();
  x.high = std::numeric_limits<std::uint64_t>::max();
  x.tiny = 255;
  x.text = "text";
  x.call = call_id{"c1"};
  x.shade = colour::green;
  x.maybe = inner{-1, "inside"};
  x.list = {{1, "a"}, {2, "b"}};
  x.by_name = {{"one", 1}, {"two", 2}};
  x.by_id = {{device_id{"d"}, {3, "c"}}};
  x.by_number = {{7, {"seven"}}};
  x.name = {subject_id{"alice"}, "Alice Liddell"};
  x.whole = {subject_id{"alice"}, inner{4, "secret candidate"}};
  return x;
}

class Codec : public testing::Test {
protected:
  const tenant_id tenant{"acme"};
  memory_store keys;
  counting_random random;
  sealing_vault vault{keys, random};
};

TEST_F(Codec, EveryMemberTypeComesBack) {
  const auto x = sample();
  const auto back = decode<everything>(encode(x, tenant, vault), tenant, vault);
  EXPECT_EQ(fingerprint(back), fingerprint(x));
  EXPECT_EQ(back.low, x.low);
  EXPECT_EQ(back.high, x.high);
  EXPECT_EQ(back.name.reveal(), "Alice Liddell");
  EXPECT_EQ(back.whole.reveal().line, 4);
  EXPECT_FALSE(back.never_set);
  EXPECT_TRUE(back.unset.subject().empty());
}

struct crowd { // values of many
  struct one {
    personal<std::string> name;
    static constexpr auto fields = std::tuple{field{"name", &one::name}};
  };
  std::vector<one> all;
  static constexpr auto fields = std::tuple{field{"all", &crowd::all}};
};
struct told_vault final : vault {
  std::vector<std::vector<subject_id>> prepared;
  sealed seal(const tenant_id&, const subject_id&, std::string_view plain) override {
    return {std::string(24, 'n'), std::string{plain}};
  }
  void prepare(const tenant_id&, const std::vector<subject_id>& who) override {
    prepared.push_back(who);
  }
  std::optional<std::string> open(const tenant_id&, const subject_id&, const sealed&) override {
    return {};
  }
};

TEST_F(Codec, TheKeysOfManyArePreparedOnce) {
  static_assert(!detail::of_many_people<inner>() && !detail::of_many_people<everything>());
  const subject_id ann{"ann"}, bob{"bob"}, gone{"gone"};
  told_vault told;
  encode(crowd{{{{bob, "b"}}, {{ann, "a"}}, {{bob, "c"}}, {}, {personal<std::string>::lost(gone)}}},
         tenant, told);
  ASSERT_EQ(told.prepared.size(), 1u);
  EXPECT_EQ(told.prepared[0], (std::vector<subject_id>{ann, bob}));
  encode(crowd{{{{ann, "a"}}, {{ann, "b"}}}}, tenant, told); // nobody else: `seal` makes the key
  EXPECT_EQ(told.prepared.size(), 1u);
}

TEST_F(Codec, PersonalValuesAreNotInTheBytes) {
  const auto bytes = encode(sample(), tenant, vault);
  EXPECT_EQ(bytes.find("Liddell"), std::string::npos);
  EXPECT_EQ(bytes.find("secret candidate"), std::string::npos);
  EXPECT_NE(fingerprint(sample()).find("Liddell"), std::string::npos);
}

TEST_F(Codec, EqualValuesAndEqualRandomnessGiveEqualBytes) {
  counting_random same;
  sealing_vault second{keys, same};
  EXPECT_EQ(encode(sample(), tenant, vault), encode(sample(), tenant, second));
}

TEST_F(Codec, AnErasedValueStaysErased) {
  memory_store without_keys;
  sealing_vault blind{without_keys, random};
  const auto lost = decode<everything>(encode(sample(), tenant, vault), tenant, blind);
  EXPECT_TRUE(lost.name.erased());
  EXPECT_EQ(lost.name.subject(), subject_id{"alice"});
  const auto again = decode<everything>(encode(lost, tenant, vault), tenant, vault);
  EXPECT_TRUE(again.name.erased());
}

TEST_F(Codec, AnotherTenantCannotOpenASealedValue) {
  const auto bytes = encode(sample(), tenant, vault);
  keys.find_or_create(tenant_id{"other"}, subject_id{"alice"});
  EXPECT_THROW(decode<everything>(bytes, tenant_id{"other"}, vault), std::runtime_error);
}

TEST_F(Codec, APersonalValueWithoutASubjectIsRefused) {
  everything x;
  x.name = {subject_id{}, "nobody's"};
  EXPECT_THROW(encode(x, tenant, vault), std::logic_error);
}

TEST_F(Codec, EventsAreChosenByTheirTag) {
  const auto stored = encode_event(event{moved{5}}, tenant, vault);
  EXPECT_EQ(stored.tag, "thing.moved.v1");
  EXPECT_EQ(to_hex(stored.payload), "81a2627905");
  const auto back = decode_event<event>(stored.tag, stored.payload, tenant, vault);
  EXPECT_EQ(std::get<moved>(back).by, 5);
  const auto empty = encode_event(event{nothing{}}, tenant, vault);
  EXPECT_EQ(to_hex(empty.payload), "80");
  EXPECT_EQ(decode_event<event>(empty.tag, empty.payload, tenant, vault).index(), 0u);
  EXPECT_THROW(decode_event<event>("thing.gone.v1", "\x80", tenant, vault), decode_error);
}

TEST_F(Codec, ANewerWritersFieldsAreSkippedAndAnOlderWritersDefaultsStay) {
  const auto newer = encode(moved_and_more{"unknown here", 6}, tenant, vault);
  EXPECT_EQ(decode<moved>(newer, tenant, vault).by, 6);
  const auto older = encode(moved{7}, tenant, vault);
  EXPECT_EQ(decode<moved_and_more>(older, tenant, vault).new_field, "");
  EXPECT_EQ(decode<moved_and_more>(older, tenant, vault).by, 7);
}

TEST_F(Codec, WrongTypesRangesAndNamesAreErrorsThatNameTheField) {
  const auto refusal = [&](auto tried, std::string_view hex) -> std::string {
    try {
      decode<decltype(tried)>(from_hex(hex), tenant, vault);
    } catch (const decode_error& e) {
      return e.what();
    }
    return "accepted";
  };
  EXPECT_EQ(refusal(moved{}, "81a26279a161"), "by: expected an integer");
  EXPECT_EQ(refusal(moved{}, "81a26279cf0000000100000000"), "by: an integer is out of range");
  EXPECT_EQ(refusal(wide{}, "81a26279ff"), "by: expected an unsigned integer");
  EXPECT_EQ(refusal(shaded{}, "81a57368616465a4626c7565"), "shade: unknown name \"blue\"");
  EXPECT_EQ(refusal(moved{}, "05"), "expected a map");
  EXPECT_EQ(refusal(moved{}, "81a262790500"), "bytes after the end of the value");
}

TEST_F(Codec, BytesThatPromiseTooMuchAreRefused) {
  const auto refused = [&](const std::string& bytes) {
    EXPECT_THROW(decode<moved>(bytes, tenant, vault), decode_error);
  };
  refused("");
  refused(from_hex("ddffffffff"));                 // an array of four thousand million
  refused(from_hex("dfffffffff"));                 // a map of as many
  refused(from_hex("dbffffffff"));                 // a text of 4 GiB
  refused(from_hex("c6ffffffff"));                 // bytes of 4 GiB
  refused(std::string(1'000'000, '\x91'));         // a million arrays, one in the other
  refused(from_hex("81a26279cb4000000000000000")); // a float
  refused(from_hex("81a26279d40100"));             // an extension
}

TEST_F(Codec, EveryCutAndEveryChangedByteIsAnErrorOrAValueNeverACrash) {
  const auto whole = encode(sample(), tenant, vault);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_THROW(decode<everything>(whole.substr(0, size), tenant, vault), std::runtime_error);
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (int value = 0; value < 256; value += 17) {
      auto bytes = whole;
      bytes[i] = static_cast<char>(value);
      try {
        decode<everything>(bytes, tenant, vault);
      } catch (const std::runtime_error&) {
      }
    }
}

std::string lift_moved_0(std::string_view old) { // {"distance": n} became {"by": n}
  const codec_document document{old};
  const auto in = document.root();
  codec_writer out;
  out.map(1);
  out.text("by");
  for (std::size_t i = 0; i < in.map_size(); ++i)
    if (in.key(i).text() == "distance") out.number(in.value(i).signed_number());
  return out.take();
}
std::string keep(std::string_view old) { return std::string{old}; }

TEST_F(Codec, AnOldEventIsLiftedStepByStep) {
  upcast_table table;
  table.add("thing.shifted.v1", "thing.moved.v0", keep);
  table.add("thing.moved.v0", "thing.moved.v1", lift_moved_0);
  const auto now = table.lift("thing.shifted.v1", from_hex("81a864697374616e636509"));
  EXPECT_EQ(now.tag, "thing.moved.v1");
  EXPECT_EQ(std::get<moved>(decode_event<event>(now.tag, now.payload, tenant, vault)).by, 9);
  EXPECT_EQ(table.lift("thing.nothing.v1", "x").payload, "x");
  EXPECT_THROW(table.add("thing.moved.v0", "thing.moved.v2", keep), std::logic_error);
}

TEST(Upcast, ACircleIsAnErrorNotALoop) {
  upcast_table table;
  table.add("a.b.v1", "a.b.v2", keep);
  table.add("a.b.v2", "a.b.v1", keep);
  EXPECT_THROW(table.lift("a.b.v1", "x"), decode_error);
}

TEST_F(Codec, AChangedSealIsAnErrorNotAnErasure) {
  auto closed = vault.seal(tenant, subject_id{"alice"}, "plain");
  EXPECT_EQ(vault.open(tenant, subject_id{"alice"}, closed), "plain");
  closed.ciphertext[0] ^= 1;
  EXPECT_THROW(vault.open(tenant, subject_id{"alice"}, closed), std::runtime_error);
}

TEST_F(Codec, TheVaultKeepsFewKeysAndStillOpensAll) {
  sealing_vault small{keys, random, 4};
  std::vector<sealed> all;
  for (int i = 0; i < 50; ++i)
    all.push_back(small.seal(tenant, subject_id{std::to_string(i)}, "value " + std::to_string(i)));
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(small.open(tenant, subject_id{std::to_string(i)}, all[static_cast<std::size_t>(i)]),
              "value " + std::to_string(i));
}

} // namespace
} // namespace strowger::storage
