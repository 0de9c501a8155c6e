#include "http/stun_responder.hpp"

#include "observe/log.hpp"
#include "observe/metrics.hpp"

#include <algorithm>

namespace strowger::http {

using udp = net::ip::udp;

bool stun_responder::bind(const endpoint& where) {
  error_code ec;
  const auto address = net::ip::make_address(where.address, ec);
  const udp::endpoint at{address, where.port};
  if (!ec) socket_.open(at.protocol(), ec);
  if (!ec) socket_.bind(at, ec);
  if (!ec) socket_.non_blocking(true, ec);
  if (ec)
    log::warning("STUN responder not started",
                 {{"address", where.address}, {"port", where.port}, {"why", ec.message()}});
  return !ec;
}

endpoint stun_responder::bound() const {
  error_code ignored;
  const auto at = socket_.local_endpoint(ignored);
  return {at.address().to_string(), at.port()};
}

void stun_responder::start() {
  net::post(socket_.get_executor(), [self = shared_from_this()] { self->receive(); });
}

void stun_responder::stop() {
  net::post(socket_.get_executor(), [self = shared_from_this()] {
    error_code ignored;
    self->socket_.close(ignored);
  });
}

void stun_responder::receive() {
  socket_.async_receive_from(net::buffer(buffer_), from_,
                             [self = shared_from_this()](error_code ec, std::size_t size) {
                               if (!self->socket_.is_open()) return;
                               if (!ec) self->answer(size); // else: an ICMP error of an old answer
                               self->receive();
                             });
}

void stun_responder::answer(std::size_t size) {
  stun::address from;
  from.port = from_.port();
  auto address = from_.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = net::ip::make_address_v4(net::ip::v4_mapped, address.to_v6());
  from.v6 = address.is_v6();
  if (from.v6)
    from.bytes = address.to_v6().to_bytes();
  else
    std::ranges::copy(address.to_v4().to_bytes(), from.bytes.begin());
  metrics::add(metrics::counter::stun_requests);
  const auto response = stun::respond({buffer_.data(), size}, from);
  error_code ignored; // a full send buffer drops the answer, as UDP may; the client asks again
  if (response) socket_.send_to(net::buffer(*response), from_, 0, ignored);
}

} // namespace strowger::http
