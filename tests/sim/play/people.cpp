#include "tests/sim/play/people.hpp"

namespace strowger::sim {
namespace {

const tenant_id home{"default"};
const tenant_id other{"other"};
const tenant_id third{"third"};

} // namespace

sim_agent::sim_agent(sim_world& world, tenant_id tenant, std::string username) :
    world_(world), tenant_(std::move(tenant)), username_(std::move(username)) {
  who_.tenant = tenant_;
}

void sim_agent::act() {
  if (busy_ || !world_.running()) return;
  auto& site = world_.site();
  const auto lane = world_.any_lane();
  if (who_.session.empty()) {
    busy_ = true;
    const bool forgot = world_.threads.chance(5);
    site.login({lane, {}, {}}, {tenant_, username_, forgot ? "wrong" : "pw", "here"},
               [this, forgot](outcome<answer::identity> o) {
                 busy_ = false;
                 const auto* id = std::get_if<answer::identity>(&o);
                 world_.threads.note({username_, id ? "signs in" : "stays out"});
                 if (id == nullptr) return;
                 if (forgot) world_.audit.fail("signed in with a wrong password");
                 world_.audit.read();
                 if (!id->session || !world_.audit.seat_was_taken(*id->session))
                   return world_.audit.fail("signed in without a seat on the disk");
                 who_.agent = id->agent;
                 who_.number = id->extension;
                 who_.session = *id->session;
                 who_.jti = username_ + std::to_string(++sign_ins_);
                 who_.expires_at = world_.threads.now() + 100'000'000;
               });
    return;
  }
  const auto choice = world_.threads.below(10);
  if (choice < 6)
    return site.heartbeat(
        {lane, who_, {}}, who_.session,
        [this, of = who_.session, sent = world_.threads.now()](outcome<answer::done> o) {
          if (std::holds_alternative<answer::done>(o))
            world_.audit.renewed(who_.tenant, of, sent);
          else if (who_.session == of)
            who_.session = {};
        });
  if (choice == 6) { // closes the window: the seat comes back by itself
    who_.session = {};
    return;
  }
  if (choice == 7) { // opens another window: one seat, two sessions
    windows_.push_back(std::exchange(who_, {}));
    who_.tenant = tenant_;
    return;
  }
  if (choice == 8 && !windows_.empty()) { // signs out in the older one only
    const auto old = windows_.front();
    windows_.erase(windows_.begin());
    return site.logout({lane, old, {}}, [](outcome<answer::done>) {});
  }
  busy_ = true;
  site.logout({lane, who_, {}}, [this](outcome<answer::done> o) {
    busy_ = false;
    if (std::holds_alternative<answer::done>(o)) who_.session = {};
  });
}

sim_newcomer::sim_newcomer(sim_world& world, std::string username, std::string name) :
    world_(world), username_(std::move(username)), name_(std::move(name)) {}

void sim_newcomer::act() {
  if (busy_ || done_ || !world_.running()) return;
  auto& t = world_.threads;
  if (number_.empty()) {
    static constexpr std::array wanted{"1005", "1005", "1010", "1011", "1004"};
    number_ = wanted[t.below(wanted.size())];
    ++tries_;
  }
  busy_ = true;
  const runtime::caller from{
      world_.any_lane(), {}, command_id{name_ + "/" + std::to_string(tries_)}};
  request::register_agent r{home, username_, username_ + "@example.org", number_, "pw of " + name_,
                            {},   "here"};
  world_.site().register_agent(from, r, [this](outcome<answer::registered> o) {
    busy_ = false;
    const auto* bad = std::get_if<failure>(&o);
    const auto why = bad == nullptr ? errc::ok : bad->why;
    world_.threads.note(
        {username_, "registers", number_, std::to_string(static_cast<unsigned>(why))});
    if (bad == nullptr) {
      done_ = true;
      if (number_ == "1004") world_.audit.fail("registered for an extension that is in use");
      return world_.audit.registered(home, std::get<answer::registered>(o).agent, number_,
                                     username_, name_);
    }
    if (why == errc::extension_in_use || why == errc::username_taken) number_.clear();
  });
}

people::people(sim_world& world) : world_(world) {
  const auto add = [&](const tenant_id& t, const char* number, const char* name, client_kind kind) {
    clients_.push_back(std::make_unique<sim_client>(world, t, number, name, kind));
  };
  add(home, "1000", "a", client_kind::websocket);
  add(home, "1001", "b1", client_kind::websocket);
  add(home, "1001", "b2", client_kind::websocket);
  add(home, "1002", "c", client_kind::websocket);
  if (world.threads.chance(50)) add(home, "1002", "c2", client_kind::websocket);
  if (world.threads.chance(50)) add(home, "1003", "r", client_kind::rest);
  if (world.threads.chance(20)) add(home, "1003", "s", client_kind::rest);
  if (world.threads.chance(30)) {
    add(other, "1000", "x", client_kind::websocket);
    add(other, "1001", "y", client_kind::websocket);
  }
  if (world.threads.chance(20)) {
    add(third, "1000", "u", client_kind::websocket);
    add(third, "1001", "v", client_kind::rest);
    add(third, "1001", "w", client_kind::websocket);
  }
  const auto agent = [&](const tenant_id& t, const char* name, unsigned percent) {
    if (world.threads.chance(percent))
      agents_.push_back(std::make_unique<sim_agent>(world, t, name));
  };
  for (const auto* name : {"2000", "2001", "2002"}) agent(home, name, 50); // two seats
  for (const auto* name : {"2000", "2001"}) agent(other, name, 20);        // one seat
  const auto newcomer = [&](const char* username, const char* name) {
    if (world.threads.chance(40))
      newcomers_.push_back(std::make_unique<sim_newcomer>(world, username, name));
  };
  newcomer("nina", "nina");
  newcomer("noah", "noah");
  newcomer("nina", "another nina");
}

std::string people::some_number() {
  static constexpr std::array numbers{"1000", "1001", "1001", "1002",
                                      "1002", "1003", "1004", "4444"};
  return numbers[world_.threads.below(numbers.size())];
}

void people::act() {
  auto& t = world_.threads;
  if (!agents_.empty() && t.chance(12)) return agents_[t.below(agents_.size())]->act();
  if (!newcomers_.empty() && t.chance(6)) return newcomers_[t.below(newcomers_.size())]->act();
  if (t.chance(3)) return answer_together();
  act_as(*clients_[t.below(clients_.size())]);
}

void people::answer_together() {
  const auto& first = *clients_[world_.threads.below(clients_.size())];
  const auto rings = [](const sim_client& c, const call_id* id) {
    return c.connected() && std::ranges::any_of(c.calls(), [&](const auto& one) {
             return one.second.rung && (id == nullptr || one.first == *id);
           });
  };
  if (!rings(first, nullptr)) return;
  const auto it =
      std::ranges::find_if(first.calls(), [](const auto& one) { return one.second.rung; });
  const auto id = it->first;
  for (auto& c : clients_)
    if (c->tenant() == first.tenant() && rings(*c, &id)) c->act(id, request::answer{});
}

void people::act_as(sim_client& c) {
  auto& t = world_.threads;
  if (!c.connected()) {
    if (c.connecting()) {
      if (t.chance(10)) c.vanish();
    } else {
      c.connect();
    }
    return;
  }
  if (!c.pending().empty() && t.chance(15)) { // the same once more: impatience
    auto it = c.pending().begin();
    std::advance(it, static_cast<long>(t.below(c.pending().size())));
    return c.repeat(it->first);
  }
  if (c.kind() == client_kind::rest && t.chance(35)) return speak(c);
  const auto choice = t.below(100);
  if (choice < 5) return c.vanish();
  if (choice < 7) return c.subscribe();
  if (choice < 8) return c.log_out();
  if (choice < 10) return c.heartbeat();
  if (choice < 11) return c.close_session();
  if (choice < 16) return meddle(c);
  if (c.calls().empty() || (choice < 25 && c.calls().size() < 3)) {
    const auto id = c.dial(some_number());
    if (t.chance(15)) c.repeat(id);
    return;
  }
  auto it = c.calls().begin();
  std::advance(it, static_cast<long>(t.below(c.calls().size())));
  const auto id = it->first;
  const auto view = it->second;
  act_in_call(c, id, view);
}

void people::speak(sim_client& c) {
  using kind = enum session_words::kind;
  const auto choice = world_.threads.below(10);
  const auto what = choice < 2 ? kind::offer : choice < 5 ? kind::answer : kind::candidate;
  const auto command = c.say(what, "words " + std::to_string(++words_));
  if (world_.threads.chance(20)) c.repeat(command);
}

void people::act_in_call(sim_client& c, const call_id& id, const call_view& view) {
  if (seen_.size() < 32) seen_.push_back(id);
  const auto what = something_to_do(view);
  if (!what) return;
  const auto command = c.act(id, *what);
  if (world_.threads.chance(20)) c.repeat(command);
}

std::optional<request::call_action> people::something_to_do(const call_view& view) {
  auto& t = world_.threads;
  const auto text = "text " + std::to_string(++words_);
  const auto choice = t.below(100);
  if (view.rung) {
    if (choice < 60) return request::answer{};
    if (choice < 75) return request::reject{};
    if (choice < 80) return request::hang_up{};
    return {};
  }
  if (choice < 10) return request::offer{0, text};
  if (choice < 20) return request::trickle{t.chance(50) ? 0 : view.bridge, {text, "0", 0}};
  if (!view.up)
    return choice < 35 ? std::optional<request::call_action>{request::hang_up{}} : std::nullopt;
  if (choice < 30) return request::sdp_answer{0, text};
  if (choice < 40) return request::hold{};
  if (choice < 48) return request::unhold{};
  if (choice < 54) return request::mute{t.chance(50)};
  if (choice < 64) return request::dtmf{std::string(1, "0123456789*#"[t.below(12)]), 100};
  if (choice < 82) return request::transfer{some_number(), t.chance(50)};
  if (choice < 86) return request::cancel_transfer{};
  return request::hang_up{};
}

void people::meddle(sim_client& c) {
  if (seen_.empty()) return;
  const auto& id = seen_[world_.threads.below(seen_.size())];
  call_view view{world_.threads.chance(50), true, 1};
  const auto what = something_to_do(view);
  if (what) c.act(id, *what);
}

void people::connect_all() {
  for (auto& c : clients_)
    if (!c->connected() && !c->connecting()) c->connect();
}
void people::vanish_all() {
  for (auto& c : clients_) c->vanish();
}
void people::answer_all_pending() {
  for (auto& c : clients_) c->resend_pending();
}
void people::server_is_gone() {
  for (auto& a : agents_) a->lose_connection();
  for (auto& n : newcomers_) n->lose_connection();
}
void people::check_at_rest() {
  for (auto& c : clients_) c->check_at_rest();
  world_.audit.check_owners();
  world_.audit.check_seats();
  world_.audit.check_races();
}
bool people::all_connected() const {
  return std::ranges::all_of(clients_, [](const auto& c) { return c->connected(); });
}

} // namespace strowger::sim
