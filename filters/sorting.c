/* SPDX-License-Identifier: MIT */
/* sorting.c - sort, dictsort and sorted(), and the merge sort below them. */
#include <string.h>

#include "build.h"
#include "lookup.h"
#include "sorting.h"
#include "text.h"

/* ---- orderings of keys ----------------------------------------------------------------------- */

/* UTF-8 sorts like the code points that it stands for. */
static kida_status
text_before(kida_call *call, kida_value a, kida_value b, bool *out)
{
    kida_str left = kd_text(a);
    kida_str right = kd_text(b);
    kida_str shared = { left.ptr, left.len < right.len ? left.len : right.len };

    int order = left.ptr == right.ptr ? 0 : memcmp(left.ptr, right.ptr, shared.len);
    *out = order < 0 || (order == 0 && left.len < right.len);
    return kd_text_spend(call, shared);
}

kida_status
kd_before_native(kida_call *call, kida_value a, kida_value b, bool *out)
{
    if (kida_kind_of(a) == KIDA_INT && kida_kind_of(b) == KIDA_INT) {
        *out = kida_as_int(a) < kida_as_int(b);
        return KIDA_OK;
    }
    if (kida_kind_of(a) == KIDA_STRING && kida_kind_of(b) == KIDA_STRING)
        return text_before(call, a, b, out);
    return kida_order(call, '<', a, b, out);
}

/* Numbers, then texts, then none: the kinds of key that kd_sort_key makes. */
static int
class_of(kida_value key)
{
    if (kida_kind_of(key) == KIDA_NONE)
        return 2;
    return kida_kind_of(key) == KIDA_STRING ? 1 : 0;
}

static kida_status
before_by_class(kida_call *call, kida_value a, kida_value b, bool *out)
{
    int left = class_of(a);
    int right = class_of(b);

    if (left == right && left != 2)
        return kd_before_native(call, a, b, out);
    *out = left < right;
    return KIDA_OK;
}

kida_status
kd_before_grouped(kida_call *call, kida_value a, kida_value b, bool *out)
{
    bool left = kida_kind_of(a) == KIDA_NONE;
    bool right = kida_kind_of(b) == KIDA_NONE;

    if (!left && !right)
        return kd_before_native(call, a, b, out);
    *out = !left && right;
    return KIDA_OK;
}

kida_status
kd_sort_key(kida_call *call, kida_value v, bool case_sensitive, kida_value *out)
{
    kida_kind kind = kida_kind_of(v);
    kida_str text;

    if (kind == KIDA_BOOL || kind == KIDA_INT || kind == KIDA_BIGINT || kind == KIDA_FLOAT) {
        *out = v;
        return KIDA_OK;
    }
    if (kind == KIDA_NONE || (kind == KIDA_STRING && kida_as_str(v).len == 0)) {
        *out = kida_none();
        return KIDA_OK;
    }
    kida_status st = kida_to_str(call, v, &text);
    if (st != KIDA_OK)
        return st;
    if (!case_sensitive)
        return kd_small_letters(call, text, out);
    *out = kida_string(text);
    return KIDA_OK;
}

/* ---- merge sort ------------------------------------------------------------------------------ */

/* Whether row b, which stands behind row a, belongs in front of it. */
static kida_status
belongs_in_front(kida_call *call, const kd_ordering *by, const kd_row *b, const kd_row *a,
                 bool *out)
{
    const kd_row *first = by->reverse ? a : b;
    const kd_row *second = by->reverse ? b : a;
    bool behind = false;
    kida_status st = KIDA_OK;

    *out = false;
    for (size_t i = 0; i < by->width && st == KIDA_OK && !*out && !behind; i++) {
        st = by->before(call, first->keys[i], second->keys[i], out);
        if (st == KIDA_OK && !*out && i + 1 < by->width)
            st = by->before(call, second->keys[i], first->keys[i], &behind);
    }
    return st;
}

