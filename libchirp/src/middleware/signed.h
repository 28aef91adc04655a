/* SPDX-License-Identifier: MIT */
/* signed.h - texts in cookies that only we can have made: `v1.payload.time.signature`. */
#ifndef CH_MIDDLEWARE_SIGNED_H
#define CH_MIDDLEWARE_SIGNED_H

#include "config/arena.h"
#include "config/secret.h"

#define CH_SIGNING_KEYS_MAX 8

/* Keys of one purpose; the first signs, all are accepted (SE-3). */
typedef struct ch_signer {
    unsigned char keys[CH_SIGNING_KEYS_MAX][CH_KEY_LEN];
    size_t count;
} ch_signer;

/* Adds the key made of a secret for a purpose, a cookie's name for example, so that a value signed
 * for one is worthless for another. False: there are too many. */
bool ch_signer_add(ch_signer *signer, kida_str secret, kida_str purpose);

/* Signs a payload at a time (seconds since 1970) into arena memory, NUL-ended; ptr NULL: none. */
kida_str ch_sign(const ch_signer *signer, ch_arena *arena, kida_str payload, int64_t now);

/* Takes a value apart; false for anything that we have not signed. Its age is the caller's. */
bool ch_unsign(const ch_signer *signer, ch_arena *arena, kida_str value, kida_str *payload,
               int64_t *signed_at);

#endif
