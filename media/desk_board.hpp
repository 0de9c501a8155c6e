// The switchboard: which device has which transports, producers and consumers, which call they
// belong to, and who hears whom. Pure: time is an argument, what is to be done comes back as
// effects, to be done in their order. The desk (desk.hpp) does them.
#pragma once

#include "actors/runtime/gateway.hpp" // call_view, notices
#include "media/recorder.hpp"
#include "media/relay_types.hpp"
#include "protocol/mediasoup/mediasoup.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace strowger::media {

namespace wire = protocol::mediasoup;

struct owner {
  tenant_id tenant;
  device_id device;
  auto operator<=>(const owner&) const = default;
};
struct call_key {
  tenant_id tenant;
  call_id call;
  auto operator<=>(const call_key&) const = default;
};
enum class way : std::uint8_t { from_client, to_client, both }; // a transport's direction
inline bool serves(way has, way wanted) { return has == wanted || has == way::both; }
enum class loss : std::uint8_t { closed, silent };

namespace effect {
struct close_transport {
  transport_id id;
};
struct close_consumer {
  consumer_id id;
};
struct pause_producer {
  producer_id id;
  bool on = false;
};
struct pause_consumer {
  consumer_id id;
  bool on = false;
};
struct switch_source {
  consumer_id id;
  producer_id to;
};
struct play { // as switch_source; the board is to hear when it is so
  consumer_id id;
  producer_id music;
};
struct record { // of this call from now on, that and nothing else; 0: nothing
  struct source {
    producer_id from;
    std::vector<recorder::voice> voices;
    bool operator==(const source&) const = default;
  };
  call_key call;
  std::uint32_t recording = 0;
  bool paused = false;
  std::map<std::uint32_t, source> legs;
  bool operator==(const record&) const = default;
};
struct lost_recording { // it ran when the server stopped
  call_key call;
  std::uint32_t recording = 0;
};
struct tell {
  owner to;
  notice::any what;
};
struct end_leg { // its media is dead
  owner who;
  call_id call;
};
} // namespace effect
using effects = std::vector<
    std::variant<effect::close_transport, effect::close_consumer, effect::pause_producer,
                 effect::pause_consumer, effect::switch_source, effect::tell, effect::end_leg,
                 effect::play, effect::record, effect::lost_recording>>;

class switchboard {
public:
  struct producer {
    transport_id on;
    media::owner owner;
    wire::media_kind kind{};
    wire::rtp_parameters rtp;
    bool paused = false; // by its client
    bool told = false;   // what the relay was told last
  };
  struct audible { // what an answer names
    producer_id id;
    wire::media_kind kind{};
  };

  // ---- transports. A call that is named must be one in which the device talks: not_in_call.
  std::optional<failure> may_create(const owner&, const std::optional<call_id>&) const;
  // Joins the named call, or the one call in which this device has lost a transport this way.
  void created(const owner&, const transport_id&, way, const std::optional<call_id>&, time_ms now);
  bool has(const owner&, const transport_id&) const;
  // Whose it is, and the call that it is bound to; empty: none.
  std::optional<std::pair<owner, call_id>> place_of(const transport_id&) const;
  void connected(const transport_id&);
  // `since`: when it was last heard. A closed one is forgotten, with what it carried.
  void lost(const transport_id&, loss, time_ms since, effects&);
  void heard(const transport_id&);

  // ---- binding: the newest unbound transport each way goes to the call that this command is
  // about: `answering` that one, or dialling. Of several commands under way each has its own.
  using ticket = std::uint64_t; // never 0
  ticket set_aside(const owner&, bool answering, const std::optional<call_id>&);
  bool anything_aside(const owner&, ticket) const;
  // The command was accepted: `call`; refused: empty, and what was set aside is closed, for the
  // client has no use for it any more. Gives what there is to hear. A ticket counts once.
  std::optional<audible> settled(const owner&, ticket, const call_id& call, time_ms now, effects&);

  // When all news of the past were heard: a call that was over before it was bound is let go.
  void confirm(const owner&, const call_id&, effects&);

  // ---- streams. Refusals: transport_unknown, wrong_direction, too_many_streams.
  std::optional<failure> may_produce(const owner&, const transport_id&) const;
  void produced(const owner&, const transport_id&, const producer_id&, wire::media_kind,
                wire::rtp_parameters, bool paused, effects&);
  // Null and `why`: also producer_unknown, for whatever the peer of one's own call does not send.
  const producer* may_consume(const owner&, const transport_id&, const producer_id&, failure& why);
  // True when it may flow at once; else the relay is to be told to hold it back. Nothing: its
  // transport or its producer was closed meanwhile, and it is of no use.
  std::optional<bool> consumed(const owner&, const transport_id&, const consumer_id&,
                               const producer_id&, std::uint8_t codec, bool paused);
  // A consumer that a session description has room for: it takes these codecs of the router, hears
  // the peer as soon as there is one and stays when there is none.
  void described(const owner&, const transport_id&, const consumer_id&, wire::media_kind,
                 std::vector<std::uint8_t> codecs, bool paused, effects&);
  // What the peer in this device's call (or in the named one) sends, if that is known already.
  std::vector<wire::codec> peer_codecs(const owner&, const std::optional<call_id>&) const;
  bool has(const owner&, const producer_id&) const;
  bool has(const owner&, const consumer_id&) const;
  void pause(const producer_id&, bool on, effects&);
  void pause(const consumer_id&, bool on, effects&);
  // On purpose: who hears it loses its consumer. Otherwise that waits for another source.
  void closed(const producer_id&, bool on_purpose, effects&);
  void closed(const consumer_id&, bool tell, effects&);

