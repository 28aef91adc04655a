/* SPDX-License-Identifier: MIT */
/* db.h - a database: parameters always bound, rows into C structs by the field tables that
 * templates read, or into values. Inside a handler a query runs on a helper thread while the
 * handler waits; in hooks and programs it just takes its time.
 *
 *     kida_error err;
 *     chirp_rows notes;
 *     st = chirp_db_select(db, NULL, &note_type, "SELECT * FROM notes WHERE folder = ?",
 *                          CHIRP_ARGS(kida_int(folder)), &notes, &err);
 */
#ifndef CHIRP_DB_H
#define CHIRP_DB_H

#include "app.h"

KIDA_BEGIN_DECLS

/** A database and its pool of connections; shared by all workers. */
typedef struct chirp_db chirp_db;

/** Settings of a database; fill with chirp_db_config_init. Texts are copied. */
typedef struct chirp_db_config {
    size_t size;
    const char *url;          /* "sqlite:///app.db", "sqlite:////var/lib/app.db",
                                 "sqlite:///:memory:" */
    const char *migrations;   /* folder of NNN_name.sql, applied when opened; NULL: none */
    uint32_t pool_size;       /* connections, 1 to 64; 5. In memory there is one */
    uint32_t pool_timeout;    /* wait for a free connection, ms; 5000 */
    uint32_t busy_timeout;    /* wait for a lock of the database, ms; 5000 */
    uint32_t query_timeout;   /* one statement, ms; 30 000 */
    uint32_t statement_cache; /* prepared statements of a connection, 0 to 1000; 64 */
    uint32_t max_rows;        /* of one result; 10 000 */
    size_t max_bytes;         /* of one result; 16 MiB */
    bool echo;                /* every statement and its time to stderr */
    kida_allocator allocator;
} chirp_db_config;

/** Fills in the defaults. Thread: any */
CHIRP_API void chirp_db_config_init(chirp_db_config *config);

/* ---- life ---------------------------------------------------------------------------------- */

/**
 * Makes a database, not opened yet.
 *
 * Owner:  free it with chirp_db_free.
 * Errors: NULL, with err: KIDA_E_USAGE for settings, KIDA_E_UNSUPPORTED for a scheme that this
 *         build has no driver for, KIDA_E_NOMEM.
 * Thread: any
 */
CHIRP_API CHIRP_MUST_USE chirp_db *chirp_db_new(const chirp_db_config *config, kida_error *err);

/** Closes and frees it; NULL is fine. Nobody uses it any more. Thread: owner */
CHIRP_API void chirp_db_free(chirp_db *db);

/** Connects and applies migrations; once more is fine. Errors: KIDA_E_IO, those of migrations.
 *  Thread: owner */
CHIRP_API CHIRP_MUST_USE kida_status chirp_db_open(chirp_db *db, kida_error *err);

/** Closes all connections; it can be opened again. Thread: owner */
CHIRP_API void chirp_db_close(chirp_db *db);

/**
 * Gives an app a database: opened when the app starts (a failure stops the start), closed when it
 * ends; what a request left open of a transaction is rolled back. config NULL: database_url and
 * migrations_dir of the app's own settings.
 *
 * Errors: as chirp_db_new; KIDA_E_FROZEN; KIDA_E_USAGE if there is one already.
 * Thread: setup
 */
CHIRP_API kida_status chirp_use_db(chirp_app *app, const chirp_db_config *config, kida_error *err);

/** The app's database, from an app or a request; NULL: it has none. Thread: any */
CHIRP_API chirp_db *chirp_app_db(const chirp_app *app);
CHIRP_API chirp_db *chirp_db_of(const chirp_request *req);

/* ---- parameters ---------------------------------------------------------------------------- */

/** Values for the placeholders of a statement, in order: none, bool, int, float, text, blob. */
typedef struct chirp_args {
    const kida_value *items;
    size_t count;
} chirp_args;

#define CHIRP_ARGS(...)                                                                            \
    ((chirp_args){ (const kida_value[]){ __VA_ARGS__ },                                            \
                   sizeof((const kida_value[]){ __VA_ARGS__ }) / sizeof(kida_value) })
#define CHIRP_NO_ARGS ((chirp_args){ NULL, 0 })

/** Bytes that are no text as a parameter; *bytes is borrowed. Thread: any */
CHIRP_API kida_value chirp_blob(const kida_str *bytes);

/* ---- queries ---------------------------------------------------------------------------------
 *
 * pool is where rows are made; NULL: that of the running request. db may be NULL (KIDA_E_USAGE).
 *
 * Errors, of all that follow:
 *         KIDA_E_SQL        a statement that the database refuses: err has line, column, excerpt
 *         KIDA_E_CONSTRAINT unique, not null, check or foreign key; the message names it
 *         KIDA_E_BUSY       no free connection, or a lock that others hold for too long
 *         KIDA_E_LIMIT_TIME query_timeout, or too much is queued
 *         KIDA_E_LIMIT_MEMORY  more than max_rows or max_bytes
 *         KIDA_E_TYPE       a parameter that can't be bound, a column that does not fit its field
 *         KIDA_E_STOPPED    the client has gone: the statement may have run
 *         KIDA_E_USAGE      not open; several statements; another number of parameters
 *         KIDA_E_IO, KIDA_E_NOMEM
 * Thread: waits; outside of handlers and worker hooks: any
 */

