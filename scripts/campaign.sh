#!/usr/bin/env bash
# Runs a reliability campaign at its full count and adds its figures to the ledger
# (docs/campaigns.tsv), where runs add up: shorter ones count too.
#   scripts/campaign.sh NAME [more arguments of its program]
#   scripts/campaign.sh --totals        sums of the ledger
#   scripts/campaign.sh --list
# COMMIT names the one that was built, where it is not the one checked out.
. "$(dirname "$0")/common.sh"

# One line each: name, then the program with its full count. Its last line must be name=number
# pairs; it ends with 0 when nothing was found.
campaigns='
kill   node tests/kill/run.mjs --cycles 10000
storm  node tests/kill/storm.mjs --clients 15000
power  nice build/release/tests/power/power_test --cuts 100000 --faults all
sim    build/release/tests/sim/sim_test --first 1 --seeds 1000000
leases build/release/tests/sim/lease_test --steps 100000000
links  build/release/tests/sim/links_test --lives 20000
malformed node tests/malformed/run.mjs --messages 1000000 --settle-s 60 --call-ms 1000
fuzz   scripts/fuzz.sh --executions 10000000
seats  build/release/tests/sim/race_test --seat-steps 100000000 --calls 1000000
'
ledger=docs/campaigns.tsv

# Counts are summed; what ends in _s is a time, of which the longest counts.
totals() {
  awk -F'\t' 'NR > 1 && $5 == 0 {
    runs[$2]++
    n = split($6, pairs, " ")
    for (i = 1; i <= n; i++) {
      split(pairs[i], p, "=")
      at = $2 SUBSEP p[1]
      if (!(at in sum)) order[$2] = order[$2] " " p[1]
      if (p[1] ~ /_s$/) { if (p[2] > sum[at]) sum[at] = p[2] + 0 } else sum[at] += p[2]
    }
  }
  END {
    for (name in runs) {
      line = name ": runs=" runs[name]
      n = split(order[name], keys, " ")
      for (i = 1; i <= n; i++) line = line " " keys[i] "=" sum[name, keys[i]]
      print line
    }
  }' "$ledger"
}

case "${1:-}" in
  --totals) totals; exit ;;
  --list | "") printf '%s' "$campaigns"; exit ;;
esac
name=$1
shift
command=$(awk -v name="$name" '$1 == name { sub(/^[^ ]+ +/, ""); print }' <<<"$campaigns")
[ -n "$command" ] || fail "no campaign $name; there are:$campaigns"
ulimit -n "$(ulimit -Hn)"
out=$(mktemp)
trap 'rm -f "$out"' EXIT
began=$SECONDS
commit=${COMMIT:-$(git rev-parse --short HEAD)}
code=0
# shellcheck disable=SC2086 # the command is words
$command "$@" | tee "$out" || code=$?
[ -e "$ledger" ] || printf 'when\tcampaign\tcommit\tseconds\texit\tfigures\n' >"$ledger"
printf '%s\t%s\t%s\t%d\t%d\t%s\n' "$(date -u +%Y-%m-%dT%H:%MZ)" "$name" \
  "$commit" $((SECONDS - began)) "$code" "$(tail -n 1 "$out")" >>"$ledger"
totals
exit "$code"
