/* SPDX-License-Identifier: MIT */
/* method.h - request methods, sets of them, and status codes with their reason phrases. */
#ifndef CH_HTTP_METHOD_H
#define CH_HTTP_METHOD_H

#include <kida/kida.h>

enum { CH_METHOD_SAFE = 1, CH_METHOD_PLAIN = 2 };

typedef enum ch_method {
#define CH_METHOD(name, text, flags) CH_METHOD_##name,
#include "method.def"
#undef CH_METHOD
    CH_METHOD_COUNT
} ch_method;

/* A set of methods: bit number m stands for method m. */
typedef uint32_t ch_method_set;

_Static_assert(CH_METHOD_COUNT <= 32, "a set of methods is 32 bits");

static inline ch_method_set
ch_method_bit(ch_method method)
{
    return (ch_method_set)1 << (unsigned)method;
}

/* Text on the wire. */
kida_str ch_method_text(ch_method method);

/* Whether it changes nothing on the server. */
bool ch_method_is_safe(ch_method method);

/* Finds a method, case-sensitive; false if it is not in method.def. */
bool ch_method_find(kida_str text, ch_method *out);

/* Reads "GET", "get|POST" or "GET, POST", any case. Errors: KIDA_E_USAGE naming the method. */
kida_status ch_method_set_parse(kida_str text, ch_method_set *out, kida_error *err);

/* Methods offered by `OPTIONS *`. */
ch_method_set ch_method_set_plain(void);

/* Room for every method, for ch_method_set_text. */
#define CH_ALLOW_MAX 256

/* Value of an Allow header: sorted, joined by ", ". Returns its length. */
size_t ch_method_set_text(ch_method_set set, char out[CH_ALLOW_MAX]);

/* Reason phrase of a status; "Unknown" for one that is not in status.def. */
kida_str ch_status_text(unsigned status);

/* Whether answers with this status never have a body: 1xx, 204, 304. */
bool ch_status_is_bodiless(unsigned status);

#endif