/* One merge: the sorted runs [low, middle) and [middle, high) of from become one in to. */
typedef struct merge_span {
    const kd_row *from;
    kd_row *to;
    size_t low;
    size_t middle;
    size_t high;
} merge_span;

static kida_status
merge(kida_call *call, const kd_ordering *by, const merge_span *span)
{
    const kd_row *from = span->from;
    size_t left = span->low;
    size_t right = span->middle;
    bool swap = false;
    kida_status st = KIDA_OK;

    if (right < span->high)
        st = belongs_in_front(call, by, &from[right], &from[right - 1], &swap);
    if (st != KIDA_OK || !swap) { /* in order as they stand */
        memcpy(span->to + left, from + left, (span->high - left) * sizeof(*from));
        return st;
    }
    for (size_t at = span->low; at < span->high && st == KIDA_OK; at++) {
        swap = left == span->middle;
        if (!swap && right < span->high)
            st = belongs_in_front(call, by, &from[right], &from[left], &swap);
        span->to[at] = from[swap ? right++ : left++];
    }
    return st;
}

static size_t
at_most(size_t value, size_t bound)
{
    return value < bound ? value : bound;
}

kida_status
kd_sort_rows(kida_call *call, kd_row *rows, size_t count, const kd_ordering *ordering)
{
    if (count < 2)
        return KIDA_OK;
    kd_row *from = rows;
    kd_row *to = kd_new_array(call, count, sizeof(*to));
    if (to == NULL)
        return KIDA_E_LIMIT_MEMORY;

    kida_status st = KIDA_OK;
    for (size_t run = 1; run < count && st == KIDA_OK; run = run > count / 2 ? count : run * 2) {
        st = kida_spend(call, count);
        for (size_t low = 0; low < count && st == KIDA_OK;) {
            size_t middle = low + at_most(run, count - low);
            size_t high = middle + at_most(run, count - middle);
            merge_span span = { from, to, low, middle, high };
            st = merge(call, ordering, &span);
            low = high;
        }
        kd_row *sorted = to;
        to = from;
        from = sorted;
    }
    if (st == KIDA_OK && from != rows)
        memcpy(rows, from, count * sizeof(*rows));
    return st;
}

/* Sorts rows and gives their items as a list. */
static kida_status
sorted_items(kida_call *call, kd_row *rows, size_t count, const kd_ordering *by, kida_value *out)
{
    kida_status st = kd_sort_rows(call, rows, count, by);

    if (st == KIDA_OK)
        st = kd_new_list(call, count, out);
    for (size_t i = 0; i < count && st == KIDA_OK; i++)
        st = kd_push(call, *out, rows[i].item);
    return st;
}

/* Rows for count items with width keys each, which the caller fills in. */
static kida_status
new_rows(kida_call *call, const kida_value *items, size_t count, size_t width, kd_row **rows,
         kida_value **keys)
{
    if (width > 0 && count > SIZE_MAX / width)
        return kida_fail(call, KIDA_E_LIMIT_MEMORY, "there is too much to sort");
    kd_row *made = kd_new_array(call, count, sizeof(*made));
    kida_value *room = made != NULL ? kd_new_array(call, count * width, sizeof(*room)) : NULL;
    if (room == NULL)
        return KIDA_E_LIMIT_MEMORY;
    for (size_t i = 0; i < count; i++)
        made[i] = (kd_row){ items[i], room + i * width };
    *rows = made;
    *keys = room;
    return KIDA_OK;
}

/* ---- sort ------------------------------------------------------------------------------------ */

