// Engine.IO protocol, revision 4: packets, what HTTP long-polling carries of them, the handshake.
// Pure; nothing throws, nothing is larger than what came in.
#pragma once

#include "core/errc.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strowger::protocol::socketio {

enum class engine_kind : std::uint8_t { open, close, ping, pong, message, upgrade, noop };

struct engine_packet {
  engine_kind kind = engine_kind::noop;
  bool binary = false; // a message's bytes; else text
  std::string data;
};

// A WebSocket text frame, or one piece of a payload that is not binary. Nothing: malformed.
std::optional<engine_packet> read_engine_packet(std::string_view text) noexcept;

// What a client POSTs, split at \x1e; "b" and Base64 (RFC 4648, section 4) is a binary message.
// Nothing when one of its packets is malformed or there are more than engine_packets_max.
std::optional<std::vector<engine_packet>> read_payload(std::string_view body) noexcept;

// The text frame of a packet that is not binary: its digit and the data.
std::string render_engine_packet(engine_kind kind, std::string_view data = {});

// Appends to what a poll is answered with.
void append_to_payload(std::string& payload, const engine_packet& what);
// How many bytes of a payload the packet takes.
std::size_t payload_size(const engine_packet& what) noexcept;

struct engine_offer { // the five members of the open packet; times in milliseconds
  std::string sid;
  bool websocket = false; // may be upgraded to
  duration_ms ping_interval_ms = 0, ping_timeout_ms = 0;
  std::size_t payload_bytes_max = 0;
};
// The open packet: "0" and the JSON.
std::string render_open(const engine_offer& offer);

// Why a request is refused, as Engine.IO servers number it.
enum class engine_refusal : std::uint8_t {
  unknown_transport,
  unknown_sid,
  bad_handshake_method,
  bad_request,
  forbidden,
  unsupported_version
};
std::string_view text_of(engine_refusal why) noexcept;

} // namespace strowger::protocol::socketio
