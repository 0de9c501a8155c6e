// What the server tells a client, independent of the dialect that carries it. One event has one
// name and one payload on every surface; `fields` spells the wire names.
#pragma once

#include "core/fields.hpp"
#include "core/ids.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace strowger::notice {

struct candidate {
  std::string candidate;
  std::optional<std::string> mid;
  std::int64_t line = 0;
  static constexpr auto fields =
      std::tuple{field{"candidate", &candidate::candidate}, field{"sdpMid", &candidate::mid},
                 field{"sdpMLineIndex", &candidate::line}};
};
struct call_incoming {
  static constexpr auto name = "call:incoming";
  call_id call;
  std::string number;    // the caller's
  std::string caller_id; // its display name
  bool video = false;
  static constexpr auto fields = std::tuple{
      field{"callId", &call_incoming::call}, field{"phoneNumber", &call_incoming::number},
      field{"callerId", &call_incoming::caller_id}, field{"video", &call_incoming::video}};
};
struct call_ringing {
  static constexpr auto name = "call:ringing";
  call_id call;
  std::string number; // the target's; a call placed by REST is news to the calling device
  static constexpr auto fields =
      std::tuple{field{"callId", &call_ringing::call}, field{"phoneNumber", &call_ringing::number}};
};
struct call_answered {
  static constexpr auto name = "call:answered";
  call_id call;
  instant timestamp;
  std::uint32_t bridge = 0;
  std::string role;
  std::optional<std::string> producer; // what there is to consume, through the relay
  static constexpr auto fields = std::tuple{
      field{"callId", &call_answered::call}, field{"timestamp", &call_answered::timestamp},
      field{"bridge", &call_answered::bridge}, field{"role", &call_answered::role},
      field{"producerId", &call_answered::producer}};
};
struct call_cancelled {
  static constexpr auto name = "call:cancelled";
  call_id call;
  std::string reason;
  static constexpr auto fields =
      std::tuple{field{"callId", &call_cancelled::call}, field{"reason", &call_cancelled::reason}};
};
struct call_held {
  static constexpr auto name = "call:held";
  call_id call;
  bool on_hold = false;
  std::string by;
  static constexpr auto fields =
      std::tuple{field{"callId", &call_held::call}, field{"isOnHold", &call_held::on_hold},
                 field{"by", &call_held::by}};
};
struct call_muted {
  static constexpr auto name = "call:muted";
  call_id call;
  bool muted = false;
  static constexpr auto fields =
      std::tuple{field{"callId", &call_muted::call}, field{"isMuted", &call_muted::muted}};
};
struct call_peer_muted {
  static constexpr auto name = "call:peer-muted";
  call_id call;
  bool muted = false;
  static constexpr auto fields = std::tuple{field{"callId", &call_peer_muted::call},
                                            field{"isMuted", &call_peer_muted::muted}};
};
struct call_dtmf {
  static constexpr auto name = "call:dtmf";
  call_id call;
  std::string tone;
  std::int64_t duration = 0;
  static constexpr auto fields =
      std::tuple{field{"callId", &call_dtmf::call}, field{"tone", &call_dtmf::tone},
                 field{"duration", &call_dtmf::duration}};
};
struct call_transferred {
  static constexpr auto name = "call:transferred";
  call_id call;
  std::string target;
  static constexpr auto fields = std::tuple{field{"callId", &call_transferred::call},
                                            field{"target", &call_transferred::target}};
};
struct call_transfer_failed {
  static constexpr auto name = "call:transfer-failed";
  call_id call;
  std::string target;
  std::string reason;
  static constexpr auto fields = std::tuple{field{"callId", &call_transfer_failed::call},
                                            field{"target", &call_transfer_failed::target},
                                            field{"reason", &call_transfer_failed::reason}};
};
struct call_ended {
  static constexpr auto name = "call:ended";
  call_id call;
  std::int64_t duration = 0; // milliseconds from answer to end
  std::string reason;
  static constexpr auto fields =
      std::tuple{field{"callId", &call_ended::call}, field{"duration", &call_ended::duration},
                 field{"reason", &call_ended::reason}};
};
struct call_failed {
  static constexpr auto name = "call:failed";
  call_id call;
  std::string error;
  static constexpr auto fields =
      std::tuple{field{"callId", &call_failed::call}, field{"error", &call_failed::error}};
};
struct call_recording { // to every party, and to who joins while it runs
  static constexpr auto name = "call:recording";
  call_id call;
  std::uint32_t recording = 0;
  std::string state;                  // started | paused | resumed | stopped
  std::optional<std::string> by;      // the number of the party that asked
  std::optional<std::string> consent; // of started: given | not_required
  std::optional<std::string> reason;  // of stopped: asked | call_ended | ...
  static constexpr auto fields =
      std::tuple{field{"callId", &call_recording::call},
                 field{"recordingId", &call_recording::recording},
                 field{"state", &call_recording::state},
                 field{"by", &call_recording::by},
                 field{"consent", &call_recording::consent},
                 field{"reason", &call_recording::reason}};
};
struct webrtc_offer { // candidates: those that came before there was anybody to take them
  static constexpr auto name = "webrtc:offer";
  call_id call;
  std::uint32_t bridge = 0;
  std::string sdp;
  std::vector<candidate> candidates;
  static constexpr auto fields =
      std::tuple{field{"callId", &webrtc_offer::call}, field{"bridge", &webrtc_offer::bridge},
                 field{"sdp", &webrtc_offer::sdp}, field{"candidates", &webrtc_offer::candidates}};
};
struct webrtc_answer {
  static constexpr auto name = "webrtc:answer";
  call_id call;
  std::uint32_t bridge = 0;
  std::string sdp;
  static constexpr auto fields =
      std::tuple{field{"callId", &webrtc_answer::call}, field{"bridge", &webrtc_answer::bridge},
                 field{"sdp", &webrtc_answer::sdp}};
};
struct webrtc_candidate {
  static constexpr auto name = "webrtc:ice-candidate";
  call_id call;
  std::uint32_t bridge = 0;
  candidate what; // an empty candidate text: end of candidates
  static constexpr auto fields = std::tuple{field{"callId", &webrtc_candidate::call},
                                            field{"bridge", &webrtc_candidate::bridge},
                                            field{"candidate", &webrtc_candidate::what}};
};
struct webrtc_renegotiate {
  static constexpr auto name = "webrtc:renegotiate";
  call_id call;
  std::uint32_t bridge = 0;
  std::string role; // offer | answer
  std::string number;
  static constexpr auto fields = std::tuple{
      field{"callId", &webrtc_renegotiate::call}, field{"bridge", &webrtc_renegotiate::bridge},
      field{"role", &webrtc_renegotiate::role}, field{"phoneNumber", &webrtc_renegotiate::number}};
};
// Of the relay. No history: they have no place in the log, and are told again after a return.
struct webrtc_new_producer {
  static constexpr auto name = "webrtc:new-producer";
  call_id call;
  std::string producer;
  std::string kind; // audio | video
  static constexpr auto fields = std::tuple{field{"callId", &webrtc_new_producer::call},
                                            field{"producerId", &webrtc_new_producer::producer},
                                            field{"kind", &webrtc_new_producer::kind}};
};
struct webrtc_consumer_closed {
  static constexpr auto name = "webrtc:consumer-closed";
  call_id call;
  std::string consumer, producer;
  static constexpr auto fields = std::tuple{field{"callId", &webrtc_consumer_closed::call},
                                            field{"consumerId", &webrtc_consumer_closed::consumer},
                                            field{"producerId", &webrtc_consumer_closed::producer}};
};
struct webrtc_transport_lost {
  static constexpr auto name = "webrtc:transport-lost";
  call_id call;
  std::optional<std::string> transport; // none after a restart: all of them
  std::string reason;                   // closed | silent | restarted
  static constexpr auto fields = std::tuple{field{"callId", &webrtc_transport_lost::call},
                                            field{"transportId", &webrtc_transport_lost::transport},
                                            field{"reason", &webrtc_transport_lost::reason}};
};
// How the call sounds at this device. No history.
struct call_quality {
  static constexpr auto name = "call:quality";
  call_id call;
  std::uint32_t mos_x100 = 0; // of what it hears: 100 to 450 (ITU-T G.107)
  std::string rating;         // good | fair | poor | bad
  std::uint32_t jitter_us = 0, loss_permyriad = 0;
  std::optional<std::uint32_t> rtt_us;
  std::optional<std::uint32_t> sent_jitter_us, sent_loss_permyriad; // of what it sends
  static constexpr auto fields = std::tuple{
      field{"callId", &call_quality::call},
      field{"mosX100", &call_quality::mos_x100},
      field{"rating", &call_quality::rating},
      field{"jitterUs", &call_quality::jitter_us},
      field{"lossPermyriad", &call_quality::loss_permyriad},
      field{"rttUs", &call_quality::rtt_us},
      field{"sentJitterUs", &call_quality::sent_jitter_us},
      field{"sentLossPermyriad", &call_quality::sent_loss_permyriad}};
};
struct presence {
  static constexpr auto name = "presence";
  std::string extension;
  std::string status; // online | offline
  std::uint32_t client_count = 0;
  static constexpr auto fields =
      std::tuple{field{"extension", &presence::extension}, field{"status", &presence::status},
                 field{"client_count", &presence::client_count}};
};

