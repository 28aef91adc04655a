/* SPDX-License-Identifier: MIT */
/* reply.c - making replies and changing them. What they mean is worked out in settle.c. */
#define _GNU_SOURCE
#include "reply.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <chirp/hypermedia.h>

#include "config/text.h"
#include "http/cookie.h"
#include "worker/conn.h"

#define HEADERS_MAX 128
#define REPLY_TEXT_MAX 1024

const kida_str ch_type_html = KIDA_S_INIT("text/html; charset=utf-8");
static const kida_str type_text = KIDA_S_INIT("text/plain; charset=utf-8");
static const kida_str type_json = KIDA_S_INIT("application/json; charset=utf-8");
static const kida_str type_bytes = KIDA_S_INIT("application/octet-stream");

chirp_reply *
ch_reply_new(chirp_request *req, ch_reply_kind kind, kida_str content_type)
{
    chirp_reply *reply = ch_arena_array(&req->arena, 1, sizeof(*reply));
    if (!reply)
        return NULL;
    reply->req = req;
    reply->kind = kind;
    reply->status = 200;
    reply->content_type = content_type;
    reply->context = kida_none();
    ch_headers_init(&reply->headers, &req->arena, HEADERS_MAX);
    return reply;
}

/* ---- plain replies ------------------------------------------------------------------------- */

static chirp_reply *
with_body(chirp_request *req, kida_str content_type, kida_str body)
{
    chirp_reply *reply = ch_reply_new(req, CH_REPLY_BYTES, content_type);
    if (reply)
        reply->body = body;
    return reply;
}

/* Formatted text in the memory of the request; ptr NULL when out. */
static kida_str
format_text(chirp_request *req, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    kida_str text = { NULL, 0 };
    if (len < 0)
        return text;
    char *copy = ch_arena_alloc(&req->arena, (size_t)len + 1);
    if (!copy)
        return text;
    vsnprintf(copy, (size_t)len + 1, format, args);
    return (kida_str){ copy, (size_t)len };
}

chirp_reply *
chirp_reply_text(chirp_request *req, kida_str text)
{
    return with_body(req, type_text, text);
}

chirp_reply *
chirp_reply_textf(chirp_request *req, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    kida_str text = format_text(req, format, args);
    va_end(args);
    return text.ptr ? with_body(req, type_text, text) : NULL;
}

chirp_reply *
chirp_reply_html(chirp_request *req, kida_str html)
{
    return with_body(req, ch_type_html, html);
}

chirp_reply *
chirp_reply_bytes(chirp_request *req, kida_str bytes, const char *content_type)
{
    return with_body(req, content_type ? kida_str_from(content_type) : type_bytes, bytes);
}

static void
close_file(void *ptr)
{
    (void)close((int)(intptr_t)ptr);
}

chirp_reply *
chirp_reply_fd(chirp_request *req, int fd, uint64_t offset, uint64_t length,
               const char *content_type)
{
    /* Kept under its number, which is its own as long as it is open. */
    char name[32];
    snprintf(name, sizeof(name), "chirp.fd.%d", fd);
    if (chirp_g_set(req, name, (void *)(intptr_t)fd, close_file) != KIDA_OK)
        return NULL;
    chirp_reply *reply = chirp_reply_bytes(req, KIDA_S(""), content_type);
    if (!reply)
        return NULL;
    reply->has_file = true;
    reply->file = fd;
    reply->file_at = offset;
    reply->file_length = length;
    return reply;
}

chirp_reply *
chirp_reply_empty(chirp_request *req, unsigned status)
{
    return chirp_reply_set_status(with_body(req, KIDA_S(""), KIDA_S("")), status);
}

chirp_reply *
chirp_reply_raw(chirp_request *req, unsigned status, const char *content_type, kida_str body)
{
    return chirp_reply_set_status(with_body(req, kida_str_from(content_type), body), status);
}

