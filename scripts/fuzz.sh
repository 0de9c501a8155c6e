#!/usr/bin/env bash
# Builds the fuzz programs with AddressSanitizer and UndefinedBehaviorSanitizer (build/asan-ubsan)
# and runs each for so many executions; the canary must be found. Ends with name=number pairs.
#   scripts/fuzz.sh [--executions N] [--seed S] [name ...]
. "$(dirname "$0")/common.sh"

executions=1000000
seed=1
names=()
while [ $# -gt 0 ]; do
  case "$1" in
    --executions) executions=$2; shift ;;
    --seed) seed=$2; shift ;;
    -*) fail "unknown argument $1" ;;
    *) names+=("$1") ;;
  esac
  shift
done
if [ ${#names[@]} -eq 0 ]; then
  while read -r name; do names+=("$name"); done < <(
    sed -n 's/^strowger_fuzz(\([a-z0-9_]*\).*/\1/p' tests/fuzz/CMakeLists.txt)
fi

build=build/asan-ubsan
[ -e "$build/build.ninja" ] || cmake --preset asan-ubsan >&2
cmake --build "$build" -j "$(nproc)" --target "${names[@]/#/fuzz_}" >&2
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export ASAN_OPTIONS=detect_stack_use_after_return=1

figures=()
for name in "${names[@]}"; do
  say "$name" >&2
  if [ "$name" = canary ]; then
    if "$build/tests/fuzz/fuzz_canary" --executions 10000000 --seed "$seed" >&2; then
      fail "the canary lives: the programs find nothing"
    fi
    continue
  fi
  figures+=("$("$build/tests/fuzz/fuzz_$name" --executions "$executions" --seed "$seed" | tail -n 1)")
done
printf '%s\n' "${figures[*]}"
