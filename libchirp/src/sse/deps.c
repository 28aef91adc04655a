/* SPDX-License-Identifier: MIT */
/* deps.c - which blocks show what, and which of them a change concerns. */
#define _GNU_SOURCE
#include <chirp/reactive.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/app.h"
#include "app/html_scan.h"
#include "config/fail.h"
#include "config/text.h"

#define DEPS_BLOCK ((size_t)4096)
#define DEPS_MAX ((size_t)64 << 20)
#define SOURCE_MAX ((off_t)16 << 20)

typedef struct entry {
    struct entry *next;
    chirp_affected block;
    const kida_str *paths;
    size_t path_count;
} entry;

typedef struct derived {
    kida_str path;
    const kida_str *from;
    size_t from_count;
} derived;

/* Fixed once it is filled. */
struct chirp_deps {
    ch_arena arena;
    entry *entries;
    entry **entries_end;
    derived derived[CHIRP_DERIVED_MAX];
    size_t derived_count;
};

/* ---- filling --------------------------------------------------------------------------------- */

chirp_deps *
chirp_deps_new(const kida_allocator *allocator)
{
    static const kida_allocator plain = { 0 };
    ch_arena arena;
    ch_arena_init(&arena, allocator ? allocator : &plain, DEPS_BLOCK, DEPS_MAX);
    chirp_deps *deps = ch_arena_array(&arena, 1, sizeof(*deps));
    if (!deps) {
        ch_arena_clear(&arena);
        return NULL;
    }
    deps->arena = arena;
    deps->entries_end = &deps->entries;
    return deps;
}

void
chirp_deps_free(chirp_deps *deps)
{
    if (!deps)
        return;
    /* The arena lies in its own memory. */
    ch_arena arena = deps->arena;
    ch_arena_clear(&arena);
}

static kida_status
add_entry(chirp_deps *deps, kida_str name, const kida_block_info *info, kida_str target,
          kida_str event)
{
    size_t count = info->depends_on.count;
    entry *made = ch_arena_array(&deps->arena, 1, sizeof(*made));
    kida_str *paths = ch_arena_array(&deps->arena, count + 1, sizeof(*paths));
    if (!made || !paths)
        return KIDA_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        paths[i] = ch_arena_copy(&deps->arena, info->depends_on.items[i]);
        if (!paths[i].ptr)
            return KIDA_E_NOMEM;
    }
    *made = (entry){ .paths = paths, .path_count = count };
    made->block.name = ch_arena_copy(&deps->arena, name);
    made->block.block = ch_arena_copy(&deps->arena, info->name);
    made->block.target = ch_arena_copy(&deps->arena, target);
    made->block.event = ch_arena_copy(&deps->arena, event);
    if (!made->block.name.ptr || !made->block.block.ptr || !made->block.target.ptr ||
        !made->block.event.ptr)
        return KIDA_E_NOMEM;
    *deps->entries_end = made;
    deps->entries_end = &made->next;
    return KIDA_OK;
}

/* The template, or NULL with err. */
static kida_template *
find_template(chirp_app *app, const char *name, kida_error *err)
{
    if (!chirp_app_is_frozen(app)) {
        ch_fail(err, KIDA_E_USAGE, "templates can be looked at once the app is frozen");
        return NULL;
    }
    kida_template *tpl = kida_env_get(app->frozen.env, kida_str_from(name), err);
    if (!tpl && err->status == KIDA_OK)
        err->status = KIDA_E_NOT_FOUND;
    return tpl;
}

typedef struct adding {
    chirp_deps *deps;
    kida_str name;
} adding;

static kida_status
add_block(void *arg, const kida_block_info *info)
{
    const adding *a = arg;
    return info->depends_on.count > 0 ? add_entry(a->deps, a->name, info, info->name, info->name)
                                      : KIDA_OK;
}

kida_status
chirp_deps_add(chirp_deps *deps, chirp_app *app, const char *name, kida_error *err)
{
    kida_error local;
    kida_error_init(&local);
    if (!err)
        err = &local;
    kida_error_init(err);
    kida_template *tpl = find_template(app, name, err);
    if (!tpl)
        return err->status;
    adding a = { deps, kida_str_from(name) };
    kida_status st = kida_template_each_block(tpl, add_block, &a, err);
    kida_template_drop(tpl);
    err->status = st;
    return st;
}

