// One Engine.IO session: its transport (long-polling, then perhaps a WebSocket), heartbeat, queue
// and end. Lives on one lane; requests and sockets of other lanes come by post.
#pragma once

#include "http/eio.hpp"
#include "http/eio_socket.hpp"
#include "http/message.hpp"
#include "http/state.hpp"
#include "protocol/socketio/engine.hpp"

#include <atomic>
#include <deque>

namespace strowger::http {

namespace socketio = protocol::socketio;

class eio_session final : public connection, public std::enable_shared_from_this<eio_session> {
public:
  using responder = std::function<void(http_response)>; // may be called on the session's lane

  eio_session(std::shared_ptr<state> shared, std::shared_ptr<lane> on, http_request first);
  ~eio_session() override;

  const std::string& sid() const { return sid_; }
  const http_request& request() const { return request_; } // the first one, without its body
  const std::shared_ptr<lane>& on() const { return lane_; }
  const std::shared_ptr<state>& shared() const { return shared_; }

  // For the application: who its client is, so that it keeps its place. Until then it may be ended
  // for others.
  void known();
  // More than the queue takes ends the session.
  void send_text(std::string message);
  void send_binary(std::string message);
  void close(); // what waits goes first; then the client is told and comes back if it wants to

  // For the door. A poll is named by whoever waits, so that it can be said to be gone.
  void open_by_poll(const responder& answer);
  void open_by_socket(std::shared_ptr<eio_socket> socket);
  void poll(const void* who, responder answer);
  void poll_gone(const void* who);
  // From a POST's head to its answer; false: there is one already. Any thread.
  bool begin_post() { return !posting_.exchange(true); }
  void end_post() { posting_ = false; }
  void take(std::string_view body, const responder& answer);
  void overlap(); // of two polls or two POSTs: a sign of two clients with one session
  void probe(std::shared_ptr<eio_socket> socket); // of an upgrade

  // For its sockets.
  void on_socket_text(eio_socket& from, std::string_view text);
  void on_socket_binary(eio_socket& from, std::string_view bytes);
  void on_socket_end(eio_socket& from, std::string_view how);

  void drain() override;
  void cut() override;

private:
  enum class phase { open, closing, left, ended }; // left: by the client, one poll may still come

  void open();
  void send(socketio::engine_packet what);
  void flush();
  void answer_poll(http_response response);
  bool handle(const socketio::engine_packet& what); // false: the session has ended
  void on_probe_text(std::string_view text);
  void upgrade();
  void release_polls();
  void beat(std::int64_t since);
  void ping();
  void ping_left();
  void wait_for_pong();
  void heard();
  void heard_pong();
  void end_when_silent();
  void end(std::string_view why);
  void leave();
  void vanish();

  const std::shared_ptr<state> shared_;
  const std::shared_ptr<lane> lane_;
  const std::string sid_;
  http_request request_;
  std::shared_ptr<eio_app> app_;
  std::shared_ptr<eio_socket> socket_;  // the transport, once it is one
  std::shared_ptr<eio_socket> probing_; // on its way to be
  net::steady_timer heartbeat_;
  responder poll_; // of the client that waits
  const void* poll_of_ = nullptr;
  std::deque<socketio::engine_packet> out_; // polling: until the next poll
  std::size_t out_bytes_ = 0;
  std::int64_t silent_at_ = 0; // steady, ms: without a pong until then it is over
  std::int64_t pinged_at_ = 0; // steady, ms: when the last ping left
  phase phase_ = phase::open;
  bool awaits_pong_ = false, ping_waits_ = false; // waits: for a poll that takes it along
  bool corked_ = false, probed_ = false, told_ = false;
  std::atomic<bool> posting_{false};
};

http_response eio_text(std::string body);
// 400 (403, 503) with Engine.IO's number and sentence beside the members of every problem here.
http_response eio_refusal(socketio::engine_refusal why, std::string_view path);

} // namespace strowger::http
