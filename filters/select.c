/* SPDX-License-Identifier: MIT */
/* select.c - filters that look at each item: map, select and their kin, groupby, unique, and the
 * look-ups attr and get. */
#include "build.h"
#include "builtins.h"
#include "by_name.h"
#include "lookup.h"
#include "sorting.h"
#include "text.h"

/* ---- attr, get ------------------------------------------------------------------------------- */

static kida_status
f_attr(kida_call *call, kida_value self, kida_value *out)
{
    return kd_attr(call, self, kida_arg(call, 0), out);
}

static const kida_param attr_params[] = { { "name", KIDA_IN_ANY, NULL }, { 0 } };

/* get: key of a dict, else attribute or method; neither asks the sandbox about keys of a dict. */
static kida_status
f_get(kida_call *call, kida_value self, kida_value *out)
{
    kida_value key = kida_arg(call, 0);
    kida_kind kind = kida_kind_of(self);
    kida_status st = KIDA_OK;

    *out = kd_nothing();
    if (kind == KIDA_DICT)
        st = kida_dict_find(call, self, key, out);
    else if (kind != KIDA_NONE)
        st = kd_read_attribute(call, self, key, out);
    if (st == KIDA_OK && kd_is_end(*out))
        *out = kida_arg(call, 1);
    return st;
}

static const kida_param get_params[] = {
    { "key", KIDA_IN_ANY, NULL },
    { "default", KIDA_IN_ANY, "none" },
    { 0 },
};

/* ---- map ------------------------------------------------------------------------------------- */

/* What map does to one item: read an attribute, call a method, or nothing if both are absent. */
typedef struct mapping {
    kida_value attribute;
    kida_value method;
} mapping;

static kida_status
map_item(kida_call *call, const mapping *how, kida_value item, kida_value *out)
{
    *out = item;
    if (!kd_is_end(how->attribute))
        return kd_attr(call, item, how->attribute, out);
    if (kd_is_end(how->method))
        return KIDA_OK;
    if (kida_kind_of(how->method) != KIDA_STRING)
        return kida_fail_type(call, how->method, "map() wants the name of a method");
    return kida_invoke_method(call, item, kida_as_str(how->method), NULL, 0, out);
}

static kida_status
map_items(kida_call *call, kida_value self, const mapping *how, kida_value *out)
{
    kida_iter iter;
    kida_value item;
    kida_value result;

    kida_status st = kida_iter_init(call, &iter, self);
    if (st == KIDA_OK)
        st = kd_new_list(call, kida_length(self), out);
    while (st == KIDA_OK) {
        st = kida_iter_next(call, &iter, &item);
        if (st != KIDA_OK || kd_is_end(item))
            break;
        st = map_item(call, how, item, &result);
        if (st == KIDA_OK)
            st = kd_push(call, *out, result);
    }
    return st;
}

/* Whether a failure is one of type or value, which map answers with an empty list. */
static bool
is_forgiven(const kida_error *err, kida_status st)
{
    static const kida_str kinds[] = {
        KIDA_S_INIT("ValueError"),
        KIDA_S_INIT("UnicodeEncodeError"),
        KIDA_S_INIT("UnicodeDecodeError"),
    };

    if (st == KIDA_E_TYPE || st == KIDA_E_NONE)
        return true;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && st == KIDA_E_RUNTIME; i++) {
        if (kida_str_equal(kida_str_from(err->kind), kinds[i]))
            return true;
    }
    return false;
}

static kida_status
f_map(kida_call *call, kida_value self, kida_value *out)
{
    mapping how = { kd_nothing(), kd_nothing() };
    kida_value attribute = kida_arg(call, 1);
    bool given;

    kida_status st = kida_truth(call, attribute, &given);
    if (st != KIDA_OK)
        return st;
    if (given)
        how.attribute = attribute;
    else if (kida_rest_count(call) > 0)
        how.method = kida_rest(call, 0);
    if (kida_is_iterable(self)) {
        st = map_items(call, self, &how, out);
        if (!is_forgiven(kida_call_error(call), st))
            return st;
        kida_error_init(kida_call_error(call));
    }
    return kd_new_list(call, 0, out);
}

static const kida_param map_params[] = {
    { "*args", KIDA_IN_ANY, NULL }, /* all but the first are accepted and unused */
    { "attribute", KIDA_IN_ANY | KIDA_IN_KEYWORD, "none" },
    { 0 },
};

/* ---- select, reject and their kin ------------------------------------------------------------ */

