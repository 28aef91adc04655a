/* SPDX-License-Identifier: MIT */
/* share.c - see share.h. */
#include "share.h"

#include <string.h>

#include "config/alloc.h"
#include "config/fail.h"

static const ch_shared_template *
find(kida_str name)
{
    for (const ch_shared_template *at = ch_shared_templates; at->name; at++) {
        if (kida_str_equal(kida_str_from(at->name), name))
            return at;
    }
    return NULL;
}

static bool
copy(const kida_allocator *allocator, const void *bytes, size_t len, kida_str *out)
{
    char *room = ch_realloc(allocator, NULL, 0, len);
    if (room)
        memcpy(room, bytes, len);
    *out = (kida_str){ room, room ? len : 0 };
    return room != NULL;
}

static kida_status
load(void *user, kida_str name, const kida_allocator *allocator, kida_source *out, kida_error *err)
{
    (void)user;
    const ch_shared_template *found = find(name);
    if (!found)
        return KIDA_E_NOT_FOUND;
    memset(out, 0, sizeof(*out));
    if (copy(allocator, found->bytes, found->len, &out->text) &&
        copy(allocator, name.ptr, name.len, &out->filename)) {
        out->version = 1;
        return KIDA_OK;
    }
    ch_free(allocator, (char *)(uintptr_t)out->text.ptr, out->text.len);
    return ch_fail(err, KIDA_E_NOMEM, "no memory for a template");
}

static kida_status
list(void *user, kida_status (*each)(void *arg, kida_str name), void *arg)
{
    (void)user;
    kida_status st = KIDA_OK;
    for (const ch_shared_template *at = ch_shared_templates; st == KIDA_OK && at->name; at++)
        st = each(arg, kida_str_from(at->name));
    return st;
}

kida_status
ch_share_add(kida_env *env, kida_error *err)
{
    kida_loader loader = { .load = load, .list = list };
    return kida_env_add_last_loader(env, &loader, err);
}
