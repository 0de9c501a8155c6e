"""The files of the tree, and C++ text without comments and strings. Standard library only."""
import os
import re
from dataclasses import dataclass
from functools import cached_property

SKIPPED_FOLDERS = {"build", ".deps", ".git", "node_modules", "data", "__pycache__", ".cache"}
SKIPPED_PATHS = {"web/dist"}
CPP = (".cpp", ".hpp", ".inl", ".cc")


@dataclass(frozen=True)
class Problem:
    path: str
    line: int
    text: str  # what is wrong, and what to do

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text}"


class File:
    def __init__(self, root, path):
        self.path = path
        self.full = os.path.join(root, path)

    @cached_property
    def text(self):
        with open(self.full, encoding="utf-8", errors="replace") as handle:
            return handle.read()

    @cached_property
    def lines(self):
        return self.text.splitlines()

    @cached_property
    def code(self):
        """The C++ text with comments and the insides of strings blanked, line by line the same."""
        return strip(self.text)

    @property
    def is_cpp(self):
        return self.path.endswith(CPP)

    @property
    def is_test(self):
        return ".test." in self.path or self.path.startswith("tests/")

    @property
    def folder(self):
        return os.path.dirname(self.path)

    def line_of(self, offset):
        return self.code.count("\n", 0, offset) + 1


class Tree:
    def __init__(self, root, build=None):
        self.root = root
        self.build = build  # a build folder with compile_commands.json, or None
        self.files = sorted(self._walk(), key=lambda file: file.path)
        self.by_path = {file.path: file for file in self.files}

    def _walk(self):
        for folder, names, files in os.walk(self.root):
            relative = os.path.relpath(folder, self.root)
            here = "" if relative == "." else relative + "/"
            names[:] = [name for name in names
                        if name not in SKIPPED_FOLDERS and here + name not in SKIPPED_PATHS]
            for name in files:
                if os.path.isfile(os.path.join(folder, name)):
                    yield File(self.root, here + name)

    @property
    def cpp(self):
        return [file for file in self.files if file.is_cpp]

    def under(self, folder):
        return [file for file in self.files if file.path.startswith(folder + "/")]


TOKENS = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<mark>[^()\\ ]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|'
    r"(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'",
    re.DOTALL,
)


def strip(text):
    def blank(match):
        token = match.group(0)
        inside = re.sub(r"[^\n]", " ", token)
        if token.startswith("/"):
            return inside
        if token.startswith("R"):
            return '""' + inside[2:]
        return token[0] + inside[1:-1] + token[-1]

    # Include paths are strings too, but rules read them from the text itself.
    return TOKENS.sub(blank, text)


def matching(text, start, pair="()"):
    """The offset after the bracket that closes the one at `start`; the end when none does."""
    depth = 0
    for at in range(start, len(text)):
        if text[at] == pair[0]:
            depth += 1
        elif text[at] == pair[1]:
            depth -= 1
            if depth == 0:
                return at + 1
    return len(text)
