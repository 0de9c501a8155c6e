#include "protocol/native/native.hpp"

#include "core/fingerprint.hpp"
#include "protocol/json.hpp"
#include "protocol/msgpack.hpp"
#include "protocol/reader.hpp"

#include <array>

namespace strowger::protocol::native {
namespace {

constexpr std::int64_t safe_integer_max = 9'007'199'254'740'991; // 2^53 - 1
constexpr std::int64_t bridge_max = 1'000'000;

command dial(reader& in) {
  request::dial out;
  out.target = in.target("phoneNumber");
  out.campaign = in.maybe_text("campaignId").value_or("");
  out.lead = in.maybe_text("leadId").value_or("");
  out.video = in.maybe_flag("video");
  return out;
}

command act(reader& in, request::call_action what) {
  return in_call{call_id{in.text("callId")}, std::move(what)};
}

std::uint32_t bridge(reader& in) {
  return static_cast<std::uint32_t>(in.maybe_integer("bridge", 0, bridge_max).value_or(0));
}

command dtmf(reader& in) {
  request::dtmf out{in.text("tone", 1), in.maybe_integer("duration", 40, 6000).value_or(100)};
  if (in.ok() && std::string_view{"0123456789*#ABCD"}.find(out.tone) == std::string_view::npos)
    in.refuse(errc::value_out_of_range, "tone");
  return act(in, std::move(out));
}

command transfer(reader& in) {
  request::transfer out;
  out.target = in.target("target");
  const auto type = in.maybe_text("transferType").value_or("blind");
  if (type != "blind" && type != "warm") in.refuse(errc::value_out_of_range, "transferType");
  out.warm = type == "warm";
  return act(in, std::move(out));
}

command record(reader& in) {
  request::record out;
  if (!parse_enum(in.text("action"), out.what)) in.refuse(errc::value_out_of_range, "action");
  const auto consent = in.maybe_text("consent");
  if (consent && (!parse_enum(*consent, out.consent) || *consent == "missing"))
    in.refuse(errc::value_out_of_range, "consent");
  return act(in, out);
}

command relay(reader&) { return media{}; } // read by who carries the media

struct entry {
  std::string_view name;
  command (*read)(reader&);
};

constexpr std::array entries{
    entry{"ping", [](reader&) -> command { return ping{}; }},
    entry{"heartbeat", [](reader&) -> command { return heartbeat{}; }},
    entry{"license:authenticate", [](reader&) -> command { return authenticate_license{}; }},
    entry{"logout", [](reader&) -> command { return logout{}; }},
    entry{"presence:subscribe", [](reader&) -> command { return subscribe_presence{}; }},
    entry{"call:dial", dial},
    entry{"call:answer", [](reader& in) { return act(in, request::answer{}); }},
    entry{"call:reject", [](reader& in) { return act(in, request::reject{}); }},
    entry{"call:hangup", [](reader& in) { return act(in, request::hang_up{}); }},
    entry{"call:hold", [](reader& in) { return act(in, request::hold{}); }},
    entry{"call:unhold", [](reader& in) { return act(in, request::unhold{}); }},
    entry{"call:mute", [](reader& in) { return act(in, request::mute{in.flag("muted")}); }},
    entry{"call:dtmf", dtmf},
    entry{"call:transfer", transfer},
    entry{"call:transfer-cancel", [](reader& in) { return act(in, request::cancel_transfer{}); }},
    entry{"call:record", record},
    entry{"webrtc:offer",
          [](reader& in) {
            return act(in, request::offer{bridge(in), in.sdp("sdp")});
          }},
    entry{"webrtc:answer",
          [](reader& in) {
            return act(in, request::sdp_answer{bridge(in), in.sdp("sdp")});
          }},
    entry{"webrtc:ice-candidate",
          [](reader& in) {
            return act(in, request::trickle{bridge(in), in.candidate("candidate")});
          }},
    entry{"webrtc:get-router-capabilities", relay},
    entry{"webrtc:create-transport", relay},
    entry{"webrtc:connect-transport", relay},
    entry{"webrtc:produce", relay},
    entry{"webrtc:consume", relay},
    entry{"webrtc:pause-producer", relay},
    entry{"webrtc:resume-producer", relay},
    entry{"webrtc:close-producer", relay},
    entry{"webrtc:pause-consumer", relay},
    entry{"webrtc:resume-consumer", relay},
    entry{"webrtc:close-consumer", relay},
    entry{"webrtc:restart-ice", relay},
    entry{"webrtc:get-stats", relay},
};

outcome<command> read(std::string_view type, const value& data) {
  for (const auto& e : entries) {
    if (e.name != type) continue;
    reader in{data};
    if (!in.ok()) return in.fault();
    auto out = e.read(in);
    if (!in.ok()) return in.fault();
    return out;
  }
  return failure{errc::unknown_message, std::string{type.substr(0, 64)}, 0};
}

} // namespace

message read_message(std::string type, value data) {
  message out;
  out.type = std::move(type);
  out.data = data.is_null() ? value{value::object{}} : std::move(data);
  if (!out.data.as_object()) {
    out.what = failure{errc::wrong_type, "data", 0};
    out.data = value::object{};
    return out;
  }
  reader common{out.data};
  if (auto id = common.maybe_text("command_id", 128); id && !id->empty())
    out.given = command_id{std::move(*id)};
  if (out.given) out.fingerprint = fingerprint_of({out.type, write_json(out.data)});
  out.what = common.ok() ? read(out.type, out.data) : outcome<command>{common.fault()};
  return out;
}

message parse(encoding how, std::string_view frame) {
  message out;
  auto tree = how == encoding::json ? parse_json(frame) : parse_msgpack(frame);
  if (auto* why = std::get_if<failure>(&tree)) {
    out.what = *why;
    return out;
  }
  auto& root = std::get<value>(tree);
  reader head{root};
  const auto id = head.maybe_integer("id", 0, safe_integer_max);
  auto type = head.text("type", 64);
  if (!head.ok()) {
    out.type = std::move(type);
    out.what = head.fault();
  } else {
    value data;
    for (auto& each : *root.as_object())
      if (each.name == "data") data = std::move(each.content);
    out = read_message(std::move(type), std::move(data));
  }
  out.id = id;
  return out;
}

std::vector<std::string_view> command_names() {
  std::vector<std::string_view> out;
  for (const auto& e : entries) out.push_back(e.name);
  return out;
}

} // namespace strowger::protocol::native
