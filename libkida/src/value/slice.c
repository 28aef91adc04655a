/* SPDX-License-Identifier: MIT */
/* slice.c - x[a:b:c] of texts, lists, tuples and ranges, by Python's rules. */
#include "memory/str.h"
#include "value/methods.h"
#include "value/object.h"

/* A slice brought inside its sequence: count items, every step-th from first. */
typedef struct cut {
    int64_t first;
    int64_t end; /* not reached */
    int64_t step;
    size_t count;
} cut;

/* A bound brought into low..high; none gives the fallback. */
static kida_status
clamp(kida_call *call, kida_value bound, int64_t len, int64_t low, int64_t high, int64_t fallback,
      int64_t *out)
{
    int64_t i = fallback;
    if (!kd_is(bound, KIDA_NONE)) {
        kida_status st = kd_index_arg(call, bound, "a part of a slice", &i);
        if (st != KIDA_OK)
            return st;
        if (i < 0)
            i = i < -len ? low : i + len;
    }
    *out = i < low ? low : i > high ? high : i;
    return KIDA_OK;
}

static kida_status
find_cut(kida_call *call, size_t count, kida_value from, kida_value to, kida_value step, cut *out)
{
    int64_t len = (int64_t)count;
    int64_t by = 1, first, end;
    kida_status st = KIDA_OK;
    if (count > (size_t)INT64_MAX)
        return kida_fail_kind(call, KIDA_E_RUNTIME, "OverflowError",
                              "the range is too long to be sliced");
    if (!kd_is(step, KIDA_NONE))
        st = kd_index_arg(call, step, "the step of a slice", &by);
    if (st != KIDA_OK)
        return st;
    if (by == 0)
        return kida_fail_kind(call, KIDA_E_RUNTIME, "ValueError", "the step of a slice can't be 0");
    if (by == INT64_MIN)
        by = -INT64_MAX; /* its negative must fit; longer than any sequence all the same */
    int64_t low = by > 0 ? 0 : -1;
    int64_t high = by > 0 ? len : len - 1;
    st = clamp(call, from, len, low, high, by > 0 ? low : high, &first);
    if (st == KIDA_OK)
        st = clamp(call, to, len, low, high, by > 0 ? high : low, &end);
    if (st != KIDA_OK)
        return st;
    out->first = first;
    out->end = end;
    out->step = by;
    if (by > 0)
        out->count = first < end ? (size_t)((end - first - 1) / by + 1) : 0;
    else
        out->count = end < first ? (size_t)((first - end - 1) / -by + 1) : 0;
    return KIDA_OK;
}

kida_status
kd_bounds(kida_call *call, size_t count, kida_value from, kida_value to, const char *what,
          size_t *out_from, size_t *out_to)
{
    int64_t len = count <= (size_t)INT64_MAX ? (int64_t)count : INT64_MAX;
    int64_t parts[2] = { 0, len };
    const kida_value given[2] = { from, to };
    for (int i = 0; i < 2; i++) {
        if (kd_is_absent(given[i]) || kd_is(given[i], KIDA_NONE))
            continue;
        kida_status st = kd_index_arg(call, given[i], what, &parts[i]);
        if (st != KIDA_OK)
            return st;
        if (parts[i] < 0)
            parts[i] = parts[i] < -len ? 0 : parts[i] + len;
    }
    *out_from = (size_t)parts[0];
    *out_to = (size_t)(parts[1] > len ? len : parts[1]);
    return KIDA_OK;
}

static kida_status
slice_items(kida_call *call, const kida_value *items, const cut *c, kida_value *out)
{
    kida_status st = kida_spend(call, c->count);
    if (st != KIDA_OK)
        return st;
    kida_value list = kd_list_make(call->rt->pool, c->count);
    if (kd_is_absent(list))
        return kd_fail_memory(call);
    kd_list *made = kd_list_of(list);
    int64_t at = c->first;
    while (made->count < c->count) {
        made->items[made->count++] = items[at];
        if (made->count < c->count) /* one step more could overflow */
            at += c->step;
    }
    *out = list;
    return KIDA_OK;
}

