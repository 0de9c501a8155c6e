#include "actors/runtime/rows.hpp"

namespace strowger::runtime {
namespace {

std::optional<time_ms> at(const std::optional<instant>& t) {
  return t ? std::optional{t->at} : std::nullopt;
}
std::optional<instant> instant_of(const std::optional<time_ms>& t) {
  return t ? std::optional{instant{*t}} : std::nullopt;
}

} // namespace

history_cell to_cell(const views::history_row& r) {
  history_cell out{r.row.call,
                   r.caller,
                   r.callee,
                   {r.caller_subject, r.row.caller},
                   {r.callee_subject, r.row.callee},
                   {},
                   r.row.state,
                   r.row.cause,
                   r.row.started_at.at,
                   at(r.row.answered_at),
                   at(r.row.ended_at),
                   r.row.duration_ms,
                   r.row.answered_by,
                   r.row.campaign,
                   r.row.lead,
                   r.row.quality.value_or(std::vector<answer::leg_quality>{})};
  if (r.row.transferred_to) out.transferred_to = {r.transferred_subject, *r.row.transferred_to};
  return out;
}

views::history_row from_cell(history_cell c) {
  views::history_row out{c.caller, c.callee, c.caller_number.subject(), c.callee_number.subject(),
                         {},       {}};
  out.row.call = std::move(c.call);
  out.row.caller = c.caller_number.reveal();
  out.row.callee = c.callee_number.reveal();
  out.row.state = std::move(c.state);
  out.row.cause = std::move(c.cause);
  out.row.started_at = instant{c.started_at};
  out.row.answered_at = instant_of(c.answered_at);
  out.row.ended_at = instant_of(c.ended_at);
  out.row.duration_ms = c.duration;
  out.row.answered_by = std::move(c.answered_by);
  out.row.campaign = std::move(c.campaign);
  out.row.lead = std::move(c.lead);
  if (!c.quality.empty()) out.row.quality = std::move(c.quality);
  if (c.transferred_to) {
    out.transferred_subject = c.transferred_to->subject();
    out.row.transferred_to = c.transferred_to->reveal();
  }
  return out;
}

} // namespace strowger::runtime
