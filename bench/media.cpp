// The media relay under load, in this process: a relay on one core, clients over real loopback
// sockets on another. What is forwarded is SRTP with 160 bytes of sound, decrypted and encrypted
// again.
//   media_bench --case forward --profile gcm|cm --streams 400 --seconds 5
//       as many packets as go, by the CPU time of the relay's thread. Both share one core, so that
//       the relay finds full batches, as it does when it is saturated; --two-cores: each its own
//   media_bench --case calls --profile gcm|cm --calls 500 --seconds 10
//       two-way calls at 20 ms; loss, and the delay from send() to the kernel's receive stamp
// --json: a line for the runner.
#include "bench/support/measure.hpp"
#include "media/test_site.hpp"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace strowger {
namespace {

using media::buffer;
using media::test_peer;

constexpr std::size_t sound_bytes = 160;
constexpr std::uint32_t ticks = 160;

std::int64_t wall_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

void pin(pid_t thread, int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  ::sched_setaffinity(thread, sizeof set, &set);
}

pid_t relay_thread() {
  for (const auto& task : std::filesystem::directory_iterator{"/proc/self/task"}) {
    std::ifstream in{task.path() / "comm"};
    std::string name;
    if (std::getline(in, name) && name == "media") return std::stoi(task.path().filename());
  }
  throw std::runtime_error{"the relay has no thread"};
}

double cpu_seconds(pid_t thread) { // of one thread of ours
  std::ifstream in{"/proc/self/task/" + std::to_string(thread) + "/schedstat"};
  double nanoseconds = 0;
  in >> nanoseconds;
  return nanoseconds / 1e9;
}

struct caller {
  explicit caller(std::uint16_t port, const std::string& profiles) :
      peer(port, test_peer::over::udp, profiles) {}
  test_peer peer;
  std::uint16_t sequence = 1;
  std::uint32_t ssrc = 0;
  std::array<std::int64_t, 256> sent_ns{}; // by sequence number: five seconds
};

class load {
public:
  load(std::size_t callers, const std::string& profiles) : epoll_(::epoll_create1(0)) {
    for (std::size_t i = 0; i < callers; i += 2) add_call(profiles);
    for (std::size_t i = 0; i < callers_.size(); ++i) {
      const int descriptor = callers_[i]->peer.descriptor();
      ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
      const int yes = 1, room = 1024 * 1024;
      ::setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes);
      ::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
      epoll_event want{EPOLLIN, {.u64 = i}};
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &want);
    }
  }
  ~load() { ::close(epoll_); }

  std::size_t size() const { return callers_.size(); }
  pid_t thread() const { return relay_thread(); }

  void speak(std::size_t who) {
    auto& from = *callers_[who];
    std::array<std::uint8_t, 300> packet{};
    packet[0] = 0x80;
    packet[1] = 111;
    media::write16(&packet[2], from.sequence);
    media::write32(&packet[4], from.sequence * ticks);
    media::write32(&packet[8], from.ssrc);
    auto size = 12 + sound_bytes;
    const std::uint64_t name = who << 16 | from.sequence; // of the packet, for who hears it
    std::memcpy(&packet[12], &name, sizeof name);
    from.peer.keys().protect_rtp(packet.data(), size);
    from.sent_ns[from.sequence++ % from.sent_ns.size()] = wall_ns(); // its making does not count
    if (::send(from.peer.descriptor(), packet.data(), size, 0) > 0) ++sent;
  }
  // Takes what is there; with `delays` it is decrypted and its way timed.
  void listen(int wait_ms, std::vector<double>* delays_us) {
    std::array<epoll_event, 256> ready;
    const int count = ::epoll_wait(epoll_, ready.data(), ready.size(), wait_ms);
    for (int i = 0; i < count; ++i)
      while (take(*callers_[ready[static_cast<std::size_t>(i)].data.u64], delays_us)) {
      }
  }

  std::uint64_t sent = 0, heard = 0, broken = 0;

private:
  void add_call(const std::string& profiles) {
    std::array<media::transport_made, 2> made;
    std::array<media::producer_id, 2> spoken;
    for (auto& one : made) {
      callers_.push_back(std::make_unique<caller>(site_.port(), profiles));
      one = site_.joined(callers_.back()->peer);
    }
    for (std::size_t i = 0; i < 2; ++i) {
      auto& from = *callers_[callers_.size() - 2 + i];
      from.ssrc = static_cast<std::uint32_t>(callers_.size() + i);
      spoken[i] =
          site_.produce(made[i].id, {media::kind::audio, media::opus(111, from.ssrc)}).value;
    }
    for (std::size_t i = 0; i < 2; ++i)
      if (!site_.consume(made[1 - i].id, spoken[i], {media::opus(100, 0)}))
        throw std::runtime_error{"no consumer"};
  }

  bool take(caller& at, std::vector<double>* delays_us) {
    std::array<std::uint8_t, 2048> in;
    alignas(cmsghdr) std::array<char, 128> control;
    iovec part{in.data(), in.size()};
    msghdr head{};
    head.msg_iov = &part;
    head.msg_iovlen = 1;
    head.msg_control = control.data();
    head.msg_controllen = control.size();
    const auto size = ::recvmsg(at.peer.descriptor(), &head, MSG_DONTWAIT);
    if (size < 0) return false;
    if (media::kind_of({in.data(), static_cast<std::size_t>(size)}) != media::datagram_kind::rtp)
      return true;
    ++heard;
    if (!delays_us) return true;
    auto plain = static_cast<std::size_t>(size);
    if (at.peer.keys().unprotect_rtp(in.data(), plain) != media::srtp_session::state::ok) {
      ++broken;
      return true;
    }
    std::uint64_t name = 0;
    std::memcpy(&name, &in[12], sizeof name);
    const auto& sent_ns = callers_.at(name >> 16)->sent_ns;
    const auto began = sent_ns[(name & 0xFFFF) % sent_ns.size()];
    for (auto* c = CMSG_FIRSTHDR(&head); c; c = CMSG_NXTHDR(&head, c))
      if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
        timespec came{};
        std::memcpy(&came, CMSG_DATA(c), sizeof came);
        const auto ended = came.tv_sec * 1'000'000'000LL + came.tv_nsec;
        delays_us->push_back(static_cast<double>(ended - began) / 1e3);
      }
    return true;
  }

  media::test_site site_;
  std::vector<std::unique_ptr<caller>> callers_;
  int epoll_;
};

