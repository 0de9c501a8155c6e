// The publisher: tails the committed log in order, folds the live picture, tells devices, and
// drives reactors. It also owns the volatile table of live connections: who is online is decided
// here. Everything but post() runs on the publisher's thread.
#pragma once

#include "actors/runtime/engine.hpp"
#include "actors/runtime/inbox.hpp"
#include "actors/runtime/picture.hpp"
#include "actors/runtime/reactor_host.hpp"
#include "actors/views/world.hpp"

#include <atomic>
#include <deque>
#include <unordered_map>

namespace strowger::runtime {

struct live_device { // a connection, seen within the bound
  std::shared_ptr<device_sink> sink;
  extension_id extension;
  time_ms connected_at = 0;
  time_ms seen_at = 0;
  std::string jti; // of the token it came with
};

class hub : public std::enable_shared_from_this<hub> {
public:
  // `rows`: where the picture is kept, written on the thread `keeper`; null: in memory only.
  hub(engine& to, std::shared_ptr<executor> thread, storage::row_store* rows,
      std::shared_ptr<executor> keeper);

  // Any thread. The job sees everything that was durable when it was posted: an answer may reach
  // its client, and the client's next question this place, before the group's news does.
  void post(std::function<void()> job);

  // Restores the picture, folds the log behind it and remembers what reactors still owe. Before the
  // threads start.
  void recover();
  // Arms deadlines and drives what was owed. After recover().
  void start();
  // Tells it of every live call, and from now on of all that happens to them.
  void watch_calls(std::shared_ptr<call_watcher> watcher);
  // A committed group, in log order.
  void commit(const std::vector<storage::record>& group);

  // Writes down what changed, when nobody is owed anything. The keeper must have ended.
  void keep_all();

  // Told of every event of a license, after it was folded. Set before start().
  std::function<void(const views::committed&)> license_changed;

  views::world& world() { return world_; }
  views::tenant_world& tenant(const tenant_id& id) { return world_.tenant(id); }
  // The position a client may take for "everything up to now".
  client_position now_position() const {
    return world_.folded * messages_per_event_max + messages_per_event_max - 1;
  }

  struct joined {
    bool resumed = false;
    client_position position = 0;
    std::vector<notice::call_snapshot> calls;
  };
  // A connection takes the device over. `before_messages` runs before anything is pushed.
  void join(const tenant_id&, const device_id&, live_device connection,
            std::optional<client_position> seen,
            const std::function<void(const joined&)>& before_messages);
  // False when another connection has the device by now.
  bool leave(const tenant_id&, const device_id&, const device_sink* sink);
  live_device* live(const tenant_id&, const device_id&);
  // The echo ends of the check page are no phones: they are asked for by name.
  std::vector<device_id> live_devices(const tenant_id&, const extension_id&, bool echo = false);
  // From now on, and as long as it is connected, it is told who comes and goes.
  void watch_presence(const tenant_id&, const device_id&);
  void tell_presence(const tenant_id&, const extension_id&);
  std::size_t connections() const;
  std::size_t connections(const tenant_id&) const;

  answer::extension_row row_of(const tenant_id&, const extension_id&);
  // In the order of their numbers. All of them is a walk over all of them.
  std::vector<answer::extension_row> rows_of(const tenant_id&, bool only_online);
  std::size_t devices_online(const tenant_id&);

private:
  using key = std::pair<tenant_id, device_id>;
  using lines = std::unordered_map<key, live_device, views::id_hash>;
  struct asked {
    position needs = 0;
    std::function<void()> job;
  };

  void apply(const storage::record& r, bool live_now);
  void deliver(const views::committed& e, const std::vector<views::addressed>& told, bool live_now);
  std::vector<message> told_before(const inboxes::key& to, const call_id& about,
                                   client_position after, client_position until) const;
  void keep_inboxes(const views::committed& e);
  void tell_watcher(const views::committed& e);
  void lose_unreachable(const views::committed& e);
  void close_revoked(const views::committed& e);
  void keep_attached(const views::committed& e);
  void tell_of_new_extension(const views::committed& e);
  void count_ended(const views::committed& e);
  void erase_live(lines::iterator);
  std::set<extension_id> live_extensions(const tenant_id&) const;
  answer::extension_row row_of(const tenant_id&, const extension_id&, const extension::state&);
  void attach_again(const tenant_id&, const device_id&);
  void compare_attached();
  void renew_sessions();
  void housekeep();
  void keep_rows(position behind_max);
  void hand_over_rows();
  void catch_up_rows();
  void show_gauges() const;
  void log_event(const views::committed& e, std::string_view tag) const;

  engine& engine_;
  std::shared_ptr<executor> thread_;
  views::world world_;
  reactor_host reactors_;
  lines live_;
  std::set<key> watching_; // of them, who wants presence
  inboxes inboxes_;
  std::unique_ptr<picture> picture_; // null: everything is in memory, and only there
  std::shared_ptr<executor> keeper_;
  std::shared_ptr<picture::batch> batch_; // of rows, on their way to the disk
  std::shared_ptr<call_watcher> watcher_; // null: nobody carries media
  bool handed_over_ = false;              // to the keeper; else it waits for the reactors
  std::deque<asked> early_; // waiting for news that is on its way, in order of posting
};

} // namespace strowger::runtime
