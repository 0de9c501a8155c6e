#!/usr/bin/env bash
# Installs, builds and runs every test; ends with "N passed, N failed" over all of them.
#   scripts/test.sh            everything
#   scripts/test.sh --no-e2e   without the browser tests
. "$(dirname "$0")/common.sh"

with_browser=yes
case "${1:-}" in
  "") ;;
  --no-e2e) with_browser=no ;;
  *) fail "unknown argument $1" ;;
esac

passed=0
failed=0
results=build/test-results
rm -rf "$results"
mkdir -p "$results"

# count PART PASSED FAILED
count() {
  passed=$((passed + $2))
  failed=$((failed + $3))
  say "$1: $2 passed, $3 failed"
}

# A command that is one test.
one() {
  local name=$1
  shift
  say "$name"
  if "$@"; then count "$name" 1 0; else count "$name" 0 1; fi
}

# sum NAME FILES...: adds the numbers of the attribute in the first line that has it, file by file.
sum() {
  local attribute=$1
  shift
  sed -n "0,/ $attribute=\"/s/.* $attribute=\"\([0-9]*\)\".*/\1/p" -s "$@" |
    awk '{ n += $1 } END { print n + 0 }'
}

# Test programs write their own results; one that dies writes none and counts as one failure.
cpp_tests() {
  say "C++ tests"
  local entries bad programs tests broken
  GTEST_OUTPUT="xml:$top/$results/cpp/" ctest --test-dir build/release --output-on-failure \
    --no-tests=error -j "$(nproc)" --output-junit "$top/$results/ctest.xml" || true
  [ -e "$results/ctest.xml" ] || { count "C++ tests" 0 1; return; }
  entries=$(grep -c '<testcase' "$results/ctest.xml" || true)
  bad=$(grep -c 'status="fail"' "$results/ctest.xml" || true)
  programs=$(find "$results/cpp" -name '*.xml' 2>/dev/null | wc -l)
  tests=0 broken=0
  if [ "$programs" -gt 0 ]; then
    tests=$(sum tests "$results"/cpp/*.xml)
    broken=$(sum failures "$results"/cpp/*.xml)
  fi
  local silent=$((entries - programs)) # programs without GoogleTest, and those that died
  [ "$silent" -gt 0 ] || silent=0
  [ "$broken" -ge "$bad" ] || broken=$bad
  count "C++ tests" $((tests + silent - broken)) "$broken"
}

# Node's test runner sums up as "pass 12" and "fail 0", with a mark before and perhaps in colour.
node_sum() {
  sed 's/\x1b\[[0-9;]*m//g' "$2" | sed -n "s/^[^a-z]* $1 \([0-9]*\)\$/\1/p" |
    awk '{ n += $1 } END { print n + 0 }'
}
node_tests() {
  local name=$1 log="$results/$2.log" good bad
  shift 2
  say "$name"
  local code=0
  "$@" 2>&1 | tee "$log" || code=$?
  good=$(node_sum pass "$log")
  bad=$(node_sum fail "$log")
  # Dead before the summary, cut short, or no test at all: that is a failure too.
  if [ "$bad" -eq 0 ] && { [ "$code" -ne 0 ] || [ "$good" -eq 0 ]; }; then bad=1; fi
  count "$name" "$good" "$bad"
}

start=$SECONDS
scripts/build.sh --tests
say "built after $((SECONDS - start)) s"

cpp_tests
one "scripts" shellcheck -x -P SCRIPTDIR scripts/*.sh .ci/*
one "web types and style" npm run --prefix web --silent check
node_tests "web unit tests" web npm run --prefix web --silent test
one "kill -9 under load" node tests/kill/run.mjs --cycles 100 --seed 1 --self-test
one "malformed messages beside calls" node tests/malformed/run.mjs --messages 10000 --seed 1 --self-test
one "reconnect storm after kill -9" node tests/kill/storm.mjs --clients 500
if [ "$with_browser" = yes ]; then
  node_tests "browser tests" e2e npm run --prefix web --silent e2e
fi

say "all tests after $((SECONDS - start)) s"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
