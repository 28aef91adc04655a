/* SPDX-License-Identifier: MIT */
/* metrics.h - counters of one worker. Its thread alone writes them, so that counting takes no lock
 * and no locked instruction; any thread may read. Labels come from fixed sets (LG-5). */
#ifndef CH_MIDDLEWARE_METRICS_H
#define CH_MIDDLEWARE_METRICS_H

#include <chirp/app.h>
#include <pthread.h>
#include <stdatomic.h>

#include "http/method.h"
#include "http/reject.h"

#define CH_METRICS_METHODS 8 /* the usual ones, and the others as one */
#define CH_METRICS_STATUSES 600
#define CH_METRICS_BUCKETS 11 /* of durations, without +Inf */

typedef _Atomic uint64_t ch_counter; /* relaxed: statistics only; written by one thread */

typedef struct ch_metrics {
    struct ch_metrics *next; /* guarded by the list's lock */
    ch_counter requests[CH_METRICS_METHODS][CH_METRICS_STATUSES];
    ch_counter durations[CH_METRICS_BUCKETS + 1];
    ch_counter nanoseconds;
    ch_counter bytes;
    ch_counter rejects[CH_REJECT_COUNT];
    ch_counter connections; /* open now */
    ch_counter in_flight;   /* being answered now */
    ch_counter aborted;     /* answers broken off behind their head (RS-7) */
    ch_counter log_dropped;
} ch_metrics;

/* The workers of an app. */
typedef struct ch_metrics_list {
    pthread_mutex_t lock;
    ch_metrics *first; /* guarded by lock */
} ch_metrics_list;

static inline void
ch_count(ch_counter *counter, uint64_t number)
{
    uint64_t now = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, now + number, memory_order_relaxed);
}

static inline void
ch_uncount(ch_counter *counter)
{
    uint64_t now = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, now - 1, memory_order_relaxed);
}

/* An answered request. */
void ch_metrics_request(ch_metrics *metrics, ch_method method, unsigned status, uint64_t bytes,
                        uint64_t nanoseconds);

void ch_metrics_add(ch_metrics_list *list, ch_metrics *metrics);
void ch_metrics_remove(ch_metrics_list *list, ch_metrics *metrics);

/* Writes all counters, summed. */
void ch_metrics_write(ch_metrics_list *list, kida_buf *out);

/* Open connections of all workers. */
uint64_t ch_metrics_connections(ch_metrics_list *list);

/* The list of an app; defined by app/. */
ch_metrics_list *ch_app_metrics(chirp_app *app);

#endif
