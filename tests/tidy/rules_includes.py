"""The include table."""
import re

import areas
from source import Problem

PROJECT = re.compile(r'^\s*#\s*include\s+"([^"]+)"')
SYSTEM = re.compile(r"^\s*#\s*include\s+<([^>]+)>")
PRIVATE = "For the .cpp files of this folder only"
PURE = ("aggregate", "reactors", "views")


def is_private(file):
    return bool(file.lines) and PRIVATE in file.lines[0]


def includes(tree):
    for file in tree.cpp:
        for number, line in enumerate(file.lines, 1):
            if found := PROJECT.match(line):
                yield file, number, found.group(1), None
            elif found := SYSTEM.match(line):
                yield file, number, None, found.group(1)


def for_tests_only(tree):
    """The headers beside the code that nothing but tests includes: they count as tests."""
    users = {}
    for file, _, project, _ in includes(tree):
        users.setdefault(project, []).append(file)
    return {path for path, files in users.items() if all(file.is_test for file in files)}


def allowed_target(path, area, target):
    allowed = areas.TABLE[area][0]
    if target == "actors/runtime/gateway.hpp" and "gateway" in allowed:
        return True
    other = areas.area_of(target)
    if other == "aggregate" and area == "aggregate":
        return target.split("/")[1] == path.split("/")[1]
    return other == area or other in allowed


def include_table(tree):
    """Each folder includes only what its row of areas.py allows."""
    test_headers = for_tests_only(tree)
    for file, number, project, system in includes(tree):
        area = areas.area_of(file.path)
        if area is None:
            continue
        is_test = file.is_test or file.path in test_headers
        if project is not None:
            if is_test and project.startswith("tests/support/"):
                continue
            if not allowed_target(file.path, area, project):
                yield Problem(file.path, number, f'{area} may not include "{project}": see '
                              "tests/tidy/areas.py; move the code, or pass the value in")
        else:
            yield from library(file, is_test, number, area, system)


def library(file, is_test, number, area, header):
    name = areas.library_of(header)
    _, anywhere, in_cpp = areas.TABLE[area]
    if name is None:
        hashed = header == "unordered_map" and file.path in areas.HASHED
        if area in PURE and not is_test and not hashed and areas.IMPURE_HEADERS.match(header):
            yield Problem(file.path, number, f"<{header}> in pure code: take time, randomness and "
                          "order as arguments")
    elif is_test and name in areas.TEST_LIBRARIES:
        return
    elif name in in_cpp and not file.path.endswith(".cpp") and not is_private(file):
        yield Problem(file.path, number, f"<{header}> in a header: {area} shows no {name} type; "
                      f"move it to the .cpp, or begin the header with '{PRIVATE}'")
    elif name not in anywhere and name not in in_cpp:
        yield Problem(file.path, number, f"{area} may not use {name}: see tests/tidy/areas.py")


def private_headers(tree):
    """A header for one folder's .cpp files is included by nothing else."""
    for file, number, project, _ in includes(tree):
        target = tree.by_path.get(project or "")
        if target is None or not is_private(target):
            continue
        same = file.folder == target.folder
        if not same or not (file.path.endswith(".cpp") or is_private(file)):
            yield Problem(file.path, number, f'"{project}" is private to the .cpp files of '
                          f"{target.folder}/: include a public header instead")


def dialects_apart(tree):
    """One dialect never includes another."""
    for file, number, project, _ in includes(tree):
        mine, theirs = file.path.split("/"), (project or "").split("/")
        both = mine[0] == theirs[0] == "protocol" and len(mine) > 2 and len(theirs) > 2
        if both and mine[1] != theirs[1] and not file.is_test:
            yield Problem(file.path, number, f"the dialect {mine[1]} includes {theirs[1]}: move "
                          "what both need to protocol/")


RULES = [include_table, private_headers, dialects_apart]
