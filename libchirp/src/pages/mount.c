/* SPDX-License-Identifier: MIT */
/* mount.c - from a directory of templates to routes, at freeze. */
#define _GNU_SOURCE
#include "pages.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/fail.h"
#include "config/text.h"

#define NAMES_MAX 4096 /* entries of one folder */
#define TARGET_LOOK 2048 /* bytes of a layout in which its target is looked for */

/* ---- registration -------------------------------------------------------------------------- */

static struct ch_pages *
pages_of(chirp_app *app)
{
    if (!app->pages)
        app->pages = ch_arena_array(&app->arena, 1, sizeof(*app->pages));
    return app->pages;
}

static kida_status
add_entry(chirp_app *app, const chirp_page_def *page, const chirp_section *section,
          kida_error *err)
{
    kida_error local;
    if (!err)
        err = &local;
    kida_error_init(err);
    kida_status st = KIDA_OK;
    pthread_mutex_lock(&app->lock);
    struct ch_pages *pages = pages_of(app);
    ch_page_entry *entry = ch_arena_array(&app->arena, 1, sizeof(*entry));
    if (atomic_load_explicit(&app->state, memory_order_relaxed) != CH_APP_SETUP)
        st = ch_fail(err, KIDA_E_FROZEN, "the app is frozen: register before the first request");
    else if (!pages || !entry)
        st = ch_fail(err, KIDA_E_NOMEM, "no memory to register");
    else if (page ? !page->path || page->path[0] != '/' : !section->id)
        st = ch_fail(err, KIDA_E_USAGE, "a page needs a path that begins with /, a section an id");
    if (st == KIDA_OK) {
        *entry = (ch_page_entry){ pages->entries, page, section, false };
        pages->entries = entry;
    } else if (st != KIDA_E_FROZEN) {
        chirp_app_fail(app, err);
    }
    pthread_mutex_unlock(&app->lock);
    return st;
}

kida_status
chirp_page_add(chirp_app *app, const chirp_page_def *page, kida_error *err)
{
    return add_entry(app, page, NULL, err);
}

kida_status
chirp_page_section(chirp_app *app, const chirp_section *section, kida_error *err)
{
    return add_entry(app, NULL, section, err);
}

/* ---- finding ------------------------------------------------------------------------------- */

/* A mount while it is being read. */
typedef struct mount {
    chirp_app *app;
    struct ch_pages *pages;
    kida_error *err;
} mount;

static kida_status
no_memory(const mount *m)
{
    return ch_fail(m->err, KIDA_E_NOMEM, "no memory for the pages");
}

static const chirp_page_def *
find_def(const mount *m, kida_str path)
{
    for (ch_page_entry *entry = m->pages->entries; entry; entry = entry->next) {
        if (entry->page && kida_str_equal(kida_str_from(entry->page->path), path)) {
            entry->is_used = true;
            return entry->page;
        }
    }
    return NULL;
}

/* NULL where there is none; chirp_check tells. */
static const chirp_section *
find_section(const mount *m, const chirp_page_def *def)
{
    for (ch_page_entry *entry = m->pages->entries; entry && def && def->section;
         entry = entry->next) {
        if (entry->section && kida_str_equal(kida_str_from(entry->section->id),
                                             kida_str_from(def->section)))
            return entry->section;
    }
    return NULL;
}

static kida_str
join(const mount *m, kida_str left, kida_str right)
{
    char text[4096];
    bool slash = left.len > 0 && left.ptr[left.len - 1] != '/';
    int len = snprintf(text, sizeof(text), "%.*s%s%.*s", (int)left.len, left.ptr, slash ? "/" : "",
                       (int)right.len, right.ptr);
    if (len < 0 || (size_t)len >= sizeof(text))
        return (kida_str){ NULL, 0 };
    return ch_arena_copy(&m->app->arena, (kida_str){ text, (size_t)len });
}

/* ---- routes -------------------------------------------------------------------------------- */

