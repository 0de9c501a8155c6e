// Server-sent events for a REST session: the pushes of /ws over one long answer.
#include "http/ice.hpp"
#include "http/line.hpp"
#include "http/origin.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "protocol/native/native.hpp"
#include "protocol/sse/sse.hpp"

#include <deque>

namespace strowger::http {
namespace {

namespace sse = protocol::sse;

class sse_session final : public line {
public:
  sse_session(handoff from, any_stream stream) :
      line(std::move(from), "sse"), stream_(std::move(stream)), timer_(from_.on->context()) {}

  void start() {
    const auto& request = from_.request;
    request::attach_session wanted{session_id{from_.parameter}, 0,
                                   std::string{request.header("user-agent")}};
    auto at = request.header("last-event-id");
    if (at.empty()) at = request.argument("position");
    if (!at.empty() && !sse::parse_position(at, wanted.position))
      return on_refused({errc::value_out_of_range, "Last-Event-ID", 0});
    asked_position_ = wanted.position;
    attach(std::move(wanted));
  }

private:
  std::shared_ptr<sse_session> me() {
    return std::static_pointer_cast<sse_session>(shared_from_this());
  }

  void on_refused(const failure& why) override {
    closing_ = true;
    enqueue(*refusal_bytes(why, from_.request, from_.shared->opt));
  }

  void on_attached(const answer::attached& device) override {
    const auto& opt = from_.shared->opt;
    std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                       "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
                       "X-Accel-Buffering: no\r\nConnection: close\r\n";
    headers cors;
    add_cors(cors, from_.request, opt);
    for (const auto& [name, text] : cors) head += name + ": " + text + "\r\n";
    auto ice = ice_servers(opt, from_.request, device.extension, from_.shared->now());
    const auto hello =
        protocol::native::connected_data(device, std::move(ice), opt.ping_interval_ms);
    // A resumed client's Last-Event-ID must not jump over what it is about to get.
    const auto at = device.resumed ? asked_position_ : device.position;
    enqueue(head + "\r\n" + sse::render("connected", hello, at));
    log::info("Event stream opened", {{"extension", device.extension},
                                      {"device_id", device.device},
                                      {"peer", from_.request.peer}});
    watch();
    tick();
    if (from_.shared->draining) end(errc::hub_not_available);
  }

  void deliver(const notice::any& what, client_position at) override {
    if (!closing_) enqueue(sse::render_push(what, at));
  }

  void end(errc) override { // an EventSource comes back by itself
    if (std::exchange(closing_, true)) return;
    if (!writing_) finish("closed");
  }

  void cut_now() override {
    finished_ = true;
    stream_.cut();
  }

  void enqueue(std::string bytes) {
    if (finished_) return;
    out_bytes_ += bytes.size();
    out_.push_back(std::move(bytes));
    if (out_bytes_ > from_.shared->opt.socket_queue_bytes_max) {
      metrics::add(metrics::counter::slow_sockets_closed);
      return finish("slow");
    }
    write_next();
  }

  void write_next() {
    if (writing_ || finished_) return;
    if (out_.empty()) {
      if (closing_) finish("closed");
      return;
    }
    writing_ = true;
    metrics::add(metrics::counter::messages_sent);
    net::async_write(stream_, net::buffer(out_.front()), [self = me()](error_code ec, std::size_t) {
      self->writing_ = false;
      if (ec) return self->finish("lost");
      self->wrote_at_ms_ = self->from_.shared->now();
      self->sign_of_life();
      self->out_bytes_ -= std::min(self->out_bytes_, self->out_.front().size());
      self->out_.pop_front();
      self->write_next();
    });
  }

  void watch() { // a client sends nothing more; the end of its side is the end of the stream
    stream_.async_read_some(net::buffer(ignored_), [self = me()](error_code ec, std::size_t) {
      if (ec) return self->finish("lost");
      self->watch();
    });
  }

  void tick() {
    const auto& opt = from_.shared->opt;
    timer_.expires_after(std::chrono::milliseconds{opt.ping_interval_ms});
    timer_.async_wait([weak = weak_from_this()](error_code ec) {
      auto alive = std::static_pointer_cast<sse_session>(weak.lock());
      if (ec || !alive || alive->finished_) return;
      const auto& opt = alive->from_.shared->opt;
      const auto blocked_ms = alive->from_.shared->now() - alive->wrote_at_ms_;
      if (alive->writing_ && blocked_ms > opt.silence_ms) return alive->finish("silent");
      if (!alive->writing_) alive->enqueue(std::string{sse::keep_alive});
      alive->tick();
    });
  }

  void finish(std::string reason) {
    if (std::exchange(finished_, true)) return;
    detach(std::move(reason));
    timer_.cancel();
    error_code ignored;
    stream_.tcp_layer().socket().shutdown(tcp::socket::shutdown_send, ignored);
    if (writing_)
      stream_.cut();
    else
      stream_.tcp_layer().cancel();
  }

  any_stream stream_;
  net::steady_timer timer_;
  std::deque<std::string> out_; // the front one is being written while writing_
  std::size_t out_bytes_ = 0;
  client_position asked_position_ = 0;
  time_ms wrote_at_ms_ = 0;
  std::array<char, 512> ignored_{};
  bool writing_ = false, closing_ = false, finished_ = false;
};

} // namespace

void start_events(handoff from, any_stream stream) {
  stream.expires_after(0);
  std::make_shared<sse_session>(std::move(from), std::move(stream))->start();
}

} // namespace strowger::http
