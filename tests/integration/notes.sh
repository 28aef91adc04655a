#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# notes.sh BUILD - drives the notes example: list, form errors, changes, and data that stays.
set -uo pipefail
build=$(realpath "${1:?folder of a build}")
source=$(realpath "$(dirname "$0")/../..")
. "$source/tests/support/app.sh"

program=${NOTES_PROGRAM:-$build/examples/notes}
run() { start "$program" --dir "$source/examples/notes" --db "sqlite:///$work/notes.db"; }
htmx=(-H "HX-Request: true")

check "starts, and makes its tables" run
check "list" has / "HTTP/1.1 200" "<!doctype html>" "Welcome" "Shopping" 'id="entry"'
options=("${htmx[@]}")
check "list for htmx" has / 'id="list"' "x-chirp-render-intent: fragment"
check "list is no page" lacks / "<html"
options=()
check "search" has "/?q=COFFEE" "Shopping"
check "search leaves the rest out" lacks "/?q=coffee" "Welcome"
check "search escapes" has '/?q=%22%3E%3Cb%3E' 'value="&quot;&gt;&lt;b&gt;"' "Nothing fits"
check "no injection" has "/?q=%27%29%20OR%201%3D1%20--" "Nothing fits"
check "style sheet" has /static/style.css "HTTP/1.1 200" "text/css"

options=(-d "title=&body=text")
check "title is required, page" has /notes "HTTP/1.1 422" "<!doctype html>" "A note needs a title" \
    "text</textarea>" "Shopping"
options=(-d "title=&body=text" "${htmx[@]}")
check "title is required, fragment" has /notes "HTTP/1.1 422" "A note needs a title" \
    "x-chirp-render-intent: fragment"
options=(-d "title=wElcome" "${htmx[@]}")
check "title is unique" has /notes "HTTP/1.1 422" "There is a note with this title already"
options=(-d "title=x&color=neon" "${htmx[@]}")
check "colour is one of some" has /notes "HTTP/1.1 422" "Must be one of: leaf, plain, rose, sky, sun"
options=(-H "Content-Type: application/json" -d "{}")
check "not a form" has /notes "HTTP/1.1 415"
options=(-d "title=Caf%C3%A9+%3Cb%3E&body=one%0Atwo&color=rose&pinned=true&id=1" "${htmx[@]}")
check "added" has /notes "HTTP/1.1 200" "hx-trigger: notes-changed" 'value=""'
options=()
check "added one is listed" has / "Café &lt;b&gt;" 'class="card rose" id="note-4"'
check "id can't be sent" has / "Welcome"

check "edit page" has /notes/4/edit "<!doctype html>" 'value="Café &lt;b&gt;"' 'selected>Rose' \
    'checked'
options=("${htmx[@]}")
check "edit in place" has /notes/4/edit 'form id="note-4"' "x-chirp-render-intent: fragment"
check "cancel" has /notes/4 'article class="card rose" id="note-4"'
options=(-d "title=&color=sky" "${htmx[@]}")
check "change needs a title" has /notes/4 "HTTP/1.1 422" 'form id="note-4"'
options=(-d "title=Changed&color=sky" "${htmx[@]}")
check "changed" has /notes/4 "HTTP/1.1 200" 'class="card sky"' "Changed" "☆ Pin"
options=(-d "title=Changed+again&color=sky")
check "changed by a browser" has /notes/4 "HTTP/1.1 303" "location: /"
options=(-X POST "${htmx[@]}")
check "pinned" has /notes/4/pin "HTTP/1.1 200" "hx-trigger: notes-changed"
check "deleted" has /notes/2/delete "HTTP/1.1 200"
check "deleted once" has /notes/2/delete "HTTP/1.1 404"
options=()
check "no such note" has /notes/2/edit "HTTP/1.1 404"
check "stops" stop
check "starts again" run
check "data has stayed" has / "Changed again" "★ Pinned"
check "deleted stays deleted" lacks / "Shopping"
check "stops again" stop

broken() {
    cp -r "$source/examples/notes" "$work/broken" &&
        echo "CREATE TABL x (y);" >"$work/broken/migrations/003_broken.sql"
    "$program" --port 0 --dir "$work/broken" --db "sqlite:///$work/notes.db" >"$work/out" 2>&1
    [ $? -eq 1 ] && cat "$work/out" && grep -q "migration 3 failed" "$work/out" &&
        grep -q "003_broken.sql:1" "$work/out" && ! grep -q listening "$work/out"
}
check "a broken migration stops the start" broken
finish
