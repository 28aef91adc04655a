#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# examples.sh BUILD [NAME…] - installs a build, builds each example outside the tree against it, as
# a user would who has copied its folder, and drives it: page, fragment, errors, events.
set -uo pipefail
build=$(realpath "${1:?folder of a build}")
shift
source=$(realpath "$(dirname "$0")/../..")
. "$source/tests/support/app.sh"

if grep -q '^KIDA_SANITIZE:.*=.' "$build/CMakeCache.txt"; then
    echo "a build with sanitizers is not for installing"
    exit 0
fi
export CHIRP_PORT=0
export CHIRP_SECRET_KEY='a key for tests alone, and no other use'
htmx=(-H "HX-Request: true")

# ---- building and running ------------------------------------------------------------------------

# The folder of an example, copied; two commands build it.
outside() { # NAME
    cp -r "$source/examples/$1" "$work/$1" && rm -rf "$work/$1/build" &&
        cmake -S "$work/$1" -B "$work/$1/build" -DCMAKE_PREFIX_PATH="$work/prefix" \
            -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS=-Werror && cmake --build "$work/$1/build"
}

run() { # NAME [argument…]: in its own folder
    local name=$1
    shift
    cd "$work/$name" && start "$work/$name/build/$name" "$@"
}

# In debug mode an app is checked before it starts; a good one has nothing to be told.
is_clean() { # NAME [argument…]
    CHIRP_DEBUG=1 run "$@" && stop && ! grep 'chirp: \(warning\|error\) \[' "$work/err"
}

# events PATH WANTED [option of curl…]: what a stream sends up to a line that fits the regular
# expression; it is in $work/events then.
events() {
    local path=$1 wanted=$2 reader line seen=1
    shift 2
    exec 4< <(exec curl -sN -m 20 "$@" "$base$path")
    reader=$!
    : >"$work/events"
    while IFS= read -r line <&4; do
        printf '%s\n' "$line" >>"$work/events"
        [[ $line =~ $wanted ]] && seen=0 && break
    done
    kill "$reader" 2>/dev/null
    exec 4<&-
    [ "$seen" -eq 0 ] || cat "$work/events"
    return "$seen"
}

# ---- the examples --------------------------------------------------------------------------------

test_hello() {
    check "hello: page" has / "HTTP/1.1 200" "<!doctype html>" "Hello, world!" 'integrity="sha384-'
    check "hello: style sheet" has /static/style.css "HTTP/1.1 200" "text/css"
    check "hello: a name, escaped" has "/?name=%3Cb%3EAda" "Hello, &lt;b&gt;Ada!"
    options=("${htmx[@]}")
    check "hello: fragment" has "/?name=Ada" "x-chirp-render-intent: fragment" "Hello, Ada!"
    check "hello: fragment is no page" lacks "/?name=Ada" "<html"
}

test_todo() {
    check "todo: page" has / "HTTP/1.1 200" "<!doctype html>" "Add a thing" "All <b>2</b>"
    options=("${htmx[@]}" -d "title=Water+%3Cb%3E")
    check "todo: added, with counters out of band" has "/todos?show=open" "HTTP/1.1 200" \
        "Water &lt;b&gt;" 'id="counts" hx-swap-oob="innerHTML"' "Open <b>2</b>" \
        'id="entry" hx-swap-oob="innerHTML"'
    options=("${htmx[@]}" -d "title=")
    check "todo: needs a text" has /todos "HTTP/1.1 422" "hx-retarget: #entry" \
        "Write what is to be done"
    options=(-d "title=")
    check "todo: needs a text, page" has /todos "HTTP/1.1 422" "<!doctype html>" \
        "Write what is to be done"
    options=("${htmx[@]}" -d "title=$(printf 'x%.0s' {1..130})")
    check "todo: not too long" has /todos "HTTP/1.1 422" "That is too long"
    options=("${htmx[@]}" -X POST)
    check "todo: toggled" has "/todos/3/toggle?show=done" 'aria-checked="true"' "Done <b>2</b>"
    check "todo: deleted" has "/todos/1/delete?show=all" "All <b>2</b>"
    check "todo: deleted once" has "/todos/1/delete" "HTTP/1.1 404" "There is no such thing"
    check "todo: cleared" has "/clear" "All <b>1</b>" "Done <b>0</b>"
    options=(-d "title=Plain")
    check "todo: browsers are sent back" has "/todos?show=open" "HTTP/1.1 303" \
        "location: /?show=open"
    options=("${htmx[@]}")
    check "todo: a filter" has "/?show=done" "x-chirp-render-intent: fragment" "Nothing here."
}

