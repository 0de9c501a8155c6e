#include "media/udp_socket.hpp"

#include "core/limits.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace strowger::media {
namespace {

// With GRO; and a little more, so that not all begin in the same cache lines.
constexpr std::size_t message_bytes = 65'536 + 320;
constexpr std::size_t slots_max = 512;           // sent at once
constexpr std::size_t segments_max = 44;         // of one group: below 64 KiB
constexpr std::size_t segment_bytes_max = 1'400; // larger ones might not fit the path's MTU
constexpr int buffer_bytes = 8 * 1024 * 1024;

struct control { // room for one int
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> bytes{};
};

struct group { // segments to one peer, which may be gone when they are sent
  std::array<std::uint8_t, 28> name;
  std::uint32_t name_bytes = 0;
  std::uint16_t segment = 0, count = 0, first = 0, last = 0;
  bool closed = false;
};

int flag(int descriptor, int level, int name, int value) {
  return ::setsockopt(descriptor, level, name, &value, sizeof value);
}

address read_name(const sockaddr_storage& from) {
  address out;
  if (from.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(from);
    std::memcpy(out.at.bytes.data(), &v4.sin_addr, 4);
    out.at.port = ntohs(v4.sin_port);
    return out;
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from);
  out.at.port = ntohs(v6.sin6_port);
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    std::memcpy(out.at.bytes.data(), v6.sin6_addr.s6_addr + 12, 4);
  } else {
    out.at.v6 = true;
    std::memcpy(out.at.bytes.data(), v6.sin6_addr.s6_addr, 16);
  }
  return out;
}

} // namespace

struct udp_socket::batches {
  // receiving
  std::vector<std::uint8_t> in = std::vector<std::uint8_t>(messages_max * message_bytes);
  std::array<mmsghdr, messages_max> heads{};
  std::array<iovec, messages_max> parts{};
  std::array<sockaddr_storage, messages_max> names{};
  std::array<control, messages_max> controls{};
  std::array<address, messages_max> senders{};
  std::size_t used = 0; // by the last batch
  // sending
  std::vector<std::uint8_t> out = std::vector<std::uint8_t>(slots_max * slot_bytes);
  std::array<std::uint16_t, slots_max> sizes{}, following{}; // of a slot: size, next of its group
  std::array<group, slots_max> groups{};
  std::array<mmsghdr, slots_max> out_heads{};
  std::array<iovec, slots_max> out_parts{};
  std::array<control, slots_max> out_controls{};
  std::size_t slots = 0, group_count = 0;
  std::uint64_t number = 1;
};

udp_socket::udp_socket() : batches_(std::make_unique<batches>()) {
  auto& b = *batches_;
  for (std::size_t i = 0; i < messages_max; ++i) {
    b.parts[i] = {&b.in[i * message_bytes], message_bytes};
    auto& head = b.heads[i].msg_hdr;
    head.msg_name = &b.names[i];
    head.msg_iov = &b.parts[i];
    head.msg_iovlen = 1;
    head.msg_control = b.controls[i].bytes.data();
    prepare(i);
  }
}
udp_socket::~udp_socket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool udp_socket::open(const std::string& ip, std::uint16_t port, std::string& why) {
  sockaddr_storage name{};
  auto& v4 = reinterpret_cast<sockaddr_in&>(name);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(name);
  v6_ = ip.find(':') != std::string::npos;
  const bool parsed = v6_ ? ::inet_pton(AF_INET6, ip.c_str(), &v6.sin6_addr) == 1
                          : ::inet_pton(AF_INET, ip.c_str(), &v4.sin_addr) == 1;
  if (!parsed) {
    why = "no IP address: " + ip;
    return false;
  }
  name.ss_family = v6_ ? AF_INET6 : AF_INET;
  (v6_ ? v6.sin6_port : v4.sin_port) = htons(port);
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = ::socket(name.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  socklen_t size = v6_ ? sizeof v6 : sizeof v4;
  if (descriptor_ < 0 || ::bind(descriptor_, reinterpret_cast<sockaddr*>(&name), size) != 0) {
    why = "UDP " + ip + ":" + std::to_string(port) + ": " + std::strerror(errno);
    return false;
  }
  for (const auto& [force, plain] :
       {std::pair{SO_RCVBUFFORCE, SO_RCVBUF}, std::pair{SO_SNDBUFFORCE, SO_SNDBUF}})
    if (flag(descriptor_, SOL_SOCKET, force, buffer_bytes) != 0)
      flag(descriptor_, SOL_SOCKET, plain, buffer_bytes);
  flag(descriptor_, SOL_UDP, UDP_GRO, 1); // without it every datagram comes alone
  segments_ = flag(descriptor_, SOL_UDP, UDP_SEGMENT, 0) == 0;
  ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&name), &size);
  port_ = ntohs(v6_ ? v6.sin6_port : v4.sin_port);
  return true;
}

udp_peer udp_socket::peer_of(const address& to) const {
  udp_peer out;
  out.to = to;
  if (v6_) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(to.at.port);
    if (to.at.v6) {
      std::memcpy(v6.sin6_addr.s6_addr, to.at.bytes.data(), 16);
    } else {
      v6.sin6_addr.s6_addr[10] = v6.sin6_addr.s6_addr[11] = 0xFF;
      std::memcpy(v6.sin6_addr.s6_addr + 12, to.at.bytes.data(), 4);
    }
    std::memcpy(out.name.data(), &v6, sizeof v6);
    out.name_bytes = sizeof v6;
  } else {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(to.at.port);
    std::memcpy(&v4.sin_addr, to.at.bytes.data(), 4);
    std::memcpy(out.name.data(), &v4, sizeof v4);
    out.name_bytes = sizeof v4;
  }
  return out;
}