/* Takes what a JSON writer has put into a buffer of the response. */
static chirp_reply *
json_reply(chirp_request *req, const kida_buf *buf, kida_status st)
{
    if (st == KIDA_OK)
        return with_body(req, type_json, kida_buf_str(buf));
    kida_error err;
    kida_error_init(&err);
    err.status = st;
    err.code = kida_status_code(st);
    snprintf(err.message, sizeof(err.message), "can't write JSON: %s", kida_status_text(st));
    return ch_reply_internal(req, &err);
}

chirp_reply *
chirp_reply_json(chirp_request *req, kida_value value)
{
    kida_buf *buf = ch_conn_body(req->conn);
    return buf ? json_reply(req, buf, ch_json_write(buf, value)) : NULL;
}

chirp_reply *
chirp_reply_json_array(chirp_request *req, const kida_struct *description, const void *first,
                       size_t count)
{
    kida_buf *buf = ch_conn_body(req->conn);
    return buf ? json_reply(req, buf, ch_json_write_array(buf, description, first, count)) : NULL;
}

chirp_reply *
chirp_reply_redirect(chirp_request *req, const char *url)
{
    chirp_reply *reply = chirp_reply_set_status(with_body(req, ch_type_html, KIDA_S("")), 302);
    return chirp_reply_set_header(reply, "location", url);
}

chirp_reply *
chirp_reply_done(chirp_request *req, const char *url)
{
    if (chirp_is_fragment(req))
        return chirp_reply_set_header(chirp_reply_html(req, KIDA_S("")), "hx-redirect", url);
    return chirp_reply_set_status(chirp_reply_redirect(req, url), 303);
}

/* ---- templates ----------------------------------------------------------------------------- */

static chirp_reply *
of_template(chirp_request *req, const char *name, const char *block, kida_value context)
{
    chirp_reply *reply = ch_reply_new(req, CH_REPLY_TEMPLATE, ch_type_html);
    if (!reply)
        return NULL;
    reply->name = kida_str_from(name);
    reply->block = kida_str_from(block);
    reply->context = context;
    reply->intent = block ? CH_INTENT_FRAGMENT : CH_INTENT_FULL_PAGE;
    return reply;
}

chirp_reply *
chirp_reply_template(chirp_request *req, const char *name, kida_value context)
{
    chirp_reply *reply = of_template(req, name, NULL, context);
    if (reply)
        reply->with_path = true;
    return reply;
}

chirp_reply *
chirp_reply_inline(chirp_request *req, kida_str source, kida_value context)
{
    chirp_reply *reply = of_template(req, "inline.html", NULL, context);
    if (reply)
        reply->inline_text = source;
    return reply;
}

chirp_reply *
chirp_reply_fragment(chirp_request *req, const char *name, const char *block, kida_value context)
{
    return of_template(req, name, block, context);
}

chirp_reply *
chirp_reply_page(chirp_request *req, const char *name, const char *block, kida_value context)
{
    const chirp_page page = { .name = name, .block = block, .context = context };
    return chirp_reply_compose(req, &page);
}

chirp_reply *
chirp_reply_invalid(chirp_request *req, const char *name, const char *block, const char *retarget,
                    kida_value context)
{
    chirp_reply *reply = of_template(req, name, block, context);
    chirp_reply_set_status(reply, 422);
    return retarget ? chirp_reply_retarget(reply, retarget) : reply;
}

/* ---- failures ------------------------------------------------------------------------------ */

chirp_reply *
chirp_reply_fail(chirp_request *req, unsigned status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    kida_str detail = format_text(req, format, args);
    va_end(args);
    chirp_reply *reply = ch_reply_new(req, CH_REPLY_FAIL, ch_type_html);
    if (!reply || !detail.ptr)
        return NULL;
    reply->status = status >= 400 && status <= 599 ? status : 500;
    reply->detail = detail;
    reply->is_failure = true;
    return reply;
}

