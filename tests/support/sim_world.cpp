#include "tests/support/sim_world.hpp"

#include "actors/runtime/fingerprint.hpp"
#include "actors/runtime/site.hpp"
#include "storage/codec.hpp"
#include "tests/support/sim_client.hpp"

namespace strowger::sim {
namespace {

const tenant_id home{"default"};
const tenant_id other{"other"};
const tenant_id third{"third"};

runtime::account account_of(const tenant_id& tenant, const std::string& number,
                            const std::string& typology) {
  return {tenant, number, number + "@example.org", number, "pw", typology, {"agent"}, false};
}

} // namespace

struct sim_world::machine {
  runtime::site site;

  template <aggregate A, class States>
  void check_states(sim_world& w, const tenant_id& tenant, const States& states);
};

sim_world::sim_world(const sim_options& options) :
    threads(options.seed, options.keep_trace), audit(threads, vault), options_(options),
    chances_(options.seed, options.rare_events) {
  if (options.rare_events) chances_now = &chances_;
}

sim_world::~sim_world() {
  crash();
  if (chances_now == &chances_) chances_now = nullptr;
}

void sim_world::boot() {
  if (buggify(point::clock_jumps_at_start)) threads.pass(threads.between(0, 3'600'000));
  inner_ = std::make_unique<storage::memory_store>(disk_);
  audit.look_at(inner_.get());
  lanes_.clear();
  for (std::size_t i = 0; i < options_.lanes; ++i) lanes_.push_back(threads.make());
  publisher_ = threads.make();
  work_ = threads.make();
  writer_ = threads.make();
  keeper_ = threads.make();
  store_ = std::make_unique<sim_store>(*inner_, threads, writer_);
  store_->on_append = [this](const auto& key, const auto& meta) {
    ++appends_;
    audit.appended(key, meta);
  };
  std::vector<std::shared_ptr<runtime::executor>> lanes(lanes_.begin(), lanes_.end());
  machine_.reset(new machine{{runtime::site::parts{*store_,
                                                   vault,
                                                   threads,
                                                   ids,
                                                   passwords,
                                                   std::move(lanes),
                                                   publisher_,
                                                   work_,
                                                   {},
                                                   &rows_,
                                                   keeper_},
                              runtime::site_options{options_.ring_ms, options_.device_grace_ms,
                                                    options_.session_timeout_ms, true}}});
  server_ = &machine_->site;
  threads.note({"boot", std::to_string(machine_->site.node())});
  machine_->site.start([](errc) {}); // not ready when the disk fails: the owner starts it again
}

void sim_world::crash() {
  if (!machine_) return;
  threads.note({"crash"});
  for (const auto& t : lanes_) t->kill();
  for (const auto& t : {publisher_, work_, writer_, keeper_}) t->kill();
  const auto broken = std::exchange(connections_, {});
  for (auto* c : broken) c->cut();
  store_->drop();
  server_ = nullptr;
  machine_.reset();
  store_.reset();
  rows_.lose_last(threads.below(3)); // they were not synced
  audit.read();
}

bool sim_world::step(std::size_t appends_max) {
  if (!time_stands_ && threads.chance(options_.tick_percent)) threads.pass(1);
  return disk_works(appends_max) || threads.run_one();
}

// True: the writer has written some of what waits.
bool sim_world::disk_works(std::size_t appends_max) {
  const auto waiting = store_ && !store_->asleep() ? store_->waiting() : 0;
  if (waiting == 0 || !(threads.idle() || threads.chance(25))) return false;
  if (buggify(point::disk_is_slow)) {
    store_->sleep(threads.between(20, 1'000));
    return false;
  }
  auto count = 1 + threads.below(std::min(waiting, appends_max));
  if (buggify(point::group_of_one)) count = 1;
  if (buggify(point::group_of_all)) count = waiting;
  store_->commit(count);
  audit.read();
  return true;
}

void sim_world::settle() {
  while (audit.broken().empty() && step()) {
  }
}

void sim_world::run_for(duration_ms span) {
  const auto end = threads.now() + span;
  settle();
  while (audit.broken().empty() && threads.next_timer() != never && threads.next_timer() <= end) {
    threads.leap();
    settle();
  }
  if (threads.now() < end) threads.pass(end - threads.now());
  settle();
}

void sim_world::provision() {
  boot();
  settle();
  std::vector<runtime::account> accounts;
  for (const auto* number : {"1000", "1001", "1002", "1003", "1004"})
    accounts.push_back(account_of(home, number, "agent"));
  for (const auto* number : {"2000", "2001", "2002"})
    accounts.push_back(account_of(home, number, "chrome_softphone"));
  accounts.push_back(account_of(home, "1005", "agent"));
  accounts.back().sample = true;
  const auto made = [this](errc error) {
    if (error != errc::ok) audit.fail("cannot provision");
  };
  machine_->site.provision(accounts, {"test", 10, 2}, made);
  settle();
  for (const auto& [tenant, seats] : {std::pair{other, 1u}, std::pair{third, 2u}}) {
    accounts.clear();
    for (const auto* number : {"1000", "1001"})
      accounts.push_back(account_of(tenant, number, "agent"));
    for (const auto* number : {"2000", "2001"})
      accounts.push_back(account_of(tenant, number, "chrome_softphone"));
    machine_->site.provision(accounts, {"test", 10, seats}, made);
    settle();
  }
}

void sim_world::start_from(const sim_world& other) {
  disk_ = other.disk_->copy();
  rows_ = other.rows_;
  ids = other.ids;
  vault = other.vault;
  threads.pass(other.threads.time() - threads.now());
}

template <aggregate A, class States>
void sim_world::machine::check_states(sim_world& w, const tenant_id& tenant, const States& states) {
  for (const auto& [id, expected] : states) {
    const auto name = std::string{A::kind} + "/" + id.value;
    auto seen = std::make_shared<bool>(false);
    site.actors().template inspect<A>(
        tenant, id.value,
        [&w, name, seen, plain = storage::fingerprint(expected)](errc error, const auto& s) {
          *seen = true;
          if (error != errc::ok)
            w.audit.fail("cannot look at " + name);
          else if (storage::fingerprint(s) != plain)
            w.audit.fail("the actor's state is not the log's: " + name);
        });
    w.settle();
    if (!*seen) w.audit.fail("no answer from " + name);
  }
}

void sim_world::check_picture() {
  const auto live = runtime::lines_of(machine_->site.publisher().world());
  const auto logged = runtime::lines_of(audit.world());
  for (const auto& [name, digest] : logged)
    if (const auto it = live.find(name); it == live.end() || it->second != digest)
      audit.fail("the live picture differs from the log: " + name);
  if (live.size() != logged.size()) audit.fail("the live picture knows more than the log");
}

void sim_world::check_live_equals_log(bool everything) {
  audit.read();
  time_stands_ = true; // looking changes nothing
  if (everything) check_picture();
  for (const auto& [tenant, t] : audit.world().tenants) {
    machine_->check_states<extension::spec>(*this, tenant, t.extensions);
    machine_->check_states<session::spec>(*this, tenant, t.sessions);
    if (everything) machine_->check_states<agent::spec>(*this, tenant, t.agents);
    machine_->check_states<call::spec>(*this, tenant, t.calls);
    machine_->check_states<license::spec>(*this, tenant, t.licenses);
  }
  time_stands_ = false;
}

void sim_world::check_revoked() {
  for (const auto& [tenant, jti] : audit.revoked())
    if (!machine_->site.token_revoked(tenant, jti))
      audit.fail("a revoked token is good again: " + jti);
}

void sim_world::check_presence() {
  std::map<std::pair<tenant_id, std::string>, std::uint32_t> open;
  for (const auto* c : connections_)
    if (c->joined()) ++open[{c->tenant(), c->number()}];
  for (const auto& [tenant, t] : audit.world().tenants)
    for (const auto& [number, id] : views::numbers_of(t)) {
      const auto row = machine_->site.publisher().row_of(tenant, id);
      const auto count = open[{tenant, number}];
      if (row.client_count != count || (row.status == "online") != (count > 0))
        audit.fail("presence of " + number + ": " + row.status + " with " +
                   std::to_string(row.client_count) +
                   " devices, connections: " + std::to_string(count));
      for (const auto* c : connections_)
        if (c->joined()) c->check_presence(tenant, number, count);
    }
}

} // namespace strowger::sim
