/* SPDX-License-Identifier: MIT */
/* client.c - requests without a socket: a worker in the calling thread, and a wire that is a
 * buffer. Everything between is what a server runs. */
#define _GNU_SOURCE
#include "client.h"

#include <string.h>

#include "app/app.h"
#include "config/alloc.h"
#include "config/fail.h"
#include "config/text.h"

#define TARGET_MAX 4096 /* of a redirect that is followed */

/* ---- the wire ------------------------------------------------------------------------------ */

static ptrdiff_t
wire_send(ch_conn *conn, const kida_str *parts, size_t count)
{
    chirp_test_client *client = ch_conn_wire_data(conn);
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        kida_buf_put(&client->received, parts[i]);
        total += parts[i].len;
    }
    return kida_buf_status(&client->received) == KIDA_OK ? (ptrdiff_t)total : -1;
}

static bool
wire_send_later(ch_conn *conn, kida_str rest)
{
    (void)conn;
    (void)rest;
    return false; /* send takes everything */
}

static size_t
wire_waiting(const ch_conn *conn)
{
    (void)conn;
    return 0;
}

static void
wire_read(ch_conn *conn, bool on)
{
    (void)conn; /* a request is handed in whole */
    (void)on;
}

static void
wire_shut(ch_conn *conn)
{
    chirp_test_client *client = ch_conn_wire_data(conn);
    client->is_shut = true;
}

static void
wire_close(ch_conn *conn, bool hard)
{
    chirp_test_client *client = ch_conn_wire_data(conn);
    (void)hard;
    client->is_closing = true;
}

static const ch_wire wire = {
    .send = wire_send,
    .send_later = wire_send_later,
    .waiting = wire_waiting,
    .read = wire_read,
    .shut = wire_shut,
    .close = wire_close,
};

/* Does what a peer does: closes its side when the server has, and forgets a closed connection. */
static void
settle_wire(chirp_test_client *client)
{
    if (client->conn && client->is_shut && !client->is_closing) {
        client->is_shut = false;
        ch_conn_input_end(client->conn);
    }
    if (client->conn && client->is_closing) {
        ch_conn *conn = client->conn;
        client->conn = NULL;
        ch_conn_closed(conn);
    }
}

static bool
open_wire(chirp_test_client *client)
{
    settle_wire(client);
    if (client->conn)
        return true;
    client->is_shut = false;
    client->is_closing = false;
    client->conn = ch_conn_open(client->worker, &wire, client);
    if (!client->conn)
        return false;
    ch_request_set_client(ch_conn_request(client->conn), KIDA_S("127.0.0.1"), 0);
    return true;
}

/* ---- life ---------------------------------------------------------------------------------- */

static void
renew(chirp_test_client *client, kida_buf *buf)
{
    kida_buf_free(buf);
    kida_buf_init_heap(buf, &client->allocator, CH_RECEIVED_MAX);
}

static kida_status
start_worker(chirp_test_client *client, kida_error *err)
{
    client->worker = ch_worker_new(client->app, 0, 1, err);
    if (!client->worker)
        return KIDA_E_NOMEM;
    return ch_worker_begin(client->worker, err);
}

chirp_test_client *
chirp_test_new(chirp_app *app, kida_error *err)
{
    chirp_test_client *client = ch_calloc(&app->allocator, sizeof(*client));
    if (!client) {
        ch_fail(err, KIDA_E_NOMEM, "no memory for a client");
        return NULL;
    }
    client->app = app;
    client->allocator = app->allocator;
    ch_arena_init(&client->events, &client->allocator, 4096, CH_RECEIVED_MAX);
    kida_buf_init_heap(&client->sent, &client->allocator, CH_RECEIVED_MAX);
    kida_buf_init_heap(&client->received, &client->allocator, CH_RECEIVED_MAX);
    kida_buf_init_heap(&client->body, &client->allocator, CH_RECEIVED_MAX);
    if (ch_app_start(app, err) != KIDA_OK) {
        ch_free(&app->allocator, client, sizeof(*client));
        return NULL;
    }
    if (start_worker(client, err) != KIDA_OK) {
        chirp_test_free(client);
        return NULL;
    }
    return client;
}

