// The media relay's face: transports (ICE-lite, DTLS-SRTP), producers and consumers of RTP.
// README.md has the table of who closes whom and what the relay does to packets.
#pragma once

#include "actors/runtime/gateway.hpp" // executor
#include "media/relay_types.hpp"

#include <memory>
#include <string>

namespace strowger::media {

struct options {
  std::string listen_ip = "127.0.0.1"; // IPv4 or IPv6 literal
  std::string announced_ip;         // what candidates say (WEBRTC_ANNOUNCED_IP); empty: listen_ip
  std::uint16_t port = 0;           // UDP, and TCP of the same number; 0: any that is free
  bool tcp = true;                  // ICE-TCP besides UDP
  duration_ms silent_after_ms = 0;  // 0: limits::media_silent_ms
  duration_ms dtls_timeout_ms = 0;  // 0: limits::media_dtls_ms
  duration_ms quality_every_ms = 0; // 0: limits::media_quality_every_ms
};

// Where a call's answer goes: posted to that lane, exactly once, also when the relay stops.
using lane = std::shared_ptr<runtime::executor>;

struct listener {
  lane on;
  std::function<void(const event&)> hear; // in the order in which things happened
};

// Every method may be called from any thread and returns at once; the relay's own thread does the
// work, calls in order. `done` may be empty. Ids that are unknown are refused, never an error of
// the program.
class relay {
public:
  virtual ~relay() = default; // stops: pending answers get refusal::stopped, clients a close_notify

  virtual std::uint16_t port() const = 0; // that was bound

  // ---- transports
  virtual void create_transport(const lane&, transport_options, done<transport_made>) = 0;
  // Once. Repeating the same words is fine (a retry); others are refused. Before it no DTLS is
  // finished, and no media passes.
  virtual void connect_transport(const lane&, const transport_id&, remote_dtls, done<nothing>) = 0;
  // New ufrag and password. The old ones work until the client has used the new ones once; media
  // goes on meanwhile.
  virtual void restart_ice(const lane&, const transport_id&, done<ice_parameters>) = 0;
  // Closes its producers and consumers, too: the listener hears of each that was not named here.
  virtual void close_transport(const lane&, const transport_id&, done<nothing>) = 0;

  // ---- producers: RTP that a client sends
  virtual void produce(const lane&, const transport_id&, producer_options, done<producer_id>) = 0;
  virtual void pause_producer(const lane&, const producer_id&, bool paused, done<nothing>) = 0;
  virtual void close_producer(const lane&, const producer_id&, done<nothing>) = 0;

  // ---- consumers: RTP that a client gets. Without a producer (an empty id) one that outlives it
  // is made silent, as after its source was lost.
  virtual void consume(const lane&, const transport_id&, const producer_id&, consumer_options,
                       done<consumer_made>) = 0;
  virtual void pause_consumer(const lane&, const consumer_id&, bool paused, done<nothing>) = 0;
  virtual void close_consumer(const lane&, const consumer_id&, done<nothing>) = 0;
  // The client goes on hearing one stream: same SSRC, sequence numbers without a gap, timestamps
  // that go on. For video a key frame is asked for and waited for. Refused with codec_mismatch when
  // the new source has no codec that the consumer has; the old one then stays.
  virtual void switch_source(const lane&, const consumer_id&, const producer_id&,
                             done<nothing>) = 0;
  virtual void request_key_frame(const lane&, const consumer_id&, done<nothing>) = 0;

  // ---- inside the server
  // A producer without a transport: music on hold, announcements. Consume it like any other; close
  // it with close_producer. It plays only while somebody consumes it.
  virtual void create_player(const lane&, player_options, done<producer_id>) = 0;
  // Appends frames to a player (at most limits::media_player_frames_max wait).
  virtual void feed(const lane&, const producer_id&, std::vector<frame>, done<nothing>) = 0;
  // Everything a producer sends, also while it has no consumer; nothing while it is paused. Ends
  // with the producer (no event: producer_closed says it) or with close_tap, after whose answer the
  // sink is not called again.
  virtual void tap(const lane&, const producer_id&, tap_sink, done<tap_id>) = 0;
  virtual void close_tap(const lane&, const tap_id&, done<nothing>) = 0;

  // ---- figures, as of now
  virtual void stats(const lane&, const transport_id&, done<transport_stats>) = 0;
  virtual void stats(const lane&, const producer_id&, done<stream_stats>) = 0;
  virtual void stats(const lane&, const consumer_id&, done<stream_stats>) = 0;
};

// Binds the ports and starts the thread. Null when that failed: `why` says so for people.
std::unique_ptr<relay> start_relay(const options& with, listener events, std::string& why);

} // namespace strowger::media
