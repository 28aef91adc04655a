/* SPDX-License-Identifier: MIT */
/* slots.h - what limits remember of clients: a table of a fixed size, shared by all workers. */
#ifndef CH_MIDDLEWARE_SLOTS_H
#define CH_MIDDLEWARE_SLOTS_H

#include <pthread.h>

#include "config/arena.h"
#include "http/request.h"

#define CH_SLOT_SHARDS 16

typedef struct ch_slot {
    uint64_t hash;   /* 0: free */
    int64_t when;    /* what the times and the count mean is the limit's business */
    int64_t until;
    uint32_t count;
} ch_slot;

typedef struct ch_slots {
    unsigned char key[16];
    ch_slot *slots;       /* guarded by the lock of their shard */
    size_t sets;          /* groups of slots, a multiple of the shards */
    pthread_mutex_t locks[CH_SLOT_SHARDS];
    size_t ready;
} ch_slots;

/* Room for at least that many clients. Errors: KIDA_E_NOMEM, KIDA_E_IO. */
kida_status ch_slots_init(ch_slots *slots, ch_arena *arena, uint32_t clients, kida_error *err);
void ch_slots_clear(ch_slots *slots);

/* Slot of the client of a request, zeroed but for its hash if it is new: then it took the place of
 * the client not seen for the longest time. Locked until ch_slots_give. */
ch_slot *ch_slots_take(ch_slots *slots, const chirp_request *req, pthread_mutex_t **lock);

/* The same for any key: one that is blocked until later goes last. */
ch_slot *ch_slots_take_key(ch_slots *slots, kida_str key, pthread_mutex_t **lock);

/* The slot of a key if it has one, else NULL; locked either way. */
ch_slot *ch_slots_find_key(ch_slots *slots, kida_str key, pthread_mutex_t **lock);
void ch_slots_give(pthread_mutex_t *lock);

#endif
