// What a device was told lately, so that it can be told again when it comes back (promise 7). What
// an inbox holds is small facts; after a start the messages themselves are made again from the
// streams of the calls they were about, when somebody asks for them.
#pragma once

#include "actors/views/world.hpp"
#include "core/fields.hpp"
#include "core/limits.hpp"
#include "core/notice.hpp"

#include <deque>
#include <map>
#include <memory>
#include <unordered_map>

namespace strowger::runtime {

struct inbox {
  client_position start = 0;                // of the device's attachment
  client_position floor = 0;                // the newest position that was dropped
  std::uint64_t count = 0, bytes = 0;       // of its messages
  std::map<call_id, client_position> calls; // what they are about, and the last of each
  // Whether everything after `seen` is still here.
  bool complete_after(client_position seen) const { return seen >= floor; }
  static constexpr auto fields = std::tuple{
      field{"start", &inbox::start}, field{"floor", &inbox::floor}, field{"count", &inbox::count},
      field{"bytes", &inbox::bytes}, field{"calls", &inbox::calls}};
};

struct message {
  client_position at = 0;
  std::shared_ptr<const notice::any> what;
};

// Publisher's thread.
class inboxes {
public:
  using key = std::pair<tenant_id, device_id>;
  // What a call told a device at positions > `after` and <= `until`, in order.
  using reader = std::function<std::vector<message>(const key&, const call_id&,
                                                    client_position after, client_position until)>;

  // For inboxes that were restored. Without it every message must have been put.
  void read_by(reader again) { reader_ = std::move(again); }

  void known(const key& k, position at); // attached, or attached again
  void forget(const key& k, position at);
  void put(const key& k, const call_id& about, client_position at,
           std::shared_ptr<const notice::any> what);

  const inbox* find(const key& k) const { return facts_.get(k); }
  // In order; those that were restored are made again.
  const std::deque<message>& messages(const key& k);

  views::table<key, inbox>& facts() { return facts_; }
  const views::table<key, inbox>& facts() const { return facts_; }
  void restored_up_to(position at) {
    restored_ = at * messages_per_event_max + messages_per_event_max - 1;
  }

private:
  struct box {
    std::deque<message> messages;
    bool whole = false; // nothing of before the start is missing
  };
  box& whole_box(const key& k);
  static void trim(box& b, inbox& facts);

  views::table<key, inbox> facts_;
  std::unordered_map<key, box, views::id_hash> boxes_;
  client_position restored_ = 0;
  reader reader_;
};

// One event may make several messages for one device.
class places {
public:
  explicit places(position at) : at_(at) {}
  client_position next(const device_id& to) {
    return at_ * messages_per_event_max + std::min(index_[to]++, messages_per_event_max - 1);
  }

private:
  const position at_;
  std::map<device_id, client_position> index_;
};

// Follows one event that was folded, and whom it told what.
void keep_inboxes(inboxes& boxes, const views::committed& e,
                  const std::vector<views::addressed>& told);

} // namespace strowger::runtime
