/* SPDX-License-Identifier: MIT */
/* debug.c - what a page tells of itself in debug mode: headers about its layouts, files, context
 * and render (3.9). */
#define _GNU_SOURCE
#include "pages.h"

#include <stdio.h>
#include <string.h>

#include "config/secret.h"
#include "config/text.h"
#include "reply/reply.h"

#define HEADER_MAX ((size_t)4096) /* longer values are left out */
#define NAMES_MAX 48

/* ---- the layouts ----------------------------------------------------------------------------- */

/* Layouts of a page from the outermost inwards, and how many of the inner ones were rendered. */
typedef struct layouts {
    const ch_folder *items[CH_PAGES_DEPTH + 1];
    size_t count;
    size_t rendered;
} layouts;

static void
find_layouts(chirp_request *req, const ch_page *page, layouts *out)
{
    kida_str target = ch_page_layout_target(req);
    bool inside = ch_page_wants_layout(req, page->folder);
    out->count = out->rendered = 0;
    for (const ch_folder *at = page->folder; at; at = at->parent) {
        if (at->layout.len == 0)
            continue;
        out->items[out->count++] = at;
        out->rendered += inside ? 1 : 0;
        if (target.len > 0 && kida_str_equal(at->target, target))
            inside = false;
    }
    for (size_t i = 0; i < out->count / 2; i++) {
        const ch_folder *swap = out->items[i];
        out->items[i] = out->items[out->count - 1 - i];
        out->items[out->count - 1 - i] = swap;
    }
}

/* ---- the headers ----------------------------------------------------------------------------- */

/* Sets the header to what is in the buffer, and empties that. */
static void
set_header(chirp_reply *reply, const char *name, kida_buf *value)
{
    kida_str text = kida_buf_str(value);
    bool fits = kida_buf_status(value) == KIDA_OK && text.len < HEADER_MAX;
    for (size_t i = 0; fits && i < text.len; i++)
        fits = (unsigned char)text.ptr[i] >= 0x20 && text.ptr[i] != 0x7f;
    if (fits) {
        kida_buf_byte(value, '\0');
        if (kida_buf_status(value) == KIDA_OK)
            chirp_reply_set_header(reply, name, kida_buf_str(value).ptr);
    }
    kida_buf_free(value);
    kida_buf_init_heap(value, &reply->req->allocator, HEADER_MAX * 4);
}

static void
put_separator(kida_buf *out, const char *separator)
{
    if (kida_buf_str(out).len > 0)
        kida_buf_put(out, kida_str_from(separator));
}

static void
tell_layouts(chirp_request *req, chirp_reply *reply, const layouts *all, kida_buf *text)
{
    kida_str target = chirp_hx_target(req);
    for (size_t i = 0; i < all->count; i++) {
        put_separator(text, " > ");
        kida_buf_put(text, all->items[i]->target);
        kida_buf_format(text, "(%zu)", i);
    }
    set_header(reply, "x-chirp-layout-chain", text);
    kida_buf_put(text, KIDA_S("target="));
    kida_buf_put(text, target.ptr ? target : KIDA_S("none"));
    kida_buf_format(text, ", start=%zu, rendered=%zu", all->count - all->rendered, all->rendered);
    set_header(reply, "x-chirp-layout-match", text);
    kida_buf_put(text, kida_str_from(all->rendered == all->count ? "full"
                                     : all->rendered == 0        ? "fragment"
                                                                 : "partial"));
    set_header(reply, "x-chirp-layout-mode", text);
}

static const char *
kind_of(const ch_page *page)
{
    if (page->template_name.len == 0)
        return "action";
    return ch_str_find(page->path, '{', 0) < page->path.len ? "detail" : "page";
}

static kida_value
text_or_none(const char *text)
{
    return text ? kida_string(kida_str_from(text)) : kida_none();
}

static void
tell_route(chirp_request *req, chirp_reply *reply, const ch_page *page, const layouts *all,
           kida_buf *text)
{
    const chirp_page_def *def = page->def;
    kida_value meta;
    kida_buf_put(text, kida_str_from(kind_of(page)));
    set_header(reply, "x-chirp-route-kind", text);
    kida_buf_put(text, page->template_name);
    for (size_t i = 0; i < all->count; i++) {
        put_separator(text, ",");
        kida_buf_put(text, all->items[i]->layout);
    }
    set_header(reply, "x-chirp-route-files", text);
    kida_buf_put(text, kida_str_from(page->section ? page->section->id : "none"));
    set_header(reply, "x-chirp-route-section", text);
    if (def && kida_context(chirp_pool(req), &meta, "title", text_or_none(def->title), "section",
                            text_or_none(def->section), "breadcrumb_label",
                            text_or_none(def->breadcrumb), NULL) == KIDA_OK) {
        (void)ch_json_write(text, meta);
        set_header(reply, "x-chirp-route-meta", text);
    }
}

