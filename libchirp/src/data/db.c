/* SPDX-License-Identifier: MIT */
/* db.c - a database: settings, its pool of connections, work off the loop. */
#define _GNU_SOURCE
#include "db.h"

#include <stdio.h>
#include <string.h>

#include "config/alloc.h"
#include "config/fail.h"
#include "config/text.h"
#include "worker/task.h"

/* ---- settings ------------------------------------------------------------------------------ */

void
chirp_db_config_init(chirp_db_config *config)
{
    *config = (chirp_db_config){
        .size = sizeof(*config),
        .pool_size = 5,
        .pool_timeout = 5000,
        .busy_timeout = 5000,
        .query_timeout = 30000,
        .statement_cache = 64,
        .max_rows = 10000,
        .max_bytes = (size_t)16 << 20,
    };
}

static kida_status
check_range(const char *name, uint64_t value, uint64_t min, uint64_t max, kida_error *err)
{
    if (value >= min && value <= max)
        return KIDA_OK;
    return ch_fail(err, KIDA_E_USAGE, "%s must be from %llu to %llu, not %llu", name,
                   (unsigned long long)min, (unsigned long long)max, (unsigned long long)value);
}

static kida_status
check_config(const chirp_db_config *config, kida_error *err)
{
    if (config->size != sizeof(*config))
        return ch_fail(err, KIDA_E_USAGE, "the config was not filled by chirp_db_config_init");
    if (!config->url || config->url[0] == '\0')
        return ch_fail(err, KIDA_E_USAGE, "a database needs a URL, such as sqlite:///app.db");
    const uint32_t day = 86400000;
    const struct {
        const char *name;
        uint64_t value, min, max;
    } rows[] = {
        { "pool_size", config->pool_size, 1, CH_POOL_MAX },
        { "pool_timeout", config->pool_timeout, 1, day },
        { "busy_timeout", config->busy_timeout, 0, day },
        { "query_timeout", config->query_timeout, 1, day },
        { "statement_cache", config->statement_cache, 0, 1000 },
        { "max_rows", config->max_rows, 1, UINT32_MAX },
        { "max_bytes", config->max_bytes, 1024, SIZE_MAX },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (check_range(rows[i].name, rows[i].value, rows[i].min, rows[i].max, err) != KIDA_OK)
            return KIDA_E_USAGE;
    }
    return KIDA_OK;
}

static const ch_driver *
find_driver(const char *url, kida_error *err)
{
    kida_str text = kida_str_from(url);
    kida_str scheme = ch_str_slice(text, 0, ch_str_find(text, ':', 0));
    for (const ch_driver *const *at = ch_drivers; *at; at++) {
        if (kida_str_equal(kida_str_from((*at)->scheme), scheme))
            return *at;
    }
    ch_fail(err, KIDA_E_UNSUPPORTED, "this build has no driver for '%.*s' databases",
            (int)(scheme.len < 40 ? scheme.len : 40), scheme.ptr);
    ch_fail_hint(err, KIDA_E_UNSUPPORTED,
                 "build with CHIRP_WITH_SQLITE and use sqlite:///app.db or sqlite:///:memory:");
    return NULL;
}

/* ---- life ---------------------------------------------------------------------------------- */

static bool
copy_text(chirp_db *db, const char **text)
{
    if (!*text)
        return true;
    kida_str from = kida_str_from(*text);
    char *copy = ch_calloc(&db->allocator, from.len + 1);
    if (copy)
        memcpy(copy, from.ptr, from.len);
    *text = copy;
    return copy != NULL;
}

static void
free_text(chirp_db *db, const char *text)
{
    if (text)
        ch_free(&db->allocator, (char *)(uintptr_t)text, kida_str_from(text).len + 1);
}