test_contacts() {
    check "contacts: page" has / "HTTP/1.1 200" "<!doctype html>" "Ada Lovelace" "3 contacts"
    options=("${htmx[@]}")
    check "contacts: editor, fragment" has /contacts/1/edit "x-chirp-render-intent: fragment" \
        'value="Ada Lovelace"' 'id="contact-1"'
    options=()
    check "contacts: editor, page" has /contacts/1/edit "<!doctype html>" 'value="Ada Lovelace"'
    options=("${htmx[@]}" -d "name=&email=nowhere&phone=call+me")
    check "contacts: errors" has /contacts "HTTP/1.1 422" "What is the name?" \
        "Must be a valid email address" "Digits, spaces, + and brackets only"
    options=(-d "name=&email=nowhere")
    check "contacts: errors, page" has /contacts "HTTP/1.1 422" "<!doctype html>" "Grace Hopper"
    options=("${htmx[@]}" -d "name=Ada&email=ALAN@example.org")
    check "contacts: one address, one contact" has /contacts/1 "HTTP/1.1 422" \
        "Somebody has this address already"
    options=("${htmx[@]}" -d "name=Ada+%3Cb%3E&email=ada@example.net")
    check "contacts: changed" has /contacts/1 "HTTP/1.1 200" "Ada &lt;b&gt;" "<li"
    options=("${htmx[@]}" -d "name=Edsger&email=edsger@example.org")
    check "contacts: added" has /contacts "HTTP/1.1 200" 'id="list" hx-swap-oob="innerHTML"' \
        "Edsger" "4 contacts"
    options=("${htmx[@]}" -X POST)
    check "contacts: deleted" has /contacts/2/delete "HTTP/1.1 200" "3 contacts"
    check "contacts: deleted once" has /contacts/2/delete "HTTP/1.1 404" "There is no such contact"
    options=(-d "name=Ada&email=ada@example.net")
    check "contacts: browsers are sent back" has /contacts/1 "HTTP/1.1 303" "location: /"
    check "contacts: stop" stop
    check "contacts: start again" run contacts
    options=()
    check "contacts: have stayed" has / "Edsger" "3 contacts"
}

say() { # name text
    options=("${htmx[@]}" --data-urlencode "name=$1" --data-urlencode "text=$2")
    has /messages "HTTP/1.1 200" 'value=""'
}

talk() {
    events /events "Is anybody there?" &
    local listener=$!
    # A listener is there when the page counts it.
    until curl -s -m 5 "$base/?name=x" | grep -q '>1 here<'; do sleep 0.05; done
    say "Ada <b>" "Is anybody there?" && wait "$listener" && cat "$work/events" &&
        grep -q '^id: 1$' "$work/events" && grep -q 'Ada &lt;b&gt;' "$work/events" &&
        grep -q '^data: 1 here$' "$work/events"
}

missed() { # a client that has seen the first message
    events /events "Second" -H "Last-Event-ID: 1" && grep -q '^event: message$' "$work/events" &&
        ! grep -q 'Is anybody there' "$work/events"
}

test_chat() {
    check "chat: page without a name" has / "<!doctype html>" "Your name"
    check "chat: page with a name" has "/?name=Ada" 'sse-connect="/events"' 'value="Ada"'
    check "chat: what one says, another hears" talk
    check "chat: says it again" say Alan "Second"
    check "chat: a new one gets all" events /events "Second"
    check "chat: in one event" grep -q '^event: history$' "$work/events"
    check "chat: one who was away gets the rest" missed
    options=("${htmx[@]}" -d "name=Ada&text=")
    check "chat: needs a text" has /messages "HTTP/1.1 422" "hx-retarget: #entry" "Say something"
    options=("${htmx[@]}" -d "text=hello")
    check "chat: needs a name" has /messages "HTTP/1.1 422" "Please say who you are"
    options=(--data-urlencode "name=Ada & Co" -d "text=Third")
    check "chat: browsers are sent back" has /messages "HTTP/1.1 303" \
        "location: /?name=Ada%20%26%20Co"
    options=()
    check "chat: stop" stop
    check "chat: start again" run chat
    check "chat: what was said before is there" missed
}