static kida_status
add_page(const mount *m, const ch_folder *folder, kida_str path, kida_str template_name)
{
    char methods[64] = "";
    ch_page *page = ch_arena_array(&m->app->arena, 1, sizeof(*page));
    if (!page || !path.ptr || !template_name.ptr)
        return no_memory(m);
    const chirp_page_def *def = find_def(m, path);
    page->folder = folder;
    page->def = def;
    page->path = path;
    page->template_name = template_name;
    page->section = find_section(m, def);
    page->next = m->pages->pages;
    m->pages->pages = page;
    const struct {
        const char *name;
        bool is_there;
    } all[] = {
        { "GET", template_name.len > 0 || def->get },
        { "POST", def && (def->post || def->actions) },
        { "PUT", def && def->put },
        { "PATCH", def && def->patch },
        { "DELETE", def && def->del },
    };
    size_t len = 0;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (all[i].is_there)
            len += (size_t)snprintf(methods + len, sizeof(methods) - len, "%s%s",
                                    len > 0 ? "|" : "", all[i].name);
    }
    chirp_route_def route = { .methods = methods, .path = path.ptr, .handler = ch_page_answer,
                              .user = page, .name = def ? def->name : NULL,
                              .template_name = template_name.len > 0 ? template_name.ptr : NULL,
                              .is_referenced = template_name.len > 0 };
    return chirp_route_add(m->app, &route, m->err);
}