/* ---- elements that wait for events ----------------------------------------------------------- */

typedef struct swap_scan {
    chirp_deps *deps;
    kida_str name;
    kida_template *tpl;
    kida_status status;
    kida_str event;    /* of the element that is open; empty: none is */
    kida_str id;
    kida_str tag;
    size_t depth;      /* open elements of the same name inside of it */
} swap_scan;

typedef struct block_search {
    swap_scan *scan;
    kida_str block;
    bool is_found;
} block_search;

static kida_status
add_if_named(void *arg, const kida_block_info *info)
{
    block_search *search = arg;
    swap_scan *scan = search->scan;
    if (search->is_found || !kida_str_equal(info->name, search->block))
        return KIDA_OK;
    search->is_found = true;
    return add_entry(scan->deps, scan->name, info, scan->id, scan->event);
}

/* Binds the open element to a block, if the template has it. */
static void
bind(swap_scan *scan, kida_str block)
{
    kida_error err;
    kida_error_init(&err);
    block_search search = { scan, block, false };
    kida_status st = kida_template_each_block(scan->tpl, add_if_named, &search, &err);
    if (st != KIDA_OK)
        scan->status = st;
    if (search.is_found)
        scan->event = KIDA_S("");
}

/* The element holds no block: perhaps it stands in the block that has its event's name. */
static void
close_element(swap_scan *scan)
{
    if (scan->event.len > 0)
        bind(scan, scan->event);
    scan->event = KIDA_S("");
}

/* The name in `block name` and the like; empty for other code. */
static kida_str
block_of(kida_str code)
{
    static const kida_str words[] = { KIDA_S_INIT("block"), KIDA_S_INIT("fragment"),
                                      KIDA_S_INIT("region") };
    size_t pos = 0;
    kida_str word, name;
    while (code.len > 0 && (code.ptr[0] == '-' || code.ptr[0] == '+'))
        code = ch_str_slice(code, 1, code.len);
    code = ch_str_trim(code);
    if (!ch_str_next(code, ' ', &pos, &word) || !ch_str_next(code, ' ', &pos, &name))
        return KIDA_S("");
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (kida_str_equal(word, words[i]))
            return ch_str_slice(name, 0, ch_str_find(name, '(', 0));
    }
    return KIDA_S("");
}

static void
open_element(swap_scan *scan, const ch_tag *tag, const ch_attr *swap)
{
    const ch_attr *id = ch_tag_attr(tag, "id");
    close_element(scan);
    scan->event = ch_str_slice(swap->value, 0, ch_str_find(swap->value, ',', 0));
    scan->id = id && id->has_value && !id->is_dynamic ? id->value : scan->event;
    scan->tag = tag->name;
    scan->depth = 0;
}

static void
on_tag(void *arg, const ch_tag *tag)
{
    swap_scan *scan = arg;
    const ch_attr *swap = tag->kind == CH_TAG_START ? ch_tag_attr(tag, "sse-swap") : NULL;
    if (swap && swap->has_value && !swap->is_dynamic && swap->value.len > 0) {
        open_element(scan, tag, swap);
    } else if (scan->event.len == 0) {
        return;
    } else if (tag->kind == CH_TAG_CODE) {
        kida_str block = block_of(tag->name);
        if (block.len > 0)
            bind(scan, block);
    } else if (ch_str_iequal(tag->name, scan->tag)) {
        if (tag->kind == CH_TAG_START)
            scan->depth++;
        else if (scan->depth-- == 0)
            close_element(scan);
    }
}

/* The file of a template in memory of the heap. */
static kida_status
read_file(const kida_template *tpl, kida_buf *out, kida_error *err)
{
    char path[4096], piece[4096];
    kida_str name = kida_template_filename(tpl);
    struct stat info;
    if (name.len == 0 || name.len >= sizeof(path))
        return ch_fail(err, KIDA_E_IO, "this template has no file: give its text");
    memcpy(path, name.ptr, name.len);
    path[name.len] = '\0';
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return ch_fail(err, KIDA_E_IO, "%.200s can't be read", path);
    ssize_t more = -1;
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
        while ((more = read(fd, piece, sizeof(piece))) > 0)
            kida_buf_put(out, (kida_str){ piece, (size_t)more });
    }
    close(fd);
    if (more < 0)
        return ch_fail(err, KIDA_E_IO, "%.200s can't be read", path);
    return kida_buf_status(out);
}

