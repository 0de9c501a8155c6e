"""What must stand where: folders, tags, decisions, names from outside."""
import json
import os
import re
import subprocess

import areas
from source import Problem

TAG = re.compile(r'\btag\s*=\s*"([^"]*)"')
TAG_FORM = re.compile(r"^[a-z_]+\.[a-z_]+\.v[1-9][0-9]*$")
DECISION = re.compile(r"^(\d{4})-[a-z0-9-]+\.md$")
DECISION_LINES_MAX = 60
TEXT = (".cpp", ".hpp", ".inl", ".cc", ".ts", ".tsx", ".mjs", ".json", ".md", ".sh", ".py", ".yml",
        ".yaml", ".txt", ".cmake", ".html", ".css", ".example", ".service")
URL = re.compile(r"\b(?:https?|wss?|stuns?|turns?):(?://)?"
                 r"(?:[^@\s/\"'<>`]*@)?([a-z0-9.-]*[a-z0-9])", re.I)
# Reserved for examples (RFC 2606, RFC 5737), this machine, and documents one may cite.
HOSTS = re.compile(
    r"(localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|.*\.example|example|example\.(com|org|net)|"
    r".*\.example\.(com|org|net)|.*\.invalid|.*\.test|.*\.localhost|"
    r"192\.0\.2\.\d+|198\.51\.100\.\d+|203\.0\.113\.\d+|10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+|"
    r"172\.(1[6-9]|2\d|3[01])\.\d+\.\d+|"
    r"www\.webrtc\.org|www\.ietf\.org|"  # names of RTP header extensions
    r"(www\.)?w3\.org|www\.rfc-editor\.org|datatracker\.ietf\.org|www\.apache\.org|"
    r"json-schema\.org|spec\.openapis\.org|keepachangelog\.com|[a-z0-9-]+)$", re.I)
MACHINE_PATH = re.compile(r"(?<![\w./-])/(work|root|home)/\w+")
SELF = "tests/tidy/"


def aggregate_files(tree):
    """Every aggregate has the same files and is built."""
    rules = tree.by_path.get("actors/CMakeLists.txt")
    for name in areas.AGGREGATES:
        folder = f"actors/{name}"
        if not tree.under(folder):
            yield Problem("tests/tidy/areas.py", 1, f"{folder}/ is gone: take {name} off the list")
            continue
        for needed in (f"{name}.hpp", "decide.cpp", "evolve.cpp", f"{name}.test.cpp", "README.md"):
            if f"{folder}/{needed}" not in tree.by_path:
                yield Problem(f"{folder}/{needed}", 1, "is missing: every aggregate has it")
        if rules is not None and not re.search(rf"\b{name}\b", rules.text):
            yield Problem(rules.path, 1, f"{name} is not built: add it to DIRS")


def event_tags(tree):
    """Every event has its own tag, <kind>.<event>.v<N>, and a golden file."""
    golden = {os.path.basename(file.path) for file in tree.under("tests/golden/events")}
    seen = {}
    for name in areas.AGGREGATES:
        for file in tree.under(f"actors/{name}"):
            if not file.path.endswith(".hpp"):
                continue
            for number, line in enumerate(file.lines, 1):
                for tag in TAG.findall(line):
                    yield from one_tag(file.path, number, tag, name, seen, golden)


def one_tag(path, number, tag, kind, seen, golden):
    if not TAG_FORM.match(tag) or not tag.startswith(kind + "."):
        yield Problem(path, number, f'the tag "{tag}" must read {kind}.<event>.v<N>')
    if tag in seen:
        yield Problem(path, number, f'the tag "{tag}" stands at {seen[tag]} too: every event has '
                      "its own")
    seen.setdefault(tag, f"{path}:{number}")
    if f"{tag}.hex" not in golden:
        yield Problem(path, number, f"tests/golden/events/{tag}.hex is missing: write it, so that "
                      "the bytes on disk stay readable")


def golden_kept(tree):
    """No golden file is ever deleted."""
    if not os.path.isdir(os.path.join(tree.root, ".git")):
        return
    found = subprocess.run(
        ["git", "-c", "safe.directory=*", "log", "--no-renames", "--diff-filter=D", "--name-only",
         "--format=", "--", "tests/golden/events"],
        cwd=tree.root, capture_output=True, text=True, check=False)
    for path in sorted(set(found.stdout.split())):
        if path not in tree.by_path:
            yield Problem(path, 1, "a golden file was deleted: bring it back from the history; "
                          "bytes once written stay readable")


def decision_numbers(tree):
    """Decisions have unique numbers and at most 60 lines."""
    seen = {}
    for file in tree.under("docs/decisions"):
        name = os.path.basename(file.path)
        if name == "README.md":
            continue
        found = DECISION.match(name)
        if not found:
            yield Problem(file.path, 1, "name it NNNN-title.md")
            continue
        if found.group(1) in seen:
            yield Problem(file.path, 1, f"{seen[found.group(1)]} has this number: take the next")
        seen.setdefault(found.group(1), name)
        if len(file.lines) > DECISION_LINES_MAX:
            yield Problem(file.path, DECISION_LINES_MAX + 1, "a decision has at most "
                          f"{DECISION_LINES_MAX} lines: say less")


def outside_names(tree):
    """No host names of the world outside and no paths of one machine."""
    for file in tree.files:
        if not file.path.endswith(TEXT) or file.path.startswith(SELF):
            continue
        for number, line in enumerate(file.lines, 1):
            is_lock = file.path.endswith("package-lock.json")  # its links are the packages' own
            for host in [] if is_lock else URL.findall(line):
                if not HOSTS.match(host):
                    yield Problem(file.path, number, f'the host "{host}": use a reserved example '
                                  "name (RFC 2606), or add a citable one to tests/tidy")
            if found := MACHINE_PATH.search(line):
                yield Problem(file.path, number, f"the path {found.group(0)} of one machine: make "
                              "it relative")
            if is_lock and '"resolved"' in line:
                yield Problem(file.path, number, "the lock file names a registry: make it with "
                              "npm install --omit-lockfile-registry-resolved")


def built_files(tree):
    """No source file is left out of the build."""
    database = os.path.join(tree.build or "", "compile_commands.json")
    if tree.build is None or not os.path.exists(database):
        return
    with open(database, encoding="utf-8") as handle:
        compiled = {os.path.realpath(entry["file"]) for entry in json.load(handle)}
    unity = {path for path in compiled if "/Unity/" in path}
    for path in unity:
        with open(path, encoding="utf-8") as handle:
            compiled |= {os.path.realpath(name) for name in
                         re.findall(r'#include "([^"]+)"', handle.read())}
    for file in tree.cpp:
        if file.path.startswith(("bench/", "tests/fuzz/")) or ".bench." in file.path:
            continue  # built only when asked for
        if file.path.endswith((".cpp", ".cc")) and os.path.realpath(file.full) not in compiled:
            yield Problem(file.path, 1, "no build target has this file: add its folder to DIRS, or "
                          "remove it")


RULES = [aggregate_files, event_tags, golden_kept, decision_numbers, outside_names, built_files]