test_dashboard() {
    # Both blocks come behind the end of the shell, each in the order of its readiness.
    check "dashboard: shell and blocks" has / "HTTP/1.1 200" "The chart is coming" \
        "Cake &lt;of the day&gt;" "most of them at 19"
    check "dashboard: in that order" grep -qzE \
        'The chart is coming.*</html>.*_chirp_d_sales.*Coffee.*_chirp_d_visits.*<svg' "$work/answer"
    options=("${htmx[@]}")
    check "dashboard: out of band for htmx" has / 'id="sales" hx-swap-oob="true"' \
        'id="visits" hx-swap-oob="true"'
    options=()
    check "dashboard: numbers" events /live "Up for"
    check "dashboard: as a block" grep -q '^event: fragment$' "$work/events"
}

test_search() {
    check "search: page" has / "HTTP/1.1 200" "<!doctype html>" "118 of 118" "Hydrogen"
    check "search: plain GET" has "/?q=SIL" "2 of 118" "<mark>Sil</mark>icon" 'value="SIL"'
    options=("${htmx[@]}")
    check "search: fragment" has "/?q=26" "x-chirp-render-intent: fragment" "Iron" "1 of 118"
    check "search: escaped" has "/?q=%22%3E%3Cb" "called “&quot;&gt;&lt;b”"
    options=("${htmx[@]}" -H "HX-History-Restore-Request: true")
    check "search: going back asks for the page" has "/?q=sil" "<!doctype html>" 'value="sil"'
    options=("${htmx[@]}")
    check "search: bytes that are no text" has "/?q=%ff" "HTTP/1.1 200" "0 of 118"
    check "search: too long" has "/?q=$(printf 'x%.0s' {1..70})" "HTTP/1.1 400" "as long as that"
}

test_upload() {
    head -c 100000 /dev/urandom >"$work/small.bin"
    head -c 5000000 /dev/zero >"$work/large.bin"
    head -c 13000000 /dev/zero >"$work/huge.bin"
    check "upload: page" has / "<!doctype html>" "4.0 MiB each" "12.0 MiB together"
    options=("${htmx[@]}" -F "files=@$work/small.bin" -F "files=@$work/large.bin")
    check "upload: one kept, one too large" has /upload "HTTP/1.1 422" "small.bin has been kept" \
        "large.bin is too large" 'id="list" hx-swap-oob="innerHTML"' "97.7 KiB"
    check "upload: byte for byte" cmp "$work/small.bin" "$work/upload/uploads/small.bin"
    options=("${htmx[@]}" -F "files=@$work/small.bin")
    check "upload: never over another" has /upload "HTTP/1.1 422" "small.bin is there already"
    options=("${htmx[@]}" -F "files=@$work/small.bin;filename=../../up<b>.txt")
    check "upload: names are made safe" has /upload "HTTP/1.1 200" "up&lt;b&gt;.txt has been kept"
    check "upload: in the folder" test -f "$work/upload/uploads/up<b>.txt"
    options=("${htmx[@]}" -F "files=@$work/huge.bin")
    check "upload: too much" has /upload "HTTP/1.1 413"
    options=("${htmx[@]}" -F "note=x")
    check "upload: nothing chosen" has /upload "HTTP/1.1 422" "Choose a file"
    options=("${htmx[@]}" -d "files=x")
    check "upload: no such form" has /upload "HTTP/1.1 415"
    options=(-F "files=@$work/small.bin;filename=plain.bin")
    check "upload: browsers are sent back" has /upload "HTTP/1.1 303" "location: /"
    options=(-F "files=@$work/small.bin;filename=plain.bin")
    check "upload: errors, page" has /upload "HTTP/1.1 422" "<!doctype html>" "is there already"
    options=(-o "$work/back.bin")
    check "upload: downloads" curl -sf -m 10 "${options[@]}" "$base/files/small.bin"
    check "upload: the same bytes" cmp "$work/small.bin" "$work/back.bin"
    options=(-I)
    check "upload: as attachments" has /files/plain.bin "content-disposition: attachment" \
        "x-content-type-options: nosniff"
    options=()
    check "upload: nothing half done is left" test -z \
        "$(find "$work/upload/uploads" -name '.upload-*')"
}

