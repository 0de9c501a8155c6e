// What a device was told lately, so that it can be told again when it comes back (promise 7).
#pragma once

#include "core/limits.hpp"
#include "core/notice.hpp"

#include <deque>
#include <memory>

namespace strowger::runtime {

class inbox {
public:
  struct message {
    client_position at = 0;
    std::shared_ptr<const notice::any> what;
    std::size_t bytes = 0;
  };

  explicit inbox(client_position start = 0) : start_(start), floor_(start) {}

  void put(client_position at, std::shared_ptr<const notice::any> what);
  // Whether everything after `seen` is still here.
  bool complete_after(client_position seen) const { return seen >= floor_; }
  const std::deque<message>& messages() const { return messages_; }
  client_position start() const { return start_; } // of the device's attachment

private:
  std::deque<message> messages_;
  std::size_t bytes_ = 0;
  client_position start_ = 0;
  client_position floor_ = 0; // the newest position that was dropped
};

} // namespace strowger::runtime
