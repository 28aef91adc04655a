/* SPDX-License-Identifier: MIT */
/* main.c - todo: a list with filters whose counters are swapped out of band.
 *
 * Shows: state of the application's own behind a lock, C structs read by the template as they lie
 * in memory, and changes that answer htmx with a block and further blocks for other places of the
 * page (chirp_reply_mutation), browsers with a redirect.
 *
 * Build and run, in this folder: cmake -B build && cmake --build build && build/todo
 */
#include <chirp/chirp.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define ITEMS_MAX 200
#define TITLE_MAX 120 /* bytes */

typedef struct todo {
    int64_t id;
    char title[TITLE_MAX + 1];
    bool done;
} todo;

typedef struct store {
    pthread_mutex_t lock;
    todo items[ITEMS_MAX];
    size_t count;
    int64_t last_id;
} store;

/* What a page shows: a copy of what is wanted, made under the lock. */
enum { SHOW_ALL, SHOW_OPEN, SHOW_DONE };
static const char *const shows[] = { "all", "open", "done", NULL };

typedef struct board {
    int show;
    const todo *items;
    size_t count;
    int64_t all;
    int64_t done;
    kida_str title; /* as typed, with error */
    const char *error;
} board;

static const kida_field todo_fields[] = {
    KIDA_INT_FIELD(todo, id),
    KIDA_CHARS_FIELD(todo, title),
    KIDA_BOOL_FIELD(todo, done),
    KIDA_FIELDS_END,
};
static const kida_struct todo_type = { "todo", sizeof(todo), todo_fields, NULL };

static const kida_field board_fields[] = {
    KIDA_ENUM_FIELD(board, show, shows),
    KIDA_SLICE_FIELD(board, items, count, &todo_type),
    KIDA_INT_FIELD(board, all),
    KIDA_INT_FIELD(board, done),
    KIDA_STR_FIELD(board, title),
    KIDA_CSTRING_FIELD(board, error),
    KIDA_FIELDS_END,
};
static const kida_struct board_type = { "board", sizeof(board), board_fields, NULL };

/* ---- what is shown ------------------------------------------------------------------------- */

static int
show_of(chirp_request *req)
{
    kida_str wanted = chirp_query(req, "show");
    for (int i = SHOW_OPEN; i <= SHOW_DONE; i++) {
        if (chirp_given(wanted) && kida_str_equal(wanted, kida_str_from(shows[i])))
            return i;
    }
    return SHOW_ALL;
}

/* Fills in a board; false without memory. */
static bool
look(chirp_request *req, store *s, board *out, kida_value *context)
{
    todo *items = chirp_alloc(req, sizeof(todo) * ITEMS_MAX);
    if (!items)
        return false;
    *out = (board){ .show = show_of(req), .items = items, .title = KIDA_S("") };
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->count; i++) {
        bool done = s->items[i].done;
        out->all++;
        out->done += done;
        if (out->show == SHOW_ALL || done == (out->show == SHOW_DONE))
            items[out->count++] = s->items[i];
    }
    pthread_mutex_unlock(&s->lock);
    return kida_context(chirp_pool(req), context, "board", kida_from_struct(&board_type, out),
                        NULL) == KIDA_OK;
}

static chirp_reply *
show_page(chirp_request *req, void *user)
{
    kida_value context;
    board *shown = chirp_alloc(req, sizeof(*shown)); /* rendered after this function's return */
    if (!shown || !look(req, user, shown, &context))
        return NULL;
    return chirp_reply_page(req, "index.html", "board", context);
}

/* After a change: the list where the button was, the entry and the counters out of band. */
static chirp_reply *
changed(chirp_request *req, store *s)
{
    board now;
    char url[32];
    kida_value context;
    if (!look(req, s, &now, &context))
        return NULL;
    snprintf(url, sizeof(url), "/?show=%s", shows[now.show]);
    const chirp_fragment parts[] = {
        { .name = "index.html", .block = "list", .context = context },
        { .name = "index.html", .block = "counts", .context = context, .swap = "innerHTML" },
        { .name = "index.html", .block = "entry", .context = context, .swap = "innerHTML" },
    };
    /* A delete or toggle must not take away what is being typed. */
    bool is_new = kida_str_equal(chirp_path(req), KIDA_S("/todos"));
    return chirp_reply_mutation(req, url, NULL, parts, is_new ? 3 : 2);
}

