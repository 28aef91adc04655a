#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tutorial.sh BUILD - follows docs/tutorial-chirp.md, and the README's first application, in empty
# folders, against an installed tree.
set -uo pipefail
build=$(realpath "${1:?folder of a build}")
source=$(realpath "$(dirname "$0")/../..")
if grep -q '^KIDA_SANITIZE:.*=.' "$build/CMakeCache.txt"; then
    echo "a build with sanitizers is not for installing"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/installed
if ! cmake --install "$build" --prefix "$prefix" >"$work/log" 2>&1; then
    cat "$work/log"
    exit 1
fi
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name chirp.pc | head -n 1)")
LD_LIBRARY_PATH=$(dirname "$PKG_CONFIG_PATH")
export PKG_CONFIG_PATH LD_LIBRARY_PATH TZ=UTC
mkdir "$work/readme" "$work/book"
cd "$work/readme" && python3 "$source/tests/docs/steps.py" "$source/README.md"
readme=$?
cd "$work/book" && python3 "$source/tests/docs/steps.py" "$source/docs/tutorial-chirp.md" &&
    [ "$readme" -eq 0 ]
