/* SPDX-License-Identifier: MIT */
/* build.c - values that hosts build ahead of a render: copied text, contexts in one call. */
#include <string.h>

#include "value/detached.h"
#include "value/ops.h"

kida_call *
kd_detach(kd_detached *d, kida_pool *pool)
{
    memset(&d->call, 0, sizeof(d->call));
    memset(&d->rt, 0, sizeof(d->rt));
    kida_error_init(&d->err);
    d->rt.pool = pool;
    d->rt.err = &d->err;
    d->rt.steps_left = UINT64_MAX;
    d->rt.max_text = SIZE_MAX >> 16;
    d->rt.max_depth = 200;
    d->call.rt = &d->rt;
    return &d->call;
}

kida_str
kd_keep_str(kida_pool *pool, kida_str text)
{
    if (text.len == 0)
        return KIDA_S("");
    return kd_arena_str(pool, text);
}

kida_status
kida_string_copy(kida_pool *pool, kida_str text, kida_value *out)
{
    if (pool == NULL)
        return KIDA_E_NOMEM;
    kida_str copy = kd_keep_str(pool, text);
    if (copy.ptr == NULL)
        return KIDA_E_NOMEM;
    *out = kida_string(copy);
    if (kd_str_is_ascii(copy))
        out->head_ |= KIDA_FLAG_ASCII_;
    return KIDA_OK;
}

static size_t
count_pairs(va_list args)
{
    size_t count = 0;
    while (va_arg(args, const char *) != NULL) {
        (void)va_arg(args, kida_value);
        count++;
    }
    return count;
}

kida_status
kida_context(kida_pool *pool, kida_value *out, ...)
{
    if (pool == NULL)
        return KIDA_E_NOMEM;
    va_list args;
    va_start(args, out);
    va_list again;
    va_copy(again, args);
    kida_value dict = kd_dict_make(pool, count_pairs(again));
    va_end(again);

    kida_status st = kd_is_absent(dict) ? KIDA_E_NOMEM : KIDA_OK;
    while (st == KIDA_OK) {
        const char *name = va_arg(args, const char *);
        if (name == NULL)
            break;
        kida_value item = va_arg(args, kida_value);
        if (!kd_dict_put_str(kd_dict_of(dict), kida_str_from(name), item))
            st = KIDA_E_NOMEM;
    }
    va_end(args);
    if (st == KIDA_OK)
        *out = dict;
    return st;
}
