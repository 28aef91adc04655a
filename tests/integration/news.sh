#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# news.sh BUILD - drives the news example against its own stand-in for an upstream, then against one
# that is not there.
set -uo pipefail
build=$(realpath "${1:?folder of a build}")
source=$(realpath "$(dirname "$0")/../..")
. "$source/tests/support/app.sh"

program=${NEWS_PROGRAM:-$build/examples/news}
run() { start "$program" --dir "$source/examples/news" --workers 1 "$@"; }

# Many at once on one worker, each of which asks the same worker again.
many() {
    local pids=() pid
    for i in $(seq 20); do
        curl -s -m 10 -o "$work/many-$i" "$base/story/1" &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do
        wait "$pid" || return 1
    done
    [ "$(cat "$work"/many-* | grep -c "Show me the code")" -eq 20 ]
}

check "starts" run --demo
check "front page" has / "HTTP/1.1 200" "Hypermedia &lt;still&gt; works" "4 comments" \
    'href="https://example.org/hypermedia"' 'href="/story/2"'
check "front page again" has / "Hypermedia &lt;still&gt; works"
options=(-H "HX-Request: true")
check "front page for htmx" has / "x-chirp-render-intent: fragment" 'class="stories"'
options=()
check "story" has /story/1 "HTTP/1.1 200" "It never stopped." "And it is fast &amp; small." "deleted"
check "comments of comments" grep -qzE 'alan</summary>.*ada</summary>.*alan</summary>.*edsger' \
    "$work/answer"
check "no markup of others" lacks /story/1 "<script>x"
check "story without comments" has /story/2 "Nobody has said anything yet." "just the shell?"
check "no such story" has /story/3 "HTTP/1.1 404" "There is no such story"
check "twenty at once" many
check "stops" stop

# Another process stands in for upstream, goes away and comes back on the same port.
upstream=
serve_upstream() { # PORT
    : >"$work/upstream"
    "$program" --demo --port "$1" --workers 1 --dir "$source/examples/news" 2>"$work/upstream" &
    upstream=$!
    until grep -q 'listening on' "$work/upstream"; do
        kill -0 "$upstream" 2>/dev/null || return 1
        sleep 0.05
    done
    upstream_url=$(sed -n 's/.*listening on \(http:[^ ]*\).*/\1/p' "$work/upstream" | head -n 1)
}
end_upstream() {
    kill -TERM "$upstream" && wait "$upstream"
}
trap '[ -n "$upstream" ] && kill -KILL "$upstream" 2>/dev/null; cleanup' EXIT

check "upstream of its own" serve_upstream 0
check "starts with it" run --upstream "$upstream_url/demo"
check "front page from there" has / "HTTP/1.1 200" "Hypermedia &lt;still&gt; works"
check "story from there" has /story/1 "HTTP/1.1 200" "And it is fast &amp; small."
check "upstream goes away" end_upstream
check "story says so" has /story/1 "HTTP/1.1 502" "does not answer"
check "front page is kept" has / "HTTP/1.1 200" "Hypermedia &lt;still&gt; works"
check "upstream comes back" serve_upstream "${upstream_url##*:}"
check "story is back" has /story/1 "HTTP/1.1 200" "And it is fast &amp; small."
check "ends" stop
end_upstream
upstream=

check "starts without an upstream" run --upstream http://127.0.0.1:1
check "says so" has / "HTTP/1.1 502" "The news are not to be had" "does not answer"
check "stops too" stop
finish
