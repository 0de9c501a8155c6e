#include "media/engine.hpp"

#include "observe/metrics.hpp"

#include <array>
#include <chrono>
#include <cstring>
#include <openssl/rand.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace strowger::media {
namespace {

constexpr std::int64_t tick_us = 20'000;
constexpr std::size_t slow_slices = 5; // each transport is looked at every 100 ms
constexpr std::uint64_t udp_tag = 0, wake_tag = 1, tcp_tag = 2;
constexpr int batches_max = 8; // of UDP, before anybody else is looked at

} // namespace

std::string random_id() {
  std::array<std::uint8_t, 16> raw;
  RAND_bytes(raw.data(), raw.size());
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const auto byte : raw) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::uint32_t random32() {
  std::uint32_t out = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&out), sizeof out);
  return out;
}

std::int64_t steady_us() {
  using namespace std::chrono;
  return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}

std::uint64_t ntp_now() {
  using namespace std::chrono;
  const auto us = static_cast<std::uint64_t>(
      duration_cast<microseconds>(system_clock::now().time_since_epoch()).count());
  const auto seconds = us / 1'000'000 + 2'208'988'800ULL; // from 1900
  return seconds << 32 | (us % 1'000'000 << 32) / 1'000'000;
}

engine::engine(const options& with, listener events) :
    options_(with), listener_(std::move(events)) {}

engine::~engine() {
  {
    const std::scoped_lock held{jobs_lock_};
    stopping_ = true;
  }
  if (thread_.joinable()) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto ignored = ::write(wake_, &one, sizeof one);
    thread_.join();
  }
  tcp_.reset();
  if (wake_ >= 0) ::close(wake_);
  if (epoll_ >= 0) ::close(epoll_);
}

bool engine::open(std::string& why) {
  dtls_context_ = dtls_context::make(why);
  if (!dtls_context_) return false;
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  wake_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (options_.tcp)
    tcp_ = std::make_unique<tcp_front>(
        epoll_, tcp_tag, [this](const address& from, room frame) { datagram(from, frame, false); },
        [this](std::uint32_t number) { connection_closed(number); });
  if (!bind(why)) return false;
  for (const auto& [descriptor, tag] :
       {std::pair{udp_.descriptor(), udp_tag}, std::pair{wake_, wake_tag}}) {
    epoll_event want{EPOLLIN, {.u64 = tag}};
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &want) != 0) {
      why = std::string{"epoll: "} + std::strerror(errno);
      return false;
    }
  }
  return true;
}

bool engine::bind(std::string& why) { // both at one number
  for (int tries = 0; tries < 32; ++tries) {
    if (!udp_.open(options_.listen_ip, options_.port, why)) return false;
    if (!tcp_ || tcp_->open(options_.listen_ip, udp_.port(), why)) return true;
    if (options_.port != 0) return false; // a free one of UDP need not be free for TCP: the next
  }
  return false;
}

void engine::start() {
  thread_ = std::thread{[this] { run(); }};
}

bool engine::post(std::function<void(engine&)> job) {
  bool first = false;
  {
    const std::scoped_lock held{jobs_lock_};
    if (stopping_ || jobs_.size() >= limits::media_commands_max) return false;
    first = jobs_.empty();
    jobs_.push_back(std::move(job));
  }
  const std::uint64_t one = 1;
  if (first) [[maybe_unused]]
    const auto ignored = ::write(wake_, &one, sizeof one);
  return true;
}

void engine::run_jobs() {
  std::uint64_t ignored = 0;
  [[maybe_unused]] const auto size = ::read(wake_, &ignored, sizeof ignored);
  {
    const std::scoped_lock held{jobs_lock_};
    running_.swap(jobs_);
  }
  for (auto& job : running_) job(*this);
  running_.clear();
}