/* Items whose test comes out as wanted; it looks at an attribute of theirs if one is named. */
static kida_status
pick(kida_call *call, kida_value self, kida_value attribute, const kd_named_test *test, bool wanted,
     kida_value *out)
{
    kida_iter iter;
    kida_value item;

    kida_status st = kida_iter_init(call, &iter, self);
    if (st == KIDA_OK)
        st = kd_new_list(call, 0, out);
    while (st == KIDA_OK) {
        bool passes = false;
        st = kida_iter_next(call, &iter, &item);
        if (st != KIDA_OK || kd_is_end(item))
            break;
        kida_value subject = item;
        if (!kd_is_end(attribute))
            st = kd_read_attribute(call, item, attribute, &subject);
        if (kd_is_end(subject))
            subject = kida_none();
        if (st == KIDA_OK)
            st = test->passes(call, test, subject, &passes);
        if (st == KIDA_OK && passes == wanted)
            st = kd_push(call, *out, item);
    }
    return st;
}

static kida_status
pick_items(kida_call *call, kida_value self, bool wanted, kida_value *out)
{
    kd_named_test test = kd_find_named_test(kida_arg(call, 0), kida_rest(call, 0));
    return pick(call, self, kd_nothing(), &test, wanted, out);
}

static kida_status
f_select(kida_call *call, kida_value self, kida_value *out)
{
    return pick_items(call, self, true, out);
}

static kida_status
f_reject(kida_call *call, kida_value self, kida_value *out)
{
    return pick_items(call, self, false, out);
}

static const kida_param select_params[] = {
    { "test_name", KIDA_IN_ANY, "none" },
    { "*args", KIDA_IN_ANY, NULL },
    { 0 },
};

static kida_status
pick_by_attribute(kida_call *call, kida_value self, bool wanted, kida_value *out)
{
    kd_named_test test = kd_find_named_test(kida_rest(call, 0), kida_rest(call, 1));
    return pick(call, self, kida_arg(call, 0), &test, wanted, out);
}

static kida_status
f_selectattr(kida_call *call, kida_value self, kida_value *out)
{
    return pick_by_attribute(call, self, true, out);
}

static kida_status
f_rejectattr(kida_call *call, kida_value self, kida_value *out)
{
    return pick_by_attribute(call, self, false, out);
}

static const kida_param selectattr_params[] = {
    { "attr", KIDA_IN_ANY, NULL },
    { "*args", KIDA_IN_ANY, NULL }, /* name of a test, and its argument */
    { 0 },
};

/* ---- unique ---------------------------------------------------------------------------------- */

/* What items are told apart by: themselves or an attribute, texts without regard to case. */
static kida_status
identity_of(kida_call *call, kida_value item, kida_value attribute, bool case_sensitive,
            kida_value *out)
{
    kida_status st = KIDA_OK;

    *out = item;
    if (!kd_is_end(attribute))
        st = kd_read_attribute(call, item, attribute, out);
    if (st == KIDA_OK && kd_is_end(*out))
        *out = kida_none();
    if (st == KIDA_OK && kida_kind_of(*out) == KIDA_STRING && !case_sensitive)
        st = kd_small_letters(call, kd_text(*out), out);
    return st;
}

static kida_status
f_unique(kida_call *call, kida_value self, kida_value *out)
{
    bool case_sensitive = kida_arg_bool(call, 0);
    kida_value attribute = kida_arg(call, 1);
    kida_value seen;
    kida_value item;
    kida_value key;
    kida_iter iter;
    bool named;

    kida_status st = kida_truth(call, attribute, &named);
    if (st == KIDA_OK && !named)
        attribute = kd_nothing();
    if (st == KIDA_OK)
        st = kida_iter_init(call, &iter, self);
    if (st == KIDA_OK)
        st = kd_new_list(call, 0, out);
    if (st == KIDA_OK)
        st = kd_new_set(call, &seen);
    while (st == KIDA_OK) {
        st = kida_iter_next(call, &iter, &item);
        if (st != KIDA_OK || kd_is_end(item))
            break;
        size_t before = kida_length(seen);
        st = identity_of(call, item, attribute, case_sensitive, &key);
        if (st == KIDA_OK)
            st = kida_set_put(call, seen, key);
        if (st == KIDA_OK && kida_length(seen) > before)
            st = kd_push(call, *out, item);
    }
    return st;
}

static const kida_param unique_params[] = {
    { "case_sensitive", KIDA_IN_BOOL, "false" },
    { "attribute", KIDA_IN_ANY, "none" },
    { 0 },
};

/* ---- groupby --------------------------------------------------------------------------------- */

/* Keys of a row: what it is sorted by, and what its group is called. */
enum { SORT_KEY, GROUP_KEY, GROUP_WIDTH };

