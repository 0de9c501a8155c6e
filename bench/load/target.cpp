#include "bench/load/target.hpp"

#include "bench/load/janus.hpp"

#include <filesystem>
#include <stdexcept>

namespace strowger::load {
namespace {

constexpr auto secret = "a secret of the benchmark, 32 bytes or more";

std::string beside_us(const std::string& program) {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / program).string();
}

} // namespace

target_options target_of(const bench::arguments& how, const std::string& work,
                         std::size_t devices) {
  target_options out;
  out.name = how.text("--target", out.name);
  out.work = work;
  out.binary = how.text("--binary", beside_us("../strowger"));
  out.data = how.text("--data", {});
  out.folder = how.text("--folder", {});
  out.devices = devices;
  return out;
}

target::target(target_options o) : options_(std::move(o)) {
  at_.port = free_port();
  if (options_.name == "socketio") wire_ = wire::socketio;
  if (options_.name == "janus") {
    wire_ = wire::janus;
    folder_ = std::make_unique<temporary_folder>(options_.folder);
  }
  if (options_.name == "strowger") {
    wire_ = wire::native;
    if (options_.data.empty()) {
      folder_ = std::make_unique<temporary_folder>(options_.folder);
      options_.data = folder_->path();
      make_folder(options_.data, {options_.devices, 0});
    }
    tokens_ = std::make_unique<token_maker>(options_.data, secret);
  }
  start();
}

std::vector<std::string> target::command() const {
  const auto port = std::to_string(at_.port);
  if (wire_ == wire::native)
    return {options_.binary, "serve",  "--data", options_.data, "--listen",
            "127.0.0.1",     "--port", port,     "--stun-port", "0"};
  if (wire_ == wire::janus) return janus_command(folder_->path(), at_.port);
  const auto program = options_.work + "_" + options_.name;
  if (const auto script = "bench/peers/" + program + ".mjs"; std::filesystem::exists(script))
    return {"node", script, port};
  return {beside_us(program), port};
}

void target::start() {
  const bool ours = wire_ == wire::native;
  process_.start(command(),
                 {std::string{"JWT_SECRET="} + secret,
                  std::string{"ADMIN_PASSWORD="} + password_of_all, "SSL_CERT_FILE="},
                 ours ? options_.data + "/server.log" : std::string{});
  if (!wait_for_port(at_.port, process_, options_.ready_ms))
    throw std::runtime_error{options_.name + " does not serve: " + command().front()};
}

std::string target::path_of(std::size_t index) const {
  const auto number = number_of(index);
  switch (wire_) {
  case wire::native:
    return "/ws?extension=" + number;
  case wire::socketio:
    return "/socket.io/?EIO=4&transport=websocket&number=" + number;
  case wire::janus:
    return "/";
  case wire::plain:
    break;
  }
  return "/?number=" + number;
}

std::string target::fields_of(std::size_t index) const {
  if (wire_ == wire::janus) return "Sec-WebSocket-Protocol: janus-protocol\r\n";
  if (!tokens_) return {};
  return "Sec-WebSocket-Protocol: strowger.v1.json, bearer, " + tokens_->for_agent(index) + "\r\n";
}

} // namespace strowger::load
