// The desk between calls and the relay: answers `webrtc:*`, binds transports to calls, and lets
// media follow what the log says of each call. What it decides stands in desk_board.hpp; here it is
// done. Any thread; nothing blocks.
#pragma once

#include "media/desk_board.hpp"
#include "media/quality.hpp"
#include "media/relay.hpp"
#include "media/sound_desk.hpp"
#include "protocol/value.hpp"

#include <mutex>

namespace strowger::media {

struct site_port { // what the desk needs of the gateway; see there
  std::function<void(const tenant_id&, const device_id&, notice::any)> tell;
  std::function<void(const tenant_id&, const device_id&, const call_id&)> media_lost;
  std::function<void(std::function<void()>)> after_news;
  std::function<void(const tenant_id&, const device_id&, const call_id&, const call_quality&)>
      note_quality{};
  // This recording ran when the server stopped. Only after ready().
  std::function<void(const tenant_id&, const call_id&, std::uint32_t)> recording_lost{};
  std::function<bool()> ready{}; // whether commands are taken; empty: yes
};

class desk final : public runtime::call_watcher, public std::enable_shared_from_this<desk> {
public:
  using reply = std::function<void(outcome<protocol::value>)>;

  // `steady`: milliseconds that never jump.
  desk(site_port site, std::function<time_ms()> steady);

  // Until then, and after stop(), `webrtc:*` is answered with media_unavailable. The relay stays
  // its maker's and must live until stop() has returned.
  // `music` for who is held; `to`: null where nothing can be recorded. It must outlive the relay.
  void start(relay& carrier, const hold_music& music = {}, recorder* to = nullptr, lane on = {});
  void stop();
  void hear(const event& what); // the relay's listener
  void tick();                  // about every second

  // ---- what devices say (protocol/mediasoup/README.md). The answer comes once, on caller.lane or
  // at once: the ack's members beside `success`.
  static bool knows(std::string_view name);
  void ask(const runtime::caller&, const device_id&, std::string_view name,
           const protocol::value& data, reply);

  // ---- around call:dial and call:answer, each with the ticket that it was given
  struct set_aside {
    switchboard::ticket ticket = 0;
    bool relayed = false; // there was something
  };
  set_aside before_call(const tenant_id&, const device_id&, std::string_view name,
                        const protocol::value& data);
  // `call` empty: refused. Adds producerId and kind to the ack of call:answer.
  void after_call(const tenant_id&, const device_id&, switchboard::ticket, const call_id& call,
                  protocol::value& ack);

  void call_changed(const tenant_id&, const call_id&, const call_view&, bool restored) override;
  void answered(const tenant_id&, const device_id& to, notice::call_answered&) override;
  void joined(const tenant_id&, const device_id&) override;
  void forgotten(const tenant_id&, const device_id&) override;

  switchboard::counts count() const;

private:
  struct request { // one `webrtc:*`, while it is answered
    lane on;
    owner who;
    const protocol::value& data;
    reply how;
  };
  using handler = void (desk::*)(const request&);
  static handler handler_of(std::string_view name);

  void get_capabilities(const request&);
  void create_transport(const request&);
  void connect_transport(const request&);
  void produce(const request&);
  void consume(const request&);
  void pause_producer(const request& r) { pause<producer_id>(r, true); }
  void resume_producer(const request& r) { pause<producer_id>(r, false); }
  void pause_consumer(const request& r) { pause<consumer_id>(r, true); }
  void resume_consumer(const request& r) { pause<consumer_id>(r, false); }
  void close_producer(const request&);
  void close_consumer(const request&);
  void restart_ice(const request&);
  void get_stats(const request&);
  template <class Id> void pause(const request&, bool on);
  template <class Id> bool find(const request&, wire::subject, Id& id);

  void transport_made(const request&, const wire::create_transport&, const media::transport_made&);
  void consumer_made(const owner&, const wire::consume&, wire::rtp_parameters, wire::media_kind,
                     const media::consumer_made&, const reply&);
  void hear_quality(const transport_id&, const happened::quality&, time_ms now, effects&);
  void play(const effect::play&);
  void end_lost_recordings();
  relay* carrier() const;
  void run(const effects& what); // under the lock, so that their order is the board's

  const site_port site_;
  const std::function<time_ms()> steady_;
  mutable std::mutex mutex_; // of all below
  switchboard board_;
  quality_board quality_;
  relay* relay_ = nullptr;
  recorder* recorder_ = nullptr; // until its earlier files were mended
  lane on_;
  const std::shared_ptr<sound_desk> sound_ = std::make_shared<sound_desk>();
  std::vector<effect::lost_recording> lost_recordings_;
};

// A refusal of the relay, as clients are told.
failure failure_of(refusal why);
// Between the words of the wire and the relay's.
rtp_parameters to_relay(const wire::rtp_parameters& what);
protocol::value render(const transport_stats& what);
protocol::value render(const stream_stats& what);

} // namespace strowger::media
