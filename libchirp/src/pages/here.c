/* SPDX-License-Identifier: MIT */
/* here.c - the running page as a chirp_page: its blocks, and the layouts of its folders. */
#define _GNU_SOURCE
#include "pages.h"

#include "config/text.h"
#include "http/request.h"

const char ch_page_key[] = "chirp.page";

/* ---- layouts --------------------------------------------------------------------------------- */

bool
ch_page_wants_layout(chirp_request *req, const ch_folder *folder)
{
    if (!chirp_is_boosted(req) || chirp_is_history_restore(req))
        return !chirp_is_fragment(req) || chirp_is_history_restore(req);
    kida_str target = chirp_hx_target(req);
    if (!chirp_given(target))
        return true;
    /* Up to the one on whose element the answer goes. */
    for (; folder; folder = folder->parent) {
        if (folder->layout.len > 0 && kida_str_equal(folder->target, target))
            return true;
    }
    return false;
}

kida_str
ch_page_layout_target(chirp_request *req)
{
    kida_str target = chirp_is_boosted(req) && !chirp_is_history_restore(req)
                          ? chirp_hx_target(req) : KIDA_S("");
    return target.ptr ? target : KIDA_S("");
}

/* Outermost first. False when out of memory. */
static bool
list_layouts(chirp_request *req, const ch_folder *folder, chirp_page *out)
{
    size_t count = 0;
    for (const ch_folder *at = folder; at; at = at->parent)
        count += at->layout.len > 0;
    chirp_layout *layouts = ch_arena_array(&req->arena, count + 1, sizeof(*layouts));
    if (!layouts)
        return false;
    out->layouts = layouts;
    out->layout_count = count;
    for (const ch_folder *at = folder; at; at = at->parent) {
        if (at->layout.len == 0)
            continue;
        layouts[--count] = (chirp_layout){ .name = chirp_copy(req, at->layout).ptr,
                                           .target = chirp_copy(req, at->target).ptr };
        if (!layouts[count].name || !layouts[count].target)
            return false;
    }
    return true;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

/* What stands in layouts is `page_root`, what htmx gets `page_content`; a page may lack either, or
 * both. An empty name stands for the whole template. */
static void
choose_blocks(chirp_request *req, kida_str name, chirp_page *out)
{
    kida_error err;
    kida_error_init(&err);
    kida_template *tpl = kida_env_get(req->frozen->env, name, &err);
    bool has_root = tpl && kida_template_has_block(tpl, KIDA_S("page_root"));
    bool has_content = tpl && kida_template_has_block(tpl, KIDA_S("page_content"));
    kida_template_drop(tpl);
    if (has_root && has_content)
        return; /* the render plan knows them */
    out->page_block = has_root ? "page_root" : "";
    out->block = has_content ? "page_content" : NULL;
}

bool
chirp_page_here(chirp_request *req, chirp_page *out)
{
    const ch_page *page = chirp_g_get(req, ch_page_key);
    *out = (chirp_page){ .context = kida_none() };
    if (!page || page->template_name.len == 0)
        return false;
    out->name = chirp_copy(req, page->template_name).ptr;
    out->context = chirp_page_context(req);
    if (!out->name || !list_layouts(req, page->folder, out))
        return false;
    choose_blocks(req, page->template_name, out);
    return true;
}

chirp_reply *
chirp_reply_here(chirp_request *req)
{
    chirp_page page;
    return chirp_page_here(req, &page) ? chirp_reply_compose(req, &page)
                                       : chirp_reply_fail(req, 500, "there is no page here");
}
