#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# install.sh BUILD - installs a build and uses it from outside: by pkg-config, by find_package,
# statically, after the tree has been moved. The snippets of the pages are in docs.sh.
set -uo pipefail
build=$(realpath "${1:?folder of a build}")
source=$(realpath "$(dirname "$0")/../..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

passed=0
failed=0
check() { # label command…
    local label=$1
    shift
    if "$@" >"$work/log" 2>&1; then
        passed=$((passed + 1))
        echo "ok   $label"
    else
        failed=$((failed + 1))
        echo "FAIL $label"
        sed 's/^/     /' "$work/log" | tail -n 30
    fi
}

flags=(-std=c11 -Wall -Wextra)
if grep -q '^KIDA_SANITIZE:.*=.' "$build/CMakeCache.txt"; then
    echo "a build with sanitizers is not for installing"
    exit 0
fi

check "installs" cmake --install "$build" --prefix "$work/first"
# Nothing in the tree may depend on where it was installed.
mv "$work/first" "$work/moved" 2>/dev/null
prefix=$work/moved
pc_dir=$(dirname "$(find "$prefix" -name kida.pc | head -n 1)")
lib_dir=$(dirname "$pc_dir")
export PKG_CONFIG_PATH=$pc_dir
export LD_LIBRARY_PATH=$lib_dir

check "headers are there" test -f "$prefix/include/kida/kida.h" -a -f "$prefix/include/kida/codes.def"

wanted='**Ann &lt;3** is 42 soon'
says() { # program: whether it prints what the consumer should
    local got
    got=$("$@") && [ "$got" = "$wanted" ] || { echo "printed: $got" && return 1; }
}

by_pkg_config() {
    local cflags libs
    cflags=$(pkg-config --cflags kida) && libs=$(pkg-config --libs kida) || return 1
    # shellcheck disable=SC2086
    cc "${flags[@]}" $cflags -o "$work/consumer" "$source/tests/integration/consumer/main.c" $libs
}
if [ -e "$lib_dir/libkida.so" ]; then
    check "pkg-config: builds" by_pkg_config
    check "pkg-config: runs" says "$work/consumer"
fi

by_pkg_config_static() {
    local cflags libs
    cflags=$(pkg-config --cflags kida) && libs=$(pkg-config --libs --static kida) || return 1
    libs=${libs/-lkida/$lib_dir/libkida.a}
    # shellcheck disable=SC2086
    cc "${flags[@]}" $cflags -o "$work/consumer_a" "$source/tests/integration/consumer/main.c" $libs
}
check "pkg-config --static: builds" by_pkg_config_static
check "pkg-config --static: runs" env -u LD_LIBRARY_PATH "$work/consumer_a"

check "find_package: configures" cmake -S "$source/tests/integration/consumer" -B "$work/build" \
    -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Release
check "find_package: builds" cmake --build "$work/build"
check "find_package: runs, shared" says "$work/build/consumer_shared"
check "find_package: runs, static" says "$work/build/consumer_static"

only_ours() { # library prefix: the dynamic symbols that others can see
    ! nm -D --defined-only "$1" | grep -vE " [A-Za-z] ${2}_[a-z0-9_]+$"
}
for name in kida chirp; do
    [ -e "$lib_dir/lib$name.so" ] || continue
    check "lib$name.so exports $name""_… alone" only_ours "$lib_dir/lib$name.so" "$name"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
