#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# demo.sh BUILD - drives the demonstration over a real socket: pages, fragments, form, JSON,
# refusals, pipelining, and a stop under load.
set -uo pipefail
build=$(realpath "${1:?folder of a build}")
source=$(realpath "$(dirname "$0")/../..")
program=${DEMO_PROGRAM:-$build/examples/readings}
work=$(mktemp -d)
child=

cleanup() {
    [ -n "$child" ] && kill -KILL "$child" 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT

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
        sed 's/^/     /' "$work/log" | head -n 12
    fi
}

start() { # arguments of the program…
    "$program" --port 0 --dir "$source/examples/readings" "$@" >"$work/out" 2>"$work/err" &
    child=$!
    for _ in $(seq 100); do
        base=$(grep -o 'http://[0-9.]*:[0-9]*' "$work/err" | head -n 1)
        [ -n "$base" ] && return 0
        kill -0 "$child" 2>/dev/null || break
        sleep 0.05
    done
    cat "$work/err"
    return 1
}

# has URL WANTED… : whether the answer, head and body, has every text.
has() {
    local url=$1
    shift
    curl -s -i -m 5 "${options[@]}" "$base$url" | tr -d '\r' >"$work/answer"
    local text
    for text in "$@"; do
        if ! grep -qF -- "$text" "$work/answer"; then
            echo "no '$text' in:"
            cat "$work/answer"
            return 1
        fi
    done
}

lacks() { # URL TEXT
    has "$1" "HTTP/1.1 200" && ! grep -qF -- "$2" "$work/answer"
}

# Sends bytes to the port and keeps what comes back in $work/raw until the server closes.
raw() {
    local port=${base##*:}
    exec 3<>"/dev/tcp/127.0.0.1/$port" || return 1
    printf "$1" >&3
    timeout 5 cat <&3 | tr -d '\r' >"$work/raw"
    exec 3<&- 3>&-
}

pipelined() {
    local host='HTTP/1.1\r\nHost: a\r\n'
    local last="GET /api/readings ${host}Connection: close\r\n\r\n"
    raw "GET /nope $host\r\nHEAD / $host\r\n${last}GET / $host\r\n"
    [ "$(grep -o 'HTTP/1.1 [0-9]*' "$work/raw" | tr '\n' ' ')" = \
        "HTTP/1.1 404 HTTP/1.1 200 HTTP/1.1 200 " ] && grep -q '^\[{"id":1' "$work/raw"
}

refused() {
    raw 'GET / HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n'
    [ "$(grep -c 'HTTP/1.1' "$work/raw")" = 1 ] && grep -q 'HTTP/1.1 400' "$work/raw"
}

kept_alive() {
    [ "$(curl -s -m 5 -o /dev/null -o /dev/null -w '%{num_connects} ' "$base/" "$base/")" = "1 0 " ]
}

# Every answer that was begun is whole, and the program ends by itself.
stops_under_load() {
    wrk -t1 -c16 -d3s "$base/" >"$work/wrk" 2>&1 &
    local load=$!
    sleep 1
    local begun=$SECONDS
    kill -TERM "$child"
    wait "$child"
    local status=$?
    child=
    kill -INT "$load" 2>/dev/null
    wait "$load" 2>/dev/null
    echo "status $status"
    cat "$work/wrk"
    [ "$status" -eq 0 ] && [ $((SECONDS - begun)) -le 5 ] &&
        ! grep -qE 'Non-2xx|read [1-9]' "$work/wrk"
}

if [ ! -x "$program" ]; then
    echo "FAIL $program is not built"
    exit 1
fi
options=()
check "starts" start --workers 2

check "page" has / "HTTP/1.1 200" "content-type: text/html; charset=utf-8" "<!doctype html>" \
    'id="readings"' "vary: HX-Request" "x-chirp-render-intent: full_page" "Server room"
options=(-H "HX-Request: true")
check "fragment" has / "HTTP/1.1 200" 'id="readings"' "x-chirp-render-intent: fragment"
check "fragment is no page" lacks / "<html"
options=(-d "sensor=2&value=warm" -H "HX-Request: true")
check "form with a mistake" has /readings "HTTP/1.1 422" "A reading is a number" 'value="warm"'
options=(-d "sensor=2&value=%3Cb%3E%22" -H "HX-Request: true")
check "form escapes" has /readings "HTTP/1.1 422" 'value="&lt;b&gt;&quot;"'
options=(-d "sensor=2&value=warm")
check "form with a mistake, whole page" has /readings "HTTP/1.1 422" "<!doctype html>" \
    "A reading is a number"
options=(-d "sensor=2&value=23.5" -H "HX-Request: true")
check "form for htmx" has /readings "HTTP/1.1 200" "hx-trigger: reading-added" "Saved."
options=(-d "sensor=2&value=23.5")
check "form for browsers" has /readings "HTTP/1.1 303" "location: /"
options=()
check "JSON" has /api/readings "HTTP/1.1 200" "application/json; charset=utf-8" '"name":"Boiler"'
check "typed parameter" has /sensors/3 "HTTP/1.1 200" "Server room" 'class="spark"'
check "no such sensor" has /sensors/99 "HTTP/1.1 404" "There is no such sensor"
check "404" has /nope "HTTP/1.1 404" "Back to the dashboard"
options=(-X DELETE)
check "405" has / "HTTP/1.1 405" "allow: GET, HEAD, OPTIONS"
options=(-I)
check "HEAD" has / "HTTP/1.1 200" "content-length: "
options=(--path-as-is)
check "style sheet" has /static/style.css "HTTP/1.1 200" "text/css" "cache-control: public"
check "htmx or what stands in for it" has /static/htmx.min.js "HTTP/1.1 200" "text/javascript"
check "no way out of the folder" has /static/../main.c "HTTP/1.1 400"
check "no way out, escaped" has /static/..%2fmain.c "HTTP/1.1 4"
options=()
check "keep-alive" kept_alive
check "pipelined requests" pipelined
check "a refused request" refused
check "stops under load" stops_under_load

start --workers 1 >/dev/null
port=${base##*:}
port_in_use() {
    "$program" --port "$port" --dir "$source/examples/readings" 2>&1 | tee "$work/second"
    grep -q 'address already in use' "$work/second" && ! grep -q listening "$work/second"
}
check "port in use is told" port_in_use
kill -TERM "$child" && wait "$child"
child=

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
