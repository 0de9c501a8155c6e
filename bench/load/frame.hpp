// WebSocket frames as a client makes and reads them (RFC 6455). Pure: no socket, no clock.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace strowger::load {

enum class opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10
};

// Appends one whole frame. Its mask is 0: allowed on the wire, and costs the sender nothing, so
// that one thread of load is enough for a server of several.
void append_frame(std::string& out, opcode what, std::string_view payload);

struct frame {
  opcode what{};
  bool last = true;         // FIN
  std::string_view payload; // into the bytes it was taken from
};

enum class taken { whole, more, broken }; // more: the rest has not come yet

// Takes one frame off the front of `bytes`.
taken take_frame(std::string_view& bytes, frame& out);

// The opening handshake's request. `fields`: further header lines, each ending in CRLF.
std::string upgrade_request(std::string_view host, std::string_view target,
                            std::string_view fields);

} // namespace strowger::load
