#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# docs.sh BUILD - what the pages show is so: their C programs compile against an installed tree and
# print what the page says, their commands do what it says, and their links lead somewhere.
set -uo pipefail
build=$(realpath "${1:?folder of a build}")
source=$(realpath "$(dirname "$0")/../..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export NO_COLOR=1 TZ=UTC
unset COLUMNS COLORTERM

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
        sed 's/^/     /' "$work/log" | tail -n 40
    fi
}
pages=("$source"/README.md "$source"/docs/*.md "$source"/docs/*/*.md)

# ---- pages that are made from tables and headers -----------------------------------------------------
check "generated pages are up to date" "$source/scripts/make-docs" --check "$build"

# ---- links ------------------------------------------------------------------------------------------
# Headings become anchors as GitHub makes them: small letters, blanks as hyphens, signs dropped.
links_lead_somewhere() {
    local page target file anchor status=0
    for page in "${pages[@]}" "$source"/*.md; do
        while IFS= read -r target; do
            [[ $target =~ ^[a-z]+: || $page == */opcodes.md ]] && continue
            file=${target%%#*} anchor=''
            [[ $target == *'#'* ]] && anchor=${target#*#}
            if [ -z "$file" ]; then file=$page; else file=$(dirname "$page")/$file; fi
            if [ ! -e "$file" ]; then
                echo "$page: there is no $target" && status=1
            elif [ -n "$anchor" ] && ! grep -E '^#+ ' "$file" | sed -E 's/^#+ //' |
                tr '[:upper:]' '[:lower:]' | sed -E 's/[^a-z0-9 _-]//g; s/ /-/g' |
                grep -qxF -- "$anchor"; then
                echo "$page: no heading for $target" && status=1
            fi
        done < <(awk '/^```/ { on = !on } !on' "$page" | sed -E 's/`[^`]*`/x/g' |
            grep -oE '\]\([^)]+\)' | sed -E 's/^\]\((.*)\)$/\1/')
    done
    return $status
}
check "links lead somewhere" links_lead_somewhere

# ---- the map of the code ----------------------------------------------------------------------------
# architecture.md names every folder of the sources, and no file that is not there.
map_is_right() {
    local page=$source/docs/architecture.md name status=0
    for name in "$source"/libkida/src/*/ "$source"/libchirp/src/*/; do
        name=$(basename "$name")
        grep -qE "^      ([a-z, ]+, )?$name(,| )" "$page" || { echo "no word on $name" && status=1; }
    done
    while IFS= read -r name; do
        compgen -G "$source/libkida/src/$name" >/dev/null ||
            compgen -G "$source/libchirp/src/$name" >/dev/null ||
            compgen -G "$source/lib*/include/$name" >/dev/null ||
            compgen -G "$source/$name" >/dev/null || { echo "there is no $name" && status=1; }
    done < <(grep -oE '[a-z_]+(/[a-z_*]+)+\.(c|h|def)' "$page" | sort -u)
    return $status
}
check "architecture.md fits the tree" map_is_right

# ---- commands ---------------------------------------------------------------------------------------
if command -v python3 >/dev/null; then
    for page in "${pages[@]}"; do
        grep -q '^```console' "$page" || continue
        folder=$work/console-$(basename "$page" .md)
        mkdir -p "$folder"
        in_folder() { cd "$folder" && PATH=$build/bin:$PATH python3 "$source/tests/docs/console.py" "$page"; }
        check "commands of $(basename "$page")" in_folder
    done
fi

# ---- C programs -------------------------------------------------------------------------------------
if grep -q '^KIDA_SANITIZE:.*=.' "$build/CMakeCache.txt"; then
    echo "a build with sanitizers is not for installing"
else
    prefix=$work/installed
    check "installs" cmake --install "$build" --prefix "$prefix"
    pc_dir=$(dirname "$(find "$prefix" -name kida.pc | head -n 1)")
    lib_dir=$(dirname "$pc_dir")
    export PKG_CONFIG_PATH=$pc_dir LD_LIBRARY_PATH=$lib_dir

    # The C blocks of a page up to one with main are a program; a text block behind it its output.
    for page in "${pages[@]}"; do
        awk -v base="$work/$(basename "$page" .md)" '
            /^```c$/ { on = 1; ended = 0; next }
            /^```text$/ && ended { texts = 1; printf "" > (base n ".wanted"); ended = 0; next }
            /^```/ && on { on = 0; if (whole) { n++; file = base n ".c"; printf "%s", code > file
                           close(file); code = ""; whole = 0; ended = 1 } next }
            /^```/ { texts = 0; next }
            on { code = code $0 "\n"; if ($0 ~ /^main\(|^int main\(/) whole = 1; next }
            texts { print > (base n ".wanted"); next }
            NF { ended = 0 }' "$page"
    done
    compiles() { # file
        local name=kida cflags libs
        if grep -q '<chirp/' "$1"; then name=chirp; fi
        cflags=$(pkg-config --cflags $name) && libs=$(pkg-config --libs $name) || return 1
        # shellcheck disable=SC2086
        cc -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror $cflags -o "${1%.c}" "$1" $libs -lpthread
    }
    runs() { # program
        (cd "$work" && timeout 20 "$1" >"$1.got") || { cat "$1.got" && return 1; }
        [ ! -e "$1.wanted" ] || diff "$1.wanted" "$1.got"
    }
    for file in "$work"/*.c; do
        [ -e "$file" ] || continue
        name=$(basename "$file" .c)
        if grep -q '<chirp/' "$file" && [ ! -e "$lib_dir/libchirp.so" ]; then
            continue
        fi
        check "$name compiles" compiles "$file"
        # A program that serves would not end by itself.
        if [ -e "${file%.c}" ] && ! grep -q 'chirp_run(' "$file"; then
            check "$name runs" runs "${file%.c}"
        fi
    done
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