/* {# target: main #} in the first lines of a layout. */
static kida_status
read_target(const mount *m, kida_str file, kida_str *out)
{
    static const char mark[] = "{# target:";
    char text[TARGET_LOOK];
    *out = KIDA_S("body");
    int fd = open(file.ptr, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd >= 0 ? read(fd, text, sizeof(text)) : -1;
    if (fd >= 0)
        close(fd);
    const char *at = len > 0 ? memmem(text, (size_t)len, mark, sizeof(mark) - 1) : NULL;
    if (!at)
        return KIDA_OK;
    kida_str rest = { at + sizeof(mark) - 1, (size_t)len - (size_t)(at - text) - sizeof(mark) + 1 };
    *out = ch_arena_copy(&m->app->arena, ch_str_trim(ch_str_slice(rest, 0,
                                                                  ch_str_find(rest, '#', 0))));
    return out->ptr ? KIDA_OK : no_memory(m);
}

/* ---- folders ------------------------------------------------------------------------------- */

static bool
is_before(kida_str a, kida_str b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = memcmp(a.ptr, b.ptr, len);
    return order < 0 || (order == 0 && a.len < b.len);
}

/* The names in a folder, sorted, so that routes have the same order everywhere. */
static kida_status
list_names(const mount *m, kida_str where, kida_str **out, size_t *count)
{
    DIR *dir = opendir(where.ptr);
    *out = ch_arena_array(&m->app->arena, NAMES_MAX, sizeof(**out));
    *count = 0;
    if (!dir || !*out) {
        if (dir)
            closedir(dir);
        return *out ? ch_fail(m->err, KIDA_E_IO, "can't read the pages in %.*s", (int)where.len,
                              where.ptr) : no_memory(m);
    }
    kida_status st = KIDA_OK;
    for (const struct dirent *entry; st == KIDA_OK && (entry = readdir(dir)) != NULL;) {
        kida_str name = ch_arena_copy(&m->app->arena, kida_str_from(entry->d_name));
        if (entry->d_name[0] == '.')
            continue;
        if (!name.ptr || *count == NAMES_MAX) {
            st = no_memory(m);
            break;
        }
        size_t at = (*count)++;
        for (; at > 0 && is_before(name, (*out)[at - 1]); at--)
            (*out)[at] = (*out)[at - 1];
        (*out)[at] = name;
    }
    closedir(dir);
    return st;
}

static const kida_str html = KIDA_S_INIT(".html");

static kida_status read_folder(const mount *m, ch_folder *folder, kida_str where,
                               kida_str templates);

/* One name of a folder that is no layout. */
static kida_status
read_name(const mount *m, ch_folder *folder, kida_str where, kida_str templates, kida_str name)
{
    kida_str file = join(m, where, name), template_name = join(m, templates, name);
    if (!file.ptr || !template_name.ptr)
        return no_memory(m);
    if (ch_is_directory(file.ptr)) {
        ch_folder *below = ch_arena_array(&m->app->arena, 1, sizeof(*below));
        if (!below)
            return no_memory(m);
        if (folder->depth + 1 >= CH_PAGES_DEPTH)
            return ch_fail(m->err, KIDA_E_USAGE, "the pages are nested deeper than %d folders",
                           CH_PAGES_DEPTH);
        below->parent = folder;
        below->depth = folder->depth + 1;
        below->path = join(m, folder->path, name);
        return below->path.ptr ? read_folder(m, below, file, template_name) : no_memory(m);
    }
    if (name.len <= html.len ||
        !kida_str_equal(ch_str_slice(name, name.len - html.len, name.len), html))
        return KIDA_OK;
    kida_str stem = ch_str_slice(name, 0, name.len - html.len);
    bool own = kida_str_equal(stem, KIDA_S("page"));
    return add_page(m, folder, own ? folder->path : join(m, folder->path, stem), template_name);
}

/* The layouts of the folders above, and its own. */
static kida_status
make_chain(const mount *m, ch_folder *folder)
{
    const ch_page_chain *above = folder->parent ? &folder->parent->chain : NULL;
    size_t count = above ? above->count : 0;
    folder->chain = (ch_page_chain){ above ? above->layouts : NULL, count };
    if (folder->layout.len == 0)
        return KIDA_OK;
    chirp_layout *layouts = ch_arena_array(&m->app->arena, count + 1, sizeof(*layouts));
    if (!layouts)
        return no_memory(m);
    for (size_t i = 0; i < count; i++)
        layouts[i] = above->layouts[i];
    layouts[count] = (chirp_layout){ folder->layout.ptr, folder->target.ptr };
    folder->chain = (ch_page_chain){ layouts, count + 1 };
    folder->next = m->pages->folders;
    m->pages->folders = folder;
    return KIDA_OK;
}

/* Depth is bounded by CH_PAGES_DEPTH. */
static kida_status
read_folder(const mount *m, ch_folder *folder, kida_str where, kida_str templates)
{
    kida_str *names;
    size_t count;
    kida_status st = list_names(m, where, &names, &count);
    folder->def = find_def(m, folder->path);
    for (size_t i = 0; st == KIDA_OK && i < count; i++) {
        if (!kida_str_equal(names[i], KIDA_S("_layout.html")))
            continue;
        kida_str file = join(m, where, names[i]);
        folder->layout = join(m, templates, names[i]);
        st = file.ptr && folder->layout.ptr ? read_target(m, file, &folder->target) : no_memory(m);
    }
    if (st == KIDA_OK)
        st = make_chain(m, folder);
    for (size_t i = 0; st == KIDA_OK && i < count; i++) {
        if (names[i].ptr[0] != '_')
            st = read_name(m, folder, where, templates, names[i]);
    }
    return st;
}

/* Pages that are code alone, and paths that lead nowhere. */
static kida_status
check_entries(const mount *m, const ch_folder *root)
{
    kida_status st = KIDA_OK;
    for (ch_page_entry *entry = m->pages->entries; entry && st == KIDA_OK; entry = entry->next) {
        const chirp_page_def *def = entry->page;
        if (!def)
            continue;
        bool handles = def->get || def->post || def->put || def->patch || def->del || def->actions;
        if (!entry->is_used && handles)
            st = add_page(m, root, kida_str_from(def->path), KIDA_S(""));
        else if (!entry->is_used)
            st = ch_fail(m->err, KIDA_E_USAGE, "page '%s' is neither a folder nor a template in %s",
                         def->path, m->pages->directory);
    }
    return st;
}

static kida_status
compile(chirp_app *app, kida_error *err)
{
    mount m = { app, app->pages, err };
    ch_folder *root = ch_arena_array(&app->arena, 1, sizeof(*root));
    if (!root)
        return no_memory(&m);
    root->path = KIDA_S("/");
    kida_status st = read_folder(&m, root, kida_str_from(app->pages->directory), KIDA_S("pages"));
    return st == KIDA_OK ? check_entries(&m, root) : st;
}

kida_status
chirp_mount_pages(chirp_app *app, const char *directory, kida_error *err)
{
    kida_error local;
    if (!err)
        err = &local;
    kida_error_init(err);
    if (chirp_app_is_frozen(app))
        return ch_fail(err, KIDA_E_FROZEN, "the app is frozen: register before the first request");
    kida_status st = KIDA_OK;
    pthread_mutex_lock(&app->lock);
    struct ch_pages *pages = pages_of(app);
    kida_str copy = ch_arena_copy(&app->arena, kida_str_from(directory));
    if (!pages || !copy.ptr)
        st = ch_fail(err, KIDA_E_NOMEM, "no memory for the pages");
    else if (pages->directory)
        st = ch_fail(err, KIDA_E_USAGE, "pages are mounted already, from %s", pages->directory);
    else if (!ch_is_directory(directory))
        st = ch_fail(err, KIDA_E_IO, "there is no directory '%.200s' for pages", directory);
    else
        st = kida_env_add_directory(app->env, directory, "pages", err);
    if (st == KIDA_OK) {
        pages->directory = (char *)(uintptr_t)copy.ptr;
        app->compile_pages = compile;
        app->check_pages = ch_pages_check;
    } else {
        chirp_app_fail(app, err);
    }
    pthread_mutex_unlock(&app->lock);
    return st;
}
