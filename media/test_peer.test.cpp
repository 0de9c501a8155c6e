#include "media/test_peer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/rand.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace strowger::media {

using clock = std::chrono::steady_clock;

namespace {

clock::time_point in_ms(int ms) { return clock::now() + std::chrono::milliseconds{ms}; }
int left_ms(clock::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()).count();
  return left > 0 ? static_cast<int>(left) : 0;
}

} // namespace

test_peer::test_peer(std::uint16_t relay_port, over how, const std::string& srtp_profiles) :
    port_(relay_port), how_(how) {
  std::string why;
  context_ = dtls_context::make(why, srtp_profiles);
  open();
}

test_peer::~test_peer() { ::close(socket_); }

void test_peer::open() {
  socket_ = ::socket(AF_INET, (how_ == over::udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port_);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) std::abort();
  sockaddr_in self{};
  socklen_t size = sizeof self;
  ::getsockname(socket_, reinterpret_cast<sockaddr*>(&self), &size);
  self_ = {};
  std::memcpy(self_.at.bytes.data(), &self.sin_addr, 4);
  self_.at.port = ntohs(self.sin_port);
  frames_ = std::make_unique<frame_reader>();
}

void test_peer::move() {
  ::close(socket_);
  open();
}

void test_peer::send_raw(bytes datagram) {
  last_sent_.assign(datagram.begin(), datagram.end());
  buffer framed;
  if (how_ == over::tcp) {
    framed.resize(2);
    write16(framed.data(), static_cast<std::uint32_t>(datagram.size()));
    framed.insert(framed.end(), datagram.begin(), datagram.end());
    datagram = framed;
  }
  [[maybe_unused]] const auto sent =
      ::send(socket_, datagram.data(), datagram.size(), MSG_NOSIGNAL);
}

std::optional<buffer> test_peer::receive(int wait_ms) {
  const auto until = in_ms(wait_ms);
  while (raw_.empty()) {
    pollfd want{socket_, POLLIN, 0};
    if (::poll(&want, 1, left_ms(until)) <= 0) return std::nullopt;
    if (how_ == over::udp) {
      buffer in(2048);
      const auto size = ::recv(socket_, in.data(), in.size(), 0);
      if (size < 0) continue;
      in.resize(static_cast<std::size_t>(size));
      raw_.push_back(std::move(in));
    } else {
      const auto to = frames_->space();
      const auto size = ::recv(socket_, to.data(), to.size(), 0);
      if (size <= 0) return std::nullopt;
      frames_->took(static_cast<std::size_t>(size),
                    [&](room frame) { raw_.emplace_back(frame.begin(), frame.end()); });
    }
  }
  auto out = std::move(raw_.front());
  raw_.pop_front();
  return out;
}

void test_peer::take(buffer in) {
  auto size = in.size();
  switch (kind_of(in)) {
  case datagram_kind::stun:
    return stun_.push_back(std::move(in));
  case datagram_kind::dtls:
    if (dtls_) dtls_->receive(in);
    return;
  case datagram_kind::rtp:
    if (!srtp_ || srtp_->unprotect_rtp(in.data(), size) != srtp_session::state::ok) {
      ++undecipherable;
      return;
    }
    in.resize(size);
    return rtp_.push_back(std::move(in));
  case datagram_kind::rtcp:
    if (!srtp_ || srtp_->unprotect_rtcp(in.data(), size) != srtp_session::state::ok) {
      ++undecipherable;
      return;
    }
    in.resize(size);
    return rtcp_.push_back(std::move(in));
  case datagram_kind::unknown:
    ++undecipherable;
  }
}

bool test_peer::step(clock::time_point until) {
  auto in = receive(left_ms(until));
  if (in) take(std::move(*in));
  return in.has_value();
}

buffer test_peer::check_bytes(const ice_parameters& with, bool nominate, bool controlled) {
  std::array<std::uint8_t, 12> transaction;
  RAND_bytes(transaction.data(), transaction.size());
  stun::writer to{stun::type::request, transaction};
  const auto user = with.ufrag + ":peer";
  to.put(stun::attribute::username,
         {reinterpret_cast<const std::uint8_t*>(user.data()), user.size()});
  to.put64(controlled ? stun::attribute::ice_controlled : stun::attribute::ice_controlling, 7);
  to.put32(stun::attribute::priority, 1853824767);
  if (nominate) to.put(stun::attribute::use_candidate, {});
  put_integrity(to, with.password);
  to.put_fingerprint();
  const auto out = to.finish();
  return {out.begin(), out.end()};
}

