"""Runs a benchmark: every round asks all contenders of a case one after the other, so that whatever
disturbs the machine disturbs all of them."""
import contextlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

from .services import SERVICES, Missing

PROCESS_SECONDS_MAX = 7200  # fifty million events take their time


class Results:
    """values[case][contender][figure]: one value per round. skipped: who did not take part, why."""

    def __init__(self):
        self.values = {}
        self.skipped = {}
        self.rounds = 0

    def add(self, case, contender, figures):
        of = self.values.setdefault(case, {}).setdefault(contender, {})
        for name, value in figures.items():
            of.setdefault(name, []).append(value)

    def get(self, case, contender, figure):
        return self.values.get(case, {}).get(contender, {}).get(figure, [])

    def cases(self):
        return list(self.values)


class Runner:
    def __init__(self, bin_folder, rounds):
        self.bin = bin_folder
        self.rounds = rounds

    def run(self, benchmark):
        results = Results()
        results.rounds = self.rounds
        # Not below /tmp, which may be memory.
        with tempfile.TemporaryDirectory(prefix="strowger-bench-", dir="/var/tmp") as work:
            os.chmod(work, 0o711)  # PostgreSQL runs as somebody else
            for number in range(self.rounds):
                for case in benchmark.cases:
                    if number < (case.rounds or self.rounds):
                        self.one_case(benchmark, case, number, work, results)
        return results

    def one_case(self, benchmark, case, number, work, results):
        for contender in benchmark.contenders:
            if contender.name in results.skipped or case.only and contender.name not in case.only:
                continue
            print(f"   {benchmark.name}: round {number + 1}, {case.name}, {contender.name}",
                  file=sys.stderr, flush=True)
            try:
                lines = self.measure(contender, case.more.get(contender.name, case.words), work)
            except Missing as why:
                results.skipped[contender.name] = str(why)
                print(f"   skipped: {why}", file=sys.stderr, flush=True)
                continue
            for figures in lines:  # several lines: the same case at several sizes
                name = case.name if len(lines) == 1 else f"{int(figures['events']):,} events"
                results.add(name, contender.name, figures)

    def measure(self, contender, words, work):
        folder = tempfile.mkdtemp(dir=work)
        os.chmod(folder, 0o711)
        places = {"bin": self.bin, "folder": folder, "socket": "", "data": ""}
        try:
            with contextlib.ExitStack() as stack:
                if contender.service:
                    places.update(stack.enter_context(SERVICES[contender.service](folder)))
                return run_program(contender.command.format(**places) + " " + words)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def run_program(command):
    words = shlex.split(command)
    if shutil.which(words[0]) is None:
        raise Missing(f"{os.path.basename(words[0])} is not there")
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False,
                              stdin=subprocess.DEVNULL, timeout=PROCESS_SECONDS_MAX)
    except subprocess.TimeoutExpired as error:
        raise Missing(f"{os.path.basename(words[0])} did not end") from error
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 or not lines:
        said = (done.stderr.strip() or done.stdout.strip() or "said nothing").splitlines()[-1]
        raise Missing(f"{os.path.basename(words[0])} failed: {said}")
    return lines
