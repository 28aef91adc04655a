/* SPDX-License-Identifier: MIT */
/* known.c - what the walks over a tree share. */
#include "analysis/known.h"

#include <string.h>

void *
kd_rows_add(kd_rows *rows, kida_pool *pool, size_t item_size)
{
    if (rows->count == rows->room) {
        size_t room = rows->room ? rows->room * 2 : 8;
        void *items = kd_arena_array(pool, room, item_size);
        if (!items)
            return NULL;
        if (rows->count)
            memcpy(items, rows->items, rows->count * item_size);
        rows->items = items;
        rows->room = room;
    }
    void *item = (char *)rows->items + rows->count++ * item_size;
    memset(item, 0, item_size);
    return item;
}

bool
kd_is_among(kida_str name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (kida_str_equal(name, kida_str_from(names[i])))
            return true;
    return false;
}

bool
kd_literal(const kd_node *n, kida_str *out)
{
    if (!n || n->kind != KD_NODE_CONST || !kd_is(n->value, KIDA_STRING))
        return false;
    *out = kida_as_str(n->value);
    return true;
}
