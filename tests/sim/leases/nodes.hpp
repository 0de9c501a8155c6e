// A node of the leases: a license's state as its log gives it, and its own idea of the time.
#pragma once

#include "actors/license/license.hpp"
#include "actors/slave/slave.hpp"

#include <algorithm>
#include <random>
#include <vector>

namespace strowger::sim {

using rng = std::mt19937_64;

inline std::uint64_t below(rng& r, std::uint64_t n) { return r() % n; }
inline bool one_in(rng& r, std::uint64_t n) { return below(r, n) == 0; }

// The seat events of a node's log, as it reports them.
struct seat_log {
  strowger::version version = 0; // of the license's stream
  std::vector<slave::seat_change> changes;
  std::uint64_t mark = 0; // another one for every event that was ever written

  void note(const license::event& e, time_ms at) {
    static std::uint64_t events = 0;
    ++version;
    mark = ++events;
    const auto add = [&](slave::change what, const auto& x) {
      changes.push_back({version, version, what, x.holder, x.session, {}, at, false});
      marks.push_back(mark);
    };
    if (const auto* x = std::get_if<license::seat_taken>(&e)) {
      add(slave::change::taken, *x);
      changes.back().overdrawn = x->overdrawn;
    }
    if (const auto* x = std::get_if<license::seat_shared>(&e)) add(slave::change::shared, *x);
    if (const auto* x = std::get_if<license::seat_left>(&e)) add(slave::change::left, *x);
    if (const auto* x = std::get_if<license::seat_released>(&e)) add(slave::change::released, *x);
  }
  std::vector<std::uint64_t> marks; // of `changes`
};

inline constexpr double drift = 0.03; // clocks may run so much too fast or too slow

class node {
public:
  node(rng& r, double real_ms) : rng_(r) { start(real_ms, true); }

  // The shard's clock begins at the wall's, which may be years off, or at the log's last time, and
  // then runs on by itself; the machine's runs on while the process is down.
  void start(double real_ms, bool machine_too) {
    constexpr double year_ms = 365.0 * 86'400'000.0;
    if (machine_too) {
      boot_ = "boot " + std::to_string(++boots_);
      booted_at_ = real_ms;
      rate_ = 1 + drift * (static_cast<double>(below(rng_, 2'001)) / 1'000.0 - 1);
    }
    const auto jump = one_in(rng_, 4) ? (static_cast<double>(below(rng_, 21)) - 10) * year_ms : 0;
    const auto wall = static_cast<time_ms>(40 * year_ms + real_ms + jump);
    base_ = std::max(last_, wall);
    started_at_ = real_ms;
    ++incarnation_;
  }

  context at(double real_ms) {
    last_ = base_ + static_cast<time_ms>((real_ms - started_at_) * rate_);
    return {last_, incarnation_, base_};
  }
  const std::string& boot() const { return boot_; }
  std::int64_t boot_ms(double real_ms) const {
    return static_cast<std::int64_t>((real_ms - booted_at_) * rate_);
  }

  // What the command does. `kept` fewer than its events: the node died while it wrote them.
  errc tell(const license::command& what, double real_ms, std::size_t kept = SIZE_MAX) {
    const auto decided = license::decide(state, what, at(real_ms));
    if (decided.refused()) return decided.why();
    for (const auto& e : decided.events()) {
      if (kept-- == 0) break;
      state = license::evolve(std::move(state), e);
      log.note(e, last_);
    }
    return errc::ok;
  }
  // Seats that somebody uses now and is told so; beyond the lease only while the master is away.
  std::uint32_t used(double real_ms, bool away = false) {
    const auto held = static_cast<std::uint32_t>(state.held.size());
    if (!state.delegated()) return held;
    return std::min(held, license::seats_here(state, at(real_ms)) + (away ? state.overdraft : 0));
  }

  // The whole disk as it was, on a machine that was started anew.
  void put_back(const license::state& was, const seat_log& log_was, double real_ms) {
    state = was;
    log = log_was;
    start(real_ms, true);
  }

  license::state state;
  seat_log log;

private:
  rng& rng_;
  std::string boot_;
  int boots_ = 0;
  incarnation incarnation_ = 0;
  double rate_ = 1, booted_at_ = 0, started_at_ = 0;
  time_ms base_ = 0, last_ = 0;
};

} // namespace strowger::sim
