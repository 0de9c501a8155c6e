#include "protocol/socketio/engine.hpp"

#include "core/limits.hpp"
#include "protocol/json.hpp"

#include <array>

namespace strowger::protocol::socketio {
namespace {

constexpr char separator = '\x1e';
constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t none = 0xff;

constexpr std::array<std::uint8_t, 256> digits() {
  std::array<std::uint8_t, 256> out{};
  for (auto& each : out) each = none;
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    out[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return out;
}
constexpr auto digit_of = digits();

// Strict: whole groups of four, padding at the end alone, no bits behind the last byte.
std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return {};
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  text.remove_suffix(padding);
  std::string out;
  out.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const auto digit = digit_of[static_cast<unsigned char>(c)];
    if (digit == none) return {};
    bits = bits << 6 | digit;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<char>(bits >> count));
    bits &= (1u << count) - 1;
  }
  if (bits != 0) return {};
  return out;
}

void append_base64(std::string& out, std::string_view bytes) {
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6;) {
      count -= 6;
      out.push_back(alphabet[bits >> count & 63]);
    }
    bits &= (1u << count) - 1;
  }
  if (count > 0) out.push_back(alphabet[bits << (6 - count) & 63]);
  out.append((3 - bytes.size() % 3) % 3, '=');
}

std::optional<engine_packet> read_piece(std::string_view piece) {
  if (!piece.starts_with('b')) return read_engine_packet(piece);
  auto bytes = from_base64(piece.substr(1));
  if (!bytes) return {};
  return engine_packet{engine_kind::message, true, std::move(*bytes)};
}

} // namespace

std::optional<engine_packet> read_engine_packet(std::string_view text) noexcept {
  if (text.empty() || text[0] < '0' || text[0] > '6') return {};
  return engine_packet{static_cast<engine_kind>(text[0] - '0'), false, std::string{text.substr(1)}};
}

std::optional<std::vector<engine_packet>> read_payload(std::string_view body) noexcept {
  std::vector<engine_packet> out;
  for (;;) {
    const auto end = body.find(separator);
    auto packet = read_piece(body.substr(0, end));
    if (!packet || out.size() == limits::engine_packets_max) return {};
    out.push_back(std::move(*packet));
    if (end == body.npos) return out;
    body.remove_prefix(end + 1);
  }
}

std::string render_engine_packet(engine_kind kind, std::string_view data) {
  std::string out{static_cast<char>('0' + static_cast<int>(kind))};
  return out.append(data);
}

std::size_t payload_size(const engine_packet& what) noexcept {
  return 2 + (what.binary ? (what.data.size() + 2) / 3 * 4 : what.data.size());
}

void append_to_payload(std::string& payload, const engine_packet& what) {
  if (!payload.empty()) payload.push_back(separator);
  payload.reserve(payload.size() + payload_size(what));
  if (what.binary) {
    payload.push_back('b');
    return append_base64(payload, what.data);
  }
  payload.push_back(static_cast<char>('0' + static_cast<int>(what.kind)));
  payload.append(what.data);
}

std::string render_open(const engine_offer& offer) {
  value upgrades{value::array{}};
  if (offer.websocket) upgrades = value::array{value{"websocket"}};
  value out{value::object{}};
  out.set("sid", offer.sid)
      .set("upgrades", std::move(upgrades))
      .set("pingInterval", offer.ping_interval_ms)
      .set("pingTimeout", offer.ping_timeout_ms)
      .set("maxPayload", offer.payload_bytes_max);
  return render_engine_packet(engine_kind::open, write_json(out));
}

std::string_view text_of(engine_refusal why) noexcept {
  switch (why) {
  case engine_refusal::unknown_transport:
    return "Transport unknown";
  case engine_refusal::unknown_sid:
    return "Session ID unknown";
  case engine_refusal::bad_handshake_method:
    return "Bad handshake method";
  case engine_refusal::bad_request:
    return "Bad request";
  case engine_refusal::forbidden:
    return "Forbidden";
  case engine_refusal::unsupported_version:
    return "Unsupported protocol version";
  }
  return "Bad request";
}

} // namespace strowger::protocol::socketio