  // ---- sound that is no client's (sound_board.cpp)
  // A player of the music on hold, for consumers of the router's codec with this number.
  void add_music(std::uint8_t codec, const producer_id& player);
  void playing(const consumer_id&, const producer_id& music, effects&); // it hears that now
  void follow(const consumer_id&, effects&); // a new one: what it is to hear

  // ---- calls, devices, time
  void call_changed(const call_key&, const call_view&, bool restored, time_ms now, effects&);
  std::optional<audible> answered(const owner&, const call_id&, effects&); // what the caller hears
  void joined(const owner&, time_ms now, effects&);
  void forgotten(const owner&, effects&);
  void tick(time_ms now, effects&); // about every second

  struct counts {
    std::size_t transports = 0, producers = 0, consumers = 0, calls = 0, devices = 0;
  };
  counts count() const;

private:
  struct transport {
    media::owner owner;
    way towards{};
    std::optional<call_id> call;
    bool aside = false, connected = false, silent = false;
    time_ms created_at = 0;
    std::uint64_t number = 0; // the newest has the highest
    std::set<producer_id> producers;
    std::set<consumer_id> consumers;
  };
  struct consumer {
    transport_id on;
    media::owner owner;
    producer_id source; // empty: nobody
    producer_id named;  // what its client was told
    wire::media_kind kind{};
    std::uint8_t codec = 0;           // the router's number
    bool paused = false;              // by its client
    bool flows = false;               // what the relay was told last
    bool stays = false;               // of a description
    std::vector<std::uint8_t> others; // codecs that it takes, too
    producer_id music;                // instead of `source`, while it is held; empty: none
    bool plays = false;               // the relay has said so

    bool takes(std::uint8_t wanted) const {
      return wanted == codec || std::ranges::find(others, wanted) != others.end();
    }
  };
  struct member { // a device in a call
    bool up = false;
    bool answering = false; // its answer is on its way
    bool won = false;       // its answer was accepted, which is not news yet
    bool greeting = false;  // call:answered will tell it what there is to hear
    bool restored = false;  // from before this start: to be told when it is back
    std::set<way> lost;
    time_ms dead_at = never;
    std::set<producer_id> announced;
  };
  struct call {
    call_view view;
    std::map<device_id, member> members;
    std::set<transport_id> transports;
    effect::record recorded;          // what was told last
    std::uint32_t lost_recording = 0; // from before this start
  };
  struct aside { // for a command that is on its way
    bool answering = false;
    std::optional<call_id> call;
    std::vector<transport_id> transports;
  };
  struct device {
    std::set<transport_id> transports;
    std::set<call_id> calls;
    std::map<ticket, switchboard::aside> aside;
  };

  const call_party* party(const call& c, const device_id&) const;
  bool talks(const call& c, const device_id&) const;
  call* call_of(const transport& t);
  void bind(const transport_id&, const call_id&);
  void refused(const owner&, const aside&, effects&);
  void close(const transport_id&, effects&);
  void forget(const transport_id&);
  void forget(const producer_id&);
  std::vector<consumer_id> hearing(const producer_id&) const;
  void forget(const consumer_id&);
  void check_alive(call& c, const owner&);
  std::vector<producer_id> sent_by(const call& c, const owner&) const;
  std::vector<consumer_id> heard_by(const call& c, const owner&) const;
  std::optional<audible> audio_for(call& c, const owner&);
  void settle(const call_key&, call& c, effects&);
  void connect(call& c, const owner&, const device_id& peer, effects&);
  void forget_idle(const owner&);
  void let_flow(const call& c, const owner&, consumer& x, const consumer_id& id, effects&);
  producer_id music_for(const consumer& x) const;
  void choose_sound(bool held, consumer& x, const consumer_id& id, effects&);
  void record(const call_key&, call& c, effects&);
  void mute(const call& c, const call_party&, const tenant_id&, effects&);
  void announce(const call_key&, call& c, const owner&, effects&);
  std::uint8_t codec_of(const producer& p) const;

  std::map<transport_id, transport> transports_;
  std::map<producer_id, producer> producers_;
  std::map<consumer_id, consumer> consumers_;
  std::map<call_key, call> calls_;
  std::map<owner, device> devices_;
  std::map<std::uint8_t, std::vector<producer_id>> music_; // players, by the router's codec
  std::uint64_t numbers_ = 0; // of transports and tickets
};

} // namespace strowger::media
