#include "actors/runtime/picture.hpp"

#include "actors/runtime/fingerprint.hpp"
#include "storage/memory_rows.hpp"
#include "tests/support/call_world.hpp"
#include "tests/support/sim_ports.hpp"

#include <gtest/gtest.h>

namespace strowger::runtime {
namespace {

using namespace call::test;

const tenant_id home{"default"}, away{"away"};

personal<std::string> of(const std::string& who, const std::string& what) {
  return {subject_id{who}, what};
}

// One life of a publisher's memory on rows that outlive it.
struct life {
  explicit life(storage::memory_rows& rows, storage::vault& vault, position durable = 1'000) :
      pic(rows, vault, world, boxes), restored(pic.restore(durable)) {}

  void happens(const tenant_id& tenant, const std::string& stream, views::any_event what) {
    const views::committed e{world.folded + 1, tenant, stream, start, std::move(what)};
    keep_inboxes(boxes, e, views::fold(world, e));
  }
  void keep() {
    const auto batch = pic.collect();
    pic.write(*batch);
    pic.written(*batch);
    pic.sweep();
  }

  views::world world;
  inboxes boxes;
  picture pic;
  position restored;
};

void people(life& l) {
  for (const auto& tenant : {home, away})
    for (const std::string who : {"ann", "ben", "cleo"}) {
      l.happens(tenant, who,
                agent::event{agent::registered{of(who, who),
                                               of(who, "mail"),
                                               of(who, "+" + who),
                                               of(who, "hash"),
                                               extension_id{who},
                                               "agent",
                                               {"agent"},
                                               false,
                                               start}});
      l.happens(tenant, who,
                extension::event{extension::created{of(who, "+" + who), agent_id{who}, start}});
    }
  l.happens(home, "l", license::event{license::issued{"plan", 5, 2, true, never, start}});
}
void devices(life& l) {
  for (const auto& [device, who] : {std::pair{ann, "ann"}, {ben, "ben"}, {ben2, "ben"}}) {
    l.happens(
        home, who,
        extension::event{extension::device_attached{
            device, session_id{"s-" + device.value}, {}, of(who, "browser"), 1, 45'000, start}});
    l.happens(home, "s-" + device.value,
              session::event{
                  session::opened{extension_id{who}, agent_id{who}, device, {}, "", 0, 1, start}});
  }
}
void a_call(life& l, const std::string& id) {
  l.happens(home, id, call::event{as_placed()});
  l.happens(home, id, call::event{call::offer_sent{1, 1, sdp("offer")}});
  l.happens(home, id, call::event{call::answered{2, ben, 1, start}});
}
void its_end(life& l, const std::string& id) {
  l.happens(home, id, call::event{call::ended{call::cause::hangup, 1, start + 5}});
}

struct picture_test : testing::Test {
  void expect_same(const life& a, const life& b) {
    EXPECT_EQ(lines_of(a.world), lines_of(b.world));
    EXPECT_EQ(a.world.folded, b.world.folded);
    for (const auto& [id, t] : a.world.tenants) {
      const auto& other = b.world.tenants.at(id);
      EXPECT_EQ(t.agents.size(), other.agents.size());
      EXPECT_EQ(t.history.size(), other.history.size());
      EXPECT_EQ(t.calls_of, other.calls_of);
      EXPECT_EQ(t.calls_total, other.calls_total);
    }
  }
  std::vector<std::string> differing(const life& from) {
    return differences(rows, vault, from.world, from.boxes, 10);
  }

  storage::memory_rows rows, spare_rows;
  sim::sim_vault vault;
  life whole{spare_rows, vault}; // never restarted, folds everything
};

TEST_F(picture_test, a_start_without_rows_folds_everything) {
  EXPECT_EQ(life(rows, vault).restored, 0u);
  EXPECT_EQ(rows.get_row("shape", ""), picture::shape);
}

TEST_F(picture_test, a_start_finds_what_was_kept_and_goes_on_from_there) {
  {
    life first{rows, vault};
    for (auto* l : {&first, &whole}) {
      people(*l);
      devices(*l);
      a_call(*l, "c1");
    }
    first.keep();
  }
  life second{rows, vault};
  EXPECT_EQ(second.restored, whole.world.folded);
  expect_same(second, whole);
  for (auto* l : {&second, &whole}) {
    its_end(*l, "c1");
    a_call(*l, "c2");
    l->happens(home, "ann", agent::event{agent::token_revoked{"jti", start + 9}});
    l->happens(home, "l", license::event{license::seat_taken{agent_id{"ann"}, session_id{"x"}, 1}});
    l->happens(home, "ben", extension::event{extension::device_forgotten{ben2, {}, "logout", 1}});
    l->happens(home, "s-ben2", session::event{session::closed{"logout", start}});
  }
  expect_same(second, whole);
  second.keep();
  expect_same(second, whole);
  expect_same(life{rows, vault}, whole);
}

TEST_F(picture_test, what_was_not_kept_is_gone_and_nothing_else) {
  {
    life first{rows, vault};
    people(first);
    first.keep();
    devices(first);
    a_call(first, "c1");
    first.keep();
    its_end(first, "c1");
  }
  rows.lose_last(1);
  people(whole);
  life second{rows, vault};
  expect_same(second, whole);
}

TEST_F(picture_test, rows_of_another_shape_or_newer_than_the_log_are_dropped) {
  for (const bool newer : {false, true}) {
    {
      life first{rows, vault};
      people(first);
      first.keep();
    }
    const auto at = rows.reflects();
    if (!newer) rows.put_rows(at, {{"shape", "", "0"}});
    EXPECT_EQ(life(rows, vault, newer ? at - 1 : at).restored, 0u);
    EXPECT_EQ(rows.reflects(), 0u);
    EXPECT_FALSE(rows.get_row("agents", "\x07"
                                        "defaultann"));
  }
}

TEST_F(picture_test, history_is_paged_from_rows_and_from_what_is_not_written_yet) {
  people(whole);
  devices(whole);
  life l{rows, vault};
  people(l);
  devices(l);
  std::vector<std::string> newest_first;
  for (int i = 0; i < 7; ++i) {
    const auto id = "c" + std::to_string(i);
    newest_first.insert(newest_first.begin(), id);
    a_call(l, id);
    its_end(l, id);
    if (i == 4) l.keep();
  }
  for (const bool all : {true, false}) {
    request::history query;
    query.limit = 3;
    if (!all) query.extension = "+ben";
    std::vector<std::string> seen;
    for (int pages = 0; pages < 3; ++pages) {
      const auto page = views::history_page(
          l.world.tenant(home), query, all ? std::nullopt : std::optional{extension_id{"ben"}});
      for (const auto& row : page.calls) seen.push_back(row.call.value);
      if (!page.next_cursor) break;
      query.cursor = *page.next_cursor;
    }
    EXPECT_EQ(seen, newest_first);
  }
  request::history nobodys;
  nobodys.limit = 3;
  nobodys.extension = "+cleo";
  EXPECT_TRUE(
      views::history_page(l.world.tenant(home), nobodys, extension_id{"cleo"}).calls.empty());
}

TEST_F(picture_test, every_table_is_compared_with_the_log) {
  life l{rows, vault};
  for (auto* x : {&l, &whole}) {
    people(*x);
    devices(*x);
    a_call(*x, "c1");
    x->happens(home, "ann", agent::event{agent::token_revoked{"jti", start + 9}});
  }
  l.keep();
  EXPECT_EQ(differing(whole), std::vector<std::string>{});
  std::vector<std::pair<std::string, std::string>> names;
  for (const auto* table :
       {"agents", "extensions", "history", "history_of", "devices", "sessions", "session_of",
        "calls", "placed_at", "revoked", "inboxes", "tenants", "licenses"}) {
    const auto before = names.size();
    rows.rows_from(table, "", [&](auto key, auto) {
      names.emplace_back(table, key);
      return false;
    });
    EXPECT_EQ(names.size(), before + 1) << table;
  }
  for (const auto& [table, key] : names) {
    const auto value = rows.get_row(table, key);
    rows.put_rows(rows.reflects(), {{table, key, std::nullopt}});
    EXPECT_EQ(differing(whole).size(), 1u) << table;
    rows.put_rows(rows.reflects(), {{table, key, value}});
  }
  EXPECT_EQ(differing(whole), std::vector<std::string>{});
}

} // namespace
} // namespace strowger::runtime
