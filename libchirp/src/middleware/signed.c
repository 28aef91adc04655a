/* SPDX-License-Identifier: MIT */
/* signed.c - signing with HMAC-SHA256. Every byte of a value is signed, and base64 is read
 * strictly, so that a changed bit never passes (SE-1). */
#include "signed.h"

#include <stdio.h>
#include <string.h>

#include "config/text.h"

#define VERSION "v1."
#define TIME_MAX 32

bool
ch_signer_add(ch_signer *signer, kida_str secret, kida_str purpose)
{
    if (signer->count == CH_SIGNING_KEYS_MAX)
        return false;
    ch_derive_key(secret, purpose, signer->keys[signer->count++]);
    return true;
}

kida_str
ch_sign(const ch_signer *signer, ch_arena *arena, kida_str payload, int64_t now)
{
    kida_str missing = { NULL, 0 };
    size_t room = sizeof(VERSION) + CH_BASE64_ROOM(payload.len) + TIME_MAX +
                  CH_BASE64_ROOM(CH_MAC_LEN);
    char *text = ch_arena_alloc(arena, room);
    if (!text)
        return missing;
    memcpy(text, VERSION, sizeof(VERSION) - 1);
    size_t len = sizeof(VERSION) - 1;
    len += ch_base64_write(payload.ptr, payload.len, text + len, room - len);
    int more = snprintf(text + len, room - len, ".%lld", (long long)now);
    if (more < 0)
        return missing;
    len += (size_t)more;

    unsigned char mac[CH_MAC_LEN];
    ch_mac(signer->keys[0], (kida_str){ text, len }, mac);
    text[len++] = '.';
    len += ch_base64_write(mac, sizeof(mac), text + len, room - len);
    return (kida_str){ text, len };
}

static bool
is_signed(const ch_signer *signer, kida_str text, kida_str signature)
{
    unsigned char given[CH_MAC_LEN], right[CH_MAC_LEN];
    size_t len;
    if (!ch_base64_read(signature, given, sizeof(given), &len) || len != sizeof(given))
        return false;
    bool found = false;
    /* All keys are tried, so that the time tells nothing of which one it was. */
    for (size_t i = 0; i < signer->count; i++) {
        ch_mac(signer->keys[i], text, right);
        found |= ch_secret_equal((kida_str){ (const char *)given, sizeof(given) },
                                 (kida_str){ (const char *)right, sizeof(right) });
    }
    return found;
}

bool
ch_unsign(const ch_signer *signer, ch_arena *arena, kida_str value, kida_str *payload,
          int64_t *signed_at)
{
    size_t lead = sizeof(VERSION) - 1;
    if (value.len < lead || memcmp(value.ptr, VERSION, lead) != 0)
        return false;
    size_t first = ch_str_find(value, '.', lead);
    size_t second = first < value.len ? ch_str_find(value, '.', first + 1) : value.len;
    if (second == value.len ||
        !is_signed(signer, ch_str_slice(value, 0, second),
                   ch_str_slice(value, second + 1, value.len)))
        return false;

    uint64_t seconds;
    kida_str packed = ch_str_slice(value, lead, first);
    char *bytes = ch_arena_alloc(arena, packed.len + 1);
    size_t len;
    if (!bytes || !ch_parse_uint(ch_str_slice(value, first + 1, second), INT64_MAX, &seconds) ||
        !ch_base64_read(packed, bytes, packed.len, &len))
        return false;
    *payload = (kida_str){ bytes, len };
    *signed_at = (int64_t)seconds;
    return true;
}
