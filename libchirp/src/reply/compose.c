/* SPDX-License-Identifier: MIT */
/* compose.c - the render plan: what of a page this client wants, and the layouts around it. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "config/fail.h"
#include "config/text.h"
#include "swap.h"
#include "worker/conn.h"
#include "worker/worker.h"

#define EMPTIED_MAX 32

static const char plan_name[] = "chirp.plan";

typedef struct plan {
    chirp_request *req;
    const chirp_page *page;
    chirp_plan kind;
    kida_str block;        /* empty: the whole template */
    size_t first;          /* layouts from here on are applied */
    bool updates_shell;
    kida_value context;
} plan;

/* ---- what is wanted ------------------------------------------------------------------------- */

/* The first of them that is given. */
static kida_str
either(const char *a, const char *b, const char *fallback)
{
    return kida_str_from(a ? a : b ? b : fallback);
}

static kida_str
local_block(const chirp_page *page, chirp_request *req)
{
    if (page->block)
        return kida_str_from(page->block);
    const chirp_fragment_target *target = ch_fragment_find(req, chirp_hx_partial(req));
    if (!target)
        target = ch_fragment_find(req, chirp_hx_target(req));
    return either(target ? target->block : NULL, page->page_block, "page_content");
}

/* Number of the layout whose content the client replaces; layout_count: none. */
static size_t
first_layout(const chirp_page *page, chirp_request *req)
{
    kida_str target = chirp_hx_target(req);
    if (!chirp_given(target))
        return 0;
    if (target.len > 0 && target.ptr[0] == '#')
        target = ch_str_slice(target, 1, target.len);
    size_t i = 0;
    while (i < page->layout_count &&
           !kida_str_equal(kida_str_from(page->layouts[i].target), target))
        i++;
    return i;
}

static void
plan_navigation(plan *p)
{
    const chirp_page *page = p->page;
    p->kind = CHIRP_PLAN_PAGE_FRAGMENT;
    p->first = first_layout(page, p->req);
    kida_str local = local_block(page, p->req);
    if (p->first >= page->layout_count) {
        p->block = page->page_block || page->block ? either(page->page_block, page->block, "")
                                                   : local;
        return;
    }
    const chirp_fragment_target *target =
        ch_fragment_find(p->req, kida_str_from(page->layouts[p->first].target));
    const char *block = target ? target->block : page->page_block;
    p->block = block ? kida_str_from(block) : local;
}

static void
make_plan(plan *p)
{
    chirp_request *req = p->req;
    const chirp_page *page = p->page;
    bool is_whole = !chirp_is_fragment(req) || chirp_is_history_restore(req);
    p->first = page->layout_count;
    if (is_whole) {
        p->kind = CHIRP_PLAN_FULL_PAGE;
        p->first = 0;
        p->block = page->layout_count > 0 ? either(page->page_block, page->block, "page_root")
                                          : KIDA_S("");
        return;
    }
    const chirp_fragment_target *target = ch_fragment_find(req, chirp_hx_target(req));
    p->updates_shell = chirp_is_boosted(req) || (target && target->updates_shell);
    if (chirp_is_boosted(req)) {
        plan_navigation(p);
    } else {
        p->kind = CHIRP_PLAN_LOCAL_FRAGMENT;
        p->block = local_block(page, req);
    }
}

/* ---- layouts -------------------------------------------------------------------------------- */

typedef struct block_list {
    plan *p;
    kida_buf *out;         /* regions of the layout are appended here; NULL: they are emptied */
    kida_str template_name;
    kida_block_html given[EMPTIED_MAX + 1];
    size_t count;
} block_list;

static bool
is_oob(kida_str block)
{
    return ch_without_oob(block).len != block.len;
}

/* A full page has no elements out of band: they stay empty in its layouts. */
static kida_status
empty_block(void *arg, const kida_block_info *info)
{
    block_list *list = arg;
    bool is_region = is_oob(info->name) || ch_region_find(list->p->req, info->name) != NULL;
    if (!is_region || kida_str_equal(info->name, KIDA_S("content")))
        return KIDA_OK;
    if (list->count > EMPTIED_MAX)
        return KIDA_E_LIMIT_MEMORY;
    kida_str name = chirp_copy(list->p->req, info->name);
    list->given[list->count++] = (kida_block_html){ name, KIDA_S("") };
    return name.ptr ? KIDA_OK : KIDA_E_NOMEM;
}

static kida_status
each_block(chirp_request *req, const char *name,
           kida_status (*each)(void *, const kida_block_info *), void *arg, kida_error *err)
{
    kida_template *tpl = kida_env_get(req->frozen->env, kida_str_from(name), err);
    if (!tpl)
        return err->status != KIDA_OK ? err->status : KIDA_E_NOT_FOUND;
    kida_status st = kida_template_each_block(tpl, each, arg, err);
    kida_template_drop(tpl);
    return st;
}

