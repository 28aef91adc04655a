/* SPDX-License-Identifier: MIT */
/* main.c - chat: what one says, all see.
 *
 * Shows: a hub that sends events to the clients of all workers, events rendered once by the one who
 * speaks, ids with which a client that was away gets what it has missed (from SQLite, so also after
 * a restart of the server), and how many are there.
 *
 * Build and run, in this folder: cmake -B build && cmake --build build && build/chat
 * The messages are in chat.db; CHIRP_DATABASE_URL=sqlite:///:memory: forgets them.
 */
#include <chirp/chirp.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define HISTORY 50
#define NAME_MAX_BYTES 30
#define TEXT_MAX_BYTES 500

/* Those after an id, the last HISTORY of them, oldest first. */
static const char select_messages[] =
    "SELECT * FROM (SELECT * FROM messages WHERE id > ?1 ORDER BY id DESC LIMIT ?2) ORDER BY id";

static kida_status
messages_after(chirp_request *req, int64_t id, kida_value *out, kida_error *err)
{
    return chirp_db_list(chirp_db_of(req), NULL, select_messages,
                         CHIRP_ARGS(kida_int(id), kida_int(HISTORY)), out, err);
}

static bool
is_fine(kida_str text, size_t max)
{
    return text.len > 0 && text.len <= max && kida_utf8_valid(text);
}

/* ---- events -------------------------------------------------------------------------------- */

/* The number in an id, which may be anything that a client has sent; 0 for none. */
static int64_t
number_of(kida_str id)
{
    char digits[20];
    if (!chirp_given(id) || id.len == 0 || id.len >= sizeof(digits))
        return 0;
    snprintf(digits, sizeof(digits), "%.*s", (int)id.len, id.ptr);
    return strtoll(digits, NULL, 10);
}

/* Tells all how many there are. */
static void
announce(chirp_hub *hub)
{
    char text[32];
    snprintf(text, sizeof(text), "%zu here", chirp_hub_count(hub));
    const chirp_event event = { .event = KIDA_S("people"), .data = kida_str_from(text) };
    chirp_hub_publish(hub, KIDA_S(""), &event);
}

/* What the client has not seen yet: all of the history for a new one, else what it has missed. */
static kida_status
replay(chirp_sse *sse, int64_t *last)
{
    chirp_request *req = chirp_sse_request(sse);
    char id[24];
    kida_value messages, context;
    kida_str html = KIDA_S("");
    kida_error err = { 0 };
    kida_status st = messages_after(req, *last, &messages, &err);
    if (st != KIDA_OK || kida_length(messages) == 0)
        return st;
    /* With as many as this, others before them may be missing. */
    bool all = *last == 0 || kida_length(messages) == HISTORY;
    kida_value newest = kida_item_at(messages, kida_length(messages) - 1);
    *last = kida_as_int(kida_dict_get(newest, KIDA_S("id")));
    snprintf(id, sizeof(id), "%" PRId64, *last);
    st = kida_context(chirp_pool(req), &context, "messages", messages, NULL);
    if (st == KIDA_OK)
        st = chirp_render(req, "index.html", "messages", context, &html, &err);
    const chirp_event event = { .event = all ? KIDA_S("history") : KIDA_S("message"),
                                .id = kida_str_from(id), .data = html };
    return st == KIDA_OK ? chirp_sse_send(sse, &event) : st;
}

static kida_status
follow(chirp_sse *sse, void *user)
{
    chirp_hub *hub = user;
    chirp_request *req = chirp_sse_request(sse);
    int64_t last = number_of(chirp_last_event_id(req));
    /* Before the history is read, so that nothing falls in between. */
    chirp_subscription *sub = chirp_hub_join(req, hub, KIDA_S(""));
    kida_status st = sub ? replay(sse, &last) : KIDA_E_NOMEM;
    announce(hub);
    while (st == KIDA_OK) {
        const chirp_event *event;
        st = chirp_hub_next(sub, &event);
        if (st == KIDA_OK && (!chirp_given(event->id) || number_of(event->id) > last))
            st = chirp_sse_send(sse, event);
    }
    chirp_hub_leave(sub);
    announce(hub);
    return st;
}

static chirp_reply *
events(chirp_request *req, void *user)
{
    static const chirp_sse_options options = { .retry = 1000 };
    return chirp_reply_sse(req, follow, user, &options);
}

/* ---- pages --------------------------------------------------------------------------------- */

