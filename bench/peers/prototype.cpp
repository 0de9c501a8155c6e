// Peer of durable.cpp: the straightforward way with CAF and RocksDB. A stateful_actor per license
// with the same state, decide and evolve, found by its id in a hash map, on CAF's own scheduler; it
// asks one writer actor (on a thread of its own) to append and answers when that has. The writer
// takes all appends that wait as one WriteBatch with one sync, keyed by (stream, version).
//   durable_prototype [--in-flight N] [--actors N] [--seconds S] [--folder F] [--json]
#include "bench/support/commands_in_flight.hpp"
#include "storage/bytes.hpp"
#include "storage/codec.hpp"
#include "storage/memory_store.hpp"
#include "storage/sealing_vault.hpp"
#include "storage/temporary_folder.hpp"

#include <caf/all.hpp>
#include <rocksdb/db.h>
#include <unordered_map>
#include <unordered_set>

namespace strowger::bench {
namespace {

struct ask {
  license::issue what;
  command_id id;
};
struct answer {
  errc why;
  license::reply what;
};
struct to_write {
  std::string key, value;
};
struct written {
  bool good;
};
struct flush {};
struct go {};

} // namespace
} // namespace strowger::bench
template <> struct caf::allowed_unsafe_message_type<strowger::bench::ask> : std::true_type {};
template <> struct caf::allowed_unsafe_message_type<strowger::bench::answer> : std::true_type {};
template <> struct caf::allowed_unsafe_message_type<strowger::bench::to_write> : std::true_type {};
template <> struct caf::allowed_unsafe_message_type<strowger::bench::written> : std::true_type {};
template <> struct caf::allowed_unsafe_message_type<strowger::bench::flush> : std::true_type {};
template <> struct caf::allowed_unsafe_message_type<strowger::bench::go> : std::true_type {};

namespace strowger::bench {
namespace {

const tenant_id tenant{"default"};

struct writer_state {
  std::unique_ptr<rocksdb::DB> db;
  rocksdb::WriteBatch batch;
  std::vector<caf::response_promise> waiting;
};

caf::behavior writer_actor(caf::stateful_actor<writer_state>* self, const std::string& path) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.write_buffer_size = 64 << 20;
  options.compression = rocksdb::kLZ4Compression;
  rocksdb::DB* opened = nullptr;
  if (!rocksdb::DB::Open(options, path, &opened).ok()) throw std::runtime_error{"no database"};
  self->state.db.reset(opened);
  return {[self](const to_write& one) -> caf::result<written> {
            auto& st = self->state;
            if (st.waiting.empty()) self->send(self, flush{});
            st.batch.Put(one.key, one.value).PermitUncheckedError();
            st.waiting.push_back(self->make_response_promise());
            return st.waiting.back();
          },
          [self](flush) {
            auto& st = self->state;
            rocksdb::WriteOptions how;
            how.sync = true;
            const bool good = st.db->Write(how, &st.batch).ok();
            for (auto& one : st.waiting) one.deliver(written{good});
            st.waiting.clear();
            st.batch.Clear();
          }};
}

struct actor_state {
  license::state current;
  version at = 0;
  std::unordered_set<std::string> seen; // ids of commands
};

caf::behavior license_actor(caf::stateful_actor<actor_state>* self, std::string id,
                            const caf::actor& writer, storage::vault* vault) {
  return {[=](const ask& in) -> caf::result<answer> {
    auto& st = self->state;
    const license::command command{in.what};
    if (st.seen.contains(in.id.value))
      return answer{errc::ok, license::reply_to(st.current, command)};
    const auto outcome = license::decide(st.current, command, {1'000'000, 1, 0});
    if (outcome.refused()) return answer{outcome.why(), {}};
    auto promise = self->make_response_promise();
    for (const auto& e : outcome.events()) {
      const auto data = storage::encode_event(e, tenant, *vault);
      st.current = license::evolve(std::move(st.current), e);
      std::string key = tenant.value + "/license/" + id + '/';
      storage::put_be64(key, ++st.at);
      auto value = data.tag + data.payload + "agent-7f3k2m9x" + in.id.value + "session-1";
      answer what{errc::ok, license::reply_to(st.current, command)};
      self->request(writer, caf::infinite, to_write{std::move(key), std::move(value)})
          .then([=](written w) mutable {
            promise.deliver(w.good ? what : answer{errc::outcome_unknown, {}});
          });
    }
    st.seen.insert(in.id.value);
    return promise;
  }};
}

struct client_state {
  percentiles times;
  std::size_t under_way = 0, failed = 0;
  steady::time_point start;
  double took = 0;
  std::function<void()> next;
  caf::response_promise whom;
};

caf::behavior client_actor(caf::stateful_actor<client_state>* self, command_source* commands,
                           std::unordered_map<std::string, caf::actor>* known) {
  self->state.next = [=] {
    auto one = commands->next();
    const auto& to = known->find(commands->ids[one.actor])->second;
    const auto sent = steady::now();
    ++self->state.under_way;
    self->request(to, caf::infinite, ask{std::move(one.what), std::move(one.id)})
        .then([=](const answer& a) {
          auto& st = self->state;
          st.times.add_since(sent);
          --st.under_way;
          if (a.why != errc::ok) ++st.failed;
          if (seconds_since(st.start) < commands->seconds) return st.next();
          if (st.under_way > 0) return;
          st.took = seconds_since(st.start);
          st.whom.deliver(go{});
        });
  };
  return {[=](go) -> caf::result<go> {
    auto& st = self->state;
    st.whom = self->make_response_promise();
    st.start = steady::now();
    for (std::size_t i = 0; i < commands->in_flight; ++i) st.next();
    return st.whom;
  }};
}

void run(const arguments& how) {
  const storage::temporary_folder own;
  command_source commands{how};
  storage::memory_store keys; // licenses seal nothing
  security::system_random random;
  storage::sealing_vault vault{keys, random};
  caf::actor_system_config config;
  caf::actor_system system{config};
  auto writer =
      system.spawn<caf::detached>(writer_actor, how.text("--folder", own.path()) + "/prototype");
  std::unordered_map<std::string, caf::actor> known;
  for (const auto& id : commands.ids)
    known.emplace(id, system.spawn(license_actor, id, writer, &vault));
  auto client = system.spawn(client_actor, &commands, &known);
  const auto cpu_before = cpu_seconds();
  caf::scoped_actor self{system};
  self->request(client, caf::infinite, go{}).receive([](go) {}, [](const caf::error&) {});
  const auto cpu = cpu_seconds() - cpu_before;
  auto& state = caf::actor_cast<caf::stateful_actor<client_state>*>(client)->state;
  const auto events = static_cast<double>(state.times.total());
  line out;
  out.with("per_second", events / state.took).with(state.times).with("cpu_us", cpu / events * 1e6);
  const auto failed = state.failed;
  caf::anon_send_exit(client, caf::exit_reason::kill);
  for (const auto& [id, actor] : known) caf::anon_send_exit(actor, caf::exit_reason::kill);
  caf::anon_send_exit(writer, caf::exit_reason::user_shutdown);
  if (failed > 0) throw std::runtime_error{std::to_string(failed) + " commands failed"};
  out.print(how);
}

} // namespace
} // namespace strowger::bench

int main(int count, char** words) {
  return strowger::bench::guarded(count, words, strowger::bench::run);
}
