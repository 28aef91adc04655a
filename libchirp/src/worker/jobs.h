/* SPDX-License-Identifier: MIT */
/* jobs.h - several pieces of work on helper threads at once, for one handler. */
#ifndef CH_WORKER_JOBS_H
#define CH_WORKER_JOBS_H

#include <chirp/app.h>

typedef struct ch_jobs ch_jobs;

/* Room for max jobs, in the memory of the request. Errors: NULL when out of it or when it is not
 * the handler of req that calls. */
ch_jobs *ch_jobs_new(chirp_request *req, size_t max);

/* Has work(arg) run. Errors: KIDA_E_LIMIT_TIME when too much is queued (BP-5), KIDA_E_NOMEM. */
kida_status ch_jobs_start(ch_jobs *jobs, void (*work)(void *arg), void *arg);

/* Waits for the next one to end; *arg is its argument, NULL when none is left. Errors:
 * KIDA_E_STOPPED when the client has gone. Thread: waits */
kida_status ch_jobs_next(ch_jobs *jobs, void **arg);

/* Takes back those that have not begun and waits for the others; called in every case. Thread:
 * waits */
void ch_jobs_end(ch_jobs *jobs);

#endif
