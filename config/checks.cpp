#include "config/checks.hpp"

#include "config/settings.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

namespace strowger::config {
namespace {

bool one_of(const std::string& text, std::initializer_list<const char*> allowed) {
  return std::ranges::any_of(allowed, [&](const char* a) { return text == a; });
}

bool host_letters(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == ':' || c == '[' || c == ']' ||
           c == '_';
  });
}

// scheme:host[:port][?...] as RFC 7064 and 7065 spell STUN and TURN.
bool ice_url(const std::string& text, std::initializer_list<std::string_view> schemes) {
  return std::ranges::any_of(schemes, [&](std::string_view scheme) {
    if (!text.starts_with(scheme)) return false;
    const auto rest = std::string_view{text}.substr(scheme.size());
    return host_letters(rest.substr(0, rest.find('?')));
  });
}

} // namespace

std::string check_role(const std::string& text) {
  return one_of(text, {"standalone", "master", "slave"}) ? ""
                                                         : "must be standalone, master or slave";
}

std::string check_listen(const std::string& text) {
  listen_address ignored;
  return parse_listen(text, 1, ignored) ? "" : "must be an address like 127.0.0.1 or [::1]:8080";
}

std::string check_host(const std::string& text) {
  return host_letters(text) ? "" : "must be a host name or an address, without a scheme or path";
}

std::string check_ip(const std::string& text) {
  unsigned char bytes[16];
  const bool numeric =
      inet_pton(AF_INET, text.c_str(), bytes) == 1 || inet_pton(AF_INET6, text.c_str(), bytes) == 1;
  return text.empty() || numeric ? "" : "must be an IPv4 or IPv6 address";
}

std::string check_origin(const std::string& text) {
  if (text == "*") return "";
  const auto scheme = text.find("://");
  const bool known =
      scheme != text.npos && one_of(text.substr(0, scheme), {"http", "https", "chrome-extension"});
  if (known && host_letters(std::string_view{text}.substr(scheme + 3))) return "";
  return "must be * or an exact origin like https://phones.example:8443, without a path";
}

std::string check_ice_policy(const std::string& text) {
  return one_of(text, {"all", "relay"}) ? "" : "must be all or relay";
}

std::string check_stun_url(const std::string& text) {
  return ice_url(text, {"stun:", "stuns:"}) ? "" : "must look like stun:host:3478";
}

std::string check_turn_url(const std::string& text) {
  return ice_url(text, {"turn:", "turns:"}) ? "" : "must look like turn:host:3478";
}

std::string check_license_url(const std::string& text) {
  if (text.empty()) return "";
  const bool http = text.starts_with("http://") || text.starts_with("https://");
  return http && text.ends_with("/api") ? ""
                                        : "must begin with http:// or https:// and end in /api";
}

std::string check_wss_url(const std::string& text) {
  if (text.empty() || text.starts_with("wss://") || text.starts_with("ws://")) return "";
  return "must begin with wss:// (or ws://)";
}

bool parse_listen(const std::string& text, std::uint16_t default_port, listen_address& out) {
  std::string_view host = text;
  std::string_view port;
  if (host.starts_with('[')) {
    const auto end = host.find(']');
    if (end == host.npos) return false;
    port = host.substr(end + 1);
    host = host.substr(1, end - 1);
  } else if (const auto colon = host.find(':'); colon != host.npos) {
    if (host.find(':', colon + 1) == host.npos) {
      port = host.substr(colon);
      host = host.substr(0, colon);
    } else if (host.find_first_not_of("0123456789abcdefABCDEF:.") != host.npos) {
      return false; // more than one colon, and not a bare IPv6 address
    }
  }
  out = {std::string{host}, default_port};
  if (!host_letters(host)) return false;
  if (port.empty()) return true;
  if (port.front() != ':') return false;
  port.remove_prefix(1);
  const auto* end = port.data() + port.size();
  const auto parsed = std::from_chars(port.data(), end, out.port);
  return parsed.ec == std::errc{} && parsed.ptr == end;
}

std::vector<listen_address> listen_addresses(const settings& s) {
  const auto port = static_cast<std::uint16_t>(s.port);
  if (s.listen.empty()) return {{s.dev && !s.lan ? "127.0.0.1" : "0.0.0.0", port}};
  std::vector<listen_address> all;
  for (const auto& text : s.listen) {
    listen_address parsed;
    if (parse_listen(text, port, parsed)) all.push_back(parsed);
  }
  return all;
}

} // namespace strowger::config
