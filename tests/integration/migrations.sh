#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# migrations.sh BUILD - `chirp makemigrations`: what it writes, and that applying it leads to the schema.
set -uo pipefail
build=$(realpath "${1:?folder of a build}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chirp=$build/bin/chirp
url=sqlite:///app.db
cd "$work" || exit 1

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
# prints code text: the command with this schema on standard input ends with code and prints text.
prints() {
    local code=$1 want=$2 got status
    cat >new.sql && mv new.sql schema.sql
    got=$("$chirp" makemigrations --db $url --schema schema.sql 2>&1)
    status=$?
    [ "$status" -eq "$code" ] && [[ $got == *"$want"* ]] && return
    printf 'ended with %s, printed:\n%s\nwanted %s:\n%s\n' "$status" "$got" "$code" "$want"
    return 1
}
run() { # SQL…
    python3 - app.db "$@" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
for sql in sys.argv[2:]:
    db.executescript(sql)
db.commit()
PY
}
apply() { # number
    local file=(migrations/"$1"_*.sql)
    [ -s "${file[0]}" ] && run "$(cat "${file[0]}")"
}
is_file() { # name text
    [ "$(cat "migrations/$1")" == "$2" ] || { cat "migrations/$1" && return 1; }
}

# ---- wrong use -------------------------------------------------------------------------------------
ends_with() {
    local want=$1 got
    shift
    "$@"
    got=$?
    [ "$got" -eq "$want" ] || { echo "ended with $got, not $want" && return 1; }
}
check "both options are needed" ends_with 2 "$chirp" makemigrations --db $url
"$chirp" makemigrations --db $url --schema nothing.sql >missing 2>&1
check "a schema that is not there" grep -x "Schema file not found: nothing.sql" missing
check "an empty schema" prints 1 "Schema file is empty" <<<"  "
check "a schema that is no SQL" prints 1 "syntax error" <<<"CREATE TALBE x (a);"
check "a database of another kind" ends_with 1 "$chirp" makemigrations --db postgresql://x/y \
    --schema schema.sql
check "nothing was written" test ! -e migrations

# ---- a first migration -----------------------------------------------------------------------------
users='CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL CHECK (name <> '"''"'))'
check "a new table" prints 0 "Generated: migrations/001_create_users.sql
  $users;" <<<"create table users (id INTEGER PRIMARY KEY, name TEXT NOT NULL CHECK (name <> ''));"
check "its file" is_file 001_create_users.sql "-- Migration 001: create_users
--
$users;"
check "it applies" apply 001
check "then nothing is left" prints 0 "No changes detected." <schema.sql

# ---- changes ---------------------------------------------------------------------------------------
run "INSERT INTO users (name) VALUES ('ann')" "CREATE TABLE old (a)" "CREATE INDEX by_a ON old (a)" \
    "CREATE TABLE _chirp_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL)"
check "all kinds of changes" prints 0 "Generated: migrations/002_drop_old_create_order_add_users_email_and_more.sql
  DROP TABLE old;
  CREATE TABLE \"order\" (a);
  ALTER TABLE Users ADD COLUMN email TEXT;
  ALTER TABLE Users ADD COLUMN \"group\" INTEGER NOT NULL DEFAULT -1;
  ALTER TABLE Users ADD COLUMN note DEFAULT 'it''s (a) \"note\"';
  ALTER TABLE Users ADD COLUMN sum REAL DEFAULT -1.5e-3;
  ALTER TABLE Users ADD COLUMN boss INTEGER REFERENCES users(id) ON DELETE SET NULL;
  CREATE UNIQUE INDEX by_email ON users (email);" <<'SQL'
CREATE TABLE Users (id INTEGER PRIMARY KEY, Name TEXT NOT NULL, email TEXT,
  "group" INTEGER NOT NULL DEFAULT -1, note DEFAULT 'it''s (a) "note"', sum REAL DEFAULT -1.5e-3,
  boss INTEGER REFERENCES users(id) ON DELETE SET NULL);
CREATE TABLE "order" (a);
CREATE UNIQUE INDEX by_email ON users (email);
CREATE VIEW names AS SELECT name FROM users;
SQL
check "they apply" apply 002
check "and nothing is left of them" prints 0 "No changes detected." <schema.sql
check "columns and indexes go" prints 0 "  DROP INDEX by_email;
  ALTER TABLE users DROP COLUMN email;" <<'SQL'
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, "group" INTEGER NOT NULL DEFAULT -1,
  note DEFAULT 'it''s (a) "note"', sum REAL DEFAULT -1.5e-3, boss INTEGER);
CREATE TABLE "order" (a);
SQL
check "they apply, too" apply 003
check "what a column has become is told" prints 0 "order.a has another type now" <<'SQL'
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, "group" INTEGER NOT NULL DEFAULT -1,
  note DEFAULT 'it''s (a) "note"', sum REAL DEFAULT -1.5e-3, boss INTEGER);
CREATE TABLE "order" (a TEXT);
SQL

# ---- what no statement does ------------------------------------------------------------------------
refused() { # column text
    prints 1 "$2" <<<"CREATE TABLE \"order\" (a, $1);"
}
check "a column that rows can't have" refused "b NOT NULL" "it is NOT NULL and has no DEFAULT"
check "a key" refused "b PRIMARY KEY" "part of the primary key"
check "a unique column" refused "b UNIQUE" "it is UNIQUE"
check "a generated column" refused "b AS (a + 1)" "it is generated"
check "a default that is worked out" refused "b DEFAULT CURRENT_TIMESTAMP" "DEFAULT is not constant"
check "another" refused "b DEFAULT (1 + 2)" "DEFAULT is not constant"
check "a text and more" refused "b DEFAULT ('a' || 'b')" "DEFAULT is not constant"
check "a key with a default" refused "b INTEGER DEFAULT 1 REFERENCES users(id)" \
    "it is REFERENCES and has a DEFAULT"
run "CREATE TABLE spans (a, b, CHECK (a < b))"
check "what SQLite refuses" prints 1 "error in table spans after drop column" \
    <<<"CREATE TABLE spans (b);"
check "no file was written for these" test "$(ls migrations | wc -l)" -eq 3

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
