#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# cli.sh BUILD - drives every command of `kida` and every exit code, in a folder of its own.
set -uo pipefail
build=$(realpath "${1:?folder of a build}")
kida=$build/bin/kida
source=$(realpath "$(dirname "$0")/../..")
[ -x "$kida" ] || { echo "there is no $kida"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export NO_COLOR=1 TZ=UTC
unset COLUMNS COLORTERM

passed=0
failed=0
run() { # argument…: leaves out, err, code
    timeout 20 "$kida" "$@" >"$work/.out" 2>"$work/.err" </dev/null
    code=$?
    out=$(cat "$work/.out" && echo .) && out=${out%.}
    err=$(cat "$work/.err")
}
verdict() { # status label
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
        echo "ok   $2"
    else
        failed=$((failed + 1))
        echo "FAIL $2"
        printf '     code %s\n     out  [%s]\n     err  [%s]\n' "$code" "$out" "$err"
    fi
}
gives() { # label code output argument…: exactly this output
    local label=$1 want_code=$2 want=$3
    shift 3
    run "$@"
    [ "$code" = "$want_code" ] && [ "$out" = "$want" ]
    verdict $? "$label"
}
complains() { # label code text argument…: this text on stderr, nothing on stdout
    local label=$1 want_code=$2 want=$3
    shift 3
    run "$@"
    [ "$code" = "$want_code" ] && [[ $err == *"$want"* ]] && [ -z "$out" ]
    verdict $? "$label"
}
shows() { # label code text argument…: this text somewhere on stdout
    local label=$1 want_code=$2 want=$3
    shift 3
    run "$@"
    [ "$code" = "$want_code" ] && [[ $out == *"$want"* ]]
    verdict $? "$label"
}
holds() { # label command…
    local label=$1
    shift
    "$@" >"$work/.out" 2>"$work/.err"
    code=$?
    out=$(cat "$work/.out") err=$(cat "$work/.err")
    verdict "$code" "$label"
}
line=$'\n'

# ---- the command itself ---------------------------------------------------------------------------
complains "no command: usage" 2 "usage: kida COMMAND"
complains "unknown command: what was meant" 2 "did you mean 'render'?" rendr
complains "unknown command: usage" 2 "Commands:" '<zzz>'
shows "help" 0 "render a template" help
shows "--help" 0 "render a template" --help
shows "-h" 0 "render a template" -h
shows "version" 0 "kida 0." version
shows "--version" 0 "kida 0." --version
complains "help for an unknown command" 2 "there is no command 'nope'" help nope
for command in render check compile fmt filters tests globals; do
    shows "help $command" 0 "usage: kida $command" help $command
    shows "$command --help" 0 "Options:" $command --help
    complains "$command: unknown option" 2 "there is no option '--zzzzzzzz'" $command --zzzzzzzz
    complains "$command: unknown letter" 2 "there is no option '-Z'" $command -Z
done
complains "a near option is named" 2 "did you mean '--data'?" render --dat x
complains "an option without its value" 2 "--data needs a value" render x --data
complains "a letter without its value" 2 "-d needs a value" render x -d
complains "a flag with a value" 2 "takes no value" render --stream=yes x
complains "a missing argument" 2 "FILE is missing" render
complains "one argument too many" 2 "'b' is one argument too many" render a b
complains "a word that is no choice" 2 "html|terminal|markdown" render a --mode pdf
complains "a number out of bounds" 2 "--width takes a number from 1" render a --width 0
complains "a number that is none" 2 "--width takes a number" render a --width 8x

# ---- render -----------------------------------------------------------------------------------------
mkdir -p pages/parts data
printf 'Hi {{ name }}!' >hi.html
printf 'Hi {{ name }}!\n' >hi-line.html
printf '<{%% include "parts/part.html" %%}>{%% block b %%}[{{ x }}]{%% end %%}' >pages/page.html
printf 'part' >pages/parts/part.html
printf '{"name": "A<B", "x": 1}' >data/object.json
printf '[1, 2]' >data/list.json
printf '{"name": ' >data/broken.json
printf '{{ data | join("-") }}' >list.html
printf 'line\n{{ ghost }}\n' >ghost.html
printf 'line\n{%% if x %%}\n' >unclosed.html
printf '{%% include "nowhere.html" %%}' >lost.html
: >empty.html

gives "data from a file" 0 "Hi A&lt;B!$line" render hi.html --data data/object.json
gives "one line break at the end, not two" 0 "Hi Ann!$line" render hi-line.html --set name=Ann
gives "--option=value" 0 "Hi A&lt;B!$line" render --data=data/object.json hi.html
gives "-d value" 0 "Hi A&lt;B!$line" render -d data/object.json hi.html
gives "-dvalue" 0 "Hi A&lt;B!$line" render -ddata/object.json hi.html
gives "-- ends the options" 0 "Hi Ann!$line" render --set name=Ann -- hi.html
gives "--data-str" 0 "Hi Bo!$line" render hi.html --data-str '{"name": "Bo"}'
gives "--set: text" 0 "Hi Cy=1!$line" render hi.html --set name=Cy=1
gives "--set: JSON" 0 "Hi [1, None]!$line" render hi.html --set 'name=[1, null]'
gives "--set: empty" 0 "Hi !$line" render hi.html --set name=
gives "later sources win" 0 "Hi Cy!$line" \
    render hi.html --set name=Cy --data-str '{"name": "Bo"}' --data data/object.json
gives "inline data wins over a file" 0 "Hi Bo!$line" \
    render hi.html --data-str '{"name": "Bo"}' --data data/object.json
gives "the last --set wins" 0 "Hi b!$line" render hi.html -s name=a -s name=b
gives "a list becomes data" 0 "1-2$line" render list.html --data data/list.json
gives "an empty page is one line" 0 "$line" render empty.html
gives "templates of the same folder" 0 "<part>[2]$line" render pages/page.html --set x=2
gives "an absolute path" 0 "<part>[2]$line" render "$work/pages/page.html" --set x=2
gives "--template-dir, FILE as a name" 0 "<part>[2]$line" render page.html -t pages --set x=2
gives "--template-dir, FILE as a path" 0 "part$line" render pages/parts/part.html -t pages
gives "--template-dir, several" 0 "Hi x!$line" render hi.html -t pages -t . --set name=x
gives "--block" 0 "[2]$line" render pages/page.html --block b --set x=2
if "$kida" filters --names | grep -q '^terminal_escape$'; then
    gives "terminal mode does not escape HTML" 0 "Hi A<B!$line" \
        render hi.html --mode terminal --color none --width 40 --data data/object.json
fi
if "$kida" filters --names | grep -q '^markdown_escape$'; then
    shows "markdown mode" 0 "Hi " render hi.html --mode markdown --set name=Ann
fi
gives "--stream" 0 "<part>[2]$line" render pages/page.html --stream --stream-delay 0 --set x=2
gives "--output" 0 "" render hi.html --set name=Ann --output result.txt
holds "--output wrote the page" test "$(cat result.txt 2>/dev/null)" = "Hi Ann!"
gives "--output to standard output" 0 "Hi Ann!$line" render hi.html --set name=Ann -o -
gives "--stream with --output" 0 "" render hi.html --set name=Bob --stream -o result.txt
holds "--stream with --output wrote the page" test "$(cat result.txt)" = "Hi Bob!"
complains "--output that can't be written" 1 "can't be written" \
    render hi.html --set name=Ann -o no/such/folder
from_stdin() { [ "$(printf '{"name":"in"}' | "$kida" render hi.html --data -)" = "Hi in!" ]; }
holds "data from standard input" from_stdin
full() { "$kida" render hi.html --set name=x >/dev/full; [ $? -eq 1 ]; }
holds "standard output that is full" full

complains "undefined name: code" 1 "K-RUN-001" render ghost.html
complains "undefined name: place" 1 "ghost.html:2" render ghost.html
complains "undefined name: excerpt" 1 "{{ ghost }}" render ghost.html
complains "syntax error: code" 1 "K-PAR-002" render unclosed.html
complains "missing include" 1 "nowhere.html" render lost.html
printf 'old' >kept.txt
complains "a failed render" 1 "K-RUN-001" render ghost.html -o kept.txt
holds "a failed render leaves the output file alone" test "$(cat kept.txt)" = old
complains "missing file" 2 "there is no file 'none.html'" render none.html
complains "missing file: what was meant" 2 "did you mean 'ghost.html'?" render gost.html
complains "a folder is no template" 2 "is a folder" render pages
complains "missing template folder" 2 "there is no folder 'nope'" render hi.html -t nope
complains "FILE outside of the folders" 2 "in none of the template folders" render hi.html -t pages
complains "missing data file" 2 "nope.json" render hi.html --data nope.json
complains "a folder as data" 2 "is a folder" render hi.html --data pages
complains "broken data: place" 2 "data/broken.json:1" render hi.html --data data/broken.json
complains "broken data-str" 2 "K-USE-003" render hi.html --data-str '{'
complains "--set without a value" 2 "--set takes KEY=VALUE" render hi.html --set name
complains "--set without a key" 2 "--set takes KEY=VALUE" render hi.html --set =x
complains "--set that is no UTF-8" 2 "UTF-8" render hi.html --set $'name=\xff'
complains "a module that is not there" 2 "K-USE-005" render hi.html --module nope.so
cat >shout.c <<'TEXT'
#include <kida/kida.h>

static kida_status
shout(kida_call *call, kida_value self, kida_value *out)
{
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_buf_put(&buf, kida_as_str(self));
    kida_buf_byte(&buf, '!');
    return kida_buf_finish(&buf, out);
}

static const kida_filter filters[] = { { "shout", shout, NULL, KIDA_TEXT_IN, "louder" } };

static kida_status
install(struct kida_env *env, kida_error *err)
{
    return kida_env_add_filters(env, filters, 1, err);
}

const kida_module kida_this_module = { KIDA_ABI, "shout", install };
TEXT
printf '{{ name | shout }}' >shout.html
if [ -e "$build/libkida.so" ] && cc -std=c11 -Wall -Wextra -shared -fPIC -o shout.so shout.c \
    -I "$source/libkida/include"; then
    gives "a module brings a filter" 0 "Ann!$line" \
        render shout.html --set name=Ann --module shout.so
    gives "a module by its path" 0 "" compile shout.html --module "$work/shout.so"
    shows "filters of a module are listed" 0 "louder" filters shout -m ./shout.so
fi
printf 'int x;' >other.c
if cc -shared -fPIC -o other.so other.c; then
    complains "a library that is no module" 2 "K-USE-005" render hi.html --module other.so
fi
printf '\xff' >bad.html
complains "a template that is no UTF-8" 1 "K-USE-004" render bad.html
ln -s /etc/passwd outside.html
printf '{%% include "outside.html" %%}' >escape.html
complains "links out of the folder" 1 "K-TPL-001" render escape.html
mkfifo pipe.html
printf '{%% include "pipe.html" %%}' >waits.html
complains "a pipe is no template, and nobody waits for it" 1 "K-TPL-001" render waits.html

# ---- compile ----------------------------------------------------------------------------------------
gives "compile is silent" 0 "" compile hi.html
shows "compile --dump" 0 "template hi.html" compile hi.html --dump
shows "compile --dump --no-optimize" 0 "template hi.html" compile --dump --no-optimize hi.html
gives "compile --output" 0 "" compile hi.html --dump -o dump.txt
holds "compile --output wrote the listing" grep -q 'template hi.html' dump.txt
complains "compile: syntax error" 1 "K-PAR-002" compile unclosed.html
complains "compile: missing file" 2 "there is no file" compile none.html

# ---- check ------------------------------------------------------------------------------------------
mkdir -p good/sub bad/sub nothing
printf '{{ a }}' >good/a.html
printf '{{ b }}' >good/sub/b.kida
printf '{{ x | nope }}' >good/ignored.txt
printf 'x\n{{ x | uper }}' >bad/sub/filter.html
printf '{%% for %%}' >bad/for.kida
printf 'fine' >bad/fine.html
gives "check: all is well" 0 "" check good
[ -z "$err" ]
verdict $? "check: all is well, and nothing is said"
gives "check: no templates" 0 "" check nothing
complains "check: the problems are counted" 1 "kida check: 2 problem(s)" check bad
complains "check: paths" 1 "sub/filter.html: error[K-PAR-004]" check bad
complains "check: excerpt" 1 "{{ x | uper }}" check bad
complains "check: sorted" 1 "for.kida: error" check bad
mkdir -p lint/sub
printf '%s' '{% template a: str, b: int %}<img src="x">{% if a %}{{ c }}{% end %}' >lint/a.html
printf '%s' '{% def f(x: int) %}{% enddef %}{{ f() }}{{ f("s") }}{% include "sub/b.html" ignore missing %}' \
    >lint/sub/b.html
gives "check: nothing more is looked for unasked" 0 "" check lint
complains "check --strict" 1 "a.html:1: strict: unified {% end %} closes 'if' — prefer {% endif %}" \
    check lint --strict
complains "check --validate-calls" 1 "sub/b.html:1: K-CMP-001: Call to 'f' — missing required: x" \
    check lint --validate-calls
complains "check --validate-calls: types" 1 "K-CMP-002: type: f() param 'x' expects int, got str ('s')" \
    check lint --validate-calls
complains "check --typed" 1 "a.html:1: type/unused-declared [WARNING]: 'b'" check lint --typed
complains "check --lint-fragile-paths" 1 "sub/b.html:1: lint/fragile-path [WARNING]" \
    check lint --lint-fragile-paths
complains "check --a11y" 1 "a.html:1: a11y/img-alt [ERROR]" check lint --a11y
complains "check: everything is counted" 1 "kida check: 7 problem(s)" \
    check lint --a11y --typed --strict --validate-calls --lint-fragile-paths
complains "check: no such folder" 2 "there is no folder 'nope'" check nope
complains "check: a file is no folder" 2 "there is no folder 'hi.html'" check hi.html
mkdir calls
printf '{%% def card(title) %%}{{ title }}{%% end %%}\n{{ card(n=1) }}' >calls/c.html
gives "check: calls are not checked unasked" 0 "" check calls
json_says() { # filter wanted folder…
    local filter=$1 wanted=$2
    shift 2
    [ "$("$kida" check "$@" --format json | python3 -c "
import json, sys
report = json.load(sys.stdin)
print($filter)")" = "$wanted" ]
}
if command -v python3 >/dev/null; then
    holds "check: JSON, summary" json_says \
        "[report['exit_code'], report['schema_version'], report['summary']['errors']]" "[1, 1, 2]" bad
    holds "check: JSON, a finding" json_says \
        "[(d['path'], d['code'], d['range']['start']['line']) for d in report['diagnostics']][1]" \
        "('sub/filter.html', 'K-PAR-004', 2)" bad
    holds "check: JSON, nothing found" json_says \
        "[report['diagnostics'], report['exit_code'], report['root']]" "[[], 0, 'good']" good
    sarif() {
        "$kida" check "$1" --format sarif >report.sarif
        python3 -c "
import json, sys
run = json.load(open('report.sarif'))['runs'][0]
sys.exit(len(run['results']) != $2)"
    }
    holds "check: SARIF" sarif bad 2
    holds "check: SARIF, nothing found" sarif good 0
fi

# ---- fmt --------------------------------------------------------------------------------------------
cat >messy.html <<'TEXT'
<ul>


{%for x in xs%}
<li>{{x}}</li>   
{%-if x-%}
{{  x|upper  }}{#note#}
{% else%}
'no'
{% endif %}
{% end %}
{% if a %}one line{% end %}
{% raw %}
{{x}}
{% endraw %}
{{ f("a %}
   b") }}
</ul>


TEXT
cat >tidy.html <<'TEXT'
<ul>

{% for x in xs %}
  <li>{{ x }}</li>
  {%- if x -%}
    {{ x|upper }}{# note #}
  {% else %}
    'no'
  {% endif %}
{% end %}
{% if a %}one line{% end %}
{% raw %}
  {{x}}
{% endraw %}
{{ f("a %}
   b") }}
</ul>
TEXT
cp messy.html was.html
shows "fmt --check" 1 "would reformat was.html" fmt --check was.html
holds "fmt --check changes nothing" cmp -s messy.html was.html
chmod 640 was.html
shows "fmt" 0 "reformatted was.html" fmt was.html
holds "fmt: the result" diff tidy.html was.html
holds "fmt keeps permissions" test "$(stat -c %a was.html)" = 640
shows "fmt: nothing left to do" 0 "0 files reformatted, 1 unchanged" fmt was.html
shows "fmt --check: nothing left to do" 0 "0 files would be reformatted" fmt --check was.html
fmt_stdin() { "$kida" fmt - <messy.html | cmp -s - tidy.html; }
holds "fmt from standard input" fmt_stdin
printf '{%% if a %%}\n{%% if b %%}\nx\n{%% end %%}\n{%% end %%}\n' >deep.html
shows "fmt --indent" 0 "reformatted" fmt --indent 4 deep.html
holds "fmt --indent: the result" test "$(sed -n 3p deep.html)" = "        x"
complains "fmt: a missing path does not count" 0 "there is no file 'none'" fmt none
complains "fmt: nothing given" 2 "PATH… is missing" fmt
complains "fmt: indent out of bounds" 2 "--indent takes" fmt --indent 99 deep.html
complains "fmt: a file that is no UTF-8" 1 "not valid UTF-8" fmt bad.html
mkdir -p tree/sub
cp messy.html tree/a.html
cp messy.html tree/sub/b.kida
cp messy.html tree/c.txt
shows "fmt: a folder" 0 "2 files reformatted" fmt tree
holds "fmt: other files of a folder stay" cmp -s messy.html tree/c.txt
ln -s messy.html link.html
shows "fmt: through a link" 0 "reformatted link.html" fmt link.html
holds "fmt: the link stays one" test -L link.html
holds "fmt: what it names is laid out" cmp -s messy.html tidy.html
# Every template of this tree: laying it out twice changes nothing more.
stable() {
    local file
    for file in "$source"/bench/render/templates/*.html; do
        "$kida" fmt - <"$file" >once.html && "$kida" fmt - <once.html >twice.html &&
            cmp once.html twice.html || return 1
    done
}
holds "fmt: twice is once" stable

# ---- lists ------------------------------------------------------------------------------------------
shows "filters" 0 "center(width=80)" filters
shows "filters: a word" 0 "upper" filters upp
complains "filters: a word that none holds" 1 "no name holds 'zzzz'" filters zzzz
shows "filters --names" 0 "upper$line" filters --names
shows "filters --json" 0 '{"name": "abs", "params": []' filters --json
shows "tests" 0 "defined" tests
shows "globals" 0 "range(" globals
sorted() { "$kida" "$1" --names | LC_ALL=C sort -c; }
for what in filters tests globals; do
    holds "$what are sorted" sorted $what
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
