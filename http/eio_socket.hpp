// The WebSocket of an Engine.IO session. Lives on the lane that its connection came by, which need
// not be the session's: each side posts to the other then.
#pragma once

#include "http/handoff.hpp"
#include "http/ws_wire.hpp"
#include "protocol/socketio/engine.hpp"

namespace strowger::http {

class eio_session;

class eio_socket final : public ws_wire, public std::enable_shared_from_this<eio_socket> {
public:
  eio_socket(handoff from, any_stream stream);

  // On the socket's lane, before the session hears of it: the upgrade is accepted. Without a
  // session it is closed at once.
  void start(std::shared_ptr<eio_session> session);
  // On the session's lane.
  void deliver(protocol::socketio::engine_packet what);
  void close_with(std::uint16_t code);

private:
  std::shared_ptr<ws_wire> wire() override { return shared_from_this(); }
  void on_data(const ws_message& what) override;
  void on_heard() override {}
  void on_overflow() override;
  void on_end(std::string_view how) override;
  template <class Job> void tell(Job job); // the session, on its lane
  template <class Job> void run(Job job);  // on the socket's lane

  const std::shared_ptr<state> shared_;
  const std::shared_ptr<lane> lane_;
  const std::string key_;
  std::shared_ptr<eio_session> session_; // on the socket's lane only
  bool same_lane_ = true;
};

} // namespace strowger::http
