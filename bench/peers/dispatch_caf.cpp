// Peer of dispatch.cpp: raw CAF. A stateful_actor per license with the same state and the same
// decide, found by its id in a hash map, asked with request().then() by one client actor, on CAF's
// own scheduler as it comes (or with --workers N). No shell, no directory, no log.
//   dispatch_caf [--what rate|bursts|wake] [--actors N] [--seconds S] [--sleep-ms M] [--workers N]
// rate: 256 in flight. bursts: 64 every 2 ms. wake: one after M ms in which nobody did anything.
#include "bench/support/license_question.hpp"
#include "bench/support/measure.hpp"

#include <caf/all.hpp>

#include <thread>
#include <unordered_map>

namespace strowger::bench {
namespace {

struct ask {
  license::command what;
};
struct answer {
  errc why;
};
struct go {}; // to the client: begin
struct burst_due {};

} // namespace
} // namespace strowger::bench
template <> struct caf::allowed_unsafe_message_type<strowger::bench::ask> : std::true_type {};
template <> struct caf::allowed_unsafe_message_type<strowger::bench::answer> : std::true_type {};
template <> struct caf::allowed_unsafe_message_type<strowger::bench::go> : std::true_type {};
template <> struct caf::allowed_unsafe_message_type<strowger::bench::burst_due> : std::true_type {};

namespace strowger::bench {
namespace {

constexpr std::size_t window = 256;
constexpr std::size_t burst = 64;
constexpr std::size_t sampled = 8; // every 8th command is timed

struct world {
  std::vector<std::string> ids;
  std::unordered_map<std::string, caf::actor> known;
  std::size_t next = 0;
  const caf::actor& choose() {
    const auto& id = ids[next];
    if (++next == ids.size()) next = 0;
    return known.find(id)->second;
  }
};

caf::behavior license_actor(caf::stateful_actor<license::state>* self) {
  return {[self](const ask& q) -> answer {
    const context now{1'000'000, 1, 0};
    return {license::decide(self->state, q.what, now).why()};
  }};
}

struct client_state {
  world* all = nullptr;
  percentiles times;
  std::size_t sent = 0, done = 0, under_way = 0;
  steady::time_point start;
  bool over = false;
};

// Keeps 256 requests under way until the time is over, then says goodbye to whoever asked.
caf::behavior rate_client(caf::stateful_actor<client_state>* self, world* all, double seconds) {
  self->state.all = all;
  auto next = std::make_shared<std::function<void()>>();
  auto whom = std::make_shared<caf::response_promise>();
  *next = [=, raw = next.get()] {
    auto& st = self->state;
    const bool timed = ++st.sent % sampled == 0;
    const auto sent = timed ? steady::now() : steady::time_point{};
    if (timed && std::chrono::duration<double>(sent - st.start).count() > seconds) st.over = true;
    ++st.under_way;
    self->request(st.all->choose(), caf::infinite, ask{question}).then([=](const answer&) {
      auto& now = self->state;
      ++now.done;
      --now.under_way;
      if (timed) now.times.add_since(sent);
      if (!now.over)
        (*raw)();
      else if (now.under_way == 0)
        whom->deliver(go{});
    });
  };
  return {[=](go) -> caf::result<go> {
    *whom = self->make_response_promise();
    self->state.start = steady::now();
    for (std::size_t i = 0; i < window; ++i) (*next)();
    return *whom;
  }};
}

caf::behavior burst_client(caf::stateful_actor<client_state>* self, world* all, percentiles* times,
                           std::atomic<std::size_t>* done) {
  return {[=](burst_due) {
    const auto sent = steady::now();
    for (std::size_t i = 0; i < burst; ++i)
      self->request(all->choose(), caf::infinite, ask{question}).then([=](const answer&) {
        times->add_since(sent);
        done->fetch_add(1);
      });
  }};
}

class side {
public:
  side(const arguments& how) : system_(config(how)) {
    all_.ids = actor_ids(how.count("--actors", 10'000));
    const auto before = resident_bytes();
    all_.known.reserve(all_.ids.size());
    for (const auto& id : all_.ids) all_.known.emplace(id, system_.spawn(license_actor));
    wake_all();
    bytes_per_actor_ = (resident_bytes() - before) / static_cast<double>(all_.ids.size());
  }
  ~side() {
    for (const auto& [id, actor] : all_.known) caf::anon_send_exit(actor, caf::exit_reason::kill);
  }

  void rate(double seconds, line& out) {
    caf::scoped_actor self{system_};
    auto client = system_.spawn(rate_client, &all_, seconds);
    const auto start = steady::now();
    self->request(client, caf::infinite, go{}).receive([](go) {}, [](const caf::error&) {});
    const auto took = seconds_since(start);
    auto& state = caf::actor_cast<caf::stateful_actor<client_state>*>(client)->state;
    out.with("per_second", static_cast<double>(state.done) / took).with(state.times);
    out.with("bytes_per_actor", bytes_per_actor_);
    caf::anon_send_exit(client, caf::exit_reason::kill);
  }
  void bursts(double seconds, line& out) {
    percentiles times;
    std::atomic<std::size_t> done{0};
    std::size_t sent = 0;
    auto client = system_.spawn(burst_client, &all_, &times, &done);
    auto due = steady::now();
    for (const auto start = due; seconds_since(start) < seconds; sent += burst) {
      std::this_thread::sleep_until(due += std::chrono::milliseconds{2});
      caf::anon_send(client, burst_due{});
    }
    while (done < sent) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    out.with(times);
    caf::anon_send_exit(client, caf::exit_reason::kill);
  }
  void wake(double seconds, std::chrono::milliseconds idle, line& out) {
    percentiles times;
    caf::scoped_actor self{system_};
    for (const auto start = steady::now(); seconds_since(start) < seconds;) {
      std::this_thread::sleep_for(idle);
      const auto sent = steady::now();
      self->request(all_.choose(), caf::infinite, ask{question})
          .receive([](const answer&) {}, [](const caf::error&) {});
      times.add_since(sent);
    }
    out.with(times);
  }

private:
  void wake_all() {
    caf::scoped_actor self{system_};
    for (std::size_t i = 0; i < all_.ids.size();) {
      const auto until = std::min(i + window, all_.ids.size());
      const auto sent = until - i;
      for (; i < until; ++i) self->send(all_.choose(), ask{question});
      for (std::size_t n = 0; n < sent; ++n) self->receive([](const answer&) {});
    }
  }
  static caf::actor_system_config& config(const arguments& how) {
    static caf::actor_system_config out;
    if (how.has("--workers")) out.set("scheduler.max-threads", how.count("--workers", 1));
    return out;
  }
  world all_;
  caf::actor_system system_;
  double bytes_per_actor_ = 0;
};

void run(const arguments& how) {
  const auto what = how.text("--what", "rate");
  const auto seconds = how.number("--seconds", 1);
  side all{how};
  line out;
  if (what == "rate")
    all.rate(seconds, out);
  else if (what == "bursts")
    all.bursts(seconds, out);
  else
    all.wake(seconds, std::chrono::milliseconds{how.count("--sleep-ms", 1)}, out);
  out.print(how);
}

} // namespace
} // namespace strowger::bench

int main(int count, char** words) {
  return strowger::bench::guarded(count, words, strowger::bench::run);
}
