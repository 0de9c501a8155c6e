"""The server as its clients see it, driven from another process (P4 to P7, R6)."""
from .registry import Benchmark, Case, Contender, Target

OURS, BEAST, WS, SOCKETIO = "Strowger", "Beast", "Node ws", "Socket.IO"
JANUS, KAMAILIO = "Janus videocall", "Kamailio + sipp"
BARE = "bare fdatasync"
SYNCS = "--producers 1 --seconds 0.8"


def ours(program):
    return Contender(OURS, "{bin}/" + program + " --json --folder {folder}")


def peer(name, program, target):
    return Contender(name, "{bin}/" + program + " --json --folder {folder} --target " + target)


ALL_AT_ONCE, STEADY = "1,000 connections", "1,000 connections, 5,000/s"
FRONT = Benchmark(
    "front",
    "A message from a socket to an actor and back, one under way on each of 1,000 connections; and "
    "5,000 a second, whether or not the last ones were answered. The peers only send it back.",
    [ours("front_bench"), peer(BEAST, "front_bench", "beast"), peer(WS, "front_bench", "ws"),
     peer(SOCKETIO, "front_bench", "socketio")],
    [Case(ALL_AT_ONCE, "--connections 1000 --seconds 2"),
     Case(STEADY, "--connections 1000 --rate 5000 --seconds 2")],
    [Target(ALL_AT_ONCE, "per_second", 0.85, BEAST, row="P4"),
     Target(STEADY, "p99_us", 1000, at_least=False, row="P4")],
    figures=("per_second", "p50_us", "p99_us", "p999_us", "server_cpu", "client_cpu"),
)

MANY, SLOW, FAST = "256 under way", "500 calls/s", "5,000 calls/s"
CALLS = Benchmark(
    "calls",
    "Complete calls between 500 pairs: invite, ring, answer, both told, hang up, both told. Every "
    "step of ours is on disk first; the others keep nothing. Latency: from when the call was due "
    "until it rings. Janus has 128 pairs and 64 calls under way, more add nothing; Kamailio is "
    "driven by sipp, in SIP over UDP.",
    [ours("calls_bench"), peer(BEAST, "calls_bench", "beast"),
     peer(SOCKETIO, "calls_bench", "socketio"), peer(JANUS, "calls_bench", "janus"),
     Contender(KAMAILIO, "python3 bench/peers/call_kamailio.py --json --folder {folder}"),
     Contender(BARE, "{bin}/journal_file --json --bare --folder {folder}")],
    [Case(MANY, "--under-way 256 --seconds 2", (OURS, BEAST, SOCKETIO, JANUS, KAMAILIO),
          {JANUS: "--pairs 128 --under-way 64 --seconds 2"}),
     Case(SLOW, "--rate 500 --seconds 2", (OURS, BEAST, SOCKETIO, JANUS, BARE),
          {JANUS: "--pairs 128 --rate 500 --seconds 2", BARE: SYNCS}),
     Case(FAST, "--rate 5000 --seconds 2", (OURS, BEAST, SOCKETIO))],
    [Target(MANY, "per_second", 1, SOCKETIO, row="P5"),
     Target(MANY, "per_second", 20, JANUS, row="P5"),
     Target(SLOW, "p50_us", 2.5, BARE, at_least=False, row="P5"),
     Target(SLOW, "p99_us", 4, BARE, at_least=False, row="P5"),
     Target(SLOW, "p99_us", 1, SOCKETIO, at_least=False, row="P5"),
     Target(FAST, "p99_us", 2000, at_least=False, row="P5")],
    figures=("per_second", "p50_us", "p99_us", "set_up_p99_us", "refused", "failed", "server_cpu",
             "client_cpu"),
)

DEVICES, MORE_DEVICES = "10,000 devices", "19,000 devices"
MEMORY = Benchmark(
    "memory",
    "Resident bytes of the server for each idle, signed-in device: the slope over four counts of "
    "them. The peer has connections and nothing else.",
    [ours("memory_bench"), peer(BEAST, "memory_bench", "beast")],
    [Case(DEVICES, "--devices 10000", rounds=3), Case(MORE_DEVICES, "--devices 19000", rounds=2)],
    [Target(case, "bytes_per_device", 6144, at_least=False, row="P6")
     for case in (DEVICES, MORE_DEVICES)],
    figures=("bytes_per_device", "last_bytes", "sign_ins_per_second"),
    plots=("bytes_per_device",),
)

TEN = "10 times the capacity"
OVERLOAD = Benchmark(
    "overload",
    "Calls at half, once, twice and ten times of what the server was just measured to set up; an "
    "open loop. Figures at ten times; its goodput beside the best of the four, its ring p99 beside "
    "the one at half load.",
    [ours("overload_bench")],
    [Case(TEN, "--times 10 --seconds 3")],
    [Target(TEN, "of_peak", 0.95, row="R6"),
     Target(TEN, "p99_of_unloaded", 3, at_least=False, row="R6"),
     Target(TEN, "refusal_p99_us", 5000, at_least=False, row="R6"),
     Target(TEN, "answers_refused", 0, at_least=False, row="R6"),
     Target(TEN, "hang_ups_refused", 0, at_least=False, row="R6")],
    figures=("capacity", "per_second", "of_peak", "p99_us", "p99_of_unloaded", "refusal_p50_us",
             "refusal_p99_us", "answers_refused", "hang_ups_refused", "server_bytes"),
    plots=("of_peak",),
)

SHORT_LOG = "20,000 extensions, 100,000 events"
RESTART_FIGURES = ("restart_ms", "restart_max_ms", "server_bytes", "made_s")
RESTART = Benchmark(
    "restart",
    "From the start of the process to the first answered command, stopped in between; memory a "
    "second later.",
    [ours("restart_bench")],
    [Case(SHORT_LOG, "--extensions 20000 --events 100000 --starts 3", rounds=3)],
    [Target(SHORT_LOG, "restart_ms", 250, at_least=False, row="P7")],
    figures=RESTART_FIGURES,
    plots=("restart_ms",),
)
LONG_LOG = "1,000,000 extensions, 10,000,000 events"
RESTART_LONG = Benchmark(
    "restart-long",
    "The same with a million extensions, nobody signed in, and ten million events; one run.",
    [ours("restart_bench")],
    [Case(LONG_LOG, "--extensions 1000000 --events 10000000 --starts 3", rounds=1)],
    [Target(LONG_LOG, "restart_ms", 250, at_least=False, row="P7"),
     Target(LONG_LOG, "server_bytes", 300e6, at_least=False, row="P6")],
    figures=RESTART_FIGURES,
    plots=("restart_ms",),
    by_default=False,
)

BENCHMARKS = [FRONT, CALLS, MEMORY, OVERLOAD, RESTART, RESTART_LONG]
