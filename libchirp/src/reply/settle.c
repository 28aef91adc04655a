/* SPDX-License-Identifier: MIT */
/* settle.c - from what a handler means to bytes and a status, at the innermost point, so that every
 * middleware sees the same thing: also failures. */
#define _GNU_SOURCE
#include "reply.h"

#include <stdio.h>

#include "app/app.h"
#include "worker/worker.h"

/* ---- what is logged (9.5) ------------------------------------------------------------------- */

#define RULE "-----------------------------------------------------------------"
#define BANNER "-- Template Error "
#define LOG_PATH_MAX ((size_t)200)

/* A text that may hold what a client sent must not begin a line of its own. */
static void
one_line(char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = ' ';
    }
}

static kida_error
without_breaks(const kida_error *error)
{
    kida_error copy = *error;
    one_line(copy.message);
    one_line(copy.hint);
    one_line(copy.template_name);
    for (uint32_t i = 0; i < copy.excerpt_count && i < KIDA_ERROR_EXCERPT_LINES; i++)
        one_line(copy.excerpt[i]);
    for (uint32_t i = 0; i < copy.stack_count && i < KIDA_ERROR_STACK_MAX; i++) {
        one_line(copy.stack[i].name);
        one_line(copy.stack[i].template_name);
    }
    return copy;
}

/* The trace: lines of the template where there are some, in a frame. */
static void
log_trace(chirp_request *req, const kida_error *error, const char *first)
{
    char text[2600], block[3400];
    kida_error safe = without_breaks(error);
    kida_error_format(&safe, KIDA_FORMAT_PLAIN, text, sizeof(text));
    kida_str body = kida_str_from(text);
    while (body.len > 0 && body.ptr[body.len - 1] == '\n')
        body.len--;
    int len;
    if (error->template_name[0])
        len = snprintf(block, sizeof(block), "%s\n" BANNER "%.*s\n%.*s\n\n  Route: %s\n" RULE,
                       first, (int)(sizeof(RULE) - sizeof(BANNER)), RULE, (int)body.len, body.ptr,
                       &first[4]);
    else
        len = snprintf(block, sizeof(block), "%s\n%.*s", first, (int)body.len, body.ptr);
    if (len > 0)
        ch_worker_log_block(req->worker, CHIRP_LEVEL_ERROR, kida_str_from(block));
}

static void
log_internal(chirp_request *req, const chirp_reply *reply)
{
    char first[300], text[900] = "no memory for the details";
    kida_str path = chirp_path(req), method = chirp_method(req);
    const kida_error *error = reply->error;
    const char *form = req->config->traceback;
    snprintf(first, sizeof(first), "%03u %.*s %.*s", reply->status % 1000, (int)method.len,
             method.ptr, (int)(path.len < LOG_PATH_MAX ? path.len : LOG_PATH_MAX), path.ptr);
    one_line(first);
    bool has_trace = error && (error->template_name[0] || error->hint[0]);
    if (kida_str_equal(kida_str_from(form), KIDA_S("full")) ||
        (has_trace && kida_str_equal(kida_str_from(form), KIDA_S("compact")))) {
        if (error) {
            log_trace(req, error, first);
            return;
        }
    }
    if (error)
        kida_error_format(error, KIDA_FORMAT_COMPACT, text, sizeof(text));
    ch_worker_log(req->worker, CHIRP_LEVEL_ERROR, "%s: %s", first, text);
}

/* What a client did wrong is no news. */
static void
log_failure(chirp_request *req, const chirp_reply *failed)
{
    if (failed->is_internal) {
        log_internal(req, failed);
    } else if (req->config->log_level == CHIRP_LEVEL_DEBUG) {
        kida_str path = chirp_path(req), method = chirp_method(req);
        ch_worker_log(req->worker, CHIRP_LEVEL_DEBUG, "%u %.*s %.*s: %.*s", failed->status,
                      (int)method.len, method.ptr,
                      (int)(path.len < LOG_PATH_MAX ? path.len : LOG_PATH_MAX), path.ptr,
                      (int)(failed->detail.len < 400 ? failed->detail.len : 400),
                      failed->detail.ptr ? failed->detail.ptr : "");
    }
}

