/* SPDX-License-Identifier: MIT */
/* page.c - default answers to failures: short in production, telling in debug mode; a fragment for
 * htmx. Fixed text, and whatever comes from a request is escaped (RS-6). */
#define _GNU_SOURCE
#include "reply.h"

#include <stdio.h>

#include "worker/conn.h"

static const kida_str debug_style = KIDA_S_INIT(
    "<style>.error-page{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;"
    "padding:0 1rem;color:#1c1917}.error-page h1{font-size:1.4rem;color:#b91c1c;margin:0}"
    ".error-page pre{background:#1c1917;color:#f5f5f4;padding:1rem;border-radius:8px;"
    "overflow:auto;font-size:.875rem}.error-page dt{font-weight:600}.exc-message{font-size:1.1rem}"
    "</style>");

static void
put_request(kida_buf *out, chirp_request *req)
{
    kida_buf_put(out, KIDA_S("<h2>Request</h2><dl><dt>Method</dt><dd>"));
    kida_buf_html(out, chirp_method(req));
    kida_buf_put(out, KIDA_S("</dd><dt>URL</dt><dd>"));
    kida_buf_html(out, chirp_url(req));
    kida_buf_put(out, KIDA_S("</dd><dt>Client</dt><dd>"));
    kida_buf_html(out, chirp_client(req));
    kida_buf_put(out, KIDA_S("</dd></dl>"));
}

/* What a developer sees. */
static void
put_debug(kida_buf *out, chirp_request *req, const chirp_reply *reply)
{
    const kida_error *error = reply->error;
    const char *kind = error && error->kind ? error->kind : "Error";
    kida_buf_put(out, KIDA_S("<div class=\"error-page\"><h1>"));
    kida_buf_html(out, kida_str_from(kind));
    kida_buf_put(out, KIDA_S("</h1><p class=\"exc-message\">"));
    kida_buf_html(out, error ? kida_str_from(error->message) : KIDA_S("out of memory"));
    kida_buf_put(out, KIDA_S("</p>"));
    if (error) {
        char text[8192];
        size_t len = kida_error_format(error, KIDA_FORMAT_PLAIN, text, sizeof(text));
        kida_buf_put(out, KIDA_S("<pre>"));
        kida_buf_html(out, (kida_str){ text, len < sizeof(text) ? len : sizeof(text) - 1 });
        kida_buf_put(out, KIDA_S("</pre>"));
    }
    put_request(out, req);
    kida_buf_put(out, KIDA_S("</div>"));
}

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
        kida_buf_put(out, debug_style);
        put_debug(out, req, reply);
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
    kida_buf_put(out, KIDA_S("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
                             "<title>Internal Server Error</title>"));
    kida_buf_put(out, debug_style);
    kida_buf_put(out, KIDA_S("</head><body>"));
    put_debug(out, req, reply);
    kida_buf_put(out, KIDA_S("</body></html>"));
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
