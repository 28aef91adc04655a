/* SPDX-License-Identifier: MIT */
/* mailbox.h - the door through which other threads call on a worker. */
#ifndef CH_WORKER_MAILBOX_H
#define CH_WORKER_MAILBOX_H

#include <chirp/app.h>

typedef struct ch_mailbox ch_mailbox;

/* Calls on_mail(user) on the worker's thread some time after each ch_mailbox_ring; several rings
 * may lead to one call. Errors: NULL when out of memory. Thread: owner of the worker */
ch_mailbox *ch_mailbox_open(chirp_worker *worker, void (*on_mail)(void *user), void *user);

/* Never after or during ch_mailbox_close. Thread: wake */
void ch_mailbox_ring(ch_mailbox *mailbox);

/* No further calls of on_mail; closed(user) is called when the loop has let go of it. Thread: owner
 * of the worker */
void ch_mailbox_close(ch_mailbox *mailbox, void (*closed)(void *user));

#endif
