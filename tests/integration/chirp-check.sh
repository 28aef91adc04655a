#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# chirp-check.sh BUILD - `chirp check`: a clean application is passed in silence; then one mistake
# after the other is seeded into it, and each is found with its rule, file, line and hint.
set -uo pipefail
build=$(realpath "${1:?folder of a build}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
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

mkdir -p "$work/app/templates" "$work/app/static"
cd "$work/app" || exit 1
echo 'body{}' >static/style.css
cat >app.c <<'C'
#include <chirp/chirp.h>
static chirp_reply *
answer(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_empty(req, 204);
}
static chirp_app *
create(const chirp_config *config, kida_error *err)
{
    static const char *const events[] = { "score", NULL };
    const chirp_route_def routes[] = {
        { .path = "/", .handler = answer, .name = "home", .template_name = "page.html",
          .block = BLOCK },
        { .methods = "GET|POST", .path = "/items", .handler = answer, .name = "items" },
        { .methods = "DELETE", .path = "/items/{id:int}", .handler = answer, .name = "item" },
        { .path = "/live", .handler = answer, .events = events },
        { .path = "/search", .handler = answer, .is_referenced = true },
        { .path = "/about", .handler = answer, .template_name = TEMPLATE },
    };
    chirp_app *app = chirp_app_new(config, err);
    for (size_t i = 0; app && i < sizeof(routes) / sizeof(routes[0]); i++)
        (void)chirp_route_add(app, &routes[i], err);
    return app;
}
CHIRP_MODULE(create)
C
module() { # block template
    # shellcheck disable=SC2046
    cc -std=c11 -Wall -Werror -shared -fPIC -DBLOCK="\"$1\"" -DTEMPLATE="\"$2\"" \
        $(pkg-config --cflags chirp) -o app.so app.c $(pkg-config --libs chirp)
}
clean() {
    cat >templates/base.html <<'T'
<!doctype html>
<html lang="en">
<head><title>Items</title><link rel="stylesheet" href="/static/style.css"></head>
<body>
<nav><a href="{{ url_for('home') }}">Home</a> <a href="/items?page=2">Items</a> <a href="/about">About</a></nav>
{% block content %}{% end %}
</body>
</html>
T
    cat >templates/page.html <<'T'
{% extends "base.html" %}
{% from "parts.html" import card %}
{% block content %}
<a href="#list">Skip</a>
<div id="list" hx-get="/items" hx-trigger="load" hx-target="#list" hx-swap="innerHTML">…</div>
<form method="post" action="/items" hx-post="/items" hx-target="#list" hx-vals='{"a": 1}'>
  <label for="title">Title</label> <input id="title" name="title">
  <button hx-delete="/items/7" hx-confirm="Sure?" hx-indicator="#busy">Delete</button>
</form>
<span id="busy">…</span>
<div hx-ext="sse" sse-connect="/live"><p sse-swap="score" hx-target="this"></p></div>
{{ card("Milk") }}
{% include "footer.html" %}
{% end %}
T
    echo '{% def card(title) %}<p>{{ title }}</p>{% end %}' >templates/parts.html
    echo '<footer id="foot-{{ 1 + 1 }}">end</footer>' >templates/footer.html
    echo '{% extends "base.html" %}{% block content %}<h1>About</h1>{% end %}' >templates/about.html
}

module content about.html || exit 1
clean
got=$(chirp check app.so --warnings-as-errors --format json)
code=$?
if [ "$code" -eq 0 ] && [[ $got == *'"issues": [],'* ]]; then ok "clean"; else fail "clean" "$got"; fi

# seed severity rule line part-of-the-message part-of-the-hint text: added to page.html before its end
kinds=0
look() { # label severity rule line message hint
    kinds=$((kinds + 1))
    local got code
    got=$(chirp check app.so --format json)
    code=$?
    if WANT_SEVERITY=$2 WANT_RULE=$3 WANT_LINE=$4 WANT_MESSAGE=$5 WANT_HINT=$6 python3 -c '
import json, os, sys
e = os.environ
found = json.load(sys.stdin)["issues"]
for i in found:
    if (i["severity"], i["rule"], str(i["line"] or "null")) == (e["WANT_SEVERITY"], e["WANT_RULE"], e["WANT_LINE"]) \
            and e["WANT_MESSAGE"] in i["message"] and e["WANT_HINT"] in (i["hint"] or "") \
            and (not i["line"] or i["file"].endswith("page.html")):
        sys.exit(0)
sys.exit(1)' <<<"$got"; then
        if [ "$code" -eq "$([ "$2" = error ] && echo 1 || echo 0)" ]; then ok "$1"; else
            fail "$1: exit code $code"; fi
    else
        fail "$1" "$got"
    fi
}
seed() { # severity rule message hint text
    clean
    sed -i '$d' templates/page.html
    printf '%s\n{%% end %%}\n' "$5" >>templates/page.html
    look "$2: ${5:0:60}" "$1" "$2" 14 "$3" "$4"
}

seed error target 'leads to no route' 'did you mean "/items"' '<button hx-get="/itms">x</button>'
seed error target 'hx-post="/nope"' '' '<button hx-post="/nope">x</button>'
seed error target 'action="/nope"' '' '<form action="/nope"><button>x</button></form>'
seed error method 'sends PUT' 'mend the method' '<button hx-put="/items">x</button>'
seed error method 'sends POST, but the route takes GET' '' \
    '<form method="post" action="/search"><button>x</button></form>'
seed warning link 'href="/abuot"' 'did you mean "/about"' '<a href="/abuot">x</a>'
seed warning static 'there is no such file' 'add the file' '<img alt="" src="/static/no.png">'
seed warning script-url 'javascript:' 'button' '<a href="javascript:go()">x</a>'
seed error route-name 'no route is named "itmes"' 'did you mean "items"' '<a href="{{ url_for("itmes") }}">x</a>'
seed warning hx-target 'id "lst"' 'did you mean "#list"' '<a href="/items" hx-target="#lst">x</a>'
seed warning hx-indicator 'id "bsy"' 'did you mean "#busy"' '<a href="/items" hx-indicator="#bsy">x</a>'
seed warning hx-select 'id "lit"' 'did you mean "#list"' '<a href="/items" hx-select="#lit">x</a>'
seed error selector-syntax 'starts with a combinator' 'CSS selector' '<a href="/items" hx-select="> p">x</a>'
seed error selector-syntax 'leaves a bracket open' '' '<a href="/items" hx-include="[name">x</a>'
seed warning hx-boost 'hx-boost="yes"' '' '<a href="/items" hx-boost="yes">x</a>'
seed error hx-swap 'is none of' 'did you mean "innerHTML"' '<a href="/items" hx-swap="innerHtml">x</a>'
seed error hx-encoding 'hx-encoding=' '' '<a href="/items" hx-encoding="multipart">x</a>'
seed error hx-vals 'no JSON' 'single quotes' "<a href=\"/items\" hx-vals='{a: 1}'>x</a>"
seed warning hx-attribute 'hx-pots' 'did you mean "hx-post"' '<a href="/items" hx-pots="/items">x</a>'
seed warning commandfor 'id "dlg"' '' '<button commandfor="dlg" command="close">x</button>'
seed warning command 'command="clse"' 'did you mean "close"' '<button commandfor="list" command="clse">x</button>'
seed warning for 'id "titel"' 'did you mean "title"' '<label for="titel">x</label>'
seed warning aria-describedby 'id "hlp"' '' '<button aria-describedby="hlp">x</button>'
seed warning anchor 'id "lsit"' 'did you mean "#list"' '<a href="#lsit">x</a>'
seed warning duplicate-id 'stands twice' 'id of its own' '<p id="list">x</p>'
seed error nested-form 'inside a form' 'close the first' '<form action="/items"><form action="/items"></form></form>'
seed error form-method 'method="put"' 'hx-put' '<form method="put" action="/items"></form>'
seed warning form-action 'depends on the page' 'slash' '<form action="save"></form>'
seed warning control-name 'has no name' 'give it a name' '<form action="/items"><input aria-label="x"></form>'
seed error upload 'sends no files' 'multipart/form-data' \
    '<form method="post" action="/items"><input type="file" name="f" aria-label="f"></form>'
seed error sse 'leads to no route' '' '<div hx-ext="sse" sse-connect="/lve"></div>'
seed error sse-self-swap 'never matches' 'inside' '<div sse-connect="/live" sse-swap="score"></div>'
seed warning sse-events 'declares event "scoer"' 'events of the route' '<p sse-swap="scoer" hx-target="this"></p>'
seed warning accessibility 'no keyboard reaches' 'role="button"' '<div hx-get="/items" hx-trigger="click">x</div>'
seed error include 'no template "foter.html"' 'did you mean "footer.html"' '{% include "foter.html" %}'
seed error K-CMP-001 'card' '' '{{ card(titel="x") }}'
seed error a11y/img-alt 'alt' 'decoration' '<img src="/static/style.css">'

clean
sed -i '1s/base.html/bsae.html/' templates/page.html
look "extends" error extends 1 'no template "bsae.html"' 'did you mean "base.html"'
clean
sed -i '2s/parts.html/prats.html/' templates/page.html
look "import" error import 2 'no template "prats.html"' 'did you mean "parts.html"'
clean
sed -i '5s/^/{% fi x %}\n/' templates/page.html
look "syntax" error syntax 5 '' ''
clean
echo '<p>old</p>' >templates/old.html
look "dead template" info dead null 'names this template' 'delete it'
rm templates/old.html
clean
sed -i 's/ <a href="\/about">About<\/a>//' templates/base.html
look "orphan route" info orphan null 'no template leads' 'is_referenced'
clean
sed -i '/sse-swap/d' templates/page.html
look "event nobody hears" info sse-events null 'no template listens' 'sse-swap'
module contnet about.html
clean
look "block of a route" error fragment null 'no block "contnet"' 'did you mean "content"'
module content abuot.html
look "template of a route" error fragment null 'template "abuot.html"' 'mend template_name'

clean
module content about.html
sed -i 's/hx-boost/&/; s/hx-swap="innerHTML"/hx-boost="yes"/' templates/page.html
chirp check app.so >/dev/null && ok "a warning passes" || fail "a warning passes"
chirp check app.so -W >/dev/null && fail "-W" || ok "-W: a warning fails"
text=$(chirp check app.so)
[[ $text == *'▲  hx-boost:'*'in templates/page.html:5'* ]] && ok "the text names file and line" ||
    fail "text" "$text"
[ "$kinds" -ge 25 ] && ok "$kinds kinds of mistakes" || fail "only $kinds kinds"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
