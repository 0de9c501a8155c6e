#include "http/link_address.hpp"

#include "http/url.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace strowger::http {
namespace {

[[noreturn]] void refuse(std::string_view url, const char* why) {
  throw std::invalid_argument("The license master's address " + std::string{url.substr(0, 200)} +
                              " cannot be used: " + why);
}

bool is_path(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) {
    return c > ' ' && c < 0x7f && c != '?' && c != '#' && c != '"' && c != '<' && c != '>';
  });
}

} // namespace

link_address link_address_of(std::string_view base_url) {
  link_address out;
  auto rest = base_url;
  if (rest.starts_with("https://")) {
    out.tls = true;
    out.port = 443;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    refuse(base_url, "it must begin with http:// or https://");
  }
  const auto authority = rest.substr(0, rest.find_first_of("/?#"));
  auto path = rest.substr(authority.size());
  out.host = host_of(authority);
  if (out.host.empty() || !is_host_header(authority)) refuse(base_url, "it names no host");
  if (!is_path(path)) refuse(base_url, "its path holds what a path may not");
  const auto after = authority[0] == '[' ? authority.find(']') + 1 : authority.find(':');
  if (const auto port = authority.substr(std::min(after, authority.size())); !port.empty()) {
    const auto* const end = port.data() + port.size();
    const auto read = std::from_chars(port.data() + 1, end, out.port);
    if (port[0] != ':' || read.ec != std::errc{} || read.ptr != end || out.port == 0)
      refuse(base_url, "its port is none");
  }
  while (path.ends_with('/')) path.remove_suffix(1);
  out.host_header = authority;
  out.target = std::string{path} + "/licenses/link";
  return out;
}

} // namespace strowger::http
