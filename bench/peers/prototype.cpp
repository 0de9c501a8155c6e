// Peer of durable.cpp: the straightforward way with CAF and RocksDB. A stateful_actor per license
// with the same state, decide and evolve, found by its id in a hash map, on CAF's own scheduler; it
// asks one writer actor (on a thread of its own) to append and answers when that has. The writer
// takes all appends that wait as one WriteBatch with one sync, keyed by (stream, version).
// One more actor speaks to the client: it collects answers while there are more to come.
//   durable_prototype --fd N [--actors N] [--folder F]
#include "bench/support/command_port.hpp"
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
  license::command what;
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

} // namespace
} // namespace strowger::bench
template <> struct caf::allowed_unsafe_message_type<strowger::bench::ask> : std::true_type {};
template <> struct caf::allowed_unsafe_message_type<strowger::bench::answer> : std::true_type {};
template <> struct caf::allowed_unsafe_message_type<strowger::bench::to_write> : std::true_type {};
template <> struct caf::allowed_unsafe_message_type<strowger::bench::written> : std::true_type {};
template <> struct caf::allowed_unsafe_message_type<strowger::bench::flush> : std::true_type {};
template <> struct caf::allowed_unsafe_message_type<std::vector<strowger::bench::asked>>
    : std::true_type {};

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
    const auto& command = in.what;
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

struct port_state {
  std::vector<answered> answers;
};

caf::behavior port_actor(caf::stateful_actor<port_state>* self, int fd,
                         const std::vector<caf::actor>* known) {
  return {[=](const std::vector<asked>& all) {
            for (const auto& one : all) {
              self->request((*known)[one.actor], caf::infinite, ask{command_of(one), id_of(one)})
                  .then([=](const answer& a) {
                    auto& waiting = self->state.answers;
                    waiting.push_back({one.slot, a.why == errc::ok ? 0u : 1u});
                    if (waiting.size() == 1) self->send(self, flush{});
                  });
            }
          },
          [=](flush) {
            write_all(fd, self->state.answers);
            self->state.answers.clear();
          }};
}

void run(const arguments& how) {
  const storage::temporary_folder own;
  const auto fd = static_cast<int>(how.number("--fd", -1));
  storage::memory_store keys; // licenses seal nothing
  security::system_random random;
  storage::sealing_vault vault{keys, random};
  caf::actor_system_config config;
  caf::actor_system system{config};
  auto writer =
      system.spawn<caf::detached>(writer_actor, how.text("--folder", own.path()) + "/prototype");
  std::vector<caf::actor> known;
  for (const auto& id : actor_ids(how.count("--actors", 10'000)))
    known.push_back(system.spawn(license_actor, id, writer, &vault));
  auto port = system.spawn(port_actor, fd, &known);
  write_all(fd, std::vector<answered>(1));
  std::array<char, 64 * 1024> bytes;
  frames<asked> in;
  for (ssize_t size = 0; (size = ::read(fd, bytes.data(), bytes.size())) > 0;) {
    std::vector<asked> all;
    in.take({bytes.data(), static_cast<std::size_t>(size)},
            [&](const asked& one) { all.push_back(one); });
    caf::anon_send(port, std::move(all));
  }
  caf::anon_send_exit(port, caf::exit_reason::kill);
  for (const auto& actor : known) caf::anon_send_exit(actor, caf::exit_reason::kill);
  caf::anon_send_exit(writer, caf::exit_reason::user_shutdown);
}

} // namespace
} // namespace strowger::bench

int main(int count, char** words) {
  return strowger::bench::guarded(count, words, strowger::bench::run);
}
