#include "http/boost.hpp"
#include "http/test_site.hpp"

#include "security/certificate.hpp"

#include <gtest/gtest.h>

namespace strowger::http {
namespace {

struct tls_line { // a client that trusts any certificate
  explicit tls_line(std::uint16_t port) : stream(io, context) {
    stream.next_layer().connect({net::ip::make_address("127.0.0.1"), port});
    stream.handshake(net::ssl::stream_base::client);
  }
  net::io_context io;
  net::ssl::context context{net::ssl::context::tls_client};
  net::ssl::stream<tcp::socket> stream;
};

void with_certificate(options& o) {
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  const auto made = security::make_self_signed("127.0.0.1", now.count());
  o.certificate_pem = made.certificate_pem;
  o.private_key_pem = made.private_key_pem;
}

TEST(tls, a_login_over_tls_gets_a_secure_cookie) {
  test_site site{with_certificate};
  tls_line line{site.port};
  bhttp::request<bhttp::string_body> request{bhttp::verb::post, "/api/login", 11};
  request.set(bhttp::field::host, "127.0.0.1");
  request.body() = R"({"username":"1000","password":"password"})";
  request.prepare_payload();
  bhttp::write(line.stream, request);
  beast::flat_buffer buffer;
  bhttp::response<bhttp::string_body> response;
  bhttp::read(line.stream, buffer, response);
  EXPECT_EQ(response.result_int(), 200U);
  EXPECT_NE(response[bhttp::field::set_cookie].find("; Secure"), std::string::npos);
}

TEST(tls, a_websocket_over_tls_is_served_and_drained) {
  test_site site{with_certificate};
  tls_line line{site.port};
  websocket::stream<net::ssl::stream<tcp::socket>&> socket{line.stream};
  socket.handshake("127.0.0.1", "/ws?extension=1000&token=" + test_site::token("1000"));
  beast::flat_buffer buffer;
  socket.read(buffer);
  EXPECT_NE(beast::buffers_to_string(buffer.data()).find("\"connected\""), std::string::npos);
  std::thread drain{[&] { site.web->drain(3000); }};
  error_code ec;
  socket.read(buffer, ec);
  EXPECT_EQ(ec, websocket::error::closed);
  EXPECT_EQ(socket.reason().code, 1001);
  drain.join();
}

std::string upgrade_of(const std::string& query) {
  return "GET /ws?extension=1000" + query +
         " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
}

TEST(tls, a_line_ends_with_the_goodbye_of_tls_however_it_ends) {
  test_site site{with_certificate};
  const auto token = "&token=" + test_site::token("1000");
  const std::pair<std::string, std::string> cases[] = {
      {upgrade_of(token) + std::string{"\x88\x80\0\0\0\0", 6}, "\x88\x02\x03\xe8"}, // a close
      {upgrade_of(token) + "\x81\x02hi", "\x88\x02\x03\xea"},    // what may not be
      {upgrade_of(token + "&position=x"), "value-out-of-range"}, // refused
  };
  for (const auto& [bytes, last] : cases) {
    tls_line line{site.port};
    const auto head = bytes.find("\r\n\r\n") + 4;
    net::write(line.stream, net::buffer(bytes.data(), head));
    std::string got;
    if (head < bytes.size()) {
      net::read_until(line.stream, net::dynamic_buffer(got), "\"connected\"");
      net::write(line.stream, net::buffer(bytes.data() + head, bytes.size() - head));
    }
    error_code ec;
    net::read(line.stream, net::dynamic_buffer(got), ec);
    EXPECT_EQ(ec, net::error::eof) << "not: truncated";
    EXPECT_NE(got.find(last), std::string::npos);
  }
}

TEST(tls, many_large_messages_pass_a_slow_reader_whole) {
  test_site site{with_certificate};
  tls_line line{site.port};
  websocket::stream<net::ssl::stream<tcp::socket>&> socket{line.stream};
  socket.handshake("127.0.0.1", "/ws?extension=1000&token=" + test_site::token("1000"));
  beast::flat_buffer buffer;
  socket.read(buffer);
  notice::webrtc_offer big;
  big.sdp = std::string(50'000, 'x');
  const auto push = std::make_shared<const notice::any>(big);
  for (int i = 1; i <= 15; ++i) site.gateway.sink()->push(push, 160 + i);
  for (int i = 1; i <= 15; ++i) {
    buffer.clear();
    socket.read(buffer);
    EXPECT_NE(beast::buffers_to_string(buffer.data()).find(big.sdp), std::string::npos);
  }
}

TEST(tls, an_unusable_certificate_is_a_sentence) {
  options o;
  o.certificate_pem = "nonsense";
  o.private_key_pem = "nonsense";
  try {
    server web{std::move(o)};
    FAIL();
  } catch (const std::runtime_error& e) {
    EXPECT_TRUE(std::string_view{e.what()}.starts_with("The TLS certificate")) << e.what();
  }
}

TEST(listening, a_taken_port_is_a_sentence) {
  test_site site;
  options o;
  o.listen = {{"127.0.0.1", site.port}};
  server web{std::move(o)};
  try {
    web.start();
    FAIL();
  } catch (const std::runtime_error& e) {
    EXPECT_TRUE(std::string_view{e.what()}.starts_with("Cannot listen on 127.0.0.1 port "));
  }
}

} // namespace
} // namespace strowger::http
