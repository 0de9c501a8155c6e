// A test program: the echo applications on the product's own Engine.IO and Socket.IO layers, for
// the protocols' conformance tests and for clients that are tried out. Needs nothing else; ends by
// a signal.
#include "http/server.hpp"
#include "http/sio_echo.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <iostream>
#include <memory>
#include <stdexcept>

namespace {

constexpr std::size_t queue_bytes_max = 64 * 1024 * 1024; // what is echoed is as large as it was

struct settings {
  std::uint16_t port = 3000;
  std::string host, app = "socket";
  std::int64_t ping_interval_ms = 300, ping_timeout_ms = 200, connect_timeout_ms = 1000;
  std::size_t max_payload = 1'000'000;
};

void declare(CLI::App& line, settings& s) {
  line.add_option("--port", s.port, "TCP port; 0: any free one");
  line.add_option("--host", s.host, "numeric address to listen on; every one without");
  line.add_option("--app", s.app, "engine (path /engine.io/) or socket (path /socket.io/)")
      ->check(CLI::IsMember({"engine", "socket"}));
  line.add_option("--ping-interval-ms", s.ping_interval_ms)->check(CLI::PositiveNumber);
  line.add_option("--ping-timeout-ms", s.ping_timeout_ms)->check(CLI::PositiveNumber);
  line.add_option("--connect-timeout-ms", s.connect_timeout_ms)->check(CLI::PositiveNumber);
  line.add_option("--max-payload", s.max_payload, "bytes")->check(CLI::PositiveNumber);
}

strowger::http::options options_of(const settings& s, const std::string& host) {
  strowger::http::options out;
  out.listen = {{host, s.port}};
  out.origins = {"*"};
  out.socket_queue_bytes_max = queue_bytes_max;
  out.engine.needs_site = false;
  out.engine.path = s.app == "engine" ? "/engine.io/" : "/socket.io/";
  out.engine.app =
      s.app == "engine" ? strowger::http::make_engine_echo : strowger::http::make_socket_echo;
  out.engine.ping_interval_ms = s.ping_interval_ms;
  out.engine.ping_timeout_ms = s.ping_timeout_ms;
  out.engine.connect_timeout_ms = s.connect_timeout_ms;
  out.engine.payload_bytes_max = s.max_payload;
  return out;
}

std::unique_ptr<strowger::http::server> started(const settings& s, const std::string& host) {
  auto out = std::make_unique<strowger::http::server>(options_of(s, host));
  out->start();
  return out;
}

std::unique_ptr<strowger::http::server> started(const settings& s) {
  if (!s.host.empty()) return started(s, s.host);
  try {
    return started(s, "::"); // IPv4 too
  } catch (const std::runtime_error&) {
    return started(s, "0.0.0.0"); // a machine without IPv6
  }
}

int run(const settings& s) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  const auto front = started(s);
  std::cout << "listening on port " << front->listening().front().port << std::endl;
  int which = 0;
  sigwait(&signals, &which);
  front->drain(1'000);
  return 0;
}

} // namespace

int main(int count, char** words) {
  settings s;
  CLI::App line{"Echo applications on Engine.IO and Socket.IO"};
  declare(line, s);
  CLI11_PARSE(line, count, words);
  try {
    return run(s);
  } catch (const std::exception& e) {
    std::cerr << "socketio_echo: " << e.what() << '\n';
    return 1;
  }
}
