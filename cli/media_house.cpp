#include "cli/media_house.hpp"

#include "cli/addresses.hpp"
#include "http/media_door.hpp"
#include "media/desk.hpp"
#include "media/recorder.hpp"
#include "media/sound_music.hpp"
#include "observe/log.hpp"

#include <chrono>
#include <filesystem>

namespace strowger::cli {
namespace {

constexpr duration_ms tick_ms = 1'000;

time_ms steady_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

// The sockets' seam, as the desk answers it. Pushes go through the site, to whatever connection the
// device has by then.
class door final : public http::media_door {
public:
  explicit door(std::shared_ptr<media::desk> to) : desk_(std::move(to)) {}

  void device_here(const runtime::caller&, const answer::attached&,
                   std::shared_ptr<http::device_mouth>) override {}
  void device_gone(const tenant_id&, const device_id&, const http::device_mouth*, bool) override {}
  bool knows(std::string_view name) const override { return media::desk::knows(name); }
  void ask(const runtime::caller& c, const answer::attached& device, std::string name,
           protocol::value data, reply how) override {
    desk_->ask(c, device.device, name, data, std::move(how));
  }
  void before_call_command(const runtime::caller& c, const answer::attached& device,
                           std::string_view name, const protocol::value& data,
                           std::function<void(outcome<set_aside>)> go_on) override {
    const auto aside = desk_->before_call(c.who.tenant, device.device, name, data);
    go_on(set_aside{aside.ticket, aside.relayed});
  }
  void after_call_command(const runtime::caller& c, const answer::attached& device,
                          const set_aside& aside, const call_id& call,
                          protocol::value& ack) override {
    desk_->after_call(c.who.tenant, device.device, aside.ticket, call, ack);
  }
  void decorate(const tenant_id&, const answer::attached&, std::string_view,
                protocol::value&) override {}

private:
  std::shared_ptr<media::desk> desk_;
};

void tick_later(const std::shared_ptr<runtime::executor>& lane,
                const std::weak_ptr<media::desk>& desk) {
  lane->post_after(tick_ms, [lane, desk] {
    const auto alive = desk.lock();
    if (!alive) return;
    alive->tick();
    tick_later(lane, desk);
  });
}

// What is heard on hold. The program's own stands in the source tree, or under share/ when installed.
media::hold_music music_of(const config::settings& s) {
  if (s.media_hold_music == "none") return {};
  if (!s.media_hold_music.empty()) return media::read_hold_music(s.media_hold_music);
  std::error_code failed;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", failed).parent_path();
  for (const auto& place : {self / "../../media/sounds", self / "../share/strowger/sounds"})
    if (std::filesystem::exists(place / "hold.opus", failed))
      return media::read_hold_music((place / "hold.opus").string());
  log::warning("No music on hold: share/strowger/sounds/hold.opus is not there");
  return {};
}

std::unique_ptr<media::recorder> recorder_of(const config::settings& s, runtime::gateway& site) {
  return media::recorder::start(
      s.data_dir + "/recordings",
      {[&site](const media::recording_key& k, const answer::recorded_file& file,
               std::function<void(errc)> done) {
         site.recording_filed(k.tenant, k.call, file, std::move(done));
       },
       [&site](const media::recording_key& k, recording_end why) {
         site.recording_ended(k.tenant, k.call, k.recording, why);
       }});
}

std::unique_ptr<media::relay> relay_of(const config::settings& s, const media::listener& events) {
  const auto at = media_addresses_of(s);
  media::options how;
  how.listen_ip = at.listen;
  how.announced_ip = at.announced;
  how.port = static_cast<std::uint16_t>(s.media_port);
  std::string why;
  auto out = media::start_relay(how, events, why);
  if (!out && how.port != 0) {
    log::warning("Media port taken, taking another", {{"port", how.port}, {"why", why}});
    how.port = 0;
    out = media::start_relay(how, events, why);
  }
  if (!out)
    log::error("No media relay: " + why);
  else
    log::info("Media relay listens",
              {{"ip", at.listen}, {"announced", at.announced}, {"port", out->port()}});
  return out;
}

} // namespace

struct media_house::parts {
  std::shared_ptr<media::desk> desk;
  cli::door door;
  std::unique_ptr<media::recorder> recorder; // outlives the relay, whose taps feed it
  std::unique_ptr<media::relay> relay;
};

media_house::media_house(const config::settings& s, runtime::gateway& site,
                         std::shared_ptr<runtime::executor> lane) {
  if (!s.media_enabled || !s.webrtc_enabled) return;
  auto desk = std::make_shared<media::desk>(
      media::site_port{[&site](const tenant_id& t, const device_id& d, notice::any what) {
                         site.tell(t, d, std::move(what));
                       },
                       [&site](const tenant_id& t, const device_id& d, const call_id& c) {
                         site.media_lost(t, d, c);
                       },
                       [&site](std::function<void()> job) { site.after_news(std::move(job)); },
                       [&site](const tenant_id& t, const device_id& d, const call_id& c,
                               const call_quality& how) { site.note_quality(t, d, c, how); },
                       [&site](const tenant_id& t, const call_id& c, std::uint32_t n) {
                         site.recording_ended(t, c, n, recording_end::server_restarted);
                       },
                       [&site] { return site.ready(); }},
      steady_ms);
  const std::weak_ptr<media::desk> weak = desk;
  auto relay = relay_of(s, {lane, [weak](const media::event& what) {
                              if (const auto alive = weak.lock()) alive->hear(what);
                            }});
  auto recorder = relay ? recorder_of(s, site) : nullptr;
  if (relay) desk->start(*relay, music_of(s), recorder.get(), lane);
  site.watch_calls(desk);
  tick_later(lane, desk);
  parts_ = std::make_unique<parts>(parts{desk, cli::door{desk}, std::move(recorder), std::move(relay)});
}

media_house::~media_house() { stop(); }

http::media_door* media_house::door() const { return parts_ ? &parts_->door : nullptr; }

void media_house::stop() {
  if (!parts_) return;
  parts_->desk->stop();
  parts_->relay.reset();
  parts_->recorder.reset();
}

} // namespace strowger::cli