void udp_socket::prepare(std::size_t message) { // what the kernel has overwritten
  auto& b = *batches_;
  auto& head = b.heads[message].msg_hdr;
  head.msg_namelen = sizeof b.names[message];
  head.msg_controllen = b.controls[message].bytes.size();
}

std::size_t udp_socket::receive_batch() {
  auto& b = *batches_;
  for (std::size_t i = 0; i < b.used; ++i) prepare(i);
  const int got = ::recvmmsg(descriptor_, b.heads.data(), messages_max, MSG_DONTWAIT, nullptr);
  b.used = got > 0 ? static_cast<std::size_t>(got) : 0;
  for (std::size_t i = 0; i < b.used; ++i) b.senders[i] = read_name(b.names[i]);
  return b.used;
}

const address& udp_socket::sender(std::size_t message) const { return batches_->senders[message]; }

bool udp_socket::next(std::size_t message, std::size_t& at, datagram& out) {
  auto& b = *batches_;
  auto& head = b.heads[message];
  const std::size_t size = head.msg_len;
  if (at >= size) return false;
  std::size_t segment = size;
  for (auto* c = CMSG_FIRSTHDR(&head.msg_hdr); c; c = CMSG_NXTHDR(&head.msg_hdr, c))
    if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
      int said = 0;
      std::memcpy(&said, CMSG_DATA(c), sizeof said);
      if (said > 0) segment = static_cast<std::size_t>(said);
    }
  const auto length = std::min(segment, size - at);
  out.content = room{&b.in[message * message_bytes + at], length};
  out.oversized = length > limits::media_datagram_bytes_max || head.msg_hdr.msg_flags & MSG_TRUNC;
  at += length;
  return true;
}

room udp_socket::slot() {
  auto& b = *batches_;
  if (b.slots == slots_max) flush();
  return room{&b.out[b.slots * slot_bytes], slot_bytes};
}

void udp_socket::send(udp_peer& to, std::size_t size) {
  auto& b = *batches_;
  const auto index = static_cast<std::uint16_t>(b.slots++);
  b.sizes[index] = static_cast<std::uint16_t>(size);
  if (segments_ && to.batch == b.number && size <= segment_bytes_max) {
    auto& g = b.groups[to.group];
    if (!g.closed && size <= g.segment && g.count < segments_max) {
      b.following[g.last] = index;
      g.last = index;
      ++g.count;
      g.closed = size < g.segment; // only the last may be shorter
      return;
    }
  }
  to.batch = b.number;
  to.group = static_cast<std::uint32_t>(b.group_count);
  b.groups[b.group_count++] = {to.name, to.name_bytes, static_cast<std::uint16_t>(size), 1,
                               index,   index,         size > segment_bytes_max};
}

std::size_t udp_socket::flush() {
  auto& b = *batches_;
  if (b.slots == 0) return 0;
  const auto before = lost_;
  flush_groups();
  b.slots = b.group_count = 0;
  ++b.number;
  return static_cast<std::size_t>(lost_ - before);
}

void udp_socket::flush_groups() {
  auto& b = *batches_;
  std::size_t part = 0, heads = 0;
  for (std::size_t i = 0; i < b.group_count; ++i) {
    auto& g = b.groups[i];
    const auto from = part;
    for (auto s = g.first, n = std::uint16_t{0}; n < g.count; s = b.following[s], ++n)
      b.out_parts[part++] = {&b.out[s * slot_bytes], b.sizes[s]};
    auto& head = b.out_heads[heads].msg_hdr;
    head = {};
    head.msg_name = g.name.data();
    head.msg_namelen = g.name_bytes;
    head.msg_iov = &b.out_parts[from];
    head.msg_iovlen = g.count;
    if (g.count > 1) {
      head.msg_control = b.out_controls[heads].bytes.data();
      head.msg_controllen = CMSG_SPACE(sizeof(std::uint16_t));
      auto* c = CMSG_FIRSTHDR(&head);
      c->cmsg_level = SOL_UDP;
      c->cmsg_type = UDP_SEGMENT;
      c->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
      std::memcpy(CMSG_DATA(c), &g.segment, sizeof g.segment);
    }
    ++heads;
  }
  send_heads(heads);
}

void udp_socket::send_heads(std::size_t heads) {
  auto& b = *batches_;
  for (std::size_t sent = 0; sent < heads;) {
    const int now = ::sendmmsg(descriptor_, &b.out_heads[sent], static_cast<unsigned>(heads - sent),
                               MSG_DONTWAIT);
    if (now > 0) {
      sent += static_cast<std::size_t>(now);
      continue;
    }
    if (errno == EINTR) continue;
    const auto segments = b.out_heads[sent].msg_hdr.msg_iovlen;
    if ((errno == EIO || errno == EINVAL) && segments > 1) segments_ = false; // from now on
    lost_ += segments; // this one cannot go (full, unreachable ...); the others may
    ++sent;
  }
}

} // namespace strowger::media
