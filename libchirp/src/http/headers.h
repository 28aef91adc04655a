/* SPDX-License-Identifier: MIT */
/* headers.h - ordered lists of name and value: header fields, query pairs, form fields, cookies;
 * and the rules for what may stand in a header. */
#ifndef CH_HTTP_HEADERS_H
#define CH_HTTP_HEADERS_H

#include "config/arena.h"

typedef struct ch_pair {
    kida_str name;
    kida_str value;
} ch_pair;

/* Fields in the order added, at most max of them; grows in its arena. */
typedef struct ch_headers {
    ch_arena *arena;
    ch_pair *items;
    size_t count;
    size_t room;
    size_t max;
} ch_headers;

void ch_headers_init(ch_headers *list, ch_arena *arena, size_t max);

/* Appends without a check and without a copy: for parsed fields and library constants.
 * Errors: KIDA_E_LIMIT_MEMORY beyond max, KIDA_E_NOMEM. */
kida_status ch_headers_push(ch_headers *list, kida_str name, kida_str value);

/* Appends a header for a response: name and value are checked and copied, the name in lower case.
 * Errors: KIDA_E_USAGE for a name that is no token or a value with a control byte (RS-3). */
kida_status ch_headers_add(ch_headers *list, kida_str name, kida_str value, kida_error *err);

/* As ch_headers_add, but replaces all fields of that name; the place of the first is kept. */
kida_status ch_headers_set(ch_headers *list, kida_str name, kida_str value, kida_error *err);

/* Removes all fields of that name, any case. */
void ch_headers_remove(ch_headers *list, kida_str name);

/* Value number index of a header, any case; ptr NULL if there is none. */
kida_str ch_headers_get(const ch_headers *list, kida_str name, size_t index);

/* The same with the name compared exactly: for query, form and cookies. */
kida_str ch_pairs_get(const ch_headers *list, kida_str name, size_t index);

/* How many fields have that name, any case. */
size_t ch_headers_count(const ch_headers *list, kida_str name);

/* Whether any field of that name holds the token in its comma list, any case. */
bool ch_headers_have_token(const ch_headers *list, kida_str name, kida_str token);

/* Whether name is an RFC 9110 token. */
bool ch_token_is_valid(kida_str name);

/* Whether c may stand in a token. */
bool ch_token_char(char c);

/* Whether value has no control byte but HTAB (no CR, LF, NUL, DEL). */
bool ch_field_value_is_valid(kida_str value);

#endif
