#!/usr/bin/env python3
"""Each house rule must be able to fail: plants one offence at a time in a small clean tree."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

import areas
from source import Tree, strip
from tidy import RULES

BY_NAME = {rule.__name__: rule for rule in RULES}


def clean_tree():
    files = {
        "actors/CMakeLists.txt": f"strowger_folder(domain DIRS {' '.join(areas.AGGREGATES)})\n",
        "core/ids.hpp": "// Ids.\n#pragma once\n#include <string>\n",
        "security/hidden.hpp": "// For the .cpp files of this folder only.\n#include <sodium.h>\n",
        "security/token.cpp": '#include "security/hidden.hpp"\n',
        "storage/codec.cpp": "auto x = msgpack::unpack(data, size, limits.unpack_limit());\n",
        "storage/contract.hpp": "// For every store.\n#include <gtest/gtest.h>\n",
        "storage/rocks.test.cpp": '#include "storage/contract.hpp"\n',
        "docs/decisions/0001-first.md": "# First\n",
        "README.md": "See http://127.0.0.1:8080 and https://phones.example/api.\n",
        "tests/golden/events/call.started.v1.hex": "00\n",
        "web/package-lock.json": '{"funding": {"url": "https://money.site.dev/x"}}\n',
    }
    for name in areas.AGGREGATES:
        folder = f"actors/{name}"
        files[f"{folder}/{name}.hpp"] = f'// One.\n#include "core/ids.hpp"\nint {name};\n'
        for other in ("decide.cpp", "evolve.cpp", f"{name}.test.cpp"):
            files[f"{folder}/{other}"] = f'#include "actors/{name}/{name}.hpp"\n'
        files[f"{folder}/README.md"] = "# It\n"
    files["actors/call/call.hpp"] += 'constexpr auto tag = "call.started.v1";\n'
    return files


LONG_FUNCTION = "int f(int x) {\n" + "  ++x;\n" * 60 + "  return x;\n}\n"

# (rule, path, text): in a clean tree with this file the rule, and the rule alone, complains.
PLANTS = [
    ("file_length", "web/src/long.ts", "x\n" * 501),
    ("function_length", "http/long.cpp", "namespace a {\n" + LONG_FUNCTION + "}\n"),
    ("function_length", "http/b.cpp", "template <class T> struct a {\n" + LONG_FUNCTION + "};\n"),
    ("pure_code", "actors/call/decide.cpp", "auto t = std::chrono::system_clock::now();\n"),
    ("pure_code", "protocol/rest/parse.cpp", "std::mutex m;\n"),
    ("pure_code", "actors/reactors/r.cpp", "std::unordered_map<int, int> m;\n"),
    ("include_table", "actors/call/decide.cpp", "#include <thread>\n"),
    ("include_table", "actors/call/decide.cpp", '#include "actors/agent/agent.hpp"\n'),
    ("include_table", "actors/call/decide.cpp", "#include <caf/all.hpp>\n"),
    ("include_table", "actors/runtime/shell.hpp", '// S.\n#include "protocol/errors.hpp"\n'),
    ("include_table", "http/server.cpp", '#include "actors/runtime/shell.hpp"\n'),
    ("include_table", "config/load.hpp", "// L.\n#include <yaml-cpp/yaml.h>\n"),
    ("include_table", "core/x.hpp", '// X.\n#include "security/token.hpp"\n'),
    ("include_table", "storage/x.cpp", "#include <caf/all.hpp>\n"),
    ("include_table", "storage/x.hpp", "// X.\n#include <gtest/gtest.h>\n"),
    ("private_headers", "security/open.hpp", '// O.\n#include "security/hidden.hpp"\n'),
    ("private_headers", "storage/x.cpp", '#include "security/hidden.hpp"\n'),
    ("dialects_apart", "protocol/rest/parse.cpp", '#include "protocol/native/native.hpp"\n'),
    ("unpack_limits", "storage/codec.cpp", "auto x = msgpack::unpack(data, size);\n"),
    ("unpack_limits", "storage/codec.cpp", "msgpack::unpacker u(nullptr);\n"),
    ("no_detached_actors", "actors/runtime/system.cpp", "s.spawn<caf::detached>(f);\n"),
    ("header_comment", "core/ids.hpp", "#pragma once\n"),
    ("aggregate_files", "actors/call/README.md", None),
    ("aggregate_files", "actors/CMakeLists.txt", "strowger_folder(domain DIRS agent)\n"),
    ("event_tags", "actors/agent/agent.hpp", '// A.\nauto tag = "call.started.v1";\n'),
    ("event_tags", "actors/agent/agent.hpp", '// A.\nauto tag = "agent.Made";\n'),
    ("event_tags", "actors/agent/agent.hpp", '// A.\nauto tag = "agent.made.v1";\n'),
    ("decision_numbers", "docs/decisions/0001-second.md", "# Second\n"),
    ("decision_numbers", "docs/decisions/0002-long.md", "x\n" * 61),
    ("decision_numbers", "docs/decisions/third.md", "# Third\n"),
    ("outside_names", "README.md", "curl https://registry.somewhere.dev/x\n"),
    ("outside_names", "config/a.yml", "- stun:stun.l.somewhere.com:19302\n"),
    ("outside_names", "docs/a.md", "cd /home/anna/strowger\n"),
    ("outside_names", "web/package-lock.json", '"resolved": "x"\n'),
]


def offenders(files, build=None):
    with tempfile.TemporaryDirectory() as root:
        write(root, files)
        tree = Tree(root, build)
        return sorted({rule.__name__ for rule in RULES for _ in rule(tree)})


def write(root, files):
    for path, text in files.items():
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as handle:
            handle.write(text)


class Rules(unittest.TestCase):
    def test_a_clean_tree_has_no_problems(self):
        self.assertEqual(offenders(clean_tree()), [])

    def test_each_plant_is_found_by_its_rule_alone(self):
        for rule, path, text in PLANTS:
            with self.subTest(rule=rule, path=path, text=text):
                files = clean_tree()
                if text is None:
                    del files[path]
                else:
                    files[path] = text
                found = offenders(files)
                self.assertEqual(found, [rule])

    def test_usual_length_counts_nine_in_ten(self):
        files = clean_tree()
        for n in range(5):
            files[f"http/long{n}.cpp"] = "//\n" * 301
        self.assertEqual(offenders(files), ["usual_length"])

    def test_a_deleted_golden_file_is_missed(self):
        with tempfile.TemporaryDirectory() as root:
            write(root, clean_tree() | {"tests/golden/events/call.old.v1.hex": "00\n"})

            def git(*words):
                subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.example", *words],
                               cwd=root, check=True, capture_output=True)

            git("init")
            git("add", ".")
            git("commit", "-m", "one")
            git("rm", "tests/golden/events/call.old.v1.hex")
            git("commit", "-m", "two")
            self.assertEqual([p.path for p in BY_NAME["golden_kept"](Tree(root))],
                             ["tests/golden/events/call.old.v1.hex"])

    def test_a_source_outside_the_build_is_found(self):
        with tempfile.TemporaryDirectory() as root:
            write(root, {"http/a.cpp": "int a;\n", "http/b.cpp": "int b;\n"})
            build = os.path.join(root, "build")
            os.makedirs(build)
            with open(os.path.join(build, "compile_commands.json"), "w", encoding="utf-8") as out:
                json.dump([{"file": os.path.join(root, "http/a.cpp")}], out)
            self.assertEqual([p.path for p in BY_NAME["built_files"](Tree(root, build))],
                             ["http/b.cpp"])

    def test_every_rule_has_a_plant(self):
        own_test = {"usual_length", "golden_kept", "built_files"}
        self.assertEqual(set(BY_NAME), {rule for rule, _, _ in PLANTS} | own_test)

    def test_comments_and_strings_are_not_code(self):
        text = ('int a; // std::mutex\nauto s = "std::mutex"; /* std::\nmutex */ '
                'auto r = R"x(std::mutex)x";\n')
        code = strip(text)
        self.assertNotIn("mutex", code)
        self.assertEqual(code.count("\n"), text.count("\n"))
        self.assertIn("1'000'000", strip("auto n = 1'000'000; std::mutex m;"))


if __name__ == "__main__":
    sys.exit(unittest.main())
