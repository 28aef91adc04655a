/* SPDX-License-Identifier: MIT */
/* db.h - a database from inside: its pool, its transactions, work on one of its connections. */
#ifndef CH_DATA_DB_H
#define CH_DATA_DB_H

#include <pthread.h>

#include "driver.h"
#include "worker/gate.h"

#define CH_POOL_MAX 64

/* An open transaction. Its connection is taken out of the pool. */
typedef struct ch_tx {
    struct ch_tx *next;
    const void *owner; /* the task or thread that began it, and alone uses it */
    void *conn;
    uint32_t depth;
    bool is_dead;      /* rolled back already: its commit must fail */
} ch_tx;

struct chirp_db {
    chirp_db_config config; /* texts are own copies */
    kida_allocator allocator;
    const ch_driver *driver;
    ch_gate *gate;          /* as many permits as connections */
    pthread_mutex_t lock;
    bool is_open;           /* guarded by lock, as all that follow */
    void *idle[CH_POOL_MAX];
    size_t idle_count;
    ch_tx *transactions;
};

/* Work on a connection, perhaps on a helper thread. */
typedef kida_status ch_db_work(const ch_driver *driver, void *conn, void *arg, kida_error *err);

/* Runs work on the connection of the caller's transaction, or on one of the pool, off the loop if
 * there is one. Thread: waits; any */
kida_status ch_db_run(chirp_db *db, ch_db_work *work, void *arg, kida_error *err);

/* Rolls back what owner left open. Thread: any */
void ch_db_end_owner(chirp_db *db, const void *owner);

/* Who calls: the running task, else the thread. */
const void *ch_db_caller(void);

#endif
