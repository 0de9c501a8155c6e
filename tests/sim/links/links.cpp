#include "tests/sim/links/links.hpp"

#include "tests/sim/links/line.hpp"
#include "tests/sim/links/people.hpp"

#include "security/random.hpp"

#include <algorithm>
#include <array>
#include <stdlib.h>

namespace strowger::sim {
namespace {

constexpr std::size_t nodes = 4; // the first is the master
constexpr std::size_t people_each = 3;
constexpr duration_ms lease_ms = 10'000;
constexpr duration_ms year_ms = 365LL * 86'400'000;
const std::string key = "key of the license";

// One key for all lives: who signs does not matter to them.
const security::statement_signer& signer() {
  static const auto made = [] {
    char name[] = "/tmp/strowger-links-XXXXXX";
    const std::filesystem::path folder = ::mkdtemp(name);
    security::system_random random;
    auto out = security::statement_signer::load_or_create(folder / "license.pem", random);
    std::filesystem::remove_all(folder);
    return out;
  }();
  return made;
}

class world {
public:
  explicit world(std::uint64_t seed) : threads_(seed) {
    for (std::size_t i = 0; i < nodes; ++i) {
      const auto role = i == 0 ? runtime::role::master : runtime::role::slave;
      nodes_[i] = std::make_unique<site_node>(
          threads_, node_options{role, "node " + std::to_string(i), lease_ms, &signer()});
    }
    seats_ = static_cast<std::uint32_t>(1 + threads_.below(5));
    for (std::size_t i = 0; i < nodes; ++i) {
      start(i, true);
      provision(i);
      for (std::size_t p = 0; p < people_each; ++p)
        people_.push_back(std::make_unique<seated_person>(threads_, *nodes_[i], name_of(i, p)));
    }
  }
  ~world() {
    for (auto& line : lines_)
      if (line) line->forget();
    for (auto& n : nodes_) n->crash();
  }

