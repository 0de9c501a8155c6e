// A node of the leases: a license's state as its log gives it, and its own idea of the time.
#pragma once

#include "actors/license/license.hpp"

#include <algorithm>
#include <random>

namespace strowger::sim {

using rng = std::mt19937_64;

inline std::uint64_t below(rng& r, std::uint64_t n) { return r() % n; }
inline bool one_in(rng& r, std::uint64_t n) { return below(r, n) == 0; }

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
    }
    return errc::ok;
  }
  // Seats that somebody uses now and is told so.
  std::uint32_t used(double real_ms) {
    const auto held = static_cast<std::uint32_t>(state.held.size());
    return state.delegated() ? std::min(held, license::seats_here(state, at(real_ms))) : held;
  }

  license::state state;

private:
  rng& rng_;
  std::string boot_;
  int boots_ = 0;
  incarnation incarnation_ = 0;
  double rate_ = 1, booted_at_ = 0, started_at_ = 0;
  time_ms base_ = 0, last_ = 0;
};

} // namespace strowger::sim
