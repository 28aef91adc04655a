/* SPDX-License-Identifier: MIT */
/* htmx.c - headers that tell htmx what to do, and URLs that stay on the site. */
#define _GNU_SOURCE
#include <string.h>

#include <chirp/hypermedia.h>

#include "config/text.h"
#include "reply.h"
#include "worker/conn.h"

#define TRIGGER_MAX 4096

static chirp_reply *
refused(chirp_reply *reply, kida_status st)
{
    if (reply && st != KIDA_OK && reply->bad == KIDA_OK)
        reply->bad = st;
    return reply;
}

/* ---- URLs ----------------------------------------------------------------------------------- */

bool
chirp_url_is_local(kida_str url)
{
    if (url.len == 0 || url.ptr[0] != '/')
        return false;
    /* Browsers take a backslash for a slash, and drop tabs and line ends. */
    if (url.len > 1 && (url.ptr[1] == '/' || url.ptr[1] == '\\'))
        return false;
    for (size_t i = 0; i < url.len; i++) {
        unsigned char c = (unsigned char)url.ptr[i];
        if (c < 0x20 || c == 0x7f)
            return false;
    }
    /* Escaped control bytes and slashes at the start: somebody may decode once more. */
    kida_str rest = ch_str_slice(url, 1, url.len);
    while (rest.len >= 3 && rest.ptr[0] == '%') {
        int high = ch_hex_value(rest.ptr[1]), low = ch_hex_value(rest.ptr[2]);
        int byte = high < 0 || low < 0 ? -1 : high * 16 + low;
        if (byte < 0x20 || byte == '/' || byte == '\\')
            return false;
        rest = ch_str_slice(rest, 3, rest.len);
    }
    return true;
}

chirp_reply *
chirp_reply_redirect_local(chirp_request *req, kida_str url)
{
    if (!chirp_url_is_local(url))
        return chirp_reply_fail(req, 400, "That address is not on this site");
    kida_str copy = chirp_copy(req, url);
    return copy.ptr ? chirp_reply_redirect(req, copy.ptr) : NULL;
}

static chirp_reply *
local_header(chirp_reply *reply, const char *name, const char *url)
{
    if (!chirp_url_is_local(kida_str_from(url)))
        return refused(reply, KIDA_E_USAGE);
    return chirp_reply_set_header(reply, name, url);
}

static chirp_reply *
history_header(chirp_reply *reply, const char *name, const char *url)
{
    if (kida_str_equal(kida_str_from(url), KIDA_S("false")))
        return chirp_reply_set_header(reply, name, url);
    return local_header(reply, name, url);
}

chirp_reply *
chirp_reply_hx_redirect(chirp_reply *reply, const char *url)
{
    return local_header(reply, "hx-redirect", url);
}

chirp_reply *
chirp_reply_hx_push_url(chirp_reply *reply, const char *url)
{
    return history_header(reply, "hx-push-url", url);
}

chirp_reply *
chirp_reply_hx_replace_url(chirp_reply *reply, const char *url)
{
    return history_header(reply, "hx-replace-url", url);
}

/* ---- plain ones ----------------------------------------------------------------------------- */

chirp_reply *
chirp_reply_hx_reswap(chirp_reply *reply, const char *swap)
{
    return chirp_reply_set_header(reply, "hx-reswap", swap);
}

chirp_reply *
chirp_reply_hx_reselect(chirp_reply *reply, const char *selector)
{
    return chirp_reply_set_header(reply, "hx-reselect", selector);
}

chirp_reply *
chirp_reply_hx_refresh(chirp_reply *reply)
{
    return chirp_reply_set_header(reply, "hx-refresh", "true");
}

chirp_reply *
chirp_reply_hx_stop_polling(chirp_reply *reply)
{
    return chirp_reply_set_status(reply, 286);
}

/* ---- JSON in headers ------------------------------------------------------------------------ */

