/* SPDX-License-Identifier: MIT */
/* calls.c - what tests need beyond one plain request: cookies, forms of requests, event streams. */
#define _GNU_SOURCE
#include "client.h"

#include <string.h>

#include "config/alloc.h"
#include "config/text.h"

#define HEADERS_MAX 24 /* of a call's own, and as many slots for those that are added */

/* ---- cookies --------------------------------------------------------------------------------- */

void
chirp_test_keep_cookies(chirp_test_client *client, bool on)
{
    client->keeps_cookies = on;
    if (!on)
        ch_jar_clear(client);
}

static void
free_entry(chirp_test_client *client, ch_jar_entry *entry)
{
    ch_free(&client->allocator, entry, sizeof(*entry) + entry->name.len + entry->value.len);
}

static void
remove_cookie(chirp_test_client *client, kida_str name)
{
    for (ch_jar_entry **at = &client->jar; *at; at = &(*at)->next) {
        if (!kida_str_equal((*at)->name, name))
            continue;
        ch_jar_entry *gone = *at;
        *at = gone->next;
        free_entry(client, gone);
        return;
    }
}

void
ch_jar_clear(chirp_test_client *client)
{
    while (client->jar) {
        ch_jar_entry *gone = client->jar;
        client->jar = gone->next;
        free_entry(client, gone);
    }
}

static void
add_cookie(chirp_test_client *client, kida_str name, kida_str value)
{
    ch_jar_entry *entry = ch_calloc(&client->allocator, sizeof(*entry) + name.len + value.len);
    if (!entry)
        return;
    char *text = (char *)(entry + 1);
    memcpy(text, name.ptr, name.len);
    if (value.len > 0)
        memcpy(text + name.len, value.ptr, value.len);
    *entry = (ch_jar_entry){ client->jar, { text, name.len }, { text + name.len, value.len } };
    client->jar = entry;
}

/* One Set-Cookie: the pair, and whether its attributes delete it. */
static void
take_cookie(chirp_test_client *client, kida_str line)
{
    size_t pos = 0;
    kida_str pair, attribute;
    bool is_deleted = false;
    if (!ch_str_next(line, ';', &pos, &pair))
        return;
    size_t equals = ch_str_find(pair, '=', 0);
    if (equals == 0 || equals >= pair.len)
        return;
    while (ch_str_next(line, ';', &pos, &attribute))
        is_deleted = is_deleted || ch_str_iequal(attribute, KIDA_S("max-age=0"));
    kida_str name = ch_str_slice(pair, 0, equals);
    remove_cookie(client, name);
    if (!is_deleted)
        add_cookie(client, name, ch_str_slice(pair, equals + 1, pair.len));
}

void
ch_jar_take(chirp_test_client *client, const chirp_answer *answer)
{
    size_t pos = 0;
    kida_str line;
    while (ch_str_next(answer->head, '\n', &pos, &line)) {
        size_t colon = ch_str_find(line, ':', 0);
        if (colon < line.len && ch_str_iequal(ch_str_slice(line, 0, colon), KIDA_S("set-cookie")))
            take_cookie(client, ch_str_trim(ch_str_slice(line, colon + 1, line.len)));
    }
}

void
ch_jar_put(const chirp_test_client *client, kida_buf *out)
{
    for (const ch_jar_entry *at = client->jar; at; at = at->next) {
        kida_buf_put(out, at == client->jar ? KIDA_S("Cookie: ") : KIDA_S("; "));
        kida_buf_put(out, at->name);
        kida_buf_byte(out, '=');
        kida_buf_put(out, at->value);
    }
    if (client->jar)
        kida_buf_put(out, KIDA_S("\r\n"));
}

void
chirp_test_follow(chirp_test_client *client, unsigned max)
{
    client->redirects = max;
}

/* ---- requests -------------------------------------------------------------------------------- */

static void
add_pair(const char **pairs, size_t *count, const char *name, const char *value)
{
    if (!value)
        return;
    pairs[(*count)++] = name;
    pairs[(*count)++] = value;
}

kida_status
chirp_test_send(chirp_test_client *client, const chirp_test_call *call, chirp_answer *out)
{
    const char *pairs[HEADERS_MAX * 4 + 1];
    size_t count = 0;
    for (const char *const *at = call->headers; at && at[0] && at[1]; at += 2) {
        if (count == (size_t)HEADERS_MAX * 2)
            return KIDA_E_USAGE;
        add_pair(pairs, &count, at[0], at[1]);
    }
    kida_str body = call->body.ptr ? call->body : KIDA_S("");
    if (call->form) {
        add_pair(pairs, &count, "Content-Type", "application/x-www-form-urlencoded");
        body = kida_str_from(call->form);
    } else if (call->json) {
        add_pair(pairs, &count, "Content-Type", "application/json");
        body = kida_str_from(call->json);
    }
    add_pair(pairs, &count, "HX-Request", call->is_fragment ? "true" : NULL);
    add_pair(pairs, &count, "HX-History-Restore-Request", call->is_history_restore ? "true" : NULL);
    add_pair(pairs, &count, "HX-Target", call->hx_target);
    add_pair(pairs, &count, "HX-Trigger", call->hx_trigger);
    pairs[count] = NULL;
    bool has_body = body.len > 0 || call->form || call->json;
    const char *method = call->method ? call->method : has_body ? "POST" : "GET";
    return chirp_test_request(client, method, call->target, pairs, body, out);
}

