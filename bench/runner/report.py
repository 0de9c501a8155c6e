"""Results as Markdown: a section per benchmark in RESULTS.md. A run of some replaces theirs."""
import re
from statistics import median

from . import machine

HEAD = """# What the benchmarks said last

Written by `scripts/bench.sh` ([how](README.md)). Each figure is the median of the rounds (least
to most). Ratios are taken round by round, between neighbours in time. Machines differ: read the
ratios. [Why what is not met is not](PROFILES.md).
"""
COLUMNS = {
    "per_second": "per second",
    "p50_us": "p50 µs",
    "p99_us": "p99 µs",
    "p999_us": "p99.9 µs",
    "cpu_us": "CPU µs each",
    "bytes_per_actor": "bytes per idle actor",
    "wal_per_payload": "log bytes per payload byte",
    "disk_per_event": "disk bytes per event",
    "table_per_event": "table bytes per event",
    "disk_per_payload": "disk bytes per payload byte",
    "written_per_payload": "written per payload byte",
    "replay_per_second": "replayed per second",
    "verify_per_second": "verified per second",
    "open_ms": "open ms",
    "stream_p50_us": "one stream p50 µs",
    "stream_p99_us": "one stream p99 µs",
    "set_up_p99_us": "set up p99 µs",
    "server_cpu": "server's cores",
    "client_cpu": "driver's cores",
    "bytes_per_device": "bytes per device",
    "last_bytes": "bytes in all",
    "sign_ins_per_second": "sign-ins per second",
    "of_peak": "goodput of peak",
    "p99_of_unloaded": "p99 of the unloaded",
    "refusal_p50_us": "refused p50 µs",
    "refusal_p99_us": "refused p99 µs",
    "server_bytes": "resident bytes",
    "restart_ms": "restart ms",
    "restart_max_ms": "slowest ms",
    "made_s": "made in s",
}


def number(value):
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def spread(values, form=number):
    if not values:
        return ""
    if len(values) == 1:
        return form(values[0])
    return f"{form(median(values))} ({form(min(values))} to {form(max(values))})"


def title_of(figure):
    return COLUMNS.get(figure, figure.replace("_", " "))


def table(benchmark, results):
    figures = [f for f in benchmark.figures
               if any(results.get(case, c.name, f)
                      for case in results.cases() for c in benchmark.contenders)]
    yield "| case | who | " + " | ".join(title_of(f) for f in figures) + " |"
    yield "| --- | --- |" + " ---: |" * len(figures)
    for case in results.cases():
        name = case
        for contender in benchmark.contenders:
            if contender.name not in results.values[case]:
                continue
            cells = [spread(results.get(case, contender.name, f)) for f in figures]
            yield f"| {name} | {contender.name} | " + " | ".join(cells) + " |"
            name = ""


def compared(benchmark, target, results):
    """The ratios (or figures) to judge, and what is missing if there are none."""
    ours = benchmark.contenders[0].name
    mine = results.get(target.case, ours, target.figure)
    if target.than is None:
        return mine, "" if mine else results.skipped.get(ours, "not measured")
    theirs = results.get(target.case, target.than, target.than_figure or target.figure)
    ratios = [a / b for a, b in zip(mine, theirs) if b]
    return ratios, "" if ratios else results.skipped.get(target.than, "not measured")


def targets(benchmark, results):
    if not benchmark.targets:
        return
    yield "| target | case | what | measured | wanted | |"
    yield "| --- | --- | --- | ---: | ---: | --- |"
    for target in benchmark.targets:
        values, missing = compared(benchmark, target, results)
        what = title_of(target.figure) + (f" / {target.than}" if target.than else "")
        wanted = ("≥ " if target.at_least else "≤ ") + number(target.limit)
        if missing:
            verdict = "skipped: " + missing
        else:
            good = median(values) >= target.limit if target.at_least else (
                median(values) <= target.limit)
            verdict = "met" if good else "**not met**"
        yield (f"| {target.row} | {target.case} | {what} | {spread(values)} | {wanted} | "
               f"{verdict} |")


def section(benchmark, results, plots):
    out = [f"## {benchmark.name}", "", benchmark.title, "",
           f"{machine.machine_line()}; commit {machine.commit_line()}; {machine.today()}; "
           f"{results.rounds} round{'s' if results.rounds != 1 else ''}, interleaved.", ""]
    rows = list(targets(benchmark, results))
    if rows:
        out += [*rows, ""]
    out += [*table(benchmark, results), ""]
    out += [f"- {name}: skipped: {why}" for name, why in results.skipped.items()]
    if results.skipped:
        out.append("")
    out += [f"![{title}](plots/{file})" for title, file in plots]
    return "\n".join(out).rstrip() + "\n"


def replace_section(text, name, fresh, order):
    """The text with the section `## name` replaced; only those in `order`, in that order."""
    sections = {}
    for part in re.split(r"(?m)^(?=## )", text)[1:]:
        sections[part.split("\n", 1)[0][3:].strip()] = part
    sections[name] = fresh
    kept = [sections[known].rstrip() + "\n" for known in order if known in sections]
    return HEAD + "\n" + "\n".join(kept)