static chirp_reply *
page(chirp_request *req, chirp_hub *hub, kida_str name, kida_str text, const char *error)
{
    kida_value messages, context;
    kida_error err = { 0 };
    if (messages_after(req, 0, &messages, &err) != KIDA_OK)
        return chirp_reply_error(req, &err);
    bool named = is_fine(name, NAME_MAX_BYTES);
    if (kida_context(chirp_pool(req), &context, "messages", messages, "people",
                     kida_int((int64_t)chirp_hub_count(hub)), "name",
                     named ? kida_string(name) : kida_none(), "text", kida_string(text), "error",
                     error ? kida_string(kida_str_from(error)) : kida_none(), NULL) != KIDA_OK)
        return NULL;
    if (!error)
        return chirp_reply_page(req, "index.html", "messages", context);
    return chirp_is_fragment(req)
               ? chirp_reply_invalid(req, "index.html", "entry", "#entry", context)
               : chirp_reply_set_status(chirp_reply_template(req, "index.html", context), 422);
}

static chirp_reply *
home(chirp_request *req, void *user)
{
    return page(req, user, chirp_query(req, "name"), KIDA_S(""), NULL);
}

/* Keeps a message and sends it to all, the speaker among them. */
static kida_status
publish(chirp_request *req, chirp_hub *hub, kida_str name, kida_str text, kida_error *err)
{
    char id[24];
    chirp_db_done done;
    kida_value messages, context;
    kida_str html;
    kida_status st = chirp_db_exec(chirp_db_of(req),
                                   "INSERT INTO messages (author, text) VALUES (?, ?)",
                                   CHIRP_ARGS(kida_string(name), kida_string(text)), &done, err);
    if (st == KIDA_OK)
        st = chirp_db_list(chirp_db_of(req), NULL, "SELECT * FROM messages WHERE id = ?",
                           CHIRP_ARGS(kida_int(done.last_id)), &messages, err);
    if (st == KIDA_OK)
        st = kida_context(chirp_pool(req), &context, "messages", messages, NULL);
    if (st == KIDA_OK)
        st = chirp_render(req, "index.html", "messages", context, &html, err);
    err->status = st;
    if (st != KIDA_OK)
        return st;
    snprintf(id, sizeof(id), "%" PRId64, done.last_id);
    const chirp_event event = { .event = KIDA_S("message"), .id = kida_str_from(id),
                                .data = html };
    return chirp_hub_publish(hub, KIDA_S(""), &event);
}

static chirp_reply *
say(chirp_request *req, void *user)
{
    kida_error err = { 0 };
    kida_buf *url = chirp_buffer(req);
    if (chirp_form_read(req, &err) != KIDA_OK)
        return chirp_reply_bad_form(req, &err);
    kida_str name = chirp_form(req, "name"), text = chirp_form(req, "text");
    if (!url || !is_fine(name, NAME_MAX_BYTES))
        return chirp_reply_fail(req, 422, "Please say who you are");
    if (!is_fine(text, TEXT_MAX_BYTES))
        return page(req, user, name, kida_utf8_valid(text) ? text : KIDA_S(""),
                    text.len > 0 ? "Less than that, please" : "Say something");
    if (publish(req, user, name, text, &err) != KIDA_OK)
        return chirp_reply_error(req, &err);
    kida_str shown = chirp_copy(req, name); /* NUL-ended */
    const char *const params[] = { "name", shown.ptr, NULL };
    if (!shown.ptr || chirp_url_for(chirp_app_of(req), "home", params, url, &err) != KIDA_OK)
        return NULL;
    kida_buf_byte(url, '\0');
    kida_value blank;
    if (kida_context(chirp_pool(req), &blank, "text", kida_none(), "error", kida_none(), NULL) !=
        KIDA_OK)
        return NULL;
    const chirp_fragment entry = { .name = "index.html", .block = "entry", .context = blank };
    return chirp_reply_mutation(req, kida_buf_str(url).ptr, NULL, &entry, 1);
}

int
main(void)
{
    kida_error err;
    chirp_config config;
    chirp_app *app = NULL;
    chirp_hub *hub = chirp_hub_new(NULL);
    kida_error_init(&err);
    chirp_config_init(&config);
    config.database_url = "sqlite:///chat.db";
    config.migrations_dir = "migrations";
    if (hub && chirp_config_from_env(&config, NULL, &err) == KIDA_OK)
        app = chirp_app_new(&config, &err);
    if (app) {
        const chirp_route_def home_route = { .path = "/", .handler = home, .user = hub,
                                             .name = "home" };
        chirp_use_db(app, NULL, NULL); /* a failure of set-up is reported by chirp_run */
        (void)chirp_route_add(app, &home_route, NULL);
        chirp_route(app, "GET", "/events", events, hub);
        chirp_route(app, "POST", "/messages", say, hub);
    }
    if (!app || chirp_run(app, &err) != KIDA_OK)
        fprintf(stderr, "chat: %s\n", err.message);
    chirp_app_free(app);
    chirp_hub_free(hub);
    return err.status == KIDA_OK ? 0 : 1;
}
