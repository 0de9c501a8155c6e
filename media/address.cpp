#include "media/address.hpp"

#include <arpa/inet.h>
#include <array>

namespace strowger::media {

std::string text_of(const address& of) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(of.at.v6 ? AF_INET6 : AF_INET, of.at.bytes.data(), text.data(), text.size());
  const std::string ip = text.data();
  return (of.connection ? "tcp " : "udp ") + (of.at.v6 ? "[" + ip + "]" : ip) + ":" +
         std::to_string(of.at.port);
}

} // namespace strowger::media
