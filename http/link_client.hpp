// The slave's end of a link: keeps one WebSocket to the master, GET <base>/licenses/link with the
// license's key, and comes back whenever it is lost. Says in the log why there is none.
#pragma once

#include "actors/runtime/gateway.hpp"
#include "core/limits.hpp"
#include "security/random.hpp"

#include <memory>
#include <string>

namespace strowger::http {

struct link_settings {
  std::string master_url;                   // "http://localhost:8001/api", "https://..."
  std::string key;                          // of the license
  std::string ca_file;                      // PEM, for https; empty: the system's authorities
  duration_ms connect_deadline_ms = 10'000; // name, connection, TLS and upgrade in all
  // Every failure doubles the wait up to the maximum, and a random half of it is left out, so that
  // slaves do not come back all at once; a link that held for good_after_ms begins anew.
  duration_ms retry_min_ms = 250, retry_max_ms = 10'000, good_after_ms = 1'000;
  duration_ms refused_retry_ms = 60'000; // the master does not want us: 401, 403, 409, ...
  duration_ms ping_interval_ms = limits::ping_interval_ms;
  duration_ms silence_ms = limits::silence_ms;
  duration_ms close_deadline_ms = 2'000;
  std::size_t queue_bytes_max = limits::socket_queue_bytes_max;
};

class link_client {
public:
  // `on` is one of the server's lanes. The gateway and the random source must live until stop().
  // Throws std::invalid_argument for an address that is none, std::runtime_error for an unusable CA
  // file, each with a sentence.
  link_client(link_settings settings, const std::shared_ptr<runtime::executor>& on,
              runtime::gateway& gateway, security::random_source& random);
  ~link_client(); // stops
  link_client(const link_client&) = delete;
  link_client& operator=(const link_client&) = delete;

  void start(); // once
  // The gateway hears of nothing afterwards; a link that is open was reported lost. Waits at most
  // 300 ms for the goodbye; also fine when the lane has ended. Idempotent; not from the lane.
  void stop();

private:
  class dialer;
  std::shared_ptr<runtime::executor> lane_; // must be there as long as its timers are
  std::shared_ptr<dialer> dialer_;
};

} // namespace strowger::http