/* Picks code points one by one; the text is walked once, in either direction. */
static kida_status
pick_text(kida_call *call, kida_value text, const cut *c, kida_value *out)
{
    kida_buf buf;
    kida_buf_init(&buf, call);
    const char *start = text.u_.s;
    const char *end = start + kida_as_str(text).len;
    const char *at = start + kd_utf8_offset(kida_as_str(text), (size_t)c->first);
    for (size_t n = 0; n < c->count; n++) {
        const char *from = at;
        (void)kd_utf8_next(&at, end);
        kida_buf_put(&buf, (kida_str){ from, (size_t)(at - from) });
        if (n + 1 == c->count)
            break;
        for (int64_t skip = 1; skip < c->step; skip++)
            (void)kd_utf8_next(&at, end);
        if (c->step < 0)
            at = from;
        for (int64_t skip = 0; skip > c->step; skip--)
            (void)kd_utf8_prev(&at, start);
    }
    return kida_buf_finish(&buf, out);
}

static kida_status
slice_text(kida_call *call, kida_value v, kida_value from, kida_value to, kida_value step,
           kida_value *out)
{
    cut c;
    if (kd_str_is_ascii(kida_as_str(v)))
        v.head_ |= KIDA_FLAG_ASCII_;
    kida_status st = find_cut(call, kd_text_count(v), from, to, step, &c);
    if (st != KIDA_OK)
        return st;
    if (c.count == 0) {
        *out = kida_string(KIDA_S(""));
    } else if (c.step == 1) {
        *out = kida_string(kd_text_part(v, (size_t)c.first, (size_t)c.first + c.count));
    } else {
        st = pick_text(call, v, &c, out);
    }
    if (st == KIDA_OK)
        out->head_ |= v.head_ & KIDA_FLAG_ASCII_;
    return st;
}

static kida_status
slice_range(kida_call *call, const kd_range *r, const cut *c, kida_value *out)
{
    int64_t step, start, stop;
    /* start and stop may lie one step outside of 64 bits: such a range can't be made */
    if (__builtin_mul_overflow(r->step, c->step, &step)
        || __builtin_mul_overflow(r->step, c->first, &start)
        || __builtin_add_overflow(r->start, start, &start)
        || __builtin_mul_overflow(r->step, c->end, &stop)
        || __builtin_add_overflow(r->start, stop, &stop))
        return kd_fail_size(call);
    *out = kd_range_make(call, start, stop, step);
    return kd_is_absent(*out) ? call->rt->err->status : KIDA_OK;
}

static kida_status
slice_array(kida_call *call, const kd_span *array, const cut *c, kida_value *out)
{
    kida_value list = kd_list_make(call->rt->pool, c->count);
    kida_status st = kida_spend(call, c->count);
    if (st != KIDA_OK)
        return st;
    if (kd_is_absent(list))
        return kd_fail_memory(call);
    for (size_t n = 0; n < c->count; n++)
        kd_list_of(list)->items[n] = kd_span_at(array, (size_t)(c->first + (int64_t)n * c->step));
    kd_list_of(list)->count = c->count;
    *out = list;
    return KIDA_OK;
}

static kida_status
slice_tuple(kida_call *call, kida_value v, const cut *c, kida_value *out)
{
    kida_value list = kd_absent();
    kida_status st = slice_items(call, kd_tuple_items(v), c, &list);
    if (st != KIDA_OK)
        return st;
    *out = kd_pointer(KIDA_TUPLE, kd_list_of(list)->items, c->count, 0);
    return KIDA_OK;
}

kida_status
kd_slice(kida_call *call, kida_value v, kida_value from, kida_value to, kida_value step,
         kida_value *out)
{
    const kida_object_type *type = kd_host_type(v);
    cut c;
    if (kd_is(v, KIDA_STRING))
        return slice_text(call, v, from, to, step, out);
    if (kd_is(v, KIDA_LIST) || kd_is(v, KIDA_TUPLE) || kd_is(v, KIDA_RANGE)
        || type == &kd_span_type) {
        size_t count = type == NULL ? kida_length(v) : ((kd_span *)v.u_.p)->count;
        kida_status st = find_cut(call, count, from, to, step, &c);
        if (st != KIDA_OK)
            return st;
        if (kd_is(v, KIDA_LIST))
            return slice_items(call, kd_list_of(v)->items, &c, out);
        if (kd_is(v, KIDA_TUPLE))
            return slice_tuple(call, v, &c, out);
        if (kd_is(v, KIDA_RANGE))
            return slice_range(call, kd_range_of(v), &c, out);
        return slice_array(call, v.u_.p, &c, out);
    }
    if (kd_is(v, KIDA_DICT))
        return kida_fail(call, KIDA_E_KEY, "a slice is no key of the dict");
    if (kd_is(v, KIDA_NONE))
        return kida_fail(call, KIDA_E_NONE, "none can't be sliced");
    return kida_fail(call, KIDA_E_TYPE, "a value of type %s can't be sliced", kida_kind_name(v));
}
