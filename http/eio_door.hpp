// Requests to the Engine.IO path: which session they are for, and what may not be. Any lane; the
// session's own work is posted to its lane.
#pragma once

#include "http/any_stream.hpp"
#include "http/exchange.hpp"
#include "http/handoff.hpp"

namespace strowger::http {

inline constexpr std::string_view engine_methods = "GET, POST, OPTIONS";

bool is_engine_path(const options& opt, std::string_view path);

// A POST of a polling session, from its head until it is answered. One that overlaps with another
// ends the session.
class eio_post {
public:
  eio_post(const state& shared, const http_request& head);
  ~eio_post();
  eio_post(const eio_post&) = delete;
  eio_post& operator=(const eio_post&) = delete;
  bool overlaps() const { return overlaps_; }

private:
  std::shared_ptr<eio_session> session_; // null: of none
  bool overlaps_ = false;
};

// Polls and POSTs, the handshake by a poll, and every refusal. False: a WebSocket is to be started
// on this connection, and nothing was answered.
bool answer_engine(const exchange_ptr& x, const std::shared_ptr<lane>& on, bool overlaps);

// After answer_engine() said so, with the same request.
void start_engine(handoff from, any_stream stream);

} // namespace strowger::http