test_wizard() {
    local jar=(-b "$work/jar" -c "$work/jar")
    options=("${jar[@]}")
    check "wizard: first step" has / "HTTP/1.1 200" "<!doctype html>" "Who is coming?"
    check "wizard: steps can't be skipped" has /review "HTTP/1.1 303" "location: /"
    options=("${jar[@]}" -d "name=&email=x")
    check "wizard: errors, page" has / "HTTP/1.1 422" "<!doctype html>" "Please say who you are" \
        "Must be a valid email address"
    options=("${jar[@]}" "${htmx[@]}" -H "HX-Boosted: true" -d "name=&email=x")
    check "wizard: errors, fragment" has / "HTTP/1.1 422" "hx-push-url: false" \
        "x-chirp-render-intent: fragment"
    options=("${jar[@]}" -d "name=Ada+%3Cb%3E" -d "email=ada@example.org")
    check "wizard: first step done" has / "HTTP/1.1 303" "location: /course" "HttpOnly"
    options=("${jar[@]}")
    check "wizard: second step" has /course "Which course, Ada &lt;b&gt;?"
    check "wizard: answers are still there" has / 'value="ada@example.org"'
    options=("${jar[@]}" -d "course=knitting")
    check "wizard: one of the courses" has /course "HTTP/1.1 422" "Must be one of"
    options=("${jar[@]}" -d "course=pottery&lunch=true&name=Mallory")
    check "wizard: second step done" has /course "HTTP/1.1 303" "location: /review"
    options=("${jar[@]}")
    check "wizard: review" has /review "Ada &lt;b&gt;" "Pottery" "<dd>yes</dd>"
    options=("${jar[@]}" -X POST)
    check "wizard: registered" has /review "HTTP/1.1 303" "location: /done"
    options=("${jar[@]}")
    check "wizard: number" has /done "R-0001"
    options=("${jar[@]}" -X POST)
    check "wizard: not twice" has /review "HTTP/1.1 303" "location: /"
    options=(-H "Cookie: chirp_session=v1.eyJuYW1lIjoiQSIsImVtYWlsIjoiQiIsImNvdXJzZSI6MX0.1.x")
    check "wizard: made-up sessions are none" has /review "HTTP/1.1 303" "location: /"
}

token() { # of the form at a path
    curl -s -m 10 "${jar[@]}" "$base$1" | sed -n 's/.*_csrf_token" value="\([^"]*\)".*/\1/p' | head -n 1
}

test_login() {
    local jar=(-b "$work/cookies" -c "$work/cookies") proof
    check "login: page for everybody" has / "HTTP/1.1 200" "Welcome"
    check "login: guarded" has "/members?a=b" "HTTP/1.1 302" \
        "location: /login?next=%2Fmembers%3Fa%3Db"
    options=("${htmx[@]}")
    check "login: guarded, for htmx" has /members "HTTP/1.1 200" "hx-redirect: /login"
    options=(-d "name=ada&password=long+enough")
    check "login: forms of others are refused" has /signup "HTTP/1.1 403"
    proof=$(token /signup)
    options=("${jar[@]}" -d "name=a+b&password=short" -d "_csrf_token=$proof")
    check "login: errors, page" has /signup "HTTP/1.1 422" "<!doctype html>" "2 to 30 letters" \
        "Must be at least 10 characters"
    check "login: passwords are not sent back" lacks_too 'value="short"'
    options+=("${htmx[@]}")
    check "login: errors, fragment" has /signup "HTTP/1.1 422" "x-chirp-render-intent: fragment"
    options=("${jar[@]}" -d "name=ada&password=long+enough&next=//evil.example" \
        -d "_csrf_token=$proof")
    check "login: signed up" has /signup "HTTP/1.1 303" "location: /members" "HttpOnly"
    options=("${jar[@]}")
    check "login: members" has /members "HTTP/1.1 200" "You are <strong>ada</strong>"
    proof=$(token /members)
    options=("${jar[@]}" -d "_csrf_token=$proof")
    check "login: out" has /logout "HTTP/1.1 303" "location: /"
    options=("${jar[@]}")
    check "login: is out" has /members "HTTP/1.1 302"
    proof=$(token /login)
    options=("${jar[@]}" -d "name=Ada&password=long+enough" -d "_csrf_token=$proof")
    check "login: a name is taken" has /signup "HTTP/1.1 422" "That name is taken"
    check "login: in" has /login "HTTP/1.1 303" "location: /members"
    options=("${jar[@]}" -d "name=eve&password=guess" -d "_csrf_token=$(token /login)")
    for _ in 1 2 3 4 5; do has /login "HTTP/1.1 422" "Wrong name or password" || break; done
    check "login: locked after five" has /login "HTTP/1.1 429" "Too many tries"
}