chirp_reply *
chirp_reply_bad_form(chirp_request *req, const kida_error *err)
{
    if (err->status == KIDA_E_NOMEM || err->status == KIDA_E_STOPPED)
        return chirp_reply_error(req, err);
    unsigned status = err->status == KIDA_E_UNSUPPORTED ? 415
                      : err->status == KIDA_E_IO        ? 507
                                                        : 400;
    return chirp_reply_fail(req, status, "%s", err->message);
}

chirp_reply *
ch_reply_internal(chirp_request *req, const kida_error *error)
{
    chirp_reply *reply = ch_reply_new(req, CH_REPLY_FAIL, ch_type_html);
    if (!reply)
        return NULL;
    reply->status = error->status == KIDA_E_STOPPED || error->status == KIDA_E_BUSY ? 503 : 500;
    reply->is_failure = true;
    reply->is_internal = true;
    kida_error *copy = ch_arena_alloc(&req->arena, sizeof(*copy));
    if (copy) {
        *copy = *error;
        if (!copy->code || !copy->code[0])
            copy->code = kida_status_code(copy->status); /* a record that an app filled in */
    }
    reply->error = copy;
    return reply;
}

chirp_reply *
chirp_reply_error(chirp_request *req, const kida_error *error)
{
    return ch_reply_internal(req, error);
}

/* ---- changing ------------------------------------------------------------------------------ */

static chirp_reply *
note(chirp_reply *reply, kida_status st)
{
    if (st != KIDA_OK && reply->bad == KIDA_OK)
        reply->bad = st;
    return reply;
}

chirp_reply *
chirp_reply_set_status(chirp_reply *reply, unsigned status)
{
    if (!reply)
        return NULL;
    if (status < 200 || status > 599)
        return note(reply, KIDA_E_USAGE);
    reply->status = status;
    return reply;
}

chirp_reply *
chirp_reply_set_type(chirp_reply *reply, const char *content_type)
{
    if (!reply)
        return NULL;
    kida_str type = ch_arena_copy(&reply->req->arena, kida_str_from(content_type));
    if (!type.ptr)
        return note(reply, KIDA_E_NOMEM);
    if (!ch_field_value_is_valid(type))
        return note(reply, KIDA_E_USAGE);
    reply->content_type = type;
    return reply;
}

static bool
is_content_type(const char *name)
{
    return ch_str_iequal(kida_str_from(name), KIDA_S("content-type"));
}

chirp_reply *
chirp_reply_add_header(chirp_reply *reply, const char *name, const char *value)
{
    if (!reply)
        return NULL;
    if (is_content_type(name))
        return chirp_reply_set_type(reply, value);
    return note(reply,
                ch_headers_add(&reply->headers, kida_str_from(name), kida_str_from(value), NULL));
}

chirp_reply *
chirp_reply_set_header(chirp_reply *reply, const char *name, const char *value)
{
    if (!reply)
        return NULL;
    if (is_content_type(name))
        return chirp_reply_set_type(reply, value);
    return note(reply,
                ch_headers_set(&reply->headers, kida_str_from(name), kida_str_from(value), NULL));
}

chirp_reply *
chirp_reply_remove_header(chirp_reply *reply, const char *name)
{
    if (!reply)
        return NULL;
    if (is_content_type(name))
        reply->content_type = KIDA_S("");
    ch_headers_remove(&reply->headers, kida_str_from(name));
    return reply;
}

chirp_reply *
chirp_reply_vary(chirp_reply *reply, const char *field)
{
    if (!reply)
        return NULL;
    kida_str vary = KIDA_S("vary");
    kida_str name = kida_str_from(field);
    if (ch_headers_have_token(&reply->headers, vary, name))
        return reply;
    kida_str before = ch_headers_get(&reply->headers, vary, 0);
    if (!before.ptr)
        return note(reply, ch_headers_add(&reply->headers, vary, name, NULL));

    size_t len = before.len + 2 + name.len;
    char *both = ch_arena_alloc(&reply->req->arena, len);
    if (!both)
        return note(reply, KIDA_E_NOMEM);
    memcpy(both, before.ptr, before.len);
    memcpy(both + before.len, ", ", 2);
    memcpy(both + before.len + 2, name.ptr, name.len);
    return note(reply, ch_headers_set(&reply->headers, vary, (kida_str){ both, len }, NULL));
}

