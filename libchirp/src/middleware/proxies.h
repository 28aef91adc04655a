/* SPDX-License-Identifier: MIT */
/* proxies.h - what proxies say of their clients: believed from listed peers, removed from all
 * others (PX-1, PX-2). */
#ifndef CH_MIDDLEWARE_PROXIES_H
#define CH_MIDDLEWARE_PROXIES_H

#include "config/config.h"
#include "http/request.h"

/* A network: all addresses are kept as IPv6. */
typedef struct ch_network {
    unsigned char address[16];
    unsigned bits;
} ch_network;

/* Made at freeze, immutable. */
typedef struct ch_proxies {
    ch_network *networks;
    size_t count;
    bool has_any;     /* "*": every peer is a proxy */
    uint32_t hops;
    bool is_standard; /* Forwarded (RFC 7239) instead of X-Forwarded-* */
} ch_proxies;

/* Reads config->trusted_proxies: addresses, networks like 10.0.0.0/8, "*".
 * Errors: KIDA_E_USAGE naming the entry, KIDA_E_NOMEM. */
kida_status ch_proxies_init(ch_proxies *proxies, const chirp_config *config, ch_arena *arena,
                            kida_error *err);

/* Reads an address with or without prefix length. */
bool ch_network_parse(kida_str text, ch_network *out);

/* Whether the address of other lies in a network. */
bool ch_network_holds(const ch_network *network, const ch_network *other);

/* Whether the peer of a request is a trusted proxy. */
bool ch_proxies_trust(const ch_proxies *proxies, const chirp_request *req);

/* Looks at a request whose head is complete: from a proxy, sets client, scheme, host and id; from
 * others, removes the fields that only proxies may set. */
void ch_proxies_apply(const ch_proxies *proxies, chirp_request *req);

#endif
