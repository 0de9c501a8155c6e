// WebSocket frames as a server reads and writes them (RFC 6455, section 5). No extension is spoken.
// Pure: no socket, no clock. A reader between two messages holds no memory.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace strowger::http {

enum class ws_opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10
};

inline constexpr std::uint16_t ws_fine = 0, ws_protocol_error = 1002, ws_bad_utf8 = 1007,
                               ws_too_big = 1009; // close codes, section 7.4.1

struct ws_message { // a whole message, or a control frame
  ws_opcode what{};
  std::string_view payload;
};

class ws_reader {
public:
  explicit ws_reader(std::size_t message_bytes_max) : message_bytes_max_(message_bytes_max) {}

  // Takes what came from the line, which is unmasked where it stands, and tells of everything that
  // is whole; `told` says whether to go on. Gives the close code of what may not be, or ws_fine.
  std::uint16_t take(char* bytes, std::size_t count,
                     const std::function<bool(const ws_message&)>& told);

  // Bytes kept for what is not whole yet: no more than a message and a control frame.
  std::size_t held() const { return partial_.size() + fragments_.size(); }

private:
  struct header;
  std::uint16_t take_all(char* bytes, std::size_t count, std::size_t& used,
                         const std::function<bool(const ws_message&)>& told);
  std::uint16_t refusal(const header& h) const;
  std::uint16_t take_frame(const header& h, char* payload,
                           const std::function<bool(const ws_message&)>& told, bool& go_on);

  std::size_t message_bytes_max_;
  std::string partial_;                       // the beginning of a frame
  std::string fragments_;                     // of a message
  ws_opcode began_ = ws_opcode::continuation; // how the fragments began; continuation: none
};

// Appends the header of a whole frame (not masked, section 5.1).
void append_header(std::string& out, ws_opcode what, std::size_t payload_bytes);
// The header and the payload.
void append_frame(std::string& out, ws_opcode what, std::string_view payload);
std::string close_frame(std::uint16_t code, std::string_view reason);

// The close code of a close frame's payload: 1005 for none, 1002 for one that may not be sent
// (section 7.4.2), 1007 for a reason that is not UTF-8.
std::uint16_t close_code_of(std::string_view payload);
bool valid_utf8(std::string_view text); // RFC 3629
// Sec-WebSocket-Accept for the client's key (section 4.2.2).
std::string accept_key(std::string_view key);

} // namespace strowger::http
