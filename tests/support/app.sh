# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# app.sh - sourced by the tests that drive an example over a socket: start, ask, check, count.

work=$(mktemp -d)
child=
passed=0
failed=0
options=()

cleanup() {
    [ -n "$child" ] && kill -KILL "$child" 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT

check() { # label command…
    local label=$1
    shift
    if "$@" >"$work/log" 2>&1; then
        passed=$((passed + 1))
        echo "ok   $label"
    else
        failed=$((failed + 1))
        echo "FAIL $label"
        sed 's/^/     /' "$work/log" | head -n 20
    fi
}

start() { # program arguments…: sets base
    : >"$work/err" # what an earlier program has said must not be taken for its answer
    "$@" --port 0 >"$work/out" 2>"$work/err" &
    child=$!
    for _ in $(seq 200); do
        # Other addresses, such as that of an upstream, may stand in front of its own.
        base=$(sed -n 's/.*listening on \(http:[^ ]*\).*/\1/p' "$work/err" | head -n 1)
        [ -n "$base" ] && return 0
        kill -0 "$child" 2>/dev/null || break
        sleep 0.05
    done
    cat "$work/err"
    return 1
}

stop() { # the program ends well
    kill -TERM "$child"
    wait "$child"
    local status=$?
    child=
    return "$status"
}

# has PATH WANTED… : whether the answer, head and body, has every text. curl gets ${options[@]}.
has() {
    local path=$1 text
    shift
    curl -s -i -m 10 "${options[@]}" "$base$path" | tr -d '\r' >"$work/answer"
    for text in "$@"; do
        if ! grep -qF -- "$text" "$work/answer"; then
            echo "no '$text' in:"
            cat "$work/answer"
            return 1
        fi
    done
}

lacks() { # PATH TEXT
    has "$1" "HTTP/1.1 200" && ! grep -qF -- "$2" "$work/answer"
}

finish() {
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}
