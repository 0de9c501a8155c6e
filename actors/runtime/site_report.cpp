// What a slave tells its master of its seats: what its log says of them, in order and without a
// gap, and who was heard lately.
#include "actors/runtime/decode.hpp"
#include "actors/runtime/site_roles.hpp"

#include <algorithm>

namespace strowger::runtime {
namespace {

constexpr std::size_t beats_in_one = 512; // message

const tenant_id home{"default"};

storage::stream_key log_of(const std::string& license) {
  return {home, license::spec::kind, license};
}

// Another log has another event there, or none.
std::string mark_of(const storage::record& r) {
  return std::to_string(r.at) + "." + std::to_string(r.meta.time);
}

std::optional<link::seat_change> reported(const license::event& e, const storage::record& r) {
  link::seat_change out{r.version, r.at, {}, {}, {}, {}, {}, false};
  const auto fill = [&](const char* what, const auto& x) {
    out.what = what;
    out.holder = x.holder;
    out.session = x.session;
    out.at = instant{r.meta.time};
    return out;
  };
  if (const auto* x = std::get_if<license::seat_taken>(&e)) {
    out.overdrawn = x->overdrawn;
    return fill("taken", *x);
  }
  if (const auto* x = std::get_if<license::seat_shared>(&e)) return fill("shared", *x);
  if (const auto* x = std::get_if<license::seat_left>(&e)) return fill("left", *x);
  if (const auto* x = std::get_if<license::seat_released>(&e)) return fill("released", *x);
  return {};
}

} // namespace

void site::upstream::pass_heartbeats(const license::state& s) {
  beats_at_ = at_.parts_.time.now();
  link::alive beats;
  const auto& sessions = at_.hub_->tenant(home).sessions;
  for (const auto& [holder, seat] : s.held)
    for (const auto& id : seat.sessions)
      if (const auto* open = sessions.get(id); open != nullptr)
        beats.sessions.push_back({id, instant{open->last_activity}});
  for (std::size_t from = 0; from < beats.sessions.size(); from += beats_in_one) {
    const auto begin = beats.sessions.begin() + static_cast<std::ptrdiff_t>(from);
    const auto count = std::min(beats_in_one, beats.sessions.size() - from);
    sink_->send(link::alive{{begin, begin + static_cast<std::ptrdiff_t>(count)}});
  }
}

// What this event of the license says of a seat, if it does.
std::optional<link::seat_change> site::upstream::told_of(const storage::record& r) const {
  const auto e = decode_record(r, at_.parts_.vault);
  auto one = e ? reported(std::get<license::event>(e->event), r) : std::nullopt;
  if (!one) return {};
  if (const auto who = at_.hub_->tenant(home).agents.peek(one->holder))
    one->extension = who->number.reveal();
  return one;
}

// What our log says of seats, from where the master knows it on.
void site::upstream::report_seats() {
  if (!near_ || reporting_) return;
  if (const auto* s = mine(); anew_ && s != nullptr) return report_anew(*s);
  const auto past = at_.parts_.store.read_stream(log_of(stream()), reported_ + 1,
                                                 limits::report_changes_max - softphone_);
  if (past.empty() && !softphone_) return;
  link::report out{reported_ + 1, reported_, {}, {}, false};
  if (softphone_)
    out.changes.push_back({0,
                           0,
                           softphone_made,
                           agent_id{slave_.value},
                           session_id{slave_.value},
                           {},
                           instant{at_.parts_.time.now()},
                           false});
  softphone_told_ = std::exchange(softphone_, false);
  if (!past.empty()) {
    out.upto = past.back().version;
    out.mark = mark_of(past.back());
  }
  for (const auto& r : past)
    if (auto one = told_of(r)) out.changes.push_back(std::move(*one));
  reporting_ = true;
  sink_->send(std::move(out));
}

bool site::upstream::same_log(version upto, const std::string& mark) const {
  if (upto == 0) return true;
  const auto there = at_.parts_.store.read_stream(log_of(stream()), upto, 1);
  return !there.empty() && (mark.empty() || mark == mark_of(there.front()));
}

version site::upstream::last_version() const {
  version below = 0, above = 1;
  const auto there = [&](version v) {
    return !at_.parts_.store.read_stream(log_of(stream()), v, 1).empty();
  };
  while (there(above)) below = std::exchange(above, 2 * above);
  while (above - below > 1) {
    const auto middle = below + (above - below) / 2;
    (there(middle) ? below : above) = middle;
  }
  return below;
}

// Not the whole past: the seats that are held now, by the events that gave them.
void site::upstream::report_anew(const license::state& s) {
  const auto& t = at_.hub_->tenant(home);
  std::vector<link::seat_change> held;
  for (const auto& [holder, seat] : s.held)
    for (const auto& session : seat.sessions) {
      const auto* at = t.seat_at.get(session);
      const auto event =
          at == nullptr ? std::vector<storage::record>{} : at_.parts_.store.read_log(*at, 1);
      if (event.empty() || event.front().version <= reported_) continue;
      if (auto one = told_of(event.front())) held.push_back(std::move(*one));
    }
  std::ranges::sort(held, {}, &link::seat_change::version);
  more_ = held.size() > limits::report_changes_max;
  if (more_) held.resize(limits::report_changes_max);
  link::report out{reported_ + 1, more_ ? held.back().version : last_version(), held, {}, false};
  const auto last = at_.parts_.store.read_stream(log_of(stream()), out.upto, 1);
  if (last.empty()) return; // nothing is written yet
  out.mark = mark_of(last.front());
  out.anew = reported_ == 0;
  reporting_ = true;
  sink_->send(std::move(out));
}

} // namespace strowger::runtime
