#include "http/stun.hpp"

namespace strowger::http::stun {

namespace codec = strowger::stun;

std::optional<std::vector<std::uint8_t>> respond(std::span<const std::uint8_t> datagram,
                                                 const address& from) {
  codec::message in;
  if (!codec::parse(datagram, in) || in.type != codec::type::request) return std::nullopt;
  const bool refused = in.required_count > 0;
  codec::writer to{refused ? codec::type::error : codec::type::success, in.transaction};
  if (refused) {
    to.put_error(420, "Unknown Attribute");
    to.put_unknown(std::span{in.required}.first(in.required_count));
  } else {
    to.put_xor_address(from);
  }
  if (in.fingerprinted) to.put_fingerprint();
  const auto out = to.finish();
  return std::vector<std::uint8_t>{out.begin(), out.end()};
}

} // namespace strowger::http::stun