void forward(const bench::arguments& given, const std::string& profiles) {
  load on{given.count("--streams", 400), profiles};
  const auto relay = on.thread();
  pin(relay, 0);
  pin(0, given.has("--two-cores") ? 1 : 0);
  const auto window = given.count("--window", 2048);
  const auto seconds = given.number("--seconds", 5);
  std::size_t next = 0;
  std::uint64_t lost = 0, seen = 0;
  auto progressed = bench::steady::now();
  const auto begun = progressed;
  const auto cpu = cpu_seconds(relay);
  while (bench::seconds_since(begun) < seconds) {
    for (int i = 0; i < 64 && on.sent - on.heard - lost < window;
         ++i, next = (next + 1) % on.size())
      on.speak(next);
    on.listen(0, nullptr);
    if (on.heard != seen) {
      seen = on.heard;
      progressed = bench::steady::now();
    } else if (bench::seconds_since(progressed) > 0.2) {
      lost = on.sent - on.heard;
    }
  }
  const auto spent = cpu_seconds(relay) - cpu;
  const auto took = bench::seconds_since(begun);
  const auto heard = static_cast<double>(on.heard);
  bench::line{}
      .with("streams", static_cast<double>(on.size()))
      .with("per_core_second", std::round(heard / spent))
      .with("ns_per_packet", std::round(spent / heard * 1e9))
      .with("per_second", std::round(heard / took))
      .with("relay_cpu", spent / took)
      .with("lost", static_cast<double>(lost))
      .print(given);
}

void calls(const bench::arguments& given, const std::string& profiles) {
  load on{2 * given.count("--calls", 500), profiles};
  const auto relay = on.thread();
  const auto seconds = given.number("--seconds", 10);
  std::vector<double> delays;
  delays.reserve(static_cast<std::size_t>(seconds * 50 * static_cast<double>(on.size())));
  const auto cpu = cpu_seconds(relay);
  const auto begun = bench::steady::now();
  const double per_second = 50.0 * static_cast<double>(on.size());
  std::uint64_t late = 0;
  for (double now = 0; (now = bench::seconds_since(begun)) < seconds;) {
    const auto due = static_cast<std::uint64_t>(now * per_second);
    if (due > on.sent + on.size()) ++late; // the load itself fell behind by a whole round
    for (int i = 0; on.sent < due && i < 64; ++i) on.speak(on.sent % on.size());
    on.listen(0, &delays);
    // Not all of a core: on two of them the relay would wait for its turn.
    const timespec pause{0, 200'000};
    if (on.sent >= static_cast<std::uint64_t>(bench::seconds_since(begun) * per_second))
      ::nanosleep(&pause, nullptr);
  }
  const auto spent = cpu_seconds(relay) - cpu;
  for (int i = 0; i < 20 && on.heard < on.sent; ++i) on.listen(20, &delays);
  std::ranges::sort(delays);
  const auto at = [&](double q) {
    return delays.empty()
               ? 0.0
               : delays[static_cast<std::size_t>(q * static_cast<double>(delays.size() - 1))];
  };
  bench::line{}
      .with("calls", static_cast<double>(on.size() / 2))
      .with("sent", static_cast<double>(on.sent))
      .with("lost", static_cast<double>(on.sent - on.heard))
      .with("broken", static_cast<double>(on.broken))
      .with("p50_us", at(0.5))
      .with("p99_us", at(0.99))
      .with("p999_us", at(0.999))
      .with("max_us", at(1))
      .with("relay_cpu", spent / seconds)
      .with("generator_late", static_cast<double>(late))
      .print(given);
}

int run(const bench::arguments& given) {
  const auto profile = given.text("--profile", "gcm");
  const std::string profiles = profile == "cm" ? "SRTP_AES128_CM_SHA1_80" : "SRTP_AEAD_AES_128_GCM";
  if (given.text("--case", "forward") == "calls")
    calls(given, profiles);
  else
    forward(given, profiles);
  return 0;
}

} // namespace
} // namespace strowger

int main(int count, char** words) {
  try {
    return strowger::run(strowger::bench::arguments{count, words});
  } catch (const std::exception& e) {
    std::fprintf(stderr, "media_bench: %s\n", e.what());
    return 1;
  }
}
