/* SPDX-License-Identifier: MIT */
/* peers.h - how many connections each client has: one table for all workers of a server (LM-8). */
#ifndef CH_WORKER_PEERS_H
#define CH_WORKER_PEERS_H

#include <pthread.h>

#include <chirp/config.h>

#include "http/request.h"

#define CH_PEER_BUCKETS 1024

/* A client that has connections: an IPv4 address, or an IPv6 network of 64 bits, which is what one
 * subscriber gets. */
typedef struct ch_peer {
    struct ch_peer *next;
    unsigned char address[16];
    uint32_t count; /* guarded by the table's lock */
} ch_peer;

typedef struct ch_peers {
    pthread_mutex_t lock;
    kida_allocator allocator;
    unsigned char key[16];                /* of the hash, fixed */
    uint32_t max;                         /* fixed */
    ch_peer *buckets[CH_PEER_BUCKETS];    /* guarded by lock */
} ch_peers;

typedef enum ch_admission {
    CH_ADMITTED,
    CH_ADMITTED_NOT, /* above the limit: an answer of refusal is still due, and counted too */
    CH_ADMITTED_DROP /* twice above it, or out of memory: not even that */
} ch_admission;

/* Errors: KIDA_E_IO. */
kida_status ch_peers_init(ch_peers *peers, const chirp_config *config, kida_error *err);
void ch_peers_clear(ch_peers *peers);

/* Counts one more connection of the client. *out: for ch_peers_leave, NULL if it was not counted.
 * Thread: any */
ch_admission ch_peers_enter(ch_peers *peers, kida_str client, ch_peer **out);
void ch_peers_leave(ch_peers *peers, ch_peer *peer);

#endif
