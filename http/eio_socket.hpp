// The WebSocket of an Engine.IO session. Lives on the lane that its connection came by, which need
// not be the session's: each side posts to the other then.
#pragma once

#include "http/handoff.hpp"
#include "http/ws_wire.hpp"
#include "protocol/socketio/engine.hpp"

#include <atomic>

namespace strowger::http {

class eio_session;

class eio_socket final : public ws_wire, public std::enable_shared_from_this<eio_socket> {
public:
  eio_socket(handoff from, any_stream stream);

  // On the socket's lane, before the session hears of it: the upgrade is accepted. Without a
  // session it is closed at once.
  void start(std::shared_ptr<eio_session> session);
  bool over() const { return over_; } // any lane; the session is told after that
  // On the session's lane.
  void deliver(protocol::socketio::engine_packet what);
  void close_with(std::uint16_t code);

private:
  std::shared_ptr<ws_wire> wire() override { return shared_from_this(); }
  void on_data(const ws_message& what) override;
  void on_heard() override {}
  void on_overflow() override;
  void on_end(std::string_view how) override;
  void taken(std::size_t bytes);           // by the session, on its lane
  template <class Job> void tell(Job job); // the session, on its lane
  template <class Job> void run(Job job);  // on the socket's lane

  const std::shared_ptr<state> shared_;
  const std::shared_ptr<lane> lane_;
  const std::string key_;
  std::shared_ptr<eio_session> session_; // on the socket's lane only
  bool same_lane_ = true;
  std::atomic<bool> over_{false};
  std::atomic<std::size_t> posted_bytes_{0}; // to the other lane; beyond the limit nothing is read
};

} // namespace strowger::http
