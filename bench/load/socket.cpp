#include "bench/load/socket.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

namespace strowger::load {
namespace {

sockaddr_in to_native(const std::string& host, std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  if (::inet_pton(AF_INET, host.c_str(), &out.sin_addr) != 1)
    throw std::invalid_argument{"not an IPv4 address: " + host};
  return out;
}

std::array<char, 256 * 1024> scratch; // one thread, one reader at a time

} // namespace

void socket::open(const address& where, std::string_view target, std::string_view fields) {
  drop();
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return fail(std::strerror(errno));
  const int yes = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (!where.from.empty()) {
    ::setsockopt(fd_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    const auto own = to_native(where.from, 0);
    if (::bind(fd_, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0)
      return fail(std::strerror(errno));
  }
  const auto peer = to_native(where.host, where.port);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&peer), sizeof peer) != 0 &&
      errno != EINPROGRESS)
    return fail(std::strerror(errno));
  out_ = upgrade_request(where.host + ":" + std::to_string(where.port), target, fields);
  writing_ = true;
  loop_.add(fd_, EPOLLIN | EPOLLOUT, this);
}

void socket::drop() {
  if (fd_ >= 0) {
    loop_.remove(fd_, this);
    ::close(fd_);
  }
  fd_ = -1;
  open_ = writing_ = false;
  in_.clear();
  out_.clear();
  fragments_.clear();
}

void socket::fail(std::string_view why) {
  const std::string kept{why};
  drop();
  to_.closed(*this, kept);
}

void socket::send(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() + 14);
  append_frame(bytes, opcode::text, text);
  send_raw(bytes);
}

void socket::send_raw(std::string_view frames) {
  if (fd_ < 0) return;
  if (out_.empty()) {
    const auto n = ::send(fd_, frames.data(), frames.size(), MSG_NOSIGNAL);
    if (n == static_cast<ssize_t>(frames.size())) return;
    if (n > 0) frames.remove_prefix(static_cast<std::size_t>(n));
    // An error shows as an event, too: the listener is not called from inside its own call.
  }
  out_.append(frames);
  watch();
}

void socket::flush() {
  while (!out_.empty()) {
    const auto n = ::send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) return fail(std::strerror(errno));
    out_.erase(0, static_cast<std::size_t>(n));
  }
  watch();
}

void socket::watch() {
  const bool wanted = !out_.empty();
  if (wanted == writing_) return;
  writing_ = wanted;
  loop_.change(fd_, wanted ? EPOLLIN | EPOLLOUT : EPOLLIN, this);
}

void socket::ready(std::uint32_t events) {
  if ((events & EPOLLOUT) != 0 && (events & EPOLLERR) == 0) flush();
  if (fd_ >= 0 && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read();
}

void socket::read() {
  const auto n = ::recv(fd_, scratch.data(), scratch.size(), 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return fail(n == 0 ? "the server closed the connection" : std::strerror(errno));
  const std::string_view fresh{scratch.data(), static_cast<std::size_t>(n)};
  if (open_ && in_.empty()) return take_frames(fresh);
  in_.append(fresh);
  if (!open_) take_answer();
  if (fd_ < 0 || !open_) return;
  const std::string whole = std::move(in_); // a listener's send does not touch it
  in_.clear();
  take_frames(whole);
}

void socket::take_answer() {
  const auto end = in_.find("\r\n\r\n");
  if (end == std::string::npos) return;
  if (!in_.starts_with("HTTP/1.1 101")) return fail(in_.substr(0, in_.find("\r\n")));
  in_.erase(0, end + 4);
  open_ = true;
  to_.opened(*this);
}

void socket::take_frames(std::string_view bytes) {
  frame f;
  for (;;) {
    switch (take_frame(bytes, f)) {
    case taken::more:
      in_.assign(bytes);
      return;
    case taken::broken:
      return fail("a broken frame");
    case taken::whole:
      take(f);
    }
    if (fd_ < 0) return; // closed by the listener
  }
}

void socket::take(const frame& f) {
  std::string answer;
  switch (f.what) {
  case opcode::ping:
    append_frame(answer, opcode::pong, f.payload);
    return send_raw(answer);
  case opcode::pong:
    return;
  case opcode::close:
    return fail("closed by the server: " +
                std::string{f.payload.substr(std::min<std::size_t>(2, f.payload.size()))});
  case opcode::text:
  case opcode::binary:
    if (f.last) return to_.heard(*this, f.payload);
    fragments_.assign(f.payload);
    return;
  case opcode::continuation:
    fragments_.append(f.payload);
    if (!f.last) return;
    const std::string whole = std::move(fragments_);
    fragments_.clear();
    return to_.heard(*this, whole);
  }
}

} // namespace strowger::load
