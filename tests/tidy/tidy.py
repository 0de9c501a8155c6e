#!/usr/bin/env python3
"""The house rules as a test: tidy.py ROOT [BUILD]. Each line it prints names the fix."""
import sys

import rules_code
import rules_includes
import rules_tree
from source import Tree

RULES = rules_code.RULES + rules_includes.RULES + rules_tree.RULES


def main(arguments):
    tree = Tree(arguments[0], arguments[1] if len(arguments) > 1 else None)
    problems = [(rule, problem) for rule in RULES for problem in rule(tree)]
    for rule, problem in problems:
        print(f"{problem} [{rule.__name__}]")
    print(f"{len(tree.files)} files, {len(RULES)} rules, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