kida_status
chirp_test_json(chirp_test_client *client, const char *target, const char *json, chirp_answer *out)
{
    return chirp_test_send(client, &(chirp_test_call){ .target = target, .json = json }, out);
}

/* ---- event streams --------------------------------------------------------------------------- */

/* Adds a line to the data of an event; NULL when out of memory. */
static bool
add_data(ch_arena *arena, chirp_test_event *event, bool is_first, kida_str line)
{
    size_t len = is_first ? line.len : event->data.len + 1 + line.len;
    char *text = ch_arena_alloc(arena, len + 1);
    if (!text)
        return false;
    size_t at = 0;
    if (!is_first) {
        memcpy(text, event->data.ptr, event->data.len);
        at = event->data.len;
        text[at++] = '\n';
    }
    if (line.len > 0)
        memcpy(text + at, line.ptr, line.len);
    event->data = (kida_str){ text, len };
    return true;
}

static bool
read_line(ch_arena *arena, chirp_test_event *event, bool *has_data, kida_str line)
{
    size_t colon = ch_str_find(line, ':', 0);
    kida_str name = ch_str_slice(line, 0, colon);
    kida_str value = colon < line.len ? ch_str_slice(line, colon + 1, line.len) : KIDA_S("");
    if (value.len > 0 && value.ptr[0] == ' ')
        value = ch_str_slice(value, 1, value.len);
    if (kida_str_equal(name, KIDA_S("data"))) {
        bool is_first = !*has_data;
        *has_data = true;
        return add_data(arena, event, is_first, value);
    }
    uint64_t number;
    if (kida_str_equal(name, KIDA_S("event")))
        event->event = ch_arena_copy(arena, value);
    else if (kida_str_equal(name, KIDA_S("id")))
        event->id = ch_arena_copy(arena, value);
    else if (kida_str_equal(name, KIDA_S("retry")) && ch_parse_uint(value, UINT32_MAX, &number))
        event->retry = (uint32_t)number;
    return true;
}

/* All events of a body that are complete; false when out of memory. */
static bool
read_events(ch_arena *arena, kida_str body, size_t max, chirp_test_events *out)
{
    ch_arena_reset(arena);
    chirp_test_event *items = ch_arena_array(arena, max, sizeof(*items));
    const chirp_test_event none = { KIDA_S(""), KIDA_S(""), KIDA_S(""), 0 };
    chirp_test_event event = none;
    bool has_data = false;
    out->items = items;
    out->count = out->heartbeats = 0;
    for (size_t at = 0; items && at < body.len && out->count < max;) {
        size_t end = ch_str_find(body, '\n', at);
        if (end == body.len)
            break;
        kida_str line = ch_str_slice(body, at, end);
        at = end + 1;
        if (line.len > 0 && line.ptr[line.len - 1] == '\r')
            line.len--;
        if (line.len == 0) {
            if (has_data)
                items[out->count++] = event;
            event = none;
            has_data = false;
        } else if (line.ptr[0] == ':') {
            out->heartbeats++;
        } else if (!read_line(arena, &event, &has_data, line)) {
            return false;
        }
    }
    return items != NULL;
}

kida_status
chirp_test_sse(chirp_test_client *client, const char *target, size_t max, uint32_t milliseconds,
               chirp_test_events *out)
{
    static const char *const headers[] = { "Accept", "text/event-stream", NULL };
    chirp_answer answer;
    *out = (chirp_test_events){ 0 };
    kida_status st = chirp_test_open(client, "GET", target, headers, KIDA_S(""), &answer);
    if (st != KIDA_OK)
        return st;
    uint64_t end = ch_worker_clock(client->worker) + milliseconds;
    out->status = answer.status;
    for (;;) {
        /* Looks at what is there, turning the loop once if the answer goes on. */
        st = chirp_test_wait(client, NULL, 0, &answer);
        out->has_ended = st != KIDA_E_LIMIT_TIME;
        if (!read_events(&client->events, answer.body, max, out))
            st = KIDA_E_NOMEM;
        if (st == KIDA_E_NOMEM || out->has_ended || out->count >= max ||
            ch_worker_clock(client->worker) >= end)
            break;
        ch_worker_turn(client->worker);
    }
    if (!out->has_ended)
        chirp_test_leave(client, true);
    return st == KIDA_E_NOMEM ? st : KIDA_OK;
}
