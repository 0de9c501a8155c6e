#include "cli/http_client_line.hpp"

#include <openssl/x509v3.h>

#include <netdb.h>

#include <cstdlib>
#include <future>
#include <thread>

namespace strowger::cli {

fault to_fault(const error_code& why) {
  const auto as = [&](trouble what) { return fault{what, why.message(), 0}; };
  if (why == beast::error::timeout || why == net::error::timed_out) return as(trouble::timed_out);
  if (why == net::error::connection_refused) return as(trouble::refused);
  if (why == net::error::network_unreachable || why == net::error::host_unreachable)
    return as(trouble::unreachable);
  if (why == net::error::eof || why == net::error::connection_reset ||
      why == net::error::broken_pipe || why == net::ssl::error::stream_truncated ||
      why == http::bhttp::error::end_of_stream || why == http::bhttp::error::partial_message)
    return as(trouble::closed);
  if (why.category() == net::error::get_ssl_category()) return as(trouble::tls);
  if (why.category() == error_code{http::bhttp::error::bad_version}.category())
    return as(trouble::not_http);
  return as(trouble::other);
}

namespace {

struct looked_up {
  int error = 0;
  std::vector<peer> found;
};

looked_up look_up(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  looked_up out;
  out.error = getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (out.error != 0) return out;
  for (const auto* each = list; each != nullptr; each = each->ai_next) {
    char text[NI_MAXHOST] = {};
    if (getnameinfo(each->ai_addr, each->ai_addrlen, text, sizeof text, nullptr, 0,
                    NI_NUMERICHOST) == 0)
      out.found.push_back({text, port});
  }
  freeaddrinfo(list);
  return out;
}

std::string alternative_names(X509* shown) {
  std::string out;
  auto* names =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(shown, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const auto* name = sk_GENERAL_NAME_value(names, i);
    std::string text;
    if (name->type == GEN_DNS) {
      text.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                  static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
    } else if (name->type == GEN_IPADD) {
      const auto* bytes = ASN1_STRING_get0_data(name->d.iPAddress);
      if (ASN1_STRING_length(name->d.iPAddress) == 4)
        text = net::ip::address_v4{{bytes[0], bytes[1], bytes[2], bytes[3]}}.to_string();
      if (ASN1_STRING_length(name->d.iPAddress) == 16) {
        net::ip::address_v6::bytes_type v6;
        std::copy_n(bytes, v6.size(), v6.begin());
        text = net::ip::address_v6{v6}.to_string();
      }
    }
    if (!text.empty()) out += (out.empty() ? "" : ", ") + text;
  }
  GENERAL_NAMES_free(names);
  return out;
}

std::optional<fault> load_trust(net::ssl::context& tls, const trust& whom) {
  error_code error;
  // SSL_CERT_FILE beside SSL_PRIVATE_KEY names the server's certificate, where OpenSSL would look
  // for the authorities of this machine: then the built-in places are named instead.
  if (std::getenv("SSL_PRIVATE_KEY") != nullptr)
    SSL_CTX_load_verify_locations(tls.native_handle(), X509_get_default_cert_file(),
                                  X509_get_default_cert_dir());
  else
    tls.set_default_verify_paths(error);
  ERR_clear_error(); // a place that is missing is no fault
  if (whom.ca_file.empty()) return {};
  tls.load_verify_file(whom.ca_file, error);
  if (!error) return {};
  return fault{trouble::certificate, whom.ca_file + ": " + error.message(), 0};
}

} // namespace

result<std::vector<peer>> resolve(const std::string& host, std::uint16_t port, duration_ms within) {
  // getaddrinfo cannot be interrupted, so that its thread is left to itself when it hangs.
  std::packaged_task<looked_up()> task{[host, port] { return look_up(host, port); }};
  auto later = task.get_future();
  std::thread{std::move(task)}.detach();
  if (later.wait_for(std::chrono::milliseconds{within}) != std::future_status::ready)
    return fault{trouble::bad_name, "the look-up takes too long", 0};
  auto out = later.get();
  if (out.error != 0) return fault{trouble::bad_name, gai_strerror(out.error), 0};
  return std::move(out.found);
}

line::line(const http_client& from) :
    secure(from.where().tls), deadline(steady::now() + std::chrono::milliseconds{from.within()}),
    no_trust(secure ? load_trust(tls, from.whom()) : std::nullopt), stream(io, tls) {
  beast::get_lowest_layer(stream).expires_never(); // `wait` keeps the time
}

std::optional<fault> line::connect(const http_client& to, peer* reached) {
  const auto& where = to.where();
  auto found = resolve(where.host, where.port, to.within());
  if (auto* why = std::get_if<fault>(&found)) return *why;
  std::vector<tcp::endpoint> ends;
  for (const auto& each : std::get<std::vector<peer>>(found)) {
    error_code bad;
    const auto address = net::ip::make_address(each.ip, bad);
    if (!bad) ends.emplace_back(address, each.port);
  }
  if (ends.empty()) return fault{trouble::bad_name, "no usable address", 0};
  auto& socket = beast::get_lowest_layer(stream);
  if (auto error = wait([&](auto done) { socket.async_connect(ends, done); }))
    return to_fault(error);
  if (reached != nullptr) {
    error_code ignored;
    const auto end = socket.socket().remote_endpoint(ignored);
    *reached = {end.address().to_string(), end.port()};
  }
  return secure ? handshake(to) : std::nullopt;
}

std::optional<fault> line::handshake(const http_client& to) {
  if (no_trust) return no_trust;
  const auto& host = to.where().host;
  auto* native = stream.native_handle();
  error_code no_address;
  net::ip::make_address(host, no_address);
  if (no_address) {
    SSL_set_tlsext_host_name(native, host.c_str());
    SSL_set1_host(native, host.c_str());
  } else {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(native), host.c_str());
  }
  SSL_set_verify(native, SSL_VERIFY_NONE, nullptr); // judged below: the verdict is wanted in words
  const auto error =
      wait([&](auto done) { stream.async_handshake(net::ssl::stream_base::client, done); });
  if (error) {
    auto why = to_fault(error);
    if (why.what == trouble::closed) why.what = trouble::tls;
    return why;
  }
  if (to.whom().any_certificate) return {};
  const auto problem = shown().problem;
  return problem.empty() ? std::nullopt : std::optional{fault{trouble::certificate, problem, 0}};
}

certificate line::shown() {
  certificate out;
  auto* native = stream.native_handle();
  out.protocol = SSL_get_version(native);
  if (const auto verdict = SSL_get_verify_result(native); verdict != X509_V_OK)
    out.problem = X509_verify_cert_error_string(verdict);
  auto* shown = SSL_get1_peer_certificate(native);
  if (shown == nullptr) {
    out.problem = "no certificate was shown";
    return out;
  }
  std::tm until{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(shown), &until) == 1)
    out.not_after = static_cast<time_ms>(timegm(&until)) * 1000;
  out.names = alternative_names(shown);
  X509_free(shown);
  return out;
}

} // namespace strowger::cli
