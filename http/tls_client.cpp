#include "http/tls_client.hpp"

#include <stdexcept>

namespace strowger::http {

std::unique_ptr<net::ssl::context> make_tls_client(const std::string& ca_file) {
  auto out = std::make_unique<net::ssl::context>(net::ssl::context::tls_client);
  out->set_options(net::ssl::context::default_workarounds | net::ssl::context::no_sslv3 |
                   net::ssl::context::no_tlsv1 | net::ssl::context::no_tlsv1_1);
  out->set_verify_mode(net::ssl::verify_peer);
  error_code ec;
  if (ca_file.empty())
    out->set_default_verify_paths(ec);
  else
    out->load_verify_file(ca_file, ec);
  if (ec)
    throw std::runtime_error("The authorities in " + (ca_file.empty() ? "this system" : ca_file) +
                             " cannot be used: " + ec.message());
  return out;
}

void expect_host(net::ssl::stream<beast::tcp_stream>& stream, const std::string& host) {
  error_code ec;
  net::ip::make_address(host, ec);
  if (ec) SSL_set_tlsext_host_name(stream.native_handle(), host.c_str()); // RFC 6066: names only
  stream.set_verify_callback(net::ssl::host_name_verification{host});
}

std::string why_not_trusted(net::ssl::stream<beast::tcp_stream>& stream) {
  const auto verdict = SSL_get_verify_result(stream.native_handle());
  return verdict == X509_V_OK ? "" : X509_verify_cert_error_string(verdict);
}

} // namespace strowger::http
