#include "tests/sim/leases/leases.hpp"

#include "tests/sim/leases/mirror.hpp"
#include "tests/sim/leases/nodes.hpp"

#include <array>
#include <variant>

namespace strowger::sim {
namespace {

constexpr std::size_t slaves = 3;
constexpr duration_ms lease_ms = 10'000;
constexpr std::size_t messages_max = 8;

struct asks {
  std::uint64_t ask = 0;
  std::uint32_t seats = 0;
};
struct gets {
  license::receive what;
};
struct message {
  std::size_t slave = 0;
  std::variant<asks, gets> what;
};

class world {
public:
  explicit world(std::uint64_t seed) : rng_(seed) {
    nodes_.reserve(slaves + 1);
    for (std::size_t i = 0; i <= slaves; ++i) nodes_.emplace_back(rng_, 0.0);
    set_terms(static_cast<std::uint32_t>(1 + below(rng_, 8)));
    overdraft_ = static_cast<std::uint32_t>(below(rng_, 3));
    for (std::size_t i = 1; i <= slaves; ++i) {
      adopt(i);
      keep_copy(i);
    }
  }

  outcome_of_leases play(std::uint64_t steps) {
    for (std::uint64_t i = 0; i < steps && out_.broken.empty(); ++i) {
      step();
      ++out_.steps;
      count_seats();
    }
    if (out_.broken.empty()) come_to_rest();
    return out_;
  }

private:
  node& master() { return nodes_[0]; }

  void step() {
    pass_time();
    const auto what = below(rng_, 32);
    if (what < 8) return sign_in(below(rng_, slaves + 1));
    if (what < 14) return sign_out(below(rng_, slaves + 1));
    if (what < 17) return ask(1 + below(rng_, slaves));
    if (what < 27) return deliver();
    if (what < 29) return heartbeat(below(rng_, slaves + 1));
    if (what < 31) return trouble();
    if (one_in(rng_, 2)) return tell_seats(1 + below(rng_, slaves));
    tell(0, license::tick{});
  }

  void pass_time() {
    const auto most = one_in(rng_, 500) ? 2 * lease_ms : lease_ms / 100;
    real_ms_ += static_cast<double>(below(rng_, static_cast<std::uint64_t>(most)));
  }

  void trouble() {
    const auto which = below(rng_, slaves + 1);
    switch (below(rng_, 10)) {
    case 0:
      return crash(which);
    case 8:
      return which == 0 ? void() : one_in(rng_, 2) ? put_back(which) : keep_copy(which);
    case 9:
      return which == 0 ? void() : one_in(rng_, 8) ? other_license(which) : give_back(which);
    case 1:
    case 2:
      return cut(which);
    case 3:
      set_terms(static_cast<std::uint32_t>(below(rng_, 9)));
      return;
    case 4:
      if (one_in(rng_, 4)) tell(0, license::suspend{});
      return;
    default:
      tell(0, license::resume{});
    }
  }

  void cut(std::size_t which) {
    cut_[which] = !cut_[which] && one_in(rng_, 2);
    if (cut_[which]) ++out_.cuts;
  }

  // The whole process, or the machine with it. A slave wakes what is left of its lease.
  void crash(std::size_t which) {
    ++out_.crashes;
    real_ms_ += static_cast<double>(below(rng_, lease_ms / 2));
    nodes_[which].start(real_ms_, one_in(rng_, 4));
    welcome_[which] = false;
    if (which > 0)
      tell(which, license::wake_lease{nodes_[which].boot(), nodes_[which].boot_ms(real_ms_)});
  }

  // ok: it was done, and whoever asked is told so.
  errc tell(std::size_t which, const license::command& what) {
    auto& n = nodes_[which];
    if (!one_in(rng_, 200)) return n.tell(what, real_ms_);
    n.tell(what, real_ms_, below(rng_, 2)); // it dies while it writes: nobody is told
    crash(which);
    return errc::outcome_unknown;
  }

  void set_terms(std::uint32_t seats) {
    if (tell(0, license::issue{"plan", 100, seats, true}) != errc::outcome_unknown)
      seats_ = master().state.webrtc_max_users;
    seats_ = master().state.webrtc_max_users;
  }

