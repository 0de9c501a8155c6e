#!/usr/bin/env bash
# Builds what changed and starts a development server: every argument goes to `strowger serve`.
#   scripts/run.sh                 http://127.0.0.1:8080, this machine only
#   scripts/run.sh --lan           the whole network, HTTPS, a random password
#   scripts/run.sh --port 8090 --data /tmp/phones
. "$(dirname "$0")/common.sh"
scripts/build.sh
exec build/release/strowger serve --dev "$@"