lacks_too() { # TEXT: not in the answer before
    ! grep -qF -- "$1" "$work/answer"
}

test_kanban() {
    check "kanban: page" has / "<!doctype html>" "Choose a colour" 'id="count-1">2<'
    options=("${htmx[@]}" -d "to=2")
    check "kanban: moved" has /cards/1/move "HTTP/1.1 200" 'id="cards-2" hx-swap-oob="beforeend"' \
        'id="count-1" hx-swap-oob="true">1<' 'id="count-2" hx-swap-oob="true">2<'
    check "kanban: moved, another" has /cards/2/move 'id="count-2" hx-swap-oob="true">3<'
    check "kanban: full" has /cards/4/move "HTTP/1.1 409" "That column is full" \
        "hx-retarget: #chirp-error"
    options=(-d "to=2")
    check "kanban: full, page" has /cards/4/move "HTTP/1.1 409" "That column is full"
    options=()
    check "kanban: nothing half done" has / 'id="count-2">3<' 'id="count-3">1<'
    options=("${htmx[@]}" -d "to=8")
    check "kanban: no such column" has /cards/4/move "HTTP/1.1 404"
    options=("${htmx[@]}" -d "title=%3Cb%3Enew")
    check "kanban: added" has /cards "&lt;b&gt;new" 'id="entry" hx-swap-oob="innerHTML"'
    options=("${htmx[@]}" -d "title=")
    check "kanban: needs a title" has /cards "HTTP/1.1 422" "hx-retarget: #entry" \
        "What is on the card?"
    options=("${htmx[@]}" -d "to=0")
    check "kanban: removed" has /cards/4/move 'id="count-3" hx-swap-oob="true">0<'
    options=(-d "to=3")
    check "kanban: browsers are sent back" has /cards/3/move "HTTP/1.1 303" "location: /"
}

test_notes() {
    check "notes: page" has / "HTTP/1.1 200" "Welcome"
}

higher_than() { # NUMBER: the score of the first story, in time
    awk -v was="$1" -F '[<>]' '/points-1/ && $3 + 0 > was + 0 { found = 1; exit }
        END { exit !found }' < <(exec curl -sN -m 20 "$base/scores")
}

test_news() {
    check "news: page" has / "HTTP/1.1 200" 'sse-connect="/scores"' 'id="points-1"'
    check "news: scores" events /scores 'id="points-1".* hx-swap-oob="true">'
    local first
    first=$(grep -o 'points-1.*' "$work/events" | grep -oE '>[0-9]+<' | tr -d '<>')
    check "news: scores change" higher_than "$first"
    check "news: story" has /story/1 "Quite so."
}

check "installs" cmake --install "$build" --prefix "$work/prefix"
export LD_LIBRARY_PATH
LD_LIBRARY_PATH=$(dirname "$(find "$work/prefix" -name 'libchirp.*' | head -n 1)")
names=("$@")
[ $# -gt 0 ] || names=(hello todo contacts chat dashboard search upload login wizard kanban notes news)
for name in "${names[@]}"; do
    arguments=()
    [ "$name" = news ] && arguments=(--demo --workers 1)
    options=()
    check "$name: builds outside the tree" outside "$name"
    check "$name: has no mistakes" is_clean "$name" "${arguments[@]}"
    check "$name: starts" run "$name" "${arguments[@]}" || continue
    "test_$name"
    options=()
    check "$name: stops" stop
done
finish