static kida_status
surround(plan *p, const chirp_layout *layout, kida_str *html, kida_error *err)
{
    block_list list = { .p = p };
    list.given[list.count++] = (kida_block_html){ KIDA_S("content"), *html };
    kida_status st = KIDA_OK;
    if (p->kind == CHIRP_PLAN_FULL_PAGE)
        st = each_block(p->req, layout->name, empty_block, &list, err);
    if (st != KIDA_OK)
        return st;
    ch_render what = { .name = kida_str_from(layout->name), .context = p->context,
                       .blocks = list.given, .block_count = list.count, .with_path = true };
    return ch_render_part(p->req, &what, html, err);
}

/* ---- what goes along ------------------------------------------------------------------------ */

static bool
lacks_title(const plan *p, const kida_block_info *info)
{
    bool reads = false;
    for (size_t i = 0; i < info->depends_on.count; i++)
        reads = reads || kida_str_equal(info->depends_on.items[i], KIDA_S("page_title"));
    return reads && (kida_kind_of(p->context) != KIDA_DICT ||
                     kida_kind_of(kida_dict_get(p->context, KIDA_S("page_title"))) == KIDA_ABSENT);
}

static kida_status
add_layout_region(void *arg, const kida_block_info *info)
{
    block_list *list = arg;
    plan *p = list->p;
    kida_str html = KIDA_S("");
    kida_error err;
    if (!is_oob(info->name) || lacks_title(p, info) ||
        kida_str_equal(kida_str_from(info->cache_scope), KIDA_S("site")))
        return KIDA_OK;
    kida_str name = chirp_copy(p->req, info->name);
    if (!name.ptr)
        return KIDA_E_NOMEM;
    if (ch_render_text(p->req, list->template_name, name, p->context, &html, &err) != KIDA_OK)
        html = KIDA_S("");
    kida_buf_put(list->out, KIDA_S("\n"));
    ch_swap_put(list->out, p->req, name, NULL, NULL, html);
    return kida_buf_status(list->out);
}

/* Given as HTML, or as data in the context. */
static kida_status
put_shell_actions(plan *p, kida_buf *out, kida_error *err)
{
    kida_str html = kida_str_from(p->page->shell_actions);
    kida_value actions = kida_none();
    kida_status st = KIDA_OK;
    if (!p->page->shell_actions && kida_kind_of(p->context) == KIDA_DICT)
        actions = kida_dict_get(p->context, KIDA_S("shell_actions"));
    if (kida_kind_of(actions) == KIDA_DICT)
        st = ch_render_text(p->req, KIDA_S("chirp/shell_actions.html"), KIDA_S("content"),
                            p->context, &html, err);
    if (st == KIDA_OK)
        kida_buf_put(out, html);
    return st;
}

static kida_status
add_parts(plan *p, kida_buf *out, kida_error *err)
{
    const chirp_page *page = p->page;
    kida_status st = KIDA_OK;
    for (size_t i = 0; i < page->region_count && st == KIDA_OK; i++)
        st = ch_swap_add(out, p->req, &page->regions[i], err);
    if (st == KIDA_OK && p->updates_shell) {
        kida_buf_put(out, KIDA_S("\n<div id=\"chirp-shell-actions\" hx-swap-oob=\"innerHTML\">"));
        st = put_shell_actions(p, out, err);
        kida_buf_put(out, KIDA_S("</div>"));
    }
    if (st == KIDA_OK && page->layout_count > 0 && p->updates_shell) {
        block_list list = { .p = p, .out = out,
                            .template_name = kida_str_from(page->layouts[0].name) };
        st = each_block(p->req, page->layouts[0].name, add_layout_region, &list, err);
    }
    return st == KIDA_OK ? kida_buf_status(out) : st;
}

/* ---- filesystem pages ----------------------------------------------------------------------- */

/* The context of the folders under the page's own, if both are dicts. */
static kida_status
merge_context(chirp_request *req, kida_value *context)
{
    kida_value below = chirp_g_get_value(req, CH_KEY_PAGE_CONTEXT), key, item, merged;
    if (kida_kind_of(*context) == KIDA_NONE || kida_kind_of(*context) == KIDA_ABSENT)
        *context = below;
    if (kida_kind_of(below) != KIDA_DICT || kida_kind_of(*context) != KIDA_DICT ||
        kida_identical(below, *context))
        return KIDA_OK;
    kida_status st = kida_dict_new(chirp_pool(req), 16, &merged);
    for (size_t i = 0; st == KIDA_OK && kida_dict_entry(below, i, &key, &item); i++)
        st = kida_dict_set(merged, key, item);
    for (size_t i = 0; st == KIDA_OK && kida_dict_entry(*context, i, &key, &item); i++)
        st = kida_dict_set(merged, key, item);
    if (st == KIDA_OK)
        *context = merged;
    return st;
}

