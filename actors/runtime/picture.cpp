#include "actors/runtime/picture.hpp"

#include "actors/runtime/rows.hpp"
#include "core/planted.hpp"
#include "observe/log.hpp"

namespace strowger::runtime {
namespace {

constexpr auto shape_table = "shape", tenants_table = "tenants";
constexpr position folded_per_second = 200'000; // at least, on any machine of these years

struct tenant_cell { // of a tenant, what is counted
  std::uint64_t calls_total = 0, calls_answered = 0, calls_failed = 0;
  std::uint64_t agents = 0, extensions = 0, history = 0;
  static constexpr auto fields = std::tuple{field{"calls_total", &tenant_cell::calls_total},
                                            field{"calls_answered", &tenant_cell::calls_answered},
                                            field{"calls_failed", &tenant_cell::calls_failed},
                                            field{"agents", &tenant_cell::agents},
                                            field{"extensions", &tenant_cell::extensions},
                                            field{"history", &tenant_cell::history}};
};

tenant_cell cell_of(const views::tenant_world& t) {
  return {t.calls_total,   t.calls_answered,    t.calls_failed,
          t.agents.size(), t.extensions.size(), t.history.size()};
}

} // namespace

// The tables of one tenant, as rows.
struct stored_tenant {
  stored_tenant(const storage::row_store& rows, storage::vault& vault, const tenant_id& id) :
      agents(rows, vault, id, "agents"), extensions(rows, vault, id, "extensions"),
      history(rows, vault, id, "history"), history_of(rows, vault, id, "history_of"),
      devices(rows, vault, id, "devices"), sessions(rows, vault, id, "sessions"),
      session_of(rows, vault, id, "session_of"), calls(rows, vault, id, "calls"),
      placed_at(rows, vault, id, "placed_at"), licenses(rows, vault, id, "licenses"),
      seat_at(rows, vault, id, "seat_at"), slaves(rows, vault, id, "slaves"),
      revoked(rows, vault, id, "revoked"), void_tokens(rows, vault, id, "void_tokens"),
      inboxes(rows, vault, id, "inboxes") {}

  // Those whose rows are read when they are asked for, and those that are in memory, too.
  template <class World, class Visit> void each_cold(World& t, const Visit& visit) const {
    visit(t.agents, agents);
    visit(t.extensions, extensions);
    visit(t.history, history);
    visit(t.history_of, history_of);
  }
  template <class World, class Visit> void each_hot(World& t, const Visit& visit) const {
    visit(t.devices, devices);
    visit(t.sessions, sessions);
    visit(t.session_of, session_of);
    visit(t.calls, calls);
    visit(t.placed_at, placed_at);
    visit(t.revoked, revoked);
    visit(t.void_tokens, void_tokens);
    visit(t.licenses, licenses);
    visit(t.seat_at, seat_at);
    visit(t.slaves, slaves);
  }
  template <class World, class Visit> void each(World& t, const Visit& visit) const {
    each_cold(t, visit);
    each_hot(t, visit);
  }

