// Small servers that misbehave on purpose, for the tests of the doctor. All listen on 127.0.0.1.
#pragma once

#include "http/boost.hpp"
#include "security/certificate.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace strowger::cli {

namespace net = http::net;
namespace bhttp = http::bhttp;
using http::error_code;
using http::tcp;

struct page {
  unsigned status = 200;
  std::string body;
  std::string retry_after;
};

// Answers each request with the page of its path (without the query), 404 where there is none.
class fake_server {
public:
  explicit fake_server(std::map<std::string, page> pages,
                       std::optional<security::certificate> shown = {}) :
      pages_(std::move(pages)),
      shown_(std::move(shown)) {
    acceptor_.open(tcp::v4());
    acceptor_.bind({net::ip::address_v4::loopback(), 0});
    acceptor_.listen();
    port_ = acceptor_.local_endpoint().port();
    thread_ = std::thread{[this] { run(); }};
  }
  ~fake_server() {
    over_ = true;
    error_code ignored;
    tcp::socket last{io_}; // wakes the accept
    last.connect({net::ip::address_v4::loopback(), port_}, ignored);
    thread_.join();
  }

  std::string url(const std::string& scheme = "http") const {
    return scheme + "://127.0.0.1:" + std::to_string(port_);
  }

private:
  void run() {
    while (!over_) {
      error_code error;
      tcp::socket socket{io_};
      acceptor_.accept(socket, error);
      if (error || over_) continue;
      if (!shown_) {
        serve(socket);
        continue;
      }
      net::ssl::context tls{net::ssl::context::tls_server};
      tls.use_certificate_chain(net::buffer(shown_->certificate_pem));
      tls.use_private_key(net::buffer(shown_->private_key_pem), net::ssl::context::pem);
      net::ssl::stream<tcp::socket> stream{std::move(socket), tls};
      stream.handshake(net::ssl::stream_base::server, error);
      if (!error) serve(stream);
    }
  }

  template <class Stream> void serve(Stream& stream) {
    error_code error;
    http::beast::flat_buffer buffer;
    bhttp::request<bhttp::string_body> in;
    bhttp::read(stream, buffer, in, error);
    if (error) return;
    const std::string target{in.target()};
    const auto it = pages_.find(target.substr(0, target.find('?')));
    bhttp::response<bhttp::string_body> out;
    out.result(it == pages_.end() ? 404 : it->second.status);
    if (it != pages_.end()) out.body() = it->second.body;
    if (it != pages_.end() && !it->second.retry_after.empty())
      out.set(bhttp::field::retry_after, it->second.retry_after);
    out.keep_alive(false);
    out.prepare_payload();
    bhttp::write(stream, out, error);
  }

  std::map<std::string, page> pages_;
  std::optional<security::certificate> shown_;
  net::io_context io_;
  tcp::acceptor acceptor_{io_};
  std::uint16_t port_ = 0;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

// A UDP port that takes everything and says nothing.
class silent_port {
public:
  silent_port() : socket_(io_, {net::ip::address_v4::loopback(), 0}) {}
  std::string text() const { return std::to_string(socket_.local_endpoint().port()); }

private:
  net::io_context io_;
  net::ip::udp::socket socket_;
};

// A UDP server that answers each datagram with what `answer` makes of it.
class fake_stun {
public:
  using bytes = std::vector<std::uint8_t>;
  explicit fake_stun(std::function<bytes(const bytes&)> answer) :
      socket_(io_, {net::ip::address_v4::loopback(), 0}), thread_([this, answer] {
        for (;;) {
          bytes in(2048);
          net::ip::udp::endpoint from;
          error_code error;
          in.resize(socket_.receive_from(net::buffer(in), from, 0, error));
          if (in.empty()) return; // the goodbye of the destructor
          if (const auto out = answer(in); !out.empty())
            socket_.send_to(net::buffer(out), from, 0, error);
        }
      }) {}
  ~fake_stun() {
    net::ip::udp::socket last{io_, net::ip::udp::v4()};
    error_code ignored;
    last.send_to(net::buffer("", 0), socket_.local_endpoint(), 0, ignored);
    thread_.join();
  }
  std::string text() const { return std::to_string(socket_.local_endpoint().port()); }

private:
  net::io_context io_;
  net::ip::udp::socket socket_;
  std::thread thread_;
};

inline std::vector<std::uint8_t> stun_answer(const std::vector<std::uint8_t>& request,
                                             std::uint8_t kind,
                                             const std::vector<std::uint8_t>& attributes) {
  auto out = request;
  out.resize(20);
  out[0] = 1;
  out[1] = kind;
  out[2] = 0;
  out[3] = static_cast<std::uint8_t>(attributes.size());
  out.insert(out.end(), attributes.begin(), attributes.end());
  return out;
}

} // namespace strowger::cli
