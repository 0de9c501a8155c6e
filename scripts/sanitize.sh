#!/usr/bin/env bash
# Builds and runs the C++ tests under sanitizers: asan-ubsan and tsan, or the presets named.
#   scripts/sanitize.sh [preset ...]
. "$(dirname "$0")/common.sh"
scripts/install.sh --tests
export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:suppressions=$top/scripts/tsan.supp
if [ $# -eq 0 ]; then set -- asan-ubsan tsan; fi
bad=()
for preset in "$@"; do
  say "$preset"
  cmake --preset "$preset" >/dev/null
  cmake --build "build/$preset" -j "$(nproc)"
  ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j "$(nproc)" ||
    bad+=("$preset")
done
if [ ${#bad[@]} -gt 0 ]; then fail "tests failed under ${bad[*]}"; fi
say "clean under $*"
