/* SPDX-License-Identifier: MIT */
/* sqlite.c - the driver of SQLite; the one file that sees its header. */
#if defined(CHIRP_WITH_SQLITE)
#define _GNU_SOURCE
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "config/alloc.h"
#include "config/fail.h"
#include "config/text.h"
#include "driver.h"

#define PROGRESS_STEPS 2000 /* steps of the virtual machine between two looks at the clock */
#define COLUMNS_MAX 2000

/* A prepared statement that waits for its next use. */
typedef struct prepared {
    sqlite3_stmt *stmt;
    uint64_t hash;
    uint64_t used; /* when, in uses of the connection */
    kida_str sql;  /* own copy */
} prepared;

typedef struct connection {
    kida_allocator allocator;
    sqlite3 *db;
    prepared *cache; /* room for cache_max */
    size_t cache_count;
    size_t cache_max;
    uint64_t uses;
    uint32_t timeout; /* of one statement, ms */
    uint64_t deadline;
} connection;

/* ---- errors -------------------------------------------------------------------------------- */

static kida_status
status_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_NOMEM: return KIDA_E_NOMEM;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return KIDA_E_BUSY;
    case SQLITE_INTERRUPT: return KIDA_E_LIMIT_TIME;
    case SQLITE_CONSTRAINT: return KIDA_E_CONSTRAINT;
    case SQLITE_TOOBIG: return KIDA_E_LIMIT_MEMORY;
    case SQLITE_MISMATCH: return KIDA_E_TYPE;
    case SQLITE_IOERR:
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_READONLY:
    case SQLITE_PERM: return KIDA_E_IO;
    default: return KIDA_E_SQL;
    }
}

/* base is where the failed statement begins in sql; fallback is told where SQLite has no place. */
static kida_status
failed_at(connection *conn, int code, kida_str sql, size_t base, int64_t fallback,
          kida_error *err)
{
    kida_status st = status_of(code);
    if (st == KIDA_E_LIMIT_TIME)
        ch_fail(err, st, "the statement took longer than %u ms", conn->timeout);
    else
        ch_fail(err, st, "%s", sqlite3_errmsg(conn->db));
    int offset = sqlite3_error_offset(conn->db);
    return ch_sql_place(err, st, sql, offset >= 0 ? (int64_t)base + offset : fallback);
}

static kida_status
failed(connection *conn, int code, kida_str sql, kida_error *err)
{
    return failed_at(conn, code, sql, 0, -1, err);
}

/* ---- time ---------------------------------------------------------------------------------- */

static uint64_t
now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int
is_late(void *arg)
{
    const connection *conn = arg;
    return now_ms() > conn->deadline;
}

/* ---- open and close ------------------------------------------------------------------------ */

static kida_status
check(const chirp_db_config *config, uint32_t *most, kida_error *err)
{
    kida_str url = kida_str_from(config->url);
    kida_str path = ch_url_rest(config->url);
    if (url.len < 10 || memcmp(url.ptr, "sqlite:///", 10) != 0 || path.len == 0)
        return ch_fail(err, KIDA_E_USAGE,
                       "a database URL looks like sqlite:///app.db or sqlite:///:memory:, not "
                       "'%.100s'",
                       config->url);
    if (sqlite3_threadsafe() == 0)
        return ch_fail(err, KIDA_E_UNSUPPORTED, "this SQLite was built without threads");
    *most = kida_str_equal(path, KIDA_S(":memory:")) ? 1 : 0;
    return KIDA_OK;
}

static void
close_connection(void *arg)
{
    connection *conn = arg;
    for (size_t i = 0; i < conn->cache_count; i++) {
        sqlite3_finalize(conn->cache[i].stmt);
        ch_free(&conn->allocator, (char *)(uintptr_t)conn->cache[i].sql.ptr,
                conn->cache[i].sql.len + 1);
    }
    sqlite3_close_v2(conn->db);
    ch_free(&conn->allocator, conn->cache, conn->cache_max * sizeof(prepared));
    kida_allocator allocator = conn->allocator;
    ch_free(&allocator, conn, sizeof(*conn));
}

/* WAL lets readers go on beside a writer; with it NORMAL loses nothing but the last moments before
 * a power cut. Names in double quotes are never taken for text. */
