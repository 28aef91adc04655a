/* SPDX-License-Identifier: MIT */
/* iterators.c - the functions whose result is walked once. Nothing is worked out before it is asked
 * for; what they walk is walked live. */
#include "build.h"
#include "iterators.h"

/* A walk over several iterables side by side. */
typedef struct parallel {
    kida_value function; /* map: what is called with each round of items */
    kida_iter *iters;
    size_t count;
    bool strict; /* zip: all must end together */
} parallel;

/* Up to so many items of a round stay on the C stack. A round can't live in the iterator itself: a
 * function that it calls may ask the same iterator for the next one. */
#define ROUND_SMALL 8

static kida_status
new_iterator(kida_call *call, const char *name, kida_next_fn *next, void *state, kida_value *out)
{
    kida_status st = kida_iterator_new(kida_call_pool(call), name, next, state, out);

    if (st == KIDA_E_NOMEM)
        return kida_fail(call, KIDA_E_LIMIT_MEMORY, "the render needs too much memory");
    return st;
}

/* Starts a walk over the arguments that "*name" took, from number first on. */
static kida_status
start_parallel(kida_call *call, size_t first, parallel **out)
{
    size_t count = kida_rest_count(call) - first;
    parallel *walk = kd_new_array(call, 1, sizeof(*walk));
    kida_iter *iters = walk != NULL ? kd_new_array(call, count, sizeof(*iters)) : NULL;
    if (iters == NULL)
        return KIDA_E_LIMIT_MEMORY;

    kida_status st = KIDA_OK;
    for (size_t i = 0; i < count && st == KIDA_OK; i++)
        st = kida_iter_init(call, &iters[i], kida_rest(call, first + i));
    *walk = (parallel){ kd_nothing(), iters, count, false };
    *out = walk;
    return st;
}

/* One item of each iterable; *ended is the number of the first that had none, count if all had. */
static kida_status
next_round(kida_call *call, parallel *walk, kida_value *items, size_t *ended)
{
    kida_status st = KIDA_OK;
    size_t i = 0;

    for (; i < walk->count; i++) {
        st = kida_iter_next(call, &walk->iters[i], &items[i]);
        if (st != KIDA_OK || kd_is_end(items[i]))
            break;
    }
    *ended = i;
    return st;
}

static kida_value *
room_for_round(kida_call *call, const parallel *walk, kida_value small[ROUND_SMALL])
{
    return walk->count <= ROUND_SMALL ? small : kd_new_array(call, walk->count, sizeof(*small));
}

/* ---- zip ------------------------------------------------------------------------------------- */

/* strict: iterable number ended had no item; it must be the first, and the others end with it. */
static kida_status
check_ends(kida_call *call, parallel *walk, size_t ended)
{
    kida_status st = KIDA_OK;
    bool even = ended == 0;

    for (size_t i = 1; even && i < walk->count && st == KIDA_OK; i++) {
        kida_value item;
        st = kida_iter_next(call, &walk->iters[i], &item);
        even = st != KIDA_OK || kd_is_end(item);
    }
    if (st != KIDA_OK || even)
        return st;
    return kida_fail_kind(call, KIDA_E_RUNTIME, "ValueError",
                          "the arguments of zip() differ in length");
}

static kida_status
next_zip(kida_call *call, void *state, kida_value *out)
{
    parallel *walk = state;
    kida_value small[ROUND_SMALL];
    size_t ended;

    *out = kd_nothing();
    if (walk->count == 0)
        return KIDA_OK;
    kida_value *items = room_for_round(call, walk, small);
    if (items == NULL)
        return KIDA_E_LIMIT_MEMORY;
    kida_status st = next_round(call, walk, items, &ended);
    if (st != KIDA_OK)
        return st;
    if (ended < walk->count)
        return walk->strict ? check_ends(call, walk, ended) : KIDA_OK;
    return kd_new_tuple(call, items, walk->count, out);
}

kida_status
kd_g_zip(kida_call *call, kida_value *out)
{
    parallel *walk;
    kida_status st = start_parallel(call, 0, &walk);

    if (st != KIDA_OK)
        return st;
    walk->strict = kida_arg_bool(call, 1);
    return new_iterator(call, "zip", next_zip, walk, out);
}

const kida_param kd_zip_params[] = {
    { "*iterables", KIDA_IN_ANY, NULL },
    { "strict", KIDA_IN_BOOL | KIDA_IN_KEYWORD, "false" },
    { 0 },
};

/* ---- map ------------------------------------------------------------------------------------- */

static kida_status
next_map(kida_call *call, void *state, kida_value *out)
{
    parallel *walk = state;
    kida_value small[ROUND_SMALL];
    size_t ended;

    *out = kd_nothing();
    kida_value *items = room_for_round(call, walk, small);
    if (items == NULL)
        return KIDA_E_LIMIT_MEMORY;
    kida_status st = next_round(call, walk, items, &ended);
    if (st != KIDA_OK || ended < walk->count)
        return st;
    return kida_invoke(call, walk->function, items, walk->count, out);
}

/* Whether func can be called shows at the first item. */
kida_status
kd_g_map(kida_call *call, kida_value *out)
{
    parallel *walk;

    if (kida_rest_count(call) < 2)
        return kida_fail(call, KIDA_E_TYPE, "map() wants a function and at least one iterable");
    kida_status st = start_parallel(call, 1, &walk);
    if (st != KIDA_OK)
        return st;
    walk->function = kida_rest(call, 0);
    return new_iterator(call, "map", next_map, walk, out);
}

const kida_param kd_map_params[] = { { "*args", KIDA_IN_ANY, NULL }, { 0 } };

/* ---- filter ---------------------------------------------------------------------------------- */

typedef struct sieve {
    kida_value function; /* none: the items themselves decide */
    kida_iter iter;
} sieve;

