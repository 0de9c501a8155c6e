#include "protocol/native/native.hpp"

#include "protocol/describe.hpp"
#include "protocol/errors.hpp"
#include "protocol/json.hpp"
#include "protocol/msgpack.hpp"

namespace strowger::protocol::native {
namespace {

std::string encode(encoding how, const value& what) {
  return how == encoding::json ? write_json(what) : write_msgpack(what);
}

value envelope(std::string_view type, const std::optional<std::int64_t>& id) {
  value out{value::object{}};
  out.set("type", type);
  if (id) out.set("id", *id);
  return out;
}

template <class... Alternatives>
std::vector<std::string_view> names(const std::variant<Alternatives...>*) {
  return {"connected", Alternatives::name...};
}

} // namespace

std::vector<std::string_view> push_names() { return names(static_cast<notice::any*>(nullptr)); }

std::string render_reply(encoding how, const std::optional<std::int64_t>& id, value data) {
  value full{value::object{}};
  full.set("success", true);
  if (auto* members = data.as_object())
    for (auto& m : *members)
      if (m.name != "success") full.set(m.name, std::move(m.content));
  return encode(how, envelope("reply", id).set("data", std::move(full)));
}

std::string render_refusal(encoding how, const std::optional<std::int64_t>& id,
                           const failure& why) {
  return encode(how, envelope("reply", id).set("data", refusal(why)));
}

std::string render_pong(encoding how, const std::optional<std::int64_t>& id, time_ms now) {
  value data{value::object{}};
  data.set("time", rfc3339(now));
  return encode(how, envelope("pong", id).set("data", std::move(data)));
}

value data_of(const notice::any& what) {
  return std::visit([](const auto& x) { return to_value(x); }, what);
}

std::string_view name_of(const notice::any& what) {
  return std::visit([](const auto& x) { return std::string_view{x.name}; }, what);
}

std::string render_push(encoding how, const notice::any& what, client_position at) {
  return render_push(how, name_of(what), data_of(what), at);
}

std::string render_push(encoding how, std::string_view name, value data, client_position at) {
  value out{value::object{}};
  out.set("type", name);
  if (at) out.set("position", at); // presence is no history: it has no place in the log
  return encode(how, out.set("data", std::move(data)));
}

value connected_data(const answer::attached& device, value ice, duration_ms ping_interval_ms) {
  value out{value::object{}};
  out.set("extension", device.extension)
      .set("device_id", device.device.value)
      .set("session_id", device.session.value)
      .set("resume_token", device.resume_token)
      .set("position", device.position)
      .set("ping_interval_ms", ping_interval_ms)
      .set("resumed", device.resumed)
      .set("ice_servers", std::move(ice))
      .set("calls", to_value(device.calls));
  return out;
}

std::string render_connected(encoding how, value data, client_position at) {
  value out{value::object{}};
  out.set("type", "connected").set("position", at);
  return encode(how, out.set("data", std::move(data)));
}

value reply_data(const answer::dialled& what) {
  value out{value::object{}};
  return out.set("callId", what.call.value).set("devices_notified", what.devices_notified);
}

value reply_data(const answer::call_state& what) {
  value out{value::object{}};
  out.set("callId", what.call.value);
  if (what.bridge) out.set("bridge", what.bridge);
  if (!what.role.empty()) out.set("role", what.role);
  return out;
}

} // namespace strowger::protocol::native