chirp_db *
chirp_db_new(const chirp_db_config *config, kida_error *err)
{
    if (check_config(config, err) != KIDA_OK)
        return NULL;
    const ch_driver *driver = find_driver(config->url, err);
    uint32_t most = 0;
    if (!driver || driver->check(config, &most, err) != KIDA_OK)
        return NULL;

    chirp_db *db = ch_calloc(&config->allocator, sizeof(*db));
    if (!db) {
        ch_fail(err, KIDA_E_NOMEM, "no memory for a database");
        return NULL;
    }
    db->config = *config;
    db->allocator = config->allocator;
    db->driver = driver;
    if (most > 0 && most < db->config.pool_size)
        db->config.pool_size = most;
    pthread_mutex_init(&db->lock, NULL);
    bool copied = copy_text(db, &db->config.url);
    copied = copy_text(db, &db->config.migrations) && copied;
    db->gate = ch_gate_new(&db->allocator, db->config.pool_size);
    if (db->gate && copied)
        return db;
    ch_fail(err, KIDA_E_NOMEM, "no memory for a database");
    chirp_db_free(db);
    return NULL;
}

void
chirp_db_free(chirp_db *db)
{
    if (!db)
        return;
    chirp_db_close(db);
    free_text(db, db->config.url);
    free_text(db, db->config.migrations);
    ch_gate_free(db->gate);
    pthread_mutex_destroy(&db->lock);
    kida_allocator allocator = db->allocator;
    ch_free(&allocator, db, sizeof(*db));
}

kida_status
chirp_db_open(chirp_db *db, kida_error *err)
{
    if (!db)
        return ch_fail(err, KIDA_E_USAGE, "there is no database");
    pthread_mutex_lock(&db->lock);
    bool was_open = db->is_open;
    kida_status st = KIDA_OK;
    if (!was_open) {
        /* The others are opened when they are needed. */
        st = db->driver->open(&db->config, &db->idle[0], err);
        if (st == KIDA_OK) {
            db->idle_count = 1;
            db->is_open = true;
        }
    }
    pthread_mutex_unlock(&db->lock);
    if (st == KIDA_OK && !was_open && db->config.migrations) {
        st = chirp_db_migrate(db, db->config.migrations, NULL, err);
        if (st != KIDA_OK)
            chirp_db_close(db);
    }
    return st;
}

void
chirp_db_close(chirp_db *db)
{
    if (!db)
        return;
    pthread_mutex_lock(&db->lock);
    const void *owner = db->transactions ? db->transactions->owner : NULL;
    pthread_mutex_unlock(&db->lock);
    while (owner) {
        ch_db_end_owner(db, owner);
        owner = db->transactions ? db->transactions->owner : NULL;
    }
    while (db->idle_count > 0)
        db->driver->close(db->idle[--db->idle_count]);
    db->is_open = false;
}

/* ---- the pool ------------------------------------------------------------------------------ */

/* A permit, and a connection unless one must be opened first. */
static kida_status
take(chirp_db *db, void **conn, kida_error *err)
{
    kida_status st = ch_gate_enter(db->gate, db->config.pool_timeout);
    if (st == KIDA_E_BUSY)
        return ch_fail(err, st, "all %u connections of the database were in use for %u ms",
                       db->config.pool_size, db->config.pool_timeout);
    if (st != KIDA_OK)
        return ch_fail(err, st, "the client has gone");
    pthread_mutex_lock(&db->lock);
    bool is_open = db->is_open;
    *conn = is_open && db->idle_count > 0 ? db->idle[--db->idle_count] : NULL;
    pthread_mutex_unlock(&db->lock);
    if (is_open)
        return KIDA_OK;
    ch_gate_leave(db->gate);
    return ch_fail(err, KIDA_E_USAGE, "the database is not open");
}

static void
give(chirp_db *db, void *conn)
{
    pthread_mutex_lock(&db->lock);
    if (conn)
        db->idle[db->idle_count++] = conn;
    pthread_mutex_unlock(&db->lock);
    ch_gate_leave(db->gate);
}

/* ---- work ---------------------------------------------------------------------------------- */