static kida_status
next_filter(kida_call *call, void *state, kida_value *out)
{
    sieve *walk = state;
    kida_value item;
    kida_value answer;
    bool keep = false;
    kida_status st = KIDA_OK;

    *out = kd_nothing();
    while (st == KIDA_OK && !keep) {
        st = kida_iter_next(call, &walk->iter, &item);
        if (st != KIDA_OK || kd_is_end(item))
            return st;
        answer = item;
        if (kida_kind_of(walk->function) != KIDA_NONE)
            st = kida_invoke(call, walk->function, &item, 1, &answer);
        if (st == KIDA_OK)
            st = kida_truth(call, answer, &keep);
        if (st == KIDA_OK && keep)
            *out = item;
    }
    return st;
}

kida_status
kd_g_filter(kida_call *call, kida_value *out)
{
    sieve *walk = kd_new_array(call, 1, sizeof(*walk));
    if (walk == NULL)
        return KIDA_E_LIMIT_MEMORY;
    walk->function = kida_arg(call, 0);
    kida_status st = kida_iter_init(call, &walk->iter, kida_arg(call, 1));
    return st == KIDA_OK ? new_iterator(call, "filter", next_filter, walk, out) : st;
}

const kida_param kd_filter_params[] = {
    { "function", KIDA_IN_ANY | KIDA_IN_POSITION, NULL },
    { "iterable", KIDA_IN_ANY | KIDA_IN_POSITION, NULL },
    { 0 },
};

/* ---- enumerate ------------------------------------------------------------------------------- */

typedef struct numbered {
    kida_value number; /* of the next item */
    kida_iter iter;
} numbered;

static kida_status
next_numbered(kida_call *call, void *state, kida_value *out)
{
    numbered *walk = state;
    kida_value pair[2];

    *out = kd_nothing();
    kida_status st = kida_iter_next(call, &walk->iter, &pair[1]);
    if (st != KIDA_OK || kd_is_end(pair[1]))
        return st;
    pair[0] = walk->number;
    st = kida_arith(call, '+', walk->number, kida_int(1), &walk->number);
    return st == KIDA_OK ? kd_new_tuple(call, pair, 2, out) : st;
}

kida_status
kd_g_enumerate(kida_call *call, kida_value *out)
{
    numbered *walk = kd_new_array(call, 1, sizeof(*walk));
    if (walk == NULL)
        return KIDA_E_LIMIT_MEMORY;
    /* start may be a bool; a sum is an int, of any size. */
    kida_status st = kida_arith(call, '+', kida_int(0), kida_arg(call, 1), &walk->number);
    if (st == KIDA_OK)
        st = kida_iter_init(call, &walk->iter, kida_arg(call, 0));
    return st == KIDA_OK ? new_iterator(call, "enumerate", next_numbered, walk, out) : st;
}

const kida_param kd_enumerate_params[] = {
    { "iterable", KIDA_IN_ANY, NULL },
    { "start", KIDA_IN_INT, "0" },
    { 0 },
};

/* ---- reversed -------------------------------------------------------------------------------- */

typedef struct backwards {
    kida_value over; /* can be indexed */
    size_t left;     /* items that are still to come */
} backwards;

static kida_status
next_backwards(kida_call *call, void *state, kida_value *out)
{
    backwards *walk = state;
    kida_kind kind = kida_kind_of(walk->over);

    *out = kd_nothing();
    if (walk->left == 0)
        return KIDA_OK;
    walk->left--;
    if (kind == KIDA_LIST || kind == KIDA_TUPLE) {
        *out = kida_item_at(walk->over, walk->left); /* absent where the list has shrunk: the end */
        return KIDA_OK;
    }
    return kida_get_item(call, walk->over, kida_int((int64_t)walk->left), out);
}

/* What the iterator is called; views are named for what they show. */
static const char *
backwards_name(kida_value v)
{
    kida_kind kind = kida_kind_of(v);
    kida_str name = kida_str_from(kida_kind_name(v));

    if (kind == KIDA_LIST)
        return "list_reverseiterator";
    if (kind == KIDA_RANGE)
        return "range_iterator";
    if (kind == KIDA_VIEW && kida_str_equal(name, KIDA_S("dict_items")))
        return "dict_reverseitemiterator";
    if (kind == KIDA_VIEW && kida_str_equal(name, KIDA_S("dict_values")))
        return "dict_reversevalueiterator";
    return kind == KIDA_VIEW || kind == KIDA_DICT ? "dict_reversekeyiterator" : "reversed";
}

kida_status
kd_g_reversed(kida_call *call, kida_value *out)
{
    kida_value over = kida_arg(call, 0);
    kida_kind kind = kida_kind_of(over);
    size_t length = 0;
    bool can;

    kida_status st = kd_is_reversible(call, over, &can);
    if (st == KIDA_OK && !can)
        return kida_fail_type(call, over, "reversed() wants a sequence");
    backwards *walk = st == KIDA_OK ? kd_new_array(call, 1, sizeof(*walk)) : NULL;
    if (walk == NULL)
        return st != KIDA_OK ? st : KIDA_E_LIMIT_MEMORY;

    walk->over = over;
    if (kind == KIDA_STRING || kind == KIDA_DICT || kind == KIDA_VIEW)
        st = kida_to_list(call, over, &walk->over); /* these can't be indexed quickly */
    if (st == KIDA_OK)
        st = kida_measure(call, walk->over, &length, &can);
    walk->left = length;
    return st == KIDA_OK ? new_iterator(call, backwards_name(over), next_backwards, walk, out) : st;
}

const kida_param kd_reversed_params[] = {
    { "sequence", KIDA_IN_ANY | KIDA_IN_POSITION, NULL },
    { 0 },
};
