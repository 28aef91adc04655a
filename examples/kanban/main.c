/* SPDX-License-Identifier: MIT */
/* main.c - kanban: cards that move from column to column.
 *
 * Shows: one small answer that changes several places of a page (out-of-band swaps written in a
 * template of their own), a rule of the application as a refusal that htmx and browsers show, a
 * transaction, and buttons that work as plain forms.
 *
 * Build and run, in this folder: cmake -B build && cmake --build build && build/kanban
 * The data is in kanban.db; CHIRP_DATABASE_URL=sqlite:///:memory: forgets it.
 */
#include <chirp/chirp.h>

#include <stdio.h>

static const char select_columns[] =
    "SELECT id, name, (SELECT count(*) FROM cards WHERE column_id = columns.id) AS count"
    " FROM columns ORDER BY id";

/* ---- moves --------------------------------------------------------------------------------- */

/* What a move wants: column 0 removes the card, card 0 is a new one. */
typedef struct move {
    int64_t card;
    int64_t to;
    kida_str title; /* of a new card */
    bool is_full;   /* found out: the column takes no more */
} move;

/* Between begin and commit, so that two moves at once can't overfill a column. */
static kida_status
do_move(chirp_db *db, void *user, kida_error *err)
{
    move *m = user;
    int64_t room = 0;
    chirp_db_done done;
    kida_status st;
    if (m->to == 0) {
        st = chirp_db_exec(db, "DELETE FROM cards WHERE id = ?", CHIRP_ARGS(kida_int(m->card)),
                           &done, err);
        return st == KIDA_OK && done.changed == 0 ? KIDA_E_NOT_FOUND : st;
    }
    /* Writing comes first: it takes the lock of the database. */
    const kida_value values[] = { kida_int(m->to),
                                  m->card ? kida_int(m->card) : kida_string(m->title) };
    st = chirp_db_exec(db,
                       m->card ? "UPDATE cards SET column_id = ?1, moved ="
                                 " (SELECT max(moved) + 1 FROM cards) WHERE id = ?2"
                               : "INSERT INTO cards (column_id, title, moved) VALUES (?1, ?2,"
                                 " (SELECT coalesce(max(moved), 0) + 1 FROM cards))",
                       (chirp_args){ values, 2 }, &done, err);
    if (st == KIDA_OK && done.changed == 0)
        st = KIDA_E_NOT_FOUND;
    if (st == KIDA_OK)
        st = chirp_db_int(db,
                          "SELECT most - (SELECT count(*) FROM cards WHERE column_id = ?1)"
                          " FROM columns WHERE id = ?1",
                          CHIRP_ARGS(kida_int(m->to)), &room, err);
    if (m->card == 0)
        m->card = done.last_id;
    m->is_full = st == KIDA_OK && room < 0;
    return m->is_full ? KIDA_E_CONSTRAINT : st;
}

/* Where there was a move, all that has changed; browsers load the page again. */
static chirp_reply *
moved(chirp_request *req, move *m)
{
    kida_error err = { 0 };
    bool is_new = m->card == 0;
    kida_value card, columns, context;
    chirp_db *db = chirp_db_of(req);
    kida_status st = chirp_db_transaction(db, do_move, m, &err);
    if (m->is_full)
        return chirp_reply_fail(req, 409, "That column is full: finish something first");
    if (st == KIDA_E_NOT_FOUND || st == KIDA_E_CONSTRAINT)
        return chirp_reply_fail(req, 404, "There is no such card or column");
    if (st == KIDA_OK)
        st = chirp_db_row(db, NULL, "SELECT * FROM cards WHERE id = ?",
                          CHIRP_ARGS(kida_int(m->card)), &card, &err);
    if (st == KIDA_OK)
        st = chirp_db_list(db, NULL, select_columns, CHIRP_NO_ARGS, &columns, &err);
    if (st != KIDA_OK)
        return chirp_reply_error(req, &err);
    if (!chirp_is_fragment(req))
        return chirp_reply_done(req, "/");
    if (kida_context(chirp_pool(req), &context, "card", card, "columns", columns, "is_new",
                     kida_bool(is_new), NULL) != KIDA_OK)
        return NULL;
    return chirp_reply_template(req, "moved.html", context);
}