  void adopt(std::size_t which) {
    license::issue terms{"plan", 100, seats_, true};
    terms.document = "signed " + name_of(which).value;
    terms.overdraft = overdraft_;
    tell(which, terms);
  }

  // By another license it is another slave.
  slave_id name_of(std::size_t which) const {
    return slave_id{std::to_string(which) + "/" + std::to_string(license_[which])};
  }
  void other_license(std::size_t which) {
    ++license_[which];
    forget_messages(which);
    mirrors_[which].forget();
    tell(which, license::void_lease{nodes_[which].state.lease.asks + 1});
    adopt(which);
  }

  void keep_copy(std::size_t which) {
    copies_[which] = {nodes_[which].state, nodes_[which].log, license_[which]};
  }
  // The folder as it was; its links are those of a process that has ended.
  void put_back(std::size_t which) {
    const auto& was = copies_[which];
    if (was.license != license_[which]) return;
    nodes_[which].put_back(was.state, was.log, real_ms_);
    forget_messages(which);
    welcome_[which] = false;
    ++out_.put_back;
  }
  void forget_messages(std::size_t which) {
    std::erase_if(under_way_, [&](const auto& m) { return m.slave == which; });
  }

  // The master's recall.
  void give_back(std::size_t which) {
    if (!away(which)) ask_for(which, static_cast<std::uint32_t>(nodes_[which].state.held.size()));
  }

  bool away(std::size_t which) const { return which > 0 && (cut_[which] || cut_[0]); }

  // The first words of a link: how far the master has heard the asks of this slave.
  void welcome(std::size_t which) {
    const auto has = master().state.slaves.find(name_of(which));
    const auto asks = has == master().state.slaves.end() ? 0 : has->second.ask;
    welcome_[which] = tell(which, license::void_lease{asks}) == errc::ok;
  }

  void tell_seats(std::size_t which) {
    if (away(which)) return;
    const auto wrong = mirrors_[which].report(nodes_[which], static_cast<time_ms>(real_ms_));
    if (!wrong.empty()) broken(wrong);
  }

  void sign_in(std::size_t where) {
    const auto number = std::to_string(below(rng_, 12));
    const agent_id who{"agent " + number};
    const session_id session{std::to_string(++sessions_)};
    auto& n = nodes_[where];
    const bool beyond = where > 0 && !n.state.held.contains(who) &&
                        n.state.held.size() >= license::seats_here(n.state, n.at(real_ms_));
    const auto why = tell(where, license::take_seat{who, session, away(where)});
    ++(why == errc::ok ? out_.taken : out_.refused);
    if (why != errc::ok) return;
    if (beyond) ++out_.debts;
    if (beyond && !n.state.held.at(who).overdrawn) broken("a debt that is not marked");
    if (n.tell(license::confirm_seat{who, session, away(where)}, real_ms_) != errc::ok)
      broken("somebody was let in without a seat");
  }

  void sign_out(std::size_t where) {
    const auto& held = nodes_[where].state.held;
    if (held.empty()) return;
    auto it = held.begin();
    std::advance(it, static_cast<std::ptrdiff_t>(below(rng_, held.size())));
    if (it->second.sessions.empty()) return broken("a seat that no session holds");
    tell(where, license::release_seat{it->first, *it->second.sessions.begin()});
  }

  // Whoever is told that the seat is still there must be among those counted.
  void heartbeat(std::size_t where) {
    auto& n = nodes_[where];
    std::uint32_t told = 0;
    for (const auto& [holder, seat] : n.state.held)
      if (!seat.sessions.empty() &&
          n.tell(license::confirm_seat{holder, *seat.sessions.begin(), away(where)}, real_ms_) ==
              errc::ok)
        ++told;
    if (told != n.used(real_ms_, away(where))) broken("heartbeats are answered without a seat");
  }

