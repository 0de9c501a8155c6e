// Metrics by name, declared once in metrics_table.cpp; rendered as Prometheus text (format 0.0.4).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace strowger::metrics {

// To add one: an enumerator here, a row at the same place in metrics_table.cpp.
enum class counter : std::uint8_t {
  http_requests,       // label class: 2xx 3xx 4xx 5xx
  logins,              // label outcome: ok refused limited
  connections,         // label kind: ws sse link
  messages_received,   //
  messages_sent,       //
  slow_sockets_closed, // a full send queue
  commands,            // label kind: agent call extension license session
  commands_refused,    // label kind
  events_committed,    //
  groups_committed,    //
  append_failures,     //
  calls_ended,         // label outcome: answered busy no_answer rejected cancelled failed
  overload_refusals,   // answered 503 at the door
  tokenless_uses,      // compat.tokenless
  stun_requests,       //
  media_packets,       // label way: in out
  media_dropped,       // label reason: see media/drop.hpp
  media_handshakes,    // label outcome: ok failed timeout
  count_
};

enum class gauge : std::uint8_t {
  ready, // 1: serving; 0: recovering or draining
  sockets_open,
  devices_live,
  sessions_live,
  calls_live,
  seats_used,
  seats_max,
  actors_live, // label kind
  journal_position,
  journal_waiting,       // appends waiting for the disk, barriers included
  publisher_lag,         // committed events not yet published
  log_lines_dropped,     //
  password_jobs_waiting, //
  admission_limit,       // label kind: calls arrivals
  media_transports,      //
  media_producers,       //
  media_consumers,       //
  media_legs_rated,      // label rating: good fair poor bad
  count_
};

enum class histogram : std::uint8_t {
  http_seconds,
  command_seconds, // decided to reply released, durable
  commit_seconds,  // one group: handed to the writer until synced
  group_events,    // events per group commit
  login_seconds,
  media_mos,            // of each report of a leg, see media/quality.hpp
  media_jitter_seconds, //
  media_rtt_seconds,    // between relay and device
  media_loss,           // of the packets sent to it, 0 to 1
  count_
};

// All from any thread. A label value that the table does not list is counted as "other".
void add(counter which, std::string_view label = {}, std::uint64_t n = 1);
void set(gauge which, std::int64_t value, std::string_view label = {});
void change(gauge which, std::int64_t by, std::string_view label = {});
void observe(histogram which, double value);

// Counts in a gauge as long as it lives. The label must outlive it.
class counted {
public:
  explicit counted(gauge which, std::string_view label = {}) : which_(which), label_(label) {
    change(which_, 1, label_);
  }
  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;
  ~counted() { change(which_, -1, label_); }

private:
  gauge which_;
  std::string_view label_;
};

// Seconds since it was made, on the steady clock; for histograms only, nothing may decide by it.
class stopwatch {
public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - since_).count();
  }

private:
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

// The whole page for GET /metrics, "text/plain; version=0.0.4".
std::string render();

} // namespace strowger::metrics
