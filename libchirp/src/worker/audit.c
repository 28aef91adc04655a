/* SPDX-License-Identifier: MIT */
/* audit.c - lines and events of the application, with what is known of their request. */
#define _GNU_SOURCE
#include <chirp/log.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "internal.h"
#include "middleware/auth.h"

#define FIELDS_MAX 32 /* of the caller; four more are of the request */
#define MESSAGE_MAX 2048

void
chirp_log_fields(chirp_request *req, chirp_log_level level, kida_str message,
                 const chirp_log_field *fields, size_t count)
{
    chirp_log_field all[FIELDS_MAX + 4];
    size_t used = count < FIELDS_MAX ? count : FIELDS_MAX;
    if (used > 0)
        memcpy(all, fields, used * sizeof(*all));
    all[used++] = (chirp_log_field){ "request_id", chirp_request_id(req) };
    kida_str id = ch_auth_known_id(req);
    if (id.len > 0)
        all[used++] = (chirp_log_field){ "user_id", id };
    all[used++] = (chirp_log_field){ "path", chirp_path(req) };
    all[used++] = (chirp_log_field){ "method", chirp_method(req) };
    ch_log_event(&req->worker->log, level, message, all, used);
}

void
chirp_log(chirp_request *req, chirp_log_level level, const char *format, ...)
{
    char text[MESSAGE_MAX];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    size_t used = len < 0 ? 0 : (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1;
    chirp_log_fields(req, level, (kida_str){ text, used }, NULL, 0);
}

/* ---- audit ----------------------------------------------------------------------------------- */

static void
log_event(const chirp_audit_event *event)
{
    char text[128];
    int len = snprintf(text, sizeof(text), "security:%s", event->name);
    size_t used = len < 0 ? 0 : (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1;
    chirp_log_field fields[3];
    size_t count = 0;
    fields[count++] = (chirp_log_field){ "client", chirp_client(event->req) };
    /* A user that has just logged out is known to the event alone. */
    if (event->user_id.len > 0 && ch_auth_known_id(event->req).len == 0)
        fields[count++] = (chirp_log_field){ "user_id", event->user_id };
    if (event->detail.len > 0)
        fields[count++] = (chirp_log_field){ "detail", event->detail };
    chirp_log_fields(event->req, CHIRP_LEVEL_INFO, (kida_str){ text, used }, fields, count);
}

void
chirp_audit(chirp_request *req, const char *name, kida_str user_id, kida_str detail)
{
    const chirp_app *app = req->app;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    chirp_audit_event event = {
        .name = name,
        .time = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000,
        .path = chirp_path(req),
        .method = chirp_method(req),
        .user_id = user_id.ptr ? user_id : KIDA_S(""),
        .detail = detail.ptr ? detail : KIDA_S(""),
        .req = req,
    };
    if (app->audit.sink)
        app->audit.sink(&event, app->audit.user);
    else if (kida_str_equal(kida_str_from(app->config.audit_sink), KIDA_S("log")))
        log_event(&event);
}
