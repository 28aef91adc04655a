/* SPDX-License-Identifier: MIT */
/* driver.h - what a kind of database must be able to do. A driver knows nothing of pools, requests
 * and threads: a connection is used by one thread at a time, and every call may block. */
#ifndef CH_DATA_DRIVER_H
#define CH_DATA_DRIVER_H

#include <chirp/db.h>

typedef enum ch_cell_kind {
    CH_CELL_NULL,
    CH_CELL_INT,
    CH_CELL_FLOAT,
    CH_CELL_TEXT,
    CH_CELL_BLOB
} ch_cell_kind;

/* One column of one row; bytes are valid during the call. */
typedef struct ch_cell {
    ch_cell_kind kind;
    int64_t integer;
    double number;
    kida_str bytes; /* TEXT is valid UTF-8 */
} ch_cell;

/* Takes rows. columns is called once before the first row, names are valid until the last. Any
 * failure ends the statement with that status; *stop set by row ends it well. */
typedef struct ch_row_sink {
    kida_status (*columns)(struct ch_row_sink *sink, const kida_str *names, size_t count,
                           kida_error *err);
    kida_status (*row)(struct ch_row_sink *sink, const ch_cell *cells, size_t count, bool *stop,
                       kida_error *err);
} ch_row_sink;

typedef enum ch_tx_step { CH_TX_BEGIN, CH_TX_COMMIT, CH_TX_ROLLBACK } ch_tx_step;

typedef struct ch_driver {
    const char *scheme;      /* of its URLs */
    /* Whether this URL can be opened, and how many connections it bears (0: as many as wanted). */
    kida_status (*check)(const chirp_db_config *config, uint32_t *most, kida_error *err);
    kida_status (*open)(const chirp_db_config *config, void **conn, kida_error *err);
    void (*close)(void *conn);
    /* One statement. sink may be NULL. */
    kida_status (*query)(void *conn, kida_str sql, chirp_args args, ch_row_sink *sink,
                         chirp_db_done *done, kida_error *err);
    /* Several statements; err->line counts from the start of the script. */
    kida_status (*script)(void *conn, kida_str sql, kida_error *err);
    kida_status (*transact)(void *conn, ch_tx_step step, kida_error *err);
    /* Whether a transaction is open: some failures end one. */
    bool (*in_transaction)(void *conn);
} ch_driver;

/* The drivers of this build, ended by NULL: drivers.c. */
extern const ch_driver *const ch_drivers[];

extern const ch_driver ch_driver_sqlite;

/* Bytes of a parameter made by chirp_blob; false for any other value. */
bool ch_blob_bytes(kida_value value, kida_str *out);

/* The part of an URL behind "scheme:///". */
kida_str ch_url_rest(const char *url);

/* Adds to err where in sql it went wrong (offset -1: not known), an excerpt, and the statement as a
 * hint; returns err's status. err may be NULL. */
kida_status ch_sql_place(kida_error *err, kida_status status, kida_str sql, int64_t offset);

#endif
