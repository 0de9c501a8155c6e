#include "cli/http_client_line.hpp"

#include <algorithm>
#include <charconv>

namespace strowger::cli {
namespace {

constexpr std::size_t answer_bytes_max = 4 * 1024 * 1024; // a long list of extensions

bool parse_port(std::string_view text, std::uint16_t& out) {
  const auto end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, out);
  return error == std::errc{} && stop == end && out != 0;
}

std::string bracketed(const std::string& host) {
  return host.find(':') == host.npos ? host : "[" + host + "]";
}

} // namespace

std::string url::authority() const {
  const std::uint16_t usual = tls ? 443 : 80;
  return bracketed(host) + (port == usual ? "" : ":" + std::to_string(port));
}

std::string url::text(std::string_view target) const {
  return (tls ? "https://" : "http://") + authority() + prefix + std::string{target};
}

bool parse_url(std::string_view text, url& out) {
  out = {};
  if (text.starts_with("https://"))
    out.tls = true;
  else if (!text.starts_with("http://"))
    return false;
  text.remove_prefix(out.tls ? 8 : 7);
  const auto slash = std::min(text.find('/'), text.size());
  auto authority = text.substr(0, slash);
  auto prefix = text.substr(slash);
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  out.prefix = prefix;
  out.port = out.tls ? 443 : 80;
  auto after_host = authority.rfind(':');
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == authority.npos) return false;
    out.host = authority.substr(1, close - 1);
    after_host = close + 1 < authority.size() ? close + 1 : authority.npos;
    if (after_host != authority.npos && authority[after_host] != ':') return false;
  } else {
    out.host = authority.substr(0, after_host);
  }
  if (out.host.empty() || text.find_first_of(" @?#\\\r\n\t") != text.npos) return false;
  return after_host == authority.npos || parse_port(authority.substr(after_host + 1), out.port);
}

bool is_loopback(std::string_view host) {
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  error_code error;
  const auto address = net::ip::make_address(std::string{host}, error);
  return !error && address.is_loopback();
}

std::string peer::text() const { return bracketed(ip) + ":" + std::to_string(port); }

std::string http_answer::field(const std::string& name) const {
  const auto it = fields.find(name);
  return it == fields.end() ? std::string{} : it->second;
}

http_client::http_client(url where, trust whom, duration_ms within) :
    where_(std::move(where)), whom_(std::move(whom)), within_(within) {}

result<peer> http_client::reach() const {
  auto plain = where_;
  plain.tls = false;
  const http_client to{plain, {}, within_};
  line l{to};
  peer found;
  if (auto why = l.connect(to, &found)) return *why;
  return found;
}

result<certificate> http_client::inspect() const {
  auto whom = whom_;
  whom.any_certificate = true;
  const http_client to{where_, std::move(whom), within_};
  line l{to};
  if (auto why = l.connect(to)) return *why;
  return l.shown();
}

result<http_answer> http_client::get(std::string_view target, std::string_view token) const {
  return request("GET", target, {}, token);
}

result<http_answer> http_client::post(std::string_view target, std::string_view json,
                                      std::string_view token) const {
  return request("POST", target, json, token);
}

result<http_answer> http_client::del(std::string_view target, std::string_view token) const {
  return request("DELETE", target, {}, token);
}

result<http_answer> http_client::request(std::string_view verb, std::string_view target,
                                         std::string_view json, std::string_view token) const {
  namespace bhttp = http::bhttp;
  line l{*this};
  if (auto why = l.connect(*this)) return *why;
  bhttp::request<bhttp::string_body> out;
  out.method_string(verb);
  out.target(where_.prefix + std::string{target});
  out.version(11);
  out.set(bhttp::field::host, where_.authority());
  out.set(bhttp::field::user_agent, "strowger-doctor/" STROWGER_VERSION);
  out.set(bhttp::field::connection, "close");
  if (!token.empty()) out.set(bhttp::field::authorization, "Bearer " + std::string{token});
  if (verb == "POST") {
    out.set(bhttp::field::content_type, "application/json");
    out.body() = json;
  }
  out.prepare_payload();
  return l.with_stream([&](auto& stream) -> result<http_answer> {
    auto error = l.wait([&](auto done) { bhttp::async_write(stream, out, done); });
    if (error) return to_fault(error);
    beast::flat_buffer buffer;
    bhttp::response_parser<bhttp::string_body> in;
    in.body_limit(answer_bytes_max);
    error = l.wait([&](auto done) { bhttp::async_read(stream, buffer, in, done); });
    if (error) return to_fault(error);
    http_answer answer;
    answer.status = in.get().result_int();
    for (const auto& field : in.get()) {
      std::string name{field.name_string()};
      std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
      answer.fields.emplace(std::move(name), std::string{field.value()});
    }
    answer.body = std::move(in.get().body());
    return answer;
  });
}

result<std::string>
http_client::exchange(std::string_view bytes,
                      const std::function<bool(std::string_view)>& whole) const {
  line l{*this};
  if (auto why = l.connect(*this)) return *why;
  return l.with_stream([&](auto& stream) -> result<std::string> {
    auto error = l.wait([&](auto done) {
      net::async_write(stream, net::buffer(bytes.data(), bytes.size()), done);
    });
    std::string in;
    while (!error && !whole(in)) {
      std::array<char, 2048> chunk;
      std::size_t count = 0;
      error = l.wait([&](auto done) {
        stream.async_read_some(net::buffer(chunk), [done, &count](error_code ec, std::size_t n) {
          count = n;
          done(ec);
        });
      });
      in.append(chunk.data(), count);
      if (in.size() > answer_bytes_max) return fault{trouble::other, "the answer is too long"};
    }
    if (error) return to_fault(error);
    return in;
  });
}

} // namespace strowger::cli
