/* SPDX-License-Identifier: MIT */
/* peers.c - see peers.h. Only clients that have connections are kept, so the table is bounded by
 * the cap on all connections. */
#define _GNU_SOURCE
#include "peers.h"

#include <string.h>

#include "config/alloc.h"
#include "config/fail.h"
#include "config/secret.h"
#include "middleware/proxies.h"

#define NETWORK_BYTES 8 /* of an IPv6 address, that tell clients apart */

kida_status
ch_peers_init(ch_peers *peers, const chirp_config *config, kida_error *err)
{
    memset(peers, 0, sizeof(*peers));
    peers->allocator = config->allocator;
    peers->max = config->max_client_connections;
    ch_random(peers->key, sizeof(peers->key));
    return pthread_mutex_init(&peers->lock, NULL) == 0
               ? KIDA_OK
               : ch_fail(err, KIDA_E_IO, "can't make a lock");
}

void
ch_peers_clear(ch_peers *peers)
{
    pthread_mutex_destroy(&peers->lock);
}

static bool
is_four(const unsigned char address[16])
{
    static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    return memcmp(address, mapped, sizeof(mapped)) == 0;
}

static ch_peer **
bucket_of(ch_peers *peers, const unsigned char address[16])
{
    const char *bytes = (const char *)address;
    uint64_t hash = ch_hash(peers->key, (kida_str){ bytes, 16 });
    return &peers->buckets[hash % CH_PEER_BUCKETS];
}

/* Its entry, made if there is none; NULL when out of memory. With the lock held. */
static ch_peer *
entry_of(ch_peers *peers, const unsigned char address[16])
{
    ch_peer **bucket = bucket_of(peers, address);
    for (ch_peer *peer = *bucket; peer; peer = peer->next) {
        if (memcmp(peer->address, address, 16) == 0)
            return peer;
    }
    ch_peer *peer = ch_calloc(&peers->allocator, sizeof(*peer));
    if (!peer)
        return NULL;
    memcpy(peer->address, address, 16);
    peer->next = *bucket;
    *bucket = peer;
    return peer;
}

ch_admission
ch_peers_enter(ch_peers *peers, kida_str client, ch_peer **out)
{
    ch_network network;
    *out = NULL;
    if (!ch_network_parse(client, &network))
        return CH_ADMITTED; /* no address, so no limit: a peer that is gone already */
    if (!is_four(network.address))
        memset(network.address + NETWORK_BYTES, 0, 16 - NETWORK_BYTES);

    ch_admission admission = CH_ADMITTED_DROP;
    pthread_mutex_lock(&peers->lock);
    ch_peer *peer = entry_of(peers, network.address);
    if (peer && peer->count < peers->max)
        admission = CH_ADMITTED;
    else if (peer && peer->count / 2 < peers->max)
        admission = CH_ADMITTED_NOT;
    if (admission != CH_ADMITTED_DROP) {
        peer->count++;
        *out = peer;
    }
    pthread_mutex_unlock(&peers->lock);
    return admission;
}

void
ch_peers_leave(ch_peers *peers, ch_peer *peer)
{
    if (!peer)
        return;
    pthread_mutex_lock(&peers->lock);
    if (--peer->count == 0) {
        ch_peer **at = bucket_of(peers, peer->address);
        while (*at != peer)
            at = &(*at)->next;
        *at = peer->next;
        ch_free(&peers->allocator, peer, sizeof(*peer));
    }
    pthread_mutex_unlock(&peers->lock);
}
