// The open Engine.IO sessions of one server, by their ids. Any thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace strowger::http {

class eio_session;

class eio_table {
public:
  bool add(const std::string& sid, std::shared_ptr<eio_session> session, std::size_t most) {
    std::lock_guard lock{mutex_};
    return open_.size() < most && open_.emplace(sid, std::move(session)).second;
  }
  std::size_t size() const {
    std::lock_guard lock{mutex_};
    return open_.size();
  }
  std::shared_ptr<eio_session> find(const std::string& sid) const {
    std::lock_guard lock{mutex_};
    const auto found = open_.find(sid);
    return found == open_.end() ? nullptr : found->second;
  }
  void remove(const std::string& sid) {
    std::shared_ptr<eio_session> last; // must not end under the lock
    std::lock_guard lock{mutex_};
    if (const auto found = open_.find(sid); found != open_.end()) {
      last = std::move(found->second);
      open_.erase(found);
    }
  }
  void clear() {
    std::unordered_map<std::string, std::shared_ptr<eio_session>> all;
    std::lock_guard lock{mutex_};
    all.swap(open_);
  }

private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<eio_session>> open_;
};

} // namespace strowger::http