/* One piece of work; lives on the caller's stack. */
typedef struct job {
    chirp_db *db;
    void *conn;
    ch_db_work *work;
    void *arg;
    kida_error *err;
    kida_status st;
    bool has_run;
} job;

static void
do_job(void *arg)
{
    job *self = arg;
    const ch_driver *driver = self->db->driver;
    self->has_run = true;
    self->st = KIDA_OK;
    if (!self->conn)
        self->st = driver->open(&self->db->config, &self->conn, self->err);
    if (self->st == KIDA_OK)
        self->st = self->work(driver, self->conn, self->arg, self->err);
}

/* Off the loop where there is one. */
static kida_status
run_job(job *self)
{
    if (!ch_task_running()) {
        do_job(self);
        return self->st;
    }
    kida_status st = chirp_offload(chirp_current_request(), do_job, self);
    if (st == KIDA_OK)
        return self->st;
    if (st == KIDA_E_LIMIT_TIME)
        return ch_fail(self->err, st, "too many queries are queued");
    return ch_fail(self->err, st, "%s",
                   st == KIDA_E_STOPPED ? "the client has gone" : "no memory for a query");
}

/* ---- transactions -------------------------------------------------------------------------- */

static _Thread_local char thread_mark;

const void *
ch_db_caller(void)
{
    const ch_task *task = ch_task_running();
    return task ? (const void *)task : &thread_mark;
}

static ch_tx *
find_tx(chirp_db *db, const void *owner)
{
    pthread_mutex_lock(&db->lock);
    ch_tx *tx = db->transactions;
    while (tx && tx->owner != owner)
        tx = tx->next;
    pthread_mutex_unlock(&db->lock);
    return tx;
}

/* Gives the connection back, no longer inside the transaction. */
static void
end_tx(chirp_db *db, ch_tx *tx)
{
    if (db->driver->in_transaction(tx->conn))
        db->driver->transact(tx->conn, CH_TX_ROLLBACK, NULL);
    pthread_mutex_lock(&db->lock);
    ch_tx **at = &db->transactions;
    while (*at != tx)
        at = &(*at)->next;
    *at = tx->next;
    pthread_mutex_unlock(&db->lock);
    give(db, tx->conn);
    ch_free(&db->allocator, tx, sizeof(*tx));
}

void
ch_db_end_owner(chirp_db *db, const void *owner)
{
    ch_tx *tx = find_tx(db, owner);
    if (tx)
        end_tx(db, tx);
}

kida_status
ch_db_run(chirp_db *db, ch_db_work *work, void *arg, kida_error *err)
{
    if (!db)
        return ch_fail(err, KIDA_E_USAGE, "there is no database");
    job self = { .db = db, .work = work, .arg = arg, .err = err };
    ch_tx *tx = find_tx(db, ch_db_caller());
    if (tx) {
        if (tx->is_dead)
            return ch_fail(err, KIDA_E_SQL, "the transaction has been rolled back");
        self.conn = tx->conn;
        kida_status st = run_job(&self);
        /* A full disk and the like end a transaction; nothing must run outside of it unnoticed. */
        tx->is_dead = !db->driver->in_transaction(tx->conn);
        return st;
    }
    kida_status st = take(db, &self.conn, err);
    if (st != KIDA_OK)
        return st;
    st = run_job(&self);
    if (self.conn && db->driver->in_transaction(self.conn)) {
        db->driver->transact(self.conn, CH_TX_ROLLBACK, NULL);
        if (st == KIDA_OK)
            st = ch_fail(err, KIDA_E_USAGE, "transactions begin with chirp_db_begin");
    }
    give(db, self.conn);
    return st;
}

static kida_status
begin_work(const ch_driver *driver, void *conn, void *arg, kida_error *err)
{
    (void)arg;
    return driver->transact(conn, CH_TX_BEGIN, err);
}

