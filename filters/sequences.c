/* SPDX-License-Identifier: MIT */
/* sequences.c - filters on whatever can be walked: ends, parts, groups of a size, chance. "Lenient"
 * ones answer values that can't be walked with nothing instead of a failure. */
#include "build.h"
#include "builtins.h"
#include "sorting.h"
#include "text.h"
#include "totals.h"

/* ---- ends and length ------------------------------------------------------------------------- */

static kida_status
f_first(kida_call *call, kida_value self, kida_value *out)
{
    kida_iter iter;

    *out = kida_none();
    if (!kida_is_iterable(self))
        return KIDA_OK;
    kida_status st = kida_iter_init(call, &iter, self);
    if (st == KIDA_OK)
        st = kida_iter_next(call, &iter, out);
    if (st == KIDA_OK && kd_is_end(*out))
        *out = kida_none();
    return st;
}

/* The last character of a text; none if it is empty. */
static kida_value
last_character(kida_str text)
{
    size_t start = text.len;

    if (text.len == 0)
        return kida_none();
    do
        start--;
    while (start > 0 && ((unsigned char)text.ptr[start] & 0xc0) == 0x80);
    return kida_string((kida_str){ text.ptr + start, text.len - start });
}

static kida_status
f_last(kida_call *call, kida_value self, kida_value *out)
{
    kida_kind kind = kida_kind_of(self);
    size_t count = kida_length(self);
    kida_iter iter;
    kida_value item;

    *out = kida_none();
    if (kind == KIDA_STRING)
        *out = last_character(kd_text(self));
    else if ((kind == KIDA_LIST || kind == KIDA_TUPLE) && count > 0)
        *out = kida_item_at(self, count - 1);
    else if (kind == KIDA_RANGE && count > 0)
        return kida_get_item(call, self, kida_int(-1), out);
    if (kind == KIDA_STRING || kind == KIDA_LIST || kind == KIDA_TUPLE || kind == KIDA_RANGE ||
        !kida_is_iterable(self))
        return KIDA_OK;

    kida_status st = kida_iter_init(call, &iter, self);
    while (st == KIDA_OK) {
        st = kida_iter_next(call, &iter, &item);
        if (st != KIDA_OK || kd_is_end(item))
            break;
        *out = item;
    }
    return st;
}

/* length, count: 0 for what has none. */
static kida_status
f_length(kida_call *call, kida_value self, kida_value *out)
{
    size_t length;
    bool known;
    kida_status st = kida_measure(call, self, &length, &known);

    if (st == KIDA_OK && known && length > (size_t)INT64_MAX)
        return kida_fail_kind(call, KIDA_E_RUNTIME, "OverflowError", "the length is too large");
    if (st == KIDA_OK)
        *out = kida_int(known ? (int64_t)length : 0);
    return st;
}

static kida_status
f_list(kida_call *call, kida_value self, kida_value *out)
{
    return kida_to_list(call, self, out);
}

/* ---- join ------------------------------------------------------------------------------------ */

/* Puts one item; a safe separator makes the result safe, so every item is escaped. */
static kida_status
put_item(kida_call *call, kida_buf *buf, kida_value item, bool escape)
{
    kida_str text;

    if (!escape) {
        kida_buf_value(buf, item);
        return kida_buf_status(buf);
    }
    kida_status st = kida_to_str(call, item, &text);
    if (st == KIDA_OK)
        kida_buf_html(buf, text);
    return st;
}

static kida_status
f_join(kida_call *call, kida_value self, kida_value *out)
{
    kida_value separator = kida_arg(call, 0);
    bool safe = kida_is_safe(separator);
    bool first = true;
    kida_buf buf;
    kida_iter iter;
    kida_value item;

    if (kida_kind_of(self) == KIDA_NONE) {
        *out = kida_string(KIDA_S(""));
        return KIDA_OK;
    }
    if (kida_kind_of(separator) != KIDA_STRING)
        return kida_fail(call, KIDA_E_ATTRIBUTE, "join() wants a text as separator");
    kida_buf_init(&buf, call);
    kida_status st = kida_iter_init(call, &iter, self);
    while (st == KIDA_OK) {
        st = kida_iter_next(call, &iter, &item);
        if (st != KIDA_OK || kd_is_end(item))
            break;
        if (!first)
            kida_buf_put(&buf, kida_as_str(separator));
        first = false;
        st = put_item(call, &buf, item, safe);
    }
    if (st != KIDA_OK)
        return st;
    return safe ? kida_buf_finish_safe(&buf, out) : kida_buf_finish(&buf, out);
}

static const kida_param join_params[] = { { "separator", KIDA_IN_ANY, "''" }, { 0 } };

/* ---- order ----------------------------------------------------------------------------------- */

static kida_status
f_reverse(kida_call *call, kida_value self, kida_value *out)
{
    kida_value *items;
    size_t count;
    bool can;

    kida_status st = kd_is_reversible(call, self, &can);
    if (st == KIDA_OK && !can)
        return kida_fail_type(call, self, "reverse() wants a sequence");
    if (st == KIDA_OK)
        st = kd_to_array(call, self, &items, &count);
    if (st == KIDA_OK)
        st = kd_new_list(call, count, out);
    for (size_t i = 0; st == KIDA_OK && i < count; i++)
        st = kd_push(call, *out, items[count - 1 - i]);
    return st;
}

