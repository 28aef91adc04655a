/* SPDX-License-Identifier: MIT */
/* sort.c - stable sorting by `<` of the language: merging runs of growing length. */
#include "value/methods.h"

typedef struct keyed {
    kida_value key;
    kida_value item;
} keyed;

/* Whether right goes before left. Only a strict order moves it, so that equal items stay put. */
static kida_status
goes_first(kida_call *call, const keyed *left, const keyed *right, bool reverse, bool *out)
{
    const keyed *a = reverse ? left : right;
    const keyed *b = reverse ? right : left;
    if (kd_is(a->key, KIDA_INT) && kd_is(b->key, KIDA_INT)) {
        *out = a->key.u_.i < b->key.u_.i;
        return KIDA_OK;
    }
    return kd_order(call, '<', a->key, b->key, out);
}

static kida_status
merge(kida_call *call, const keyed *from, keyed *to, size_t start, size_t middle, size_t end,
      bool reverse)
{
    size_t left = start;
    size_t right = middle;
    for (size_t at = start; at < end; at++) {
        bool take_right = left == middle;
        if (!take_right && right < end) {
            kida_status st = goes_first(call, &from[left], &from[right], reverse, &take_right);
            if (st != KIDA_OK)
                return st;
        }
        to[at] = take_right ? from[right++] : from[left++];
    }
    return KIDA_OK;
}

static kida_status
merge_all(kida_call *call, keyed *a, keyed *b, size_t count, bool reverse, keyed **sorted)
{
    for (size_t width = 1; width < count; width *= 2) {
        kida_status st = kida_spend(call, count);
        for (size_t start = 0; st == KIDA_OK && start < count; start += 2 * width) {
            size_t middle = count - start < width ? count : start + width;
            size_t end = count - middle < width ? count : middle + width;
            st = merge(call, a, b, start, middle, end, reverse);
        }
        if (st != KIDA_OK)
            return st;
        keyed *swap = a;
        a = b;
        b = swap;
    }
    *sorted = a;
    return KIDA_OK;
}

kida_status
kd_sort(kida_call *call, kida_value *items, size_t count, kida_value key, bool reverse)
{
    kida_pool *pool = call->rt->pool;
    bool has_key = !kd_is(key, KIDA_NONE) && !kd_is_absent(key);
    if (count == 0)
        return KIDA_OK;
    keyed *a = kd_arena_array(pool, count, sizeof(*a));
    keyed *b = a != NULL ? kd_arena_array(pool, count, sizeof(*b)) : NULL;
    if (b == NULL)
        return kd_fail_memory(call);
    for (size_t i = 0; i < count; i++) {
        a[i] = (keyed){ items[i], items[i] };
        kida_status st = KIDA_OK;
        if (has_key)
            st = kida_invoke(call, key, &a[i].item, 1, &a[i].key);
        if (st != KIDA_OK)
            return st;
    }
    keyed *sorted;
    kida_status st = merge_all(call, a, b, count, reverse, &sorted);
    if (st != KIDA_OK)
        return st;
    for (size_t i = 0; i < count; i++)
        items[i] = sorted[i].item;
    return KIDA_OK;
}
