#!/usr/bin/env bash
# Builds the benchmarks (Release, build/bench) and runs them beside their peers, round by round;
# writes bench/RESULTS.md and bench/plots. Without names: all that are not long.
#   scripts/bench.sh [--rounds N] [--list] [name ...]
. "$(dirname "$0")/common.sh"
scripts/install.sh --bench
cmake -S . -B build/bench --preset release -DSTROWGER_BENCH=ON -DSTROWGER_TESTS=OFF >/dev/null
say "building build/bench"
cmake --build build/bench -j "$(nproc)"

# The peers in other languages, beside the C++ ones.
peers=build/bench/bench
if have erlc; then erlc -o "$peers" bench/peers/dispatch_erlang.erl; fi
if have go; then
  GOCACHE=$top/build/bench/go GO111MODULE=off GOFLAGS=-mod=mod \
    go build -o "$peers/dispatch_go" bench/peers/dispatch_go.go
fi
exec python3 bench/run.py --bin "$peers" "$@"
