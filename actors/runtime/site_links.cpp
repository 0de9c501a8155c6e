// A master and its slaves.
#include "actors/runtime/site_roles.hpp"
#include "observe/log.hpp"

namespace strowger::runtime {
namespace {

constexpr duration_ms recall_every_ms = 250;
constexpr auto billing = "overdraft_billing"; // a feature of the license

slave::seat_change kept(const link::seat_change& x) {
  using enum slave::change;
  const auto what = x.what == "taken"    ? taken
                    : x.what == "shared" ? shared
                    : x.what == "left"   ? left
                                         : released;
  return {x.version, x.position, what,
          x.holder,  x.session,  {subject_id{x.holder.value}, x.extension},
          x.at.at,   x.overdrawn};
}

std::string reason_of(errc why) {
  if (why == errc::stale_lease) return "stale-lease";
  if (why == errc::license_revoked) return "license-revoked";
  return "refused";
}

} // namespace

void site::links::find(const caller& c, const std::string& key, done<license_id> how) {
  using out = license_id;
  if (!at_.ready_) return reply<out>(c, how, failure{errc::hub_not_available, {}, 1000});
  if (at_.options_.role != role::master || at_.parts_.signer == nullptr)
    return reply<out>(c, how, failure{errc::wrong_role, {}, 0});
  at_.hub_->post([=, this] {
    for (const auto& [tenant, t] : at_.hub_->world().tenants)
      for (const auto& id : {license_id{at_.parts_.ids.digest({"license", tenant.value, key})},
                             at_.license_of(tenant)}) {
        const auto* s = at_.known_license(tenant, id);
        if (s == nullptr || key.empty() || s->key.reveal() != key) continue;
        tenants_.insert_or_assign(id, tenant);
        return reply<out>(c, how, id);
      }
    reply<out>(c, how, failure{errc::token_invalid, {}, 0});
  });
}

link_number site::links::opened(const license_id& of, std::shared_ptr<slave_sink> sink) {
  const auto number = ++last_;
  at_.hub_->post([=, this] {
    const auto tenant = tenants_.find(of);
    if (tenant == tenants_.end()) return sink->close(errc::internal);
    open_.emplace(number, one{tenant->second, of, sink, {}, 0, 0});
  });
  return number;
}

void site::links::said(link_number number, const link::to_master& what) {
  const auto it = open_.find(number);
  if (it == open_.end() || too_many(it->second)) return;
  std::visit([&](const auto& x) { heard(number, it->second, x); }, what);
}

// Whoever says so much is no slave of ours: an honest one asks again when it was answered.
bool site::links::too_many(one& from) {
  const auto now = at_.parts_.time.now();
  if (now - from.counted_from >= 1000) {
    from.counted_from = now;
    from.said = 0;
  }
  if (++from.said <= limits::link_messages_per_second_max) return false;
  if (from.said == limits::link_messages_per_second_max + 1) from.sink->close(errc::busy);
  return true;
}

void site::links::lost(link_number number) {
  const auto it = open_.find(number);
  if (it == open_.end()) return;
  log::info("the link to a slave is gone", {{"slave", it->second.slave.value}});
  open_.erase(it);
}

std::string site::links::signed_terms(const license_id& id, const license::state& s) const {
  const auto status = s.revoked ? "revoked" : s.suspended ? "suspended" : "active";
  return at_.parts_.signer->sign(security::license_statement{
      id, s.organization, s.plan, status, s.features, s.webrtc_extension, s.max_users,
      s.webrtc_max_users, s.sessions_per_user, s.overdraft, s.starts_at, s.expires_at,
      s.changed_at});
}

// A slave that comes back takes the place of the link that it had before.
void site::links::heard(link_number number, one& from, const link::hello& x) {
  if (!from.slave.empty()) return from.sink->close(errc::malformed_message);
  const slave_id id{at_.parts_.ids.digest({"slave", from.license.value, x.slave})};
  const auto& known = at_.hub_->tenant(from.tenant).slaves;
  if (known.get(id) == nullptr && known.size() >= limits::slaves_known_max)
    return from.sink->close(errc::too_many_slaves);
  from.slave = id;
  std::erase_if(open_, [&](auto& other) {
    const bool before = other.first != number && other.second.slave == from.slave;
    if (before) other.second.sink->close(errc::signed_in_elsewhere);
    return before;
  });
  at_.engine_->send<slave::spec>(
      from.slave.value, slave::join{from.license, x.title}, origin_of(from),
      [this, from](const result<slave::spec>& r) {
        if (r.error != errc::ok) return from.sink->close(r.error);
        at_.engine_->inspect<license::spec>(
            from.tenant, from.license.value,
            [this, from, upto = r.reply.upto, mark = r.reply.mark](errc error,
                                                                   const license::state& s) {
              if (error != errc::ok) return from.sink->close(error);
              const auto has = s.slaves.find(from.slave);
              const auto asks = has == s.slaves.end() ? 0 : has->second.ask;
              from.sink->send(link::welcome{signed_terms(from.license, s),
                                            at_.parts_.signer->public_pem(), from.slave, asks, upto,
                                            mark});
            });
      });
}

void site::links::heard(link_number, one& from, const link::ask& x) {
  if (from.slave.empty()) return from.sink->close(errc::malformed_message);
  at_.engine_->send<license::spec>(
      from.license.value, license::grant{from.slave, x.ask, x.seats, at_.options_.lease_ms},
      origin_of(from), [this, from, x](const result<license::spec>& r) {
        if (r.error != errc::ok) return from.sink->send(link::refused{x.ask, reason_of(r.error)});
        at_.hub_->post([this, from, x, has = r.reply] { granted(from, x, has); });
      });
}

void site::links::granted(const one& to, const link::ask& x, const license::reply& has) {
  to.sink->send(link::lease{at_.parts_.signer->sign(security::lease_statement{
      to.license, to.slave, has.ask, has.epoch, has.seats, has.lease_ms, at_.parts_.time.now()})});
  settle_debts(to, has.seats);
  if (has.seats < x.seats) recall(to.license, to.slave);
}

// Seats that were given beyond the lease: there are enough for them now, or the last ones lose
// theirs. What is accepted is billed where the license says so.
void site::links::settle_debts(const one& from, std::uint32_t seats) {
  const auto* theirs = at_.hub_->tenant(from.tenant).slaves.get(from.slave);
  const auto* s = at_.known_license(from.tenant, from.license);
  if (theirs == nullptr || s == nullptr) return;
  if (std::ranges::count(theirs->debts, slave::verdict::open, &slave::debt::verdict) == 0) return;
  std::set<agent_id> holders;
  for (const auto& [session, used] : theirs->sessions) holders.insert(used.holder);
  const bool covered = holders.size() <= seats;
  const auto taken =
      s->features.contains(billing) ? slave::verdict::billed : slave::verdict::accepted;
  at_.engine_->send<slave::spec>(from.slave.value,
                                 slave::settle{covered ? taken : slave::verdict::trimmed},
                                 origin_of(from), {});
}

// An agent with a softphone was made at a slave.
void site::links::turn_on(const one& from) {
  at_.engine_->send<license::spec>(from.license.value, softphone_terms(), origin_of(from),
                                   [this, from](const result<license::spec>& r) {
                                     if (r.error == errc::ok) tell_terms(from.tenant, from.license);
                                   });
}

// From all others; not more often than they can follow.
void site::links::recall(const license_id& of, const slave_id& but) {
  const auto now = at_.parts_.time.now();
  auto& last = recalled_at_[of];
  if (last != never && now - last < recall_every_ms) return;
  last = now;
  for (const auto& [number, other] : open_)
    if (other.license == of && other.slave != but && !other.slave.empty())
      other.sink->send(link::recall{});
}

void site::links::heard(link_number, one& from, const link::report& x) {
  if (from.slave.empty()) return from.sink->close(errc::malformed_message);
  slave::report what{x.from, x.upto, {}, x.mark, x.anew};
  bool softphone = false;
  for (const auto& one : x.changes) {
    if (one.what != softphone_made) what.changes.push_back(kept(one));
    softphone = softphone || one.what == softphone_made;
  }
  if (softphone) turn_on(from);
  at_.engine_->send<slave::spec>(from.slave.value, std::move(what), origin_of(from),
                                 [from](const result<slave::spec>& r) {
                                   if (r.error != errc::ok) return from.sink->close(r.error);
                                   from.sink->send(link::reported{r.reply.upto});
                                 });
}

void site::links::heard(link_number, one& from, const link::alive& x) {
  if (from.slave.empty()) return from.sink->close(errc::malformed_message);
  const auto* s = at_.hub_->tenant(from.tenant).slaves.get(from.slave);
  auto& beats = beats_[from.slave];
  std::erase_if(
      beats, [&](const auto& beat) { return s == nullptr || !s->sessions.contains(beat.first); });
  for (const auto& one : x.sessions)
    if (s != nullptr && s->sessions.contains(one.session))
      beats.insert_or_assign(one.session, one.at);
}

origin site::links::origin_of(const one& from) {
  return {from.tenant, "slave/" + from.slave.value, {}, from.license.value, 0};
}

void site::links::tell_terms(const tenant_id& tenant, const license_id& id) {
  if (at_.parts_.signer == nullptr) return;
  at_.engine_->inspect<license::spec>(
      tenant, id.value, [this, id](errc error, const license::state& s) {
        if (error != errc::ok) return;
        at_.hub_->post([this, id, terms = link::terms{signed_terms(id, s)}] {
          for (const auto& [number, one] : open_)
            if (one.license == id) one.sink->send(terms);
        });
      });
}

void site::links::add_slave(const license::state& s, const slave_id& id, const slave::state& theirs,
                            answer::license_seats& to) {
  answer::slave_row row{
      id.value, theirs.name, false, 0, static_cast<std::uint32_t>(theirs.sessions.size()), 0, {}};
  row.connected =
      std::ranges::any_of(open_, [&](const auto& entry) { return entry.second.slave == id; });
  if (const auto has = s.slaves.find(id); has != s.slaves.end()) {
    row.seats = has->second.seats;
    row.epoch = has->second.epoch;
    if (row.seats > 0) row.lease_until = instant{has->second.at + has->second.lease_ms};
  }
  const auto& beats = beats_[id];
  // Without a lease and out of sight it uses none, whatever it last said.
  const bool gone = row.seats == 0 && !row.connected;
  if (gone) row.active_sessions = 0;
  for (const auto& [session, used] : gone ? std::map<session_id, slave::used>{} : theirs.sessions) {
    const auto beat = beats.find(session);
    to.sessions.push_back({session,
                           used.holder,
                           {},
                           used.extension.reveal(),
                           theirs.name,
                           instant{used.since},
                           beat == beats.end() ? std::nullopt : std::optional{beat->second},
                           used.position,
                           used.overdrawn});
  }
  for (const auto& one : theirs.debts)
    to.debts.push_back(
        {theirs.name, std::string{name_of(one.verdict)}, one.session, one.holder, instant{one.at}});
  to.slaves.push_back(std::move(row));
}

} // namespace strowger::runtime
