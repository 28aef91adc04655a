/* SPDX-License-Identifier: MIT */
/* head.c - response heads. Everything is checked before the first byte is written. */
#include "http/head.h"

#include "config/fail.h"
#include "config/text.h"
#include "http/method.h"

/* Fields that belong to the connection or are written by us; the app's own are dropped. */
static const kida_str reserved[] = {
    KIDA_S_INIT("connection"),        KIDA_S_INIT("content-length"), KIDA_S_INIT("date"),
    KIDA_S_INIT("keep-alive"),        KIDA_S_INIT("proxy-connection"), KIDA_S_INIT("te"),
    KIDA_S_INIT("trailer"),           KIDA_S_INIT("transfer-encoding"), KIDA_S_INIT("upgrade"),
};

static const kida_str set_cookie = KIDA_S_INIT("set-cookie");

static bool
is_reserved(kida_str name)
{
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        if (ch_str_iequal(name, reserved[i]))
            return true;
    }
    return false;
}

static kida_status
check(const ch_head *head, kida_error *err)
{
    if (head->status < 200 || head->status > 599)
        return ch_fail(err, KIDA_E_USAGE, "%u is no status of a response", head->status);
    if (head->is_http10 && head->framing == CH_FRAMING_CHUNKED)
        return ch_fail(err, KIDA_E_USAGE, "HTTP/1.0 has no chunked framing");
    const kida_str own[] = { head->server, head->date, head->content_type, head->request_id,
                             head->intent };
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        if (!ch_field_value_is_valid(own[i]))
            return ch_fail(err, KIDA_E_USAGE, "a header value holds a control byte");
    }
    for (size_t i = 0; head->headers != NULL && i < head->headers->count; i++) {
        const ch_pair *field = &head->headers->items[i];
        if (!ch_token_is_valid(field->name) || !ch_field_value_is_valid(field->value))
            return ch_fail(err, KIDA_E_USAGE, "header %zu must not be sent", i);
    }
    return KIDA_OK;
}

static void
put_field(kida_buf *out, kida_str name, kida_str value)
{
    kida_buf_put(out, name);
    kida_buf_put(out, KIDA_S(": "));
    kida_buf_put(out, value);
    kida_buf_put(out, KIDA_S("\r\n"));
}

static void
put_if(kida_buf *out, kida_str name, kida_str value)
{
    if (value.len > 0)
        put_field(out, name, value);
}

static void
put_own(kida_buf *out, const ch_headers *headers, bool cookies)
{
    for (size_t i = 0; headers != NULL && i < headers->count; i++) {
        const ch_pair *field = &headers->items[i];
        if (ch_str_iequal(field->name, set_cookie) == cookies && !is_reserved(field->name))
            put_field(out, field->name, field->value);
    }
}

static void
put_length(kida_buf *out, uint64_t length)
{
    char digits[20];
    size_t at = sizeof(digits);
    do
        digits[--at] = (char)('0' + length % 10);
    while ((length /= 10) != 0);
    put_field(out, KIDA_S("content-length"), (kida_str){ digits + at, sizeof(digits) - at });
}

static void
put_framing(kida_buf *out, const ch_head *head)
{
    if (ch_status_is_bodiless(head->status))
        return;
    if (head->framing == CH_FRAMING_LENGTH)
        put_length(out, head->length);
    else if (head->framing == CH_FRAMING_CHUNKED)
        kida_buf_put(out, KIDA_S("transfer-encoding: chunked\r\n"));
}

kida_status
ch_head_write(kida_buf *out, const ch_head *head, kida_error *err)
{
    kida_status st = check(head, err);
    if (st != KIDA_OK)
        return st;
    kida_buf_put(out, KIDA_S("HTTP/1.1 "));
    kida_buf_int(out, (int64_t)head->status);
    kida_buf_byte(out, ' ');
    kida_buf_put(out, ch_status_text(head->status));
    kida_buf_put(out, KIDA_S("\r\n"));
    put_if(out, KIDA_S("server"), head->server);
    put_if(out, KIDA_S("date"), head->date);
    put_if(out, KIDA_S("content-type"), head->content_type);
    put_own(out, head->headers, false);
    put_own(out, head->headers, true);
    put_if(out, KIDA_S("x-request-id"), head->request_id);
    kida_str type = head->content_type;
    if (type.len >= 9 && ch_str_iequal(ch_str_slice(type, 0, 9), KIDA_S("text/html")))
        put_if(out, KIDA_S("x-chirp-render-intent"), head->intent);
    put_framing(out, head);
    if (!head->keep_alive || head->framing == CH_FRAMING_CLOSE)
        kida_buf_put(out, KIDA_S("connection: close\r\n"));
    else if (head->is_http10)
        kida_buf_put(out, KIDA_S("connection: keep-alive\r\n"));
    kida_buf_put(out, KIDA_S("\r\n"));
    return kida_buf_status(out);
}

bool
ch_head_can_chunk(const ch_head *head)
{
    return !head->is_http10 && !ch_status_is_bodiless(head->status);
}

void
ch_chunk_begin(kida_buf *out, size_t len)
{
    kida_buf_format(out, "%zx\r\n", len);
}

void
ch_chunk_end(kida_buf *out)
{
    kida_buf_put(out, KIDA_S("\r\n"));
}

void
ch_chunk_last(kida_buf *out)
{
    kida_buf_put(out, KIDA_S("0\r\n\r\n"));
}
