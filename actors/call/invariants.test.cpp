// Random commands, retries, restarts and time: what must hold in every state of every call.
#include "tests/support/call_world.hpp"

#include <algorithm>
#include <set>

namespace strowger::call::test {
namespace {

const std::vector<device_id> everybody{ann, ben, ben2, cleo, cleo2, device_id{"dora"}, stranger};

std::vector<device_id> some(support::dice& d) {
  std::vector<device_id> rung;
  for (std::size_t n = d.below(4); n > 0; --n) rung.push_back(d.pick(everybody));
  return rung;
}

command any_transfer(support::dice& d) {
  const auto kind = d.chance(50) ? transfer_kind::blind : transfer_kind::warm;
  auto x = transferring(kind, some(d), d.pick(everybody));
  x.target_busy = d.chance(5);
  return x;
}

command any_description(support::dice& d, const device_id& who) {
  const auto bridge = static_cast<bridge_number>(d.chance(60) ? 0 : d.below(5));
  const auto text = std::to_string(d.below(3));
  if (d.chance(40)) return send_candidate{who, bridge, ice(text)};
  if (d.chance(50)) return send_offer{who, bridge, sdp(text)};
  return send_answer{who, bridge, sdp(text)};
}

command any_placing(support::dice& d) {
  auto x = placing();
  if (d.chance(30)) x.rung = some(d);
  x.callee_busy = d.chance(3);
  if (d.chance(70)) x.method = relayed_method;
  if (d.chance(50)) x.offer = sdp("first");
  return x;
}

command any_recording(support::dice& d, const device_id& who) {
  const auto consent = static_cast<recording_consent>(d.below(3));
  const auto what = d.chance(50) ? recording_act::start : static_cast<recording_act>(d.below(4));
  const auto number = static_cast<recording_number>(d.below(3));
  if (d.chance(20)) return end_recording{number, recording_end::storage_failed};
  if (d.chance(20))
    return file_recording{number, 1, std::to_string(d.below(5)), 1, 1, "digest"};
  return record{who, {}, false, what, consent};
}

command any_command(support::dice& d) {
  const auto who = d.pick(everybody);
  switch (d.below(24)) {
  case 22:
  case 23:
    return any_recording(d, who);
  case 0:
    return any_placing(d);
  case 1:
  case 2:
  case 3:
    return answer{who};
  case 4:
    return decline{who};
  case 5:
    return d.chance(40) ? command{hang_up{who}} : command{answer{who}};
  case 6:
    return hold{who};
  case 7:
    return unhold{who};
  case 8:
    return mute{who, d.chance(50)};
  case 9:
    return send_dtmf{who, "1", 100};
  case 10:
    return cancel_transfer{who};
  case 11:
    if (d.chance(70)) return tick{};
    return lose_device{who, d.chance(50) ? ring_phase::lost : ring_phase::unreached};
  case 12:
  case 13:
  case 14:
  case 15:
    return any_transfer(d);
  default:
    return any_description(d, who);
  }
}

bool lives(const leg& l) { return l.phase != leg_phase::left; }

void check_legs(const state& s) {
  ASSERT_LE(s.legs.size(), limits::legs_per_call_max);
  ASSERT_LE(s.bridges.size(), limits::bridges_per_call_max);
  std::set<device_id> engaged;
  for (const auto& [number, l] : s.legs) {
    const auto winners =
        std::ranges::count_if(l.rung, [](const auto& r) { return r.second == ring_phase::won; });
    ASSERT_EQ(winners, number != 1 && !l.device.empty() ? 1 : 0) << "leg " << number;
    if (!lives(l)) continue;
    const bool twice = !l.device.empty() && !engaged.insert(l.device).second;
    ASSERT_FALSE(twice) << l.device.value;
    if (l.phase == leg_phase::ringing) {
      ASSERT_FALSE(l.holds || l.mutes);
      for (const auto& [device, how] : l.rung)
        ASSERT_TRUE(how != ring_phase::ringing || engaged.insert(device).second) << device.value;
    } else {
      const auto& b = s.bridges.at(l.bridge); // who speaks is on a bridge, on one of its sides
      ASSERT_TRUE(b.a == number || b.b == number);
    }
  }
}

void check_transfer(const state& s, const transfer& t) {
  ASSERT_EQ(s.phase, phase::answered);
  ASSERT_EQ((std::set{t.by, t.stayed, t.to}.size()), 3u);
  ASSERT_EQ(s.legs.at(t.by).phase, t.released ? leg_phase::left : leg_phase::up);
  ASSERT_EQ(s.legs.at(t.stayed).phase, leg_phase::up);
  ASSERT_EQ(s.legs.at(t.to).phase, t.consulting ? leg_phase::up : leg_phase::ringing);
  ASSERT_FALSE(t.consulting && (t.released || t.kind == transfer_kind::blind));
  ASSERT_TRUE(t.kind == transfer_kind::blind || on_hold(s, t.stayed));
}

void check_pairs(const state& s) {
  std::vector<leg_number> up;
  for (const auto& [number, l] : s.legs)
    if (l.phase == leg_phase::up) up.push_back(number);
  if (s.phase == phase::answered && !s.transfer) {
    ASSERT_EQ(up.size(), 2u);
    ASSERT_EQ(peer_of(s, up[0]), up[1]);
  }
  for (const auto number : up) {
    const auto peer = peer_of(s, number);
    if (peer == 0) continue;
    ASSERT_EQ(peer_of(s, peer), number);
    const bool set_aside = s.transfer && s.transfer->kind == transfer_kind::warm;
    ASSERT_TRUE(set_aside || on_hold(s, peer) == on_hold(s, number));
  }
}

void check(const world& w) {
  const auto& s = w.state();
  ASSERT_NO_FATAL_FAILURE(check_legs(s));
  ASSERT_NO_FATAL_FAILURE(check_pairs(s));
  if (s.transfer) {
    ASSERT_NO_FATAL_FAILURE(check_transfer(s, *s.transfer));
  }
  const bool rings = std::ranges::any_of(
      s.legs, [](const auto& l) { return l.second.phase == leg_phase::ringing; });
  ASSERT_EQ(w.wake_at() != never, rings);
  ASSERT_FALSE(s.recording && s.phase != phase::answered);
  for (const auto& e : w.history())
    if (const auto* x = std::get_if<recording_started>(&e)) {
      ASSERT_NE(x->consent, recording_consent::missing);
    }
  const bool any_lives = std::ranges::any_of(s.legs, [](const auto& l) { return lives(l.second); });
  ASSERT_EQ(any_lives, s.phase == phase::ringing || s.phase == phase::answered);
  const auto ends = std::ranges::count_if(
      w.history(), [](const event& e) { return std::holds_alternative<ended>(e); });
  ASSERT_EQ(ends, s.phase == phase::ended ? 1 : 0);
}

// Refusals that a repeat may meet although the first time was accepted: it is over, or started.
bool documented_repeat(const command& c, errc why) {
  if (std::holds_alternative<start_transfer>(c)) return why == errc::transfer_pending;
  if (std::holds_alternative<cancel_transfer>(c)) return why == errc::no_transfer_pending;
  return false;
}

void step(world& w, const command& c) {
  const bool was_over = w.state().phase == phase::ended;
  w.when(c);
  const bool accepted = !w.outcome().refused();
  ASSERT_FALSE(was_over && std::ranges::any_of(w.outcome().events(), [](const event& e) {
    return !may_follow_the_end(e);
  })) << "an event after the end";
  ASSERT_NO_FATAL_FAILURE(check(w));
  if (std::holds_alternative<send_dtmf>(c)) return; // a digit may come twice
  const auto again = spec::decide(w.state(), c, w.ctx());
  ASSERT_TRUE(again.events().empty()) << support::show(again.events());
  if (accepted && again.refused()) {
    ASSERT_TRUE(documented_repeat(c, again.why())) << "errc " << int(again.why());
  }
}

// What the runtime does when everybody has gone: the call must come to its end.
void everybody_goes(world& w) {
  for (const auto& device : everybody) ASSERT_NO_FATAL_FAILURE(step(w, lose_device{device}));
  ASSERT_NO_FATAL_FAILURE(step(w.later(ring), tick{}));
  ASSERT_TRUE(w.state().phase == phase::ended || w.state().phase == phase::none);
}

TEST(call_invariants, hold_under_random_commands_retries_and_restarts) {
  std::size_t transferred_calls = 0;
  for (std::uint64_t seed = 0; seed < 1'000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    support::dice d{seed};
    world w;
    w.when(any_placing(d));
    for (int n = 0; n < 80; ++n) {
      d.chance(1) ? w.restarted(500) : w.later(static_cast<duration_ms>(d.below(1'500)));
      ASSERT_NO_FATAL_FAILURE(step(w, any_command(d)));
    }
    ASSERT_NO_FATAL_FAILURE(everybody_goes(w));
    w.replays();
    transferred_calls += std::ranges::any_of(
        w.history(), [](const event& e) { return std::holds_alternative<transferred>(e); });
  }
  EXPECT_GT(transferred_calls, 100u); // the walk really goes far
}

TEST(call_invariants, ten_thousand_answer_races_have_one_winner_each) {
  for (std::uint64_t seed = 0; seed < 10'000; ++seed) {
    support::dice d{seed};
    auto x = placing();
    x.rung.clear();
    const auto devices = 2 + d.below(8);
    for (std::size_t i = 0; i < devices; ++i) x.rung.push_back(device_id{std::to_string(i)});
    world w;
    w.when(x);
    for (std::size_t i = x.rung.size(); i > 1; --i) std::swap(x.rung[i - 1], x.rung[d.below(i)]);
    std::size_t won = 0;
    for (const auto& device : x.rung) {
      w.when(answer{device});
      won += !w.outcome().refused();
      ASSERT_TRUE(!w.outcome().refused() || w.outcome().why() == errc::answered_elsewhere);
    }
    ASSERT_EQ(won, 1u) << "seed " << seed;
    ASSERT_EQ(w.state().legs.at(2).device, x.rung.front());
  }
}

} // namespace
} // namespace strowger::call::test
