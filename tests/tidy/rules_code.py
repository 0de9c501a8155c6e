"""Length, purity, limits: what stands inside files."""
import re

import areas
from source import Problem, matching

FILE_LINES_MAX = 500
FILE_LINES_USUAL = 300  # nine in ten C++ files
FUNCTION_LINES_MAX = 60
COUNTED = (".cpp", ".hpp", ".inl", ".cc", ".ts", ".tsx", ".mjs", ".py", ".sh")

IMPURE = re.compile(
    r"\b(system_clock|steady_clock|high_resolution_clock|clock_gettime|gettimeofday|random_device|"
    r"mt19937(?:_64)?|srand|std::rand|std::time|std::thread|std::jthread|std::async|this_thread|"
    r"std::mutex|std::shared_mutex|std::atomic|condition_variable|getenv|std::ifstream|"
    r"std::ofstream|std::fopen)\b"
)
UNORDERED = re.compile(r"\bunordered_(?:multi)?(?:map|set)\b")
CONTAINER = re.compile(r"\b(namespace|class|struct|union|enum|extern|concept)\b")
CONTROL = re.compile(r"^\s*(if|for|while|switch|catch|else|do|try)\b")


def file_length(tree):
    """No file is longer than 500 lines."""
    for file in tree.files:
        if file.path.endswith(COUNTED) and len(file.lines) > FILE_LINES_MAX:
            yield Problem(file.path, FILE_LINES_MAX + 1, f"{len(file.lines)} lines: split the file "
                          f"by what it is for (at most {FILE_LINES_MAX})")


def usual_length(tree):
    """Nine in ten C++ files have at most 300 lines."""
    sizes = {file.path: len(file.lines) for file in tree.cpp}
    long = sorted((path for path, n in sizes.items() if n > FILE_LINES_USUAL), key=sizes.get)
    if len(long) * 10 > len(sizes):
        for path in long:
            yield Problem(path, 1, f"{sizes[path]} lines, and {len(long)} of {len(sizes)} files "
                          f"are longer than {FILE_LINES_USUAL}: split some")


def without_templates(head):
    head = re.sub(r"\[\[.*?\]\]", " ", head)
    while (found := re.search(r"\btemplate\s*<", head)) is not None:
        head = head[: found.start()] + head[matching(head, found.end() - 1, "<>"):]
    return head


def functions(code):
    """(offset of the head, offset of the body's brace, offset after it) of outermost functions."""
    at, start = 0, 0
    while at < len(code):
        char = code[at]
        if char == "#" and code[:at].rpartition("\n")[2].strip() == "":
            at = code.find("\n", at)  # a directive: its continuation lines hold no braces of ours
            at = len(code) if at < 0 else at
            start = at
        elif char in ";}":
            start = at + 1
        elif char == "{":
            head = without_templates(code[start:at])
            end = matching(code, at, "{}")
            if CONTAINER.search(head) and "(" not in head.split("{")[0].split(":")[0]:
                start = at + 1  # look inside
            else:
                if "(" in head and "=" not in head.split("(")[0] and not CONTROL.match(head):
                    yield start + len(code[start:at]) - len(code[start:at].lstrip()), at, end
                at, start = end, end
                continue
        at += 1


def function_length(tree):
    """No function is as long as 60 lines (tables in tests may be longer)."""
    for file in tree.cpp:
        if file.is_test:
            continue
        for head, _, end in functions(file.code):
            first, last = file.line_of(head), file.line_of(end - 1)
            if last - first + 1 >= FUNCTION_LINES_MAX:
                yield Problem(file.path, first, f"a function of {last - first + 1} lines: name its "
                              f"steps as functions (under {FUNCTION_LINES_MAX})")


def pure_code(tree):
    """Aggregates, reactors, views and protocol take time, randomness and order as arguments."""
    for file in tree.cpp:
        area = areas.area_of(file.path)
        if file.is_test or area not in ("core", "aggregate", "reactors", "views", "protocol"):
            continue
        for number, line in enumerate(file.code.splitlines(), 1):
            found = IMPURE.search(line)
            if found is None and area != "protocol" and file.path not in areas.HASHED:
                found = UNORDERED.search(line)
            if found:
                yield Problem(file.path, number, f"{found.group(0)} in pure code: take it as an "
                              "argument (time, ids) or use an ordered container")


def unpack_limits(tree):
    """msgpack is never unpacked without limits."""
    for file in tree.cpp:
        for found in re.finditer(r"\bmsgpack::(unpack|unpacker|parse)\b\s*\w*\s*\(", file.code):
            call = file.code[found.end() - 1: matching(file.code, found.end() - 1)]
            if "limit" not in call and "visitor" not in call:
                yield Problem(file.path, file.line_of(found.start()), "msgpack without limits: "
                              "five bytes can ask for gigabytes; pass an unpack_limit")


def no_detached_actors(tree):
    """Nothing in the runtime runs beside the scheduler."""
    for file in tree.under("actors/runtime"):
        for found in re.finditer(r"\bdetached\b", file.code if file.is_cpp else ""):
            yield Problem(file.path, file.line_of(found.start()), "a detached actor escapes the "
                          "simulated scheduler: spawn it plainly")


def header_comment(tree):
    """A header says in its first line what it is for."""
    for file in tree.cpp:
        if file.path.endswith(".hpp") and not (file.lines and file.lines[0].startswith("// ")):
            yield Problem(file.path, 1, "begin the header with one comment line that says what it "
                          "is for")


RULES = [file_length, usual_length, function_length, pure_code, unpack_limits, no_detached_actors,
         header_comment]
