#!/usr/bin/env bash
# Builds the benchmarks (Release, build/bench) and runs them one after the other, or those named.
#   scripts/bench.sh [name ...]
. "$(dirname "$0")/common.sh"
scripts/install.sh
cmake -S . -B build/bench --preset release -DSTROWGER_BENCH=ON -DSTROWGER_TESTS=OFF >/dev/null
cmake --build build/bench -j "$(nproc)"
for program in build/bench/bench/*; do
  if [ ! -f "$program" ] || [ ! -x "$program" ]; then continue; fi
  name=$(basename "$program")
  if [ $# -gt 0 ] && [[ " $* " != *" $name "* ]]; then continue; fi
  say "$name"
  "$program"
done