  outcome_of_links play(std::uint64_t steps) {
    for (std::uint64_t i = 0; i < steps && out_.broken.empty(); ++i) step();
    come_to_rest();
    for (const auto& p : people_) {
      out_.signed_in += p->signed_in;
      out_.beats += p->beats;
      out_.seat_steps += p->answers;
    }
    out_.steps = steps;
    out_.trace = threads_.trace();
    return out_;
  }

private:
  static std::string name_of(std::size_t node, std::size_t person) {
    return "n" + std::to_string(node) + "p" + std::to_string(person);
  }
  static std::string number_of(std::size_t node, std::size_t person) {
    return std::to_string(2'000 + 100 * node + person);
  }

  void start(std::size_t which, bool machine_too) {
    const auto jump =
        threads_.chance(20) ? (static_cast<time_ms>(threads_.below(21)) - 10) * year_ms : 0;
    nodes_[which]->boot(jump, machine_too);
  }
  void provision(std::size_t which) {
    settle();
    std::vector<runtime::account> accounts;
    for (std::size_t p = 0; p < people_each; ++p)
      accounts.push_back({tenant_id{"default"},
                          name_of(which, p),
                          name_of(which, p) + "@x.org",
                          number_of(which, p),
                          "pw",
                          "chrome_softphone",
                          {"agent"},
                          false});
    const runtime::license_terms none{};
    const runtime::license_terms terms{"test", 100, seats_, key};
    nodes_[which]->site->provision(accounts, which == 0 ? terms : none, [this](errc why) {
      if (why != errc::ok) broken("cannot provision");
    });
    settle();
  }

  bool move() { // one job, or one disk writes
    for (auto& n : nodes_)
      if (const auto waiting = n->waiting();
          waiting > 0 && (threads_.idle() || threads_.chance(25))) {
        n->commit(1 + threads_.below(std::min<std::size_t>(waiting, 8)));
        return true;
      }
    return threads_.run_one();
  }
  void settle() {
    for (int left = 200'000; left > 0 && move(); --left) {
    }
  }
  void run_for(duration_ms span) {
    const auto end = threads_.time() + span;
    settle();
    while (threads_.next_timer() != never && threads_.next_timer() <= end) {
      threads_.leap();
      settle();
    }
    if (threads_.time() < end) threads_.pass(end - threads_.time());
    settle();
  }

  void step() {
    threads_.pass(threads_.between(0, threads_.chance(1) ? 2 * lease_ms : 60));
    for (auto left = 1 + threads_.below(30); left > 0; --left) move();
    join_links();
    if (threads_.chance(60)) return people_[threads_.below(people_.size())]->act();
    if (threads_.chance(4)) trouble(threads_.below(nodes));
  }

  // Whoever has no link and no partition looks for its master.
  void join_links() {
    for (std::size_t i = 1; i < nodes; ++i) {
      if (lines_[i] && !lines_[i]->is_cut()) continue;
      if (apart_[i] || apart_[0] || !nodes_[i]->up() || !nodes_[0]->up()) continue;
      if (!quiet_ && !threads_.chance(20)) continue;
      lines_[i] = std::make_shared<link_line>(threads_, *nodes_[0], *nodes_[i]);
      lines_[i]->open(key);
    }
  }

  void trouble(std::size_t which) {
    switch (threads_.below(5)) {
    case 0:
    case 1:
      apart_[which] = !apart_[which] && threads_.chance(60);
      if (!apart_[which]) return;
      ++out_.cuts;
      for (std::size_t i = 1; i < nodes; ++i)
        if (lines_[i] && (which == 0 || which == i)) lines_[i]->cut();
      return;
    case 2:
      nodes_[which]->fail_write();
      [[fallthrough]];
    case 3:
      return crash(which, threads_.chance(25), false);
    default:
      if (which == 0) return;
      if (threads_.chance(50) && nodes_[which]->has_copy()) return crash(which, true, true);
      settle();
      nodes_[which]->keep_copy();
    }
  }

  void crash(std::size_t which, bool machine_too, bool put_back) {
    ++out_.crashes;
    for (std::size_t i = 1; i < nodes; ++i)
      if (lines_[i] && (which == 0 || which == i)) lines_[i]->cut();
    nodes_[which]->crash();
    for (std::size_t p = 0; p < people_each; ++p) people_[which * people_each + p]->lost();
    if (put_back) nodes_[which]->put_back();
    out_.put_back += put_back;
    threads_.pass(threads_.between(0, lease_ms / 2));
    start(which, machine_too);
  }

  // Who surely used a seat at the same time.
  void count() {
    std::vector<std::pair<time_ms, int>> turns;
    for (const auto& p : people_)
      for (const auto& s : p->surely()) {
        if (s.to <= s.from) continue;
        turns.emplace_back(s.from, 1);
        turns.emplace_back(s.to, -1);
      }
    std::ranges::sort(turns); // an end before a beginning at the same moment
    std::int64_t now = 0, most = 0;
    for (const auto& [at, by] : turns) most = std::max(most, now += by);
    out_.most = static_cast<std::uint64_t>(most);
    if (most > seats_)
      broken(std::to_string(most) + " people used " + std::to_string(seats_) + " seats");
  }

  // The faults end; a lease later everybody gets what there is, and the master knows who has it.
  void come_to_rest() {
    quiet_ = true;
    apart_ = {};
    for (int turn = 0; turn < 60; ++turn) {
      join_links();
      run_for(lease_ms / 10);
    }
    count();
    for (const auto& p : people_)
      if (p->using_seat()) p->beat();
    run_for(5'000);
    for (int turn = 0; turn < 3; ++turn) {
      for (const auto& p : people_) {
        if (!p->using_seat()) p->sign_in();
        run_for(3'000);
      }
      for (const auto& p : people_)
        if (p->using_seat()) p->beat();
      run_for(3'000);
    }
    count();
    std::vector<session_id> real;
    for (const auto& p : people_)
      if (p->using_seat()) real.push_back(p->session());
    if (out_.broken.empty() && real.size() != std::min<std::size_t>(seats_, people_.size()))
      broken(std::to_string(real.size()) + " of " + std::to_string(seats_) +
             " seats are used at rest");
    compare(std::move(real));
  }

  void compare(std::vector<session_id> real) {
    principal admin;
    admin.roles = {"admin"};
    std::vector<session_id> told;
    const auto of = [](const auto& rows) {
      std::vector<session_id> out;
      for (const auto& row : rows.sessions) out.push_back(row.session);
      return out;
    };
    nodes_[0]->site->licenses({nodes_[0]->lane, admin, {}}, [&](auto found) {
      const auto* rows = std::get_if<std::vector<answer::license_row>>(&found);
      if (rows == nullptr || rows->empty()) return broken("the master has no license");
      nodes_[0]->site->license_seats({nodes_[0]->lane, admin, {}}, rows->front().license,
                                     [&](outcome<answer::license_seats> o) {
                                       if (const auto* s = std::get_if<answer::license_seats>(&o))
                                         told = of(*s);
                                     });
    });
    settle();
    std::ranges::sort(real);
    std::ranges::sort(told);
    if (out_.broken.empty() && real != told)
      broken("the master shows " + std::to_string(told.size()) + " sessions, there are " +
             std::to_string(real.size()));
  }

  void broken(std::string what) {
    if (out_.broken.empty()) out_.broken = std::move(what);
  }

  sim_threads threads_;
  std::array<std::unique_ptr<site_node>, nodes> nodes_;
  std::array<std::shared_ptr<link_line>, nodes> lines_;
  std::array<bool, nodes> apart_{};
  std::vector<std::unique_ptr<seated_person>> people_;
  std::uint32_t seats_ = 0;
  bool quiet_ = false;
  outcome_of_links out_;
};

} // namespace

outcome_of_links play_links(std::uint64_t seed, std::uint64_t steps) {
  return world{seed}.play(steps);
}

} // namespace strowger::sim
