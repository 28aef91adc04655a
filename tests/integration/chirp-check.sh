#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# chirp-check.sh BUILD - `chirp check`: a clean application is passed in silence; then one mistake after
# the other of checked/mistakes.tsv is seeded into it, and each is found with its rule, file, line and
# hint. In debug mode they are found at the start, too.
set -uo pipefail
build=$(realpath "${1:?folder of a build}")
source=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
server=
finish() {
    [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null
    rm -rf "$work"
}
trap finish EXIT
passed=0
failed=0
ok() { passed=$((passed + 1)) && echo "ok   $1"; }
fail() { failed=$((failed + 1)) && echo "FAIL $1" && printf '%s\n' "${@:2}" | sed 's/^/     /'; }

if grep -q '^KIDA_SANITIZE:.*=.' "$build/CMakeCache.txt"; then
    echo "a build with sanitizers is not for installing"
    exit 0
fi
cmake --install "$build" --prefix "$work/usr" >/dev/null || exit 1
[ -n "$(find "$work/usr" -name 'libchirp.so*')" ] || { echo "no shared library" && exit 0; }
PKG_CONFIG_PATH=$(dirname "$(find "$work/usr" -name chirp.pc)")
export PATH=$work/usr/bin:$PATH PKG_CONFIG_PATH

compile() {
    # shellcheck disable=SC2046
    cc -std=c11 -Wall -Wextra -Werror -shared -fPIC $(pkg-config --cflags chirp) -o app.so app.c \
        $(pkg-config --libs chirp)
}
clean() {
    rm -rf "$work/app" && cp -r "$source/checked" "$work/app" && cd "$work/app" || exit 1
    if [ -e "$work/app.so" ]; then cp "$work/app.so" .; else compile && cp app.so "$work"; fi
}

# ---- silence ----------------------------------------------------------------------------------------
clean || exit 1
got=$(chirp check app.so --warnings-as-errors --format json)
code=$?
if [ "$code" -eq 0 ] && [[ $got == *'"issues": [],'* ]]; then ok "clean"; else fail "clean" "$got"; fi
if [[ $(chirp check app.so) == *"✓  All clear"* ]]; then ok "clean, as text"; else fail "clean, as text"; fi

# ---- one mistake after the other --------------------------------------------------------------------
count=0
seen=$work/seen
while IFS=$'\t' read -r severity rule file line edit message hint; do
    case $severity in '#'* | '') continue ;; esac
    count=$((count + 1))
    label="$severity $rule: $file $edit"
    clean || exit 1
    if [ -e "$file" ]; then
        cp "$file" "$work/before"
        sed -i -e "$edit" "$file"
        cmp -s "$file" "$work/before" && fail "$label: changes nothing" && continue
    else
        echo "$edit" >"$file"
    fi
    case $file in *.c) compile || { fail "$label: does not compile" && continue; } ;; esac
    got=$(chirp check app.so --format json)
    code=$?
    want=0
    [ "$severity" = error ] && want=1
    echo "$severity $rule" >>"$seen"
    if ! SEVERITY=$severity RULE=$rule FILE=$file LINE=$line MESSAGE=$message HINT=$hint \
        python3 "$source/checked/found.py" <<<"$got"; then
        fail "$label" "$got"
    elif [ "$severity" = error ] && [ "$code" -ne "$want" ]; then
        fail "$label: exit code $code"
    else
        ok "${label:0:110}"
    fi
done <"$source/checked/mistakes.tsv"
[ "$count" -ge 25 ] && ok "$count mistakes" || fail "only $count mistakes"

# Every row of the table of rules has its mistake.
missing=$(tr '\n' ' ' <"$source/../../libchirp/src/app/check_rules.def" | sed 's/CH_RULE(/\n&/g' |
    sed -nE 's/^CH_RULE\([A-Z0-9_]+, "([^"]+)", ([A-Z]+),.*/\L\2\E \1/p' | sort -u |
    comm -23 - <(sort -u "$seen"))
[ -z "$missing" ] && ok "every rule has a mistake" || fail "rules without a mistake" "$missing"

# ---- text and exit codes ----------------------------------------------------------------------------
clean
sed -i 's/hx-boost="true"/hx-boost="yes"/' templates/base.html
chirp check app.so >/dev/null && ok "a warning passes" || fail "a warning passes"
chirp check app.so -W >/dev/null && fail "-W" || ok "-W: a warning fails"
sed -i '14s/#list/#lst/; 9s/hx-post=".items"/hx-post="\/nope"/' templates/page.html
text=$(chirp check app.so)
[[ $text == *'▲  hx-boost:'*'in templates/base.html:7'* ]] && ok "the text names file and line" ||
    fail "text" "$text"
[[ $text == *'✗  target:'*'▲  hx-'* ]] && ok "errors come first" || fail "errors come first" "$text"
chirp check nothing.so >/dev/null 2>&1
[ $? -eq 1 ] && ok "no app: 1" || fail "no app: 1"
chirp check >/dev/null 2>&1
[ $? -eq 2 ] && ok "wrong use: 2" || fail "wrong use: 2"

# ---- scenario 16: at the start of a debug app -------------------------------------------------------
run() { # variables… program…: ends with its code, or is ended when it serves
    env CHIRP_PORT=0 CHIRP_WORKERS=1 "$@" >"$work/out" 2>"$work/err" &
    server=$!
    for _ in $(seq 600); do
        kill -0 "$server" 2>/dev/null || break
        grep -q 'listening' "$work/err" && break
        sleep 0.05
    done
    kill "$server" 2>/dev/null
    wait "$server"
    code=$?
    server=
}
run CHIRP_DEBUG=true chirp run app.so
if [ "$code" -eq 1 ] && grep -q 'target' "$work/err" && grep -q '2 errors\|1 error' "$work/err"; then
    ok "scenario 16: a debug app with a mistake does not start"
else
    fail "scenario 16: ended with $code" "$(cat "$work/err")"
fi
run CHIRP_DEBUG=true CHIRP_SKIP_CONTRACT_CHECKS=true chirp run app.so
[ "$code" -eq 0 ] && ok "scenario 16: it serves without the check" ||
    fail "scenario 16: skip ended with $code" "$(cat "$work/err")"
run CHIRP_DEBUG=false chirp run app.so
[ "$code" -eq 0 ] && ok "scenario 16: in production nothing is checked" ||
    fail "scenario 16: production ended with $code" "$(cat "$work/err")"

# ---- the examples, in debug mode --------------------------------------------------------------------
for program in "$build"/examples/*; do
    name=$(basename "$program")
    [ -x "$program" ] && [ -d "$source/../../examples/$name/templates" ] || continue
    cp -r "$source/../../examples/$name" "$work/$name" && cd "$work/$name" || exit 1
    run CHIRP_DEBUG=true CHIRP_SECRET_KEY='a key for tests alone, and no other use' \
        CHIRP_DATABASE_URL=sqlite:///:memory: UPLOAD_DIR="$work/$name" "$program"
    grep -qF 'chirp: error [' "$work/err" && fail "example $name" "$(cat "$work/err")" ||
        ok "example $name"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
