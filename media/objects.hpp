// What the relay's thread holds: transports, producers, consumers, and how they point at each
// other. Owned by the engine; everything here is touched by its thread only.
#pragma once

#include "media/continuity.hpp"
#include "media/dtls.hpp"
#include "media/ice.hpp"
#include "media/key_frame.hpp"
#include "media/missing.hpp"
#include "media/packet_store.hpp"
#include "media/reception.hpp"
#include "media/relay.hpp"
#include "media/rtp.hpp"
#include "media/srtp.hpp"
#include "media/transport_cc.hpp"
#include "media/udp_socket.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace strowger::media {

inline constexpr std::uint8_t no_payload_type = 0xFF;

struct transport;
struct producer;
struct consumer;

// Where the memory lies that a client's next packet will need. Only for fetching it: nobody looks
// into it, and it may be long gone.
struct expected {
  static constexpr std::size_t max = 16;
  std::uint8_t count = 0;
  std::uint8_t age = 0;               // packets, modulo 256
  std::array<std::uint8_t, max> size; // in lines of 64 bytes
  std::array<const void*, max> from;

  void add(const void* what, std::size_t lines) {
    if (count == max) return;
    size[count] = static_cast<std::uint8_t>(lines);
    from[count++] = what;
  }
  void fetch() const {
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t line = 0; line < size[i]; ++line)
        __builtin_prefetch(static_cast<const std::uint8_t*>(from[i]) + 64 * line);
  }
};

struct path { // an address that has shown the client's ICE password
  udp_peer peer;
  transport* owner = nullptr;
  std::int64_t seen_us = 0;
  std::int64_t authentic_us = 0; // SRTP or SRTCP of its owner came by it last
  bool proven = false;           // DTLS went to and fro: who sends from here hears here
  expected next;
};

struct stream { // one SSRC that a client sends
  std::uint32_t ssrc = 0;
  producer* of = nullptr;
  bool repairs = false; // RTX
  reception got;
};

struct tap_entry {
  tap_id id;
  tap_sink sink;
};

struct player { // a producer that plays
  std::shared_ptr<const std::vector<frame>> frames;
  bool loop = true, ended = false;
  std::size_t at = 0;
  std::deque<frame> fed;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0, ssrc = 0;
  double due_us = 0; // 0: not playing
  std::int64_t last_us = 0;
};

struct producer { // what each packet needs comes first, here and below
  transport* on = nullptr; // null: a player
  media::kind kind = kind::audio;
  bool paused = false;
  std::uint8_t mid_id = 0, transport_cc_id = 0;
  bool nacks = false, plis = false, firs = false, takes_remb = false;
  video_codec video = video_codec::other;
  std::uint32_t clock_rate = 0; // of the first codec
  std::unique_ptr<stream> main, repair;
  std::vector<consumer*> consumers;
  std::vector<tap_entry> taps;
  producer_id id;
  rtp_parameters rtp;
  std::array<std::uint8_t, 128> codec_of{};    // payload type -> index into rtp.codecs, or 0xFF
  std::array<std::uint8_t, 128> repaired_by{}; // payload type of an RTX codec -> what it repairs
  std::unique_ptr<player> plays;
  packet_store store;
  missing holes;
  std::int64_t key_frame_asked_us = 0;
  bool key_frame_wanted = false; // asked for within media_key_frame_every_ms: ask again then
  std::uint8_t fir_count = 0;
  std::uint64_t nacks_sent = 0, plis_sent = 0;
  std::int64_t quality_us = 0, remb_us = 0;
};

struct consumer {
  transport* on = nullptr;
  producer* from = nullptr; // null: its source is lost, and it waits for another
  media::kind kind = kind::audio;
  bool paused = false, outlives_producer = false, key_frame_awaited = false;
  std::uint32_t ssrc = 0, repair_ssrc = 0;
  std::uint16_t repair_sequence = 0;
  continuity place{0, 0};
  std::uint64_t packets = 0, octets = 0; // sent
  std::int64_t last_us = 0;
  consumer_id id;
  rtp_parameters rtp;
  std::array<std::uint8_t, 128> payload_type{};   // the producer's -> the consumer's
  std::array<std::uint8_t, 128> repair_payload{}; // the consumer's -> of its RTX
  std::array<std::uint32_t, 128> clock_rate{};    // by the producer's payload type
  extension_plan plan;
  // sent again, and what the client reports
  std::uint64_t repaired = 0, nacks = 0, plis = 0;
  static constexpr std::int64_t resend_slot_us = 20'000; // media_resends_per_slot_max in each
  std::int64_t resend_slot = 0;
  int resends = 0;
  std::int64_t lost = 0, quality_us = 0, report_us = 0;
  double fraction_lost = 0, jitter_ms = 0;
  std::optional<double> rtt_ms;
  struct sent_report {
    std::uint32_t ntp_middle = 0;
    std::int64_t at_us = 0;
  };
  std::array<sent_report, 4> reports{};
  std::size_t report_count = 0;
  std::uint64_t remb = 0;
};

struct transport {
  std::optional<srtp_session> srtp;
  path* selected = nullptr;
  std::vector<stream*> streams;
  std::int64_t authentic_us = 0;
  std::uint64_t packets_in = 0, bytes_in = 0, packets_out = 0, bytes_out = 0, dropped = 0;
  bool silent = false;
  transport_id id;
  std::string owner;
  direction towards = direction::both;
  ice_agent ice;
  std::vector<std::unique_ptr<path>> paths;
  path* handshake_path = nullptr;
  std::optional<remote_dtls> remote;
  std::unique_ptr<dtls_association> dtls;
  dtls_state state = dtls_state::idle;
  std::string srtp_name;
  std::int64_t made_us = 0, handshake_us = 0;
  std::size_t handshake_datagrams = 0;
  bool listed = false;          // among the handshakes
  bool handshake_moved = false;        // it came from more than one address
  std::vector<producer*> producers;
  std::vector<consumer*> consumers;
  std::vector<std::uint32_t> heard; // senders of RTCP, and learned SSRCs; bounded
  std::vector<std::uint32_t>
      retired;                     // SSRCs of closed producers, the latest; their windows are kept
  std::vector<std::uint32_t> used; // SSRCs sent with; bounded
  arrivals came;
  std::uint32_t came_ssrc = 0;
  std::int64_t came_told_us = 0;
  std::uint32_t own_ssrc = 0; // our receiver reports come from it
  std::int64_t report_us = 0; // when the next is due
};

// Fills the tables that follow from `rtp`. `why` is not none when it contradicts itself.
refusal prepare(producer& out);
refusal prepare(consumer& out); // independent of the source
// Which payload type becomes which, and which extension; codec_mismatch when none of its media
// codecs fits: then nothing is changed.
refusal adapt(consumer& out, const producer& to);

} // namespace strowger::media
