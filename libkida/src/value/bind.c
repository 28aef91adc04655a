/* SPDX-License-Identifier: MIT */
/* bind.c - arguments of a call to C: binding by Python's rules, checks of kind, the getters.
 * Without keywords nothing is copied: the call looks at the caller's array. */
#include <stdio.h>
#include <string.h>

#include "value/big.h"
#include "value/ops.h"

/* Whether a row takes one argument of its own, and not "*rest" or "**keywords". */
static bool
is_plain(const kida_param *row)
{
    return row->name[0] != '*';
}

/* ---- kinds ----------------------------------------------------------------------------------- */

#define MASK (0xffu & ~(unsigned)KIDA_IN_NONE)

/* KIDA_IN_* bits that v satisfies. */
static uint32_t
bits_of(kida_value v)
{
    switch (kida_kind_of(v)) {
    case KIDA_NONE:
        return KIDA_IN_NONE;
    case KIDA_BOOL:
    case KIDA_INT:
    case KIDA_BIGINT:
        return KIDA_IN_INT | KIDA_IN_FLOAT;
    case KIDA_FLOAT:
        return KIDA_IN_FLOAT;
    case KIDA_STRING:
        return KIDA_IN_STR;
    case KIDA_LIST:
    case KIDA_TUPLE:
        return KIDA_IN_LIST;
    case KIDA_DICT:
        return KIDA_IN_DICT;
    case KIDA_CALLABLE:
        return KIDA_IN_CALLABLE;
    case KIDA_OBJECT:
        /* whether it can be called, or read like a dict, shows when that is tried */
        return KIDA_IN_CALLABLE | KIDA_IN_DICT;
    case KIDA_ABSENT:
    case KIDA_UNDEFINED:
    case KIDA_SET:
    case KIDA_RANGE:
    case KIDA_VIEW:
    case KIDA_ITERATOR:
        return 0;
    }
    return 0;
}

static const char *
wanted_name(uint32_t accepts)
{
    static const struct {
        uint32_t bit;
        const char *name;
    } names[] = {
        { KIDA_IN_FLOAT, "a number" }, { KIDA_IN_INT, "an integer" }, { KIDA_IN_STR, "a text" },
        { KIDA_IN_LIST, "a list" },    { KIDA_IN_DICT, "a dict" },
        { KIDA_IN_CALLABLE, "something to call" },
    };
    for (size_t i = 0; i < KD_COUNT(names); i++) {
        if (accepts & names[i].bit)
            return names[i].name;
    }
    return "something else";
}

static kida_status
check_kind(kida_call *call, const char *what, const kida_param *row, kida_value v)
{
    uint32_t accepts = row->accepts;
    bool truth;
    if ((accepts & KIDA_IN_BOOL) && kd_is(v, KIDA_OBJECT))
        return kd_truth(call, v, &truth); /* may fail, which kida_arg_bool can't tell */
    if ((accepts & MASK) == 0 || (accepts & KIDA_IN_BOOL) || (accepts & bits_of(v)))
        return KIDA_OK;
    kida_status st = kd_is(v, KIDA_NONE) ? KIDA_E_NONE : KIDA_E_TYPE;
    return kida_fail(call, st, "%s() wants %s as '%s', not %s", what, wanted_name(accepts),
                     row->name, kd_is(v, KIDA_NONE) ? "none" : kida_kind_name(v));
}

static kida_status
check_args(kida_call *call, const kd_signature *sig, const char *what)
{
    for (size_t i = 0; i < call->arg_count; i++) {
        if (kd_is_absent(call->args[i]))
            continue;
        kida_status st = check_kind(call, what, &sig->params[i], call->args[i]);
        if (st != KIDA_OK)
            return st;
    }
    return KIDA_OK;
}

/* ---- binding --------------------------------------------------------------------------------- */

static kida_status
fail_missing(kida_call *call, const char *what, const kida_param *row)
{
    return kida_fail(call, KIDA_E_TYPE, "%s() misses the argument '%s'", what, row->name);
}

