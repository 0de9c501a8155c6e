// The HTTP server: listeners, lanes, the drain. The one http/ header that cli needs.
#pragma once

#include "actors/runtime/gateway.hpp"
#include "http/options.hpp"

#include <memory>
#include <vector>

namespace strowger::http {

class media_door;

using lane_list = std::vector<std::shared_ptr<runtime::executor>>;

// The threads that sockets and actors share. Made first, because the gateway's actors live on them;
// they run when the server starts.
lane_list make_lanes(std::size_t count);

class server {
public:
  // Throws std::runtime_error with a sentence when a certificate is unusable. Nothing listens yet.
  // `lanes` come from make_lanes; empty: options.lanes own ones.
  explicit server(options opt, const lane_list& lanes = {});
  ~server(); // stops

  // Binds every address and runs the lanes. Throws std::runtime_error naming the address when one
  // cannot be bound. The STUN responder is best effort: a taken port is logged.
  void start();

  // From now on this is whom clients are served by; it must outlive this. Until then /health and
  // the pages are there, /ready and everything else is 503. `media` too, if there is one.
  void serve(runtime::gateway& gateway, media_door* media = nullptr);

  std::vector<std::shared_ptr<runtime::executor>> lanes() const; // also before start
  std::vector<endpoint> listening() const;                       // after start, with the real ports
  std::vector<endpoint> stun_listening() const;                  // those that could be bound

  // /ready says 503, sockets get 1001, requests under way are answered. Returns when all
  // connections that there were are gone or after `at_most_ms`. New ones still hear /health and
  // /ready, and 503 for the rest, until stop(). Not from a lane.
  void drain(duration_ms at_most_ms);
  void stop(); // cuts what is left and ends the threads; idempotent

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace strowger::http
