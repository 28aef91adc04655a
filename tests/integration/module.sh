#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# module.sh BUILD - the C extension API from outside: builds the module of examples/custom_filters
# against an installed package and loads it, runs the example, compiles the blocks of
# docs/extending.md as C and runs its module.
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
prints() { # text command…
    local want=$1 got
    shift
    got=$("$@" 2>&1)
    [ "$got" = "$want" ] || { printf 'printed: %s\nwanted:  %s\n' "$got" "$want" && return 1; }
}
holds() { # text command…: the output has it, and the command fails
    local want=$1 got
    shift
    got=$("$@" 2>&1) && { echo "did not fail: $got" && return 1; }
    [[ $got == *"$want"* ]] || { echo "printed: $got" && return 1; }
}

if grep -q '^KIDA_SANITIZE:.*=.' "$build/CMakeCache.txt"; then
    echo "a build with sanitizers is not for installing"
    exit 0
fi
check "installs" cmake --install "$build" --prefix "$work/usr"
pc=$(find "$work/usr" -name kida.pc | head -n 1)
lib_dir=$(dirname "$(dirname "$pc")")
export PKG_CONFIG_PATH
PKG_CONFIG_PATH=$(dirname "$pc")
if [ ! -e "$lib_dir/libkida.so" ]; then
    echo "modules need the shared library"
    echo "$passed passed, $failed failed"
    exit $((failed > 0))
fi
export LD_LIBRARY_PATH=$lib_dir
read -ra cflags <<<"$(pkg-config --cflags kida)"
read -ra libs <<<"$(pkg-config --libs kida)"
flags=(-std=c11 -Wall -Wextra -Wpedantic -Werror -Wstrict-prototypes)
module() { # source target [flag…]
    cc "${flags[@]}" -shared -fPIC "${@:3}" "${cflags[@]}" -o "$2" "$1" "${libs[@]}"
}

# ---- the module of the example -------------------------------------------------------------------
cd "$work" || exit 1
check "the module builds" module "$source/examples/custom_filters/module/shout.c" shout.so
printf '%s' "{{ name | shout(times=2) }} {{ dice(7) }} {{ 9 is square }}{{ 8 is square }}" >page.html
kida=$work/usr/bin/kida
check "kida render --module" prints 'STRAẞE!! 3 TrueFalse' \
    env -u LD_LIBRARY_PATH "$kida" render page.html --set 'name="straẞe"' --module ./shout.so
printf '%s' "{{ 'x' | shout(99) }}" >bad.html
check "an error of the module has its hint" holds "leave 'times' out" \
    "$kida" render bad.html --module ./shout.so
check "without the module" holds "K-PAR-004" "$kida" render page.html --set name=a
sed 's/{ KIDA_ABI,/{ KIDA_ABI + 1,/' "$source/examples/custom_filters/module/shout.c" >old.c
check "a module for another ABI builds" module old.c old.so
check "it is refused" holds "K-USE-005" "$kida" render page.html --set name=a --module ./old.so
echo 'int nothing;' >none.c
check "an object that is no module builds" module none.c none.so
check "it is refused, too" holds "K-USE-005" "$kida" render page.html --module ./none.so
check "a module that is not there" holds "K-USE-005" "$kida" render page.html --module ./no.so

# ---- the example program -------------------------------------------------------------------------
example() {
    cc "${flags[@]}" "${cflags[@]}" -o example "$source"/examples/custom_filters/*.c "${libs[@]}"
}
check "the example builds outside of the tree" example
wanted=$(cat "$source/examples/custom_filters/expected.txt")
check "the example prints what it should" prints "$wanted" ./example
check "the example loads the module" prints "$wanted
ANN! 3 True" ./example ./shout.so

# ---- docs/extending.md ------------------------------------------------------------------------------
awk -v dir="$work" '/^```c$/ { n++; on = 1; next } /^```/ { on = 0 }
    on { print > dir "/extending" n ".c" }' "$source/docs/extending.md"
count=0
for file in extending*.c; do
    count=$((count + 1))
    check "docs/extending.md: block ${file//[^0-9]/} compiles" \
        cc "${flags[@]}" "${cflags[@]}" -c -o "${file%.c}.o" "$file"
done
check "there are blocks" test "$count" -ge 8
check "its module builds" module "extending$count.c" tutorial.so
echo '{{ "hello" | shout }}' >hello.html
check "its module renders" prints 'HELLO!' "$kida" render hello.html --module ./tutorial.so

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
