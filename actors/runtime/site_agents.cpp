// Agents as admins manage them (seed 001), and what their softphones sign in with.
#include "actors/runtime/site.hpp"

#include <algorithm>
#include <limits>

namespace strowger::runtime {
namespace {

using row = answer::agent_row;

row shown(const agent_id& id, const agent::state& s) {
  return {id, s.username.reveal(), s.email.reveal(), s.number.reveal(), s.typology, s.roles};
}

bool is_typology(const std::string& text) { return text == "agent" || agent::takes_seat(text); }

bool is_number(const std::string& text) {
  return !text.empty() && text.size() <= limits::target_digits_max &&
         text.find_first_not_of("0123456789") == std::string::npos;
}

// What the license says stands, and the agent is there all the same; what the machine could not do
// is to be asked for again.
bool to_repeat(errc why) {
  return why == errc::busy || why == errc::outcome_unknown || why == errc::storage_failed ||
         why == errc::hub_not_available || why == errc::internal;
}

// Somebody else's by now, or nobody's: nothing to give back.
bool given_back(errc why) {
  return why == errc::ok || why == errc::extension_not_owned || why == errc::extension_unknown;
}

} // namespace

struct site::agent_work {
  caller by;
  agent_id id;
  request::agent_change said;
  done<row> how;
  agent::state before;
  std::string hash; // of the new password

