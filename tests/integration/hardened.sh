#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What the programs and libraries are built with, and what serving code never calls (robustness WC-5).
# Usage: tests/integration/hardened.sh BUILD
set -u
build=${1:?the folder of a build}
passed=0
failed=0

check() { # label command…
    local label=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $label"
    fi
}

has() { # text readelf's options and file…: text is in what it prints
    readelf "${@:2}" 2>/dev/null | grep -qE -- "$1"
}
calls_none() { # library name…: it asks for none of these
    local found
    found=$(nm -u "$1" 2>/dev/null | awk '{ print $2 }' | sed 's/@.*//' | sort -u |
        grep -xF -f <(printf '%s\n' "${@:2}"))
    [[ -z $found ]] || { printf 'calls: %s\n' $found && return 1; }
}

for program in "$build"/bin/chirp "$build"/bin/kida; do
    [[ -f $program ]] || continue
    check "$program is position-independent" has 'Type: +DYN' -h "$program"
    check "$program binds all at start" has 'BIND_NOW|FLAGS.*NOW' -d "$program"
    check "$program has a read-only table" has 'GNU_RELRO' -lW "$program"
    check "$program has no executable stack" has 'GNU_STACK.* RW +0x' -lW "$program"
done
for library in "$build"/libchirp.a "$build"/libkida.a; do
    [[ -f $library ]] || continue
    check "$library starts no process and changes no user" calls_none "$library" fork vfork clone \
        execl execle execlp execv execve execvp execvpe fexecve posix_spawn posix_spawnp system \
        popen setuid seteuid setgid setegid setreuid setresuid setgroups
    check "$library has guarded frames" has '__stack_chk_fail' -sW "$library"
done
echo "$passed passed, $failed failed"
[[ $failed -eq 0 && $passed -gt 0 ]]
