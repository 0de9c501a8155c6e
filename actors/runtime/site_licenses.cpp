// Licenses: what admins see and change of them. Slaves hear of changes.
#include "actors/runtime/site_roles.hpp"

namespace strowger::runtime {
namespace {

std::string status_of(const license::state& s, time_ms now) {
  if (s.revoked) return "revoked";
  if (s.suspended) return "suspended";
  if (now < s.starts_at) return "not_started";
  if (s.expires_at != never && now >= s.expires_at) return "expired";
  return "active";
}

std::optional<instant> optional_instant(time_ms at) {
  return at == never ? std::nullopt : std::optional{instant{at}};
}

license::issue terms_of(const license::state& s) {
  return {s.plan,
          s.max_users,
          s.webrtc_max_users,
          s.webrtc_extension,
          s.expires_at,
          s.starts_at,
          s.sessions_per_user,
          s.overdraft,
          s.organization,
          s.features,
          {},
          s.document,
          s.signer};
}

license::issue changed(license::issue terms, const request::license_change& by) {
  if (by.plan) terms.plan = *by.plan;
  if (by.organization) terms.organization = *by.organization;
  if (by.webrtc_extension) terms.webrtc_extension = *by.webrtc_extension;
  if (by.features) terms.features = *by.features;
  if (by.max_users) terms.max_users = *by.max_users;
  if (by.webrtc_max_users) terms.webrtc_max_users = *by.webrtc_max_users;
  if (by.sessions_per_user) terms.sessions_per_user = *by.sessions_per_user;
  if (by.overdraft) terms.overdraft = *by.overdraft;
  if (by.starts_at) terms.starts_at = *by.starts_at;
  if (by.expires_at) terms.expires_at = *by.expires_at;
  return terms;
}

// As Keygen spells them.
std::string code_of(errc why) {
  switch (why) {
  case errc::ok:
    return "VALID";
  case errc::license_unknown:
    return "NOT_FOUND";
  case errc::license_expired:
    return "EXPIRED";
  case errc::license_suspended:
    return "SUSPENDED";
  case errc::license_revoked:
    return "REVOKED";
  case errc::license_not_started:
    return "NOT_STARTED";
  case errc::feature_not_licensed:
    return "FEATURE_NOT_LICENSED";
  case errc::user_limit_reached:
    return "TOO_MANY_USERS";
  case errc::master_away:
    return "MASTER_AWAY";
  default:
    return "HEARTBEAT_DEAD";
  }
}

std::string detail_of(errc why) {
  return why == errc::ok                   ? "the license is valid"
         : why == errc::user_limit_reached ? "the license is valid, and every seat is used"
                                           : "no seat can be given";
}

constexpr auto name_of(role r) {
  return r == role::master ? "master" : r == role::slave ? "slave" : "standalone";
}

} // namespace

context site::now_context() const {
  return {parts_.time.now(), node_, engine_->services().node_started_at};
}

std::optional<answer::license_info> site::license_info(const tenant_id& tenant) {
  const auto* s = known_license(tenant, license_of(tenant));
  if (s == nullptr) return {};
  return answer::license_info{s->plan, s->max_users, s->webrtc_max_users,
                              static_cast<std::uint32_t>(s->held.size())};
}

const license::state* site::known_license(const tenant_id& tenant, const license_id& id) {
  const auto* s = hub_->tenant(tenant).licenses.get(id);
  return s != nullptr && s->exists ? s : nullptr;
}

answer::license_row site::row_of(const license_id& id, const license::state& s) {
  answer::license_row row;
  row.license = id;
  row.key = s.key.reveal();
  row.organization = s.organization;
  row.plan = s.plan;
  row.status = status_of(s, parts_.time.now());
  for (const auto& name : s.features) row.features.emplace(name, true);
  row.features.insert_or_assign("webrtc_extension", s.webrtc_extension);
  row.max_users = s.max_users;
  row.webrtc_max_users = s.webrtc_max_users;
  row.sessions_per_user = s.sessions_per_user;
  row.overdraft = s.overdraft;
  row.seats_used = static_cast<std::uint32_t>(s.held.size());
  row.seats_leased = license::leased_seats(s);
  row.issued_at = instant{s.issued_at};
  row.starts_at = optional_instant(s.starts_at);
  row.expires_at = optional_instant(s.expires_at);
  return row;
}

void site::licenses(const caller& c, done<std::vector<answer::license_row>> how) {
  hub_->post([=, this] {
    std::vector<answer::license_row> rows;
    for (const auto& [id, s] : hub_->tenant(c.who.tenant).licenses)
      if (s.exists) rows.push_back(row_of(id, s));
    std::ranges::sort(rows, {}, [](const auto& row) {
      return std::pair{row.issued_at.at, row.license.value};
    });
    reply<std::vector<answer::license_row>>(c, how, std::move(rows));
  });
}

void site::license(const caller& c, const license_id& id, done<answer::license_row> how) {
  using out = answer::license_row;
  hub_->post([=, this] {
    const auto* s = known_license(c.who.tenant, id);
    if (s == nullptr) return reply<out>(c, how, failure{errc::license_unknown, id.value, 0});
    reply<out>(c, how, row_of(id, *s));
  });
}

void site::issue_license(const caller& c, const license_id& id, license::issue terms,
                         done<answer::license_row> how) {
  engine_->send<license::spec>(
      id.value, std::move(terms), origin_of(c, id.value),
      [=, this](const result<license::spec>& r) {
        // With what stays of the terms; what is wrong by itself was refused at the door.
        const auto* field = r.error == errc::value_out_of_range ? "webrtc_max_users" : "";
        if (r.error != errc::ok)
          return reply<answer::license_row>(c, how, failure{r.error, field, 0});
        links_->tell_terms(c.who.tenant, id);
        license(c, id, how);
      });
}

// The first license of a tenant is its own; of a master's, each is for slaves.
void site::create_license(const caller& c, request::license r, done<answer::license_row> how) {
  using out = answer::license_row;
  if (!ready_) return reply<out>(c, how, failure{errc::hub_not_available, {}, 1000});
  if (options_.role == role::slave) return reply<out>(c, how, failure{errc::wrong_role, {}, 0});
  hub_->post([=, this] {
    const auto key = "SL-" + fresh_id(c, "license-key");
    const auto own = license_of(c.who.tenant);
    const bool is_own =
        options_.role == role::standalone && known_license(c.who.tenant, own) == nullptr;
    const auto id =
        is_own ? own : license_id{parts_.ids.digest({"license", c.who.tenant.value, key})};
    license::issue terms{r.plan,
                         r.max_users,
                         r.webrtc_max_users,
                         r.webrtc_extension,
                         r.expires_at,
                         r.starts_at,
                         r.sessions_per_user,
                         r.overdraft,
                         r.organization,
                         r.features,
                         personal<std::string>{subject_id{id.value}, key},
                         {},
                         {}};
    issue_license(c, id, std::move(terms), how);
  });
}

// The terms first: were they refused, the status would be half of what was asked.
void site::change_license(const caller& c, const license_id& id, request::license_change by,
                          done<answer::license_row> how) {
  using out = answer::license_row;
  if (!ready_) return reply<out>(c, how, failure{errc::hub_not_available, {}, 1000});
  if (options_.role == role::slave) return reply<out>(c, how, failure{errc::wrong_role, {}, 0});
  const auto then_status = [=, this] {
    caller second = c; // a retry must not say it again when somebody has said otherwise meanwhile
    if (!c.command.empty()) second.command.value += "/status";
    say_status(second, id, *by.status, [=, this](errc why) {
      links_->tell_terms(c.who.tenant, id);
      if (why != errc::ok) return reply<out>(c, how, failure{why, "status", 0});
      license(c, id, how);
    });
  };
  engine_->inspect<license::spec>(
      c.who.tenant, id.value, [=, this](errc error, const license::state& s) {
        if (error == errc::ok && !s.exists) error = errc::license_unknown;
        if (error != errc::ok) return reply<out>(c, how, failure{error, id.value, 0});
        if (by.status == "revoked") return then_status(); // its terms are of no use any more
        issue_license(c, id, changed(terms_of(s), by), [=](const outcome<out>& o) {
          if (!by.status || std::holds_alternative<failure>(o)) return how(o);
          then_status();
        });
      });
}

void site::say_status(const caller& c, const license_id& id, const std::string& status,
                      std::function<void(errc)> done) {
  license::command what = license::resume{};
  if (status == "suspended")
    what = license::suspend{};
  else if (status == "revoked")
    what = license::revoke{};
  else if (status != "active")
    return done(errc::value_out_of_range);
  engine_->send<license::spec>(id.value, std::move(what), origin_of(c, id.value),
                               [done](const result<license::spec>& r) { done(r.error); });
}

void site::current_license(const caller& c, done<answer::current_license> how) {
  using out = answer::current_license;
  hub_->post([=, this] {
    const auto id = license_of(c.who.tenant);
    const auto* s = known_license(c.who.tenant, id);
    if (s == nullptr) return reply<out>(c, how, failure{errc::license_unknown, {}, 0});
    out row{name_of(options_.role),
            row_of(id, *s),
            license::seats_here(*s, now_context()),
            static_cast<std::uint32_t>(s->held.size()),
            {}};
    if (options_.role == role::slave) row.master = upstream_->now(*s);
    if (!c.who.admin()) row.license.key.clear();
    reply<out>(c, how, std::move(row));
  });
}

void site::validate_license(const caller& c, const license_id& id, std::optional<session_id> of,
                            done<answer::validation> how) {
  using out = answer::validation;
  hub_->post([=, this] {
    const auto* s = known_license(c.who.tenant, id);
    if (s == nullptr) return reply<out>(c, how, failure{errc::license_unknown, id.value, 0});
    auto why = license::validity_of(*s, parts_.time.now());
    const bool held = of && std::ranges::any_of(s->held, [&](const auto& entry) {
                        return entry.second.sessions.contains(*of);
                      });
    if (why == errc::ok && of && !held) why = errc::seat_lost;
    const auto seats = license::seats_here(*s, now_context());
    if (why == errc::ok && !of && s->held.size() >= seats) why = errc::user_limit_reached;
    reply<out>(c, how, out{why == errc::ok, code_of(why), detail_of(why)});
  });
}

// The seed: who makes an agent for the browser need not look for the license. On a slave the
// master's terms stand.
void site::make_licensed(const tenant_id& tenant, std::function<void(errc)> done) {
  constexpr std::uint32_t allocated = 5; // where none is set
  const auto id = license_of(tenant);
  if (options_.role == role::slave) return done(errc::ok);
  engine_->inspect<license::spec>(tenant, id.value, [=, this](errc error, const license::state& s) {
    if (error != errc::ok || !s.exists) return done(error);
    auto terms = terms_of(s);
    terms.webrtc_extension = true;
    if (terms.webrtc_max_users == 0) terms.webrtc_max_users = std::min(allocated, s.max_users);
    engine_->send<license::spec>(id.value, std::move(terms),
                                 {tenant, "system/typology", {}, id.value, 0},
                                 [=, this](const result<license::spec>& r) {
                                   if (r.error == errc::ok) links_->tell_terms(tenant, id);
                                   done(r.error);
                                 });
  });
}

} // namespace strowger::runtime