/* ---- groups of a size ------------------------------------------------------------------------ */

/* Whether a group has reached the size, which may be any number. */
static kida_status
is_full(kida_call *call, kida_value group, kida_value size, bool *out)
{
    return kida_order(call, 'g', kida_int((int64_t)kida_length(group)), size, out);
}

/* Fills a group up to the size. */
static kida_status
pad(kida_call *call, kida_value group, kida_value size, kida_value fill)
{
    bool less = true;
    kida_status st = KIDA_OK;

    while (less && st == KIDA_OK) {
        st = kida_order(call, '<', kida_int((int64_t)kida_length(group)), size, &less);
        if (st == KIDA_OK && less)
            st = kida_spend(call, 1);
        if (st == KIDA_OK && less)
            st = kd_push(call, group, fill);
    }
    return st;
}

/* batch: consecutive groups. The size is first looked at when there is an item. */
static kida_status
f_batch(kida_call *call, kida_value self, kida_value *out)
{
    kida_value size = kida_arg(call, 0);
    kida_value fill = kida_arg(call, 1);
    kida_value group = kd_nothing();
    kida_value item;
    kida_iter iter;

    kida_status st = kida_iter_init(call, &iter, self);
    if (st == KIDA_OK)
        st = kd_new_list(call, 0, out);
    while (st == KIDA_OK) {
        bool full = false;
        st = kida_iter_next(call, &iter, &item);
        if (st != KIDA_OK || kd_is_end(item))
            break;
        if (kd_is_end(group)) {
            st = kd_new_list(call, 0, &group);
            if (st == KIDA_OK)
                st = kd_push(call, *out, group);
        }
        if (st == KIDA_OK)
            st = kd_push(call, group, item);
        if (st == KIDA_OK)
            st = is_full(call, group, size, &full);
        if (full)
            group = kd_nothing();
    }
    if (st == KIDA_OK && !kd_is_end(group) && kida_kind_of(fill) != KIDA_NONE)
        st = pad(call, group, size, fill);
    return st;
}

static const kida_param batch_params[] = {
    { "linecount", KIDA_IN_ANY, NULL },
    { "fill_with", KIDA_IN_ANY, "none" },
    { 0 },
};

/* slice: deals the items round like cards. */
static kida_status
f_slice(kida_call *call, kida_value self, kida_value *out)
{
    int64_t slices = kida_arg_int(call, 0);
    kida_value *items;
    size_t count;

    kida_status st = kd_to_array(call, self, &items, &count);
    if (st == KIDA_OK && count > 0 && slices == 0)
        return kida_fail(call, KIDA_E_ZERO_DIVISION, "slice() can't deal items to no list at all");
    if (st == KIDA_OK && count > 0 && slices < 0)
        return kida_fail_kind(call, KIDA_E_RUNTIME, "IndexError",
                              "slice() can't make a negative number of lists");
    if (st == KIDA_OK)
        st = kd_new_list(call, 0, out);
    for (int64_t i = 0; i < slices && st == KIDA_OK; i++) {
        kida_value list;
        st = kida_spend(call, 1);
        if (st == KIDA_OK)
            st = kd_new_list(call, 0, &list);
        if (st == KIDA_OK)
            st = kd_push(call, *out, list);
    }
    for (size_t i = 0; st == KIDA_OK && i < count; i++)
        st = kd_push(call, kida_item_at(*out, i % (size_t)slices), items[i]);
    return st;
}

static const kida_param slice_params[] = {
    { "slices", KIDA_IN_INT, NULL },
    { "fill_with", KIDA_IN_ANY, "none" }, /* accepted and unused */
    { 0 },
};

/* ---- parts ----------------------------------------------------------------------------------- */

/* Reads a count: *limit is it, or all there is for none; false for what is no count. */
static bool
read_count(kida_value count, uint64_t *limit)
{
    kida_kind kind = kida_kind_of(count);

    *limit = UINT64_MAX;
    if (kind == KIDA_NONE)
        return true;
    if ((kind != KIDA_INT && kind != KIDA_BOOL) || kida_as_int(count) < 0)
        return false;
    *limit = (uint64_t)kida_as_int(count);
    return true;
}

/* take, skip: lenient. *out = the items from number skip on, limit of them at most. */
static kida_status
part_of(kida_call *call, kida_value self, uint64_t skip, uint64_t limit, kida_value *out)
{
    kida_iter iter;
    kida_value item;

    kida_status st = kd_new_list(call, 0, out);
    if (st == KIDA_OK)
        st = kida_iter_init(call, &iter, self);
    for (uint64_t i = 0; st == KIDA_OK && i < limit; i++) {
        st = kida_iter_next(call, &iter, &item);
        if (st != KIDA_OK || kd_is_end(item))
            break;
        if (i >= skip)
            st = kd_push(call, *out, item);
    }
    return st;
}

