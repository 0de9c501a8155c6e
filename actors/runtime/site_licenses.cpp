// Licenses: what admins see and change of them. Slaves hear of changes.
#include "actors/runtime/site_roles.hpp"

namespace strowger::runtime {
namespace {

constexpr duration_ms recall_pause_ms = 300; // between two tries of a change

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

license::change change_of(const request::license_change& by) {
  return {by.plan,
          by.organization,
          by.webrtc_extension,
          by.features,
          by.max_users,
          by.webrtc_max_users,
          by.sessions_per_user,
          by.overdraft,
          by.starts_at,
          by.expires_at,
          by.if_tag};
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
  row.tag = license::tag_of(s);
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

// Seats that idle slaves have are asked back, and waited for until `until`.
void site::issue_license(const caller& c, const license_id& id, license::command terms,
                         time_ms until, done<answer::license_row> how) {
  using out = answer::license_row;
  engine_->send<license::spec>(
      id.value, terms, origin_of(c, id.value), [=, this](const result<license::spec>& r) {
        if (r.error == errc::user_limit_reached && parts_.time.now() < until)
          return hub_->post([=, this] {
            links_->recall(id, {});
            parts_.publisher->post_after(recall_pause_ms,
                                         [=, this] { issue_license(c, id, terms, until, how); });
          });
        if (r.error == errc::user_limit_reached) return refuse_fewer_seats(c, id, how);
        // With what stays of the terms; what is wrong by itself was refused at the door.
        const auto* field = r.error == errc::value_out_of_range ? "webrtc_max_users" : "";
        if (r.error != errc::ok) return reply<out>(c, how, failure{r.error, field, 0});
        links_->tell_terms(c.who.tenant, id);
        license(c, id, how);
      });
}

// Says what stands in the way, and when to try again: leases end by themselves.
void site::refuse_fewer_seats(const caller& c, const license_id& id,
                              done<answer::license_row> how) {
  hub_->post([=, this] {
    failure why{errc::user_limit_reached, {}, 0};
    if (const auto* s = known_license(c.who.tenant, id); s != nullptr) {
      const auto leased = license::leased_seats(*s);
      why.detail = std::to_string(s->held.size()) + " seats are used here, " +
                   std::to_string(leased) + " are leased to slaves";
      for (const auto& [slave, x] : s->slaves)
        if (x.seats > 0)
          why.retry_after_ms = std::max(why.retry_after_ms, x.at + x.lease_ms - parts_.time.now());
    }
    reply<answer::license_row>(c, how, std::move(why));
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
    issue_license(c, id, std::move(terms), 0, how);
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
  const auto until =
      options_.role == role::master ? parts_.time.now() + limits::seat_recall_ms : time_ms{0};
  engine_->inspect<license::spec>(
      c.who.tenant, id.value, [=, this](errc error, const license::state& s) {
        if (error == errc::ok && !s.exists) error = errc::license_unknown;
        if (error != errc::ok) return reply<out>(c, how, failure{error, id.value, 0});
        // A revoked one's terms are of no use any more.
        if (by.status == "revoked" && (s.revoked || !by.if_tag)) return then_status();
        auto terms = change_of(by);
        if (by.status == "revoked") terms = {.if_tag = by.if_tag};
        issue_license(c, id, std::move(terms), until, [=](const outcome<out>& o) {
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
    reply<out>(c, how, out{why == errc::ok, license::code_of(why), detail_of(why)});
  });
}

// The seed: who makes an agent for the browser need not look for the license. A slave tells its
// master, whose terms stand.
void site::make_licensed(const tenant_id& tenant, std::function<void(errc)> done) {
  const auto id = license_of(tenant);
  if (options_.role == role::slave) {
    upstream_->note_softphone();
    return done(errc::ok);
  }
  engine_->send<license::spec>(id.value, softphone_terms(),
                               {tenant, "system/typology", {}, id.value, 0},
                               [=, this](const result<license::spec>& r) {
                                 if (r.error == errc::license_unknown) return done(errc::ok);
                                 if (r.error == errc::ok) links_->tell_terms(tenant, id);
                                 done(r.error);
                               });
}

} // namespace strowger::runtime
