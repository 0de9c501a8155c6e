// The words of the relay's face: ids, options, answers, events, figures.
#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "media/parameters.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace strowger::media {

// Opaque, 128 random bits as 32 hexadecimal digits. Who knows one may use it: keep them per owner.
using transport_id = id<struct media_transport_tag>;
using producer_id = id<struct media_producer_tag>;
using consumer_id = id<struct media_consumer_tag>;
using tap_id = id<struct media_tap_tag>;

enum class refusal : std::uint8_t {
  none,
  unknown_transport, // never there, or closed since
  unknown_producer,  //
  unknown_consumer,  //
  already_connected, // connect_transport with other words than the first time
  weak_fingerprint,  // no sha-256, sha-384 or sha-512 among them
  malformed,         // parameters that contradict themselves, or out of range
  wrong_direction,   // produce on a transport to the client, consume on one from it
  ssrc_taken,        // on this transport, now or before
  codec_mismatch,    // nothing in the consumer's codecs fits the producer's
  too_many,          // limits.hpp, "media"
  stopped,           // the relay is
};
std::string_view text_of(refusal why); // "unknown-transport": a kebab-case word per enumerator

template <class T> struct result {
  refusal why = refusal::none;
  T value{}; // meaningful when `why` is none
  explicit operator bool() const { return why == refusal::none; }
};
struct nothing {};
template <class T> using done = std::function<void(result<T>)>;

// ---- transports

enum class direction : std::uint8_t { both, from_client, to_client }; // "send" is from_client

struct ice_parameters { // the relay is ICE-lite, always (RFC 8445)
  std::string ufrag;
  std::string password;
};
struct candidate { // a host candidate
  std::string foundation;
  std::uint32_t priority = 0;
  std::string ip;
  std::uint16_t port = 0;
  bool tcp = false; // then tcptype passive (RFC 6544)
};
struct fingerprint {
  std::string algorithm; // "sha-256" | "sha-384" | "sha-512", any case
  std::string value;     // "CF:F0:..."
  bool operator==(const fingerprint&) const = default;
};
enum class dtls_role : std::uint8_t { automatic, client, server };

struct transport_options {
  std::string owner; // comes back in every event; the relay does not read it
  direction towards = direction::both;
};
struct transport_made {
  transport_id id;
  ice_parameters ice;
  std::vector<candidate> candidates;
  std::vector<fingerprint> fingerprints; // of the relay's certificate; its role is "auto"
};
struct remote_dtls {                  // what the client says of itself
  dtls_role role = dtls_role::client; // `server`: the relay sends the ClientHello
  std::vector<fingerprint> fingerprints{};
  bool operator==(const remote_dtls&) const = default;
};

// ---- producers and consumers

struct producer_options {
  media::kind kind = kind::audio;
  rtp_parameters rtp;
  bool paused = false;
};
struct consumer_options {
  rtp_parameters rtp; // encodings[0]: ssrc 0 lets the relay choose; rtx only if rtx codec is there
  bool paused = false;
  // When its producer closes, the consumer stays, silent, until switch_source gives it another:
  // the client notices nothing. Otherwise it closes with its producer.
  bool outlives_producer = false;
  media::kind kind = kind::audio; // where no producer is named
};
struct consumer_made {
  consumer_id id;
  media::kind kind = kind::audio;
  std::uint32_t ssrc = 0;
  std::uint32_t rtx_ssrc = 0; // 0: none
  bool producer_paused = false;
};

// ---- sound from memory, and packets to a listener inside the server

struct frame { // one RTP payload
  std::vector<std::uint8_t> payload;
  std::uint32_t ticks = 0; // how long it lasts, in units of the clock rate: 160 at 8 kHz are 20 ms
  bool marker = false;
};
struct player_options {
  media::kind kind = kind::audio;
  media::codec codec;
  std::shared_ptr<const std::vector<frame>> frames; // may be null: everything comes by feed()
  bool loop = true;                                 // else ends with player_ended
};
struct tapped { // one plain RTP packet; `payload` lives as long as the call
  std::uint32_t ssrc = 0, timestamp = 0;
  std::uint16_t sequence = 0;
  std::uint8_t payload_type = 0;
  bool marker = false;
  std::int64_t arrived_us = 0; // steady clock
  std::span<const std::uint8_t> payload;
};
// Called on the media thread for every packet as it arrives (not reordered, lost ones missing).
// Must not block, throw or call the relay back synchronously with anything but its own methods.
using tap_sink = std::function<void(const tapped&)>;

// ---- figures

enum class dtls_state : std::uint8_t { idle, connecting, connected, failed, closed };

struct transport_stats {
  transport_id id;
  std::string owner;
  dtls_state dtls = dtls_state::idle;
  std::string srtp_profile;   // "AEAD_AES_128_GCM"; empty before DTLS is done
  std::string selected_tuple; // "udp 127.0.0.1:5004"; empty: none yet
  std::uint64_t packets_in = 0, bytes_in = 0, packets_out = 0, bytes_out = 0; // SRTP and SRTCP
  std::uint64_t dropped = 0;                  // of all reasons; by reason in the metrics
  std::optional<std::int64_t> last_packet_ms; // ago, anything authentic; none yet: empty
};
struct stream_stats { // of a producer: as received here. Of a consumer: as its client reports.
  std::uint64_t packets = 0, bytes = 0; // RTP payload with header; received or sent
  std::int64_t lost = 0;                // cumulative (RFC 3550); negative with duplicates
  double fraction_lost = 0;             // of the last report interval, 0..1
  double jitter_ms = 0;
  std::optional<double> rtt_ms;               // consumers only
  std::optional<std::int64_t> last_packet_ms; // ago
  std::uint64_t nacks = 0, plis = 0;          // asked for by the receiving side
  bool paused = false;
};

// ---- events

enum class close_reason : std::uint8_t {
  asked,            // close_transport and its like
  close_notify,     // the client's pc.close()
  dtls_failed,      // wrong fingerprint, no SRTP profile, an alert
  dtls_timeout,     // never finished
  transport_closed, // cascade
  producer_closed,  // cascade
};
std::string_view text_of(close_reason why);

namespace happened {
struct transport_connected {
  std::string srtp_profile;
}; // DTLS is done and the fingerprint right
struct transport_closed {
  close_reason why = close_reason::asked;
}; // not after close_transport
struct transport_silent {
  duration_ms since = 0;
};                         // nothing authentic came for so long; once
struct transport_heard {}; // after silence
struct tuple_changed {
  std::string tuple;
}; // the client's address
struct producer_closed {
  producer_id producer;
  close_reason why = close_reason::asked;
}; // cascade
struct consumer_closed {
  consumer_id consumer;
  close_reason why = close_reason::asked;
};                   // cascade
struct source_lost { // one that outlives its producer has none now
  consumer_id consumer;
};
struct player_ended {
  producer_id producer;
};
struct quality { // about every limits::media_quality_every_ms, per stream that flows
  std::variant<producer_id, consumer_id> stream;
  media::kind kind = kind::audio;
  stream_stats figures;
  std::string codec{}; // "audio/opus"
};
} // namespace happened

struct event {
  transport_id transport; // empty for a player's
  std::string owner;
  std::variant<happened::transport_connected, happened::transport_closed,
               happened::transport_silent, happened::transport_heard, happened::tuple_changed,
               happened::producer_closed, happened::consumer_closed, happened::source_lost,
               happened::player_ended, happened::quality>
      what;
};

} // namespace strowger::media