/** What a statement did. */
typedef struct chirp_db_done {
    int64_t changed; /* rows inserted, updated, deleted */
    int64_t last_id; /* of the last insert */
} chirp_db_done;

/** Structs in a row, made by chirp_db_select. */
typedef struct chirp_rows {
    const kida_struct *type;
    void *first; /* an array of count structs */
    size_t count;
} chirp_rows;

/** Runs a statement that gives no rows (or whose rows nobody wants); done may be NULL. */
CHIRP_API CHIRP_MUST_USE kida_status chirp_db_exec(chirp_db *db, const char *sql, chirp_args args,
                                                   chirp_db_done *done, kida_error *err);

/** Runs a statement once for each of count sets of parameters, all or none. */
CHIRP_API CHIRP_MUST_USE kida_status chirp_db_exec_many(chirp_db *db, const char *sql,
                                                        const chirp_args *sets, size_t count,
                                                        chirp_db_done *done, kida_error *err);

/** Runs several statements without parameters, as in a file. */
CHIRP_API CHIRP_MUST_USE kida_status chirp_db_script(chirp_db *db, const char *sql,
                                                     kida_error *err);

/**
 * Rows into structs: a column goes to the field of its name, columns without one are ignored,
 * fields without a column are zero. NULL is zero, an empty text, or absent where the field has a
 * present flag.
 */
CHIRP_API CHIRP_MUST_USE kida_status chirp_db_select(chirp_db *db, kida_pool *pool,
                                                     const kida_struct *type, const char *sql,
                                                     chirp_args args, chirp_rows *out,
                                                     kida_error *err);

/** First row into the struct at out; KIDA_E_NOT_FOUND and out untouched if there is none. */
CHIRP_API CHIRP_MUST_USE kida_status chirp_db_select_one(chirp_db *db, kida_pool *pool,
                                                         const kida_struct *type, const char *sql,
                                                         chirp_args args, void *out,
                                                         kida_error *err);

/** Rows as a list of dicts. */
CHIRP_API CHIRP_MUST_USE kida_status chirp_db_list(chirp_db *db, kida_pool *pool, const char *sql,
                                                   chirp_args args, kida_value *out,
                                                   kida_error *err);

/** First row as a dict; none if there is none. */
CHIRP_API CHIRP_MUST_USE kida_status chirp_db_row(chirp_db *db, kida_pool *pool, const char *sql,
                                                  chirp_args args, kida_value *out,
                                                  kida_error *err);

/** First column of the first row; none if there is none. */
CHIRP_API CHIRP_MUST_USE kida_status chirp_db_value(chirp_db *db, kida_pool *pool, const char *sql,
                                                    chirp_args args, kida_value *out,
                                                    kida_error *err);

/** As chirp_db_value for a whole number; KIDA_E_NOT_FOUND without a row, KIDA_E_TYPE otherwise. */
CHIRP_API CHIRP_MUST_USE kida_status chirp_db_int(chirp_db *db, const char *sql, chirp_args args,
                                                  int64_t *out, kida_error *err);

/** Rows as a sequence for templates and JSON. Errors: KIDA_E_NOMEM. Thread: owner of the pool */
CHIRP_API CHIRP_MUST_USE kida_status chirp_rows_value(kida_pool *pool, const chirp_rows *rows,
                                                      kida_value *out);

/* ---- transactions ----------------------------------------------------------------------------
 *
 * From begin on, every query of the same handler, hook or thread belongs to the transaction. Inner
 * ones join the outer: only its commit counts, and a rollback inside makes that fail. What is open
 * at the end of the request is rolled back.
 */

/** Runs body between begin and commit; rolls back, and returns its status, if that is a failure. */
CHIRP_API CHIRP_MUST_USE kida_status
chirp_db_transaction(chirp_db *db, kida_status (*body)(chirp_db *db, void *user, kida_error *err),
                     void *user, kida_error *err);

CHIRP_API CHIRP_MUST_USE kida_status chirp_db_begin(chirp_db *db, kida_error *err);
CHIRP_API CHIRP_MUST_USE kida_status chirp_db_commit(chirp_db *db, kida_error *err);

/** Never waits long, works also when the client has gone. Fine without a transaction. */
CHIRP_API void chirp_db_rollback(chirp_db *db);

/* ---- migrations ---------------------------------------------------------------------------- */

/** What chirp_db_migrate did. */
typedef struct chirp_migrations {
    uint32_t applied; /* now */
    uint32_t before;  /* by earlier runs */
    uint32_t total;   /* files */
    int64_t version;  /* number of the newest file; 0: none */
} chirp_migrations;

/**
 * Applies the files NNN_name.sql of a folder that the database has not seen, in the order of their
 * numbers, each in a transaction of its own together with its record in _chirp_migrations.
 *
 * Errors: KIDA_E_NOT_FOUND no such folder; KIDA_E_USAGE a bad name, a gap or a duplicate in the
 *         numbers, an empty file, a file that was changed or removed after it was applied;
 *         KIDA_E_SQL and others of the statement that failed, with its file and line: earlier files
 *         stay applied. out may be NULL.
 * Thread: as queries
 */
CHIRP_API CHIRP_MUST_USE kida_status chirp_db_migrate(chirp_db *db, const char *folder,
                                                      chirp_migrations *out, kida_error *err);

KIDA_END_DECLS

#endif
