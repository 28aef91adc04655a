/* SPDX-License-Identifier: MIT */
/* spool.h - a large body in a file without a name, read through memory that the system can take
 * back. The file ends with the descriptor, whatever happens to the process. */
#ifndef CH_HTTP_SPOOL_H
#define CH_HTTP_SPOOL_H

#include <kida/kida.h>

typedef struct ch_spool {
    bool is_open;
    int fd;
    uint64_t len;
    void *map;
    size_t map_len;
} ch_spool;

/* directory "": that of the environment variable TMPDIR, or /tmp. Errors: KIDA_E_IO. */
kida_status ch_spool_open(ch_spool *spool, const char *directory);

/* Errors: KIDA_E_IO, also for a full disk. */
kida_status ch_spool_add(ch_spool *spool, kida_str piece);

/* All bytes, until close; ptr NULL when they can't be mapped. Nothing may be added afterwards. */
kida_str ch_spool_text(ch_spool *spool);

/* A closed one is fine. */
void ch_spool_close(ch_spool *spool);

#endif