  void ask(std::size_t who) {
    if (!welcome_[who] && !away(who)) welcome(who);
    if (welcome_[who]) ask_for(who, static_cast<std::uint32_t>(below(rng_, seats_ + 2)));
  }
  void ask_for(std::size_t who, std::uint32_t seats) {
    auto& n = nodes_[who];
    if (!welcome_[who]) return;
    if (tell(who, license::ask{seats, n.boot(), n.boot_ms(real_ms_)}) != errc::ok) return;
    send({who, asks{n.state.lease.asks, n.state.lease.asked_seats}});
  }

  void send(message m) {
    if (under_way_.size() >= messages_max)
      under_way_.erase(under_way_.begin() +
                       static_cast<std::ptrdiff_t>(below(rng_, under_way_.size())));
    under_way_.push_back(std::move(m));
  }

  // In any order, some twice, some never.
  void deliver() {
    if (under_way_.empty()) return;
    const auto place = static_cast<std::ptrdiff_t>(below(rng_, under_way_.size()));
    const auto m = under_way_[static_cast<std::size_t>(place)];
    if (cut_[m.slave] || cut_[0]) return;
    if (!one_in(rng_, 8)) under_way_.erase(under_way_.begin() + place);
    if (one_in(rng_, 8)) return;
    if (const auto* x = std::get_if<asks>(&m.what)) return grant(m.slave, *x);
    if (tell(m.slave, std::get<gets>(m.what).what) == errc::ok) ++out_.leases;
  }

  void grant(std::size_t who, const asks& x) {
    const auto name = name_of(who);
    const license::command what{license::grant{name, x.ask, x.seats, lease_ms}};
    if (tell(0, what) != errc::ok) return;
    const auto has = license::reply_to(master().state, what);
    send({who, gets{{has.ask, has.epoch, has.seats, has.lease_ms}}});
  }

  void count_seats() {
    std::uint32_t used = 0;
    for (auto& n : nodes_) used += n.used(real_ms_);
    if (used > seats_) broken(std::to_string(used) + " of " + std::to_string(seats_) + " seats");
  }

  // What the master takes for seated is what the slaves' logs say.
  void compare_mirrors() {
    for (std::size_t i = 1; i <= slaves; ++i) {
      for (int turn = 0; turn < 2 || mirrors_[i].behind(nodes_[i]); ++turn) {
        const auto wrong = mirrors_[i].report(nodes_[i], static_cast<time_ms>(real_ms_));
        if (!wrong.empty() || turn > 10'000) return broken("the master does not hear of all seats");
      }
      if (!mirrors_[i].right(nodes_[i])) return broken("the master takes others for seated");
    }
  }

  // Nobody asks any more: after one lease every seat that the master's own people do not have is
  // free again.
  void come_to_rest() {
    compare_mirrors();
    real_ms_ += static_cast<double>(lease_ms) * (1 + 2 * drift);
    auto& m = master();
    m.tell(license::resume{}, real_ms_);
    m.tell(license::tick{}, real_ms_);
    count_seats();
    if (!out_.broken.empty()) return;
    if (license::leased_seats(m.state) > 0) return broken("a lease never ends");
    for (auto left = seats_ - m.state.held.size(); left > 0; --left)
      if (m.tell(license::take_seat{agent_id{"rest " + std::to_string(left)}, session_id{"rest"}},
                 real_ms_) != errc::ok)
        return broken("a seat is lost");
  }

  void broken(std::string what) {
    if (out_.broken.empty()) out_.broken = std::move(what) + ", step " + std::to_string(out_.steps);
  }

  rng rng_;
  double real_ms_ = 0;
  std::vector<node> nodes_; // the master, then its slaves
  std::array<bool, slaves + 1> cut_{};
  std::vector<message> under_way_;
  struct copy {
    license::state state;
    seat_log log;
    int license = 0;
  };
  std::array<copy, slaves + 1> copies_;
  std::array<int, slaves + 1> license_{};
  std::array<bool, slaves + 1> welcome_{};
  std::array<mirror, slaves + 1> mirrors_;
  std::uint32_t overdraft_ = 0; // of each slave
  std::uint32_t seats_ = 0;
  std::uint64_t sessions_ = 0;
  outcome_of_leases out_;
};

} // namespace

outcome_of_leases play_leases(std::uint64_t seed, std::uint64_t steps) {
  return world{seed}.play(steps);
}

} // namespace strowger::sim
