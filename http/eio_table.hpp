// The open Engine.IO sessions of one server, by their ids. Any thread. Places are limited, for
// clients that have not said who they are by their address as well; where all are taken, the oldest
// of those give way.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace strowger::http {

class eio_session;

class eio_table {
public:
  enum class verdict { in, too_many_of_peer, full };
  struct bounds {
    std::size_t sessions = 0, unknown_per_peer = 0;
  };

  // What add() would say just now. `peer`: a numeric address.
  verdict look(std::string_view peer, const bounds& most) const;
  // `gives_way`: one that lost its place, to be ended by the caller.
  verdict add(const std::string& sid, std::string_view peer, std::shared_ptr<eio_session> session,
              const bounds& most, std::shared_ptr<eio_session>& gives_way);
  void known(const std::string& sid); // who it is: it keeps its place
  std::size_t size() const;
  std::shared_ptr<eio_session> find(const std::string& sid) const;
  void remove(const std::string& sid);
  void clear();

private:
  using order = std::list<std::string>;
  struct place {
    std::shared_ptr<eio_session> session;
    std::string peer;
    order::iterator unknown{}; // its place among those,
    bool known = false;        // until then
  };
  using places = std::unordered_map<std::string, place>;

  verdict judge(const std::string& group, const bounds& most) const;
  void make_known(place& which);
  std::shared_ptr<eio_session> take_out(places::iterator which);

  mutable std::mutex mutex_;
  places open_;
  order unknown_;                                           // the oldest first
  std::unordered_map<std::string, std::size_t> unknown_of_; // by group of addresses
};

// Whose address it is: of IPv6 the network (64 bits), for a client has all addresses of its own.
std::string peer_group(std::string_view peer);

} // namespace strowger::http
