#include "cli/media_house.hpp"

#include "cli/addresses.hpp"
#include "http/media_door.hpp"
#include "media/desk.hpp"
#include "observe/log.hpp"

#include <chrono>

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
                       [&site](std::function<void()> job) { site.after_news(std::move(job)); }},
      steady_ms);
  const std::weak_ptr<media::desk> weak = desk;
  auto relay = relay_of(s, {lane, [weak](const media::event& what) {
                              if (const auto alive = weak.lock()) alive->hear(what);
                            }});
  if (relay) desk->start(*relay);
  site.watch_calls(desk);
  tick_later(lane, desk);
  parts_ = std::make_unique<parts>(parts{desk, cli::door{desk}, std::move(relay)});
}

media_house::~media_house() { stop(); }

http::media_door* media_house::door() const { return parts_ ? &parts_->door : nullptr; }

void media_house::stop() {
  if (!parts_) return;
  parts_->desk->stop();
  parts_->relay.reset();
}

} // namespace strowger::cli
