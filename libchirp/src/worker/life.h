/* SPDX-License-Identifier: MIT */
/* life.h - what the log tells about connections and requests besides the access log (row 17.12). */
#ifndef CH_WORKER_LIFE_H
#define CH_WORKER_LIFE_H

#include "internal.h"

/* A connection whose client is known; its end, with the reason. */
void ch_life_opened(ch_conn *conn);
void ch_life_closed(ch_conn *conn);

/* A request goes to its handler; it was answered, or its client has gone, after so many
 * nanoseconds. Tells of slow ones. */
void ch_life_request(ch_conn *conn);
void ch_life_answer(ch_conn *conn, uint64_t nanoseconds);

/* Whether the application wants the answered request in the access log. */
bool ch_life_is_shown(const ch_conn *conn);

#endif