void
chirp_test_free(chirp_test_client *client)
{
    if (!client)
        return;
    if (client->conn) {
        ch_conn_cut(client->conn);
        settle_wire(client);
    }
    if (client->worker)
        ch_worker_end(client->worker);
    ch_worker_free(client->worker);
    ch_jar_clear(client);
    ch_arena_clear(&client->events);
    kida_buf_free(&client->sent);
    kida_buf_free(&client->received);
    kida_buf_free(&client->body);
    ch_app_stop(client->app);
    kida_allocator allocator = client->allocator;
    ch_free(&allocator, client, sizeof(*client));
}

/* ---- reading an answer --------------------------------------------------------------------- */

/* Index behind the empty line that ends a head; 0: not there yet. */
static size_t
head_end(kida_str text)
{
    for (size_t i = 0; i + 3 < text.len; i++) {
        if (text.ptr[i] == '\r' && text.ptr[i + 1] == '\n' && text.ptr[i + 2] == '\r' &&
            text.ptr[i + 3] == '\n')
            return i + 4;
    }
    return 0;
}

static unsigned
status_of(kida_str head)
{
    uint64_t status = 0;
    if (head.len < 12 || !ch_parse_uint(ch_str_slice(head, 9, 12), 999, &status))
        return 0;
    return (unsigned)status;
}

kida_str
chirp_answer_header(const chirp_answer *answer, const char *name)
{
    kida_str wanted = kida_str_from(name);
    kida_str missing = { NULL, 0 };
    size_t at = ch_str_find(answer->head, '\n', 0) + 1;
    while (at < answer->head.len) {
        size_t end = ch_str_find(answer->head, '\n', at);
        kida_str line = ch_str_slice(answer->head, at, end);
        size_t colon = ch_str_find(line, ':', 0);
        if (colon < line.len && ch_str_iequal(ch_str_slice(line, 0, colon), wanted)) {
            kida_str value = ch_str_slice(line, colon + 1, line.len);
            if (value.len > 0 && value.ptr[value.len - 1] == '\r')
                value.len--;
            return ch_str_trim(value);
        }
        at = end + 1;
    }
    return missing;
}

/* Joins the chunks into client->body; false while some are missing. */
static bool
read_chunks(chirp_test_client *client, kida_str text)
{
    size_t at = 0;
    renew(client, &client->body);
    for (;;) {
        size_t end = ch_str_find(text, '\n', at);
        size_t size = 0;
        if (end == text.len)
            return false;
        for (; at < end && ch_hex_value(text.ptr[at]) >= 0; at++)
            size = size * 16 + (size_t)ch_hex_value(text.ptr[at]);
        if (size > text.len || text.len - end - 1 < size + 2)
            return false;
        kida_buf_put(&client->body, ch_str_slice(text, end + 1, end + 1 + size));
        at = end + 1 + size + 2;
        if (size == 0)
            return true;
    }
}

/* Fills in the answer; false while it is not complete. */
static bool
read_answer(chirp_test_client *client, bool is_head, chirp_answer *out)
{
    kida_str text = kida_buf_str(&client->received);
    size_t end = head_end(text);
    while (end > 0 && status_of(text) < 200 && status_of(text) >= 100) {
        text = ch_str_slice(text, end, text.len);
        end = head_end(text);
    }
    if (end == 0)
        return false;
    out->head = ch_str_slice(text, 0, end - 2);
    out->status = status_of(text);
    kida_str rest = ch_str_slice(text, end, text.len);
    out->body = ch_str_slice(rest, 0, 0);
    if (is_head || out->status == 204 || out->status == 304)
        return true;

    kida_str length = chirp_answer_header(out, "content-length");
    uint64_t size = 0;
    if (ch_parse_uint(length, SIZE_MAX, &size)) {
        out->body = ch_str_slice(rest, 0, rest.len < size ? rest.len : (size_t)size);
        return rest.len >= size;
    }
    if (ch_list_has(chirp_answer_header(out, "transfer-encoding"), KIDA_S("chunked"))) {
        bool done = read_chunks(client, rest);
        out->body = kida_buf_str(&client->body);
        return done;
    }
    out->body = rest;
    return client->is_shut || client->is_closing;
}

