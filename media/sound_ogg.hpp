// Ogg pages (RFC 3533): one logical stream, checked byte for byte. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace strowger::media::ogg {

// CRC-32 of a page whose own four bytes of it are zero: polynomial 0x04c11db7, from 0, not
// reflected.
std::uint32_t checksum(std::span<const std::uint8_t> page);

struct page { // the spans look into what was read
  bool continues = false, first = false, last = false;
  std::uint64_t granule = 0;
  std::uint32_t serial = 0, sequence = 0;
  std::span<const std::uint8_t> lacing, body;
  std::size_t size = 0; // with its head
};
// The page that begins here; nothing when it is none, is cut off or damaged.
std::optional<page> read_page(std::span<const std::uint8_t> from);

struct packet {
  std::vector<std::uint8_t> content;
  std::uint64_t granule = 0; // of the page that it ends on
};
// All packets of a file of one stream; nothing when anything in it is wrong.
std::optional<std::vector<packet>> read_packets(std::span<const std::uint8_t> file);

// The other way. No packet spans two pages here: one has 65,025 bytes at most.
class writer {
public:
  explicit writer(std::uint32_t serial) : serial_(serial) {}

  // `granule`: where the packet ends, in samples. Full pages go to `out`. Refuses (false) a packet
  // that fits on no page.
  bool add(std::span<const std::uint8_t> packet, std::uint64_t granule,
           std::vector<std::uint8_t>& out);
  // What is there as a page of its own; nothing, when there is nothing and it is not the last.
  void flush(bool last, std::vector<std::uint8_t>& out);

private:
  const std::uint32_t serial_;
  std::uint32_t sequence_ = 0;
  std::uint64_t granule_ = 0;
  std::vector<std::uint8_t> lacing_, body_;
};

} // namespace strowger::media::ogg
