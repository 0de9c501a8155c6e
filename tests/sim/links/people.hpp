// Test only: somebody who signs in at a node, keeps the seat, and leaves; and what is sure of it.
#pragma once

#include "tests/sim/links/node.hpp"

namespace strowger::sim {

class seated_person {
public:
  struct span {
    time_ms from = 0, to = 0;
  };
  // A slave stops so much before its master gives its seats to others (license::usable).
  static constexpr duration_ms sure_ms = 900;

  seated_person(sim_threads& threads, site_node& at, std::string name) :
      threads_(threads), at_(at), name_(std::move(name)) {}

  bool using_seat() const { return !who_.session.empty(); }
  const session_id& session() const { return who_.session; }
  const std::vector<span>& surely() const { return surely_; }
  std::uint64_t signed_in = 0, beats = 0;
  std::uint64_t answers = 0; // of its site, to whatever it wanted of a seat

  void act() {
    if (!at_.up() || busy_) return;
    if (!using_seat()) return sign_in();
    threads_.chance(70) ? beat() : sign_out();
  }
  void lost() { busy_ = false; } // its server is down: whether the seat is there will be seen

  void sign_in() {
    busy_ = true;
    at_.site->login({at_.lane, {}, {}}, {tenant_id{"default"}, name_, "pw", name_},
                    [this](outcome<answer::identity> o) {
                      busy_ = false;
                      ++answers;
                      const auto* id = std::get_if<answer::identity>(&o);
                      if (id == nullptr || !id->session) return;
                      ++signed_in;
                      who_ = {};
                      who_.agent = id->agent;
                      who_.number = id->extension;
                      who_.session = *id->session;
                      who_.jti = name_ + std::to_string(signed_in);
                      who_.expires_at = never;
                      surely_.push_back({threads_.time(), threads_.time()});
                      ended_ = false;
                      last_ = threads_.time();
                    });
  }
  void beat() {
    busy_ = true;
    at_.site->heartbeat({at_.lane, who_, {}}, who_.session,
                        [this, asked = threads_.time()](outcome<answer::done> o) {
                          busy_ = false;
                          ++answers;
                          const auto* bad = std::get_if<failure>(&o);
                          if (bad == nullptr) return kept(asked);
                          ended_ = true; // what comes later is another time
                          const bool later = bad->why == errc::master_away ||
                                             bad->why == errc::busy ||
                                             bad->why == errc::outcome_unknown;
                          if (!later) who_.session = {};
                        });
  }
  void sign_out() {
    busy_ = true;
    const auto who = std::exchange(who_, {});
    at_.site->logout({at_.lane, who, {}}, [this](outcome<answer::done>) {
      busy_ = false;
      ++answers;
    });
  }

private:
  void kept(time_ms asked) {
    ++beats;
    // After so long a silence the seat may have been somebody else's meanwhile.
    const bool silent = asked - last_ > sure_ms;
    last_ = threads_.time();
    if (std::exchange(ended_, false) || silent) return surely_.push_back({last_, last_});
    surely_.back().to = std::max(surely_.back().to, asked);
  }

  sim_threads& threads_;
  site_node& at_;
  const std::string name_;
  principal who_;
  bool busy_ = false, ended_ = false;
  time_ms last_ = 0; // success that it was told
  std::vector<span> surely_;
};

} // namespace strowger::sim
