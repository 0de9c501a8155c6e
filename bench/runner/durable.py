"""Durable commands (P3)."""
from .registry import Benchmark, Case, Contender, Target

OURS, PROTOTYPE = "Strowger", "CAF + RocksDB"
BARE, LOG = "bare fdatasync", "Strowger's log alone"
MANY, HOT = "1,024 in flight, 10,000 actors", "1,024 in flight, one actor"
SEATS = "1,024 in flight, seats of one license"
ONE, SOME = "1 in flight", "64 in flight"
JOURNAL = "--producers 256 --seconds 1"

BENCHMARK = Benchmark(
    "durable",
    "Durable commands asked by another process: routed to the actor, decided, written, answered "
    "after the sync. 10,000 actors where nothing else is said.",
    [
        Contender(OURS, "{bin}/durable_bench --server durable_server --json --folder {folder}"),
        Contender(PROTOTYPE, "{bin}/durable_bench --server durable_prototype --json --folder {folder}"),
        Contender(BARE, "{bin}/journal_file --json --bare --folder {folder}"),
        Contender(LOG, "{bin}/journal_bench --json --folder {folder}"),
    ],
    [
        Case(MANY, "--in-flight 1024 --seconds 1", (OURS, PROTOTYPE, LOG), {LOG: JOURNAL}),
        Case(HOT, "--in-flight 1024 --actors 1 --seconds 1", (OURS, PROTOTYPE)),
        Case(SEATS, "--in-flight 1024 --actors 1 --seats --seconds 1", (OURS, PROTOTYPE)),
        Case(ONE, "--in-flight 1 --seconds 0.8", (OURS, PROTOTYPE, BARE)),
        Case(SOME, "--in-flight 64 --seconds 1", (OURS, PROTOTYPE)),
    ],
    [
        Target(MANY, "per_second", 3, PROTOTYPE, row="P3"),
        Target(MANY, "per_second", 0.5, LOG, row="P3"),
        Target(HOT, "per_second", 200_000, row="P3"),
        Target(SEATS, "per_second", 200_000, row="P3"),
        Target(ONE, "p50_us", 1.5, BARE, at_least=False, row="P3"),
        Target(SOME, "p99_us", 1500, at_least=False, row="P3"),
    ],
    figures=("per_second", "p50_us", "p99_us", "p999_us", "server_cpu", "client_cpu"),
)
