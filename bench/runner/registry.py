"""The benchmarks. To add one: a line in BENCHMARKS, and its contenders and cases here or in a
module of its own.

A contender is a program; {bin} is the folder of the built programs, {folder} a fresh one for its
data, {socket} and {data} come from the service it needs. A case is what all of them are asked to
do: its words are added to each command. Whoever is not named in `only` takes part in every case.
A target compares the first contender with another one, or with a plain number."""
from dataclasses import dataclass, field
from typing import Dict, List, Optional, Tuple


@dataclass
class Contender:
    name: str
    command: str
    service: Optional[str] = None  # of services.py


@dataclass
class Case:
    name: str
    words: str
    only: Tuple[str, ...] = ()  # contenders; none named: all
    more: Dict[str, str] = field(default_factory=dict)  # words for one contender instead of `words`
    rounds: Optional[int] = None  # instead of the runner's


@dataclass
class Target:
    """At least or at most `limit` times the figure of `than`; without `than`: `limit` itself."""
    case: str
    figure: str  # a field of the programs' JSON
    limit: float
    than: Optional[str] = None
    at_least: bool = True
    than_figure: Optional[str] = None  # where the other one has another field
    row: str = ""  # of the requirements, e.g. P1


@dataclass
class Benchmark:
    name: str
    title: str
    contenders: List[Contender]
    cases: List[Case]
    targets: List[Target]
    figures: Tuple[str, ...] = ("per_second", "p50_us", "p99_us")  # columns of the table
    plots: Tuple[str, ...] = ("per_second",)
    by_default: bool = True  # part of a run without names


def every_benchmark():
    from . import dispatch, durable, journal, log, media, served
    return [
        dispatch.BENCHMARK,
        journal.BENCHMARK,
        durable.BENCHMARK,
        log.REPLAY,
        log.GROWTH,
        *served.BENCHMARKS,
        media.BENCHMARK,
    ]
