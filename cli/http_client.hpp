// A small blocking client for HTTP/1.1 and WebSockets, with TLS or without: nothing it does takes
// longer than its limit. One thread at a time; no exceptions for what the network does.
#pragma once

#include "core/time.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace strowger::cli {

struct url { // http:// or https://, with a path prefix where a proxy has one
  bool tls = false;
  std::string host; // brackets off
  std::uint16_t port = 0;
  std::string prefix; // "" or "/pbx"

  std::string authority() const; // as the Host header spells it: a default port is left out
  std::string text(std::string_view target = {}) const;
};
bool parse_url(std::string_view text, url& out);

// Whether only this machine reaches that host: localhost, 127.0.0.0/8, ::1.
bool is_loopback(std::string_view host);

enum class trouble {
  bad_name,    // no address for the name
  refused,     // nothing listens there
  unreachable, // no route
  timed_out,
  tls,         // the handshake broke off
  certificate, // the handshake worked, but the certificate is not to be trusted
  closed,      // the other side hung up early
  not_http,    // what came back is no HTTP
  no_upgrade,  // HTTP instead of a WebSocket: see status and detail (the body)
  other
};
struct fault {
  trouble what = trouble::other;
  std::string detail; // the library's words
  unsigned status = 0;
};
template <class T> using result = std::variant<T, fault>;

struct peer { // a resolved address
  std::string ip;
  std::uint16_t port = 0;

  std::string text() const; // "127.0.0.1:8080", "[::1]:8080"
};
// Every address of the name, in the system's order. A resolver that hangs is left behind.
result<std::vector<peer>> resolve(const std::string& host, std::uint16_t port, duration_ms within);

struct trust {
  std::string ca_file; // PEM, beside the system's own certificates; empty: only those
  bool any_certificate = false;
};

struct certificate {   // what the other side showed
  std::string problem; // empty: trusted, in its time, and made for the host that was asked
  std::string names;   // subject alternative names, comma separated
  time_ms not_after = 0;
  std::string protocol; // "TLSv1.3"
};

struct http_answer {
  unsigned status = 0;
  std::map<std::string, std::string> fields; // names in lower case
  std::string body;

  std::string field(const std::string& name) const;
};

class http_client {
public:
  // `within`: the limit of each call, milliseconds, from the name's look-up to the last byte.
  http_client(url where, trust whom, duration_ms within);

  const url& where() const { return where_; }
  const trust& whom() const { return whom_; }
  duration_ms within() const { return within_; }

  result<peer> reach() const;          // TCP alone
  result<certificate> inspect() const; // the TLS handshake, without trusting anything

  // One request on its own connection. Targets start with "/"; the prefix is put before them.
  result<http_answer> get(std::string_view target, std::string_view token = {}) const;
  result<http_answer> post(std::string_view target, std::string_view json,
                           std::string_view token = {}) const;

  result<http_answer> del(std::string_view target, std::string_view token = {}) const;

  // For protocols that are no HTTP: sends the bytes, reads until `whole` says that it has enough.
  result<std::string> exchange(std::string_view bytes,
                               const std::function<bool(std::string_view)>& whole) const;

private:
  result<http_answer> request(std::string_view verb, std::string_view target, std::string_view json,
                              std::string_view token) const;

  url where_;
  trust whom_;
  duration_ms within_;
};

// One WebSocket of text messages. Pings of the server are answered while receive() waits.
class web_socket {
public:
  struct impl;

  // Offers the sub-protocols strowger.v1.json and, with a token, `bearer, <token>`, as a browser.
  static result<web_socket> open(const http_client& to, std::string_view target,
                                 std::string_view token);
  web_socket(web_socket&&) noexcept;
  web_socket& operator=(web_socket&&) noexcept;
  ~web_socket();

  const std::string& subprotocol() const; // the server's choice; empty: none
  // Each of these is bounded by the client's limit.
  result<std::monostate> send(const std::string& text);
  result<std::string> receive(std::chrono::steady_clock::time_point until);
  void close(); // says goodbye and waits a moment for the answer

private:
  explicit web_socket(std::unique_ptr<impl> what);
  std::unique_ptr<impl> impl_;
};

} // namespace strowger::cli
