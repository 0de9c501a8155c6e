// Recordings: consent first, one at a time, and none outlives its call.
#include "tests/support/call_world.hpp"

namespace strowger::call::test {
namespace {

constexpr auto given = recording_consent::given;
const agent_id boss{"boss"};

record start_by(const device_id& device) {
  return {device, agent_id{"asker"}, false, recording_act::start, given};
}
record by(const device_id& device, recording_act what) {
  return {device, agent_id{"asker"}, false, what, {}};
}
world relayed() {
  auto first = as_placed();
  first.method = relayed_method;
  return world{{first, answered{2, ben, 1, start}}};
}
world recorded() { return relayed().when(start_by(ben)); }
file_recording file(const std::string& name) { return {1, 2, name, 1'000, 20'000, "abc"}; }

TEST(call_recording, starts_only_when_somebody_spoke_of_consent) {
  auto w = relayed();
  auto x = start_by(ann);
  x.consent = recording_consent::missing;
  w.when(x).then_refused(errc::consent_missing);
  x.consent = recording_consent::not_required;
  w.when(x)
      .then({recording_started{1, 1, agent_id{"asker"}, recording_consent::not_required, start}})
      .and_again_nothing();
}

TEST(call_recording, needs_an_answered_call_that_the_relay_carries) {
  talking().when(start_by(ben)).then_refused(errc::media_not_relayed);
  ringing().when(start_by(ann)).then_refused(errc::call_not_answered);
  relayed().when(start_by(stranger)).then_refused(errc::not_in_call);
  over().when(start_by(ann)).then_refused(errc::call_over);
}

TEST(call_recording, pauses_goes_on_and_stops) {
  auto w = recorded();
  const agent_id asker{"asker"};
  w.when(by(ann, recording_act::resume)).then_nothing();
  w.when(by(ann, recording_act::pause))
      .then({recording_paused{1, 1, asker, start}})
      .and_again_nothing();
  EXPECT_TRUE(w.state().recording->paused);
  w.when(by(ben, recording_act::resume))
      .then({recording_resumed{1, 2, asker, start}})
      .and_again_nothing();
  w.when(by(ben, recording_act::stop))
      .then({recording_stopped{1, 2, asker, recording_end::asked, start}})
      .and_again_nothing();
  w.when(by(ben, recording_act::pause)).then_refused(errc::not_recording);
  w.when(start_by(ann)).then({recording_started{2, 1, asker, given, start}});
}

TEST(call_recording, is_stopped_before_its_call_ends) {
  auto w = recorded();
  w.when(hang_up{ann})
      .then({recording_stopped{1, 0, {}, recording_end::call_ended, start},
             ended{cause::hangup, 1, start}});
  EXPECT_FALSE(w.state().recording);
}

TEST(call_recording, is_asked_for_from_outside_by_a_party_s_agent_or_a_supervisor) {
  auto w = relayed();
  w.when(record{{}, boss, false, recording_act::start, given}).then_refused(errc::not_in_call);
  w.when(record{{}, agent_id{"ben"}, false, recording_act::start, given})
      .then({recording_started{1, 2, agent_id{"ben"}, given, start}});
  w.when(record{{}, boss, true, recording_act::stop, {}})
      .then({recording_stopped{1, 0, boss, recording_end::asked, start}});
  world{}
      .when(record{{}, boss, true, recording_act::start, given})
      .then_refused(errc::call_unknown);
  ringing()
      .when(record{{}, boss, true, recording_act::start, given})
      .then_refused(errc::call_not_answered);
  over().when(record{{}, boss, true, recording_act::start, given}).then_refused(errc::call_over);
}

TEST(call_recording, is_ended_by_who_records_when_it_still_runs) {
  auto w = recorded();
  w.when(end_recording{2, recording_end::storage_failed}).then_nothing();
  w.when(end_recording{1, recording_end::storage_failed})
      .then({recording_stopped{1, 0, {}, recording_end::storage_failed, start}})
      .and_again_nothing();
  w.when(by(ann, recording_act::stop)).then_nothing();
}

TEST(call_recording, files_are_named_once_also_after_the_call) {
  auto w = recorded();
  w.when(hang_up{ann});
  w.when(file("leg-2.opus"))
      .then({recording_filed{1, 2, "leg-2.opus", 1'000, 20'000, "abc", start}})
      .and_again_nothing();
  EXPECT_EQ(w.state().files.size(), 1U);
  EXPECT_EQ(w.state().phase, phase::ended);
  auto unknown = file("leg-9.opus");
  unknown.recording = 2;
  w.when(unknown).then_refused(errc::recording_unknown);
  w.replays();
}

TEST(call_recording, there_are_so_many_and_no_more) {
  auto w = relayed();
  for (std::size_t i = 0; i < limits::recordings_per_call_max; ++i)
    w.when(start_by(ann)).when(by(ann, recording_act::stop));
  w.when(start_by(ann)).then_refused(errc::too_many_recordings);
  for (std::size_t i = 0; i < limits::recorded_files_per_call_max; ++i)
    w.when(file(std::to_string(i)));
  w.when(file("one more")).then_refused(errc::too_many_recordings);
}

} // namespace
} // namespace strowger::call::test