  stored_table<agent_id, agent::state> agents;
  stored_table<extension_id, extension::state> extensions;
  stored_table<position, views::history_row> history;
  stored_table<std::pair<extension_id, position>, views::marker> history_of;
  stored_table<device_id, extension_id> devices;
  stored_table<session_id, session::state> sessions;
  stored_table<device_id, session_id> session_of;
  stored_table<call_id, call::state> calls;
  stored_table<call_id, position> placed_at;
  stored_table<license_id, license::state> licenses;
  stored_table<session_id, position> seat_at;
  stored_table<slave_id, slave::state> slaves;
  stored_table<std::string, time_ms> revoked;
  stored_table<agent_id, time_ms> void_tokens;
  stored_table<device_id, inbox> inboxes;
};
struct picture::tables : stored_tenant {
  using stored_tenant::stored_tenant;
};

class picture::batch {
public:
  position up_to = 0;
  std::vector<std::function<storage::row()>> rows; // encoded when they are written
};

picture::picture(storage::row_store& rows, storage::vault& vault, views::world& world,
                 inboxes& boxes) :
    rows_(rows),
    vault_(vault), world_(world), boxes_(boxes) {
  boxes_.facts().mirror();
  world_.met = [this](const tenant_id& id, views::tenant_world& t) { meet(id, t); };
}
picture::~picture() = default;

void picture::meet(const tenant_id& id, views::tenant_world& t) {
  const auto& mine = *(tables_[id] = std::make_unique<tables>(rows_, vault_, id));
  tenant_cell counts;
  if (const auto bytes = rows_.get_row(tenants_table, id.value))
    counts = storage::decode<tenant_cell>(*bytes, id, vault_);
  t.agents.put_on(mine.agents, counts.agents);
  t.extensions.put_on(mine.extensions, counts.extensions);
  t.history.put_on(mine.history, counts.history);
  t.history_of.put_on(mine.history_of, 0); // nobody asks how many
  mine.each_hot(t, [](auto& table, const auto&) { table.mirror(); });
  t.calls_total = counts.calls_total;
  t.calls_answered = counts.calls_answered;
  t.calls_failed = counts.calls_failed;
}

bool picture::usable(position durable) {
  const auto at = rows_.reflects();
  const auto found = rows_.get_row(shape_table, {});
  if (at > 0 && found == shape && at <= durable) return true;
  if (at == 0 && durable == 0) return false;
  const auto why = at == 0          ? std::string{"there is no stored picture yet"}
                   : found != shape ? std::string{"the stored picture has another shape"}
                                    : std::string{"the stored picture is newer than the log"};
  log::info(why + ": it is built from the log, " + std::to_string(durable) +
            " events; that takes at most about " + std::to_string(durable / folded_per_second + 1) +
            " s");
  return false;
}

position picture::restore(position durable) {
  if (!usable(durable)) {
    rows_.drop_rows();
    rows_.put_rows(0, {{shape_table, {}, shape}});
    return 0;
  }
  std::vector<tenant_id> tenants; // first all, then each: a visitor must not read
  rows_.rows_from(tenants_table, {}, [&](auto key, auto) {
    tenants.emplace_back(key);
    return true;
  });
  for (const auto& id : tenants) restore_tenant(id);
  collected_ = world_.folded = rows_.reflects();
  boxes_.restored_up_to(world_.folded);
  return world_.folded;
}

void picture::restore_tenant(const tenant_id& id) {
  auto& t = world_.tenant(id);
  const auto& mine = *tables_.at(id);
  mine.each_hot(t, [](auto& table, const auto& stored) {
    stored.ascend([&](const auto& key, auto value) {
      table.restore(key, std::move(value));
      return true;
    });
  });
  mine.inboxes.ascend([&](const device_id& device, inbox facts) {
    boxes_.facts().restore({id, device}, std::move(facts));
    return true;
  });
  views::index_calls(t);
}

std::shared_ptr<picture::batch> picture::collect() {
  auto out = std::make_shared<batch>();
  const auto add = [&](const auto& stored, const auto& key, auto value) {
    if (value == nullptr && planted(bug::gone_rows_stay)) return;
    out->rows.push_back([&stored, key, value] { return stored.row_of(key, value.get()); });
  };
  for (auto& [name, t] : world_.tenants) {
    const auto& id = name;
    if (t.changed <= collected_) continue;
    const auto& mine = *tables_.at(id);
    mine.each(t, [&](auto& table, const auto& stored) {
      for (auto& c : table.take_changes()) add(stored, c.key, std::move(c.value));
    });
    out->rows.push_back([this, &id, counts = cell_of(t)] {
      return storage::row{tenants_table, id.value, storage::encode(counts, id, vault_)};
    });
  }
  for (auto& c : boxes_.facts().take_changes())
    add(tables_.at(c.key.first)->inboxes, c.key.second, std::move(c.value));
  out->up_to = collected_ = world_.folded;
  return out;
}

position picture::position_of(const batch& what) { return what.up_to; }

void picture::write(const batch& what) {
  std::vector<storage::row> rows;
  rows.reserve(what.rows.size());
  for (const auto& make : what.rows) rows.push_back(make());
  rows_.put_rows(what.up_to + (planted(bug::rows_say_too_much) ? 1 : 0), rows);
}

void picture::written(batch& what) {
  what.rows.clear();
  for (auto& [id, t] : world_.tenants)
    tables_.at(id)->each(t, [&](auto& table, const auto&) { table.written(what.up_to); });
  boxes_.facts().written(what.up_to);
}

void picture::sweep() {
  for (auto& [id, t] : world_.tenants)
    tables_.at(id)->each_cold(
        t, [](auto& table, const auto&) { table.sweep(limits::rows_at_hand_max); });
}

namespace {

class comparison {
public:
  explicit comparison(std::size_t max) : max_(max) {}
  std::vector<std::string> found;

