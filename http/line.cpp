#include "http/line.hpp"

#include "http/exchange.hpp"
#include "http/origin.hpp"
#include "observe/metrics.hpp"

namespace strowger::http {

namespace {
constexpr std::size_t pushes_waiting_max = 8192; // between publisher and lane
constexpr duration_ms seen_every_ms = 1000;
} // namespace

// Pushes wait here until the lane takes them: one wake-up for many.
class line_sink final : public runtime::device_sink,
                        public std::enable_shared_from_this<line_sink> {
public:
  line_sink(std::weak_ptr<line> to, std::shared_ptr<lane> on) :
      to_(std::move(to)), lane_(std::move(on)) {}

  void push(std::shared_ptr<const notice::any> what, client_position at) override {
    bool full = false, wake = false;
    {
      std::lock_guard lock{mutex_};
      full = waiting_.size() >= pushes_waiting_max;
      if (!full) {
        wake = waiting_.empty();
        waiting_.push_back({std::move(what), at});
      }
    }
    if (full) return close(errc::busy);
    if (wake) lane_->post([self = shared_from_this()] { self->flush(); });
  }

  void close(errc why) override {
    lane_->post([to = to_, why] {
      if (auto alive = to.lock()) alive->end(why);
    });
  }

private:
  struct entry {
    std::shared_ptr<const notice::any> what;
    client_position at;
  };
  void flush() {
    std::vector<entry> ready;
    {
      std::lock_guard lock{mutex_};
      ready.swap(waiting_);
    }
    if (auto alive = to_.lock())
      for (const auto& e : ready) alive->deliver(*e.what, e.at);
  }

  const std::weak_ptr<line> to_;
  const std::shared_ptr<lane> lane_;
  std::mutex mutex_;
  std::vector<entry> waiting_;
};

line::line(handoff from, std::string_view kind) : from_(std::move(from)), kind_(kind) {
  metrics::change(metrics::gauge::sockets_open, 1);
  metrics::add(metrics::counter::connections, kind_);
}

line::~line() {
  from_.shared->connections.remove(this);
  metrics::change(metrics::gauge::sockets_open, -1);
}

void line::enlist() {
  if (enlisted()) from_.shared->connections.add(this, std::weak_ptr<connection>{weak_from_this()});
  sink_ = std::make_shared<line_sink>(weak_from_this(), from_.on);
}

void line::drain() {
  from_.on->post([self = shared_from_this()] { self->end(errc::hub_not_available); });
}

void line::cut() {
  from_.on->post([self = shared_from_this()] {
    self->cut_ = true;
    self->detach("cut");
    self->cut_now();
  });
}

runtime::caller line::caller(command_id command, std::string fingerprint) const {
  return {from_.on, from_.who, std::move(command), std::move(fingerprint)};
}

void line::attach(request::attach wanted) {
  enlist();
  from_.shared->gateway().attach(caller(), std::move(wanted), sink_,
                                 [self = shared_from_this()](outcome<answer::attached> out) {
                                   self->attached(std::move(out));
                                 });
}

void line::attach(request::attach_session wanted) {
  enlist();
  from_.shared->gateway().attach(caller(), std::move(wanted), sink_,
                                 [self = shared_from_this()](outcome<answer::attached> out) {
                                   self->attached(std::move(out));
                                 });
}

void line::attached(outcome<answer::attached> out) {
  if (const auto* why = std::get_if<failure>(&out)) return on_refused(*why);
  device_ = std::move(std::get<answer::attached>(out));
  if (cut_) return detach("cut"); // while the gateway was at work
  on_attached(*device_);
}

void line::sign_of_life() {
  const auto now = from_.shared->now();
  if (!device_ || detached_ || (now - seen_at_ < seen_every_ms && now >= seen_at_)) return;
  seen_at_ = now;
  from_.shared->gateway().seen(from_.who.tenant, device_->device);
}

void line::detach(std::string reason) {
  if (!device_ || detached_) return;
  detached_ = true;
  from_.shared->gateway().detach(from_.who.tenant, device_->device, sink_.get(), std::move(reason));
  on_detached();
}

std::shared_ptr<std::string> refusal_bytes(const failure& why, const http_request& request,
                                           const options& opt) {
  auto response = problem_response(why, request.path);
  add_cors(response.fields, request, opt);
  auto out = std::make_shared<std::string>("HTTP/1.1 " + std::to_string(response.status) +
                                           " Refused\r\nConnection: close\r\n"
                                           "Cache-Control: no-store\r\n"
                                           "X-Content-Type-Options: nosniff\r\n"
                                           "Content-Type: " +
                                           response.content_type + "\r\nContent-Length: " +
                                           std::to_string(response.body.size()) + "\r\n");
  for (const auto& [name, text] : response.fields) *out += name + ": " + text + "\r\n";
  *out += "\r\n" + response.body;
  return out;
}

} // namespace strowger::http