/* ---- error handlers ------------------------------------------------------------------------- */

/* That of the code goes before that of the status (9.2). */
static const ch_error_handler *
find_handler(const chirp_request *req, const chirp_reply *failed)
{
    const ch_error_handler *entry = failed->error ? req->frozen->error_handlers : NULL;
    while (entry && (entry->code == KIDA_OK || entry->code != failed->error->status))
        entry = entry->next;
    if (entry)
        return entry;
    entry = req->frozen->error_handlers;
    while (entry && (entry->code != KIDA_OK || entry->status != failed->status))
        entry = entry->next;
    return entry;
}

/* Headers of the failure (Allow, for example) that its handler has not set itself. */
static void
take_headers(chirp_reply *to, const chirp_reply *from)
{
    for (size_t i = 0; i < from->headers.count; i++) {
        const ch_pair *field = &from->headers.items[i];
        if (!ch_headers_get(&to->headers, field->name, 0).ptr)
            (void)ch_headers_push(&to->headers, field->name, field->value);
    }
}

static chirp_reply *
render_or_fail(chirp_request *req, chirp_reply *reply)
{
    kida_error err;
    kida_status st = ch_reply_render(req, reply, &err);
    if (st == KIDA_OK) {
        reply->kind = CH_REPLY_BYTES;
        return reply;
    }
    err.status = st;
    chirp_reply *failed = ch_reply_internal(req, &err);
    if (failed) {
        failed->name = reply->name;
        failed->block = reply->block;
        failed->context = reply->context;
    }
    return failed;
}

/* A reply whose setters failed must not go out half right. */
static chirp_reply *
refuse_bad(chirp_request *req, chirp_reply *reply)
{
    kida_error err;
    kida_error_init(&err);
    err.status = reply->bad;
    err.code = kida_status_code(reply->bad);
    snprintf(err.message, sizeof(err.message),
             "a header, cookie or status of the reply is not "
             "allowed: %s",
             kida_status_text(reply->bad));
    return ch_reply_internal(req, &err);
}

/* Templates to bytes; the outcome is BYTES, FAIL or NULL. */
static chirp_reply *
to_bytes(chirp_request *req, chirp_reply *reply)
{
    if (reply && reply->bad != KIDA_OK)
        reply = refuse_bad(req, reply);
    if (reply && reply->kind == CH_REPLY_TEMPLATE)
        reply = render_or_fail(req, reply);
    return reply;
}

static chirp_reply *
answer_failure(chirp_request *req, chirp_reply *failed)
{
    log_failure(req, failed);
    const ch_error_handler *entry = find_handler(req, failed);
    if (entry) {
        chirp_failure failure = { failed->status, failed->detail, failed->error };
        chirp_reply *reply = to_bytes(req, entry->handler(req, &failure, entry->user));
        if (reply && reply->kind == CH_REPLY_BYTES) {
            if (reply->status == 200)
                reply->status = failed->status;
            reply->is_failure = true;
            take_headers(reply, failed);
            return reply;
        }
        /* The handler failed as well: the plain page of that failure, and no more handlers. */
        if (reply && reply->is_internal)
            log_internal(req, reply);
        if (reply)
            failed = reply;
    }
    return ch_reply_default_page(req, failed) == KIDA_OK ? failed : NULL;
}

chirp_reply *
ch_reply_replace(chirp_request *req, const chirp_reply *reply, const kida_error *error)
{
    chirp_reply *failed = ch_reply_settle(req, ch_reply_internal(req, error));
    if (failed)
        take_headers(failed, reply);
    return failed;
}

chirp_reply *
ch_reply_settle(chirp_request *req, chirp_reply *reply)
{
    reply = to_bytes(req, reply);
    if (reply && reply->kind == CH_REPLY_FAIL)
        reply = answer_failure(req, reply);
    return reply;
}
