/* SPDX-License-Identifier: MIT */
/* shell.c - shell actions: what a page offers to do, put together from the folders above it. A
 * value is a dict of zones, each {items, remove, mode}; an item has an id and a label. */
#define _GNU_SOURCE
#include <string.h>

#include "config/fail.h"
#include "config/text.h"
#include "pages.h"

#define ITEMS_MAX 64
#define PRINTABLE(text) (int)((text).len < 60 ? (text).len : 60), (text).ptr

static const kida_str zones[] = { KIDA_S_INIT("primary"), KIDA_S_INIT("controls"),
                                  KIDA_S_INIT("overflow") };

typedef struct merge {
    kida_pool *pool;
    kida_str zone;
    kida_error *err;
} merge;

/* ---- one item ------------------------------------------------------------------------------ */

static kida_str
text_of(kida_value item, const char *name)
{
    return kida_as_str(kida_dict_get(item, kida_str_from(name)));
}

static bool
has(kida_value item, const char *name)
{
    kida_kind kind = kida_kind_of(kida_dict_get(item, kida_str_from(name)));
    return kind != KIDA_ABSENT && kind != KIDA_NONE;
}

static kida_status
refuse(const merge *m, kida_str id, const char *what)
{
    return ch_fail(m->err, KIDA_E_USAGE, "shell action '%.*s' in zone '%.*s' %s", PRINTABLE(id),
                   PRINTABLE(m->zone), what);
}

static kida_status
check_item(const merge *m, kida_value item)
{
    static const char *const kinds[] = { "", "link", "button", "menu", "form" };
    static const char *const of_forms[] = { "form_action", "form_method", "hidden_fields",
                                            "include_csrf", "submit_surface" };
    if (kida_kind_of(item) != KIDA_DICT || text_of(item, "id").len == 0)
        return ch_fail(m->err, KIDA_E_USAGE, "a shell action in zone '%.*s' has no id",
                       PRINTABLE(m->zone));
    kida_str id = text_of(item, "id"), kind = text_of(item, "kind");
    bool known = false, is_form = kida_str_equal(kind, KIDA_S("form"));
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        known |= kida_str_equal(kind, kida_str_from(kinds[i]));
    if (!known)
        return refuse(m, id, "has a kind that is none of link, button, menu, form");
    if (text_of(item, "label").len == 0)
        return refuse(m, id, "has no label");
    if (is_form && kida_str_equal(m->zone, KIDA_S("overflow")))
        return refuse(m, id, "is a form, which overflow can't hold");
    if (is_form && text_of(item, "form_action").len == 0)
        return refuse(m, id, "is a form without form_action");
    kida_str method = text_of(item, "form_method");
    if (method.len > 0 && !ch_str_iequal(method, KIDA_S("post")))
        return refuse(m, id, "has a form_method that is not post");
    for (size_t i = 0; !is_form && i < sizeof(of_forms) / sizeof(of_forms[0]); i++) {
        if (has(item, of_forms[i]))
            return refuse(m, id, "is no form, but has members of forms");
    }
    return KIDA_OK;
}

/* ---- one zone ------------------------------------------------------------------------------ */

static kida_value
list_of(kida_value zone, const char *name)
{
    kida_value list = kida_kind_of(zone) == KIDA_DICT ? kida_dict_get(zone, kida_str_from(name))
                                                      : kida_none();
    kida_kind kind = kida_kind_of(list);
    return kind == KIDA_LIST || kind == KIDA_TUPLE ? list : kida_none();
}

static size_t
count_of(kida_value list)
{
    return kida_kind_of(list) == KIDA_NONE ? 0 : kida_length(list);
}

/* Place of an item by its id; count: none. */
static size_t
find_item(const kida_value *items, size_t count, kida_str id)
{
    size_t at = 0;
    while (at < count && !kida_str_equal(text_of(items[at], "id"), id))
        at++;
    return at;
}

static void
take_out(kida_value *items, size_t *count, size_t at)
{
    if (at >= *count)
        return;
    memmove(items + at, items + at + 1, (*count - at - 1) * sizeof(*items));
    --*count;
}

