/* SPDX-License-Identifier: MIT */
/* gate.h - a number of permits that handlers of all workers and plain threads share: first come,
 * first served. A handler that waits for one parks; a plain thread blocks. */
#ifndef CH_WORKER_GATE_H
#define CH_WORKER_GATE_H

#include <chirp/app.h>

typedef struct ch_gate ch_gate;

/* Errors: NULL when out of memory. Thread: any */
ch_gate *ch_gate_new(const kida_allocator *allocator, uint32_t permits);

/* Nobody holds a permit or waits any more; NULL is fine. Thread: any */
void ch_gate_free(ch_gate *gate);

/* Takes a permit. Errors, without one: KIDA_E_BUSY after `milliseconds`, KIDA_E_STOPPED when the
 * client has gone, KIDA_E_NOMEM. Thread: waits; outside of handlers and hooks: any */
kida_status ch_gate_enter(ch_gate *gate, uint32_t milliseconds);

/* Gives one back. Thread: any */
void ch_gate_leave(ch_gate *gate);

#endif
