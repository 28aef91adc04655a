#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# nginx.sh BUILD - docs/deployment.md as it says: its program behind its nginx, with its units, and a
# socket that outlives the process.
set -uo pipefail
build=$(realpath "${1:?folder of a build}")
source=$(realpath "$(dirname "$0")/../..")
page=$source/docs/deployment.md
if grep -q '^KIDA_SANITIZE:.*=.' "$build/CMakeCache.txt"; then
    echo "a build with sanitizers is not for installing"
    exit 0
fi
. "$source/tests/support/app.sh"
front=
stop_front() {
    [ -n "$front" ] && kill -QUIT "$front" 2>/dev/null && wait "$front"
    front=
}
trap 'stop_front; cleanup' EXIT

# block WORD [NAME]: the first block of that kind on the page.
block() { awk -v fence="\`\`\`$1${2:+ $2}" '$0 == fence { on = 1; next } /^```/ && on { exit } on' "$page"; }
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
until_it() { # command…: waits until it succeeds, a minute at most
    for _ in $(seq 600); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    return 1
}

# ---- the program ------------------------------------------------------------------------------------
compiles() {
    cmake --install "$build" --prefix "$work/installed" || return 1
    PKG_CONFIG_PATH=$(dirname "$(find "$work/installed" -name chirp.pc | head -n 1)")
    LD_LIBRARY_PATH=$(dirname "$PKG_CONFIG_PATH")
    export PKG_CONFIG_PATH LD_LIBRARY_PATH
    block c >"$work/book.c"
    # shellcheck disable=SC2046
    cc -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror -o "$work/book" "$work/book.c" \
        $(pkg-config --cflags --libs chirp)
}
check "the program compiles" compiles
cd "$work" || exit 1

# ---- behind nginx -----------------------------------------------------------------------------------
export CHIRP_ENV=production CHIRP_TRUSTED_PROXIES=127.0.0.1 CHIRP_METRICS_ENABLED=1
export CHIRP_HEALTH_CHECK_PATH=/health
back=$(free_port)
starts() { # by port from the environment: the program takes no arguments
    CHIRP_PORT=$back "$work/book" 2>"$work/err" &
    child=$!
    until_it curl -sf -m 5 "http://127.0.0.1:$back/health/ready" || { cat "$work/err" && return 1; }
}
nginx=$(command -v nginx || command -v /usr/sbin/nginx)
if [ -z "$nginx" ]; then
    echo "nginx is not installed: nothing was tried behind it"
else
    port=$(free_port)
    {
        echo "daemon off; pid $work/nginx.pid; error_log $work/nginx.log;"
        [ "$(id -u)" -ne 0 ] || echo "user root;"
        echo "events {} http { access_log off;"
        for kind in client_body proxy fastcgi uwsgi scgi; do
            echo "${kind}_temp_path $work/nginx-$kind;"
        done
        block nginx book.conf | sed "s/127.0.0.1:8000/127.0.0.1:$back/; s/listen 80/listen 127.0.0.1:$port/"
        echo "}"
    } >"$work/nginx.conf"
    check "configuration of nginx" "$nginx" -t -e "$work/nginx.log" -c "$work/nginx.conf"
    check "starts" starts
    "$nginx" -e "$work/nginx.log" -c "$work/nginx.conf" &
    front=$!
    base=http://127.0.0.1:$port
    check "nginx is there" until_it curl -sf -m 5 "$base/health/live"
    options=(-H "Host: book.example.org")
    check "host, scheme, client" has / "HTTP/1.1 200" "book.example.org by http from 127.0.0.1"
    options=(-H "Host: book.example.org" -H "X-Forwarded-For: 203.0.113.9")
    check "a client in front is not believed to be another" lacks / "203.0.113.9"
    options=(-H "Host: book.example.org" -H "X-Request-ID: forged")
    check "request id is that of nginx" lacks / "forged"
    options=()
    check "security headers of production" has /nowhere "HTTP/1.1 404" "x-content-type-options: nosniff"
    # Had nginx kept the pieces back, the first of them would not arrive while the stream goes on.
    streams() {
        coproc stream { exec curl -s -N -m 60 "$base/ticks"; }
        local line='' pid=$stream_PID
        # shellcheck disable=SC2154
        while [ "$line" != "data: tick" ] && read -r -t 30 -u "${stream[0]}" line; do :; done
        kill "$pid" 2>/dev/null
        [ "$line" = "data: tick" ]
    }
    check "event streams come through piece by piece" streams
    check "health for a load balancer" has /health/ready "HTTP/1.1 200"
    base=http://127.0.0.1:$back
    check "metrics" has /metrics "HTTP/1.1 200" "# TYPE"
    check "stops" stop
    base=http://127.0.0.1:$port
    check "nginx says when there is nobody" has / "HTTP/1.1 502"
    stop_front
