#include "bench/load/frame.hpp"

namespace strowger::load {
namespace {

void append_number(std::string& out, std::uint64_t number, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(number >> shift));
}

std::uint64_t read_number(std::string_view bytes) {
  std::uint64_t out = 0;
  for (const char c : bytes) out = out << 8 | static_cast<unsigned char>(c);
  return out;
}

} // namespace

void append_frame(std::string& out, opcode what, std::string_view payload) {
  constexpr unsigned char last = 0x80, masked = 0x80;
  out.push_back(static_cast<char>(last | static_cast<unsigned char>(what)));
  if (payload.size() < 126) {
    out.push_back(static_cast<char>(masked | payload.size()));
  } else if (payload.size() < 65'536) {
    out.push_back(static_cast<char>(masked | 126));
    append_number(out, payload.size(), 2);
  } else {
    out.push_back(static_cast<char>(masked | 127));
    append_number(out, payload.size(), 8);
  }
  out.append(4, '\0');
  out.append(payload);
}

taken take_frame(std::string_view& bytes, frame& out) {
  if (bytes.size() < 2) return taken::more;
  const auto first = static_cast<unsigned char>(bytes[0]);
  const auto second = static_cast<unsigned char>(bytes[1]);
  if ((second & 0x80) != 0 || (first & 0x70) != 0) return taken::broken; // a server never masks
  std::uint64_t size = second & 0x7f;
  std::size_t head = 2;
  if (const std::size_t more = size == 126 ? 2 : size == 127 ? 8 : 0; more > 0) {
    if (bytes.size() < head + more) return taken::more;
    size = read_number(bytes.substr(head, more));
    head += more;
  }
  if (size > (1u << 30)) return taken::broken;
  if (bytes.size() - head < size) return taken::more;
  out = {static_cast<opcode>(first & 0x0f), (first & 0x80) != 0, bytes.substr(head, size)};
  bytes.remove_prefix(head + size);
  return taken::whole;
}

std::string upgrade_request(std::string_view host, std::string_view target,
                            std::string_view fields) {
  std::string out{"GET "};
  out.append(target).append(" HTTP/1.1\r\nHost: ").append(host);
  out.append("\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  return out.append(fields).append("\r\n");
}

} // namespace strowger::load
