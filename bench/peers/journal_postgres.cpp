// Peer of journal.cpp: PostgreSQL, one table with the primary key (stream, version), which is the
// check of the expected version. Each connection takes up to 64 waiting appends and inserts them in
// one statement and transaction; synchronous_commit is on. One connection per 64 producers, at most
// 8; with --single one row per transaction over up to 64 connections.
//   journal_postgres --connect "host=FOLDER dbname=postgres" [--data FOLDER] [--single]
//       [--producers N] [--streams N] [--seconds S | --events N] [--json]
#include "bench/support/group_thread.hpp"
#include "bench/support/producers.hpp"
#include "storage/bytes.hpp"

#include <libpq-fe.h>
#include <memory>
#include <optional>

namespace strowger::bench {
namespace {

constexpr std::size_t columns = 6;
constexpr std::size_t rows_max = 64;
constexpr const char* table = R"(
  DROP TABLE IF EXISTS events;
  CREATE TABLE events (stream text, version bigint, time bigint, tag text, meta text,
                       payload bytea, PRIMARY KEY (stream, version)))";

class connection {
public:
  explicit connection(const std::string& where) : link_(PQconnectdb(where.c_str()), PQfinish) {
    if (PQstatus(link_.get()) != CONNECTION_OK)
      throw std::runtime_error{PQerrorMessage(link_.get())};
  }
  double one_number(const char* sql) {
    const auto found = result(PQexec(link_.get(), sql));
    return std::stod(PQgetvalue(found.get(), 0, 0));
  }
  void exec(const char* sql) { result(PQexec(link_.get(), sql)); }

  void commit(std::vector<storage::append>& group) {
    if (!prepared_[group.size()]) prepare(group.size());
    std::string numbers; // be64 each, which is PostgreSQL's binary bigint
    numbers.reserve(group.size() * 16);
    std::vector<std::string> texts;
    for (const auto& a : group) {
      storage::put_be64(numbers, a.expected + 1);
      storage::put_be64(numbers, static_cast<std::uint64_t>(a.meta.time));
      texts.push_back(a.meta.principal + ' ' + a.meta.command.value);
    }
    std::vector<const char*> values;
    std::vector<int> lengths;
    const auto put = [&](const char* bytes, std::size_t size) {
      values.push_back(bytes);
      lengths.push_back(static_cast<int>(size));
    };
    for (std::size_t i = 0; i < group.size(); ++i) {
      const auto& a = group[i];
      const auto& e = a.events.front();
      put(a.stream.id.data(), a.stream.id.size());
      put(numbers.data() + 16 * i, 8);
      put(numbers.data() + 16 * i + 8, 8);
      put(e.tag.data(), e.tag.size());
      put(texts[i].data(), texts[i].size());
      put(e.payload.data(), e.payload.size());
    }
    const std::vector<int> binary(values.size(), 1);
    const std::unique_ptr<PGresult, decltype(&PQclear)> answer{
        PQexecPrepared(link_.get(), name(group.size()).c_str(), static_cast<int>(values.size()),
                       values.data(), lengths.data(), binary.data(), 1),
        PQclear};
    const bool good = PQresultStatus(answer.get()) == PGRES_COMMAND_OK;
    for (auto& a : group) a.done({good ? errc::ok : errc::internal, 0});
  }

private:
  using rows = std::unique_ptr<PGresult, decltype(&PQclear)>;
  rows result(PGresult* found) {
    rows out{found, PQclear};
    const auto status = PQresultStatus(found);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
      throw std::runtime_error{PQerrorMessage(link_.get())};
    return out;
  }
  static std::string name(std::size_t count) { return "insert" + std::to_string(count); }
  void prepare(std::size_t count) {
    std::string sql = "INSERT INTO events VALUES ";
    for (std::size_t i = 0; i < count * columns; ++i) {
      if (i % columns == 0) sql += i == 0 ? "(" : "), (";
      sql += (i % columns == 0 ? "$" : ", $") + std::to_string(i + 1);
    }
    result(PQprepare(link_.get(), name(count).c_str(), (sql + ")").c_str(), 0, nullptr));
    prepared_[count] = true;
  }

  std::unique_ptr<PGconn, decltype(&PQfinish)> link_;
  std::array<bool, rows_max + 1> prepared_{};
};

class postgres_writer : public group_thread {
public:
  static constexpr bool elsewhere = true;
  using group_thread::group_thread;
};

void run(const arguments& how) {
  const auto where = how.text("--connect", "dbname=postgres");
  const auto data = how.text("--data", {});
  const bool single = how.has("--single");
  const load_options options{how};
  connection boss{where};
  boss.exec(table);
  boss.exec("CHECKPOINT");
  const auto before = folder_bytes(data);
  const auto wal = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')";
  const auto wal_before = boss.one_number(wal);
  const auto count = single ? std::min<std::size_t>(options.producers, 64)
                            : std::clamp<std::size_t>(options.producers / rows_max, 1, 8);
  std::vector<group_thread::commit_group> workers;
  for (std::size_t i = 0; i < count; ++i)
    workers.push_back(
        [link = std::make_shared<connection>(where)](auto& group) { link->commit(group); });
  producers load{options};
  line out;
  {
    postgres_writer writer{std::move(workers), single ? 1 : rows_max};
    load.run(writer, out);
  }
  out.with("wal_per_payload", (boss.one_number(wal) - wal_before) / load.payload_sum());
  boss.exec("CHECKPOINT");
  out.with("table_per_event",
           boss.one_number("SELECT pg_total_relation_size('events')") / load.events());
  if (!data.empty()) out.with("disk_per_event", (folder_bytes(data) - before) / load.events());
  out.print(how);
}

} // namespace
} // namespace strowger::bench

int main(int count, char** words) {
  return strowger::bench::guarded(count, words, strowger::bench::run);
}
