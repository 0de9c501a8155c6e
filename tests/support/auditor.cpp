#include "tests/support/auditor.hpp"

#include "actors/runtime/decode.hpp"
#include "tests/support/same.hpp"
#include "tests/support/show.hpp"

#include <algorithm>

namespace strowger::sim {
namespace {

std::string text(std::uint64_t n) { return std::to_string(n); }

} // namespace

void auditor::fail(const std::string& what) {
  if (!broken_.empty()) return;
  broken_ = what;
  threads_.note({"BROKEN:", what});
}

void auditor::appended(const storage::stream_key& stream, const storage::metadata& meta) {
  threads_.note({"disk", stream.kind, stream.id, meta.command.value});
  appended_once(stream, meta);
  if (meta.command.empty()) return;
  const auto& command = meta.command.value;
  if (!effects_.emplace(stream.tenant, stream.kind, stream.id, command).second)
    fail("a second effect of command " + command + " in " + stream.kind + "/" + stream.id);
  if (stream.kind != call::spec::kind || meta.principal.starts_with("system/")) return;
  if (const auto [it, first] = call_effects_.try_emplace({stream.tenant, command}, stream.id);
      !first && it->second != stream.id)
    fail("command " + command + " has effects in two calls");
}

void auditor::read() {
  if (disk_->durable() == last_) return;
  for (const auto& r : disk_->read_log(last_ + 1, 1'000'000)) {
    check_record(r);
    fold(r);
    last_ = r.at;
  }
}

void auditor::check_record(const storage::record& r) {
  if (r.at != last_ + 1) fail("a gap in the log before " + text(r.at));
  if (r.tenant_sequence != ++sequences_[r.tenant]) fail("tenant sequence at " + text(r.at));
  if (r.epoch < epoch_) fail("an older owner wrote at " + text(r.at));
  epoch_ = r.epoch;
  auto& c = chains_[{r.tenant, r.kind, r.stream}];
  if (r.version != c.version + 1 || r.previous != c.last)
    fail("a broken version chain at " + text(r.at) + " in " + r.kind + "/" + r.stream);
  if (r.meta.time < c.time) fail("time went back at " + text(r.at));
  if (r.kind == runtime::node_kind) started_ = r.meta.time;
  check_sealed(r);
  c = {r.version, r.at, r.meta.time};
}

void auditor::fold(const storage::record& r) {
  const auto e = runtime::decode_record(r, vault_);
  if (!e) {
    world_.folded = r.at;
    return;
  }
  call::state before;
  const auto* on_call = std::get_if<call::event>(&e->event);
  if (on_call != nullptr) {
    auto& states = calls_[{e->tenant, call_id{e->stream}}];
    if (states.empty()) states.emplace_back();
    before = states.back();
    states.push_back(call::evolve(before, *on_call));
  }
  if (const auto* x = std::get_if<session::event>(&e->event)) check_session(*e, *x);
  const auto told = views::fold(world_, *e);
  std::map<device_id, client_position> index;
  for (const auto& t : told)
    expected_[{e->tenant, t.to}].push_back(
        {e->at * messages_per_event_max + index[t.to]++, t.what});
  if (on_call != nullptr) check_call(*e, before, told);
  if (const auto* x = std::get_if<extension::event>(&e->event))
    if (const auto* a = std::get_if<extension::device_attached>(x)) attached_.insert(a->device);
  if (const auto* x = std::get_if<license::event>(&e->event)) {
    if (const auto* s = std::get_if<license::seat_taken>(x)) seated_.insert(s->session);
    if (const auto* s = std::get_if<license::seat_shared>(x)) seated_.insert(s->session);
    const auto& l = world_.tenants.at(e->tenant).licenses.at(license_id{e->stream});
    if (l.held.size() > l.webrtc_max_users) fail("more seats than the license has");
  }
}

void auditor::check_call(const views::committed& e, const call::state& before,
                         const std::vector<views::addressed>& told) {
  const auto& event = std::get<call::event>(e.event);
  const auto where = " in call " + e.stream + " at " + text(e.at);
  if (before.phase == call::phase::ended && !call::may_follow_the_end(event))
    fail("an event after the end" + where);
  if (const auto* a = std::get_if<call::answered>(&event)) {
    const auto& l = before.legs.at(a->leg);
    if (l.phase != call::leg_phase::ringing || !l.device.empty()) fail("a second winner" + where);
    for (const auto& [device, phase] : l.rung) {
      if (phase != call::ring_phase::ringing || device == a->device) continue;
      const bool knows = std::ranges::any_of(told, [&, d = device](const auto& t) {
        const auto* c = std::get_if<notice::call_cancelled>(&t.what);
        return t.to == d && c != nullptr && c->reason == "answered_elsewhere";
      });
      if (!knows) fail("a loser is not told" + where);
    }
  }
  if (const auto* x = std::get_if<call::ended>(&event);
      x != nullptr && x->why == call::cause::no_answer &&
      x->at < (before.transfer ? before.transfer->ring_until : before.ring_until))
    fail("rang too short" + where);
  if (const auto* x = std::get_if<call::transfer_failed>(&event);
      x != nullptr && x->why == call::cause::no_answer && x->at < before.transfer->ring_until)
    fail("a transfer rang too short" + where);
}

void auditor::leaving(client_position at) {
  if (at / messages_per_event_max > disk_->durable()) fail("pushed before the disk: " + text(at));
}

void auditor::pushed(const device_key& to, client_position at, const notice::any& what) {
  read();
  ++messages_;
  if (at == 0) {
    if (!std::holds_alternative<notice::presence>(what)) fail("a message without a position");
    return;
  }
  const auto& all = expected_[to];
  const auto it = std::ranges::lower_bound(all, at, {}, &message::at);
  if (it == all.end() || it->at != at)
    fail("pushed at " + text(at) + " what is not on the disk, to " + to.second.value);
  else if (!support::same(it->what, what))
    fail("pushed another message than the log says, at " + text(at));
}

const auditor::message* auditor::next_for(const device_key& to, client_position before) const {
  const auto found = expected_.find(to);
  if (found == expected_.end()) return nullptr;
  const auto it = std::ranges::upper_bound(found->second, before, {}, &message::at);
  return it == found->second.end() ? nullptr : &*it;
}

void auditor::handled(const device_key& by, client_position before, client_position at) {
  if (at <= before) return fail("positions of " + by.second.value + " do not rise");
  const auto* next = next_for(by, before);
  if (next == nullptr || next->at != at)
    fail("device " + by.second.value + " missed a message between " + text(before) + " and " +
         text(at));
}

bool auditor::has_call_command(const tenant_id& tenant, const std::string& command) const {
  return call_effects_.contains({tenant, command});
}

version auditor::version_of(const tenant_id& tenant, const call_id& id) const {
  const auto it = calls_.find({tenant, id});
  return it == calls_.end() ? 0 : it->second.size() - 1;
}

// Either the command is in the log, or, at some moment since it was first sent, the log already
// said what it asked for.
void auditor::acknowledged(const tenant_id& tenant, const call_id& id, const std::string& command,
                           const call::command* asked, version since) {
  read();
  ++acknowledgements_;
  if (has_call_command(tenant, command)) return;
  const auto it = calls_.find({tenant, id});
  if (asked != nullptr && it != calls_.end())
    for (auto v = since; v < it->second.size(); ++v) {
      const auto d = call::decide(it->second[v], *asked, {threads_.now(), 1, 0});
      if (!d.refused() && d.events().empty()) return;
    }
  fail("acknowledged but not on the disk: " + command + " on " + id.value);
}

void auditor::refused(const std::string& command, errc why, bool had_effect) {
  const bool definite = why != errc::outcome_unknown && why != errc::hub_not_available &&
                        why != errc::storage_failed && why != errc::busy &&
                        why != errc::session_closed && why != errc::session_unknown;
  if (definite && had_effect)
    fail("refused, but it is on the disk: " + command + ", errc " +
         text(static_cast<std::uint64_t>(why)));
}

void auditor::attached(const tenant_id&, const device_id& device) {
  read();
  if (!attached_.contains(device)) fail("attached but not on the disk: " + device.value);
}

} // namespace strowger::sim
