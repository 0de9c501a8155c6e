// Agents: sign in and out, registration.
#include "actors/runtime/site.hpp"
#include "core/buggify.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"

namespace strowger::runtime {
namespace {

bool licensed(const std::string& typology) {
  return typology == "chrome_softphone" || typology == "webrtc_appbar";
}

answer::identity identity_of(const agent_id& id, const tenant_id& tenant, const agent::state& s) {
  return {id, tenant, s.username.reveal(), s.email.reveal(), s.number.reveal(), s.typology, s.roles,
          {}, {}};
}

bool good_number(const std::string& number) {
  return !number.empty() && number.size() <= limits::target_digits_max &&
         number.find_first_not_of("0123456789") == std::string::npos;
}

} // namespace

bool site::work_slowly(std::function<void()> job) {
  if (++password_jobs_ > limits::password_jobs_max || buggify(point::password_queue_is_full)) {
    --password_jobs_;
    return false;
  }
  metrics::change(metrics::gauge::password_jobs_waiting, 1);
  auto work = [this, job = std::move(job)] {
    job();
    --password_jobs_;
    metrics::change(metrics::gauge::password_jobs_waiting, -1);
  };
  if (buggify(point::password_is_slow))
    parts_.work->post_after(3'000, std::move(work));
  else
    parts_.work->post(std::move(work));
  return true;
}

void site::login(const caller& c, request::login r, done<answer::identity> how) {
  using out = answer::identity;
  if (!ready_) return reply<out>(c, how, failure{errc::hub_not_available, {}, 1000});
  if (arrivals_->at.full()) return reply<out>(c, how, failure{errc::busy, {}, busy_for_ms});
  const auto id = agent_of(r.tenant, r.username); // however the name is spelt
  const auto key = id.value + "@" + r.address;
  hub_->post([=, this] {
    if (const auto wait = login_limit_.wait_ms(key, parts_.time.now()); wait > 0)
      return reply<out>(c, how, failure{errc::too_many_attempts, {}, wait});
    if (logins_under_way_[key] >= limits::logins_under_way_max) // guesses must not run abreast
      return reply<out>(c, how, failure{errc::too_many_attempts, {}, 1000});
    ++logins_under_way_[key];
    const auto done_with = [=, this] { // publisher's thread
      if (const auto it = logins_under_way_.find(key); --it->second == 0)
        logins_under_way_.erase(it);
    };
    engine_->inspect<agent::spec>(r.tenant, id.value, [=, this](errc error, const agent::state& s) {
      if (error != errc::ok) {
        hub_->post(done_with);
        return reply<out>(c, how, failure{error, {}, 0});
      }
      const bool taken = work_slowly([=, this] {
        const auto hash = s.exists && !s.gone ? s.password_hash.reveal() : std::string{};
        const bool good = parts_.passwords.verify(hash, r.password);
        hub_->post([=, this] {
          done_with();
          if (!good) {
            login_limit_.failed(key, parts_.time.now());
            return reply<out>(c, how, failure{errc::wrong_credentials, {}, 0});
          }
          login_limit_.succeeded(key);
          sign_in(c, r, s, id, how);
        });
      });
      if (taken) return;
      hub_->post(done_with);
      reply<out>(c, how, failure{errc::busy, {}, 1000});
    });
  });
}

void site::sign_in(const caller& c, const request::login& r, const agent::state& s,
                   const agent_id& id, done<answer::identity> how) {
  using out = answer::identity;
  auto who = identity_of(id, r.tenant, s);
  who.license = license_info(r.tenant);
  engine_->send<agent::spec>(id.value, agent::note_sign_in{}, {r.tenant, id.value, {}, id.value, 0},
                             [=, this](const result<agent::spec>& done_now) {
                               if (done_now.error != errc::ok)
                                 return reply<out>(c, how, failure{done_now.error, {}, 0});
                               if (!licensed(who.typology)) return reply<out>(c, how, who);
                               take_seat(c, who, {}, how);
                             });
}

// Under revoked_mutex_. A token that has expired is refused by itself.
void site::note_revoked(const principal& who) {
  revoked_.insert_or_assign({who.tenant, who.jti}, who.expires_at);
  if (revoked_.size() % 256 != 0) return;
  std::erase_if(revoked_, [now = parts_.time.now()](const auto& r) { return r.second < now; });
}

void site::logout(const caller& c, done<answer::done> how) {
  using out = answer::done;
  const auto finish = [=, this] {
    engine_->send<agent::spec>(c.who.agent.value, agent::revoke_token{c.who.jti, c.who.expires_at},
                               origin_of(c, c.who.agent.value),
                               [=, this](const result<agent::spec>& r) {
                                 if (r.error != errc::ok)
                                   return reply<out>(c, how, failure{r.error, {}, 0});
                                 {
                                   std::lock_guard lock{revoked_mutex_};
                                   note_revoked(c.who);
                                 }
                                 reply<out>(c, how, out{});
                               });
  };
  if (c.who.session.empty()) return finish();
  engine_->send<session::spec>(c.who.session.value, session::close{"logout"},
                               {c.who.tenant, c.who.agent.value, {}, c.who.session.value, 0},
                               [finish](const result<session::spec>&) { finish(); });
}

void site::register_agent(const caller& c, request::register_agent r,
                          done<answer::registered> how) {
  using out = answer::registered;
  if (!ready_) return reply<out>(c, how, failure{errc::hub_not_available, {}, 1000});
  if (!good_number(r.extension))
    return reply<out>(c, how, failure{errc::value_out_of_range, "extension", 0});
  if (r.typology.empty()) r.typology = "agent";
  if (r.typology != "agent" && !licensed(r.typology))
    return reply<out>(c, how, failure{errc::value_out_of_range, "typology", 0});
  if (arrivals_->at.full()) return reply<out>(c, how, failure{errc::busy, {}, busy_for_ms});
  const bool taken = work_slowly([=, this] {
    auto hash = parts_.passwords.hash(r.password);
    claim_and_register(c, r, std::move(hash), false, {"agent"}, how);
  });
  if (!taken) reply<out>(c, how, failure{errc::busy, {}, 1000});
}

// Three streams, each step repeatable: the user name must be free, a sample owner retires, the
// extension changes hands, the agent is written. A crash in between leaves steps a retry completes.
void site::claim_and_register(const caller& c, request::register_agent r, std::string hash,
                              bool sample, std::vector<std::string> roles,
                              done<answer::registered> how) {
  using out = answer::registered;
  const auto id = agent_of(r.tenant, r.username);
  const auto extension = extension_of(r.tenant, r.extension);
  const subject_id subject{id.value};
  caller in_tenant = c;
  in_tenant.who.tenant = r.tenant;
  const auto fail = [=](errc why) {
    reply<out>(c, how, failure{why, why == errc::username_taken ? r.username : r.extension, 0});
  };
  auto write = [=, this] {
    agent::register_agent command{{subject, r.username},
                                  {subject, r.email},
                                  {subject, r.extension},
                                  {subject, hash},
                                  extension,
                                  r.typology,
                                  roles,
                                  sample};
    engine_->send<agent::spec>(id.value, std::move(command), origin_of(in_tenant, id.value),
                               [=, this](const result<agent::spec>& w) {
                                 if (w.error != errc::ok) return fail(w.error);
                                 welcome_back(r.tenant, id);
                                 reply<out>(c, how, out{id, r.extension});
                               });
  };
  engine_->inspect<agent::spec>(r.tenant, id.value, [=, this](errc error, const agent::state& s) {
    if (error != errc::ok) return fail(error);
    // A retry finds its own agent; anybody else must not touch a thing before this is refused.
    const bool retry =
        s.exists && !s.gone && !c.command.empty() && s.number.reveal() == r.extension;
    const bool free = !s.exists || (s.gone && !sample); // a sample never takes a used name
    if (!free && !retry) return fail(errc::username_taken);
    claim_extension(in_tenant, r.extension, id, [=](errc why) {
      if (why != errc::ok) return fail(why);
      write();
    });
  });
}

} // namespace strowger::runtime
