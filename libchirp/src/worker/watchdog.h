/* SPDX-License-Identifier: MIT */
/* watchdog.h - the main thread looks whether the loops of its workers turn. */
#ifndef CH_WORKER_WATCHDOG_H
#define CH_WORKER_WATCHDOG_H

#include "internal.h"

/* Filled in by its owner, the timer initialised. */
typedef struct ch_watchdog {
    uv_timer_t timer;
    chirp_worker *const *workers;
    uint32_t count;
    uint32_t timeout; /* milliseconds until the process is ended */
} ch_watchdog;

/* Looks from now on. Main thread only. */
void ch_watchdog_start(ch_watchdog *dog);

#endif
