/* SPDX-License-Identifier: MIT */
/* query.c - the queries of the public header, each one piece of work on a connection. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "config/fail.h"
#include "db.h"
#include "rows.h"

/* One statement; lives on the caller's stack. */
typedef struct query {
    const chirp_db *db;
    kida_str sql;
    chirp_args args;
    ch_result *result; /* NULL: rows are not wanted */
    chirp_db_done done;
} query;

/* ---- helpers ------------------------------------------------------------------------------- */

static double
now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void
echo(const query *self, double began, kida_status st)
{
    char line[256];
    size_t len = 0;
    for (size_t i = 0; i < self->sql.len && len < sizeof(line) - 1; i++) {
        char c = (unsigned char)self->sql.ptr[i] < 0x20 ? ' ' : self->sql.ptr[i];
        if (c != ' ' || (len > 0 && line[len - 1] != ' '))
            line[len++] = c;
    }
    line[len] = '\0';
    fprintf(stderr, "db %.2f ms%s %s\n", now_ms() - began, st == KIDA_OK ? "" : " FAILED", line);
}

static kida_status
query_work(const ch_driver *driver, void *conn, void *arg, kida_error *err)
{
    query *self = arg;
    double began = self->db->config.echo ? now_ms() : 0;
    kida_status st = driver->query(conn, self->sql, self->args,
                                   self->result ? &self->result->sink : NULL, &self->done, err);
    if (self->db->config.echo)
        echo(self, began, st);
    return st;
}

/* The pool of a result. */
static kida_status
find_pool(kida_pool **pool, kida_error *err)
{
    chirp_request *req = *pool ? NULL : chirp_current_request();
    if (req)
        *pool = chirp_pool(req);
    if (*pool)
        return KIDA_OK;
    return req ? ch_fail(err, KIDA_E_NOMEM, "no memory for rows")
               : ch_fail(err, KIDA_E_USAGE, "rows need a pool outside of a request");
}

/* What all queries with rows have in common. */
static kida_status
fetch(chirp_db *db, kida_pool *pool, const char *sql, chirp_args args, ch_result_shape shape,
      const kida_struct *type, bool first_only, ch_result *out, kida_error *err)
{
    if (!db)
        return ch_fail(err, KIDA_E_USAGE, "there is no database");
    kida_status st = find_pool(&pool, err);
    if (st != KIDA_OK)
        return st;
    ch_result_init(out, shape, &db->config, pool);
    out->type = type;
    out->first_only = first_only;
    if (shape == CH_RESULT_DICTS && !first_only &&
        kida_list_new(pool, 0, &out->value) != KIDA_OK)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for rows");
    query self = { .db = db, .sql = kida_str_from(sql), .args = args, .result = out };
    return ch_db_run(db, query_work, &self, err);
}

/* ---- without rows -------------------------------------------------------------------------- */

kida_status
chirp_db_exec(chirp_db *db, const char *sql, chirp_args args, chirp_db_done *done,
              kida_error *err)
{
    query self = { .db = db, .sql = kida_str_from(sql), .args = args };
    kida_status st = ch_db_run(db, query_work, &self, err);
    if (st == KIDA_OK && done)
        *done = self.done;
    return st;
}

typedef struct batch {
    query each;
    const chirp_args *sets;
    size_t count;
} batch;

static kida_status
batch_work(const ch_driver *driver, void *conn, void *arg, kida_error *err)
{
    batch *self = arg;
    int64_t changed = 0;
    for (size_t i = 0; i < self->count; i++) {
        self->each.args = self->sets[i];
        kida_status st = query_work(driver, conn, &self->each, err);
        if (st != KIDA_OK)
            return st;
        changed += self->each.done.changed;
    }
    self->each.done.changed = changed;
    return KIDA_OK;
}

static kida_status
run_batch(chirp_db *db, void *user, kida_error *err)
{
    return ch_db_run(db, batch_work, user, err);
}

kida_status
chirp_db_exec_many(chirp_db *db, const char *sql, const chirp_args *sets, size_t count,
                   chirp_db_done *done, kida_error *err)
{
    batch self = { .each = { .db = db, .sql = kida_str_from(sql) }, .sets = sets, .count = count };
    kida_status st = chirp_db_transaction(db, run_batch, &self, err);
    if (st == KIDA_OK && done)
        *done = self.each.done;
    return st;
}

static kida_status
script_work(const ch_driver *driver, void *conn, void *arg, kida_error *err)
{
    return driver->script(conn, *(const kida_str *)arg, err);
}