  template <class K, class V> void compare(const tenant_id& tenant, const char* name,
                                           const views::table<K, V>& folded,
                                           const stored_table<K, V>& stored) {
    std::map<K, const V*> rows;
    for (const auto& [key, value] : folded) rows.emplace(key, &value);
    auto it = rows.begin();
    const auto report = [&](const K& key, const char* what) {
      say(tenant.value + "/" + name + "/" + text(key) + ": " + what);
    };
    stored.ascend([&](const K& key, const V& value) {
      for (; it != rows.end() && it->first < key; ++it) report(it->first, "the row is missing");
      if (it == rows.end() || key < it->first) {
        report(key, "the log knows no such row");
      } else {
        if (plain(value) != plain(*it->second)) report(key, "the row is not what the log gives");
        ++it;
      }
      return found.size() < max_;
    });
    for (; it != rows.end(); ++it) report(it->first, "the row is missing");
  }
  void say(std::string line) {
    if (found.size() < max_) found.push_back(std::move(line));
  }

private:
  template <class V> static std::string plain(const V& value) {
    return storage::fingerprint(stored_form(value));
  }
  template <class Tag> static std::string text(const id<Tag>& k) { return k.value; }
  static std::string text(const std::string& k) { return k; }
  static std::string text(position k) { return std::to_string(k); }
  static std::string text(const std::pair<extension_id, position>& k) {
    return k.first.value + "@" + std::to_string(k.second);
  }
  const std::size_t max_;
};

} // namespace

std::vector<std::string> differences(const storage::row_store& rows, storage::vault& vault,
                                     const views::world& folded, const inboxes& boxes,
                                     std::size_t max) {
  comparison out{max};
  for (const auto& [id, t] : folded.tenants) {
    const stored_tenant stored{rows, vault, id};
    const auto table = [&, &tenant = id](const char* name, const auto& mine, const auto& theirs) {
      out.compare(tenant, name, mine, theirs);
    };
    table("agents", t.agents, stored.agents);
    table("extensions", t.extensions, stored.extensions);
    table("history", t.history, stored.history);
    table("history_of", t.history_of, stored.history_of);
    table("devices", t.devices, stored.devices);
    table("sessions", t.sessions, stored.sessions);
    table("session_of", t.session_of, stored.session_of);
    table("calls", t.calls, stored.calls);
    table("placed_at", t.placed_at, stored.placed_at);
    table("revoked", t.revoked, stored.revoked);
    table("void_tokens", t.void_tokens, stored.void_tokens);
    table("licenses", t.licenses, stored.licenses);
    table("seat_at", t.seat_at, stored.seat_at);
    table("slaves", t.slaves, stored.slaves);
    views::table<device_id, inbox> held;
    for (const auto& [key, facts] : boxes.facts())
      if (key.first == id) held.restore(key.second, facts);
    table("inboxes", held, stored.inboxes);
    const auto counts = rows.get_row("tenants", id.value);
    if (!counts || storage::fingerprint(storage::decode<tenant_cell>(*counts, id, vault)) !=
                       storage::fingerprint(cell_of(t)))
      out.say(id.value + ": the counts are not what the log gives");
  }
  rows.rows_from("tenants", {}, [&](auto key, auto) {
    if (!folded.tenants.contains(tenant_id{key}))
      out.say(std::string{key} + ": the log knows no such tenant");
    return true;
  });
  return std::move(out.found);
}

} // namespace strowger::runtime