static kida_status
f_take(kida_call *call, kida_value self, kida_value *out)
{
    uint64_t limit;

    if (!read_count(kida_arg(call, 0), &limit) || !kida_is_iterable(self))
        return kd_new_list(call, 0, out);
    return part_of(call, self, 0, limit, out);
}

static kida_status
f_skip(kida_call *call, kida_value self, kida_value *out)
{
    uint64_t skip;
    kida_value count = kida_arg(call, 0);

    if (!read_count(count, &skip) || !kida_is_iterable(self))
        return kd_new_list(call, 0, out);
    if (kida_kind_of(count) == KIDA_NONE)
        skip = 0;
    return part_of(call, self, skip, UINT64_MAX, out);
}

static const kida_param count_params[] = { { "count", KIDA_IN_ANY, NULL }, { 0 } };

/* compact: lenient; without falsy items, or without none alone. */
static kida_status
f_compact(kida_call *call, kida_value self, kida_value *out)
{
    bool truthy = kida_arg_bool(call, 0);
    kida_iter iter;
    kida_value item;

    kida_status st = kd_new_list(call, 0, out);
    if (st != KIDA_OK || !kida_is_iterable(self))
        return st;
    st = kida_iter_init(call, &iter, self);
    while (st == KIDA_OK) {
        st = kida_iter_next(call, &iter, &item);
        if (st != KIDA_OK || kd_is_end(item))
            break;
        bool keep = kida_kind_of(item) != KIDA_NONE;
        if (truthy)
            st = kida_truth(call, item, &keep);
        if (st == KIDA_OK && keep)
            st = kd_push(call, *out, item);
    }
    return st;
}

static const kida_param compact_params[] = {
    { "truthy", KIDA_IN_BOOL | KIDA_IN_KEYWORD, "true" },
    { 0 },
};

/* ---- chance ---------------------------------------------------------------------------------- */

static kida_status
f_random(kida_call *call, kida_value self, kida_value *out)
{
    kida_value items = self;
    kida_kind kind = kida_kind_of(self);
    kida_status st = KIDA_OK;

    if (kind != KIDA_LIST && kind != KIDA_TUPLE && kind != KIDA_RANGE)
        st = kida_to_list(call, self, &items);
    if (st != KIDA_OK)
        return st;
    size_t count = kida_length(items);
    if (count == 0) {
        *out = kida_none();
        return KIDA_OK;
    }
    uint64_t bound = count < (size_t)INT64_MAX ? count : (uint64_t)INT64_MAX;
    return kida_get_item(call, items, kida_int((int64_t)kida_random(call, bound)), out);
}

static kida_status
f_shuffle(kida_call *call, kida_value self, kida_value *out)
{
    kida_value *items;
    size_t count;

    kida_status st = kd_to_array(call, self, &items, &count);
    if (st != KIDA_OK)
        return st;
    for (size_t i = count; i > 1; i--) {
        size_t other = (size_t)kida_random(call, i);
        kida_value item = items[i - 1];
        items[i - 1] = items[other];
        items[other] = item;
    }
    return kd_list_of_array(call, items, count, out);
}

/* ---- table ----------------------------------------------------------------------------------- */

const kida_filter kd_filters_sequences[] = {
    { "first", f_first, NULL, KIDA_PURE, "the first item" },
    { "last", f_last, NULL, KIDA_PURE, "the last item" },
    { "length", f_length, NULL, KIDA_PURE, "number of items or characters" },
    { "count", f_length, NULL, KIDA_PURE, "same as length" },
    { "list", f_list, NULL, KIDA_PURE, "all items as a list" },
    { "join", f_join, join_params, KIDA_PURE, "items put together as a text" },
    { "reverse", f_reverse, NULL, KIDA_PURE, "items from the last to the first" },
    { "sort", kd_f_sort, kd_sort_params, KIDA_PURE, "items in order, numbers before texts" },
    { "dictsort", kd_f_dictsort, kd_dictsort_params, 0, "entries of a dict by key or value" },
    { "batch", f_batch, batch_params, KIDA_PURE, "consecutive groups of a size" },
    { "slice", f_slice, slice_params, KIDA_PURE, "items dealt round to a number of lists" },
    { "take", f_take, count_params, KIDA_PURE, "the first so many items" },
    { "skip", f_skip, count_params, KIDA_PURE, "all but the first so many items" },
    { "compact", f_compact, compact_params, 0, "without what is empty, zero, false or none" },
    { "random", f_random, NULL, KIDA_IMPURE, "an item picked at random" },
    { "shuffle", f_shuffle, NULL, KIDA_IMPURE, "items in random order" },
    { "sum", kd_f_sum, kd_f_sum_params, KIDA_PURE, "all items added up" },
    { "min", kd_f_min, kd_f_extreme_params, KIDA_PURE, "the least item" },
    { "max", kd_f_max, kd_f_extreme_params, KIDA_PURE, "the greatest item" },
};
const size_t kd_filters_sequences_count =
    sizeof(kd_filters_sequences) / sizeof(kd_filters_sequences[0]);