static chirp_reply *
move_card(chirp_request *req, void *user)
{
    (void)user;
    kida_error err = { 0 };
    move m = { .to = -1 };
    if (chirp_form_read(req, &err) != KIDA_OK)
        return chirp_reply_bad_form(req, &err);
    kida_str to = chirp_form(req, "to");
    if (chirp_given(to) && to.len == 1 && to.ptr[0] >= '0' && to.ptr[0] <= '9')
        m.to = to.ptr[0] - '0';
    if (chirp_param_int(req, "id", &m.card) != KIDA_OK || m.card < 1 || m.to < 0)
        return chirp_reply_fail(req, 404, "There is no such card or column");
    return moved(req, &m);
}

/* ---- pages --------------------------------------------------------------------------------- */

static chirp_reply *
page(chirp_request *req, kida_str title, const char *error)
{
    kida_error err = { 0 };
    kida_value cards, columns, context;
    chirp_db *db = chirp_db_of(req);
    kida_status st = chirp_db_list(db, NULL, "SELECT * FROM cards ORDER BY moved", CHIRP_NO_ARGS,
                                   &cards, &err);
    if (st == KIDA_OK)
        st = chirp_db_list(db, NULL, select_columns, CHIRP_NO_ARGS, &columns, &err);
    if (st != KIDA_OK)
        return chirp_reply_error(req, &err);
    if (kida_context(chirp_pool(req), &context, "cards", cards, "columns", columns, "title",
                     kida_string(title), "error",
                     error ? kida_string(kida_str_from(error)) : kida_none(), NULL) != KIDA_OK)
        return NULL;
    if (!error)
        return chirp_reply_page(req, "index.html", "board", context);
    if (!chirp_is_fragment(req))
        return chirp_reply_set_status(chirp_reply_template(req, "index.html", context), 422);
    return chirp_reply_hx_reswap(chirp_reply_invalid(req, "index.html", "entry", "#entry", context),
                                 "innerHTML");
}

static chirp_reply *
board(chirp_request *req, void *user)
{
    (void)user;
    return page(req, KIDA_S(""), NULL);
}

static chirp_reply *
add_card(chirp_request *req, void *user)
{
    (void)user;
    kida_error err = { 0 };
    if (chirp_form_read(req, &err) != KIDA_OK)
        return chirp_reply_bad_form(req, &err);
    move m = { .to = 1, .title = chirp_form(req, "title") };
    if (m.title.len == 0 || !kida_utf8_valid(m.title))
        return page(req, KIDA_S(""), "What is on the card?");
    if (m.title.len > 120)
        return page(req, m.title, "That does not fit on a card");
    return moved(req, &m);
}

int
main(void)
{
    kida_error err;
    chirp_config config;
    chirp_app *app = NULL;
    kida_error_init(&err);
    chirp_config_init(&config);
    config.database_url = "sqlite:///kanban.db";
    config.migrations_dir = "migrations";
    if (chirp_config_from_env(&config, NULL, &err) == KIDA_OK)
        app = chirp_app_new(&config, &err);
    if (app) {
        chirp_use_db(app, NULL, NULL); /* a failure of set-up is reported by chirp_run */
        chirp_route(app, "GET", "/", board, NULL);
        chirp_route(app, "POST", "/cards", add_card, NULL);
        chirp_route(app, "POST", "/cards/{id:int}/move", move_card, NULL);
    }
    if (!app || chirp_run(app, &err) != KIDA_OK)
        fprintf(stderr, "kanban: %s\n", err.message);
    chirp_app_free(app);
    return err.status == KIDA_OK ? 0 : 1;
}
