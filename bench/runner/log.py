"""A long log: replay and verify (P7), and how it grows."""
from .registry import Benchmark, Case, Contender, Target

OURS = "Strowger"
FIGURES = ("replay_per_second", "verify_per_second", "per_second", "open_ms", "stream_p50_us",
           "stream_p99_us", "disk_per_event", "disk_per_payload", "written_per_payload")
COMMAND = [Contender(OURS, "{bin}/replay_bench --json --folder {folder}")]
MILLION = "1,000,000 events"

REPLAY = Benchmark(
    "replay",
    "A log of license events over 10,000 streams, opened anew: replay is read, decode and fold; "
    "verify is read, checksums, positions, versions and chain. One core.",
    COMMAND,
    [Case(MILLION, "--sizes 1000000")],
    [
        Target(MILLION, "replay_per_second", 2_000_000, row="P7"),
        Target(MILLION, "verify_per_second", 1_000_000, row="P7"),
    ],
    figures=FIGURES,
    plots=("replay_per_second", "verify_per_second"),
)

SIZES = (1_000_000, 10_000_000, 50_000_000)
GROWTH = Benchmark(
    "growth",
    "The same log as it grows; one run. Written: bytes that reached the device per byte of "
    "payload.",
    COMMAND,
    [Case("grown", "--sizes " + ",".join(map(str, SIZES)), rounds=1)],
    [Target(f"{size:,} events", "replay_per_second", 2_000_000, row="P7") for size in SIZES],
    figures=FIGURES,
    plots=("written_per_payload", "disk_per_event"),
    by_default=False,
)
