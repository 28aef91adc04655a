/* SPDX-License-Identifier: MIT */
/* target.h - request targets, hosts and percent-coding. */
#ifndef CH_HTTP_TARGET_H
#define CH_HTTP_TARGET_H

#include "config/arena.h"
#include "reject.h"

/* Segments of a path: enough for any site, small enough to bound the work. */
#define CH_SEGMENTS_MAX 256

/* A decoded path. An escaped slash is part of its segment and separates nothing (RL-16). */
typedef struct ch_path {
    kida_str text;            /* whole path, decoded once, valid UTF-8 */
    const kida_str *segments; /* decoded, without the empty ones */
    size_t count;
} ch_path;

/* What a request target says, in slices of it. */
typedef struct ch_target {
    kida_str path;      /* as sent; "/" if the absolute form has none */
    kida_str query;     /* as sent, without `?`; ptr NULL if there is none */
    kida_str authority; /* of the absolute form; ptr NULL in origin form */
    bool is_asterisk;   /* `*` */
} ch_target;

/* Splits and checks a target (RL-8 to RL-12). Only OPTIONS may have the asterisk. */
ch_reject ch_target_parse(kida_str target, bool is_options, ch_target *out);

/* Decodes a path and splits it (RL-11, RL-16): dot segments, NUL and bad UTF-8 are refused. */
ch_reject ch_path_parse(ch_arena *arena, kida_str raw, ch_path *out);

/* Host without port and trailing dot, in lower case; port 0 if none is given (HO-4, HO-5). */
ch_reject ch_host_parse(ch_arena *arena, kida_str authority, kida_str *host, uint32_t *port);

/* Whether every `%` is followed by two hex digits. */
bool ch_escapes_are_valid(kida_str text);

/* The text, or a copy in which what is no UTF-8 is replaced by U+FFFD; ptr NULL when out. */
kida_str ch_utf8_clean(ch_arena *arena, kida_str text);

/* Decodes percent escapes, and `+` to space if asked; a broken escape stays as it is; bytes that
 * are no UTF-8 become U+FFFD. The result is text itself where there is nothing to decode.
 * ptr NULL when out of memory. */
kida_str ch_percent_decode(ch_arena *arena, kida_str text, bool plus_is_space);

/* Appends text with all but unreserved bytes escaped; `/` stays if keep_slash. */
void ch_percent_encode(kida_buf *out, kida_str text, bool keep_slash);

#endif
