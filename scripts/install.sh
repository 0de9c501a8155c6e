#!/usr/bin/env bash
# Installs what Strowger needs on Debian 12 and is not there yet; a second run changes nothing.
#   scripts/install.sh          what building and running needs
#   scripts/install.sh --tests  also what the tests need (Chromium, shellcheck, ...)
#   scripts/install.sh --bench  also the peers that the benchmarks measure
. "$(dirname "$0")/common.sh"

build_packages=(
  ca-certificates g++ cmake ninja-build mold ccache pkg-config python3
  libcaf-dev libmsgpack-cxx-dev librocksdb-dev libspdlog-dev libssl-dev libsodium-dev
  libcjose-dev libjansson-dev libyaml-cpp-dev libcli11-dev libsrtp2-dev prometheus-cpp-dev
  zlib1g-dev
  libgtest-dev librapidcheck-dev libbenchmark-dev
)
test_packages=(chromium clang-format curl git shellcheck)
bench_packages=(
  erlang-base git golang-go janus kamailio libpq-dev postgresql-15 redis-server sip-tester
)

wanted=("${build_packages[@]}")
case "${1:-}" in
  "") ;;
  --tests) wanted+=("${test_packages[@]}") ;;
  --bench) wanted+=("${bench_packages[@]}") ;;
  *) fail "unknown argument $1" ;;
esac

updated=no
update_lists() {
  [ "$updated" = yes ] || as_root apt-get update -q
  updated=yes
}

# A Node that is already there is used and never touched; only a machine without one gets Debian's.
node_major() { node --version 2>/dev/null | sed -n 's/^v\([0-9]*\)\..*/\1/p'; }
if ! have node; then
  wanted+=(nodejs npm)
elif [ "$(node_major)" -lt 18 ]; then
  fail "Node 18 or newer is needed; here is $(node --version), which is left alone"
elif ! have npm; then
  fail "npm is needed beside the Node that is here"
fi

missing=()
for package in "${wanted[@]}"; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  say "installing ${missing[*]}"
  update_lists
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends "${missing[@]}"
fi

# Boost 1.81 headers, unpacked and not installed: Debian's package of them conflicts with the 1.74
# that libmsgpack-cxx-dev brings, and 1.74's Beast has known holes.
boost_version=.deps/boost/usr/include/boost/version.hpp
if ! grep -qs 'BOOST_VERSION 108100' "$boost_version"; then
  say "unpacking the Boost 1.81 headers into .deps/boost"
  rm -rf .deps/boost .deps/boost.new
  mkdir -p .deps/boost.new
  (cd .deps/boost.new && apt-get download -q libboost1.81-dev) || {
    update_lists
    (cd .deps/boost.new && apt-get download -q libboost1.81-dev)
  }
  dpkg-deb -x .deps/boost.new/libboost1.81-dev_*.deb .deps/boost.new
  rm .deps/boost.new/libboost1.81-dev_*.deb
  grep -qs 'BOOST_VERSION 108100' ".deps/boost.new/${boost_version#.deps/boost/}" ||
    fail "the package holds no Boost 1.81"
  mv .deps/boost.new .deps/boost # last: a folder that is there is whole
fi

if ! cmp -s web/package-lock.json web/node_modules/.installed-lock; then
  say "installing the web dependencies"
  npm ci --prefix web --no-audit --no-fund --loglevel=error
  cp web/package-lock.json web/node_modules/.installed-lock
fi
