#!/usr/bin/env bash
# Builds with sanitizers and runs the C++ tests, then the real server under load and the end-to-end
# tests that need no browser: asan-ubsan and tsan, or the presets named. A report fails, wherever.
#   scripts/sanitize.sh [preset ...]
# Counts of long tests are lower than elsewhere (CMakePresets.json); planted bugs are left out.
. "$(dirname "$0")/common.sh"
scripts/build.sh
scripts/install.sh --tests

asan=detect_stack_use_after_return=1:strict_string_checks=1
asan+=:check_initialization_order=1:strict_init_order=1
ubsan=print_stacktrace=1:halt_on_error=1
tsan=second_deadlock_stack=1:suppressions=$top/scripts/tsan.supp

# Reports of servers land in files: who is killed at the end of a test has no other last word.
server_tests() {
  local reports=$top/build/$1/reports
  rm -rf "$reports"
  mkdir -p "$reports"
  local -x STROWGER_BIN=$top/build/$1/strowger
  local -x ASAN_OPTIONS=$asan:log_path=$reports/asan UBSAN_OPTIONS=$ubsan:log_path=$reports/ubsan
  local -x TSAN_OPTIONS=$tsan:log_path=$reports/tsan
  local code=0
  say "$1: kill -9 under load"
  node tests/kill/run.mjs --cycles 10 --seed 1 || code=1
  say "$1: end to end"
  node tests/e2e/run.mjs commands errors metrics passwords stop || code=1
  local report
  for report in "$reports"/*; do
    [ -e "$report" ] || continue
    cat "$report"
    code=1
  done
  return "$code"
}

if [ $# -eq 0 ]; then set -- asan-ubsan tsan; fi
bad=()
for preset in "$@"; do
  began=$SECONDS
  say "$preset"
  cmake --preset "$preset" >/dev/null
  cmake --build "build/$preset" -j "$(nproc)"
  say "$preset: built after $((SECONDS - began)) s"
  ASAN_OPTIONS=$asan UBSAN_OPTIONS=$ubsan TSAN_OPTIONS=$tsan:halt_on_error=1 \
    ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j "$(nproc)" ||
    bad+=("$preset tests")
  server_tests "$preset" || bad+=("$preset server")
  say "$preset: $((SECONDS - began)) s"
done
if [ ${#bad[@]} -gt 0 ]; then fail "not clean: ${bad[*]}"; fi
say "clean under $*"