chirp_reply *
chirp_reply_set_cookie(chirp_reply *reply, const char *name, const char *value,
                       const chirp_cookie_options *options)
{
    static const chirp_cookie_options defaults = { 0 };
    if (!reply)
        return NULL;
    if (!options)
        options = &defaults;
    ch_cookie cookie = {
        .name = kida_str_from(name),
        .value = kida_str_from(value),
        .path = kida_str_from(options->path),
        .domain = kida_str_from(options->domain),
        .has_max_age = options->has_max_age,
        .max_age = options->max_age,
        .secure = options->secure,
        .script_visible = options->script_visible,
        .same_site = options->same_site == CHIRP_SAME_SITE_NONE     ? CH_SAME_SITE_NONE
                     : options->same_site == CHIRP_SAME_SITE_STRICT ? CH_SAME_SITE_STRICT
                                                                    : CH_SAME_SITE_LAX,
    };
    kida_buf buf;
    kida_buf_init_heap(&buf, &reply->req->allocator, REPLY_TEXT_MAX * 8);
    kida_status st = ch_cookie_write(&buf, &cookie, NULL);
    if (st == KIDA_OK)
        st = ch_headers_add(&reply->headers, KIDA_S("set-cookie"), kida_buf_str(&buf), NULL);
    kida_buf_free(&buf);
    return note(reply, st);
}

chirp_reply *
chirp_reply_delete_cookie(chirp_reply *reply, const char *name, const char *path)
{
    chirp_cookie_options options = { .path = path, .has_max_age = true, .max_age = 0 };
    return chirp_reply_set_cookie(reply, name, "", &options);
}

chirp_reply *
chirp_reply_trigger(chirp_reply *reply, const char *event)
{
    return chirp_reply_set_header(reply, "hx-trigger", event);
}

chirp_reply *
chirp_reply_retarget(chirp_reply *reply, const char *selector)
{
    return chirp_reply_set_header(reply, "hx-retarget", selector);
}

/* ---- looking ------------------------------------------------------------------------------- */

unsigned
chirp_reply_status(const chirp_reply *reply)
{
    return reply ? reply->status : 500;
}

kida_str
chirp_reply_body(const chirp_reply *reply)
{
    return reply ? reply->body : KIDA_S("");
}

kida_str
chirp_reply_header(const chirp_reply *reply, const char *name)
{
    kida_str missing = { NULL, 0 };
    if (!reply)
        return missing;
    if (is_content_type(name))
        return reply->content_type.len > 0 ? reply->content_type : missing;
    return ch_headers_get(&reply->headers, kida_str_from(name), 0);
}

bool
chirp_reply_is_failure(const chirp_reply *reply)
{
    return !reply || reply->is_failure;
}

chirp_reply *
chirp_reply_set_body(chirp_reply *reply, kida_str body)
{
    if (!reply)
        return NULL;
    reply->kind = CH_REPLY_BYTES;
    reply->has_file = false;
    reply->body = body;
    return reply;
}

bool
chirp_reply_is_whole(const chirp_reply *reply)
{
    return reply && reply->kind == CH_REPLY_BYTES && !reply->has_file;
}

bool
chirp_reply_is_page(const chirp_reply *reply)
{
    return reply && reply->intent == CH_INTENT_FULL_PAGE;
}

bool
chirp_reply_is_partial(const chirp_reply *reply)
{
    return reply && reply->intent == CH_INTENT_FRAGMENT;
}

bool
chirp_reply_header_at(const chirp_reply *reply, size_t index, kida_str *name, kida_str *value)
{
    if (!reply || index >= reply->headers.count)
        return false;
    *name = reply->headers.items[index].name;
    *value = reply->headers.items[index].value;
    return true;
}
