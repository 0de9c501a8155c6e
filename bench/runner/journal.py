"""Acknowledged durable events (P1)."""
from .registry import Benchmark, Case, Contender, Target

OURS, FILE, BARE = "Strowger", "append-only file", "bare fdatasync"
ROCKS, REDIS = "plain RocksDB", "Redis"
POSTGRES, SINGLE = "PostgreSQL, 64 rows", "PostgreSQL, 1 row"
POSTGRES_COMMAND = ("{bin}/journal_postgres --json --data {data} "
                    '--connect "host={socket} dbname=postgres"')
MOST = (OURS, FILE, ROCKS, POSTGRES, REDIS)
MANY, MILLION = "256 producers", "256 producers, 1,000,000 streams"
WAL, DISK = "WAL of 100,000 events", "disk of 1,000,000 events"


def producers(count, only=MOST):
    return Case(f"{count:,} producers" if count > 1 else "1 producer",
                f"--producers {count} --seconds 0.8", only)


BENCHMARK = Benchmark(
    "journal",
    "Acknowledged durable 200-byte events with expected versions over 10,000 streams: the shipped "
    "record, with its index. Each producer has one append under way.",
    [
        Contender(OURS, "{bin}/journal_bench --json --folder {folder}"),
        Contender(FILE, "{bin}/journal_file --json --folder {folder}"),
        Contender(BARE, "{bin}/journal_file --json --bare --folder {folder}"),
        Contender(ROCKS, "{bin}/journal_rocksdb --json --folder {folder}"),
        Contender(POSTGRES, POSTGRES_COMMAND, "postgres"),
        Contender(SINGLE, POSTGRES_COMMAND + " --single", "postgres"),
        Contender(REDIS, "{bin}/journal_redis --json --socket {socket} --data {data}", "redis"),
    ],
    [
        producers(1, (*MOST, BARE)),
        producers(64),
        producers(256, (*MOST, SINGLE)),
        producers(1024),
        Case(MILLION, "--producers 256 --streams 1000000 --seconds 0.8", MOST),
        Case(WAL, "--events 100000 --wal", MOST),
        Case(DISK, "--events 1000000", MOST, rounds=2),
    ],
    [
        *(Target(case, "per_second", limit, peer, row="P1") for case in (MANY, MILLION)
          for peer, limit in ((ROCKS, 3), (POSTGRES, 2.5), (REDIS, 2.5), (FILE, 0.75))),
        *(Target(case, "p99_us", 1000, at_least=False, row="P1") for case in (MANY, MILLION)),
        Target("1 producer", "p50_us", 1.3, BARE, at_least=False, row="P1"),
        Target(WAL, "wal_per_payload", 1.25, at_least=False, row="P1"),
        Target(DISK, "disk_per_event", 0.5, POSTGRES, at_least=False, row="P1"),
        Target(DISK, "disk_per_event", 0.5, POSTGRES, at_least=False, than_figure="table_per_event",
               row="P1, the table and its index alone"),
    ],
    figures=("per_second", "p50_us", "p99_us", "cpu_us", "wal_per_payload", "disk_per_event",
             "table_per_event"),
)