  void fail(errc why, std::string detail = {}) const {
    reply<row>(by, how, failure{why, std::move(detail), 0});
  }
};

bool site::tokens_void(const tenant_id& tenant, const agent_id& agent, time_ms issued_at) const {
  std::lock_guard lock{revoked_mutex_};
  if (void_until_.empty()) return false;
  const auto it = void_until_.find({tenant, agent});
  return it != void_until_.end() && issued_at <= it->second;
}

void site::make_void(const tenant_id& tenant, const agent_id& agent, time_ms until) {
  std::lock_guard lock{revoked_mutex_};
  void_until_.insert_or_assign({tenant, agent}, until);
}

// Who was removed is somebody new now.
void site::welcome_back(const tenant_id& tenant, const agent_id& agent) {
  std::lock_guard lock{revoked_mutex_};
  const auto it = void_until_.find({tenant, agent});
  if (it != void_until_.end()) it->second = parts_.time.now();
}

// By user name; the cursor is the last one's id, also when it is gone meanwhile.
void site::agents(const caller& c, request::agents r, done<answer::agent_page> how) {
  using out = answer::agent_page;
  if (!ready_) return reply<out>(c, how, failure{errc::hub_not_available, {}, 1000});
  hub_->post([=, this] {
    const auto& all = hub_->tenant(c.who.tenant).agents;
    using name = std::pair<std::string, agent_id>;
    std::optional<name> after;
    if (!r.cursor.empty()) {
      const auto last = all.peek(agent_id{r.cursor});
      if (!last) return reply<out>(c, how, failure{errc::value_out_of_range, "cursor", 0});
      after = name{last->username.reveal(), agent_id{r.cursor}};
    }
    std::map<name, row> page; // one more than wanted: is there another page?
    all.each([&](const agent_id& id, const agent::state& s) {
      if (!s.exists || s.gone) return;
      name at{s.username.reveal(), id};
      if (after && at <= *after) return;
      if (page.size() > r.limit && std::prev(page.end())->first < at) return;
      page.emplace(std::move(at), shown(id, s));
      if (page.size() > r.limit + 1) page.erase(std::prev(page.end()));
    });
    out found;
    for (auto& [at, one] : page) {
      if (found.agents.size() == r.limit) {
        found.next_cursor = found.agents.back().agent.value;
        break;
      }
      found.agents.push_back(std::move(one));
    }
    reply<out>(c, how, std::move(found));
  });
}

void site::agent(const caller& c, const agent_id& id, done<row> how) {
  if (!ready_) return reply<row>(c, how, failure{errc::hub_not_available, {}, 1000});
  hub_->post([=, this] {
    const auto s = hub_->tenant(c.who.tenant).agents.peek(id);
    if (!s || !s->exists || s->gone) return reply<row>(c, how, failure{errc::agent_unknown, {}, 0});
    reply<row>(c, how, shown(id, *s));
  });
}

void site::create_agent(const caller& c, request::register_agent r, done<row> how) {
  caller there = c;
  there.who.tenant = r.tenant;
  const bool seated = agent::takes_seat(r.typology);
  register_agent(c, std::move(r), [=, this](outcome<answer::registered> made) {
    if (const auto* why = std::get_if<failure>(&made)) return how(*why);
    const auto id = std::get<answer::registered>(made).agent;
    if (!seated) return agent(there, id, how);
    make_licensed(there.who.tenant, [=, this](errc why) {
      if (to_repeat(why)) return reply<row>(c, how, failure{why, {}, 1000});
      agent(there, id, how);
    });
  });
}

void site::change_agent(const caller& c, const agent_id& id, request::agent_change said,
                        done<row> how) {
  if (!ready_) return reply<row>(c, how, failure{errc::hub_not_available, {}, 1000});
  auto work = std::make_shared<agent_work>(agent_work{c, id, std::move(said), std::move(how)});
  if (work->said.typology && !is_typology(*work->said.typology))
    return work->fail(errc::value_out_of_range, "typology");
  if (work->said.extension && !is_number(*work->said.extension))
    return work->fail(errc::value_out_of_range, "extension");
  engine_->inspect<agent::spec>(c.who.tenant, id.value, [=, this](errc why, const agent::state& s) {
    if (why != errc::ok) return work->fail(why);
    if (!s.exists || s.gone) return work->fail(errc::agent_unknown);
    work->before = s;
    if (!work->said.password) return move_agent(work);
    const bool taken = work_slowly([=, this] {
      work->hash = parts_.passwords.hash(*work->said.password);
      move_agent(work);
    });
    if (!taken) reply<row>(work->by, work->how, failure{errc::busy, {}, 1000});
  });
}

// Two streams, each step repeatable: a sample owner retires, the extension changes hands.
void site::claim_extension(const caller& c, const std::string& number, const agent_id& agent,
                           std::function<void(errc)> claimed) {
  const auto id = extension_of(c.who.tenant, number);
  auto claim = [=, this](const agent_id& from) {
    engine_->send<extension::spec>(
        id.value, extension::claim{{subject_id{agent.value}, number}, agent, from},
        origin_of(c, agent.value),
        [claimed](const result<extension::spec>& r) { claimed(r.error); });
  };
  engine_->inspect<extension::spec>(
      c.who.tenant, id.value, [=, this](errc why, const extension::state& s) {
        if (why != errc::ok) return claimed(why);
        if (!s.exists || s.owner.empty() || s.owner == agent) return claim({});
        engine_->send<agent::spec>(s.owner.value, agent::retire{},
                                   {c.who.tenant, "system/takeover", {}, s.owner.value, 0},
                                   [=, owner = s.owner](const result<agent::spec>& gone) {
                                     if (gone.error != errc::ok)
                                       return claimed(errc::extension_in_use);
                                     claim(owner);
                                   });
      });
}

// The new extension first, then the old one goes, then the agent says so: whatever a crash leaves
// in between, asking again completes it.
void site::move_agent(std::shared_ptr<agent_work> work) {
  const auto& to = work->said.extension;
  const auto& tenant = work->by.who.tenant;
  if (!to || extension_of(tenant, *to) == work->before.extension) return write_agent(work);
  claim_extension(work->by, *to, work->id, [=, this](errc why) {
    if (why != errc::ok) return work->fail(why, *work->said.extension);
    engine_->send<extension::spec>(work->before.extension.value, extension::release{work->id},
                                   origin_of(work->by, work->id.value),
                                   [=, this](const result<extension::spec>& r) {
                                     if (!given_back(r.error)) return work->fail(r.error);
                                     write_agent(work);
                                   });
  });
}

void site::write_agent(std::shared_ptr<agent_work> work) {
  const subject_id subject{work->id.value};
  const auto& said = work->said;
  agent::change command;
  if (said.email) command.email = {subject, *said.email};
  command.typology = said.typology;
  if (said.extension) {
    command.number = {subject, *said.extension};
    command.extension = extension_of(work->by.who.tenant, *said.extension);
  }
  if (said.password) command.password_hash = {subject, work->hash};
  engine_->send<agent::spec>(work->id.value, std::move(command),
                             origin_of(work->by, work->id.value),
                             [=, this](const result<agent::spec>& r) {
                               if (r.error != errc::ok) return work->fail(r.error);
                               agent_changed(work);
                             });
}

void site::agent_changed(std::shared_ptr<agent_work> work) {
  const auto& tenant = work->by.who.tenant;
  const auto& was = work->before;
  const auto& typology = work->said.typology ? *work->said.typology : was.typology;
  const bool moved = work->said.extension && *work->said.extension != was.number.reveal();
  if (moved || typology != was.typology) { // tokens name the extension, and the seat
    make_void(tenant, work->id, parts_.time.now());
    end_seats(tenant, work->id);
  }
  const auto show = [=, this] { agent(work->by, work->id, work->how); };
  if (!agent::takes_seat(typology) || !work->said.typology) return show();
  make_licensed(tenant, [=](errc why) {
    if (to_repeat(why)) return work->fail(why);
    show();
  });
}

void site::remove_agent(const caller& c, const agent_id& id, done<answer::done> how) {
  if (!ready_) return reply_done(c, how, errc::hub_not_available);
  if (c.who.agent == id) // or nobody is left who could undo it
    return reply<answer::done>(c, how, failure{errc::forbidden, "one's own account", 0});
  engine_->inspect<agent::spec>(c.who.tenant, id.value, [=, this](errc why, const agent::state& s) {
    if (why != errc::ok || !s.exists)
      return reply_done(c, how, why != errc::ok ? why : errc::agent_unknown);
    const auto give_back = [=, this, extension = s.extension](const result<agent::spec>& gone) {
      if (gone.error != errc::ok) return reply_done(c, how, gone.error);
      make_void(c.who.tenant, id, std::numeric_limits<time_ms>::max());
      end_seats(c.who.tenant, id);
      engine_->send<extension::spec>(extension.value, extension::release{id},
                                     origin_of(c, id.value), [=](const result<extension::spec>& r) {
                                       const bool fine = given_back(r.error);
                                       reply_done(c, how, fine ? errc::ok : r.error);
                                     });
    };
    engine_->send<agent::spec>(id.value, agent::remove{}, origin_of(c, id.value), give_back);
  });
}

// The sign-ins of an agent that hold a seat; the seat follows from their end.
void site::end_seats(const tenant_id& tenant, const agent_id& agent) {
  hub_->post([=, this] {
    const auto* license = known_license(tenant, license_of(tenant));
    if (license == nullptr) return;
    const auto held = license->held.find(agent);
    if (held == license->held.end()) return;
    for (const auto& id : held->second.sessions)
      engine_->send<session::spec>(id.value, session::close{"removed"},
                                   {tenant, "system/agents", {}, id.value, 0}, {});
  });
}

void site::sip_config(const caller& c, const agent_id& id, done<answer::sip_account> how) {
  using out = answer::sip_account;
  if (!ready_) return reply<out>(c, how, failure{errc::hub_not_available, {}, 1000});
  if (!c.who.admin() && c.who.agent != id)
    return reply<out>(c, how, failure{errc::forbidden, {}, 0});
  hub_->post([=, this] {
    const auto s = hub_->tenant(c.who.tenant).agents.peek(id);
    if (!s || !s->exists || s->gone) return reply<out>(c, how, failure{errc::agent_unknown, {}, 0});
    reply<out>(c, how,
               out{id, s->number.reveal(), s->username.reveal(), s->typology,
                   parts_.ids.digest({"sip", c.who.tenant.value, id.value})});
  });
}

} // namespace strowger::runtime
