/* SPDX-License-Identifier: MIT */
/* settle.c - from what a handler means to bytes and a status, at the innermost point, so that every
 * middleware sees the same thing: also failures. */
#define _GNU_SOURCE
#include "reply.h"

#include <stdio.h>

#include "app/app.h"
#include "worker/worker.h"

static void
log_internal(chirp_request *req, const chirp_reply *reply)
{
    char text[900] = "no memory for the details";
    kida_str path = chirp_path(req);
    kida_str method = chirp_method(req);
    if (reply->error)
        kida_error_format(reply->error, KIDA_FORMAT_COMPACT, text, sizeof(text));
    ch_worker_log(req->worker, CHIRP_LEVEL_ERROR, "%u %.*s %.*s: %s", reply->status,
                  (int)method.len, method.ptr, (int)(path.len < 200 ? path.len : 200), path.ptr,
                  text);
}

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
    if (failed->is_internal)
        log_internal(req, failed);
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
