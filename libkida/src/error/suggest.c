/* SPDX-License-Identifier: MIT */
/*
 * suggest.c - nearest name by the ratio of Ratcliff and Obershelp: twice the number of characters
 * in matching blocks, over all characters. A block is the longest common run, then the longest
 * ones left and right of it. Names longer than NAME_MAX_POINTS are never near.
 */
#include "error/suggest.h"

#include <string.h>

#include "memory/str.h"

#define NAME_MAX_POINTS 64
#define LEAST_RATIO 0.6

typedef struct name {
    uint32_t points[NAME_MAX_POINTS];
    size_t count;
} name;

typedef struct span {
    uint8_t a_from, a_to, b_from, b_to;
} span;

static bool
read_name(kida_str text, name *n)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    n->count = 0;
    while (at < end) {
        if (n->count == NAME_MAX_POINTS)
            return false;
        n->points[n->count++] = kd_utf8_next(&at, end);
    }
    return true;
}

/* Longest run that both spans share; of equal ones the first in a, then the first in b. */
static size_t
longest_match(const name *a, const name *b, span s, size_t *a_at, size_t *b_at)
{
    /* runs[j + 1]: length of the run that ends at b[j] */
    uint8_t runs[NAME_MAX_POINTS + 1] = { 0 };
    size_t best = 0;
    for (size_t i = s.a_from; i < s.a_to; i++) {
        for (size_t j = s.b_to; j-- > s.b_from;) {
            uint8_t run = 0;
            if (a->points[i] == b->points[j])
                run = (uint8_t)((j > s.b_from ? runs[j] : 0) + 1);
            runs[j + 1] = run;
            size_t start_b = j + 1 - run;
            if (run > best || (run == best && run > 0 && i + 1 - run == *a_at && start_b < *b_at)) {
                best = run;
                *a_at = i + 1 - run;
                *b_at = start_b;
            }
        }
    }
    return best;
}

static size_t
matching_points(const name *a, const name *b)
{
    span open[NAME_MAX_POINTS + 2];
    size_t count = 0, total = 0;
    open[count++] = (span){ 0, (uint8_t)a->count, 0, (uint8_t)b->count };
    while (count > 0) {
        span s = open[--count];
        size_t i = 0, j = 0;
        size_t run = longest_match(a, b, s, &i, &j);
        if (run == 0)
            continue;
        total += run;
        span left = { s.a_from, (uint8_t)i, s.b_from, (uint8_t)j };
        span right = { (uint8_t)(i + run), s.a_to, (uint8_t)(j + run), s.b_to };
        /* open spans do not overlap and hold at least one point each, so there is room */
        if (left.a_from < left.a_to && left.b_from < left.b_to)
            open[count++] = left;
        if (right.a_from < right.a_to && right.b_from < right.b_to)
            open[count++] = right;
    }
    return total;
}

void
kd_suggest_init(kd_suggest *s, kida_str wanted)
{
    s->wanted = wanted;
    s->best = (kida_str){ "", 0 };
    s->ratio = 0;
}

void
kd_suggest_offer(kd_suggest *s, kida_str text)
{
    name a, b;
    if (text.len == 0 || !read_name(text, &a) || !read_name(s->wanted, &b))
        return;
    size_t shorter = a.count < b.count ? a.count : b.count;
    double all = (double)(a.count + b.count);
    if (2.0 * (double)shorter / all < LEAST_RATIO)
        return;
    double ratio = 2.0 * (double)matching_points(&a, &b) / all;
    if (ratio < LEAST_RATIO || ratio < s->ratio)
        return;
    /* between names that are equally near the later in the alphabet wins, as in the reference */
    if (ratio == s->ratio && s->best.len > 0 && kd_str_compare(text, s->best) <= 0)
        return;
    s->best = text;
    s->ratio = ratio;
}
