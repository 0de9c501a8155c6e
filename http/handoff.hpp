// What an HTTP connection passes on when it becomes a WebSocket or an event stream.
#pragma once

#include "http/any_stream.hpp"
#include "http/lane.hpp"
#include "http/message.hpp"
#include "http/state.hpp"

namespace strowger::http {

struct handoff {
  std::shared_ptr<state> shared;
  std::shared_ptr<lane> on;
  http_request request;
  principal who;         // authenticated
  std::string parameter; // events: the session id
};

// Each attaches the device first and upgrades (or starts the stream) after: a refusal is a plain
// HTTP answer. Both on the lane's thread.
void start_websocket(handoff from, any_stream stream);
void start_events(handoff from, any_stream stream);
// A slave: its license key is looked up first.
void start_link(handoff from, any_stream stream);

// A complete HTTP/1.1 answer with "Connection: close", for refusals after the handoff.
std::shared_ptr<std::string> refusal_bytes(const failure& why, const http_request& request,
                                           const options& opt);

} // namespace strowger::http
