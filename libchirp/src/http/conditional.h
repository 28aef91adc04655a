/* SPDX-License-Identifier: MIT */
/* conditional.h - entity tags, dates, ranges and codings: what a client has or wants of a resource
 * (RFC 9110 8.8, 12.5.3, 13, 14). */
#ifndef CH_HTTP_CONDITIONAL_H
#define CH_HTTP_CONDITIONAL_H

#include "request.h"

/* Whether a list of entity tags, or `*`, names tag; weak tags are equal to strong ones. */
bool ch_etag_listed(kida_str list, kida_str tag);

/* Whether what the client has is still good: If-None-Match, or else If-Modified-Since (SF-14).
 * tag and modified (seconds since 1970, below 0: unknown) describe what is there now. */
bool ch_is_not_modified(const chirp_request *req, kida_str tag, int64_t modified);

/* Whether If-Range is missing or names this very version. */
bool ch_if_range_holds(const chirp_request *req, kida_str tag, int64_t modified);

typedef enum ch_range_kind {
    CH_RANGE_WHOLE, /* none, several, or not understood: the whole is sent */
    CH_RANGE_PART,
    CH_RANGE_BEYOND /* 416 */
} ch_range_kind;

/* Reads the value of Range for a body of size bytes; *start and *length are set for a part. */
ch_range_kind ch_range_parse(kida_str value, uint64_t size, uint64_t *start, uint64_t *length);

/* Weight of a coding in Accept-Encoding from 0 (refused) to 1000; `*` counts, and a coding that is
 * not named has weight 0. */
unsigned ch_coding_weight(const chirp_request *req, kida_str coding);

#endif