/* ---- sending ------------------------------------------------------------------------------- */

static kida_status
hand_in(chirp_test_client *client, kida_str bytes)
{
    renew(client, &client->received);
    if (!open_wire(client))
        return KIDA_E_NOMEM;
    ch_conn_input(client->conn, bytes.ptr, bytes.len);
    return KIDA_OK;
}

static void
put_line(kida_buf *out, const char *name, kida_str value)
{
    kida_buf_put(out, kida_str_from(name));
    kida_buf_put(out, KIDA_S(": "));
    kida_buf_put(out, value);
    kida_buf_put(out, KIDA_S("\r\n"));
}

static void
put_request(chirp_test_client *client, const char *method, const char *target,
            const char *const *headers, kida_str body)
{
    kida_buf *out = &client->sent;
    bool has_host = false, has_cookie = false;
    kida_buf_put(out, kida_str_from(method));
    kida_buf_byte(out, ' ');
    kida_buf_put(out, kida_str_from(target));
    kida_buf_put(out, KIDA_S(" HTTP/1.1\r\n"));
    for (; headers && headers[0] && headers[1]; headers += 2) {
        has_host = has_host || ch_str_iequal(kida_str_from(headers[0]), KIDA_S("host"));
        has_cookie = has_cookie || ch_str_iequal(kida_str_from(headers[0]), KIDA_S("cookie"));
        put_line(out, headers[0], kida_str_from(headers[1]));
    }
    if (!has_cookie)
        ch_jar_put(client, out);
    if (!has_host)
        put_line(out, "Host", KIDA_S("testserver"));
    if (body.len > 0)
        kida_buf_format(out, "Content-Length: %zu\r\n", body.len);
    kida_buf_put(out, KIDA_S("\r\n"));
    kida_buf_put(out, body);
}

static kida_status
send_request(chirp_test_client *client, const char *method, const char *target,
             const char *const *headers, kida_str body)
{
    renew(client, &client->sent);
    put_request(client, method, target, headers, body);
    kida_status st = kida_buf_status(&client->sent);
    client->is_head = ch_str_iequal(kida_str_from(method), KIDA_S("HEAD"));
    return st == KIDA_OK ? hand_in(client, kida_buf_str(&client->sent)) : st;
}

static bool
is_over(const chirp_test_client *client)
{
    return client->is_closing || client->is_shut;
}

static void
fill_in(chirp_test_client *client, chirp_answer *out)
{
    out->closed = is_over(client);
    out->raw = kida_buf_str(&client->received);
}

static kida_status
exchange(chirp_test_client *client, const char *method, const char *target,
         const char *const *headers, kida_str body, chirp_answer *out)
{
    *out = (chirp_answer){ 0 };
    kida_status st = send_request(client, method, target, headers, body);
    if (st != KIDA_OK)
        return st;

    bool done = read_answer(client, client->is_head, out);
    while (!done && !is_over(client)) {
        ch_worker_turn(client->worker);
        done = read_answer(client, client->is_head, out);
    }
    fill_in(client, out);
    if (done && client->keeps_cookies)
        ch_jar_take(client, out);
    settle_wire(client);
    return done ? KIDA_OK : KIDA_E_IO;
}

/* Where a redirect leads to, if that is a path of this server. */
static bool
leads_on(const chirp_answer *answer, char *target, size_t room)
{
    static const unsigned statuses[] = { 301, 302, 303, 307, 308 };
    kida_str to = chirp_answer_header(answer, "location");
    bool is_redirect = false;
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        is_redirect = is_redirect || answer->status == statuses[i];
    if (!is_redirect || to.len == 0 || to.len >= room || to.ptr[0] != '/')
        return false;
    memcpy(target, to.ptr, to.len);
    target[to.len] = '\0';
    return true;
}

