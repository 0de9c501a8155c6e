// Socket.IO protocol, revision 5: packets between a namespace's two ends, with acknowledgements and
// binary attachments. Pure; nothing throws. An attachment stands in the data as the protocol writes
// it, {"_placeholder": true, "num": n}, and its bytes stand beside.
#pragma once

#include "core/limits.hpp"
#include "protocol/value.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strowger::protocol::socketio {

enum class packet_kind : std::uint8_t {
  connect,
  disconnect,
  event,
  ack,
  connect_error,
  binary_event,
  binary_ack
};

struct packet {
  packet_kind kind = packet_kind::event;
  std::string nsp = "/";          // the namespace, without its query
  std::optional<std::int64_t> id; // of an acknowledgement, asked for or given
  value data;                     // event: [name, ...]; ack: [...]; connect: an object or null
  std::vector<std::string> attachments;
};

// Reads what one client sends, in order. After `malformed` the connection must end.
class decoder {
public:
  enum class result { whole, more, malformed }; // more: its attachments are still to come
  result text(std::string_view message, packet& out) noexcept;
  result binary(std::string_view bytes, packet& out) noexcept;
  bool waiting() const { return awaited_ > 0; }

private:
  packet partial_;
  std::size_t awaited_ = 0, bytes_ = 0;
};

// The text; the attachments follow it as binary messages. Events and acks with attachments get the
// binary kinds by themselves.
std::string render(const packet& what);

// ["name", data, position]: what is pushed. `position` only where there is one, as text: the stock
// client keeps it as its offset.
packet push(std::string_view nsp, std::string_view name, value data, std::string_view position);

} // namespace strowger::protocol::socketio
