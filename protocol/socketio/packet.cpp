#include "protocol/socketio/packet.hpp"

#include "protocol/json.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace strowger::protocol::socketio {
namespace {

constexpr std::size_t id_digits_max = 15; // every such number is one in JavaScript, too

// Names that clients keep for themselves; an event of that name is none.
constexpr std::array<std::string_view, 6> reserved{
    "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"};

// What stands before the JSON. Takes from the front of `text` what it has read.
struct cursor {
  std::string_view text;
  bool fault = false;

  bool digit() const { return !text.empty() && text[0] >= '0' && text[0] <= '9'; }
  std::optional<std::int64_t> number() {
    if (!digit()) return {};
    std::int64_t out = 0;
    std::size_t count = 0;
    for (; digit(); text.remove_prefix(1), ++count) {
      if (count == id_digits_max) return fault = true, std::nullopt;
      out = out * 10 + (text[0] - '0');
    }
    return out;
  }
  std::string name_space() {
    if (!text.starts_with('/')) return "/";
    const auto end = std::min(text.find(','), text.size());
    const auto whole = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto path = whole.substr(0, whole.find('?'));
    if (path.size() > limits::namespace_bytes_max) fault = true;
    return std::string{path.substr(0, limits::namespace_bytes_max)};
  }
};

bool is_binary(packet_kind kind) {
  return kind == packet_kind::binary_event || kind == packet_kind::binary_ack;
}

bool is_event_name(const value& what) {
  if (std::int64_t number = 0; what.as_integer(number)) return true;
  const auto* name = what.as_text();
  return name && std::ranges::find(reserved, *name) == reserved.end();
}

// Whether the data is what its kind carries. A client refuses nobody: no CONNECT_ERROR.
bool fits(packet_kind kind, const value& data, bool present) {
  switch (kind) {
  case packet_kind::connect:
    return !present || data.as_object();
  case packet_kind::disconnect:
    return !present;
  case packet_kind::event:
  case packet_kind::binary_event:
    return data.as_array() && !data.as_array()->empty() && is_event_name(data.as_array()->front());
  case packet_kind::ack:
  case packet_kind::binary_ack:
    return data.as_array() != nullptr;
  case packet_kind::connect_error:
    break;
  }
  return false;
}

// Every placeholder names an attachment that is announced. The depth is bounded by the parser.
bool placeholders_fit(const value& what, std::int64_t count) {
  if (const auto* items = what.as_array())
    return std::ranges::all_of(*items, [&](const auto& x) { return placeholders_fit(x, count); });
  const auto* members = what.as_object();
  if (!members) return true;
  if (const auto* mark = what.find("_placeholder"); mark && mark->as_bool() && *mark->as_bool()) {
    std::int64_t number = -1;
    const auto* num = what.find("num");
    return num && num->as_integer(number) && number >= 0 && number < count;
  }
  return std::ranges::all_of(*members,
                             [&](const auto& m) { return placeholders_fit(m.content, count); });
}

} // namespace

decoder::result decoder::text(std::string_view message, packet& out) noexcept {
  if (waiting() || message.empty() || message[0] < '0' || message[0] > '6')
    return result::malformed;
  packet in;
  in.kind = static_cast<packet_kind>(message[0] - '0');
  cursor at{message.substr(1)};
  std::int64_t count = 0;
  if (is_binary(in.kind)) {
    const auto announced = at.number();
    if (!announced || !at.text.starts_with('-') ||
        *announced > static_cast<std::int64_t>(limits::attachments_max))
      return result::malformed;
    at.text.remove_prefix(1);
    count = *announced;
  }
  in.nsp = at.name_space();
  in.id = at.number();
  const bool present = !at.text.empty();
  if (at.fault) return result::malformed;
  if (present) {
    auto tree = parse_json(at.text);
    if (std::holds_alternative<failure>(tree)) return result::malformed;
    in.data = std::move(std::get<value>(tree));
  }
  const bool acks = in.kind == packet_kind::ack || in.kind == packet_kind::binary_ack;
  if (!fits(in.kind, in.data, present) || (acks && !in.id)) return result::malformed;
  if (is_binary(in.kind) && !placeholders_fit(in.data, count)) return result::malformed;
  if (count == 0) {
    out = std::move(in);
    return result::whole;
  }
  partial_ = std::move(in);
  awaited_ = static_cast<std::size_t>(count);
  bytes_ = 0;
  return result::more;
}

decoder::result decoder::binary(std::string_view bytes, packet& out) noexcept {
  if (!waiting() || bytes.size() > limits::attachments_bytes_max - bytes_) return result::malformed;
  bytes_ += bytes.size();
  partial_.attachments.emplace_back(bytes);
  if (--awaited_ > 0) return result::more;
  out = std::exchange(partial_, {});
  return result::whole;
}

std::string render(const packet& what) {
  auto kind = what.kind;
  if (!what.attachments.empty() && kind == packet_kind::event) kind = packet_kind::binary_event;
  if (!what.attachments.empty() && kind == packet_kind::ack) kind = packet_kind::binary_ack;
  std::string out{static_cast<char>('0' + static_cast<int>(kind))};
  if (is_binary(kind)) out.append(std::to_string(what.attachments.size())).push_back('-');
  if (what.nsp != "/") out.append(what.nsp).push_back(',');
  if (what.id) out.append(std::to_string(*what.id));
  if (!what.data.is_null()) out.append(write_json(what.data, fractions::kept));
  return out;
}

packet push(std::string_view nsp, std::string_view name, value data, std::string_view position) {
  value::array items;
  items.reserve(3);
  items.emplace_back(name);
  items.push_back(std::move(data));
  if (!position.empty()) items.emplace_back(position);
  packet out;
  out.nsp = nsp;
  out.data = std::move(items);
  return out;
}

} // namespace strowger::protocol::socketio
