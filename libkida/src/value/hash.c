/* SPDX-License-Identifier: MIT */
/* hash.c - hashes of values: keyed by a seed drawn once, equal for equal values of any kind. */
#define _GNU_SOURCE /* getrandom, clock_gettime */
#include <math.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "memory/sync.h"
#include "value/big.h"
#include "value/dict.h"
#include "value/ops.h"

#define MAX_DEPTH 200 /* of tuples inside tuples */

/* 0: not drawn yet. Written once by compare-exchange; every reader sees that value or 0. */
static _Atomic uint64_t process_seed;

static uint64_t
draw_seed(void)
{
    uint64_t seed = 0;
    if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != (ssize_t)sizeof(seed)) {
        struct timespec now = { 0, 0 };
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        seed = (uint64_t)now.tv_nsec * 0x9e3779b97f4a7c15u ^ (uint64_t)now.tv_sec
               ^ (uint64_t)(uintptr_t)&process_seed << 16;
    }
    return seed != 0 ? seed : 1;
}

uint64_t
kd_hash_seed(void)
{
    uint64_t seed = atomic_load_explicit(&process_seed, memory_order_relaxed);
    if (KD_LIKELY(seed != 0))
        return seed;
    uint64_t none = 0;
    seed = draw_seed();
    if (atomic_compare_exchange_strong(&process_seed, &none, seed))
        return seed;
    return none; /* another thread was first */
}

bool
kd_hash_seed_fix(uint64_t seed)
{
    uint64_t none = 0;
    uint64_t wanted = seed != 0 ? seed : 1;
    return atomic_compare_exchange_strong(&process_seed, &none, wanted) || none == wanted;
}

static uint64_t
mix(uint64_t x)
{
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9u;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

/* Folds to 32 bits, never 0: that marks deleted entries. */
static uint32_t
fold(uint64_t x)
{
    uint32_t h = (uint32_t)(x ^ x >> 32);
    return h != 0 ? h : 1;
}

static uint64_t
float_bits(double d)
{
    uint64_t bits;
    memcpy(&bits, &d, sizeof(bits));
    return bits;
}

/* A float with an integral value hashes as that integer. Beyond 64 bits both it and a big integer
 * hash as the double nearest to them. */
static uint32_t
hash_float(double d, uint64_t seed)
{
    if (d >= -9223372036854775808.0 && d < 9223372036854775808.0 && d == floor(d))
        return fold(mix((uint64_t)(int64_t)d ^ seed));
    return fold(mix(float_bits(d) ^ ~seed));
}

static uint32_t
hash_pointer(const void *p, uint64_t extra, uint64_t seed)
{
    return fold(mix((uint64_t)(uintptr_t)p ^ mix(extra + seed)));
}

static kida_status
hash_items(kida_call *call, const kida_value *items, size_t count, uint64_t seed, uint32_t *out,
           unsigned depth)
{
    uint64_t sum = mix(seed + 0x51ed27u + count);
    if (call != NULL && kida_spend(call, count) != KIDA_OK)
        return KIDA_E_LIMIT_STEPS;
    for (size_t i = 0; i < count; i++) {
        uint32_t one;
        kida_status st = kd_hash(call, items[i], seed, &one, depth + 1);
        if (st != KIDA_OK)
            return st;
        sum = mix(sum ^ one) + 0x9e3779b97f4a7c15u;
    }
    *out = fold(sum);
    return KIDA_OK;
}

/* Sets have no order, so the hashes of their items are added up. */
static kida_status
hash_set(kida_call *call, const kd_dict *set, uint64_t seed, uint32_t *out, unsigned depth)
{
    uint64_t sum = mix(seed + 0xf205e7u + set->count);
    size_t at = 0;
    for (kd_entry *e; (e = kd_dict_entry_at(set, &at)) != NULL;) {
        uint32_t one = e->hash;
        if (set->seed != seed) {
            kida_status st = kd_hash(call, e->key, seed, &one, depth + 1);
            if (st != KIDA_OK)
                return st;
        }
        sum += mix(one ^ seed);
    }
    *out = fold(sum);
    return KIDA_OK;
}

static uint32_t
hash_range(const kd_range *r, uint64_t seed)
{
    uint64_t sum = mix(seed + 0x7a49e5u + r->count);
    if (r->count > 0)
        sum = mix(sum ^ (uint64_t)r->start);
    if (r->count > 1)
        sum = mix(sum ^ (uint64_t)r->step);
    return fold(sum);
}

static kida_status
fail_unhashable(kida_call *call, kida_value v)
{
    if (call == NULL)
        return KIDA_E_TYPE;
    return kida_fail(call, KIDA_E_TYPE, "a %s can't be a key or a member of a set",
                     kida_kind_name(v));
}

static kida_status
hash_object(kida_call *call, kida_value v, uint64_t seed, uint32_t *out)
{
    (void)call;
    uint64_t type = v.head_ >> 16;
    const kida_object_type *t = (const kida_object_type *)(uintptr_t)type;
    bool compares = (v.head_ & KIDA_FLAG_STRUCT_) == 0 && t->equal != NULL;
    /* Objects with an equality of their own tell no hash: all of a type get the same. */
    *out = compares ? hash_pointer(t, 1, seed) : hash_pointer(v.u_.p, type, seed);
    return KIDA_OK;
}

kida_status
kd_hash(kida_call *call, kida_value v, uint64_t seed, uint32_t *out, unsigned depth)
{
    if (KD_UNLIKELY(depth > MAX_DEPTH)) {
        return call == NULL ? KIDA_E_LIMIT_DEPTH
                            : kida_fail(call, KIDA_E_LIMIT_DEPTH, "the key is nested too deeply");
    }
    switch (kida_kind_of(v)) {
    case KIDA_STRING: {
        kida_str s = kida_as_str(v);
        *out = kd_hash_bytes(s.ptr, s.len, seed);
        return KIDA_OK;
    }
    case KIDA_BOOL:
    case KIDA_INT:
        *out = fold(mix((uint64_t)v.u_.i ^ seed));
        return KIDA_OK;
    case KIDA_FLOAT:
        *out = hash_float(v.u_.d, seed);
        return KIDA_OK;
    case KIDA_BIGINT:
        *out = hash_float(kd_big_double(v), seed);
        return KIDA_OK;
    case KIDA_TUPLE:
        return hash_items(call, kd_tuple_items(v), kd_tuple_count(v), seed, out, depth);
    case KIDA_SET:
        if ((v.head_ & KIDA_FLAG_FROZEN_) == 0)
            return fail_unhashable(call, v);
        return hash_set(call, kd_dict_of(v), seed, out, depth);
    case KIDA_RANGE:
        *out = hash_range(kd_range_of(v), seed);
        return KIDA_OK;
    case KIDA_VIEW:
        if (((kd_view *)v.u_.p)->kind != KD_VIEW_VALUES)
            return fail_unhashable(call, v);
        *out = hash_pointer(v.u_.p, KIDA_VIEW, seed);
        return KIDA_OK;
    case KIDA_OBJECT:
        return hash_object(call, v, seed, out);
    case KIDA_ABSENT:
    case KIDA_UNDEFINED:
    case KIDA_NONE:
        *out = hash_pointer(NULL, kd_tag(v), seed);
        return KIDA_OK;
    case KIDA_ITERATOR:
    case KIDA_CALLABLE:
        *out = hash_pointer(v.u_.p, kd_tag(v), seed);
        return KIDA_OK;
    case KIDA_LIST:
    case KIDA_DICT:
        break;
    }
    return fail_unhashable(call, v);
}
