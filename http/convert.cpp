#include "http/convert.hpp"

#include "core/limits.hpp"
#include "http/url.hpp"

namespace strowger::http {
namespace {

method method_of(bhttp::verb verb) {
  switch (verb) {
  case bhttp::verb::get:
    return method::get;
  case bhttp::verb::head:
    return method::head;
  case bhttp::verb::post:
    return method::post;
  case bhttp::verb::put:
    return method::put;
  case bhttp::verb::delete_:
    return method::del;
  case bhttp::verb::patch:
    return method::patch;
  case bhttp::verb::options:
    return method::options;
  default:
    return method::other;
  }
}

// Shown to other clients (device lists): printable ASCII, and not long.
std::string presentable(std::string_view text) {
  std::string out{text.substr(0, limits::text_bytes_max)};
  for (char& c : out)
    if (c < ' ' || c > '~') c = '?';
  return out;
}

void add_peer(any_stream& from, http_request& out) {
  error_code ec;
  auto address = from.tcp_layer().socket().remote_endpoint(ec).address();
  if (ec) return; // already gone
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = net::ip::make_address_v4(net::ip::v4_mapped, address.to_v6());
  out.peer = address.to_string();
  out.loopback = address.is_loopback();
}

} // namespace

std::string lower_case(std::string_view text) {
  std::string out{text};
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

bool to_request(const bhttp::request<bhttp::string_body>& in, any_stream& from, http_request& out) {
  out = {};
  out.verb = method_of(in.method());
  for (const auto& f : in)
    out.fields.emplace_back(lower_case(f.name_string()), std::string{f.value()});
  for (auto& [name, text] : out.fields)
    if (name == "user-agent") text = presentable(text);
  add_peer(from, out);
  out.tls = from.is_tls();
  out.upgrade = websocket::is_upgrade(in);
  return parse_target(in.target(), out.path, out.query);
}

} // namespace strowger::http
