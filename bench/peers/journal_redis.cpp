// Peer of journal.cpp: Redis with appendonly yes and appendfsync always. An event is one RPUSH onto
// the list of its stream; the length that Redis answers is the version, compared with the expected
// one afterwards, which is less than refusing it. Pipelined over several connections by the
// driver's own thread: Redis syncs once for all that it read in one turn.
//   journal_redis --socket PATH [--data FOLDER] [--connections N]
//       [--producers N] [--streams N] [--seconds S | --events N] [--json]
#include "bench/support/producers.hpp"

#include <deque>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace strowger::bench {
namespace {

class link {
public:
  explicit link(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    path.copy(to.sun_path, sizeof to.sun_path - 1);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
      throw std::runtime_error{"cannot reach Redis at " + path};
  }
  ~link() { ::close(fd_); }
  link(const link&) = delete;

  void ask(storage::append what) {
    const auto& e = what.events.front();
    const auto value = e.tag + e.payload + what.meta.principal + what.meta.command.value;
    out_ += "*3\r\n$5\r\nRPUSH\r\n";
    put(what.stream.id);
    put(value);
    waiting_.push_back({what.expected + 1, std::move(what.done)});
  }
  void send() {
    for (std::size_t sent = 0; sent < out_.size();) {
      const auto n = ::send(fd_, out_.data() + sent, out_.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) throw std::runtime_error{"Redis went away"};
      sent += static_cast<std::size_t>(n);
    }
    out_.clear();
  }
  void receive() {
    char bytes[65536];
    const auto n = ::recv(fd_, bytes, sizeof bytes, 0);
    if (n <= 0) throw std::runtime_error{"Redis went away"};
    in_.append(bytes, static_cast<std::size_t>(n));
    std::size_t start = 0;
    for (auto end = in_.find("\r\n"); end != in_.npos; end = in_.find("\r\n", start)) {
      answered(std::string_view{in_}.substr(start, end - start));
      start = end + 2;
    }
    in_.erase(0, start);
  }
  int fd() const { return fd_; }
  bool busy() const { return !waiting_.empty(); }

private:
  struct asked {
    std::uint64_t version;
    storage::append_done done;
  };
  void put(const std::string& text) {
    out_ += '$' + std::to_string(text.size()) + "\r\n" + text + "\r\n";
  }
  void answered(std::string_view reply) {
    const bool good = reply == ":" + std::to_string(waiting_.front().version);
    waiting_.front().done({good ? errc::ok : errc::internal, 0});
    waiting_.pop_front();
  }
  int fd_;
  std::string out_, in_;
  std::deque<asked> waiting_;
};

class redis_writer {
public:
  static constexpr bool elsewhere = true;

  redis_writer(const std::string& path, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) links_.emplace_back(path);
  }
  void submit(storage::append what) { links_[next_++ % links_.size()].ask(std::move(what)); }
  void pump() {
    std::vector<pollfd> wanted;
    for (auto& l : links_) {
      l.send();
      wanted.push_back({l.fd(), POLLIN, 0});
    }
    ::poll(wanted.data(), wanted.size(), 1000);
    for (std::size_t i = 0; i < links_.size(); ++i)
      if (wanted[i].revents != 0) links_[i].receive();
  }

private:
  std::deque<link> links_;
  std::size_t next_ = 0;
};

void run(const arguments& how) {
  const auto data = how.text("--data", {});
  const load_options options{how};
  const auto links = std::clamp<std::size_t>(options.producers / 16, 1, 64);
  redis_writer writer{how.text("--socket", "redis.sock"), how.count("--connections", links)};
  producers load{options};
  line out;
  const auto before = folder_bytes(data);
  load.run(writer, out);
  if (!data.empty()) {
    out.with("disk_per_event", (folder_bytes(data) - before) / load.events());
    out.with("wal_per_payload", (folder_bytes(data) - before) / load.payload_sum());
  }
  out.print(how);
}

} // namespace
} // namespace strowger::bench

int main(int count, char** words) {
  return strowger::bench::guarded(count, words, strowger::bench::run);
}