kida_status
chirp_test_request(chirp_test_client *client, const char *method, const char *target,
                   const char *const *headers, kida_str body, chirp_answer *out)
{
    char next[TARGET_MAX];
    kida_status st = exchange(client, method, target, headers, body, out);
    for (unsigned i = 0; st == KIDA_OK && i < client->redirects; i++) {
        if (!leads_on(out, next, sizeof(next)))
            break;
        /* As browsers do: the method stays with 307 and 308 only. */
        if (out->status < 307 && !ch_str_iequal(kida_str_from(method), KIDA_S("HEAD"))) {
            method = "GET";
            body = KIDA_S("");
            headers = NULL;
        }
        st = exchange(client, method, next, headers, body, out);
    }
    return st;
}

kida_status
chirp_test_raw(chirp_test_client *client, kida_str bytes, chirp_answer *out)
{
    *out = (chirp_answer){ 0 };
    kida_status st = hand_in(client, bytes);
    if (st != KIDA_OK)
        return st;
    while (!is_over(client) && !ch_conn_is_settled(client->conn))
        ch_worker_turn(client->worker);
    (void)read_answer(client, false, out);
    fill_in(client, out);
    settle_wire(client);
    return KIDA_OK;
}

/* ---- answers that go on -------------------------------------------------------------------- */

kida_status
chirp_test_open(chirp_test_client *client, const char *method, const char *target,
                const char *const *headers, kida_str body, chirp_answer *out)
{
    *out = (chirp_answer){ 0 };
    kida_status st = send_request(client, method, target, headers, body);
    if (st != KIDA_OK)
        return st;
    (void)read_answer(client, client->is_head, out);
    while (out->status < 200 && !is_over(client)) {
        ch_worker_turn(client->worker);
        (void)read_answer(client, client->is_head, out);
    }
    fill_in(client, out);
    return out->status >= 200 ? KIDA_OK : KIDA_E_IO;
}

static bool
holds(kida_str text, kida_str part)
{
    for (size_t i = 0; i + part.len <= text.len; i++) {
        if (kida_str_equal(ch_str_slice(text, i, i + part.len), part))
            return true;
    }
    return false;
}

kida_status
chirp_test_wait(chirp_test_client *client, const char *part, uint32_t milliseconds,
                chirp_answer *out)
{
    uint64_t end = ch_worker_clock(client->worker) + milliseconds;
    kida_status st = KIDA_E_LIMIT_TIME;
    for (;;) {
        bool done = read_answer(client, client->is_head, out);
        fill_in(client, out);
        if (part ? holds(out->body, kida_str_from(part)) : done)
            st = KIDA_OK;
        else if (done || is_over(client))
            st = KIDA_E_IO;
        if (st != KIDA_E_LIMIT_TIME || ch_worker_clock(client->worker) >= end)
            return st;
        ch_worker_turn(client->worker);
    }
}

void
chirp_test_run(chirp_test_client *client, uint32_t milliseconds)
{
    uint64_t end = ch_worker_clock(client->worker) + milliseconds;
    while (client->conn && ch_worker_clock(client->worker) < end)
        ch_worker_turn(client->worker);
}

void
chirp_test_leave(chirp_test_client *client, bool reset)
{
    if (client->conn && reset)
        ch_conn_lost(client->conn);
    else if (client->conn)
        ch_conn_input_end(client->conn);
    settle_wire(client);
}

void
chirp_test_stop(chirp_test_client *client)
{
    ch_worker_drain(client->worker);
}

/* ---- short forms ---------------------------------------------------------------------------- */

kida_status
chirp_test_get(chirp_test_client *client, const char *target, chirp_answer *out)
{
    return chirp_test_request(client, "GET", target, NULL, KIDA_S(""), out);
}

kida_status
chirp_test_post(chirp_test_client *client, const char *target, const char *form, chirp_answer *out)
{
    static const char *const headers[] = { "Content-Type", "application/x-www-form-urlencoded",
                                           NULL };
    return chirp_test_request(client, "POST", target, headers, kida_str_from(form), out);
}

kida_status
chirp_test_fragment(chirp_test_client *client, const char *target, chirp_answer *out)
{
    static const char *const headers[] = { "HX-Request", "true", NULL };
    return chirp_test_request(client, "GET", target, headers, KIDA_S(""), out);
}
