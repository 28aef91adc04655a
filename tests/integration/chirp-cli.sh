#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# chirp-cli.sh BUILD - the `chirp` command as installed: new, routes, config, run and --reload.
set -uo pipefail
build=$(realpath "${1:?folder of a build}")
work=$(mktemp -d)
server=
finish() {
    [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null
    rm -rf "$work"
}
trap finish EXIT

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
ends_with() { # code command…
    local want=$1 got
    shift
    "$@"
    got=$?
    [ "$got" -eq "$want" ] || { echo "ended with $got, not $want" && return 1; }
}
holds() { # text command…
    local want=$1 got
    shift
    got=$("$@" 2>&1)
    [[ $got == *"$want"* ]] || { printf 'printed: %s\nwanted:  %s\n' "$got" "$want" && return 1; }
}
soon() { # command…: succeeds in the end; how long that took is printed, and no matter
    local start=$EPOCHREALTIME
    local end=$((SECONDS + 60))
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || { "$@" && return 0 || return 1; }
        sleep 0.02
    done
    took=$(( (${EPOCHREALTIME/./} - ${start/./}) / 1000 ))
}
took=0

if grep -q '^KIDA_SANITIZE:.*=.' "$build/CMakeCache.txt"; then
    echo "a build with sanitizers is not for installing"
    exit 0
fi
check "installs" cmake --install "$build" --prefix "$work/usr"
export PATH=$work/usr/bin:$PATH CMAKE_PREFIX_PATH=$work/usr
if [ -z "$(find "$work/usr" -name 'libchirp.so*')" ]; then
    echo "modules need the shared library"
    exit $((failed > 0))
fi
PKG_CONFIG_PATH=$(dirname "$(find "$work/usr" -name chirp.pc)")
export PKG_CONFIG_PATH
cd "$work" || exit 1

# ---- help and misuse ------------------------------------------------------------------------------
check "help without a command" ends_with 0 holds "usage: chirp COMMAND" chirp
check "help of a command" holds "usage: chirp run" chirp help run
check "an unknown command" ends_with 2 chirp rnu
check "it offers the near one" holds "did you mean 'run'" chirp rnu
check "an option that is not there" ends_with 2 chirp routes --colour x.so
check "no module" ends_with 1 chirp routes nothing.so
echo 'int nothing;' >none.c
cc -shared -fPIC -o none.so none.c
check "an object that is no app" holds "exports no chirp_module_entry" chirp routes none.so

# ---- config ---------------------------------------------------------------------------------------
line() { # name command…: its line, blanks squeezed
    "${@:2}" | tr -s ' ' | grep "^$1 "
}
check "config: a default" holds "port 8000 default" line port chirp config
check "config: from the environment" holds "port 81 env CHIRP_PORT" \
    line port env CHIRP_PORT=81 chirp config
check "config: an option wins" holds "port 82 option" \
    line port env CHIRP_PORT=81 chirp config --port 82
check "config: secrets are not shown" holds "secret_key (set) env CHIRP_SECRET_KEY" \
    line secret_key env CHIRP_SECRET_KEY=sesame chirp config
printf '# of this folder\nexport CHIRP_PORT="83"\nOTHER=x\n' >.env
check "row 2, config: from .env" holds "port 83 .env CHIRP_PORT" line port chirp config
check "row 2, config: the environment wins over .env" holds "port 81 env CHIRP_PORT" \
    line port env CHIRP_PORT=81 chirp config
echo 'CHIRP_PORT 83' >.env
check "row 2, config: a .env that can't be read" holds ".env, line 1: not NAME=value" chirp config
rm .env
check "config: a variable that can't be read" ends_with 1 env CHIRP_PORT=x chirp config
check "config: JSON" python3 -c 'import json,subprocess as s
c = json.loads(s.check_output(["chirp", "config", "--format", "json"]))
assert c["max_body"] == {"value": "16777216", "source": "default"}, c["max_body"]'

silent() { # project
    [[ $(cd "$1" && chirp check build/app.so -W --format json) == *'"issues": [],'* ]] ||
        (cd "$1" && chirp check build/app.so && false)
}

port=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')
base=http://127.0.0.1:$port

# ---- new ------------------------------------------------------------------------------------------
for kind in app minimal shell sse; do
    if [ "$kind" = app ]; then
        check "new" holds "Created project 'app'

  cd app && chirp dev

  Login: admin / password
  Dashboard: http://localhost:8000/dashboard" chirp new app
    else
        check "new --$kind" chirp new "$kind" "--$kind"
    fi
    check "$kind: builds with CMake" bash -c \
        "cmake -S $kind -B $kind/build -DCMAKE_C_FLAGS='-Wall -Wextra -Werror' && cmake --build $kind/build"
    check "$kind: builds with pkg-config" bash -c \
        "cp -r $kind $kind-make && rm -r $kind-make/build && make -C $kind-make CFLAGS='-Wall -Wextra -Werror'"
    check "$kind: the check is silent" silent "$kind"
    check "$kind: a place for migrations" test -e "$kind/migrations/.gitkeep" -a -s "$kind/migrations/README.md"
    [ -d "$kind/tests" ] || continue
    check "$kind: its tests pass" ctest --test-dir "$kind/build" --output-on-failure
    check "$kind: and by make" make -C "$kind-make" check CFLAGS='-Wall -Wextra -Werror'
done
check "a folder that is there" ends_with 1 chirp new minimal
check "a name that is none" ends_with 2 chirp new "no name"
check "routes" holds "GET        /dashboard  dashboard  pages/dashboard/page.html" \
    bash -c "cd app && chirp routes build/app.so"
check "routes as JSON" holds '"path": "/dashboard", "name": "dashboard"' \
    bash -c "cd app && chirp routes build/app.so --format json"

# ---- run ------------------------------------------------------------------------------------------
cd "$work/app" || exit 1

# ---- security-check -------------------------------------------------------------------------------
check "security-check: five lines" holds "Results: 1 passed, 4 failed" \
    chirp security-check build/app.so
check "security-check: what is wrong" holds "✗ secret_key is not set" \
    chirp security-check build/app.so
check "security-check: its exit code" ends_with 1 chirp security-check build/app.so
check "security-check: all is well" ends_with 0 env CHIRP_ENV=production \
    CHIRP_SECRET_KEY=0123456789abcdef0123456789abcdef CHIRP_ALLOWED_HOSTS=example.org \
    CHIRP_CSP_NONCE_ENABLED=true chirp security-check build/app.so
check "run --production with --reload" ends_with 2 chirp run build/app.so --production --reload

# ---- pages of a shell -----------------------------------------------------------------------------
cd "$work/shell" || exit 1
chirp run build/app.so --port "$port" >"$work/shell.log" 2>&1 &
server=$!
check "shell: serves" soon curl -sf "$base/"
check "shell: a page in its layouts" holds '<h1>Items</h1>' curl -s "$base/items"
check "shell: boosted links get the inner layout" holds '<div id="items-content">' \
    curl -s -H 'HX-Request: true' -H 'HX-Boosted: true' -H 'HX-Target: main' "$base/items"
whole() { curl -s -H 'HX-Request: true' -H 'HX-Boosted: true' -H 'HX-Target: main' "$base/items" | grep -q '<html'; }
check "shell: and not the outer one" ends_with 1 whole
kill "$server"
check "shell: ends well" wait "$server"
server=
cd "$work/app" || exit 1

check "the placeholder of the key is refused" holds "Error: set CHIRP_SECRET_KEY" \
    chirp run build/app.so --port "$port"
check "which ends the command" ends_with 1 chirp run build/app.so --port "$port"
export CHIRP_SECRET_KEY=0123456789abcdef0123456789abcdef
chirp run build/app.so --port "$port" --workers 2 >"$work/run.log" 2>&1 &
server=$!
check "run serves" soon curl -sf "$base/"
check "url_for in templates" holds 'href="/dashboard"' curl -s "$base/"
check "nav_link marks the page" holds 'href="/login" aria-current="page"' curl -s "$base/login"
check "the port is taken" holds "can't listen" chirp run build/app.so --port "$port"
status() { curl -s -o /dev/null -w '%{http_code} %{redirect_url}' -b "$work/jar" -c "$work/jar" "$@"; }
check "a stranger is sent to the login" holds "302 $base/login?next=%2Fdashboard" \
    status "$base/dashboard"
check "a form without a token" holds "403" status -d 'name=admin&password=password' "$base/login"
token=$(curl -s -b "$work/jar" -c "$work/jar" "$base/login" |
    sed -n 's/.*name="_csrf_token" value="\([^"]*\)".*/\1/p')
check "a wrong password" holds "422" \
    status -d "_csrf_token=$token&name=admin&password=no" "$base/login"
check "a login" holds "303 $base/dashboard" \
    status -d "_csrf_token=$token&name=admin&password=password" "$base/login"
check "the dashboard" holds "Welcome, admin" curl -s -b "$work/jar" "$base/dashboard"
kill "$server"
check "run ends well" wait "$server"
server=

# ---- run --reload ---------------------------------------------------------------------------------
unset CHIRP_SECRET_KEY
says() { curl -s "$base/" | grep -q -- "$1"; }
chirp dev --port "$port" >"$work/dev.log" 2>&1 &
server=$!
for _ in $(seq 100); do curl -sf "$base/" >/dev/null && break; sleep 0.1; done
check "--reload serves" says "It works"
check "pages get the snippet" says "EventSource"
curl -sN "$base/__chirp__/dev-reload" >"$work/events" &
events=$!
# Requests one after the other, all through both changes.
(while [ ! -e "$work/stop" ]; do
    curl -sf -o /dev/null "$base/" || echo failed >>"$work/failures"
done) &
load=$!
sleep 0.3
sed -i 's/It works/It still works/' pages/page.html
check "a changed template shows" soon says "It still works"
echo "     after $took ms"
told() { [ "$(grep -c '^data:' "$work/events")" -ge "$1" ]; }
check "open pages are told" soon told 2
sed -i 's/.name = "home", .title = "[a-z]*"/.name = "home", .title = "C was changed"/' src/app.c
check "changed C shows" soon says "C was changed"
echo "     after $took ms"
wait "$events" 2>/dev/null
check "the stream of the old process ends" told 2
sed -i 's/^CHIRP_MODULE/this does not compile; CHIRP_MODULE/' src/app.c
broken() { grep -q "the build failed" "$work/dev.log"; }
check "a build that fails is said" soon broken
check "the old app goes on" says "C was changed"
touch "$work/stop"
wait "$load"
check "no request failed meanwhile" test ! -e "$work/failures"
sed -i 's/^this does not compile; //' src/app.c
sed -i 's/C was changed/C was mended/' src/app.c
check "and is replaced when it is mended" soon says "C was mended"
kill "$server"
check "--reload ends well" wait "$server"
server=
[ "$failed" -eq 0 ] || tail -n 40 "$work/dev.log"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
