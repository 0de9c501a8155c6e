"""The media relay under load (P8)."""
from .registry import Benchmark, Case, Contender, Target

OURS = "Strowger"
GCM, CM = "400 clients, AES-GCM", "400 clients, AES-CM"
CALLS = "500 two-way calls, AES-GCM"

BENCHMARK = Benchmark(
    "media",
    "SRTP with 160 bytes of sound through the relay, decrypted and encrypted again, over loopback "
    "sockets, one per client. Packets per second of processor time of the relay's thread, kernel "
    "included, when it is saturated; and 500 calls at 20 ms, from send() to the kernel's stamp at "
    "the receiver.",
    [Contender(OURS, "{bin}/media_bench --json")],
    [Case(GCM, "--case forward --profile gcm --streams 400 --seconds 3"),
     Case(CM, "--case forward --profile cm --streams 400 --seconds 3"),
     Case(CALLS, "--case calls --profile gcm --calls 500 --seconds 10")],
    [Target(GCM, "per_core_second", 200_000, row="P8"),
     Target(CM, "per_core_second", 120_000, row="P8"),
     Target(CALLS, "lost", 0, at_least=False, row="P8"),
     Target(CALLS, "p99_us", 2000, at_least=False, row="P8")],
    figures=("per_core_second", "ns_per_packet", "lost", "p50_us", "p99_us", "max_us", "relay_cpu"),
    plots=("per_core_second",),
)