using any =
    std::variant<call_incoming, call_ringing, call_answered, call_cancelled, call_held, call_muted,
                 call_peer_muted, call_dtmf, call_transferred, call_transfer_failed, call_ended,
                 call_failed, webrtc_offer, webrtc_answer, webrtc_candidate, webrtc_renegotiate,
                 presence, webrtc_new_producer, webrtc_consumer_closed, webrtc_transport_lost,
                 call_recording, call_quality>;

// A call as a device sees it when it (re)connects.
struct call_snapshot {
  call_id call;
  std::string state;     // ringing | answered
  std::string direction; // in | out
  std::string number;    // the other side's
  std::string caller_id;
  bool on_hold = false;
  bool muted = false;
  std::uint32_t bridge = 0;
  std::string role; // offer | answer | ""
  std::optional<instant> answered_at;
  static constexpr auto fields = std::tuple{field{"callId", &call_snapshot::call},
                                            field{"state", &call_snapshot::state},
                                            field{"direction", &call_snapshot::direction},
                                            field{"phoneNumber", &call_snapshot::number},
                                            field{"callerId", &call_snapshot::caller_id},
                                            field{"isOnHold", &call_snapshot::on_hold},
                                            field{"isMuted", &call_snapshot::muted},
                                            field{"bridge", &call_snapshot::bridge},
                                            field{"role", &call_snapshot::role},
                                            field{"answeredAt", &call_snapshot::answered_at}};
};

} // namespace strowger::notice
