/* SPDX-License-Identifier: MIT */
/* life.c - the life of connections and requests in the log, at level debug; slow requests, as a
 * warning; the application's filter of the access log (row 17.12). */
#define _GNU_SOURCE
#include "life.h"

#include <stdio.h>

#include "app/app.h"

#define NUMBER_MAX 24
#define CLIENT_ROOM (CH_CLIENT_MAX + 8)
#define PATH_MAX_LOGGED ((size_t)1024)

static bool
is_wanted(const ch_conn *conn)
{
    return conn->worker->config->lifecycle_logging && conn->worker->log.level == CHIRP_LEVEL_DEBUG;
}

static kida_str
number_text(char out[NUMBER_MAX], uint64_t number)
{
    int len = snprintf(out, NUMBER_MAX, "%llu", (unsigned long long)number);
    return (kida_str){ out, len > 0 ? (size_t)len : 0 };
}

static chirp_log_field
client_field(const ch_conn *conn, char out[CLIENT_ROOM])
{
    kida_str client = chirp_client(&conn->req);
    int len = snprintf(out, CLIENT_ROOM, "%.*s:%u", (int)client.len, client.ptr ? client.ptr : "",
                       (unsigned)chirp_client_port(&conn->req));
    size_t used = len > 0 && len < CLIENT_ROOM ? (size_t)len : 0;
    return (chirp_log_field){ "client", { out, used } };
}

static kida_str
path_of(const ch_conn *conn)
{
    kida_str path = conn->req.raw_path;
    if (!path.ptr)
        path = (kida_str){ "", 0 };
    if (path.len > PATH_MAX_LOGGED)
        path.len = PATH_MAX_LOGGED;
    return path;
}

static void
tell(ch_conn *conn, kida_str event, const chirp_log_field *fields, size_t count)
{
    ch_log_event(&conn->worker->log, CHIRP_LEVEL_DEBUG, event, fields, count);
}

void
ch_life_opened(ch_conn *conn)
{
    char client[CLIENT_ROOM];
    if (!is_wanted(conn))
        return;
    conn->is_told = true;
    tell(conn, KIDA_S("connection_opened"), (chirp_log_field[]){ client_field(conn, client) }, 1);
}

void
ch_life_closed(ch_conn *conn)
{
    char client[CLIENT_ROOM], requests[NUMBER_MAX];
    if (!conn->is_told)
        return;
    chirp_log_field fields[] = {
        client_field(conn, client),
        { "reason", conn->why.ptr ? conn->why : KIDA_S("answered") },
        { "requests", number_text(requests, conn->requests) },
    };
    tell(conn, KIDA_S("connection_completed"), fields, 3);
    conn->is_told = false;
}

void
ch_life_request(ch_conn *conn)
{
    char client[CLIENT_ROOM];
    if (!is_wanted(conn))
        return;
    chirp_log_field fields[] = {
        { "method", ch_method_text(conn->req.method) },
        { "path", path_of(conn) },
        client_field(conn, client),
        { "request_id", conn->req.request_id },
    };
    tell(conn, KIDA_S("request_started"), fields, 4);
}

static void
tell_slow(ch_conn *conn, uint64_t milliseconds)
{
    char took[NUMBER_MAX], status[NUMBER_MAX];
    chirp_log_field fields[] = {
        { "method", ch_method_text(conn->req.method) },
        { "path", path_of(conn) },
        { "status", number_text(status, conn->status) },
        { "duration_ms", number_text(took, milliseconds) },
        { "request_id", conn->req.request_id },
    };
    ch_log_event(&conn->worker->log, CHIRP_LEVEL_WARNING, KIDA_S("slow request"), fields, 5);
}

void
ch_life_answer(ch_conn *conn, uint64_t nanoseconds)
{
    char took[NUMBER_MAX], status[NUMBER_MAX], bytes[NUMBER_MAX];
    uint64_t milliseconds = nanoseconds / 1000000;
    uint32_t slow = conn->worker->config->slow_request_time;
    /* A stream may take as long as it likes. */
    if (slow > 0 && milliseconds >= slow && !conn->is_live)
        tell_slow(conn, milliseconds);
    if (!is_wanted(conn))
        return;
    bool has_gone = conn->phase == CH_PHASE_CLOSED || conn->status == 0;
    chirp_log_field fields[] = {
        { "status", number_text(status, conn->status) },
        { "bytes_sent", number_text(bytes, conn->sent_bytes) },
        { "duration_ms", number_text(took, milliseconds) },
        { "request_id", conn->req.request_id },
    };
    tell(conn, has_gone ? KIDA_S("client_disconnected") : KIDA_S("response_completed"), fields, 4);
}

bool
ch_life_is_shown(const ch_conn *conn)
{
    const chirp_app *app = conn->worker->app;
    kida_str path = chirp_path(&conn->req);
    return !app->log_filter.filter ||
           app->log_filter.filter(ch_method_text(conn->req.method),
                                  path.ptr ? path : KIDA_S("/"), conn->status,
                                  app->log_filter.user);
}
