/* SPDX-License-Identifier: MIT */
/* page.c - default answers to failures: short in production, telling in debug mode; a fragment for
 * htmx. Fixed text, and whatever comes from a request is escaped (RS-6). */
#define _GNU_SOURCE
#include "reply.h"

#include <stdio.h>

#include "worker/conn.h"

static void
put_detail(kida_buf *out, const chirp_reply *reply, bool debug)
{
    if (reply->is_internal) {
        kida_buf_put(out, reply->status == 503 ? KIDA_S("Service Unavailable")
                                               : KIDA_S("Internal Server Error"));
        return;
    }
    if (debug)
        kida_buf_format(out, "%u: ", reply->status);
    if (reply->detail.len > 0)
        kida_buf_html(out, reply->detail);
    else
        kida_buf_format(out, "Error %u", reply->status);
}

static void
put_fragment(kida_buf *out, chirp_request *req, const chirp_reply *reply, bool debug)
{
    bool telling = debug && reply->is_internal;
    kida_buf_format(out, "<div class=\"chirp-error%s\" data-status=\"%u\">",
                    telling ? " chirp-error-fragment" : "", reply->status);
    if (telling) {
        ch_debug_panel(out, req, reply);
    } else {
        put_detail(out, reply, debug);
    }
    kida_buf_put(out, KIDA_S("</div>"));
}

static void
put_page(kida_buf *out, chirp_request *req, const chirp_reply *reply, bool debug)
{
    if (!debug || !reply->is_internal) {
        put_detail(out, reply, debug);
        return;
    }
    ch_debug_page(out, req, reply);
}

kida_status
ch_reply_default_page(chirp_request *req, chirp_reply *reply)
{
    kida_buf *out = ch_conn_body(req->conn);
    if (!out)
        return KIDA_E_NOMEM;
    bool debug = req->config->debug;
    reply->kind = CH_REPLY_BYTES;
    reply->content_type = ch_type_html;
    reply->intent = CH_INTENT_UNKNOWN;
    if (chirp_is_fragment(req)) {
        put_fragment(out, req, reply, debug);
        chirp_reply_set_header(reply, "HX-Retarget", "#chirp-error");
        chirp_reply_set_header(reply, "HX-Reswap", "innerHTML");
        chirp_reply_set_header(reply, "HX-Trigger", "chirpError");
    } else {
        put_page(out, req, reply, debug);
    }
    reply->body = kida_buf_str(out);
    return kida_buf_status(out);
}
