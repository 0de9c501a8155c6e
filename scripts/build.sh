#!/usr/bin/env bash
# Installs what is missing and builds: the server in build/release (Release) and the pages in
# web/dist. Quick when nothing changed.
#   scripts/build.sh          the server
#   scripts/build.sh --tests  the server and every test program
. "$(dirname "$0")/common.sh"

targets=(strowger)
install_arguments=()
case "${1:-}" in
  "") ;;
  --tests)
    targets=(all)
    install_arguments=(--tests)
    ;;
  *) fail "unknown argument $1" ;;
esac

scripts/install.sh "${install_arguments[@]}"

if [ ! -e build/release/build.ninja ]; then
  cmake --preset release
fi
say "building build/release"
cmake --build build/release -j "$(nproc)" --target "${targets[@]}"

if [ ! -e web/dist/index.html ] ||
  [ -n "$(find web/src web/scripts web/package-lock.json -newer web/dist/index.html -print -quit)" ]; then
  say "building web/dist"
  npm run --prefix web --silent build
fi
