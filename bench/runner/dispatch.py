"""Commands that write nothing (P2)."""
from .registry import Benchmark, Case, Contender, Target

OURS, CAF, CAF_ONE = "Strowger", "CAF, stock", "CAF, one worker"
ERLANG, GO, OTHER = "Erlang/OTP", "Go", "Strowger, other thread"
SIZES = {"1 actor": 1, "1,000 actors": 1_000, "10,000 actors": 10_000}
MILLION = "1,000,000 actors"  # seconds to set up, so these are fewer rounds
PEERS = (OURS, CAF, CAF_ONE, ERLANG, GO)
ALL = (*PEERS, OTHER)
IDLE = (OURS, CAF, ERLANG, GO)

BENCHMARK = Benchmark(
    "dispatch",
    "Commands routed by id to their actor and answered; nothing is written. 256 in flight, each "
    "answer sends the next. Bursts: 64 commands every 2 ms over 10,000 actors. Wake: one command "
    "after everybody was idle.",
    [
        Contender(OURS, "{bin}/dispatch_bench --json"),
        Contender(CAF, "{bin}/dispatch_caf --json"),
        Contender(CAF_ONE, "{bin}/dispatch_caf --json --workers 1"),
        Contender(ERLANG, "erl -noshell +P 4000000 -pa {bin} -run dispatch_erlang main "
                          "-extra --json"),
        Contender(GO, "{bin}/dispatch_go --json"),
        Contender(OTHER, "{bin}/dispatch_bench --json --other-thread"),
    ],
    [
        *(Case(name, f"--actors {n} --seconds 0.6", PEERS) for name, n in SIZES.items()),
        Case("100,000 actors", "--actors 100000 --seconds 0.2", IDLE, rounds=3),
        Case(MILLION, "--actors 1000000 --seconds 0.6", IDLE, rounds=3),
        Case("bursts", "--what bursts --seconds 1", ALL),
        Case("wake after 1 ms", "--what wake --sleep-ms 1 --seconds 0.5", ALL),
        Case("wake after 20 ms", "--what wake --sleep-ms 20 --seconds 1.2", ALL),
    ],
    [
        *(Target("10,000 actors", "per_second", limit, peer, row="P2")
          for peer, limit in ((CAF, 4), (ERLANG, 4), (GO, 2))),
        Target("bursts", "p999_us", 0.25, ERLANG, at_least=False, row="P2"),
        Target("wake after 1 ms", "p50_us", 5, at_least=False, row="P2"),
        *(Target(case, "bytes_per_actor", 1.5, CAF, at_least=False, row="P2")
          for case in ("10,000 actors", "100,000 actors", MILLION)),
    ],
    figures=("per_second", "p50_us", "p99_us", "p999_us", "bytes_per_actor"),
)
