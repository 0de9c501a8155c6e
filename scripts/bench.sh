#!/usr/bin/env bash
# Builds the benchmarks (Release, build/bench) and runs them beside their peers, round by round;
# writes bench/RESULTS.md and bench/plots. Without names: all that are not long.
#   scripts/bench.sh [--rounds N] [--list] [name ...]
# BUILD=folder uses another Release build folder.
. "$(dirname "$0")/common.sh"
scripts/install.sh --bench

build=${BUILD:-build/bench}
if [ -e "$build/build.ninja" ]; then
  cmake -DSTROWGER_BENCH=ON "$build" >/dev/null
else
  cmake -S . -B "$build" --preset release -DSTROWGER_BENCH=ON -DSTROWGER_TESTS=OFF >/dev/null
fi
say "building $build"
cmake --build "$build" -j "$(nproc)" --target benchmarks

# The peers in other languages, beside the C++ ones.
peers=$build/bench
if have erlc; then erlc -o "$peers" bench/peers/dispatch_erlang.erl; fi
if have go; then
  GOCACHE=$PWD/$build/go-cache GO111MODULE=off go build -o "$peers/dispatch_go" \
    bench/peers/dispatch_go.go
fi
if [ -e bench/peers/package-lock.json ] &&
  ! cmp -s bench/peers/package-lock.json bench/peers/node_modules/.installed-lock; then
  npm ci --prefix bench/peers --no-audit --no-fund --loglevel=error
  cp bench/peers/package-lock.json bench/peers/node_modules/.installed-lock
fi
exec python3 bench/run.py --bin "$peers" "$@"
