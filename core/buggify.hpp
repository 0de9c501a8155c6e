// Rare but lawful turns of events that a simulation brings about on purpose: a full queue, a late
// timer, a lost snapshot. In the product buggify() is a constant false. In the test-only build the
// simulation's seed decides which points are awake in a run and when they fire; every promise holds
// with all of them. One line here and one `if (buggify(point::x))` where it may happen.
#pragma once

namespace strowger {

// name, how often of 1000 it fires in a run in which it is awake
// lanes and directories
#define STROWGER_POINTS_OF_LANES(X)                                                                \
  X(lane_takes_one_job, 700)                                                                       \
  X(actor_has_a_short_turn, 300)                                                                   \
  X(newest_actor_first, 300)                                                                       \
  X(idle_actor_leaves_now, 100)                                                                    \
  X(idle_actor_leaves_unsaved, 100)                                                                \
  X(every_idle_actor_leaves, 500)                                                                  \
  X(sweep_is_late, 300)                                                                            \
  X(timer_is_early, 300)                                                                           \
  X(timer_is_late, 200)                                                                            \
  X(timer_fires_twice, 200)                                                                        \
  X(tick_comes_again_late, 300)                                                                    \
  X(revival_fails, 10)

// shells
#define STROWGER_POINTS_OF_SHELLS(X)                                                               \
  X(actor_is_busy, 20)                                                                             \
  X(snapshot_now, 100)                                                                             \
  X(snapshot_unused, 200)                                                                          \
  X(stream_read_in_small_pages, 500)                                                               \
  X(barrier_anyway, 200)

// reactors
#define STROWGER_POINTS_OF_REACTORS(X)                                                             \
  X(effect_sent_twice, 100)                                                                        \
  X(effect_sent_again, 100)                                                                        \
  X(effect_comes_late, 200)                                                                        \
  X(effect_settles_late, 100)                                                                      \
  X(retry_is_late, 300)                                                                            \
  X(checkpoint_not_saved, 500)

// publisher
#define STROWGER_POINTS_OF_PUBLISHER(X)                                                            \
  X(resumed_from_scratch, 200)                                                                     \
  X(inbox_is_short, 100)                                                                           \
  X(attached_once_more, 100)                                                                       \
  X(lost_device_told_twice, 200)                                                                   \
  X(presence_told_twice, 100)                                                                      \
  X(housekeeping_is_late, 200)                                                                     \
  X(housekeeping_is_early, 200)                                                                    \
  X(rows_now, 200)                                                                                 \
  X(revoked_closed_twice, 300)

// use cases
#define STROWGER_POINTS_OF_SITE(X)                                                                 \
  X(password_is_slow, 300)                                                                         \
  X(password_queue_is_full, 100)                                                                   \
  X(start_is_slow, 300)                                                                            \
  X(door_is_shut, 5)                                                                               \
  X(join_is_late, 200)                                                                             \
  X(attachment_sent_twice, 100)                                                                    \
  X(detachment_sent_twice, 200)                                                                    \
  X(renewed_twice, 100)

// the simulated log, in tests/support
#define STROWGER_POINTS_OF_LOG(X)                                                                  \
  X(append_is_refused, 10)                                                                         \
  X(group_of_one, 300)                                                                             \
  X(group_of_all, 300)                                                                             \
  X(disk_is_slow, 50)                                                                              \
  X(news_is_late, 100)                                                                             \
  X(news_in_pieces, 300)                                                                           \
  X(snapshot_not_kept, 300)                                                                        \
  X(view_not_kept, 300)

// the simulated machine and network, in tests/support
#define STROWGER_POINTS_OF_MACHINE(X)                                                              \
  X(thread_stalls, 5)                                                                              \
  X(clock_jumps_at_start, 300)                                                                     \
  X(push_is_refused, 20)                                                                           \
  X(closed_by_the_network, 5)                                                                      \
  X(command_arrives_twice, 100)                                                                    \
  X(answer_is_lost, 50)                                                                            \
  X(loss_is_noticed_late, 300)                                                                     \
  X(loss_is_told_twice, 200)

#define STROWGER_POINTS(X)                                                                         \
  STROWGER_POINTS_OF_LANES(X)                                                                      \
  STROWGER_POINTS_OF_SHELLS(X)                                                                     \
  STROWGER_POINTS_OF_REACTORS(X)                                                                   \
  STROWGER_POINTS_OF_PUBLISHER(X)                                                                  \
  STROWGER_POINTS_OF_SITE(X)                                                                       \
  STROWGER_POINTS_OF_LOG(X)                                                                        \
  STROWGER_POINTS_OF_MACHINE(X)

enum class point : unsigned char {
#define STROWGER_POINT_NAME(name, often) name,
  STROWGER_POINTS(STROWGER_POINT_NAME)
#undef STROWGER_POINT_NAME
};

class chances { // a simulation's dice, for the thread that it runs on
public:
  virtual ~chances() = default;
  virtual bool fires(point which) = 0;
};
inline thread_local chances* chances_now = nullptr;

#ifdef STROWGER_PLANTED
inline bool buggify(point which) { return chances_now != nullptr && chances_now->fires(which); }
#else
constexpr bool buggify(point) { return false; }
#endif

} // namespace strowger
