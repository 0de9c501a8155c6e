// One WebSocket of the check: a device of an extension, with replies and pushes told apart.
#pragma once

#include "cli/doctor.hpp"

#include <deque>
#include <functional>

namespace strowger::cli::examination {

class device {
public:
  // `resume`: "" or "&resume=...&position=...".
  static result<device> open(const patient& p, std::string_view number, std::string_view resume);

  // The first message of that type (and of that call, when one is given), in any order.
  result<protocol::value> next(std::string_view type, std::string_view call = {});
  // A command and its reply's data; a refusal is a fault with the server's words.
  result<protocol::value> ask(std::string_view type, protocol::value data);

  std::int64_t position() const { return position_; } // of the last push
  const std::string& subprotocol() const { return socket_.subprotocol(); }
  void close() { socket_.close(); }

private:
  device(web_socket socket, duration_ms within) : socket_(std::move(socket)), within_(within) {}
  result<protocol::value> wait_for(const std::function<bool(const protocol::value&)>& wanted);

  web_socket socket_;
  duration_ms within_;
  std::deque<protocol::value> seen_; // came before somebody asked for them
  std::int64_t last_id_ = 0, position_ = 0;
};

// "did not come within 5 s" or "failed: ...".
std::string broken(const patient& p, const fault& why);

} // namespace strowger::cli::examination
