#include "cli/addresses.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <memory>
#include <net/if.h>
#include <netinet/in.h>

namespace strowger::cli {
namespace {

std::string text_of(const ifaddrs& at, int family) {
  if (at.ifa_addr == nullptr || at.ifa_addr->sa_family != family) return {};
  if ((at.ifa_flags & IFF_UP) == 0 || (at.ifa_flags & IFF_LOOPBACK) != 0) return {};
  const void* bytes = nullptr;
  if (family == AF_INET) {
    bytes = &reinterpret_cast<const sockaddr_in*>(at.ifa_addr)->sin_addr;
  } else {
    const auto& six = reinterpret_cast<const sockaddr_in6*>(at.ifa_addr)->sin6_addr;
    if (IN6_IS_ADDR_LINKLOCAL(&six)) return {}; // no browser takes its zone
    bytes = &six;
  }
  char text[INET6_ADDRSTRLEN] = {};
  return inet_ntop(family, bytes, text, sizeof text) != nullptr ? text : "";
}

std::vector<std::string> own_addresses() {
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> held{all, freeifaddrs};
  std::vector<std::string> out;
  for (const int family : {AF_INET, AF_INET6}) {
    if (!out.empty()) break;
    for (const auto* at = all; at != nullptr; at = at->ifa_next)
      if (auto text = text_of(*at, family); !text.empty()) out.push_back(std::move(text));
  }
  return out;
}

} // namespace

media_addresses media_addresses_of(const config::settings& s) {
  media_addresses out{s.media_listen_ip, s.media_announced_ip};
  if (out.listen.empty()) out.listen = s.dev && !s.lan ? "127.0.0.1" : "0.0.0.0";
  if (!out.announced.empty()) return out;
  in_addr bytes{};
  if (out.listen != "0.0.0.0" && out.listen != "::") {
    out.announced = out.listen;
  } else if (inet_pton(AF_INET, s.public_host.c_str(), &bytes) == 1) {
    out.announced = s.public_host;
  } else {
    const auto own = own_addresses();
    out.announced = own.empty() ? "127.0.0.1" : own.front();
  }
  return out;
}

std::vector<std::string> reachable_hosts(const config::settings& s) {
  if (!s.public_host.empty()) return {s.public_host};
  auto own = own_addresses();
  if (own.empty()) own.push_back("localhost");
  return own;
}

} // namespace strowger::cli
