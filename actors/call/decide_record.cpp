// Recording: who may start, pause and stop it, what becomes of it when the call ends, and the files
// that it leaves.
#include "actors/call/parts.hpp"
#include "core/planted.hpp"

#include <algorithm>

namespace strowger::call {
namespace {

struct wish {
  leg_number by = 0; // 0: nobody's in the call
  errc why = errc::ok;
};

wish wish_of(const state& s, const record& x) {
  if (!x.device.empty()) {
    const auto at = find(s, x.device);
    return {at.leg, may_talk(s, at)};
  }
  if (s.phase == phase::none) return {0, errc::call_unknown};
  if (s.phase == phase::ended) return {0, errc::call_over};
  if (s.phase != phase::answered) return {0, errc::call_not_answered};
  const auto mine = std::ranges::find_if(s.legs, [&](const auto& entry) {
    return entry.second.phase == leg_phase::up && entry.second.who.agent == x.agent;
  });
  if (!x.agent.empty() && mine != s.legs.end()) return {mine->first, errc::ok};
  return {0, x.supervises ? errc::ok : errc::not_in_call};
}

result start(const state& s, const record& x, leg_number by, time_ms now) {
  if (x.consent == recording_consent::missing && !planted(bug::recorded_without_consent))
    return errc::consent_missing;
  if (s.recording) return {};
  if (s.method != relayed_method) return errc::media_not_relayed;
  if (s.recordings >= limits::recordings_per_call_max) return errc::too_many_recordings;
  return {recording_started{s.recordings + 1, by, x.agent, x.consent, now}};
}

} // namespace

result on(const state& s, const record& x, const context& ctx) {
  const auto asked = wish_of(s, x);
  if (asked.why != errc::ok) return asked.why;
  if (x.what == recording_act::start) return start(s, x, asked.by, ctx.now);
  if (!s.recording) {
    const bool stopped_already = x.what == recording_act::stop && s.recordings > 0;
    return stopped_already ? result{} : result{errc::not_recording};
  }
  const auto& r = *s.recording;
  if (x.what == recording_act::stop)
    return {recording_stopped{r.number, asked.by, x.agent, recording_end::asked, ctx.now}};
  const bool pause = x.what == recording_act::pause;
  if (r.paused == pause) return {};
  if (pause) return {recording_paused{r.number, asked.by, x.agent, ctx.now}};
  return {recording_resumed{r.number, asked.by, x.agent, ctx.now}};
}

result on(const state& s, const end_recording& x, const context& ctx) {
  if (!s.recording || (x.recording != 0 && x.recording != s.recording->number)) return {};
  return {recording_stopped{s.recording->number, 0, {}, x.why, ctx.now}};
}

result on(const state& s, const file_recording& x, const context& ctx) {
  if (x.recording == 0 || x.recording > s.recordings || !s.legs.contains(x.leg))
    return errc::recording_unknown;
  if (std::ranges::find(s.files, x.file, &recorded_file::file) != s.files.end()) return {};
  if (s.files.size() >= limits::recorded_files_per_call_max) return errc::too_many_recordings;
  return {recording_filed{x.recording, x.leg, x.file, x.bytes, x.length, x.sha256, ctx.now}};
}

result with_its_recording(const state& s, result decided, time_ms now) {
  if (!s.recording || planted(bug::recording_outlives_call)) return decided;
  const auto& out = decided.events();
  const auto end =
      std::ranges::find_if(out, [](const event& e) { return std::holds_alternative<ended>(e); });
  if (end == out.end()) return decided;
  events all{out.begin(), end};
  all.push_back(recording_stopped{s.recording->number, 0, {}, recording_end::call_ended, now});
  all.insert(all.end(), end, out.end());
  return all;
}

} // namespace strowger::call