int test_peer::check(const ice_parameters& with, bool nominate, bool controlled, int wait_ms) {
  const auto request = check_bytes(with, nominate, controlled);
  send_raw(request);
  const auto until = in_ms(wait_ms);
  for (;;) {
    for (; !stun_.empty(); stun_.pop_front()) {
      stun::message in;
      const auto& raw = stun_.front();
      if (!stun::parse(raw, in) || !in.fingerprinted) return -2;
      if (!std::equal(in.transaction.begin(), in.transaction.end(), request.begin() + 8)) continue;
      const int code = in.type == stun::type::error ? in.error : 0;
      const bool whole = code == 401 || integrity_holds(raw, in, with.password);
      const bool right = code != 0 || (in.mapped && *in.mapped == self_.at);
      stun_.pop_front();
      return whole && right ? code : -3;
    }
    if (!step(until)) return -1;
  }
}

void test_peer::begin_handshake() {
  dtls_ = std::make_unique<dtls_association>(context_, true,
                                             [this](bytes flight) { send_raw(flight); });
  dtls_->start();
}

bool test_peer::handshake(bool as_client, int wait_ms) {
  if (!dtls_) {
    dtls_ = std::make_unique<dtls_association>(context_, as_client,
                                               [this](bytes flight) { send_raw(flight); });
    dtls_->start();
  }
  const auto until = in_ms(wait_ms);
  while (dtls_->now() == dtls_association::state::handshaking && clock::now() < until) {
    step(std::min(until, in_ms(20)));
    dtls_->elapsed();
  }
  srtp_key in, out;
  if (dtls_->now() != dtls_association::state::done || !dtls_->keys(in, out)) return false;
  srtp_ = srtp_session::make(*dtls_->profile(), in, out);
  return srtp_.has_value();
}

void test_peer::close_notify() { dtls_->close(); }

std::string test_peer::profile() const {
  const auto chosen = dtls_ ? dtls_->profile() : std::nullopt;
  return chosen ? std::string{name_of(*chosen)} : "";
}

bool test_peer::closed_by_relay(int wait_ms) {
  const auto until = in_ms(wait_ms);
  while (dtls_->now() == dtls_association::state::done)
    if (!step(until)) return false;
  return dtls_->now() == dtls_association::state::closed;
}

buffer test_peer::rtp(std::uint32_t ssrc, std::uint16_t sequence, std::uint32_t timestamp,
                      std::uint8_t payload_type, bytes payload, bool marker) {
  buffer out(rtp_header_bytes);
  out[0] = 0x80;
  out[1] = static_cast<std::uint8_t>((marker ? 0x80 : 0) | payload_type);
  write16(&out[2], sequence);
  write32(&out[4], timestamp);
  write32(&out[8], ssrc);
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

void test_peer::send_rtp(buffer plain) {
  auto size = plain.size();
  plain.resize(size + srtp_trailer_bytes_max);
  if (srtp_->protect_rtp(plain.data(), size) == srtp_session::state::ok)
    send_raw(bytes{plain}.first(size));
}

void test_peer::send_rtcp(const rtcp::writer& from, bytes plain) {
  auto size = from.size();
  buffer out(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(size));
  out.resize(size + srtp_trailer_bytes_max);
  if (srtp_->protect_rtcp(out.data(), size) == srtp_session::state::ok)
    send_raw(bytes{out}.first(size));
}

std::optional<test_peer::packet> test_peer::receive_rtp(int wait_ms) {
  const auto until = in_ms(wait_ms);
  while (rtp_.empty())
    if (!step(until)) return std::nullopt;
  packet out{std::move(rtp_.front()), {}};
  rtp_.pop_front();
  if (!parse_rtp(out.plain, out.read)) return std::nullopt;
  return out;
}

std::optional<buffer> test_peer::receive_rtcp(int wait_ms) {
  const auto until = in_ms(wait_ms);
  while (rtcp_.empty())
    if (!step(until)) return std::nullopt;
  auto out = std::move(rtcp_.front());
  rtcp_.pop_front();
  return out;
}

void test_peer::drain(int wait_ms) {
  const auto until = in_ms(wait_ms);
  while (step(until)) {
  }
  rtp_.clear();
  rtcp_.clear();
}

} // namespace strowger::media
