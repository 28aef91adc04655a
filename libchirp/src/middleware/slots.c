/* SPDX-License-Identifier: MIT */
/* slots.c - a set-associative table: a client may be in one group of eight slots only, so that a
 * flood of addresses costs no memory and no search. */
#define _GNU_SOURCE
#include "slots.h"

#include <arpa/inet.h>
#include <string.h>

#include "config/fail.h"
#include "config/secret.h"

#define WAYS ((size_t)8)

kida_status
ch_slots_init(ch_slots *slots, ch_arena *arena, uint32_t clients, kida_error *err)
{
    slots->sets = (clients / WAYS / CH_SLOT_SHARDS + 1) * CH_SLOT_SHARDS;
    slots->slots = ch_arena_array(arena, slots->sets * WAYS, sizeof(*slots->slots));
    if (!slots->slots)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for the clients of a limit");
    while (slots->ready < CH_SLOT_SHARDS &&
           pthread_mutex_init(&slots->locks[slots->ready], NULL) == 0)
        slots->ready++;
    if (slots->ready < CH_SLOT_SHARDS)
        return ch_fail(err, KIDA_E_NOMEM, "no locks for a limit");
    kida_status st = ch_secret_init(err);
    if (st == KIDA_OK)
        ch_random(slots->key, sizeof(slots->key));
    return st;
}

void
ch_slots_clear(ch_slots *slots)
{
    while (slots->ready > 0)
        pthread_mutex_destroy(&slots->locks[--slots->ready]);
}

/* Who it is: one customer has a whole IPv6 network of 64 bits, and could use all of it. */
static kida_str
identity(kida_str client, unsigned char out[16])
{
    char name[INET6_ADDRSTRLEN + 1];
    if (client.len == 0 || client.len >= sizeof(name))
        return client;
    memcpy(name, client.ptr, client.len);
    name[client.len] = '\0';
    static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    if (inet_pton(AF_INET6, name, out) != 1 || memcmp(out, mapped, sizeof(mapped)) == 0)
        return client;
    return (kida_str){ (const char *)out, 8 };
}

static int64_t
last_use(const ch_slot *slot)
{
    return slot->when > slot->until ? slot->when : slot->until;
}

/* The group of a key, locked. */
static ch_slot *
lock_group(ch_slots *slots, kida_str key, uint64_t *hash, pthread_mutex_t **lock)
{
    *hash = ch_hash(slots->key, key);
    if (*hash == 0)
        *hash = 1;
    size_t set = (size_t)(*hash % slots->sets);
    *lock = &slots->locks[set % CH_SLOT_SHARDS];
    pthread_mutex_lock(*lock);
    return slots->slots + set * WAYS;
}

static ch_slot *
find(ch_slot *group, uint64_t hash)
{
    for (size_t i = 0; i < WAYS; i++) {
        if (group[i].hash == hash)
            return &group[i];
    }
    return NULL;
}

ch_slot *
ch_slots_find_key(ch_slots *slots, kida_str key, pthread_mutex_t **lock)
{
    uint64_t hash;
    ch_slot *group = lock_group(slots, key, &hash, lock);
    return find(group, hash);
}

ch_slot *
ch_slots_take_key(ch_slots *slots, kida_str key, pthread_mutex_t **lock)
{
    uint64_t hash;
    ch_slot *group = lock_group(slots, key, &hash, lock), *oldest = group;
    ch_slot *slot = find(group, hash);
    if (slot)
        return slot;
    for (size_t i = 0; i < WAYS; i++) {
        if (group[i].hash == 0 || (oldest->hash != 0 && last_use(&group[i]) < last_use(oldest)))
            oldest = &group[i];
    }
    *oldest = (ch_slot){ .hash = hash };
    return oldest;
}

ch_slot *
ch_slots_take(ch_slots *slots, const chirp_request *req, pthread_mutex_t **lock)
{
    unsigned char bytes[16];
    return ch_slots_take_key(slots, identity(chirp_client(req), bytes), lock);
}

void
ch_slots_give(pthread_mutex_t *lock)
{
    pthread_mutex_unlock(lock);
}
