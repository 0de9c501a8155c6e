// Mistakes that a test-only build can make on purpose, to prove that the tests notice (R8). In the
// product planted() is a constant false. One line here and one `if (planted(bug::x))` where the
// mistake would be made: tests/planted finds it, or the tests lack teeth.
#pragma once

namespace strowger {

// name, and what goes wrong
// license, session, agent, extension
#define STROWGER_BUGS_OF_LICENSE(X)                                                                \
  X(seat_one_too_many, "a license gives one seat more than it has")                                \
  X(seat_freed_early, "the first of an agent's sessions to end frees the seat of all")             \
  X(seat_never_freed, "the last session of an agent leaves its seat behind")                       \
  X(lease_not_counted, "a master forgets the seats that it has leased to others")                  \
  X(old_ask_granted, "a master grants what a slave asked for before it asked for something else")  \
  X(old_lease_received, "a slave takes the answer to an earlier ask for a lease")                  \
  X(lease_used_too_long, "a slave uses its lease when the master may give it to another")          \
  X(lease_woken_whole, "a start forgets how much of the lease is gone")                            \
  X(old_lease_not_voided, "a slave with an older copy of its log uses the lease in it")            \
  X(uncovered_seat_confirmed, "who has no right to a seat any more is told that it has one")       \
  X(uncovered_seat_shared, "who has no right to a seat any more signs in once more")               \
  X(debt_not_marked, "a seat given beyond the lease is not marked")                                \
  X(debt_without_bound, "a slave without its master gives seats without end")                      \
  X(lost_line_keeps_seat, "a lost connection does not shorten the time that its seat is kept")     \
  X(copied_log_not_told, "a slave whose log was put back does not tell its master anew")           \
  X(lapsed_session_renewed, "a heartbeat is answered, but renews nothing")                         \
  X(downtime_ends_sessions, "the time that the server was down counts for leases")                 \
  X(taken_name_given_again, "a user name that somebody has is registered again")                   \
  X(taken_extension_given_away, "an extension that somebody owns is given to another")             \
  X(away_for_ever, "a device that the last start lost is waited for without end")                  \
  X(stale_session_resumes, "a device may be resumed under another session")

// call
#define STROWGER_BUGS_OF_CALL(X)                                                                   \
  X(two_winners, "a device that still rings may answer an answered leg")                           \
  X(losers_not_told, "who lost the race for a call is not told")                                   \
  X(rings_anew_after_start, "a start gives a ringing call its whole ring time again")              \
  X(hold_lost_by_consultation, "a cancelled transfer forgets that its party held")                 \
  X(transferor_stays, "who has transferred a call stays in it")                                    \
  X(hang_up_by_loser, "a device that lost the race can end the call of the winner")                \
  X(candidates_of_old_offer, "a new offer keeps the candidates of the old one")                    \
  X(recorded_without_consent, "a call is recorded though nobody spoke of consent")                 \
  X(recording_outlives_call, "a call ends, and its recording does not")

// shell and directory
#define STROWGER_BUGS_OF_SHELL(X)                                                                  \
  X(reply_before_disk, "an answer leaves before its events are synced")                            \
  X(no_command_window, "a repeated command is decided again")                                      \
  X(window_not_in_snapshot, "a snapshot forgets which commands were heard")                        \
  X(no_barrier, "an answer that repeats an unwritten fact does not wait for it")                   \
  X(no_barrier_on_refusal, "a refusal because of an unwritten fact does not wait for it")          \
  X(broken_actor_goes_on, "an actor whose append failed keeps its state")                          \
  X(snapshot_of_unwritten, "a snapshot is taken while events wait for the disk")                   \
  X(snapshot_folded_twice, "the event at a snapshot's version is folded once more")                \
  X(second_event_not_folded, "of several events of a command only the first is folded")            \
  X(leaves_with_mail, "an idle actor leaves though a command waits in its mailbox")                \
  X(tick_not_repeated, "a deadline whose tick was refused is forgotten")                           \
  X(deadlines_not_armed, "a start does not arm the deadlines of calls")

// reactors
#define STROWGER_BUGS_OF_REACTORS(X)                                                               \
  X(effect_without_id, "what follows from an event carries no command id")                         \
  X(checkpoint_too_far, "the checkpoint passes events whose effects are not written")              \
  X(retry_lost, "an effect that could not be written is dropped")                                  \
  X(closed_keeps_seat, "a session's end does not free its seat")

// publisher
#define STROWGER_BUGS_OF_PUBLISHER(X)                                                              \
  X(resume_skips_one, "who comes back misses the first message")                                   \
  X(resume_repeats_one, "who comes back gets the last message again")                              \
  X(lost_on_join, "who joins is not told of the calls it is in")                                   \
  X(inbox_forgets_quietly, "an inbox drops messages and still says it is complete")                \
  X(left_online, "a lost connection stays online for those who watch")                             \
  X(online_from_disk, "who was attached before the start counts as online")                        \
  X(question_overtakes_news, "a question is answered before what the asker knows is folded")       \
  X(forgotten_device_joins, "a device that was logged out meanwhile joins")                        \
  X(stopped_ringing_untold, "a device is not told that it stopped ringing")                        \
  X(revoked_token_forgotten, "a start forgets which tokens were revoked")                          \
  X(retry_dials_again, "a repeated dial makes a second call")

// picture in rows
#define STROWGER_BUGS_OF_PICTURE(X)                                                                \
  X(rows_before_effects, "rows are written though the reactors still owe effects")                 \
  X(rows_say_too_much, "rows claim to reflect an event that they do not hold")                     \
  X(gone_rows_stay, "what is gone from the picture stays in its rows")                             \
  X(inbox_empty_after_start, "what a device was told before the start is not told again")

// storage
#define STROWGER_BUGS_OF_STORAGE(X)                                                                \
  X(no_sync, "a group is written without a sync")                                                  \
  X(answer_before_write, "an append is answered before its group is written")                      \
  X(any_version_accepted, "an append with a wrong expected version is written")                    \
  X(answers_out_of_order, "the answers of a group come in reverse")                                \
  X(news_before_answers, "the publisher hears of a group before the askers")                       \
  X(half_a_group, "the last record of a large group is not written")                               \
  X(index_misses_a_run, "the index forgets the last run of a stream when it makes a file")         \
  X(mark_before_sync, "the mark says acknowledged before the group is written")                    \
  X(gap_after_refusal, "a refused append uses up a number of its tenant")                          \
  X(checksum_not_compared, "a damaged group is read as if it were whole")                          \
  X(lost_end_unnoticed, "a log that ends before its mark is opened")                               \
  X(key_not_synced, "a personal key seals before it is durable")

// sealing
#define STROWGER_BUGS_OF_SEALING(X)                                                                \
  X(plain_on_disk, "personal fields are written as they are")                                      \
  X(one_key_for_all_tenants, "a person's key is shared with another tenant's")                     \
  X(erased_key_remembered, "an erased person's key stays in memory")                               \
  X(lost_key_made_anew, "reading a value whose key is gone makes a new key")

#define STROWGER_BUGS(X)                                                                           \
  STROWGER_BUGS_OF_LICENSE(X)                                                                      \
  STROWGER_BUGS_OF_CALL(X)                                                                         \
  STROWGER_BUGS_OF_SHELL(X)                                                                        \
  STROWGER_BUGS_OF_REACTORS(X)                                                                     \
  STROWGER_BUGS_OF_PUBLISHER(X)                                                                    \
  STROWGER_BUGS_OF_PICTURE(X)                                                                      \
  STROWGER_BUGS_OF_STORAGE(X)                                                                      \
  STROWGER_BUGS_OF_SEALING(X)

enum class bug : unsigned char {
  none,
#define STROWGER_BUG_NAME(name, what) name,
  STROWGER_BUGS(STROWGER_BUG_NAME)
#undef STROWGER_BUG_NAME
};

#ifdef STROWGER_PLANTED
inline bug planted_now = bug::none; // set before any thread is started
inline bool planted(bug which) { return planted_now == which; }
#else
constexpr bool planted(bug) { return false; }
#endif

} // namespace strowger