static kida_status
group_keys(kida_call *call, kida_value item, kida_value attribute, kida_value *keys)
{
    kida_status st;

    if (kida_kind_of(item) == KIDA_DICT)
        st = kd_lookup(call, item, attribute, &keys[GROUP_KEY]);
    else
        st = kd_read_attribute(call, item, attribute, &keys[GROUP_KEY]);
    if (st == KIDA_OK && kd_is_end(keys[GROUP_KEY]))
        keys[GROUP_KEY] = kida_none();
    return st == KIDA_OK ? kd_sort_key(call, keys[GROUP_KEY], false, &keys[SORT_KEY]) : st;
}

/* Rows of self in the order in which they are grouped. */
static kida_status
sorted_rows(kida_call *call, kida_value self, kida_value attribute, kd_row **rows, size_t *count)
{
    static const kd_ordering by = { kd_before_grouped, 1, false };
    kida_value *items;

    kida_status st = kd_to_array(call, self, &items, count);
    if (st != KIDA_OK)
        return st;
    kd_row *made = kd_new_array(call, *count, sizeof(*made));
    kida_value *keys = NULL;
    if (made != NULL)
        keys = kd_new_array(call, *count, GROUP_WIDTH * sizeof(*keys));
    if (keys == NULL)
        return KIDA_E_LIMIT_MEMORY;
    for (size_t i = 0; i < *count && st == KIDA_OK; i++) {
        made[i] = (kd_row){ items[i], keys + i * GROUP_WIDTH };
        st = group_keys(call, items[i], attribute, keys + i * GROUP_WIDTH);
    }
    *rows = made;
    return st == KIDA_OK ? kd_sort_rows(call, made, *count, &by) : st;
}

/* Adds an empty group to groups; *members is the list that its items go into. */
static kida_status
open_group(kida_call *call, kida_value groups, kida_value name, kida_value *members)
{
    kida_value group;

    kida_status st = kd_new_list(call, 0, members);
    if (st == KIDA_OK)
        st = kd_new_dict(call, 2, &group);
    if (st == KIDA_OK)
        st = kida_dict_put(call, group, kida_string(KIDA_S("grouper")), name);
    if (st == KIDA_OK)
        st = kida_dict_put(call, group, kida_string(KIDA_S("list")), *members);
    return st == KIDA_OK ? kd_push(call, groups, group) : st;
}

static kida_status
is_same_group(kida_call *call, kida_value a, kida_value b, bool *out)
{
    *out = kida_identical(a, b);
    return *out ? KIDA_OK : kida_equal(call, a, b, out);
}

/* groupby: sorts without regard to case, then puts equal neighbours together, with regard to it. */
static kida_status
f_groupby(kida_call *call, kida_value self, kida_value *out)
{
    kida_value members = kd_nothing();
    kd_row *rows = NULL;
    size_t count = 0;

    kida_status st = sorted_rows(call, self, kida_arg(call, 0), &rows, &count);
    if (st == KIDA_OK)
        st = kd_new_list(call, 0, out);
    for (size_t i = 0; i < count && st == KIDA_OK; i++) {
        bool same = false;
        if (i > 0)
            st = is_same_group(call, rows[i - 1].keys[GROUP_KEY], rows[i].keys[GROUP_KEY], &same);
        if (st == KIDA_OK && !same)
            st = open_group(call, *out, rows[i].keys[GROUP_KEY], &members);
        if (st == KIDA_OK)
            st = kd_push(call, members, rows[i].item);
    }
    return st;
}

static const kida_param groupby_params[] = { { "attribute", KIDA_IN_ANY, NULL }, { 0 } };

/* ---- table ----------------------------------------------------------------------------------- */

/* map is not pure: the methods that it calls may change the items. */
const kida_filter kd_filters_select[] = {
    { "attr", f_attr, attr_params, 0, "an attribute or key, empty where it is missing" },
    { "get", f_get, get_params, 0, "a key or attribute, with a default" },
    { "map", f_map, map_params, 0, "an attribute of each item, or what a method of it gives" },
    { "select", f_select, select_params, KIDA_PURE, "items that pass a test" },
    { "reject", f_reject, select_params, KIDA_PURE, "items that don't pass a test" },
    { "selectattr", f_selectattr, selectattr_params, KIDA_PURE, "items whose attribute passes" },
    { "rejectattr", f_rejectattr, selectattr_params, KIDA_PURE,
      "items whose attribute doesn't pass" },
    { "unique", f_unique, unique_params, KIDA_PURE, "the first of equal items" },
    { "groupby", f_groupby, groupby_params, KIDA_PURE, "items in groups by an attribute" },
};
const size_t kd_filters_select_count = sizeof(kd_filters_select) / sizeof(kd_filters_select[0]);
