// One WebSocket (RFC 6455) between a slave and its master, either end, once the upgrade is done:
// text messages in and out, a bounded queue, pings, silence. Lives on one lane; few of them are
// open, so Beast does the work.
#pragma once

#include "core/limits.hpp"
#include "http/any_stream.hpp"
#include "http/lane.hpp"
#include "protocol/link/link.hpp"

#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <string>

namespace strowger::http {

// How Beast ends the stream below (websocket::teardown); found by their argument. What still comes
// is read and thrown away, or TCP would take our last word back, but not for ever.
struct plain_teardown {
  any_stream& stream;
  std::unique_ptr<std::array<char, 4096>> bytes = std::make_unique<std::array<char, 4096>>();
  template <class Self> void operator()(Self& self, error_code ec = {}, std::size_t = 0) {
    if (ec) return self.complete(ec == net::error::eof ? error_code{} : ec);
    stream.async_read_some(net::buffer(*bytes), std::move(self));
  }
};
template <class Handler>
void async_teardown(beast::role_type role, any_stream& stream, Handler&& handler) {
  using websocket::async_teardown;
  stream.expires_after(1'000);
  if (stream.is_tls()) return async_teardown(role, stream.tls(), std::forward<Handler>(handler));
  stream.end_sending();
  net::async_compose<Handler, void(error_code)>(plain_teardown{stream}, handler, stream);
}
inline void beast_close_socket(any_stream& stream) { stream.cut(); }

struct link_patience {
  duration_ms ping_interval_ms = limits::ping_interval_ms;
  duration_ms silence_ms = limits::silence_ms;
  duration_ms close_deadline_ms = 2'000;
  std::size_t queue_bytes_max = limits::socket_queue_bytes_max;
};

class link_wire : public std::enable_shared_from_this<link_wire> {
public:
  using stream_type = websocket::stream<any_stream>;
  struct ends { // both on the lane
    // A message; what is not errc::ok ends the line with that word.
    std::function<errc(std::string_view)> heard;
    std::function<void(const std::string& why)> lost; // once, last; in words
  };

  link_wire(any_stream stream, link_patience patience);

  stream_type& stream() { return stream_; } // for the upgrade
  // On the lane. After the upgrade, once.
  void open(ends ends);
  void send(std::string message); // more than the queue takes: ends the line
  void end(errc why);             // says so to the peer, then closes; within close_deadline_ms
  void cut();

private:
  void read();
  void on_message(error_code ec);
  void write();
  void heard();
  void tick();
  void ping(std::int64_t now);
  void finish(const std::string& why);
  std::string words_for(error_code ec);

  stream_type stream_;
  const link_patience patience_;
  net::steady_timer pings_, deadline_;
  ends ends_;
  beast::flat_buffer in_;
  std::deque<std::string> out_; // the front one is being written
  std::size_t out_bytes_ = 0;
  std::string why_;                           // we ended it
  std::int64_t heard_at_ = 0, pinged_at_ = 0; // steady, ms
  bool open_ = false, pinging_ = false, closing_ = false, finished_ = false;
};

// The sink of either end: any thread, in order. `Base` is runtime::slave_sink or master_sink.
template <class Base, class Message>
class link_sink final : public Base, public std::enable_shared_from_this<link_sink<Base, Message>> {
public:
  // Weak, or a lane could end on its own thread, holding the last of itself.
  link_sink(const std::shared_ptr<link_wire>& to, std::weak_ptr<lane> on) :
      to_(to), lane_(std::move(on)) {}

  void send(Message what) override {
    if (++waiting_ > waiting_max) return close(errc::busy); // the lane does not come to it
    post([self = this->shared_from_this(), what = std::move(what)](link_wire& to) {
      --self->waiting_;
      to.send(protocol::link::render(what));
    });
  }
  void close(errc why) override {
    post([why](link_wire& to) { to.end(why); });
  }

private:
  static constexpr int waiting_max = 1024; // messages between the gateway and the lane
  template <class Job> void post(Job job) {
    if (const auto on = lane_.lock())
      on->post([to = to_, job = std::move(job)]() mutable {
        if (const auto alive = to.lock()) job(*alive);
      });
  }

  const std::weak_ptr<link_wire> to_;
  const std::weak_ptr<lane> lane_; // which may end before the gateway lets go of the sink
  std::atomic<int> waiting_{0};
};

} // namespace strowger::http
