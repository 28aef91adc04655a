/* SPDX-License-Identifier: MIT */
/* loaders.c - the loaders that come with the engine: directories, and sources held in memory. Both
 * stand on kida_env_add_loader, as a host's own loader does. */
#include <string.h>

#include "env/directory.h"
#include "env/env.h"
#include "error/fail.h"
#include "error/suggest.h"
#include "memory/alloc.h"
#include "memory/str.h"

#define SHOWN_MAX 200   /* bytes of a name in a message */
#define SUGGEST_MAX 500 /* names compared with one that is missing: it may come from outside */

/* ---- memory ---------------------------------------------------------------------------------- */

typedef struct entry {
    kida_str name;
    kida_str text;
} entry;

/* Sources by name; changed in set-up only. */
typedef struct memory {
    kida_allocator allocator;
    entry *entries; /* sorted by name */
    size_t count;
    size_t room;
} memory;

/* Index of the entry of that name, or of the one before which it belongs. */
static size_t
place_of(const memory *m, kida_str name, bool *found)
{
    size_t low = 0, high = m->count;
    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = kd_str_compare(m->entries[middle].name, name);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool
copy_text(const kida_allocator *a, kida_str text, kida_str *out)
{
    char *copy = kd_alloc(a, text.len);
    if (!copy && text.len > 0)
        return false;
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    out->ptr = copy;
    out->len = text.len;
    return true;
}

static void
free_text(const kida_allocator *a, kida_str text)
{
    kd_free(a, (void *)(uintptr_t)text.ptr, text.len);
}

static kida_status
memory_load(void *user, kida_str name, const kida_allocator *allocator, kida_source *out,
            kida_error *err)
{
    const memory *m = user;
    bool found;
    size_t at = place_of(m, name, &found);
    if (found) {
        kida_source source = { { NULL, 0 }, { NULL, 0 }, 1 };
        if (!copy_text(allocator, m->entries[at].text, &source.text))
            return kd_error_set(err, KIDA_E_NOMEM, NULL);
        *out = source;
        return KIDA_OK;
    }

    int shown = (int)(name.len < SHOWN_MAX ? name.len : SHOWN_MAX);
    kida_status st = kd_error_set(err, KIDA_E_NOT_FOUND, "template '%.*s' not found", shown,
                                  name.ptr);
    kd_suggest s;
    kd_suggest_init(&s, name);
    for (size_t i = 0; i < m->count && i < SUGGEST_MAX; i++)
        kd_suggest_offer(&s, m->entries[i].name);
    if (s.best.len > 0 && s.best.len <= SHOWN_MAX)
        kd_error_hint(err, "did you mean '%.*s'?", (int)s.best.len, s.best.ptr);
    return st;
}

static kida_status
memory_list(void *user, kida_status (*each)(void *arg, kida_str name), void *arg)
{
    const memory *m = user;
    kida_status st = KIDA_OK;
    for (size_t i = 0; i < m->count && st == KIDA_OK; i++)
        st = each(arg, m->entries[i].name);
    return st;
}

/* Sources can't change once templates are being fetched. */
static kida_status
memory_version(void *user, kida_str name, uint64_t *out)
{
    bool found;
    (void)place_of(user, name, &found);
    if (!found)
        return KIDA_E_NOT_FOUND;
    *out = 1;
    return KIDA_OK;
}

static void
memory_free(void *user)
{
    memory *m = user;
    kida_allocator a = m->allocator;
    for (size_t i = 0; i < m->count; i++) {
        free_text(&a, m->entries[i].name);
        free_text(&a, m->entries[i].text);
    }
    kd_free(&a, m->entries, m->room * sizeof(*m->entries));
    kd_free(&a, m, sizeof(*m));
}

/* Puts a source in; a name that is there gets the new text. False: no memory, nothing changed. */
static bool
memory_put(memory *m, kida_str name, kida_str source)
{
    const kida_allocator *a = &m->allocator;
    bool found;
    size_t at = place_of(m, name, &found);
    entry new = { { NULL, 0 }, { NULL, 0 } };

    if (!copy_text(a, source, &new.text))
        return false;
    if (found) {
        free_text(a, m->entries[at].text);
        m->entries[at].text = new.text;
        return true;
    }
    void *entries = m->entries;
    if (!copy_text(a, name, &new.name) ||
        !kd_grow(a, &entries, &m->room, m->count, sizeof(*m->entries))) {
        free_text(a, new.name);
        free_text(a, new.text);
        return false;
    }
    m->entries = entries;
    memmove(m->entries + at + 1, m->entries + at, (m->count - at) * sizeof(*m->entries));
    m->entries[at] = new;
    m->count++;
    return true;
}

/* The environment's loader of sources: one for all of them, asked in the place of the first. */
static memory *
memory_of(kida_env *env, kida_error *err)
{
    for (size_t i = 0; i < env->loader_count; i++) {
        if (env->loaders[i].load == memory_load)
            return env->loaders[i].user;
    }
    memory *m = kd_alloc_zero(kd_env_allocator(env), sizeof(*m));
    if (!m) {
        (void)kd_error_set(err, KIDA_E_NOMEM, NULL);
        return NULL;
    }
    m->allocator = *kd_env_allocator(env);
    kida_loader loader = { memory_load, memory_list, memory_version, memory_free, m };
    return kida_env_add_loader(env, &loader, err) == KIDA_OK ? m : NULL;
}

kida_status
kida_env_add_source(kida_env *env, kida_str name, kida_str source, kida_error *err)
{
    kida_error own;
    if (!err)
        err = &own;
    kida_status st = kd_env_check_setup(env, err);
    if (st != KIDA_OK)
        return st;
    if (name.len == 0 || !kida_utf8_valid(name))
        return kd_error_set(err, name.len == 0 ? KIDA_E_USAGE : KIDA_E_UTF8,
                            name.len == 0 ? "a template in memory needs a name"
                                          : "the name of the template is not valid UTF-8");
    if (!kida_utf8_valid(source)) {
        int shown = (int)(name.len < SHOWN_MAX ? name.len : SHOWN_MAX);
        return kd_error_set(err, KIDA_E_UTF8, "template '%.*s' is not valid UTF-8", shown,
                            name.ptr);
    }
    memory *m = memory_of(env, err);
    if (!m)
        return err->status;
    return memory_put(m, name, source) ? KIDA_OK : kd_error_set(err, KIDA_E_NOMEM, NULL);
}

/* ---- directories ----------------------------------------------------------------------------- */

kida_status
kida_env_add_directory(kida_env *env, const char *path, const char *prefix, kida_error *err)
{
    kida_error own;
    if (!err)
        err = &own;
    kd_directory *d = kd_directory_new(kd_env_allocator(env), kida_str_from(path),
                                       kida_str_from(prefix), err);
    if (!d)
        return err->status;
    kida_loader loader = { kd_directory_load, kd_directory_list, kd_directory_version,
                           kd_directory_free, d };
    return kida_env_add_loader(env, &loader, err);
}
