#include "http/eio_table.hpp"

#include "http/eio_session.hpp"

#include <arpa/inet.h>
#include <utility>

namespace strowger::http {

std::string peer_group(std::string_view peer) {
  const std::string text{peer.substr(0, peer.find('%'))};
  in6_addr address{};
  if (::inet_pton(AF_INET6, text.c_str(), &address) != 1 || IN6_IS_ADDR_V4MAPPED(&address))
    return text;
  return {reinterpret_cast<const char*>(address.s6_addr), 8};
}

eio_table::verdict eio_table::judge(const std::string& group, const bounds& most) const {
  const auto mine = unknown_of_.find(group);
  if (mine != unknown_of_.end() && mine->second >= most.unknown_per_peer)
    return verdict::too_many_of_peer;
  return open_.size() < most.sessions || !unknown_.empty() ? verdict::in : verdict::full;
}

eio_table::verdict eio_table::look(std::string_view peer, const bounds& most) const {
  std::lock_guard lock{mutex_};
  return judge(peer_group(peer), most);
}

eio_table::verdict eio_table::add(const std::string& sid, std::string_view peer,
                                  std::shared_ptr<eio_session> session, const bounds& most,
                                  std::shared_ptr<eio_session>& gives_way) {
  auto group = peer_group(peer);
  std::lock_guard lock{mutex_};
  const auto said = judge(group, most);
  if (said != verdict::in) return said;
  if (open_.size() >= most.sessions) gives_way = take_out(open_.find(unknown_.front()));
  ++unknown_of_[group];
  const auto at = unknown_.insert(unknown_.end(), sid);
  open_.insert_or_assign(sid, place{std::move(session), std::move(group), at});
  return verdict::in;
}

void eio_table::make_known(place& which) {
  if (std::exchange(which.known, true)) return;
  unknown_.erase(which.unknown);
  if (const auto mine = unknown_of_.find(which.peer); --mine->second == 0) unknown_of_.erase(mine);
}

std::shared_ptr<eio_session> eio_table::take_out(places::iterator which) {
  make_known(which->second);
  auto out = std::move(which->second.session);
  open_.erase(which);
  return out;
}

void eio_table::known(const std::string& sid) {
  std::lock_guard lock{mutex_};
  if (const auto found = open_.find(sid); found != open_.end()) make_known(found->second);
}

std::size_t eio_table::size() const {
  std::lock_guard lock{mutex_};
  return open_.size();
}

std::shared_ptr<eio_session> eio_table::find(const std::string& sid) const {
  std::lock_guard lock{mutex_};
  const auto found = open_.find(sid);
  return found == open_.end() ? nullptr : found->second.session;
}

void eio_table::remove(const std::string& sid) {
  std::shared_ptr<eio_session> last; // must not end under the lock
  std::lock_guard lock{mutex_};
  if (const auto found = open_.find(sid); found != open_.end()) last = take_out(found);
}

void eio_table::clear() {
  places all;
  std::lock_guard lock{mutex_};
  all.swap(open_);
  unknown_.clear();
  unknown_of_.clear();
}

} // namespace strowger::http