static void
put_json(kida_buf *out, kida_value value)
{
    if (ch_json_write(out, value) != KIDA_OK)
        kida_buf_put(out, KIDA_S("null"));
}

static void
put_member(kida_buf *out, bool is_first, const char *name, kida_value value)
{
    kida_buf_put(out, is_first ? KIDA_S("{") : KIDA_S(", "));
    put_json(out, kida_string(kida_str_from(name)));
    kida_buf_put(out, KIDA_S(": "));
    put_json(out, value);
}

static chirp_reply *
set_text(chirp_reply *reply, kida_str name, const kida_buf *text)
{
    kida_status st = kida_buf_status(text);
    if (st == KIDA_OK)
        st = ch_headers_set(&reply->headers, name, kida_buf_str(text), NULL);
    return refused(reply, st);
}

chirp_reply *
chirp_reply_hx_location(chirp_reply *reply, const chirp_hx_location *location)
{
    if (!reply || !chirp_url_is_local(kida_str_from(location->path)))
        return refused(reply, KIDA_E_USAGE);
    const struct {
        const char *name;
        const char *value;
    } members[] = {
        { "target", location->target }, { "swap", location->swap },
        { "source", location->source }, { "event", location->event },
        { "select", location->select },
    };
    kida_buf *text = ch_conn_body(reply->req->conn);
    if (!text)
        return NULL;
    put_member(text, true, "path", kida_string(kida_str_from(location->path)));
    bool is_plain = true;
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (!members[i].value)
            continue;
        put_member(text, false, members[i].name, kida_string(kida_str_from(members[i].value)));
        is_plain = false;
    }
    const kida_value dicts[] = { location->values, location->headers };
    for (size_t i = 0; i < 2; i++) {
        if (kida_kind_of(dicts[i]) != KIDA_DICT)
            continue;
        put_member(text, false, i == 0 ? "values" : "headers", dicts[i]);
        is_plain = false;
    }
    kida_buf_put(text, KIDA_S("}"));
    if (is_plain)
        return chirp_reply_set_header(reply, "hx-location", location->path);
    return set_text(reply, KIDA_S("hx-location"), text);
}

/* What the header says so far, as members of an object that is still open. */
static void
put_earlier(kida_buf *out, kida_str before)
{
    if (before.len > 1 && before.ptr[0] == '{') {
        kida_buf_put(out, ch_str_slice(before, 0, before.len - 1));
        return;
    }
    kida_buf_put(out, KIDA_S("{"));
    put_json(out, kida_string(before));
    kida_buf_put(out, KIDA_S(": true"));
}

chirp_reply *
chirp_reply_hx_trigger(chirp_reply *reply, chirp_hx_when when, const char *event,
                       kida_value detail)
{
    static const kida_str names[] = { KIDA_S_INIT("hx-trigger"),
                                      KIDA_S_INIT("hx-trigger-after-swap"),
                                      KIDA_S_INIT("hx-trigger-after-settle") };
    if (!reply || (unsigned)when >= sizeof(names) / sizeof(names[0]))
        return refused(reply, KIDA_E_USAGE);
    kida_str name = names[when];
    kida_str before = ch_headers_get(&reply->headers, name, 0);
    kida_kind kind = kida_kind_of(detail);
    bool has_detail = kind != KIDA_NONE && kind != KIDA_ABSENT;
    if (!before.ptr && !has_detail)
        return refused(reply, ch_headers_set(&reply->headers, name, kida_str_from(event), NULL));

    kida_buf *text = ch_conn_body(reply->req->conn);
    if (!text)
        return NULL;
    if (before.ptr)
        put_earlier(text, before);
    put_member(text, !before.ptr, event, has_detail ? detail : kida_bool(true));
    kida_buf_put(text, KIDA_S("}"));
    if (kida_buf_str(text).len > TRIGGER_MAX)
        return refused(reply, KIDA_E_LIMIT_OUTPUT);
    ch_headers_remove(&reply->headers, name);
    return set_text(reply, name, text);
}
