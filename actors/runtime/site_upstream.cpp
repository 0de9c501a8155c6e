// A slave and its master. What it may do is in its license's stream; the link only brings more, or
// takes less.
#include "actors/runtime/site_roles.hpp"
#include "core/planted.hpp"
#include "observe/log.hpp"

namespace strowger::runtime {
namespace {

constexpr duration_ms ask_patience_ms = 2'000;
constexpr duration_ms beats_every_ms = 10'000;
constexpr duration_ms refused_min_ms = 1'000, refused_max_ms = 60'000;
constexpr std::uint32_t seats_ahead = 2; // asked for before anybody needs them

const tenant_id home{"default"};

license::issue terms_of(const security::license_statement& x, const std::string& text,
                        const std::string& key) {
  return {x.plan,
          x.max_users,
          x.webrtc_max_users,
          x.webrtc_extension,
          x.expires_at,
          x.starts_at,
          x.sessions_per_user,
          x.overdraft,
          x.organization,
          x.features,
          {},
          text,
          key};
}

} // namespace

// The rest of the lease, after a start on a machine that ran on meanwhile.
void site::upstream::wake_lease(std::function<void(errc)> done) {
  if (at_.parts_.machine == nullptr) return done(errc::ok);
  at_.engine_->send<license::spec>(
      stream(), license::wake_lease{at_.parts_.machine->boot(), at_.parts_.machine->boot_ms()},
      from(), [done](const result<license::spec>& r) { done(r.error); });
}

std::string site::upstream::stream() const { return at_.license_of(home).value; }
origin site::upstream::from() const { return {home, "system/upstream", {}, stream(), 0}; }
const license::state* site::upstream::mine() const {
  return at_.known_license(home, at_.license_of(home));
}

void site::upstream::found(std::shared_ptr<master_sink> sink) {
  sink_ = sink;
  slave_ = {};
  sink->send(link::hello{at_.parts_.ids.digest({"this slave", at_.options_.identity}),
                         at_.options_.title});
}

void site::upstream::lost(const master_sink* which) {
  if (sink_.get() != which) return;
  log::warning("the link to the master is gone");
  near_ = agreed_ = false;
  softphone_ = softphone_ || std::exchange(softphone_told_, false);
  sink_ = nullptr;
  end_ask(errc::master_away);
}

void site::upstream::said(const master_sink* which, const link::to_slave& what) {
  if (sink_.get() != which) return;
  heard_at_ = at_.parts_.time.now();
  std::visit([&](const auto& x) { heard(x); }, what);
}

// The key is the one that was configured, or the first that was ever shown.
void site::upstream::heard(const link::welcome& x) {
  const auto* s = mine();
  const auto pinned = s == nullptr ? std::string{} : s->signer;
  const auto key = !at_.options_.master_key_pem.empty() ? at_.options_.master_key_pem
                   : !pinned.empty()                    ? pinned
                                                        : x.key;
  slave_ = x.slave;
  anew_ = !same_log(x.upto, x.mark) && !planted(bug::copied_log_not_told);
  reported_ = anew_ ? 0 : x.upto;
  reporting_ = false;
  // Seats of another license, or of a log that went on without us, are not ours.
  const auto before = s == nullptr ? std::nullopt : security::check_license(s->document, s->signer);
  const auto says = security::check_license(x.license, key);
  const bool another = before && says && before->license != says->license;
  const auto asks = another ? std::max(x.asks, s->lease.asks + 1) : x.asks;
  at_.engine_->send<license::spec>(
      stream(), license::void_lease{asks}, from(),
      [this, sink = sink_, text = x.license, key](const result<license::spec>& r) {
        if (r.error != errc::ok) return sink->close(r.error);
        adopt(text, key, [this, sink](errc why) {
          if (why != errc::ok) return sink->close(why);
          at_.hub_->post([this, sink] { let_in(sink); });
        });
      });
}

void site::upstream::let_in(const std::shared_ptr<master_sink>& by) {
  if (sink_ != by) return;
  log::info("the master has let us in");
  near_ = true;
  turn();
  ask(seats_wanted(seats_ahead));
}

void site::upstream::heard(const link::terms& x) {
  const auto* s = mine();
  if (s == nullptr) return;
  adopt(x.license, s->signer, [sink = sink_](errc why) {
    if (why != errc::ok) sink->close(why);
  });
}

void site::upstream::adopt(const std::string& text, const std::string& key,
                           std::function<void(errc)> done) {
  const auto says = security::check_license(text, key);
  if (!says) {
    log::error("the master's license is not signed with the key that is trusted");
    return done(errc::statement_invalid);
  }
  const auto id = stream();
  at_.engine_->send<license::spec>(
      id, terms_of(*says, text, key), from(),
      [=, this, status = says->status](const result<license::spec>& r) {
        if (r.error != errc::ok) return done(r.error);
        license::command what = license::resume{};
        if (status == "suspended") what = license::suspend{};
        if (status == "revoked") what = license::revoke{};
        at_.engine_->send<license::spec>(id, std::move(what), from(),
                                         [done](const result<license::spec>& s) { done(s.error); });
      });
}

std::uint32_t site::upstream::seats_wanted(std::uint32_t ahead) const {
  const auto* s = mine();
  const auto held = s == nullptr ? 0 : s->held.size();
  return static_cast<std::uint32_t>(held + waiting_.size()) + ahead;
}

// Written first: what is given back is not used any more, whatever becomes of the message.
void site::upstream::ask(std::uint32_t seats) {
  if (asking_) {
    ask_again_ = true;
    return;
  }
  asking_ = true;
  ask_again_ = false;
  ask_ = 0;
  asked_at_ = at_.parts_.time.now();
  license::ask what{seats, {}, 0};
  if (at_.parts_.machine != nullptr)
    what = {seats, at_.parts_.machine->boot(), at_.parts_.machine->boot_ms()};
  at_.engine_->send<license::spec>(stream(), std::move(what), from(),
                                   [this, sink = sink_](const result<license::spec>& r) {
                                     at_.hub_->post([=, this] {
                                       if (sink_ != sink) return;
                                       if (r.error != errc::ok) return end_ask(r.error);
                                       ask_ = r.reply.ask;
                                       sink->send(link::ask{r.reply.ask, r.reply.seats});
                                     });
                                   });
}

void site::upstream::end_ask(errc why) {
  asking_ = false;
  if (why != errc::master_away) agreed_ = true; // it has answered
  refused_for_ = why == errc::ok ? 0 : std::clamp(2 * refused_for_, refused_min_ms, refused_max_ms);
  ask_not_before_ = at_.parts_.time.now() + refused_for_; // unless somebody needs a seat
  for (const auto& then : std::exchange(waiting_, {})) then(why);
  if (std::exchange(ask_again_, false) && near_) ask(seats_wanted(seats_ahead));
}

void site::upstream::heard(const link::lease& x) {
  const auto* s = mine();
  const auto says = s == nullptr ? std::nullopt : security::check_lease(x.lease, s->signer);
  const auto held = s == nullptr ? std::nullopt : security::check_license(s->document, s->signer);
  if (!says || !held || says->license != held->license || says->slave != slave_) {
    log::error("a lease that is not ours, or not signed with the key that is trusted");
    return sink_->close(errc::statement_invalid);
  }
  if (!asking_ || says->ask != ask_) return; // too late: we have asked again
  at_.engine_->send<license::spec>(
      stream(), license::receive{says->ask, says->epoch, says->seats, says->lease_ms}, from(),
      [this](const result<license::spec>& r) {
        const auto why = r.error == errc::stale_lease ? errc::user_limit_reached : r.error;
        at_.hub_->post([this, why] { end_ask(why); });
      });
}

void site::upstream::heard(const link::refused& x) {
  if (!asking_ || x.ask != ask_) return;
  log::warning("the master refuses seats", {{"why", x.code}});
  end_ask(errc::user_limit_reached);
}

void site::upstream::note_softphone() {
  at_.hub_->post([this] {
    const auto* s = mine();
    if (s != nullptr && s->webrtc_extension && s->webrtc_max_users > 0) return;
    softphone_ = true;
    report_seats();
  });
}

void site::upstream::heard(const link::reported& x) {
  softphone_told_ = false;
  reported_ = std::max<version>(reported_, x.upto);
  reporting_ = false;
  anew_ = anew_ && more_;
  report_seats();
}

void site::upstream::heard(const link::recall&) { ask(seats_wanted(0)); }

void site::upstream::more_seats(std::function<void(errc)> then) {
  at_.hub_->post([=, this] {
    if (!near_) return then(errc::master_away);
    waiting_.push_back(then);
    ask(seats_wanted(seats_ahead));
  });
}

void site::upstream::turn() {
  if (!near_) return;
  const auto now = at_.parts_.time.now();
  if (asking_ && now - asked_at_ > ask_patience_ms) end_ask(errc::master_away);
  const auto* s = mine();
  if (s == nullptr) return;
  renew_lease(*s);
  report_seats();
  if (now - beats_at_ >= beats_every_ms) pass_heartbeats(*s);
}

void site::upstream::renew_lease(const license::state& s) {
  const auto& has = s.lease;
  const auto held = static_cast<std::uint32_t>(s.held.size());
  const auto left = has.until - at_.parts_.time.now();
  const bool half_gone = has.node != at_.node_ || left < has.usable_ms / 2;
  if (asking_ || !half_gone || (has.seats == 0 && held == 0)) return;
  if (s.revoked || at_.parts_.time.now() < ask_not_before_) return;
  ask(std::min(seats_wanted(seats_ahead), std::max(has.seats, held)));
}

answer::master_state site::upstream::now(const license::state& s) const {
  answer::master_state out;
  out.connected = near_;
  if (heard_at_ != never) out.last_sync = instant{heard_at_};
  if (license::lease_live(s, at_.now_context())) out.lease_until = instant{s.lease.until};
  return out;
}

} // namespace strowger::runtime