/* A reply of a page gets the layouts of its folders, unless it brings its own. */
static kida_status
adopt_layouts(chirp_request *req, chirp_page *page)
{
    const ch_page_chain *chain = page->layouts ? NULL : chirp_g_get(req, CH_KEY_PAGE_CHAIN);
    if (!chain)
        return KIDA_OK;
    page->layouts = chain->layouts;
    page->layout_count = chain->count;
    return merge_context(req, &page->context);
}

/* ---- blocks that are missing ----------------------------------------------------------------- */

typedef struct name_list {
    char *text;
    size_t len;
    size_t room;
} name_list;

static kida_status
note_name(void *arg, const kida_block_info *info)
{
    name_list *list = arg;
    int more = snprintf(list->text + list->len, list->room - list->len, "%s%.*s",
                        list->len > 0 ? ", " : "", (int)info->name.len, info->name.ptr);
    if (more > 0 && (size_t)more < list->room - list->len)
        list->len += (size_t)more;
    list->text[list->len] = '\0'; /* what does not fit is left out */
    return KIDA_OK;
}

/* In debug mode the error says which blocks there are. */
static kida_status
check_block(const plan *p, kida_error *err)
{
    char names[KIDA_ERROR_TEXT_MAX / 2] = "";
    if (!p->req->config->debug || p->block.len == 0)
        return KIDA_OK;
    kida_template *tpl = kida_env_get(p->req->frozen->env, kida_str_from(p->page->name), err);
    if (!tpl)
        return err->status != KIDA_OK ? err->status : KIDA_E_NOT_FOUND;
    kida_status st = KIDA_OK;
    if (!kida_template_has_block(tpl, p->block)) {
        name_list list = { names, 0, sizeof(names) };
        st = kida_template_each_block(tpl, note_name, &list, err);
        if (st == KIDA_OK)
            st = ch_fail(err, KIDA_E_RUNTIME,
                         "block '%.*s' not found in template '%.100s'; available blocks: [%s]",
                         (int)(p->block.len < 60 ? p->block.len : 60), p->block.ptr,
                         p->page->name, names);
    }
    kida_template_drop(tpl);
    return st;
}

/* ---- all of it ------------------------------------------------------------------------------ */

static kida_status
write_page(plan *p, kida_buf *out, kida_error *err)
{
    const chirp_page *page = p->page;
    kida_str html;
    ch_render what = { .name = kida_str_from(page->name), .block = p->block,
                       .context = p->context, .with_path = true };
    kida_status st = check_block(p, err);
    if (st == KIDA_OK)
        st = ch_render_part(p->req, &what, &html, err);
    for (size_t i = page->layout_count; i-- > p->first && st == KIDA_OK;)
        st = surround(p, &page->layouts[i], &html, err);
    if (st != KIDA_OK)
        return st;
    kida_buf_put(out, html);
    return p->kind == CHIRP_PLAN_FULL_PAGE && page->region_count == 0 ? kida_buf_status(out)
                                                                      : add_parts(p, out, err);
}

kida_status
ch_page_text(chirp_request *req, const chirp_page *page, kida_buf *out, chirp_plan *kind,
             kida_error *err)
{
    chirp_page whole = *page;
    kida_error_init(err);
    kida_status st = adopt_layouts(req, &whole);
    if (st != KIDA_OK)
        return st;
    plan p = { .req = req, .page = &whole, .context = whole.context };
    make_plan(&p);
    *kind = p.kind;
    st = chirp_g_set_value(req, plan_name, kida_int(p.kind));
    return st == KIDA_OK ? write_page(&p, out, err) : st;
}

chirp_reply *
chirp_reply_compose(chirp_request *req, const chirp_page *page)
{
    kida_error err;
    chirp_plan kind;
    kida_buf *out = ch_conn_body(req->conn);
    if (!out)
        return NULL;
    kida_status st = ch_page_text(req, page, out, &kind, &err);
    chirp_reply *reply;
    if (st == KIDA_OK) {
        reply = chirp_reply_html(req, kida_buf_str(out));
    } else {
        err.status = st;
        reply = ch_reply_internal(req, &err);
    }
    if (!reply)
        return NULL;
    if (st == KIDA_OK)
        reply->intent = kind == CHIRP_PLAN_FULL_PAGE ? CH_INTENT_FULL_PAGE : CH_INTENT_FRAGMENT;
    chirp_reply_vary(reply, "HX-Request");
    chirp_reply_vary(reply, "HX-Boosted");
    return chirp_reply_vary(reply, "HX-History-Restore-Request");
}

chirp_plan
chirp_plan_of(const chirp_request *req)
{
    return (chirp_plan)kida_as_int(chirp_g_get_value(req, plan_name));
}
