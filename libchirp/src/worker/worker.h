/* SPDX-License-Identifier: MIT */
/* worker.h - one worker, as reply/ and client/ see it. */
#ifndef CH_WORKER_WORKER_H
#define CH_WORKER_WORKER_H

#include "app/app.h"
#include "pool.h"
#include "task.h"

/* Worker number index of count, without a listener. Errors: NULL, with err. Thread: any */
chirp_worker *ch_worker_new(chirp_app *app, uint32_t index, uint32_t count, kida_error *err);

/* Start-up hooks, on a coroutine each; loop turns are run meanwhile. Thread: owner */
kida_status ch_worker_begin(chirp_worker *worker, kida_error *err);

/* One turn of the loop; waits for something to happen. Thread: owner */
void ch_worker_turn(chirp_worker *worker);

/* Cuts what is open, runs the shutdown hooks and closes the loop. Thread: owner */
void ch_worker_end(chirp_worker *worker);

/* Frees a worker that has ended. Thread: any */
void ch_worker_free(chirp_worker *worker);

/* Monotonic milliseconds of now. Thread: owner */
uint64_t ch_worker_clock(chirp_worker *worker);

/* No new connections, event streams end, idle connections too. Thread: owner */
void ch_worker_drain(chirp_worker *worker);

/* Whether answers are to be the last of their connection. Thread: owner */
bool ch_worker_is_draining(const chirp_worker *worker);

/* Date header of now; valid until the next call. Thread: owner */
kida_str ch_worker_date(chirp_worker *worker);

/* Fills 32 hex digits: a random UUID of version 4. Thread: owner */
void ch_worker_new_id(chirp_worker *worker, char out[32]);

/* Renderers of this worker. Thread: owner */
ch_renderer_pool *ch_worker_renderers(chirp_worker *worker);

/* Several lines in the log of this worker, as ch_log_block. Thread: owner */
void ch_worker_log_block(chirp_worker *worker, chirp_log_level level, kida_str text);

/* One line in the log of this worker. Thread: owner */
void ch_worker_log(chirp_worker *worker, chirp_log_level level, const char *format, ...)
    KIDA_PRINTF(3, 4);

#endif
