// Test helper: raw sockets to 127.0.0.1, so that tests can also send what no library would.
#pragma once

#include "protocol/json.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <map>
#include <stdexcept>
#include <string>

namespace strowger::http {

struct test_response {
  int status = 0;
  std::string head; // header lines as received
  std::string body;
  std::string header(std::string name) const { // the first; names as the server spells them
    const auto at = head.find("\r\n" + name + ": ");
    if (at == head.npos) return {};
    const auto from = at + name.size() + 4;
    return head.substr(from, head.find("\r\n", from) - from);
  }
  protocol::value json() const {
    auto out = protocol::parse_json(body);
    if (auto* tree = std::get_if<protocol::value>(&out)) return *tree;
    throw std::runtime_error("no JSON: " + body);
  }
  std::string text(std::string_view name) const {
    const auto tree = json();
    const auto* found = tree.find(name);
    return found && found->as_text() ? *found->as_text() : "";
  }
};

class test_socket {
public:
  explicit test_socket(std::uint16_t port, int receive_buffer = 0) {
    fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
    if (receive_buffer)
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    timeval limit{5, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
      throw std::runtime_error("connect failed");
  }
  test_socket(const test_socket&) = delete;
  ~test_socket() { ::close(fd_); }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return; // the server cut the line: the test sees it when it reads
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  bool more() { // false at the end or after five seconds of nothing
    char buffer[65536];
    const auto n = ::recv(fd_, buffer, sizeof buffer, 0);
    if (n > 0) input.append(buffer, static_cast<std::size_t>(n));
    return n > 0;
  }
  bool until(std::string_view mark) {
    while (input.find(mark) == input.npos)
      if (!more()) return false;
    return true;
  }
  std::string take(std::size_t count) {
    while (input.size() < count)
      if (!more()) break;
    auto out = input.substr(0, count);
    input.erase(0, count);
    return out;
  }
  void half_close() { ::shutdown(fd_, SHUT_WR); }
  bool at_end() { // the server has closed
    while (more()) {
    }
    return true;
  }
  test_response response(bool head_only = false) {
    test_response out;
    if (!until("\r\n\r\n")) return out;
    const auto end = input.find("\r\n\r\n");
    out.head = take(end + 4);
    out.status = std::stoi(out.head.substr(9, 3));
    const auto length = out.header("Content-Length");
    if (!head_only && !length.empty()) out.body = take(std::stoul(length));
    return out;
  }

  std::string input;

private:
  int fd_ = -1;
};

inline test_response fetch(std::uint16_t port, const std::string& method, const std::string& target,
                           const std::string& fields = {}, const std::string& body = {}) {
  test_socket line{port};
  std::string out = method + " " + target + " HTTP/1.1\r\n";
  if (fields.find("Host: ") == fields.npos) out += "Host: 127.0.0.1:8080\r\n";
  out += fields;
  if (!body.empty()) out += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  line.send(out + "\r\n" + body);
  return line.response(method == "HEAD");
}

inline const std::string json_fields = "Content-Type: application/json\r\n";

struct test_frame {
  int opcode = -1; // -1: the connection ended; 8: close
  std::string payload;
  int close_code() const {
    if (opcode != 8 || payload.size() < 2) return -1;
    return (static_cast<unsigned char>(payload[0]) << 8) | static_cast<unsigned char>(payload[1]);
  }
};

class test_websocket {
public:
  test_websocket(std::uint16_t port, const std::string& target, const std::string& fields = {},
                 int receive_buffer = 0) :
      line(port, receive_buffer) {
    std::string out = "GET " + target + " HTTP/1.1\r\n";
    if (fields.find("Host: ") == fields.npos) out += "Host: 127.0.0.1:8080\r\n";
    line.send(out +
              "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
              fields + "\r\n");
    handshake = line.response();
  }

  void send(std::string_view payload, int opcode = 1) {
    std::string out{static_cast<char>(0x80 | opcode)};
    const auto size = payload.size();
    if (size < 126) {
      out += static_cast<char>(0x80 | size);
    } else if (size < 65536) {
      out += static_cast<char>(0x80 | 126);
      out += {static_cast<char>(size >> 8), static_cast<char>(size)};
    } else {
      out += static_cast<char>(0x80 | 127);
      for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift);
    }
    out += std::string(4, '\0'); // a mask of zeros changes nothing
    line.send(out + std::string{payload});
  }
  test_frame any_frame() {
    test_frame out;
    const auto head = line.take(2);
    if (head.size() < 2) return out;
    std::size_t size = head[1] & 0x7F;
    const int extra = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (extra) {
      size = 0;
      for (const char c : line.take(static_cast<std::size_t>(extra)))
        size = size << 8 | static_cast<unsigned char>(c);
    }
    out.opcode = head[0] & 0x0F;
    out.payload = line.take(size);
    return out;
  }
  test_frame frame() { // pings are answered and left out
    for (;;) {
      auto out = any_frame();
      if (out.opcode == 9) {
        send(out.payload, 10);
        continue;
      }
      return out;
    }
  }
  protocol::value message() {
    const auto in = frame();
    auto out = protocol::parse_json(in.payload);
    if (auto* tree = std::get_if<protocol::value>(&out)) return *tree;
    throw std::runtime_error("no JSON message, opcode " + std::to_string(in.opcode));
  }

  test_socket line;
  test_response handshake;
};

// A member of a member as text, for short expectations: at(m, "data", "code").
inline std::string at(const protocol::value& tree, std::string_view name) {
  const auto* found = tree.find(name);
  if (!found) return "(absent)";
  if (const auto* text = found->as_text()) return *text;
  return protocol::write_json(*found);
}
inline std::string at(const protocol::value& tree, std::string_view outer, std::string_view name) {
  const auto* found = tree.find(outer);
  return found ? at(*found, name) : "(absent)";
}

} // namespace strowger::http
