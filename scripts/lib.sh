# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# lib.sh - sourced by the other scripts: messages, progress, installing what is missing.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1
jobs=$(nproc 2>/dev/null || echo 2)

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\e[1m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
else
    bold='' red='' green='' plain=''
fi

say() { printf '%s==>%s %s\n' "$bold" "$plain" "$*"; }
note() { printf '    %s\n' "$*"; }
warn() { printf '%s==> %s%s\n' "$red" "$*" "$plain" >&2; }

# Packages of Debian and its relatives.
packages_build=(build-essential cmake ninja-build pkg-config
    libpcre2-dev libutf8proc-dev libtommath-dev libmd4c-dev
    libuv1-dev libsodium-dev node-llhttp zlib1g-dev libbrotli-dev libzstd-dev
    libsqlite3-dev libcurl4-openssl-dev)
packages_test=(clang libclang-rt-dev libcmocka-dev libjansson-dev libcjson-dev curl git python3
    nginx-light)

# missing PACKAGE…: those of them that are not installed.
missing() {
    local name
    for name in "$@"; do
        dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || echo "$name"
    done
}

# need PACKAGE…: installs the missing ones, with apt-get as root or through sudo. Touches no
# network when everything is there.
need() {
    local absent=() run=()
    if ! command -v dpkg-query >/dev/null; then
        note "this is no Debian; please see to it that these are there: $*"
        return 0
    fi
    mapfile -t absent < <(missing "$@")
    if [ "${#absent[@]}" -eq 0 ]; then
        note "all $# packages are installed"
        return 0
    fi
    if [ "$(id -u)" -ne 0 ]; then
        run=(sudo)
    fi
    say "Installing ${#absent[@]} packages: ${absent[*]}"
    "${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q update || return 1
    "${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends \
        "${absent[@]}"
}

# build PRESET [TARGET…]: configures and compiles; shows ninja's progress on a terminal, else the
# last line or, on failure, everything that matters.
build() {
    local preset=$1 log status=0
    shift
    log=$root/build/$preset.log
    mkdir -p "$root/build"
    if ! cmake --preset "$preset" >"$log" 2>&1; then
        cat "$log"
        return 1
    fi
    grep -E 'left out|No tests|No unit tests' "$log" | sed 's/^-- /    /'
    : >"$log"
    if [ -t 1 ]; then
        cmake --build "build/$preset" --parallel "$jobs" ${1:+--target "$@"} || return 1
    else
        cmake --build "build/$preset" --parallel "$jobs" ${1:+--target "$@"} >>"$log" 2>&1 ||
            status=$?
        if [ "$status" -ne 0 ]; then
            grep -vE '^\[[0-9]+/[0-9]+\] (Building|Linking|Creating|Re-)' "$log" | head -n 200
            return 1
        fi
        tail -n 1 "$log" | sed 's/^/    /'
    fi
}