fi

# ---- a socket that outlives the process ---------------------------------------------------------------
# Holds the socket as systemd does, restarts the program while requests come in; none may fail.
cat >"$work/restart.py" <<'TEXT'
import os, signal, socket, subprocess, sys, threading, urllib.request
held = socket.socket()
held.bind(("127.0.0.1", 0))
held.listen(2048)
address = "http://127.0.0.1:%d/" % held.getsockname()[1]

def start():
    # The shell has the number of the process that it turns into the program.
    return subprocess.Popen(["sh", "-c", "LISTEN_FDS=1 LISTEN_PID=$$ exec " + sys.argv[1]],
                            preexec_fn=lambda: os.dup2(held.fileno(), 3), pass_fds=[3])

answers, go_on = [], True
def ask():
    while go_on:
        try:
            answers.append(urllib.request.urlopen(address, timeout=60).status)
        except OSError as error:
            answers.append(str(error))

program = start()
thread = threading.Thread(target=ask)
thread.start()
endings = []
for _ in range(3):
    before = len(answers)
    while len(answers) < before + 5:
        thread.join(0.02)
    program.send_signal(signal.SIGTERM)
    endings.append(program.wait())
    program = start()
before = len(answers)
while len(answers) < before + 5:
    thread.join(0.02)
go_on = False
thread.join()
program.send_signal(signal.SIGTERM)
endings.append(program.wait())
wrong = [answer for answer in answers if answer != 200]
print(len(answers), "answers", wrong, endings)
sys.exit(bool(wrong) or any(endings))
TEXT
check "restarts without a gap" timeout 200 python3 "$work/restart.py" "$work/book"

# ---- the units -----------------------------------------------------------------------------------------
if ! command -v systemd-analyze >/dev/null; then
    echo "systemd is not installed: the units were not looked at"
else
    mkdir -p "$work/units"
    for unit in book.service book.socket; do
        block ini "$unit" | sed "s|^ExecStart=.*|ExecStart=$work/book|" >"$work/units/$unit"
    done
    units_hold() {
        local said
        said=$(SYSTEMD_UNIT_PATH=$work/units: systemd-analyze verify "$work/units/book.service" \
            "$work/units/book.socket" 2>&1)
        echo "$said"
        ! grep -E 'book\.(service|socket):' <<<"$said"
    }
    check "the units hold" units_hold
    is_hardened() { # exposure from 0 to 10; "OK" begins below 5
        systemd-analyze security --offline=true --threshold=25 --no-pager "$work/units/book.service"
    }
    if systemd-analyze --help | grep -q offline; then
        check "the service is hardened" is_hardened
    fi
fi

# ---- the container ---------------------------------------------------------------------------------------
# It can't be built without a network; its packages are those that the scripts install.
names_packages() {
    local name text=$1
    . "$source/scripts/lib.sh"
    for name in "${packages_build[@]}"; do
        grep -qwF -- "$name" <<<"$text" || { echo "$name is missing" && return 1; }
    done
}
check "the container is built from the packages of the scripts" names_packages "$(block dockerfile)"
check "the README names them too" names_packages "$(cat "$source/README.md")"
finish
