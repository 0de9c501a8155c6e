#include "http/link_lookup.hpp"

#include <netdb.h>

namespace strowger::http {
namespace {

std::string all_of(const std::string& host, std::uint16_t port, std::vector<tcp::endpoint>& out) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int fault = ::getaddrinfo(host.c_str(), nullptr, &wanted, &found); fault != 0)
    return "its name " + host + " is not known: " + ::gai_strerror(fault);
  for (const auto* each = found; each; each = each->ai_next) {
    tcp::endpoint where;
    if (each->ai_addrlen > where.capacity()) continue;
    std::memcpy(where.data(), each->ai_addr, each->ai_addrlen);
    where.resize(each->ai_addrlen);
    where.port(port);
    out.push_back(where);
  }
  ::freeaddrinfo(found);
  return out.empty() ? "its name " + host + " has no address" : std::string{};
}

} // namespace

void look_up_host(std::string host, std::uint16_t port, std::weak_ptr<lane> on,
                  std::function<void(std::vector<tcp::endpoint>, const std::string&)> told) {
  std::thread{[host = std::move(host), port, on = std::move(on), told = std::move(told)]() mutable {
    std::vector<tcp::endpoint> out;
    auto why = all_of(host, port, out);
    if (const auto alive = on.lock())
      alive->post([told = std::move(told), out = std::move(out), why = std::move(why)]() mutable {
        told(std::move(out), why);
      });
  }}.detach();
}

} // namespace strowger::http