static kida_status
commit_work(const ch_driver *driver, void *conn, void *arg, kida_error *err)
{
    (void)arg;
    return driver->transact(conn, CH_TX_COMMIT, err);
}

/* What the end of a request must look after. */
typedef struct mark {
    chirp_db *db;
    const void *owner;
} mark;

static void
end_mark(void *arg)
{
    const mark *self = arg;
    ch_db_end_owner(self->db, self->owner);
}

static kida_status
mark_request(chirp_db *db, const void *owner)
{
    chirp_request *req = chirp_current_request();
    if (!req)
        return KIDA_OK;
    char name[40];
    snprintf(name, sizeof(name), "chirp.db %p", (void *)db);
    if (chirp_g_has(req, name))
        return KIDA_OK;
    mark *self = chirp_alloc(req, sizeof(*self));
    if (!self)
        return KIDA_E_NOMEM;
    *self = (mark){ db, owner };
    return chirp_g_set(req, name, self, end_mark);
}

kida_status
chirp_db_begin(chirp_db *db, kida_error *err)
{
    if (!db)
        return ch_fail(err, KIDA_E_USAGE, "there is no database");
    const void *owner = ch_db_caller();
    ch_tx *tx = find_tx(db, owner);
    if (tx) {
        tx->depth++;
        return KIDA_OK;
    }
    tx = ch_calloc(&db->allocator, sizeof(*tx));
    if (!tx || mark_request(db, owner) != KIDA_OK) {
        ch_free(&db->allocator, tx, sizeof(*tx));
        return ch_fail(err, KIDA_E_NOMEM, "no memory for a transaction");
    }
    *tx = (ch_tx){ .owner = owner, .depth = 1 };
    job self = { .db = db, .work = begin_work, .err = err };
    kida_status st = take(db, &self.conn, err);
    if (st == KIDA_OK) {
        st = run_job(&self);
        if (st == KIDA_OK) {
            tx->conn = self.conn;
            pthread_mutex_lock(&db->lock);
            tx->next = db->transactions;
            db->transactions = tx;
            pthread_mutex_unlock(&db->lock);
            return KIDA_OK;
        }
        if (self.conn) /* it may have begun before the client left */
            db->driver->transact(self.conn, CH_TX_ROLLBACK, NULL);
        give(db, self.conn);
    }
    ch_free(&db->allocator, tx, sizeof(*tx));
    return st;
}

kida_status
chirp_db_commit(chirp_db *db, kida_error *err)
{
    ch_tx *tx = db ? find_tx(db, ch_db_caller()) : NULL;
    if (!tx)
        return ch_fail(err, KIDA_E_USAGE, "there is no transaction to commit");
    kida_status st = KIDA_OK;
    if (tx->is_dead)
        st = ch_fail(err, KIDA_E_SQL, "the transaction has been rolled back");
    if (tx->depth > 1) {
        tx->depth--;
        return st;
    }
    if (st == KIDA_OK) {
        job self = { .db = db, .conn = tx->conn, .work = commit_work, .err = err };
        st = run_job(&self);
    }
    end_tx(db, tx);
    return st;
}

void
chirp_db_rollback(chirp_db *db)
{
    ch_tx *tx = db ? find_tx(db, ch_db_caller()) : NULL;
    if (!tx)
        return;
    if (tx->depth == 1) {
        end_tx(db, tx);
        return;
    }
    tx->depth--;
    tx->is_dead = true;
    db->driver->transact(tx->conn, CH_TX_ROLLBACK, NULL);
}

kida_status
chirp_db_transaction(chirp_db *db, kida_status (*body)(chirp_db *db, void *user, kida_error *err),
                     void *user, kida_error *err)
{
    kida_status st = chirp_db_begin(db, err);
    if (st != KIDA_OK)
        return st;
    st = body(db, user, err);
    if (st == KIDA_OK)
        return chirp_db_commit(db, err);
    chirp_db_rollback(db);
    return st;
}