/* The names in "a, b ,c", spaces around them cut off. */
static kida_status
split_names(kida_call *call, kida_str text, kida_str **names, size_t *count)
{
    size_t commas = 0;
    kida_status st = kd_text_spend(call, text);
    for (size_t i = 0; i < text.len; i++)
        commas += text.ptr[i] == ',';

    kida_str *made = st == KIDA_OK ? kd_new_array(call, commas + 1, sizeof(*made)) : NULL;
    if (made == NULL)
        return st != KIDA_OK ? st : KIDA_E_LIMIT_MEMORY;
    size_t start = 0;
    size_t at = 0;
    for (size_t i = 0; i <= text.len; i++) {
        if (i < text.len && text.ptr[i] != ',')
            continue;
        made[at++] = kd_text_trim((kida_str){ text.ptr + start, i - start });
        start = i + 1;
    }
    *names = made;
    *count = at;
    return KIDA_OK;
}

/* Names of the attributes to sort by; *count 0: by the items themselves. */
static kida_status
sort_names(kida_call *call, kida_value attribute, kida_str **names, size_t *count)
{
    bool wanted;
    kida_status st = kida_truth(call, attribute, &wanted);

    *count = 0;
    if (st != KIDA_OK || !wanted)
        return st;
    if (kida_kind_of(attribute) != KIDA_STRING)
        return kida_fail(call, KIDA_E_ATTRIBUTE, "sort() wants names of attributes as a text");
    return split_names(call, kd_text(attribute), names, count);
}

static kida_status
item_key(kida_call *call, kida_value v, bool case_sensitive, kida_value *out)
{
    if (kida_kind_of(v) == KIDA_NONE && kida_call_strict_none(call)) {
        kida_status st = kida_fail(call, KIDA_E_NONE, "sort() can't order none");
        (void)kida_fail_hint(call, "leave it out with compact, or turn strict_none off");
        return st;
    }
    return kd_sort_key(call, v, case_sensitive, out);
}

static kida_status
attribute_keys(kida_call *call, kida_value item, const kida_str *names, size_t count,
               kida_value *keys)
{
    bool case_sensitive = kida_arg_bool(call, 1);
    kida_status st = KIDA_OK;

    for (size_t i = 0; i < count && st == KIDA_OK; i++) {
        kida_value v;
        st = kd_lookup(call, item, kida_string(names[i]), &v);
        if (st == KIDA_OK)
            st = item_key(call, kd_is_end(v) ? kida_string(KIDA_S("")) : v, case_sensitive,
                          &keys[i]);
    }
    return st;
}

kida_status
kd_f_sort(kida_call *call, kida_value self, kida_value *out)
{
    kida_value *items;
    kida_str *names = NULL;
    size_t count;
    size_t name_count;
    bool any;

    kida_status st = kida_truth(call, self, &any);
    if (st == KIDA_OK && !any)
        return kd_new_list(call, 0, out);
    if (st == KIDA_OK)
        st = kd_to_array(call, self, &items, &count);
    if (st == KIDA_OK)
        st = sort_names(call, kida_arg(call, 2), &names, &name_count);
    if (st != KIDA_OK)
        return st;

    kd_row *rows = NULL;
    kida_value *keys = NULL;
    size_t width = name_count > 0 ? name_count : 1;
    kd_ordering by = { before_by_class, width, kida_arg_bool(call, 0) };
    st = new_rows(call, items, count, width, &rows, &keys);
    for (size_t i = 0; i < count && st == KIDA_OK; i++) {
        if (name_count > 0)
            st = attribute_keys(call, items[i], names, name_count, keys + i * width);
        else
            st = item_key(call, items[i], kida_arg_bool(call, 1), &keys[i]);
    }
    return st == KIDA_OK ? sorted_items(call, rows, count, &by, out) : st;
}

const kida_param kd_sort_params[] = {
    { "reverse", KIDA_IN_BOOL, "false" },
    { "case_sensitive", KIDA_IN_BOOL, "false" },
    { "attribute", KIDA_IN_ANY, "none" }, /* several are separated by commas */
    { 0 },
};

/* ---- dictsort -------------------------------------------------------------------------------- */

