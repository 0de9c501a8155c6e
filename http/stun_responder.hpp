// The STUN responder's UDP socket; what it answers stands in stun.hpp. Lives on one lane.
#pragma once

#include "http/boost.hpp"
#include "http/options.hpp"
#include "http/stun.hpp"

namespace strowger::http {

class stun_responder : public std::enable_shared_from_this<stun_responder> {
public:
  explicit stun_responder(net::io_context& on) : socket_(on) {}

  bool bind(const endpoint& where); // false: logged why
  void start();
  void stop(); // any thread
  endpoint bound() const;

private:
  void receive();
  void answer(std::size_t size);

  net::ip::udp::socket socket_;
  net::ip::udp::endpoint from_;
  std::array<std::uint8_t, stun::datagram_bytes_max + 1> buffer_{};
};

} // namespace strowger::http
