// Engine.IO sessions (protocol revision 4) as their applications see them: messages over whatever
// transport the client has just now. Everything on the session's lane.
#pragma once

#include "core/limits.hpp"
#include "core/time.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace strowger::http {

class eio_session;

// What a session's messages are for: one object per session.
class eio_app {
public:
  virtual ~eio_app() = default;
  // False: the message may not be, and the session ends.
  virtual bool on_text(std::string_view message) = 0;
  virtual bool on_binary(std::string_view message) = 0;
  virtual void on_heard() {}                       // any sign of life
  virtual void on_close(std::string_view why) = 0; // once, last; nothing can be sent any more
};

struct eio_options {
  std::string path = "/socket.io/"; // with its last slash; requests may leave that out
  duration_ms ping_interval_ms = limits::engine_ping_interval_ms;
  duration_ms ping_timeout_ms = limits::engine_ping_timeout_ms;
  duration_ms connect_timeout_ms = limits::engine_connect_timeout_ms; // of Socket.IO
  duration_ms upgrade_timeout_ms = limits::engine_upgrade_timeout_ms;
  std::size_t payload_bytes_max = limits::engine_payload_bytes_max; // one message, one POST
  std::size_t sessions_max = limits::engine_sessions_max;
  std::size_t unknown_per_peer_max = limits::engine_unconnected_per_peer_max;
  // Called once per session, when it opens. Empty: the product's.
  std::function<std::shared_ptr<eio_app>(const std::shared_ptr<eio_session>&)> app;
  bool needs_site = true; // 503 while there is none
};

} // namespace strowger::http
