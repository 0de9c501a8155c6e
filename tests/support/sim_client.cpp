#include "tests/support/sim_client.hpp"

namespace strowger::sim {
namespace {

bool may_come_right(errc why) {
  return why == errc::outcome_unknown || why == errc::hub_not_available || why == errc::busy ||
         why == errc::storage_failed;
}

// Which call a message is about; none: presence.
const call_id* call_of(const notice::any& what) {
  return std::visit(
      [](const auto& x) -> const call_id* {
        if constexpr (requires { x.call; })
          return &x.call;
        else
          return nullptr;
      },
      what);
}

} // namespace

sim_client::sim_client(sim_world& world, tenant_id tenant, std::string number, std::string name,
                       client_kind kind) :
    world_(world),
    name_(std::move(name)), kind_(kind) {
  who_.tenant = std::move(tenant);
  who_.number = std::move(number);
  who_.agent = agent_id{world.ids.digest({"agent", who_.tenant.value, who_.number})};
  who_.roles = {"agent"};
  who_.jti = "token of " + name_;
  who_.expires_at = world.threads.now() + 100'000'000;
}

runtime::caller sim_client::caller_on(const std::shared_ptr<sim_thread>& lane,
                                      std::string command) const {
  return {lane, who_, command_id{std::move(command)}};
}

std::string sim_client::fresh_command() { return name_ + "-" + std::to_string(++commands_); }

void sim_client::connect() {
  if (link_) return;
  link_ = std::make_shared<sim_connection>(world_, *this);
  world_.threads.note({name_, "connects"});
  link_->to_server([this, link = link_] {
    if (kind_ == client_kind::rest && session_.empty())
      open_session_on_server(link);
    else
      attach_on_server(link);
  });
}

void sim_client::open_session_on_server(const std::shared_ptr<sim_connection>& link) {
  if (session_command_.empty()) session_command_ = fresh_command();
  world_.site().open_session(caller_on(link->lane(), session_command_), {who_, who_.number, "sim"},
                             [this, link](outcome<answer::session_row> o) {
                               if (const auto* bad = std::get_if<failure>(&o))
                                 return link->refused(bad->why);
                               const auto session = std::get<answer::session_row>(o).session;
                               link->reply([this, session](sim_client&) {
                                 session_ = session;
                                 session_command_.clear();
                                 handled_ = 0;
                                 link_->to_server([this, link = link_] { attach_on_server(link); });
                               });
                             });
}

void sim_client::attach_on_server(const std::shared_ptr<sim_connection>& link) {
  const bool rest = kind_ == client_kind::rest;
  const auto done = [this, link, rest, of = session_](outcome<answer::attached> o) {
    if (const auto* bad = std::get_if<failure>(&o)) {
      if (rest) world_.audit.turned_away(who_.tenant, of, bad->why);
      return link->refused(bad->why);
    }
    link->attached(std::get<answer::attached>(o));
  };
  if (rest)
    return world_.site().attach(caller_on(link->lane(), {}),
                                request::attach_session{session_, handled_, "sim"}, link, done);
  request::attach r{who_, who_.number, resume_token_, handled_, "sim", false};
  world_.site().attach(caller_on(link->lane(), {}), r, link, done);
}

void sim_client::vanish() {
  if (!link_) return;
  world_.threads.note({name_, "vanishes"});
  link_->vanish();
  on_closed();
}

void sim_client::on_closed() {
  link_.reset();
  connected_ = false;
  subscribed_ = false;
}

void sim_client::on_refused(errc why) {
  world_.threads.note({name_, "is refused"});
  if (why == errc::session_closed || why == errc::session_unknown) {
    session_ = {};
    calls_.clear();
  }
  on_closed();
}

void sim_client::on_attached(const answer::attached& a) {
  world_.threads.note({name_, a.resumed ? "is back" : "is new"});
  const bool same_device = device_ == a.device;
  device_ = a.device;
  if (kind_ == client_kind::websocket) session_ = a.session;
  resume_token_ = a.resume_token;
  connected_ = true;
  if (a.resumed) {
    if (!same_device || a.position != handled_) world_.audit.fail(name_ + " was resumed wrongly");
  } else {
    handled_ = a.position;
    calls_.clear();
    for (const auto& c : a.calls)
      calls_[c.call] = {c.state == "ringing" && c.direction == "in", c.state == "answered",
                        c.bridge};
  }
  if (!same_device) pending_.clear(); // they were another device's
  resend_pending();
}

void sim_client::on_message(const notice::any& what, client_position at) {
  if (const auto* p = std::get_if<notice::presence>(&what)) {
    presence_[p->extension] = p->client_count;
    return;
  }
  world_.audit.handled({who_.tenant, device_}, handled_, at);
  handled_ = at;
  const auto& id = *call_of(what);
  world_.threads.note({name_, "hears", std::visit([](const auto& x) { return x.name; }, what)});
  if (std::holds_alternative<notice::call_incoming>(what)) calls_[id].rung = true;
  if (std::holds_alternative<notice::call_ringing>(what)) calls_[id];
  if (const auto* x = std::get_if<notice::call_answered>(&what))
    calls_[id] = {false, true, x->bridge};
  if (const auto* x = std::get_if<notice::webrtc_renegotiate>(&what))
    calls_[id] = {false, true, x->bridge};
  if (std::holds_alternative<notice::call_cancelled>(what) ||
      std::holds_alternative<notice::call_ended>(what) ||
      std::holds_alternative<notice::call_failed>(what))
    calls_.erase(id);
}

void sim_client::check_at_rest() const {
  if (!connected_) return;
  if (kind_ == client_kind::rest) world_.audit.check_words(who_.tenant, session_);
  if (world_.audit.next_for({who_.tenant, device_}, handled_) != nullptr)
    world_.audit.fail(name_ + " was not told everything");
  const auto& t = world_.audit.world().tenants.at(who_.tenant);
  const auto it = t.calls_of.find(device_);
  const auto known = it == t.calls_of.end() ? std::set<call_id>{} : it->second;
  std::set<call_id> believed;
  for (const auto& [id, view] : calls_) believed.insert(id);
  if (known != believed)
    world_.audit.fail(name_ + " believes to be in " + std::to_string(believed.size()) +
                      " calls and is in " + std::to_string(known.size()));
}

std::optional<errc> sim_client::answer_to(const std::string& command) const {
  const auto it = answers_.find(command);
  return it == answers_.end() ? std::nullopt : std::optional{it->second};
}

void sim_client::on_reply(const std::string& command, errc why) {
  if (may_come_right(why)) return; // stays pending: sent again with the next chance
  answers_[command] = why;
  const auto it = pending_.find(command);
  if (it == pending_.end()) return;
  const auto what = it->second;
  pending_.erase(it);
  if (why != errc::ok) return; // a dial is heard of by messages: a repeated one may be long over
  if (const auto* a = std::get_if<request::call_action>(&what.what);
      a != nullptr && std::holds_alternative<request::answer>(*a))
    if (const auto mine = calls_.find(what.call); mine != calls_.end()) {
      mine->second.rung = false;
      mine->second.up = true;
    }
}

} // namespace strowger::sim