/* Items of below in their order: one whose id is there takes its place, the others follow. */
static kida_status
add_items(const merge *m, kida_value below, kida_value *items, size_t *count)
{
    kida_value list = list_of(below, "items");
    for (size_t i = 0; i < count_of(list); i++) {
        kida_value item = kida_item_at(list, i);
        kida_status st = check_item(m, item);
        if (st != KIDA_OK)
            return st;
        for (size_t k = 0; k < i; k++) {
            if (kida_str_equal(text_of(kida_item_at(list, k), "id"), text_of(item, "id")))
                return refuse(m, text_of(item, "id"), "stands twice");
        }
        size_t at = find_item(items, *count, text_of(item, "id"));
        if (at == ITEMS_MAX)
            return refuse(m, text_of(item, "id"), "is one too many");
        items[at] = item;
        *count += at == *count ? 1 : 0;
    }
    return KIDA_OK;
}

static kida_status
merge_zone(const merge *m, kida_value above, kida_value below, kida_value *out)
{
    kida_value items[ITEMS_MAX], list, removed = list_of(below, "remove");
    size_t count = 0;
    kida_str mode = kida_kind_of(below) == KIDA_DICT ? text_of(below, "mode") : KIDA_S("");
    bool replaces = kida_str_equal(mode, KIDA_S("replace"));
    if (mode.len > 0 && !replaces && !kida_str_equal(mode, KIDA_S("merge")))
        return ch_fail(m->err, KIDA_E_USAGE, "zone '%.*s' has mode '%.*s', not merge or replace",
                       PRINTABLE(m->zone), PRINTABLE(mode));
    if (replaces && count_of(removed) > 0)
        return ch_fail(m->err, KIDA_E_USAGE, "zone '%.*s' replaces, so it can't remove",
                       PRINTABLE(m->zone));
    kida_value old = replaces ? kida_none() : list_of(above, "items");
    for (size_t i = 0; i < count_of(old) && count < ITEMS_MAX; i++)
        items[count++] = kida_item_at(old, i);
    for (size_t i = 0; i < count_of(removed); i++)
        take_out(items, &count, find_item(items, count, kida_as_str(kida_item_at(removed, i))));
    kida_status st = add_items(m, below, items, &count);
    if (st != KIDA_OK)
        return st;
    st = kida_list_new(m->pool, count, &list);
    for (size_t i = 0; i < count && st == KIDA_OK; i++)
        st = kida_list_push(list, items[i]);
    return st == KIDA_OK ? kida_context(m->pool, out, "items", list, NULL) : st;
}

/* ---- all zones ----------------------------------------------------------------------------- */

static kida_value
zone_of(kida_value actions, kida_str zone)
{
    return kida_kind_of(actions) == KIDA_DICT ? kida_dict_get(actions, zone) : kida_none();
}

static bool
is_nothing(kida_value v)
{
    return kida_kind_of(v) == KIDA_NONE || kida_kind_of(v) == KIDA_ABSENT;
}

kida_status
ch_shell_merge(kida_pool *pool, kida_value above, kida_value below, kida_value *out,
               kida_error *err)
{
    kida_value merged, zone;
    if (is_nothing(below)) {
        *out = is_nothing(above) ? kida_none() : above;
        return KIDA_OK;
    }
    if (kida_kind_of(below) != KIDA_DICT)
        return ch_fail(err, KIDA_E_USAGE, "shell_actions is a dict of zones, not %s",
                       kida_kind_name(below));
    kida_status st = kida_dict_new(pool, 4, &merged);
    for (size_t i = 0; st == KIDA_OK && i < sizeof(zones) / sizeof(zones[0]); i++) {
        merge m = { pool, zones[i], err };
        st = merge_zone(&m, zone_of(above, zones[i]), zone_of(below, zones[i]), &zone);
        if (st == KIDA_OK)
            st = kida_dict_set(merged, kida_string(zones[i]), zone);
    }
    if (st == KIDA_E_NOMEM)
        return ch_fail(err, st, "no memory for the shell actions");
    if (st == KIDA_OK)
        *out = merged;
    return st;
}