/* ---- changes ------------------------------------------------------------------------------- */

static chirp_reply *
refuse(chirp_request *req, store *s, kida_str title, const char *why)
{
    kida_value context;
    board *shown = chirp_alloc(req, sizeof(*shown));
    if (!shown || !look(req, s, shown, &context))
        return NULL;
    shown->title = title;
    shown->error = why;
    if (!chirp_is_fragment(req))
        return chirp_reply_set_status(chirp_reply_template(req, "index.html", context), 422);
    return chirp_reply_invalid(req, "index.html", "entry", "#entry", context);
}

static chirp_reply *
add(chirp_request *req, void *user)
{
    store *s = user;
    kida_error err;
    if (chirp_form_read(req, &err) != KIDA_OK)
        return chirp_reply_bad_form(req, &err);
    kida_str title = chirp_form(req, "title");
    if (!chirp_given(title) || title.len == 0 || !kida_utf8_valid(title))
        return refuse(req, s, KIDA_S(""), "Write what is to be done");
    if (title.len > TITLE_MAX)
        return refuse(req, s, title, "That is too long for one thing");
    pthread_mutex_lock(&s->lock);
    bool full = s->count == ITEMS_MAX;
    if (!full) {
        todo *made = &s->items[s->count++];
        *made = (todo){ .id = ++s->last_id };
        memcpy(made->title, title.ptr, title.len);
    }
    pthread_mutex_unlock(&s->lock);
    return full ? refuse(req, s, title, "The list is full: do something first") : changed(req, s);
}

typedef enum deed { TOGGLE, DELETE, CLEAR } deed;

/* Toggles or deletes one, or deletes all that are done. */
static chirp_reply *
change(chirp_request *req, store *s, deed what)
{
    int64_t id = 0;
    size_t kept = 0, found = 0;
    kida_status st = what == CLEAR ? KIDA_OK : chirp_param_int(req, "id", &id);
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->count && st == KIDA_OK; i++) {
        todo *item = &s->items[i];
        bool meant = what == CLEAR ? item->done : item->id == id;
        found += meant;
        if (meant && what == TOGGLE)
            item->done = !item->done;
        if (!meant || what == TOGGLE)
            s->items[kept++] = *item;
    }
    if (st == KIDA_OK)
        s->count = kept;
    pthread_mutex_unlock(&s->lock);
    if (found == 0 && what != CLEAR)
        return chirp_reply_fail(req, 404, "There is no such thing to do");
    return changed(req, s);
}

static chirp_reply *
toggle(chirp_request *req, void *user)
{
    return change(req, user, TOGGLE);
}

static chirp_reply *
delete(chirp_request *req, void *user)
{
    return change(req, user, DELETE);
}

static chirp_reply *
clear(chirp_request *req, void *user)
{
    return change(req, user, CLEAR);
}

int
main(void)
{
    static store todos = {
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .items = { { 1, "Read the head comment of main.c", true }, { 2, "Add a thing", false } },
        .count = 2,
        .last_id = 2,
    };
    kida_error err;
    chirp_config config;
    chirp_app *app = NULL;
    kida_error_init(&err);
    chirp_config_init(&config);
    if (chirp_config_from_env(&config, NULL, &err) == KIDA_OK)
        app = chirp_app_new(&config, &err);
    if (app) {
        chirp_route(app, "GET", "/", show_page, &todos);
        chirp_route(app, "POST", "/todos", add, &todos);
        chirp_route(app, "POST", "/todos/{id:int}/toggle", toggle, &todos);
        chirp_route(app, "POST", "/todos/{id:int}/delete", delete, &todos);
        chirp_route(app, "POST", "/clear", clear, &todos);
    }
    if (!app || chirp_run(app, &err) != KIDA_OK)
        fprintf(stderr, "todo: %s\n", err.message);
    chirp_app_free(app);
    return err.status == KIDA_OK ? 0 : 1;
}
