// The dialect of /ws (docs/asyncapi.yaml), as JSON or msgpack: frames in, commands out, and back.
#pragma once

#include "core/notice.hpp"
#include "core/request.hpp"
#include "protocol/value.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace strowger::protocol::native {

enum class encoding { json, msgpack };

struct ping {};
struct heartbeat {};
struct authenticate_license {}; // of this sign-in: whether its seat is good, and the terms
struct logout {};
struct subscribe_presence {};
struct in_call { // something a device does in a call it takes part in
  call_id call;
  request::call_action what;
};
struct media {}; // webrtc:* of the relay; message.data says the rest
using command = std::variant<ping, heartbeat, authenticate_license, logout, subscribe_presence,
                             media, request::dial, in_call>;

struct message {
  std::optional<std::int64_t> id; // absent: the client wants no reply matched
  std::string type;
  std::optional<command_id> given; // data.command_id
  std::string fingerprint;         // of type and data, when `given`
  value data;                      // a map, also where the client sent none
  outcome<command> what = failure{errc::malformed_message, {}, 0};
};

// Never throws; whatever could be read of `id` and `type` is there even when `what` is a failure.
message parse(encoding how, std::string_view frame);
// For dialects with an envelope of their own. `data`: null counts as an empty map.
message read_message(std::string type, value data);

// Names a client may send, in the order of the documentation.
std::vector<std::string_view> command_names();
// Names the server pushes, `connected` included.
std::vector<std::string_view> push_names();

// {"type": "reply", "id": n, "data": {"success": true, ...}}; `data` is a map or null.
std::string render_reply(encoding how, const std::optional<std::int64_t>& id, value data);
std::string render_refusal(encoding how, const std::optional<std::int64_t>& id, const failure& why);
std::string render_pong(encoding how, const std::optional<std::int64_t>& id, time_ms now);
std::string render_push(encoding how, const notice::any& what, client_position at);
std::string render_push(encoding how, std::string_view name, value data, client_position at);

// Data of the first push. `ice` is what RTCPeerConnection takes.
value connected_data(const answer::attached& device, value ice, duration_ms ping_interval_ms);
std::string render_connected(encoding how, value data, client_position at);

value data_of(const notice::any& what);
std::string_view name_of(const notice::any& what);
value reply_data(const answer::dialled& what);
value reply_data(const answer::call_state& what);

} // namespace strowger::protocol::native