static kida_status
fail_too_many(kida_call *call, const char *what, size_t most, size_t given)
{
    if (most == 0)
        return kida_fail(call, KIDA_E_TYPE, "%s() takes no arguments, %zu given", what, given);
    return kida_fail(call, KIDA_E_TYPE, "%s() takes at most %zu argument%s, %zu given", what, most,
                     most == 1 ? "" : "s", given);
}

static bool
is_name(const kida_param *row, kida_str name)
{
    return is_plain(row) && memchr(name.ptr, '\0', name.len) == NULL
           && strncmp(row->name, name.ptr, name.len) == 0 && row->name[name.len] == '\0';
}

/* Index of the parameter that may be given by this name; count if there is none. */
static uint32_t
find_param(const kd_signature *sig, kida_str name)
{
    for (uint32_t i = 0; i < sig->count; i++) {
        if (name.len > 0 && (sig->params[i].accepts & KIDA_IN_POSITION) == 0
            && is_name(&sig->params[i], name))
            return i;
    }
    return sig->count;
}

static kida_status
fail_name(kida_call *call, const char *what, kida_str name, const char *problem)
{
    return kida_fail(call, KIDA_E_TYPE, "%s() %s '%.*s'", what, problem,
                     (int)(name.len < 60 ? name.len : 60), name.ptr);
}

/* As fail_name, with what can be given by name. */
static kida_status
fail_keyword(kida_call *call, const kd_signature *sig, const char *what, kida_str name)
{
    char list[200];
    size_t len = 0;
    kida_status st = fail_name(call, what, name, "has no argument named");
    for (uint32_t i = 0; i < sig->count; i++) {
        if (!is_plain(&sig->params[i]) || (sig->params[i].accepts & KIDA_IN_POSITION) != 0)
            continue;
        int put = snprintf(list + len, sizeof(list) - len, "%s%s", len > 0 ? ", " : "",
                           sig->params[i].name);
        if (put < 0 || (size_t)put >= sizeof(list) - len)
            break;
        len += (size_t)put;
    }
    if (len > 0)
        (void)kida_fail_hint(call, "its arguments are: %.*s", (int)len, list);
    return st;
}

/* Spreads named arguments over the parameters; what is left goes to "**keywords". */
static kida_status
bind_named(kida_call *call, const kd_signature *sig, const char *what, const kida_str *names,
           const kida_value *named, size_t named_count)
{
    kida_pool *pool = call->rt->pool;
    kida_value *args = kd_arena_array(pool, sig->count + 1u, sizeof(*args));
    if (args == NULL)
        return kd_fail_memory(call);
    for (uint32_t i = 0; i < sig->count; i++)
        args[i] = i < call->arg_count ? call->args[i] : kd_absent();

    kida_str *extra_names = NULL;
    kida_value *extra = NULL;
    size_t extra_count = 0;
    for (size_t n = 0; n < named_count; n++) {
        uint32_t at = find_param(sig, names[n]);
        if (at < sig->count) {
            if (!kd_is_absent(args[at]))
                return fail_name(call, what, names[n], "got more than one value for");
            args[at] = named[n];
            continue;
        }
        if (!sig->has_keywords)
            return fail_keyword(call, sig, what, names[n]);
        if (extra == NULL) {
            extra_names = kd_arena_array(pool, named_count - n, sizeof(*extra_names));
            extra = kd_arena_array(pool, named_count - n, sizeof(*extra));
            if (extra_names == NULL || extra == NULL)
                return kd_fail_memory(call);
        }
        extra_names[extra_count] = names[n];
        extra[extra_count++] = named[n];
    }
    call->args = args;
    call->arg_count = sig->count;
    call->keyword_names = extra_names;
    call->keywords = extra;
    call->keyword_count = extra_count;
    return KIDA_OK;
}

