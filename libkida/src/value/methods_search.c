/* SPDX-License-Identifier: MIT */
/* methods_search.c - methods of texts that look for a part. Positions are code points. */
#include "memory/str.h"
#include "value/methods.h"

/* ---- arguments ------------------------------------------------------------------------------- */

/* A text argument. For some methods Python does not name the type it got: there null is an
 * ordinary wrong type (library specification, 0.2). */
kida_status
kd_text_arg(kida_call *call, kida_value v, const char *what, bool null_is_plain, kida_str *out)
{
    if (KD_LIKELY(kd_is(v, KIDA_STRING))) {
        *out = kida_as_str(v);
        return KIDA_OK;
    }
    if (kd_is(v, KIDA_NONE) && !null_is_plain)
        return kida_fail(call, KIDA_E_NONE, "%s must be a text, not none", what);
    return kida_fail(call, KIDA_E_TYPE, "%s must be a text, not %s", what, kida_kind_name(v));
}

/* The part of a text that start and end (arguments 1 and 2) leave. */
typedef struct part {
    kida_str text;
    size_t from; /* code points before it */
    bool empty_range; /* start lies behind the end: not even the empty text is in it */
} part;

static kida_status
part_of(kida_call *call, kida_value self, part *out)
{
    *out = (part){ kida_as_str(self), 0, false };
    if (!kida_arg_given(call, 1) && !kida_arg_given(call, 2))
        return KIDA_OK;
    if (kd_str_is_ascii(out->text))
        self.head_ |= KIDA_FLAG_ASCII_;
    size_t to;
    kida_status st = kd_bounds(call, kd_text_count(self), kida_arg(call, 1), kida_arg(call, 2),
                               "a bound", &out->from, &to);
    if (st != KIDA_OK)
        return st;
    out->empty_range = out->from > to;
    out->text = out->empty_range ? KIDA_S("") : kd_text_part(self, out->from, to);
    return KIDA_OK;
}

static const kida_param search_params[] = {
    { "sub", KIDA_IN_POSITION, NULL },
    { "start", KIDA_IN_POSITION, "none" },
    { "end", KIDA_IN_POSITION, "none" },
    { 0 },
};
static const kida_param one_params[] = { { "value", KIDA_IN_POSITION, NULL }, { 0 } };

/* ---- find and index -------------------------------------------------------------------------- */

static kida_status
search(kida_call *call, kida_value self, bool from_right, kida_value *out)
{
    kida_str sub;
    part p;
    kida_status st = kd_text_arg(call, kida_arg(call, 0), "the text to look for", true, &sub);
    if (st == KIDA_OK)
        st = part_of(call, self, &p);
    if (st != KIDA_OK)
        return st;
    *out = kida_int(-1);
    if (p.empty_range)
        return KIDA_OK;
    size_t at = from_right ? kd_str_rfind(p.text, sub) : kd_str_find(p.text, sub, 0);
    if (at != SIZE_MAX)
        *out = kida_int((int64_t)(p.from + kida_utf8_count(kd_str_sub(p.text, 0, at))));
    return KIDA_OK;
}

static kida_status
search_or_fail(kida_call *call, kida_value self, bool from_right, kida_value *out)
{
    kida_status st = search(call, self, from_right, out);
    if (st == KIDA_OK && out->u_.i < 0)
        return kida_fail_kind(call, KIDA_E_RUNTIME, "ValueError", "the text has no such part");
    return st;
}

static kida_status
str_find(kida_call *call, kida_value self, kida_value *out)
{
    return search(call, self, false, out);
}

static kida_status
str_rfind(kida_call *call, kida_value self, kida_value *out)
{
    return search(call, self, true, out);
}

static kida_status
str_index(kida_call *call, kida_value self, kida_value *out)
{
    return search_or_fail(call, self, false, out);
}

static kida_status
str_rindex(kida_call *call, kida_value self, kida_value *out)
{
    return search_or_fail(call, self, true, out);
}

static kida_status
str_count(kida_call *call, kida_value self, kida_value *out)
{
    kida_str sub;
    part p;
    kida_status st = kd_text_arg(call, kida_arg(call, 0), "the text to count", true, &sub);
    if (st == KIDA_OK)
        st = part_of(call, self, &p);
    if (st != KIDA_OK)
        return st;
    int64_t count = 0;
    if (p.empty_range) {
        /* nothing is in it */
    } else if (sub.len == 0) {
        count = (int64_t)kida_utf8_count(p.text) + 1;
    } else {
        for (size_t at = 0; (at = kd_str_find(p.text, sub, at)) != SIZE_MAX; at += sub.len)
            count++;
    }
    *out = kida_int(count);
    return KIDA_OK;
}

/* ---- ends ------------------------------------------------------------------------------------ */

static kida_status
begins_or_ends(kida_call *call, kida_value self, bool (*test)(kida_str, kida_str), kida_value *out)
{
    kida_value wanted = kida_arg(call, 0);
    size_t count = kd_is(wanted, KIDA_TUPLE) ? kd_tuple_count(wanted) : 1;
    part p;
    kida_status st = part_of(call, self, &p);
    *out = kida_bool(false);
    for (size_t i = 0; st == KIDA_OK && i < count; i++) {
        kida_str sub;
        kida_value one = kd_is(wanted, KIDA_TUPLE) ? kd_tuple_items(wanted)[i] : wanted;
        st = kd_text_arg(call, one, "the text to look for", false, &sub);
        if (st == KIDA_OK && !p.empty_range && test(p.text, sub)) {
            *out = kida_bool(true);
            break;
        }
    }
    return st;
}

static kida_status
str_startswith(kida_call *call, kida_value self, kida_value *out)
{
    return begins_or_ends(call, self, kd_str_starts, out);
}

static kida_status
str_endswith(kida_call *call, kida_value self, kida_value *out)
{
    return begins_or_ends(call, self, kd_str_ends, out);
}

static kida_status
str_removeprefix(kida_call *call, kida_value self, kida_value *out)
{
    kida_str text = kida_as_str(self);
    kida_str head;
    kida_status st = kd_text_arg(call, kida_arg(call, 0), "the prefix", true, &head);
    if (st == KIDA_OK)
        *out = kida_string(kd_str_starts(text, head) ? kd_str_sub(text, head.len, text.len) : text);
    return st;
}

static kida_status
str_removesuffix(kida_call *call, kida_value self, kida_value *out)
{
    kida_str text = kida_as_str(self);
    kida_str tail;
    kida_status st = kd_text_arg(call, kida_arg(call, 0), "the suffix", true, &tail);
    if (st == KIDA_OK)
        *out = kida_string(kd_str_ends(text, tail) ? kd_str_sub(text, 0, text.len - tail.len)
                                                   : text);
    return st;
}

static const kd_method rows[] = {
    { "find", str_find, search_params, 0 },
    { "rfind", str_rfind, search_params, 0 },
    { "index", str_index, search_params, 0 },
    { "rindex", str_rindex, search_params, 0 },
    { "count", str_count, search_params, 0 },
    { "startswith", str_startswith, search_params, 0 },
    { "endswith", str_endswith, search_params, 0 },
    { "removeprefix", str_removeprefix, one_params, 0 },
    { "removesuffix", str_removesuffix, one_params, 0 },
};

const kd_method_table kd_str_search_methods = { rows, KD_COUNT(rows) };