kida_status
chirp_db_script(chirp_db *db, const char *sql, kida_error *err)
{
    kida_str text = kida_str_from(sql);
    return ch_db_run(db, script_work, &text, err);
}

/* ---- with rows ----------------------------------------------------------------------------- */

kida_status
chirp_db_select(chirp_db *db, kida_pool *pool, const kida_struct *type, const char *sql,
                chirp_args args, chirp_rows *out, kida_error *err)
{
    ch_result result;
    kida_status st = fetch(db, pool, sql, args, CH_RESULT_STRUCTS, type, false, &result, err);
    if (st == KIDA_OK)
        *out = (chirp_rows){ type, result.structs, result.count };
    return st;
}

kida_status
chirp_db_select_one(chirp_db *db, kida_pool *pool, const kida_struct *type, const char *sql,
                    chirp_args args, void *out, kida_error *err)
{
    ch_result result;
    kida_status st = fetch(db, pool, sql, args, CH_RESULT_STRUCTS, type, true, &result, err);
    if (st == KIDA_OK && result.count == 0)
        st = ch_fail(err, KIDA_E_NOT_FOUND, "there is no such row");
    if (st == KIDA_OK)
        memcpy(out, result.structs, type->size);
    return st;
}

static kida_status
fetch_value(chirp_db *db, kida_pool *pool, const char *sql, chirp_args args, ch_result_shape shape,
            bool first_only, kida_value *out, kida_error *err)
{
    ch_result result;
    kida_status st = fetch(db, pool, sql, args, shape, NULL, first_only, &result, err);
    if (st == KIDA_OK)
        *out = result.value;
    return st;
}

kida_status
chirp_db_list(chirp_db *db, kida_pool *pool, const char *sql, chirp_args args, kida_value *out,
              kida_error *err)
{
    return fetch_value(db, pool, sql, args, CH_RESULT_DICTS, false, out, err);
}

kida_status
chirp_db_row(chirp_db *db, kida_pool *pool, const char *sql, chirp_args args, kida_value *out,
             kida_error *err)
{
    return fetch_value(db, pool, sql, args, CH_RESULT_DICTS, true, out, err);
}

kida_status
chirp_db_value(chirp_db *db, kida_pool *pool, const char *sql, chirp_args args, kida_value *out,
               kida_error *err)
{
    return fetch_value(db, pool, sql, args, CH_RESULT_SCALAR, true, out, err);
}

/* A sink for one whole number, which needs no pool. */
typedef struct number_sink {
    ch_row_sink sink;
    bool has_row;
    ch_cell_kind kind;
    int64_t number;
} number_sink;

static kida_status
number_columns(ch_row_sink *sink, const kida_str *names, size_t count, kida_error *err)
{
    (void)sink;
    (void)names;
    (void)count;
    (void)err;
    return KIDA_OK;
}

static kida_status
number_row(ch_row_sink *sink, const ch_cell *cells, size_t count, bool *stop, kida_error *err)
{
    (void)err;
    number_sink *self = (number_sink *)(void *)sink;
    self->has_row = count > 0;
    if (count > 0) {
        self->kind = cells[0].kind;
        self->number = cells[0].integer;
    }
    *stop = true;
    return KIDA_OK;
}

typedef struct number_query {
    number_sink sink;
    kida_str sql;
    chirp_args args;
} number_query;

static kida_status
number_work(const ch_driver *driver, void *conn, void *arg, kida_error *err)
{
    number_query *self = arg;
    return driver->query(conn, self->sql, self->args, &self->sink.sink, NULL, err);
}

kida_status
chirp_db_int(chirp_db *db, const char *sql, chirp_args args, int64_t *out, kida_error *err)
{
    number_query self = { .sink = { .sink = { number_columns, number_row } },
                          .sql = kida_str_from(sql),
                          .args = args };
    kida_status st = ch_db_run(db, number_work, &self, err);
    if (st != KIDA_OK)
        return st;
    if (!self.sink.has_row)
        return ch_fail(err, KIDA_E_NOT_FOUND, "there is no such row");
    if (self.sink.kind != CH_CELL_INT)
        return ch_fail(err, KIDA_E_TYPE, "the first column is no whole number");
    *out = self.sink.number;
    return KIDA_OK;
}

kida_status
chirp_rows_value(kida_pool *pool, const chirp_rows *rows, kida_value *out)
{
    return kida_from_array(pool, rows->type, rows->first, rows->count, out);
}
