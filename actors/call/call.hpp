// One call: its legs, the bridges between them, and everything that happens to it, in one stream,
// transfers included, so that no crash can fall between two halves of a call.
//   leg 1 called, leg 2 was called; each transfer adds a leg. A bridge joins two legs for media
//   (offers, answers, candidates); bridge 1 is leg 1 <-> leg 2.
#pragma once

#include "actors/call/call_recording.hpp"
#include "core/decision.hpp"
#include "core/fields.hpp"
#include "core/limits.hpp"
#include "core/personal.hpp"

#include <map>
#include <optional>
#include <string>

namespace strowger::call {

enum class phase { none, ringing, answered, ended };
enum class leg_phase { calling, ringing, up, left };
enum class ring_phase { ringing, declined, unreached, lost, won };
enum class cause {
  hangup,
  cancelled,
  no_answer,
  rejected,
  busy,
  unreachable,
  device_lost,
  transferred
};
enum class transfer_kind { blind, warm };

struct party { // as known at the door; personal fields belong to the party's agent
  extension_id extension;
  agent_id agent;
  personal<std::string> number;
  personal<std::string> name;
  static constexpr auto fields =
      std::tuple{field{"extension", &party::extension}, field{"agent", &party::agent},
                 field{"number", &party::number}, field{"name", &party::name}};
};
struct candidate { // RTCIceCandidateInit; an empty `candidate` text ends the list
  std::string candidate;
  std::string mid;
  std::int32_t line = 0;
  static constexpr auto fields =
      std::tuple{field{"candidate", &candidate::candidate}, field{"mid", &candidate::mid},
                 field{"line", &candidate::line}};
};
using description = personal<std::string>; // SDP
using trickled = personal<call::candidate>;
using leg_number = std::uint32_t;    // from 1
using bridge_number = std::uint32_t; // from 1; 0: none, or "the current one" in a command

// Events. Tag and fields are the disk format: add, never rename.
struct placed { // one append from invite to ring
  static constexpr auto tag = "call.placed.v1";
  party caller;
  device_id caller_device;
  party callee;
  std::vector<device_id> rung;
  time_ms ring_until = 0;
  bool video = false;
  std::string method; // "webrtc"; "relay": its media goes through the relay
  std::string campaign, lead;
  time_ms at = 0;
  static constexpr auto fields = std::tuple{field{"caller", &placed::caller},
                                            field{"caller_device", &placed::caller_device},
                                            field{"callee", &placed::callee},
                                            field{"rung", &placed::rung},
                                            field{"ring_until", &placed::ring_until},
                                            field{"video", &placed::video},
                                            field{"method", &placed::method},
                                            field{"campaign", &placed::campaign},
                                            field{"lead", &placed::lead},
                                            field{"at", &placed::at}};
};
struct answered { // one winner; the other rung devices of this leg lost
  static constexpr auto tag = "call.answered.v1";
  leg_number leg = 0;
  device_id device;
  bridge_number bridge = 0; // the bridge that this answer opens (0: a blind transfer follows)
  time_ms at = 0;
  static constexpr auto fields =
      std::tuple{field{"leg", &answered::leg}, field{"device", &answered::device},
                 field{"bridge", &answered::bridge}, field{"at", &answered::at}};
};
struct device_stopped { // a rung device will not answer: declined, unreached or lost
  static constexpr auto tag = "call.device_stopped.v1";
  leg_number leg = 0;
  device_id device;
  ring_phase why{};
  static constexpr auto fields =
      std::tuple{field{"leg", &device_stopped::leg}, field{"device", &device_stopped::device},
                 field{"why", &device_stopped::why}};
};
struct held { // by this leg
  static constexpr auto tag = "call.held.v1";
  leg_number leg = 0;
  static constexpr auto fields = std::tuple{field{"leg", &held::leg}};
};
struct resumed {
  static constexpr auto tag = "call.resumed.v1";
  leg_number leg = 0;
  static constexpr auto fields = std::tuple{field{"leg", &resumed::leg}};
};
struct muted {
  static constexpr auto tag = "call.muted.v1";
  leg_number leg = 0;
  bool on = false;
  static constexpr auto fields = std::tuple{field{"leg", &muted::leg}, field{"on", &muted::on}};
};
struct dtmf_sent {
  static constexpr auto tag = "call.dtmf_sent.v1";
  leg_number leg = 0;
  std::string tone;
  duration_ms duration = 0;
  static constexpr auto fields =
      std::tuple{field{"leg", &dtmf_sent::leg}, field{"tone", &dtmf_sent::tone},
                 field{"duration", &dtmf_sent::duration}};
};
struct offer_sent { // kept until the bridge has a second device
  static constexpr auto tag = "call.offer_sent.v1";
  leg_number leg = 0;
  bridge_number bridge = 0;
  description sdp;
  static constexpr auto fields =
      std::tuple{field{"leg", &offer_sent::leg}, field{"bridge", &offer_sent::bridge},
                 field{"sdp", &offer_sent::sdp}};
};
struct answer_sent {
  static constexpr auto tag = "call.answer_sent.v1";
  leg_number leg = 0;
  bridge_number bridge = 0;
  description sdp;
  static constexpr auto fields =
      std::tuple{field{"leg", &answer_sent::leg}, field{"bridge", &answer_sent::bridge},
                 field{"sdp", &answer_sent::sdp}};
};
struct candidate_sent {
  static constexpr auto tag = "call.candidate_sent.v1";
  leg_number leg = 0;
  bridge_number bridge = 0;
  trickled what;
  static constexpr auto fields =
      std::tuple{field{"leg", &candidate_sent::leg}, field{"bridge", &candidate_sent::bridge},
                 field{"what", &candidate_sent::what}};
};
struct transfer_started { // `by` wants its peer joined with the new leg `to`
  static constexpr auto tag = "call.transfer_started.v1";
  leg_number by = 0;
  leg_number to = 0;
  transfer_kind kind{};
  party target;
  std::vector<device_id> rung;
  time_ms ring_until = 0;
  time_ms at = 0;
  static constexpr auto fields = std::tuple{
      field{"by", &transfer_started::by},     field{"to", &transfer_started::to},
      field{"kind", &transfer_started::kind}, field{"target", &transfer_started::target},
      field{"rung", &transfer_started::rung}, field{"ring_until", &transfer_started::ring_until},
      field{"at", &transfer_started::at}};
};
struct transferred { // leg `by` has left; `stayed` and `to` are joined by `bridge`
  static constexpr auto tag = "call.transferred.v1";
  leg_number by = 0;
  leg_number stayed = 0;
  leg_number to = 0;
  bridge_number bridge = 0;
  time_ms at = 0;
  static constexpr auto fields =
      std::tuple{field{"by", &transferred::by}, field{"stayed", &transferred::stayed},
                 field{"to", &transferred::to}, field{"bridge", &transferred::bridge},
                 field{"at", &transferred::at}};
};
struct transferor_released { // leg `by` has hung up while the target still rings: `by` is out, the
                             // transfer goes on
  static constexpr auto tag = "call.transferor_released.v1";
  leg_number by = 0;
  time_ms at = 0;
  static constexpr auto fields =
      std::tuple{field{"by", &transferor_released::by}, field{"at", &transferor_released::at}};
};
struct transfer_failed { // the call is as it was before
  static constexpr auto tag = "call.transfer_failed.v1";
  leg_number by = 0;
  leg_number to = 0;
  cause why{};
  time_ms at = 0;
  static constexpr auto fields =
      std::tuple{field{"by", &transfer_failed::by}, field{"to", &transfer_failed::to},
                 field{"why", &transfer_failed::why}, field{"at", &transfer_failed::at}};
};
struct ended { // all legs are gone. Never answered: "failed" on the wire
  static constexpr auto tag = "call.ended.v1";
  cause why{};
  leg_number by = 0; // 0: nobody's act (ring time, lost device of a leg is its leg)
  time_ms at = 0;
  static constexpr auto fields =
      std::tuple{field{"why", &ended::why}, field{"by", &ended::by}, field{"at", &ended::at}};
};
struct quality_noted { // how a leg's media was, once, when it leaves; also after the call
  static constexpr auto tag = "call.quality_noted.v1";
  leg_number leg = 0;
  extension_id extension; // of the leg: by it the row of a call that is over is found
  device_id device;
  std::uint32_t mos_x100 = 0; // 100 to 450; 0: not known
  std::uint32_t jitter_us = 0;
  std::uint32_t loss_permyriad = 0;
  std::uint32_t rtt_us = 0;
  std::uint64_t packets = 0;
  time_ms at = 0;
  static constexpr auto fields = std::tuple{
      field{"leg", &quality_noted::leg},
      field{"extension", &quality_noted::extension},
      field{"device", &quality_noted::device},
      field{"mos_x100", &quality_noted::mos_x100},
      field{"jitter_us", &quality_noted::jitter_us},
      field{"loss_permyriad", &quality_noted::loss_permyriad},
      field{"rtt_us", &quality_noted::rtt_us},
      field{"packets", &quality_noted::packets},
      field{"at", &quality_noted::at}};
};
using event = std::variant<placed, answered, device_stopped, held, resumed, muted, dtmf_sent,
                           offer_sent, answer_sent, candidate_sent, transfer_started, transferred,
                           transferor_released, transfer_failed, ended, recording_started,
                           recording_paused, recording_resumed, recording_stopped, recording_filed,
                           quality_noted>;
// What is known only when the call's media has ended may follow its end.
inline bool may_follow_the_end(const event& e) {
  return std::holds_alternative<recording_filed>(e) || std::holds_alternative<quality_noted>(e);
}

// Commands. `device` is who asks; not_in_call when it is no device of the call, call_unknown before
// `place`, call_over after the end. A repeat of what is already so decides nothing.
struct place {
  party caller;
  device_id caller_device;
  party callee;
  std::vector<device_id> rung; // live devices, read at the door; never the calling device
  bool callee_busy = false;    // by policy: the call is recorded and ends busy
  duration_ms ring_ms = 0;
  bool video = false;
  std::string method;
  std::string campaign, lead;
  std::optional<description> offer; // what the calling session already has
  std::vector<trickled> candidates;
};
struct answer { // answered_elsewhere for the losers, call_over when it ended
  device_id device;
};
struct decline {
  device_id device;
};
struct hang_up { // calling leg while ringing: cancelled; transferor of a consulted warm transfer:
                 // completes it
  device_id device;
};
struct hold {
  device_id device;
};
struct unhold {
  device_id device;
};
struct mute {
  device_id device;
  bool on = false;
};
struct send_dtmf {
  device_id device;
  std::string tone;
  duration_ms duration = 0;
};
struct send_offer { // bridge 0: the sender's current one; stale_bridge for an old one
  device_id device;
  bridge_number bridge = 0;
  description sdp;
};
struct send_answer { // no_peer_yet when the bridge has no second device
  device_id device;
  bridge_number bridge = 0;
  description sdp;
};
struct send_candidate { // too_many_candidates beyond limits::candidates_per_device_max per bridge
                        // and leg
  device_id device;
  bridge_number bridge = 0;
  trickled what;
};
struct send_kept { // what a REST client's session holds, on the current bridge: whatever the call
                   // has already, or has no use for, decides nothing
  device_id device;
  std::optional<description> offer, answer;
  std::vector<trickled> candidates;
};
struct start_transfer { // transfer_pending when there is one; target_busy, no_client_for_target by
                        // facts
  device_id device;
  transfer_kind kind{};
  party target;
  std::vector<device_id> rung;
  bool target_busy = false;
  duration_ms ring_ms = 0;
};
struct cancel_transfer {
  device_id device;
};
struct lose_device { // its grace time ran out, its session ended, or it could not be reached
  device_id device;
  ring_phase why = ring_phase::lost; // unreached while being rung, lost otherwise
};
struct note_quality { // of a leg that has left; what comes again, or of no such leg, decides nothing
  device_id device;
  std::uint32_t mos_x100 = 0, jitter_us = 0, loss_permyriad = 0, rtt_us = 0;
  std::uint64_t packets = 0;
};
struct tick {}; // ring time
using command = std::variant<place, answer, decline, hang_up, hold, unhold, mute, send_dtmf,
                             send_offer, send_answer, send_candidate, send_kept, start_transfer,
                             cancel_transfer, lose_device, tick, record, end_recording,
                             file_recording,
                             note_quality>;

struct leg {
  party who;
  leg_phase phase{};
  device_id device; // the calling or the winning one
  std::map<device_id, ring_phase> rung;
  bool holds = false; // this leg has put the call on hold
  bool mutes = false;
  bridge_number bridge = 0; // its current bridge
  bool rated = false;       // its quality is noted
  static constexpr auto fields = std::tuple{
      field{"who", &leg::who},      field{"phase", &leg::phase}, field{"device", &leg::device},
      field{"rung", &leg::rung},    field{"holds", &leg::holds}, field{"mutes", &leg::mutes},
      field{"bridge", &leg::bridge}, field{"rated", &leg::rated}};
};
struct bridge { // `a` makes the offer
  leg_number a = 0;
  leg_number b = 0;
  std::optional<description> offer, answer;
  std::vector<trickled> from_a, from_b; // kept for the whole bridge: a late winner gets them
  static constexpr auto fields =
      std::tuple{field{"a", &bridge::a},           field{"b", &bridge::b},
                 field{"offer", &bridge::offer},   field{"answer", &bridge::answer},
                 field{"from_a", &bridge::from_a}, field{"from_b", &bridge::from_b}};
};
struct transfer {
  leg_number by = 0;
  leg_number stayed = 0;
  leg_number to = 0;
  transfer_kind kind{};
  bool consulting = false;         // warm, and the target has answered
  bool released = false;           // the transferor hung up before the target answered
  bool held_before = false;        // did `by` hold before the consultation? restored by a failure
  bridge_number bridge_before = 0; // of `by` and `stayed`
  time_ms ring_until = 0;
  static constexpr auto fields = std::tuple{field{"by", &transfer::by},
                                            field{"stayed", &transfer::stayed},
                                            field{"to", &transfer::to},
                                            field{"kind", &transfer::kind},
                                            field{"consulting", &transfer::consulting},
                                            field{"released", &transfer::released},
                                            field{"held_before", &transfer::held_before},
                                            field{"bridge_before", &transfer::bridge_before},
                                            field{"ring_until", &transfer::ring_until}};
};
struct state {
  call::phase phase{};
  std::map<leg_number, leg> legs;
  std::map<bridge_number, bridge> bridges;
  std::optional<call::transfer> transfer;
  bool video = false;
  std::string method, campaign, lead;
  time_ms placed_at = 0;
  time_ms ring_until = 0;
  time_ms answered_at = 0; // of leg 2
  time_ms ended_at = 0;
  cause why{};
  leg_number ended_by = 0;
  std::optional<call::recording> recording; // that runs
  recording_number recordings = 0;          // so many there were
  std::vector<recorded_file> files;
  static constexpr auto fields = std::tuple{field{"phase", &state::phase},
                                            field{"legs", &state::legs},
                                            field{"bridges", &state::bridges},
                                            field{"transfer", &state::transfer},
                                            field{"video", &state::video},
                                            field{"method", &state::method},
                                            field{"campaign", &state::campaign},
                                            field{"lead", &state::lead},
                                            field{"placed_at", &state::placed_at},
                                            field{"ring_until", &state::ring_until},
                                            field{"answered_at", &state::answered_at},
                                            field{"ended_at", &state::ended_at},
                                            field{"why", &state::why},
                                            field{"ended_by", &state::ended_by},
                                            field{"recording", &state::recording},
                                            field{"recordings", &state::recordings},
                                            field{"files", &state::files}};
};
struct reply {
  call::phase phase{};
  leg_number leg = 0;       // of the asking device
  bridge_number bridge = 0; // its current bridge
  bool offers = false;      // it is side `a` of that bridge
  cause why{};              // when ended
};

decision<event> decide(const state& now, const command& c, const context& ctx);
state evolve(state s, const event& e);
reply reply_to(const state& now, const command& c);
time_ms wake_at(const state& now, const context& ctx); // ring time of the call or of a transfer

// Small questions the views, the reactors and the dialects ask. All pure.
leg_number leg_of(const state& s, const device_id& device); // a live leg's own device; 0: none
leg_number rung_leg(const state& s,
                    const device_id& device);       // a leg that rings this device; 0: none
leg_number peer_of(const state& s, leg_number leg); // over its current bridge; 0: none
bool on_hold(const state& s, leg_number leg);       // its media is stopped by either side

struct spec {
  static constexpr auto kind = "call";
  using state = call::state;
  using command = call::command;
  using event = call::event;
  using reply = call::reply;
  static decision<event> decide(const state& s, const command& c, const context& ctx) {
    return call::decide(s, c, ctx);
  }
  static state evolve(state s, const event& e) { return call::evolve(std::move(s), e); }
  static reply reply_to(const state& s, const command& c) { return call::reply_to(s, c); }
  static time_ms wake_at(const state& s, const context& ctx) { return call::wake_at(s, ctx); }
  static command tick_command() { return tick{}; }
  static bool over(const state& s) { return s.phase == call::phase::ended; }
};

} // namespace strowger::call

template <> struct strowger::enum_names<strowger::call::phase> {
  static constexpr std::array<std::string_view, 4> value{"none", "ringing", "answered", "ended"};
};
template <> struct strowger::enum_names<strowger::call::leg_phase> {
  static constexpr std::array<std::string_view, 4> value{"calling", "ringing", "up", "left"};
};
template <> struct strowger::enum_names<strowger::call::ring_phase> {
  static constexpr std::array<std::string_view, 5> value{"ringing", "declined", "unreached", "lost",
                                                         "won"};
};
template <> struct strowger::enum_names<strowger::call::cause> {
  static constexpr std::array<std::string_view, 8> value{"hangup",      "cancelled",  "no_answer",
                                                         "rejected",    "busy",       "unreachable",
                                                         "device_lost", "transferred"};
};
template <> struct strowger::enum_names<strowger::call::transfer_kind> {
  static constexpr std::array<std::string_view, 2> value{"blind", "warm"};
};
