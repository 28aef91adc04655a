/* SPDX-License-Identifier: MIT */
/* answer.c - one request for a page: contexts, the action or handler, the layouts around it. */
#define _GNU_SOURCE
#include "pages.h"

#include "config/text.h"
#include "reply/reply.h"
#include "reply/swap.h"
#include "worker/conn.h"

/* ---- the context --------------------------------------------------------------------------- */

static kida_status
set_text(kida_value dict, kida_str name, const char *text)
{
    return text ? kida_dict_set(dict, kida_string(name), kida_string(kida_str_from(text)))
                : KIDA_OK;
}

/* A tab of "/" is active there alone. */
static bool
is_active(const chirp_tab *tab, kida_str path)
{
    kida_str href = kida_str_from(tab->href);
    if (kida_str_equal(href, path))
        return true;
    return tab->below && href.len > 1 && path.len > href.len && path.ptr[href.len] == '/' &&
           kida_str_equal(ch_str_slice(path, 0, href.len), href);
}

static kida_status
add_tabs(chirp_request *req, const chirp_section *section, kida_value context)
{
    kida_pool *pool = chirp_pool(req);
    kida_value tabs;
    kida_status st = kida_list_new(pool, 8, &tabs);
    const chirp_tab *tab = section ? section->tabs : NULL;
    for (; st == KIDA_OK && tab && tab->label; tab++) {
        kida_value item;
        st = kida_context(pool, &item, "label", kida_string(kida_str_from(tab->label)), "href",
                          kida_string(kida_str_from(tab->href)), "active",
                          kida_bool(is_active(tab, chirp_path(req))), NULL);
        if (st == KIDA_OK)
            st = set_text(item, KIDA_S("icon"), tab->icon);
        if (st == KIDA_OK)
            st = set_text(item, KIDA_S("badge"), tab->badge);
        if (st == KIDA_OK && tab->below)
            st = set_text(item, KIDA_S("match"), "prefix");
        if (st == KIDA_OK)
            st = kida_list_push(tabs, item);
    }
    if (st == KIDA_OK)
        st = kida_dict_set(context, kida_string(KIDA_S("tab_items")), tabs);
    return st == KIDA_OK ? kida_dict_set(context, kida_string(KIDA_S("route_tabs")), tabs) : st;
}

static kida_status
add_step(kida_pool *pool, kida_value steps, const char *label, kida_str href)
{
    kida_value item;
    kida_status st = kida_context(pool, &item, "label", kida_string(kida_str_from(label)), "href",
                                  kida_string(href), NULL);
    return st == KIDA_OK ? kida_list_push(steps, item) : st;
}

/* breadcrumb_prefix, of the section, and breadcrumb_items, that and the page itself. */
static kida_status
add_breadcrumbs(chirp_request *req, const ch_page *page, kida_value context)
{
    kida_pool *pool = chirp_pool(req);
    const chirp_section *section = page->section;
    const char *label = page->def ? page->def->breadcrumb : NULL;
    kida_value prefix, steps;
    kida_status st = kida_list_new(pool, 2, &prefix);
    if (st == KIDA_OK)
        st = kida_list_new(pool, 2, &steps);
    if (st == KIDA_OK && section && section->href)
        st = add_step(pool, prefix, section->label, kida_str_from(section->href));
    if (st == KIDA_OK && section && section->href)
        st = kida_list_push(steps, kida_item_at(prefix, 0));
    if (st == KIDA_OK && label)
        st = add_step(pool, steps, label, chirp_path(req));
    if (st == KIDA_OK)
        st = set_text(context, KIDA_S("breadcrumb_label"), label);
    if (st == KIDA_OK)
        st = kida_dict_set(context, kida_string(KIDA_S("breadcrumb_prefix")), prefix);
    return st == KIDA_OK ? kida_dict_set(context, kida_string(KIDA_S("breadcrumb_items")), steps)
                         : st;
}

/* Lists without a source are empty, so that layouts can loop over them. */
static kida_status
add_shell(chirp_request *req, const ch_page *page, kida_value context)
{
    kida_status st = add_tabs(req, page->section, context);
    if (st == KIDA_OK)
        st = kida_dict_set(context, kida_string(KIDA_S("current_path")),
                           kida_string(chirp_path(req)));
    if (st == KIDA_OK)
        st = set_text(context, KIDA_S("page_title"), page->def ? page->def->title : NULL);
    return st == KIDA_OK ? add_breadcrumbs(req, page, context) : st;
}

