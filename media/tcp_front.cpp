#include "media/tcp_front.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace strowger::media {
namespace {

socklen_t name_of(const std::string& ip, std::uint16_t port, sockaddr_storage& out) {
  auto& v4 = reinterpret_cast<sockaddr_in&>(out);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(out);
  if (::inet_pton(AF_INET, ip.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    return sizeof v4;
  }
  if (::inet_pton(AF_INET6, ip.c_str(), &v6.sin6_addr) != 1) return 0;
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  return sizeof v6;
}

address peer_name(const sockaddr_storage& from) {
  address out;
  if (from.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(from);
    std::memcpy(out.at.bytes.data(), &v4.sin_addr, 4);
    out.at.port = ntohs(v4.sin_port);
  } else {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from);
    out.at.v6 = !IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr);
    out.at.port = ntohs(v6.sin6_port);
    std::memcpy(out.at.bytes.data(), v6.sin6_addr.s6_addr + (out.at.v6 ? 0 : 12),
                out.at.v6 ? 16 : 4);
  }
  return out;
}

} // namespace

tcp_front::tcp_front(int epoll, std::uint64_t first_tag, on_frame frame, on_closed closed) :
    epoll_(epoll), first_tag_(first_tag), frame_(std::move(frame)), closed_(std::move(closed)) {}

tcp_front::~tcp_front() {
  for (auto& [number, one] : connections_) ::close(one->descriptor);
  if (listener_ >= 0) ::close(listener_);
}

bool tcp_front::open(const std::string& ip, std::uint16_t port, std::string& why) {
  sockaddr_storage name{};
  const auto size = name_of(ip, port, name);
  if (listener_ >= 0) ::close(listener_);
  listener_ = size ? ::socket(name.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) : -1;
  const int yes = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (listener_ < 0 || ::bind(listener_, reinterpret_cast<sockaddr*>(&name), size) != 0 ||
      ::listen(listener_, 256) != 0) {
    why = "TCP " + ip + ":" + std::to_string(port) + ": " + std::strerror(errno);
    return false;
  }
  epoll_event want{EPOLLIN, {.u64 = first_tag_}};
  return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &want) == 0;
}

void tcp_front::watch(const connection& on, int operation) const {
  epoll_event want{EPOLLIN | (on.writing ? EPOLLOUT : 0U),
                   {.u64 = first_tag_ + on.from.connection}};
  ::epoll_ctl(epoll_, operation, on.descriptor, &want);
}

void tcp_front::accept_all(std::int64_t now_ms) {
  for (int i = 0; i < 64; ++i) {
    sockaddr_storage name{};
    socklen_t size = sizeof name;
    const int descriptor = ::accept4(listener_, reinterpret_cast<sockaddr*>(&name), &size,
                                     SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) return retry_later(now_ms);
    if (connections_.size() >= limits::media_tcp_connections_max) {
      ::close(descriptor);
      continue;
    }
    const int yes = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    auto made = std::make_unique<connection>();
    made->descriptor = descriptor;
    made->from = peer_name(name);
    made->from.connection = next_++;
    made->since_ms = now_ms;
    watch(*made, EPOLL_CTL_ADD);
    connections_.emplace(made->from.connection, std::move(made));
  }
}

// Where no descriptor is left, who waits keeps the listener ready: without a pause that is a loop
// that does nothing else.
void tcp_front::retry_later(std::int64_t now_ms) {
  if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM) return;
  retry_at_ms_ = now_ms + limits::media_accept_pause_ms;
  listen_for(0);
}

void tcp_front::listen_for(std::uint32_t events) const {
  epoll_event want{events, {.u64 = first_tag_}};
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, listener_, &want);
}

void tcp_front::ready(std::uint64_t tag, std::uint32_t events, std::int64_t now_ms) {
  if (tag == first_tag_) return accept_all(now_ms);
  const auto number = static_cast<std::uint32_t>(tag - first_tag_);
  const auto found = connections_.find(number);
  if (found == connections_.end()) return;
  auto& on = *found->second;
  bool alive = true;
  if (events & EPOLLOUT) alive = write(on);
  if (alive && events & (EPOLLIN | EPOLLHUP | EPOLLERR)) alive = read(on);
  if (!alive) close(number);
}

bool tcp_front::read(connection& on) {
  for (int i = 0; i < 16; ++i) { // others want to be heard, too
    const auto to = on.in.space();
    const auto size = ::recv(on.descriptor, to.data(), to.size(), 0);
    if (size == 0) return false;
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    if (!on.in.took(static_cast<std::size_t>(size), [&](room frame) { frame_(on.from, frame); }))
      return false;
  }
  return true;
}

bool tcp_front::write(connection& on) {
  std::size_t sent = 0;
  while (sent < on.out.size()) {
    const auto size =
        ::send(on.descriptor, &on.out[sent], on.out.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno != EAGAIN) return false;
    if (size < 0) break;
    sent += static_cast<std::size_t>(size);
  }
  on.out.erase(on.out.begin(), on.out.begin() + static_cast<std::ptrdiff_t>(sent));
  if (on.writing == on.out.empty()) {
    on.writing = !on.out.empty();
    watch(on, EPOLL_CTL_MOD);
  }
  return true;
}

bool tcp_front::send(std::uint32_t number, bytes frame) {
  const auto found = connections_.find(number);
  if (found == connections_.end()) return false;
  auto& on = *found->second;
  if (on.out.size() + frame.size() + 2 > limits::media_tcp_queue_bytes_max) return false;
  std::uint8_t head[2];
  write16(head, static_cast<std::uint32_t>(frame.size()));
  on.out.insert(on.out.end(), head, head + 2);
  on.out.insert(on.out.end(), frame.begin(), frame.end());
  return on.writing || write(on); // a dead one is found by its next event
}

void tcp_front::authentic(std::uint32_t number) {
  if (const auto found = connections_.find(number); found != connections_.end())
    found->second->authentic = true;
}

void tcp_front::close(std::uint32_t number) {
  const auto found = connections_.find(number);
  if (found == connections_.end()) return;
  ::close(found->second->descriptor);
  connections_.erase(found);
  closed_(number);
}

void tcp_front::sweep(std::int64_t now_ms) {
  std::vector<std::uint32_t> late;
  for (const auto& [number, one] : connections_)
    if (!one->authentic && now_ms - one->since_ms > limits::media_tcp_silent_ms)
      late.push_back(number);
  for (const auto number : late) close(number);
  if (retry_at_ms_ == 0 || now_ms < retry_at_ms_) return;
  retry_at_ms_ = 0;
  listen_for(EPOLLIN);
}

} // namespace strowger::media