void engine::run() {
  ::pthread_setname_np(::pthread_self(), "media");
  std::array<epoll_event, 64> ready;
  for (;;) {
    now_us_ = steady_us();
    const bool idle = all_.empty() && players_.empty();
    const auto left = (ticked_us_ + tick_us - now_us_ + 999) / 1000;
    const int wait = idle ? 1000 : static_cast<int>(std::clamp<std::int64_t>(left, 0, 20));
    const int count = ::epoll_wait(epoll_, ready.data(), ready.size(), wait);
    now_us_ = steady_us();
    for (int i = 0; i < count; ++i) {
      const auto tag = ready[static_cast<std::size_t>(i)].data.u64;
      if (tag == udp_tag) {
        for (int n = 0; n < batches_max; ++n) {
          const bool more = udp_.receive(
              [this](udp_socket::datagram& one) { datagram(one.from, one.content, one.oversized); },
              [this](const address& from, int stage) { soon(from, stage); });
          count_lost(udp_.flush());
          if (!more) break;
        }
      } else if (tag == wake_tag) {
        run_jobs();
      } else if (tcp_) {
        tcp_->ready(tag, ready[static_cast<std::size_t>(i)].events, now_ms());
      }
    }
    if (now_us_ - ticked_us_ >= tick_us) tick();
    sweep();
    count_lost(udp_.flush());
    const std::scoped_lock held{jobs_lock_};
    if (stopping_ && jobs_.empty()) break;
  }
  while (!all_.empty()) close(*all_.back(), close_reason::asked);
  while (!players_.empty()) close(*players_.back(), close_reason::asked, true);
  udp_.flush();
  tell_metrics();
}

void engine::sweep() { // what could not be closed where it was found out
  for (auto& [t, why] : std::exchange(doomed_, {})) {
    if (std::ranges::find(all_, t) == all_.end()) continue; // listed twice
    say_closed(*t, why);
    close(*t, why);
  }
  for (const auto number : std::exchange(tcp_doomed_, {})) tcp_->close(number);
}

void engine::tick() {
  ticked_us_ = now_us_;
  play_ticks();
  dtls_ticks();
  feedback_ticks();
  const auto slice = all_.size() / slow_slices + 1;
  for (std::size_t i = 0; i < slice && !all_.empty(); ++i) {
    slow_at_ = slow_at_ + 1 < all_.size() ? slow_at_ + 1 : 0;
    slow_tick(*all_[slow_at_]);
  }
  if (now_us_ - told_us_ < 1'000'000) return;
  told_us_ = now_us_;
  if (tcp_) tcp_->sweep(now_ms());
  tell_metrics();
}

void engine::tell_metrics() {
  metrics::add(metrics::counter::media_packets, "in", std::exchange(packets_in_, 0));
  metrics::add(metrics::counter::media_packets, "out", std::exchange(packets_out_, 0));
  for (std::size_t i = 0; i < drops_.size(); ++i)
    if (drops_[i])
      metrics::add(metrics::counter::media_dropped, drop_names[i], std::exchange(drops_[i], 0));
  metrics::set(metrics::gauge::media_transports, static_cast<std::int64_t>(transports_.size()));
  metrics::set(metrics::gauge::media_producers, static_cast<std::int64_t>(producers_.size()));
  metrics::set(metrics::gauge::media_consumers, static_cast<std::int64_t>(consumers_.size()));
}

void engine::count(drop why, transport* on, std::uint64_t n) {
  drops_[static_cast<std::size_t>(why)] += n;
  if (on) on->dropped += n;
}

void engine::count_lost(std::size_t datagrams) {
  if (datagrams) count(drop::send_failed, nullptr, datagrams);
}

void engine::say(const transport* on, decltype(event::what) what) {
  if (!listener_.on || !listener_.hear) return;
  event out;
  if (on) {
    out.transport = on->id;
    out.owner = on->owner;
  }
  out.what = std::move(what);
  listener_.on->post([hear = listener_.hear, out = std::move(out)] { hear(out); });
}

void engine::say_closed(transport& t, close_reason why) {
  say(&t, happened::transport_closed{why});
}

template <class Map> auto* found_in(Map& map, const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : found->second.get();
}
transport* engine::find(const transport_id& id) { return found_in(transports_, id.value); }
producer* engine::find(const producer_id& id) { return found_in(producers_, id.value); }
consumer* engine::find(const consumer_id& id) { return found_in(consumers_, id.value); }

} // namespace strowger::media