/* Adds (key, value) tuples of a dict, or of an object like one, to pairs. */
static kida_status
collect_pairs(kida_call *call, kida_value self, kida_value pairs)
{
    kida_iter iter;
    kida_status st = kida_iter_init(call, &iter, self);

    while (st == KIDA_OK) {
        kida_value pair[2];
        kida_value tuple;
        st = kida_iter_next(call, &iter, &pair[0]);
        if (st != KIDA_OK || kd_is_end(pair[0]))
            break;
        st = kida_get_item(call, self, pair[0], &pair[1]);
        if (st == KIDA_OK)
            st = kd_new_tuple(call, pair, 2, &tuple);
        if (st == KIDA_OK)
            st = kd_push(call, pairs, tuple);
    }
    return st;
}

static kida_status
pair_key(kida_call *call, kida_value part, bool case_sensitive, kida_value *out)
{
    if (kida_kind_of(part) == KIDA_STRING && !case_sensitive)
        return kd_small_letters(call, kd_text(part), out);
    *out = part;
    return KIDA_OK;
}

kida_status
kd_f_dictsort(kida_call *call, kida_value self, kida_value *out)
{
    kida_value pairs;
    kida_value *items;
    size_t count;

    if (!kida_is_mapping(self) && kida_kind_of(self) != KIDA_UNDEFINED)
        return kida_fail(call, KIDA_E_ATTRIBUTE, "dictsort() wants a dict, not a value of type %s",
                         kida_kind_name(self));
    kida_status st = kd_new_list(call, kida_length(self), &pairs);
    if (st == KIDA_OK)
        st = collect_pairs(call, self, pairs);
    if (st == KIDA_OK)
        st = kd_to_array(call, pairs, &items, &count);
    if (st != KIDA_OK)
        return st;

    kd_row *rows = NULL;
    kida_value *keys = NULL;
    size_t part = kida_str_equal(kida_arg_str(call, 1), KIDA_S("value")) ? 1 : 0;
    kd_ordering by = { kd_before_native, 1, kida_arg_bool(call, 2) };
    st = new_rows(call, items, count, 1, &rows, &keys);
    for (size_t i = 0; i < count && st == KIDA_OK; i++)
        st = pair_key(call, kida_item_at(items[i], part), kida_arg_bool(call, 0), &keys[i]);
    return st == KIDA_OK ? sorted_items(call, rows, count, &by, out) : st;
}

const kida_param kd_dictsort_params[] = {
    { "case_sensitive", KIDA_IN_BOOL, "false" },
    { "by", KIDA_IN_ANY, "'key'" }, /* all but 'value' means the key */
    { "reverse", KIDA_IN_BOOL, "false" },
    { 0 },
};

/* ---- sorted() -------------------------------------------------------------------------------- */

kida_status
kd_g_sorted(kida_call *call, kida_value *out)
{
    kida_value key = kida_arg(call, 1);
    bool own = kida_kind_of(key) == KIDA_NONE; /* the items are their own keys */
    kida_value *items;
    kida_value *keys;
    kd_row *rows;
    size_t count;

    kida_status st = kd_to_array(call, kida_arg(call, 0), &items, &count);
    if (st == KIDA_OK)
        st = new_rows(call, items, count, 1, &rows, &keys);
    for (size_t i = 0; st == KIDA_OK && i < count; i++) {
        keys[i] = items[i];
        if (!own)
            st = kida_invoke(call, key, &items[i], 1, &keys[i]);
    }
    kd_ordering by = { kd_before_native, 1, kida_arg_bool(call, 2) };
    return st == KIDA_OK ? sorted_items(call, rows, count, &by, out) : st;
}

const kida_param kd_sorted_params[] = {
    { "iterable", KIDA_IN_ANY | KIDA_IN_POSITION, NULL },
    { "key", KIDA_IN_ANY | KIDA_IN_KEYWORD, "none" },
    { "reverse", KIDA_IN_BOOL | KIDA_IN_KEYWORD, "false" },
    { 0 },
};
