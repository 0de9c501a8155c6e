#!/usr/bin/env python3
"""Runs benchmarks beside their peers and writes bench/RESULTS.md and bench/plots/*.svg.
  run.py --bin FOLDER [--rounds N] [--list] [name ...]
Without names: those of the default run. scripts/bench.sh builds the programs and calls this."""
import argparse
import os
import sys
import time

sys.dont_write_bytecode = True

from runner import plot, report  # noqa: E402
from runner.registry import every_benchmark  # noqa: E402
from runner.rounds import Runner  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))


def chosen(names):
    every = every_benchmark()
    known = {benchmark.name: benchmark for benchmark in every}
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"no benchmark {unknown[0]}; there are {', '.join(known)}")
    return [known[name] for name in names] if names else [b for b in every if b.by_default]


def draw(benchmark, results):
    folder = os.path.join(HERE, "plots")
    os.makedirs(folder, exist_ok=True)
    for figure in benchmark.plots:
        picture = plot.bars(benchmark, results, figure)
        if picture is None:
            continue
        name = f"{benchmark.name}-{figure}.svg"
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(picture)
        yield f"{benchmark.name}: {report.title_of(figure)}", name


def write(benchmark, results):
    path = os.path.join(HERE, "RESULTS.md")
    order = [known.name for known in every_benchmark()]
    fresh = report.section(benchmark, results, list(draw(benchmark, results)))
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(report.replace_section(text, benchmark.name, fresh, order))
    print(fresh, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, help="folder of the built programs")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--list", action="store_true", help="only names them")
    parser.add_argument("names", nargs="*")
    how = parser.parse_args()
    if how.list:
        for benchmark in every_benchmark():
            print(benchmark.name + ("" if benchmark.by_default else "  (only by name)"))
        return
    runner = Runner(os.path.abspath(how.bin), how.rounds)
    for benchmark in chosen(how.names):
        began = time.monotonic()
        write(benchmark, runner.run(benchmark))
        print(f"== {benchmark.name} took {time.monotonic() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
