/* SPDX-License-Identifier: MIT */
/* runtime.c - what bodies of filters may ask the render they run in, and thin public forms of
 * operations that live elsewhere. */
#include <kida/unicode.h>

#include "memory/str.h"
#include "memory/unicode.h"
#include "value/ops.h"

bool
kida_call_strict_none(const kida_call *call)
{
    return call->rt->strict_none;
}

kida_error *
kida_call_error(kida_call *call)
{
    return call->rt->err;
}

/* The next of a sequence of 64-bit numbers: a counter in steps of the golden ratio, mixed. */
static uint64_t
next_random(kd_runtime *rt)
{
    uint64_t x = rt->random += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

uint64_t
kida_random(kida_call *call, uint64_t below)
{
    if (below == 0)
        return 0;
    /* what is left over at the low end would favour small results: draw again */
    uint64_t least = (0 - below) % below;
    uint64_t drawn;
    do {
        drawn = next_random(call->rt);
    } while (drawn < least);
    return drawn % below;
}

kida_status
kida_order(kida_call *call, char op, kida_value a, kida_value b, bool *out)
{
    return kd_order(call, op, a, b, out);
}

kida_status
kida_regex_match(kida_call *call, kida_str pattern, kida_str text, bool *out)
{
    return kd_regex_match(call, pattern, text, out);
}

int
kida_unicode_case(kida_str text)
{
    bool upper = false, lower = false;
    const char *end = text.ptr + text.len;
    for (const char *at = text.ptr; at < end;) {
        uint32_t cp = kd_utf8_next(&at, end);
        if (kd_unicode_is_title(cp))
            return 0;
        upper = upper || kd_unicode_is_upper(cp);
        lower = lower || kd_unicode_is_lower(cp);
    }
    return upper == lower ? 0 : upper ? 1 : -1;
}
