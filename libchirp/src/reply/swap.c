/* SPDX-License-Identifier: MIT */
/* swap.c - blocks that go along out of band, and what follows a change. */
#define _GNU_SOURCE
#include "swap.h"

#include "app/app.h"
#include "worker/conn.h"

const chirp_region *
ch_region_find(const chirp_request *req, kida_str block)
{
    for (const ch_region *entry = req->frozen->regions; entry; entry = entry->next) {
        if (kida_str_equal(kida_str_from(entry->region.block), block))
            return &entry->region;
    }
    return NULL;
}

const chirp_fragment_target *
ch_fragment_find(const chirp_request *req, kida_str id)
{
    if (id.len > 0 && id.ptr[0] == '#') {
        id.ptr++;
        id.len--;
    }
    const ch_fragment_entry *entry = id.len > 0 ? req->frozen->targets : NULL;
    for (; entry; entry = entry->next) {
        if (kida_str_equal(kida_str_from(entry->target.id), id))
            return &entry->target;
    }
    return NULL;
}

kida_str
ch_without_oob(kida_str block)
{
    kida_str end = KIDA_S("_oob");
    kida_str tail = { block.ptr + (block.len - end.len), end.len };
    if (block.len > end.len && kida_str_equal(tail, end))
        block.len -= end.len;
    return block;
}

void
ch_swap_put(kida_buf *out, const chirp_request *req, kida_str block, const char *target,
            const char *swap, kida_str html)
{
    const chirp_region *region = ch_region_find(req, block);
    if (region && region->bare) {
        kida_buf_put(out, html);
        return;
    }
    kida_str id = target                     ? kida_str_from(target)
                  : region && region->target ? kida_str_from(region->target)
                                             : ch_without_oob(block);
    kida_str how = swap                     ? kida_str_from(swap)
                   : region && region->swap ? kida_str_from(region->swap)
                                            : KIDA_S("true");
    kida_buf_put(out, KIDA_S("<div id=\""));
    kida_buf_html(out, id);
    kida_buf_put(out, KIDA_S("\" hx-swap-oob=\""));
    kida_buf_html(out, how);
    kida_buf_put(out, KIDA_S("\">"));
    kida_buf_put(out, html);
    kida_buf_put(out, KIDA_S("</div>"));
}

kida_status
ch_swap_add(kida_buf *out, chirp_request *req, const chirp_fragment *fragment, kida_error *err)
{
    kida_str html, block = kida_str_from(fragment->block);
    kida_status st = ch_render_text(req, kida_str_from(fragment->name), block, fragment->context,
                                    &html, err);
    if (st != KIDA_OK)
        return st;
    kida_buf_put(out, KIDA_S("\n"));
    ch_swap_put(out, req, block, fragment->target, fragment->swap, html);
    return kida_buf_status(out);
}

chirp_reply *
chirp_reply_oob(chirp_request *req, chirp_reply *first, const chirp_fragment *fragments,
                size_t count)
{
    first = ch_reply_settle(req, first);
    if (!first || first->is_failure)
        return first;
    kida_buf *out = ch_conn_body(req->conn);
    if (!out)
        return NULL;
    kida_buf_put(out, first->body);
    kida_error err;
    kida_status st = KIDA_OK;
    for (size_t i = 0; i < count && st == KIDA_OK; i++)
        st = ch_swap_add(out, req, &fragments[i], &err);
    if (st != KIDA_OK) {
        err.status = st;
        return ch_reply_internal(req, &err);
    }
    chirp_reply_set_body(first, kida_buf_str(out));
    first->intent = CH_INTENT_FRAGMENT;
    return kida_buf_status(out) == KIDA_OK ? first : NULL;
}

chirp_reply *
chirp_reply_mutation(chirp_request *req, const char *url, const char *trigger,
                     const chirp_fragment *fragments, size_t count)
{
    if (!chirp_is_fragment(req) || count == 0)
        return chirp_reply_vary(chirp_reply_done(req, url), "HX-Request");
    chirp_reply *reply = chirp_reply_fragment(req, fragments[0].name, fragments[0].block,
                                              fragments[0].context);
    reply = chirp_reply_oob(req, reply, fragments + 1, count - 1);
    if (trigger && reply && !reply->is_failure)
        chirp_reply_hx_trigger(reply, CHIRP_HX_NOW, trigger, kida_none());
    return chirp_reply_vary(reply, "HX-Request");
}

chirp_reply *
chirp_reply_action(chirp_request *req, const char *trigger, bool refresh)
{
    chirp_reply *reply = chirp_reply_empty(req, 204);
    if (trigger)
        chirp_reply_hx_trigger(reply, CHIRP_HX_NOW, trigger, kida_none());
    return refresh ? chirp_reply_hx_refresh(reply) : reply;
}
