#include "observe/metrics_table.hpp"

#include <array>

namespace strowger::metrics {
namespace {

constexpr std::string_view kinds = "agent call extension license session";

constexpr std::array counters = {
    row{"strowger_http_requests_total", "HTTP requests answered", "class", "2xx 3xx 4xx 5xx"},
    row{"strowger_logins_total", "Logins tried", "outcome", "ok refused limited"},
    row{"strowger_connections_total", "Long-lived connections opened", "kind", "ws socketio sse link"},
    row{"strowger_messages_received_total", "Messages received on long-lived connections"},
    row{"strowger_messages_sent_total", "Messages sent on long-lived connections"},
    row{"strowger_slow_sockets_closed_total", "Connections closed because their queue was full"},
    row{"strowger_commands_total", "Commands that reached an aggregate", "kind", kinds},
    row{"strowger_commands_refused_total", "Commands an aggregate refused", "kind", kinds},
    row{"strowger_events_committed_total", "Events on disk"},
    row{"strowger_groups_committed_total", "Group commits, one sync each"},
    row{"strowger_append_failures_total", "Appends that failed or have an unknown outcome"},
    row{"strowger_calls_ended_total", "Calls by how they ended", "outcome",
        "answered busy no_answer rejected cancelled failed"},
    row{"strowger_overload_refusals_total", "Requests and commands refused because of load"},
    row{"strowger_tokenless_uses_total", "Requests let in by compat.tokenless"},
    row{"strowger_stun_requests_total", "STUN binding requests answered"},
    row{"strowger_media_packets_total", "Packets of media that the relay took in and sent out",
        "way", "in out"},
    row{"strowger_media_dropped_total", "Datagrams that the relay dropped", "reason",
        "malformed oversized unknown_address unknown_user bad_integrity replayed unknown_ssrc "
        "too_many not_connected send_failed no_codec handshake address_held"},
    row{"strowger_media_handshakes_total", "DTLS handshakes of the relay", "outcome",
        "ok failed timeout"},
};

constexpr std::array gauges = {
    row{"strowger_ready", "1 while serving, 0 while recovering or draining"},
    row{"strowger_sockets_open", "Open client connections"},
    row{"strowger_devices_live", "Devices with a live connection"},
    row{"strowger_sessions_live", "Sessions that are open"},
    row{"strowger_calls_live", "Calls that have not ended"},
    row{"strowger_seats_used", "License seats in use"},
    row{"strowger_seats_max", "License seats there are"},
    row{"strowger_actors_live", "Aggregates in memory", "kind", kinds},
    row{"strowger_journal_position", "Last committed position of the log"},
    row{"strowger_journal_waiting", "Appends waiting for the disk"},
    row{"strowger_publisher_lag_events", "Committed events not yet published"},
    row{"strowger_log_lines_dropped", "Log lines lost to a full queue since the start"},
    row{"strowger_password_jobs_waiting", "Logins waiting for the password thread"},
    row{"strowger_admission_limit", "New work that may be under way", "kind", "calls arrivals"},
    row{"strowger_media_transports", "Transports of the media relay"},
    row{"strowger_media_producers", "Streams that the media relay receives or plays"},
    row{"strowger_media_consumers", "Streams that the media relay sends"},
    row{"strowger_media_legs_rated", "Legs that the relay carries, by how they sound", "rating",
        "good fair poor bad"},
};

constexpr std::array histograms = {
    row{"strowger_http_seconds", "Time from a parsed HTTP request to its answer"},
    row{"strowger_command_seconds", "Time from a decision to its durable reply"},
    row{"strowger_commit_seconds", "Time of one group commit until it is synced"},
    row{"strowger_group_events", "Events in one group commit"},
    row{"strowger_login_seconds", "Time of one login, password check included"},
    row{"strowger_media_mos", "Estimated listening quality of a leg, 1 to 4.5"},
    row{"strowger_media_jitter_seconds", "Jitter of what a leg hears"},
    row{"strowger_media_rtt_seconds", "Round trip between the relay and a leg's device"},
    row{"strowger_media_loss_ratio", "Loss of what a leg hears, 0 to 1"},
};

static_assert(counters.size() == static_cast<std::size_t>(counter::count_));
static_assert(gauges.size() == static_cast<std::size_t>(gauge::count_));
static_assert(histograms.size() == static_cast<std::size_t>(histogram::count_));

constexpr std::array seconds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                0.025,  0.05,    0.1,    0.25,  0.5,    1.0,   5.0};
constexpr std::array events = {1.0, 2.0, 4.0, 8.0, 16.0, 64.0, 256.0, 1024.0, 4096.0, 16384.0};
constexpr std::array mos = {1.5, 2.0, 2.5, 2.8, 3.1, 3.4, 3.6, 3.8, 4.0, 4.2, 4.4};
constexpr std::array ratios = {0.0, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5};

} // namespace

std::span<const row> counter_rows() { return counters; }
std::span<const row> gauge_rows() { return gauges; }
std::span<const row> histogram_rows() { return histograms; }

std::span<const double> buckets_of(histogram which) {
  if (which == histogram::group_events) return events;
  if (which == histogram::media_mos) return mos;
  if (which == histogram::media_loss) return ratios;
  return seconds;
}

} // namespace strowger::metrics