static int
set_up(connection *conn, const chirp_db_config *config)
{
    int code = sqlite3_busy_timeout(conn->db, (int)config->busy_timeout);
    sqlite3_db_config(conn->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(conn->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(conn->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(conn->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(conn->db,
                            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                            "PRAGMA foreign_keys = ON;",
                            NULL, NULL, NULL);
    sqlite3_progress_handler(conn->db, PROGRESS_STEPS, is_late, conn);
    return code;
}

static kida_status
open_connection(const chirp_db_config *config, void **out, kida_error *err)
{
    connection *conn = ch_calloc(&config->allocator, sizeof(*conn));
    if (!conn)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for a connection");
    conn->allocator = config->allocator;
    conn->timeout = config->query_timeout;
    conn->deadline = UINT64_MAX;
    if (config->statement_cache > 0) {
        conn->cache = ch_calloc(&config->allocator, config->statement_cache * sizeof(prepared));
        conn->cache_max = conn->cache ? config->statement_cache : 0;
    }
    kida_str path = ch_url_rest(config->url); /* up to the NUL of the URL */
    int code = sqlite3_open_v2(path.ptr, &conn->db,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
                                   SQLITE_OPEN_EXRESCODE,
                               NULL);
    if (code == SQLITE_OK)
        code = set_up(conn, config);
    if (code == SQLITE_OK) {
        *out = conn;
        return KIDA_OK;
    }
    ch_fail(err, KIDA_E_IO, "can't open the database '%.200s': %s", path.ptr,
            conn->db ? sqlite3_errmsg(conn->db) : sqlite3_errstr(code));
    close_connection(conn);
    return KIDA_E_IO;
}

/* ---- prepared statements ------------------------------------------------------------------- */

static uint64_t
hash_of(kida_str text)
{
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a: the texts are the programmer's */
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.ptr[i]) * 0x100000001b3u;
    return hash;
}

static prepared *
cached(connection *conn, kida_str sql, uint64_t hash)
{
    for (size_t i = 0; i < conn->cache_count; i++) {
        prepared *entry = &conn->cache[i];
        if (entry->hash == hash && kida_str_equal(entry->sql, sql)) {
            entry->used = ++conn->uses;
            return entry;
        }
    }
    return NULL;
}

/* Keeps a statement in the place of the one not used for longest; false if it is not kept. */
static bool
keep(connection *conn, kida_str sql, uint64_t hash, sqlite3_stmt *stmt)
{
    if (conn->cache_max == 0 || sql.len > 4096)
        return false;
    char *copy = ch_calloc(&conn->allocator, sql.len + 1);
    if (!copy)
        return false;
    memcpy(copy, sql.ptr, sql.len);
    prepared *slot = conn->cache;
    if (conn->cache_count < conn->cache_max) {
        slot = &conn->cache[conn->cache_count++];
    } else {
        for (size_t i = 1; i < conn->cache_count; i++)
            slot = conn->cache[i].used < slot->used ? &conn->cache[i] : slot;
        sqlite3_finalize(slot->stmt);
        ch_free(&conn->allocator, (char *)(uintptr_t)slot->sql.ptr, slot->sql.len + 1);
    }
    *slot = (prepared){ stmt, hash, ++conn->uses, { copy, sql.len } };
    return true;
}

/* Whether nothing but blanks, comments and semicolons is left. */
static bool
is_blank_sql(connection *conn, const char *tail, const char *end)
{
    while (tail < end) {
        sqlite3_stmt *next = NULL;
        int code = sqlite3_prepare_v2(conn->db, tail, (int)(end - tail), &next, &tail);
        sqlite3_finalize(next);
        if (code != SQLITE_OK || next)
            return false;
    }
    return true;
}

static kida_status
prepare(connection *conn, kida_str sql, sqlite3_stmt **out, bool *is_kept, kida_error *err)
{
    uint64_t hash = hash_of(sql);
    prepared *entry = cached(conn, sql, hash);
    *is_kept = entry != NULL;
    if (entry) {
        *out = entry->stmt;
        return KIDA_OK;
    }
    if (sql.len > INT_MAX)
        return ch_fail(err, KIDA_E_LIMIT_MEMORY, "the statement is too long");
    sqlite3_stmt *stmt = NULL;
    const char *tail = NULL;
    int code = sqlite3_prepare_v3(conn->db, sql.ptr, (int)sql.len, SQLITE_PREPARE_PERSISTENT, &stmt,
                                  &tail);
    if (code != SQLITE_OK)
        return failed(conn, code, sql, err);
    if (!stmt)
        return ch_fail(err, KIDA_E_USAGE, "the statement is empty");
    if (!is_blank_sql(conn, tail, sql.ptr + sql.len)) {
        sqlite3_finalize(stmt);
        ch_fail(err, KIDA_E_USAGE, "more than one statement: chirp_db_script runs several");
        return ch_sql_place(err, KIDA_E_USAGE, sql, tail - sql.ptr);
    }
    *is_kept = keep(conn, sql, hash, stmt);
    *out = stmt;
    return KIDA_OK;
}

/* ---- parameters ---------------------------------------------------------------------------- */

static kida_status
bind_text(sqlite3_stmt *stmt, int at, kida_str text, bool is_blob, int *code)
{
    const char *bytes = text.ptr ? text.ptr : "";
    *code = is_blob ? sqlite3_bind_blob64(stmt, at, bytes, text.len, SQLITE_STATIC)
                    : sqlite3_bind_text64(stmt, at, bytes, text.len, SQLITE_STATIC, SQLITE_UTF8);
    return KIDA_OK;
}

/* Borrows texts: the statement is reset before the caller's values go. */
static kida_status
bind_one(sqlite3_stmt *stmt, int at, kida_value value, int *code)
{
    kida_kind kind = kida_kind_of(value);
    kida_str bytes;
    if (kind == KIDA_NONE || kind == KIDA_UNDEFINED)
        *code = sqlite3_bind_null(stmt, at);
    else if (kind == KIDA_BOOL || kind == KIDA_INT)
        *code = sqlite3_bind_int64(stmt, at, kida_as_int(value));
    else if (kind == KIDA_FLOAT)
        *code = sqlite3_bind_double(stmt, at, kida_as_float(value));
    else if (kind == KIDA_STRING)
        return bind_text(stmt, at, kida_as_str(value), false, code);
    else if (ch_blob_bytes(value, &bytes))
        return bind_text(stmt, at, bytes, true, code);
    else
        return KIDA_E_TYPE;
    return KIDA_OK;
}

static kida_status
bind(connection *conn, sqlite3_stmt *stmt, kida_str sql, chirp_args args, kida_error *err)
{
    size_t wanted = (size_t)sqlite3_bind_parameter_count(stmt);
    if (wanted != args.count) {
        ch_fail(err, KIDA_E_USAGE, "the statement has %zu parameters, %zu were given", wanted,
                args.count);
        return ch_sql_place(err, KIDA_E_USAGE, sql, -1);
    }
    for (size_t i = 0; i < args.count; i++) {
        int code = SQLITE_OK;
        if (bind_one(stmt, (int)i + 1, args.items[i], &code) != KIDA_OK)
            return ch_fail(err, KIDA_E_TYPE, "parameter %zu is of kind '%s', which has no column",
                           i + 1, kida_kind_name(args.items[i]));
        if (code != SQLITE_OK)
            return failed(conn, code, sql, err);
    }
    return KIDA_OK;
}

/* ---- rows ---------------------------------------------------------------------------------- */

static ch_cell
read_cell(sqlite3_stmt *stmt, int at)
{
    ch_cell cell = { .kind = CH_CELL_NULL, .bytes = { "", 0 } };
    int type = sqlite3_column_type(stmt, at);
    if (type == SQLITE_INTEGER) {
        cell.kind = CH_CELL_INT;
        cell.integer = sqlite3_column_int64(stmt, at);
    } else if (type == SQLITE_FLOAT) {
        cell.kind = CH_CELL_FLOAT;
        cell.number = sqlite3_column_double(stmt, at);
    } else if (type != SQLITE_NULL) {
        const void *bytes = type == SQLITE_TEXT ? (const void *)sqlite3_column_text(stmt, at)
                                                : sqlite3_column_blob(stmt, at);
        if (bytes)
            cell.bytes = (kida_str){ bytes, (size_t)sqlite3_column_bytes(stmt, at) };
        /* SQLite takes whatever it is given for text. */
        bool is_text = type == SQLITE_TEXT && kida_utf8_valid(cell.bytes);
        cell.kind = is_text ? CH_CELL_TEXT : CH_CELL_BLOB;
    }
    return cell;
}

/* Memory of one result: names, then cells. */
typedef struct frame {
    size_t count;
    kida_str *names;
    ch_cell *cells;
} frame;

static kida_status
open_frame(connection *conn, sqlite3_stmt *stmt, ch_row_sink *sink, frame *out, kida_error *err)
{
    size_t count = (size_t)sqlite3_column_count(stmt);
    if (count > COLUMNS_MAX)
        return ch_fail(err, KIDA_E_LIMIT_MEMORY, "a result with %zu columns", count);
    out->names = ch_calloc(&conn->allocator, (count + 1) * sizeof(kida_str));
    out->cells = ch_calloc(&conn->allocator, (count + 1) * sizeof(ch_cell));
    out->count = count;
    if (!out->names || !out->cells)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for a row");
    for (size_t i = 0; i < count; i++)
        out->names[i] = kida_str_from(sqlite3_column_name(stmt, (int)i));
    return sink->columns(sink, out->names, count, err);
}

static void
close_frame(connection *conn, frame *row)
{
    ch_free(&conn->allocator, row->names, (row->count + 1) * sizeof(kida_str));
    ch_free(&conn->allocator, row->cells, (row->count + 1) * sizeof(ch_cell));
}

static kida_status
run(connection *conn, sqlite3_stmt *stmt, kida_str sql, ch_row_sink *sink, kida_error *err)
{
    frame row = { 0, NULL, NULL };
    kida_status st = KIDA_OK;
    bool stop = false;
    int code = SQLITE_ROW;
    while (st == KIDA_OK && !stop && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        if (!sink)
            continue;
        if (!row.names)
            st = open_frame(conn, stmt, sink, &row, err);
        for (size_t i = 0; st == KIDA_OK && i < row.count; i++)
            row.cells[i] = read_cell(stmt, (int)i);
        if (st == KIDA_OK)
            st = sink->row(sink, row.cells, row.count, &stop, err);
    }
    if (st == KIDA_OK && code != SQLITE_DONE && code != SQLITE_ROW)
        st = failed(conn, code, sql, err);
    close_frame(conn, &row);
    return st;
}

static kida_status
query(void *arg, kida_str sql, chirp_args args, ch_row_sink *sink, chirp_db_done *done,
      kida_error *err)
{
    connection *conn = arg;
    sqlite3_stmt *stmt = NULL;
    bool is_kept = false;
    conn->deadline = now_ms() + conn->timeout;
    int64_t before = sqlite3_total_changes64(conn->db);
    kida_status st = prepare(conn, sql, &stmt, &is_kept, err);
    if (st == KIDA_OK) {
        st = bind(conn, stmt, sql, args, err);
        if (st == KIDA_OK)
            st = run(conn, stmt, sql, sink, err);
        sqlite3_reset(stmt);
        sqlite3_clear_bindings(stmt);
        if (!is_kept)
            sqlite3_finalize(stmt);
    }
    conn->deadline = UINT64_MAX;
    if (st == KIDA_OK && done) {
        bool has_changed = sqlite3_total_changes64(conn->db) != before;
        done->changed = has_changed ? sqlite3_changes64(conn->db) : 0;
        done->last_id = sqlite3_last_insert_rowid(conn->db);
    }
    return st;
}

/* ---- scripts and transactions -------------------------------------------------------------- */

static bool
in_transaction(void *arg)
{
    connection *conn = arg;
    return sqlite3_get_autocommit(conn->db) == 0;
}

static kida_status
script(void *arg, kida_str sql, kida_error *err)
{
    connection *conn = arg;
    if (sql.len > INT_MAX)
        return ch_fail(err, KIDA_E_LIMIT_MEMORY, "the script is too long");
    const char *at = sql.ptr;
    const char *end = sql.ptr + sql.len;
    kida_status st = KIDA_OK;
    while (st == KIDA_OK && at < end) {
        sqlite3_stmt *stmt = NULL;
        size_t base = (size_t)(at - sql.ptr);
        size_t start = base;
        while (start < sql.len && (unsigned char)sql.ptr[start] <= ' ')
            start++;
        conn->deadline = now_ms() + conn->timeout;
        int code = sqlite3_prepare_v2(conn->db, at, (int)(end - at), &stmt, &at);
        while (stmt && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        }
        if (code != SQLITE_OK && code != SQLITE_DONE)
            st = failed_at(conn, code, sql, base, (int64_t)start, err);
        sqlite3_finalize(stmt);
    }
    conn->deadline = UINT64_MAX;
    return st;
}

static kida_status
transact(void *arg, ch_tx_step step, kida_error *err)
{
    /* IMMEDIATE: whoever may write waits at the start, where waiting is still possible. */
    static const char *const words[] = { "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK" };
    connection *conn = arg;
    if (step == CH_TX_ROLLBACK && !in_transaction(conn))
        return KIDA_OK;
    int code = sqlite3_exec(conn->db, words[step], NULL, NULL, NULL);
    return code == SQLITE_OK ? KIDA_OK : failed(conn, code, kida_str_from(words[step]), err);
}

const ch_driver ch_driver_sqlite = {
    .scheme = "sqlite",
    .check = check,
    .open = open_connection,
    .close = close_connection,
    .query = query,
    .script = script,
    .transact = transact,
    .in_transaction = in_transaction,
};

#else

/* A translation unit must hold something. */
typedef int ch_no_sqlite;

#endif