/* One folder's names, with its shell actions put over those from above. */
static chirp_reply *
run_context(chirp_request *req, const chirp_page_def *def, kida_value context)
{
    kida_value key = kida_string(KIDA_S("shell_actions"));
    kida_value above = kida_dict_get(context, KIDA_S("shell_actions")), below, merged;
    kida_error err;
    kida_error_init(&err);
    kida_status st = kida_dict_set(context, key, kida_none());
    if (st != KIDA_OK)
        return chirp_reply_fail(req, 500, "no memory for the context");
    chirp_reply *reply = def->context(req, context, def->user);
    if (reply)
        return reply;
    below = kida_dict_get(context, KIDA_S("shell_actions"));
    st = ch_shell_merge(chirp_pool(req), above, below, &merged, &err);
    if (st == KIDA_OK)
        st = kida_dict_set(context, key, merged);
    return st == KIDA_OK ? NULL : chirp_reply_error(req, &err);
}

/* From the root to the leaf; a reply ends the request. */
static chirp_reply *
run_contexts(chirp_request *req, const ch_page *page, kida_value context)
{
    const ch_folder *chain[CH_PAGES_DEPTH + 1];
    size_t count = 0;
    for (const ch_folder *at = page->folder; at; at = at->parent)
        chain[count++] = at;
    while (count-- > 0) {
        const chirp_page_def *def = chain[count]->def;
        chirp_reply *reply = def && def->context ? run_context(req, def, context) : NULL;
        if (reply)
            return reply;
    }
    bool own = page->def && page->def != page->folder->def && page->def->context;
    return own ? run_context(req, page->def, context) : NULL;
}

/* ---- the request --------------------------------------------------------------------------- */

static chirp_handler_fn *
pick_handler(const chirp_page_def *def, ch_method method)
{
    if (!def)
        return NULL;
    if (method == CH_METHOD_POST)
        return def->post;
    if (method == CH_METHOD_PUT)
        return def->put;
    if (method == CH_METHOD_PATCH)
        return def->patch;
    return method == CH_METHOD_DELETE ? def->del : def->get;
}

/* Runs the action that the form names; NULL with *found false if it names none. */
static chirp_reply *
run_action(chirp_request *req, const chirp_page_def *def, bool *found)
{
    kida_error err;
    *found = true;
    kida_error_init(&err);
    kida_status st = chirp_form_read(req, &err);
    if (st != KIDA_OK && !(st == KIDA_E_UNSUPPORTED && def->post))
        return chirp_reply_bad_form(req, &err);
    kida_str name = st == KIDA_OK ? chirp_form(req, "_action") : KIDA_S("");
    for (const chirp_page_action *action = def->actions; action->name; action++) {
        if (kida_str_equal(kida_str_from(action->name), name))
            return action->run(req, def->user);
    }
    *found = false;
    return NULL;
}

static chirp_reply *
answer(chirp_request *req, const ch_page *page)
{
    const chirp_page_def *def = page->def;
    kida_value context;
    kida_pool *pool = chirp_pool(req);
    if (!pool || kida_dict_new(pool, 16, &context) != KIDA_OK ||
        chirp_g_set(req, ch_page_key, (void *)(uintptr_t)page, NULL) != KIDA_OK ||
        chirp_g_set(req, CH_KEY_PAGE_CHAIN, (void *)(uintptr_t)&page->folder->chain, NULL) !=
            KIDA_OK ||
        chirp_g_set_value(req, CH_KEY_PAGE_CONTEXT, context) != KIDA_OK)
        return NULL;
    chirp_reply *reply = def && def->guard ? chirp_require(req, def->guard) : NULL;
    if (!reply)
        reply = run_contexts(req, page, context);
    if (reply)
        return reply;
    if (add_shell(req, page, context) != KIDA_OK)
        return NULL;
    reply = def && def->viewmodel ? def->viewmodel(req, context, def->user) : NULL;
    if (reply)
        return reply;
    bool found = false;
    if (req->method == CH_METHOD_POST && def && def->actions) {
        reply = run_action(req, def, &found);
        if (found)
            return reply;
    }
    chirp_handler_fn *handler = pick_handler(def, req->method);
    if (handler)
        return handler(req, def->user);
    if (req->method == CH_METHOD_POST)
        return chirp_reply_fail(req, 400, "the form names no action of this page");
    return chirp_reply_here(req);
}

chirp_reply *
ch_page_answer(chirp_request *req, void *user)
{
    const ch_page *page = user;
    const char *cache = page->def ? page->def->cache : NULL;
    chirp_reply *reply = answer(req, page);
    if (reply && cache && !chirp_given(chirp_reply_header(reply, "cache-control")))
        reply = chirp_reply_set_header(reply, "cache-control", cache);
    if (req->config->debug)
        ch_page_tell(req, page, reply);
    return reply;
}

kida_value
chirp_page_context(chirp_request *req)
{
    return chirp_g_get_value(req, CH_KEY_PAGE_CONTEXT);
}