kida_status
kd_bind(kida_call *call, const kd_signature *sig, const char *what, const kida_value *args,
        size_t arg_count, const kida_str *names, const kida_value *named, size_t named_count)
{
    call->signature = sig;
    call->args = args;
    call->arg_count = arg_count;
    call->rest = NULL;
    call->rest_count = 0;
    call->keyword_names = NULL;
    call->keywords = NULL;
    call->keyword_count = 0;
    if (KD_UNLIKELY(arg_count > sig->positional)) {
        if (!sig->has_rest)
            return fail_too_many(call, what, sig->positional, arg_count);
        call->arg_count = sig->positional;
        call->rest = args + sig->positional;
        call->rest_count = arg_count - sig->positional;
    }
    if (KD_UNLIKELY(named_count > 0)) {
        kida_status st = bind_named(call, sig, what, names, named, named_count);
        if (st != KIDA_OK)
            return st;
    }
    for (size_t i = named_count > 0 ? 0 : call->arg_count; i < sig->needed; i++) {
        bool given = i < call->arg_count && !kd_is_absent(call->args[i]);
        if (!given && kd_is_absent(sig->fallbacks[i]) && is_plain(&sig->params[i]))
            return fail_missing(call, what, &sig->params[i]);
    }
    return KD_UNLIKELY(sig->checks) ? check_args(call, sig, what) : KIDA_OK;
}

/* ---- getters --------------------------------------------------------------------------------- */

kida_value
kida_arg(const kida_call *call, size_t index)
{
    if (KD_LIKELY(index < call->arg_count) && !kd_is_absent(call->args[index]))
        return call->args[index];
    if (call->signature != NULL && index < call->signature->count)
        return call->signature->fallbacks[index];
    return kd_absent();
}

bool
kida_arg_given(const kida_call *call, size_t index)
{
    return index < call->arg_count && !kd_is_absent(call->args[index]);
}

int64_t
kida_arg_int(const kida_call *call, size_t index)
{
    kida_value v = kida_arg(call, index);
    if (KD_UNLIKELY(kd_is(v, KIDA_BIGINT)))
        return kd_big_is_negative(v) ? INT64_MIN : INT64_MAX;
    return kida_as_int(v);
}

double
kida_arg_float(const kida_call *call, size_t index)
{
    kida_value v = kida_arg(call, index);
    return KD_UNLIKELY(kd_is(v, KIDA_BIGINT)) ? kd_big_double(v) : kida_as_float(v);
}

kida_str
kida_arg_str(const kida_call *call, size_t index)
{
    return kida_as_str(kida_arg(call, index));
}

bool
kida_arg_bool(kida_call *call, size_t index)
{
    bool truth = false;
    kida_value v = kida_arg(call, index);
    if (kd_is(v, KIDA_BOOL))
        return v.u_.i != 0;
    return !kd_is_absent(v) && kd_truth(call, v, &truth) == KIDA_OK && truth;
}

size_t
kida_rest_count(const kida_call *call)
{
    return call->rest_count;
}

kida_value
kida_rest(const kida_call *call, size_t index)
{
    return index < call->rest_count ? call->rest[index] : kd_absent();
}

size_t
kida_keyword_count(const kida_call *call)
{
    return call->keyword_count;
}

kida_value
kida_keyword(const kida_call *call, size_t index, kida_str *name)
{
    if (index >= call->keyword_count) {
        *name = KIDA_S("");
        return kd_absent();
    }
    *name = call->keyword_names[index];
    return call->keywords[index];
}

void *
kida_call_user(const kida_call *call)
{
    return call->user;
}

kida_pool *
kida_call_pool(kida_call *call)
{
    return call->rt->pool;
}

void *
kida_call_host(kida_call *call)
{
    return call->rt->host;
}

kida_value
kida_call_meta(kida_call *call, kida_str name)
{
    const kd_upcalls *up = call->rt->up;
    return up != NULL && up->meta != NULL ? up->meta(call, name) : kd_absent();
}
