// TLS towards a server that must prove who it is.
#pragma once

#include "http/boost.hpp"

#include <memory>
#include <string>

namespace strowger::http {

// Trusts the authorities in the PEM file, or the system's where none is named. Throws
// std::runtime_error with a sentence.
std::unique_ptr<net::ssl::context> make_tls_client(const std::string& ca_file);

// Names the host and checks the certificate against it.
void expect_host(net::ssl::stream<beast::tcp_stream>& stream, const std::string& host);

// Why the certificate was refused, in words; empty: it was not.
std::string why_not_trusted(net::ssl::stream<beast::tcp_stream>& stream);

} // namespace strowger::http