static void
tell_context(chirp_request *req, chirp_reply *reply, const ch_page *page, kida_buf *text)
{
    const ch_folder *chain[CH_PAGES_DEPTH + 1];
    size_t count = 0;
    for (const ch_folder *at = page->folder; at; at = at->parent) {
        if (at->def && at->def->context)
            chain[count++] = at;
    }
    while (count-- > 0) {
        put_separator(text, " > ");
        kida_buf_put(text, chain[count]->path);
    }
    set_header(reply, "x-chirp-context-chain", text);
    static const char *const names[] = { "current_path", "page_title", "tab_items",
                                         "breadcrumb_items" };
    kida_value context = chirp_page_context(req);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (kida_kind_of(kida_dict_get(context, kida_str_from(names[i]))) == KIDA_ABSENT)
            continue;
        put_separator(text, ",");
        kida_buf_put(text, kida_str_from(names[i]));
    }
    set_header(reply, "x-chirp-shell-context", text);
}

/* ---- the plan -------------------------------------------------------------------------------- */

static kida_status
list_names(chirp_request *req, kida_value *out)
{
    kida_pool *pool = chirp_pool(req);
    kida_value context = chirp_page_context(req), name, value, item;
    size_t count = kida_kind_of(context) == KIDA_DICT ? kida_length(context) : 0;
    kida_status st = kida_list_new(pool, count, out);
    for (size_t i = 0; st == KIDA_OK && i < count && i < NAMES_MAX; i++) {
        if (!kida_dict_entry(context, i, &name, &value))
            break;
        st = kida_context(pool, &item, "key", name, "type",
                          kida_string(kida_str_from(kida_kind_name(value))), NULL);
        if (st == KIDA_OK)
            st = kida_list_push(*out, item);
    }
    return st;
}

static kida_status
list_layouts(chirp_request *req, const layouts *all, kida_value *out)
{
    kida_value item;
    kida_status st = kida_list_new(chirp_pool(req), all->count, out);
    for (size_t i = 0; st == KIDA_OK && i < all->count; i++) {
        st = kida_context(chirp_pool(req), &item, "template", kida_string(all->items[i]->layout),
                          "target", kida_string(all->items[i]->target), "depth",
                          kida_int((int64_t)i), NULL);
        if (st == KIDA_OK)
            st = kida_list_push(*out, item);
    }
    return st;
}

static void
tell_plan(chirp_request *req, chirp_reply *reply, const ch_page *page, const layouts *all,
          kida_buf *text)
{
    kida_value plan, names, chain;
    const char *intent = reply->intent == CH_INTENT_FULL_PAGE  ? "full_page"
                         : reply->intent == CH_INTENT_FRAGMENT ? "fragment"
                                                               : "unknown";
    if (list_names(req, &names) != KIDA_OK || list_layouts(req, all, &chain) != KIDA_OK ||
        kida_context(chirp_pool(req), &plan, "intent", kida_string(kida_str_from(intent)),
                     "template", kida_string(page->template_name), "apply_layouts",
                     kida_bool(all->rendered > 0), "context", names, "layout_chain", chain,
                     "layouts_applied", kida_int((int64_t)all->rendered), "layout_start",
                     kida_int((int64_t)(all->count - all->rendered)), NULL) != KIDA_OK)
        return;
    (void)ch_json_write(text, plan);
    kida_str json = kida_buf_str(text);
    size_t room = CH_BASE64_ROOM(json.len) + 3;
    char *encoded = chirp_alloc(req, room);
    if (!encoded || kida_buf_status(text) != KIDA_OK || room > HEADER_MAX)
        return;
    size_t len = ch_base64_write(json.ptr, json.len, encoded, room);
    /* To the usual alphabet, which scripts read with atob. */
    for (size_t i = 0; i < len; i++)
        encoded[i] = encoded[i] == '-' ? '+' : encoded[i] == '_' ? '/' : encoded[i];
    while (len % 4 != 0)
        encoded[len++] = '=';
    kida_buf_free(text);
    kida_buf_init_heap(text, &req->allocator, HEADER_MAX * 4);
    kida_buf_put(text, (kida_str){ encoded, len });
    set_header(reply, "x-chirp-render-plan", text);
}

void
ch_page_tell(chirp_request *req, const ch_page *page, chirp_reply *reply)
{
    layouts all;
    kida_buf text;
    if (!reply || reply->kind == CH_REPLY_FAIL)
        return;
    find_layouts(req, page, &all);
    kida_buf_init_heap(&text, &req->allocator, HEADER_MAX * 4);
    tell_layouts(req, reply, &all, &text);
    tell_route(req, reply, page, &all, &text);
    tell_context(req, reply, page, &text);
    tell_plan(req, reply, page, &all, &text);
    kida_buf_free(&text);
}