kida_status
chirp_deps_add_swaps(chirp_deps *deps, chirp_app *app, const char *name, kida_str source,
                     kida_error *err)
{
    kida_error local;
    kida_error_init(&local);
    if (!err)
        err = &local;
    kida_error_init(err);
    kida_template *tpl = find_template(app, name, err);
    if (!tpl)
        return err->status;
    kida_buf text;
    kida_buf_init_heap(&text, &app->allocator, (size_t)SOURCE_MAX);
    kida_status st = source.ptr ? KIDA_OK : read_file(tpl, &text, err);
    if (st == KIDA_OK) {
        swap_scan scan = { .deps = deps, .name = kida_str_from(name), .tpl = tpl };
        ch_html_scan(source.ptr ? source : kida_buf_str(&text), on_tag, &scan);
        close_element(&scan);
        st = scan.status;
    }
    kida_buf_free(&text);
    kida_template_drop(tpl);
    err->status = st;
    return st;
}

/* ---- what follows from what ------------------------------------------------------------------ */

kida_status
chirp_deps_derive(chirp_deps *deps, const char *path, const char *const *from)
{
    size_t count = 0;
    while (from[count])
        count++;
    if (deps->derived_count == CHIRP_DERIVED_MAX)
        return KIDA_E_USAGE;
    derived rule = { .path = ch_arena_copy(&deps->arena, kida_str_from(path)),
                     .from_count = count };
    kida_str *copies = ch_arena_array(&deps->arena, count + 1, sizeof(*copies));
    if (!rule.path.ptr || !copies)
        return KIDA_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        copies[i] = ch_arena_copy(&deps->arena, kida_str_from(from[i]));
        if (!copies[i].ptr)
            return KIDA_E_NOMEM;
    }
    rule.from = copies;
    deps->derived[deps->derived_count++] = rule;
    return KIDA_OK;
}

/* Whether b is a, or something of a. */
static bool
is_within(kida_str b, kida_str a)
{
    return b.len >= a.len && memcmp(a.ptr, b.ptr, a.len) == 0 &&
           (b.len == a.len || b.ptr[a.len] == '.' || b.ptr[a.len] == '[');
}

/* Paths that have changed: those told, and the derived ones, by a bit each. */
typedef struct changed {
    const chirp_deps *deps;
    const kida_str *paths;
    size_t count;
    uint64_t derived;
} changed;

static bool
is_hit(const changed *c, kida_str path)
{
    for (size_t i = 0; i < c->count; i++) {
        if (is_within(c->paths[i], path) || is_within(path, c->paths[i]))
            return true;
    }
    for (size_t i = 0; i < c->deps->derived_count; i++) {
        kida_str other = c->deps->derived[i].path;
        if ((c->derived >> i & 1) != 0 && (is_within(other, path) || is_within(path, other)))
            return true;
    }
    return false;
}

/* Until nothing more follows: each turn adds a rule, and a rule is added once. */
static void
follow(changed *c)
{
    uint64_t before;
    do {
        before = c->derived;
        for (size_t i = 0; i < c->deps->derived_count; i++) {
            const derived *rule = &c->deps->derived[i];
            for (size_t k = 0; k < rule->from_count && (c->derived >> i & 1) == 0; k++) {
                if (is_hit(c, rule->from[k]))
                    c->derived |= (uint64_t)1 << i;
            }
        }
    } while (c->derived != before);
}

kida_status
chirp_deps_affected(const chirp_deps *deps, const kida_str *paths, size_t count,
                    kida_status (*each)(void *arg, const chirp_affected *block), void *arg)
{
    changed c = { .deps = deps, .paths = paths, .count = count };
    kida_status st = KIDA_OK;
    follow(&c);
    for (const entry *e = deps->entries; e && st == KIDA_OK; e = e->next) {
        bool shows = false;
        for (size_t i = 0; i < e->path_count && !shows; i++)
            shows = is_hit(&c, e->paths[i]);
        if (shows)
            st = each(arg, &e->block);
    }
    return st;
}
