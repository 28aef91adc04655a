/* SPDX-License-Identifier: MIT */
/* notes.c - pages and fragments: list, add, edit, pin, delete. */
#include "notes.h"

/* ---- what a note is: one table for rows, templates and forms ------------------------------- */

static const char *const colors[] = { "plain", "sun", "leaf", "sky", "rose", NULL };

typedef struct note {
    int64_t id;
    kida_str title;
    kida_str body;
    int color;
    bool pinned;
    int64_t changed;
} note;

static const kida_field note_fields[] = {
    KIDA_INT_FIELD(note, id),
    KIDA_STR_FIELD(note, title),
    KIDA_STR_FIELD(note, body),
    KIDA_ENUM_FIELD(note, color, colors),
    KIDA_BOOL_FIELD(note, pinned),
    KIDA_TIME_FIELD(note, changed),
    KIDA_FIELDS_END,
};
static const kida_struct note_type = { "note", sizeof(note), note_fields, NULL };

static const chirp_rule note_rules[] = {
    CHIRP_RULE("title", CHIRP_REQUIRED, .message = "A note needs a title"),
    CHIRP_RULE("title", CHIRP_MAX_LENGTH, .number = 60),
    CHIRP_RULE("body", CHIRP_OPTIONAL),
    CHIRP_RULE("body", CHIRP_MAX_LENGTH, .number = 2000),
    CHIRP_RULE("color", CHIRP_OPTIONAL),
    CHIRP_RULE("pinned", CHIRP_OPTIONAL),
    CHIRP_RULES_END,
};
static const chirp_form_type note_form = { &note_type, note_rules };

/* ---- queries ------------------------------------------------------------------------------- */

static kida_status
find_note(chirp_request *req, note *out, kida_error *err)
{
    int64_t id = 0;
    kida_status st = chirp_param_int(req, "id", &id);
    if (st != KIDA_OK)
        return st;
    return chirp_db_select_one(chirp_db_of(req), NULL, &note_type,
                               "SELECT * FROM notes WHERE id = ?", CHIRP_ARGS(kida_int(id)), out,
                               err);
}

/* Inserts a note without an id, updates any other. */
static kida_status
save_note(chirp_request *req, const note *draft, kida_error *err)
{
    static const char insert[] = "INSERT INTO notes (title, body, color, pinned)"
                                 " VALUES (?1, ?2, ?3, ?4)";
    static const char update[] = "UPDATE notes SET title = ?1, body = ?2, color = ?3, pinned = ?4,"
                                 " changed = unixepoch() WHERE id = ?5";
    const kida_value values[] = {
        kida_string(draft->title), kida_string(draft->body),
        kida_string(kida_str_from(colors[draft->color])), kida_bool(draft->pinned),
        kida_int(draft->id),
    };
    bool is_new = draft->id == 0;
    chirp_args args = { values, is_new ? 4 : 5 };
    return chirp_db_exec(chirp_db_of(req), is_new ? insert : update, args, NULL, err);
}

/* Those whose title or text holds what is searched for. */
static kida_status
list_notes(chirp_request *req, kida_value *out, kida_error *err)
{
    chirp_rows rows;
    kida_str search = chirp_query(req, "q");
    if (!chirp_given(search))
        search = KIDA_S("");
    kida_status st = chirp_db_select(chirp_db_of(req), NULL, &note_type,
                                     "SELECT * FROM notes"
                                     " WHERE instr(lower(title || ' ' || body), lower(?1)) > 0"
                                     " ORDER BY pinned DESC, changed DESC, id DESC LIMIT 200",
                                     CHIRP_ARGS(kida_string(search)), &rows, err);
    return st == KIDA_OK ? chirp_rows_value(chirp_pool(req), &rows, out) : st;
}

/* ---- pages --------------------------------------------------------------------------------- */

static chirp_reply *
failed(chirp_request *req, kida_status st, kida_error *err)
{
    if (st == KIDA_E_NOT_FOUND)
        return chirp_reply_fail(req, 404, "There is no such note");
    return chirp_reply_error(req, err);
}

/* The page with its list, around a form. */
static kida_status
page_context(chirp_request *req, const chirp_form_data *form, kida_value *out, kida_error *err)
{
    kida_value notes;
    kida_str search = chirp_query(req, "q");
    kida_status st = list_notes(req, &notes, err);
    if (st != KIDA_OK)
        return st;
    err->status = st = kida_context(chirp_pool(req), out, "notes", notes, "q",
                                    kida_string(chirp_given(search) ? search : KIDA_S("")), NULL);
    return st == KIDA_OK ? chirp_form_context(form, out) : st;
}

static chirp_reply *
index_page(chirp_request *req, void *user)
{
    (void)user;
    chirp_form_data form;
    kida_value context;
    kida_error err = { 0 };
    note blank = { 0 };
    kida_status st = chirp_form_fill(req, &note_form, &blank, &form);
    if (st == KIDA_OK)
        st = page_context(req, &form, &context, &err);
    return st == KIDA_OK ? chirp_reply_page(req, "index.html", "list", context)
                         : failed(req, st, &err);
}

/* One card, for htmx. */
static chirp_reply *
card(chirp_request *req, const note *shown)
{
    kida_value context;
    if (kida_context(chirp_pool(req), &context, "note", kida_from_struct(&note_type, shown),
                     NULL) != KIDA_OK)
        return NULL;
    return chirp_reply_template(req, "card.html", context);
}

/* Saves what was sent; false if the form has to be shown again. */
static bool
take(chirp_request *req, note *draft, chirp_form_data *form, kida_status *st, kida_error *err)
{
    *st = KIDA_OK;
    if (!chirp_form_bind(req, &note_form, draft, form))
        return false;
    *st = save_note(req, draft, err);
    if (*st == KIDA_E_CONSTRAINT) {
        *st = KIDA_OK;
        chirp_form_error(form, "title", "There is a note with this title already");
    }
    return form->is_valid;
}

static chirp_reply *
add_note(chirp_request *req, void *user)
{
    (void)user;
    chirp_form_data form;
    kida_value context = kida_none();
    kida_error err = { 0 };
    kida_status st;
    note draft = { .title = KIDA_S(""), .body = KIDA_S("") };
    bool done = take(req, &draft, &form, &st, &err);
    if (st != KIDA_OK)
        return failed(req, st, &err);
    if (!done) {
        if (!chirp_is_fragment(req) && form.status == KIDA_OK)
            st = page_context(req, &form, &context, &err);
        return st == KIDA_OK ? chirp_reply_form(req, "index.html", "entry", &form, context)
                             : failed(req, st, &err);
    }
    if (!chirp_is_fragment(req))
        return chirp_reply_done(req, "/");
    draft = (note){ .title = KIDA_S(""), .body = KIDA_S("") };
    if (chirp_form_fill(req, &note_form, &draft, &form) != KIDA_OK ||
        chirp_form_context(&form, &context) != KIDA_OK)
        return NULL;
    return chirp_reply_trigger(chirp_reply_fragment(req, "index.html", "entry", context),
                               "notes-changed");
}

/* The form in place of a card, or on a page of its own. */
static chirp_reply *
edit_page(chirp_request *req, void *user)
{
    (void)user;
    chirp_form_data form;
    kida_value context;
    kida_error err = { 0 };
    note draft;
    kida_status st = find_note(req, &draft, &err);
    if (st != KIDA_OK)
        return failed(req, st, &err);
    if (kida_context(chirp_pool(req), &context, "id", kida_int(draft.id), NULL) != KIDA_OK ||
        chirp_form_fill(req, &note_form, &draft, &form) != KIDA_OK ||
        chirp_form_context(&form, &context) != KIDA_OK)
        return NULL;
    return chirp_reply_page(req, "edit.html", "editor", context);
}

static chirp_reply *
change_note(chirp_request *req, void *user)
{
    (void)user;
    chirp_form_data form;
    kida_value context;
    kida_error err = { 0 };
    note *draft = chirp_alloc(req, sizeof(*draft)); /* rendered after this function has returned */
    kida_status st = draft ? find_note(req, draft, &err) : KIDA_E_NOMEM;
    if (st != KIDA_OK)
        return failed(req, st, &err);
    bool done = take(req, draft, &form, &st, &err);
    if (st != KIDA_OK)
        return failed(req, st, &err);
    if (done)
        return chirp_is_fragment(req) ? card(req, draft) : chirp_reply_done(req, "/");
    if (kida_context(chirp_pool(req), &context, "id", kida_int(draft->id), NULL) != KIDA_OK)
        return NULL;
    return chirp_reply_form(req, "edit.html", "editor", &form, context);
}

static chirp_reply *
show_note(chirp_request *req, void *user)
{
    (void)user;
    kida_error err = { 0 };
    note *shown = chirp_alloc(req, sizeof(*shown));
    kida_status st = shown ? find_note(req, shown, &err) : KIDA_E_NOMEM;
    return st == KIDA_OK ? card(req, shown) : failed(req, st, &err);
}

/* Runs a statement on one note, and tells htmx that the list is another. */
static chirp_reply *
run_on_note(chirp_request *req, const char *sql)
{
    int64_t id = 0;
    chirp_db_done done;
    kida_error err = { 0 };
    kida_status st = chirp_param_int(req, "id", &id);
    if (st == KIDA_OK)
        st = chirp_db_exec(chirp_db_of(req), sql, CHIRP_ARGS(kida_int(id)), &done, &err);
    if (st == KIDA_OK && done.changed == 0)
        st = KIDA_E_NOT_FOUND;
    if (st != KIDA_OK)
        return failed(req, st, &err);
    if (!chirp_is_fragment(req))
        return chirp_reply_done(req, "/");
    return chirp_reply_trigger(chirp_reply_html(req, KIDA_S("")), "notes-changed");
}

static chirp_reply *
delete_note(chirp_request *req, void *user)
{
    (void)user;
    return run_on_note(req, "DELETE FROM notes WHERE id = ?");
}

static chirp_reply *
pin_note(chirp_request *req, void *user)
{
    (void)user;
    return run_on_note(req, "UPDATE notes SET pinned = NOT pinned WHERE id = ?");
}

void
notes_add(chirp_app *app)
{
    chirp_route(app, "GET", "/", index_page, NULL);
    chirp_route(app, "POST", "/notes", add_note, NULL);
    chirp_route(app, "GET", "/notes/{id:int}", show_note, NULL);
    chirp_route(app, "POST", "/notes/{id:int}", change_note, NULL);
    chirp_route(app, "GET", "/notes/{id:int}/edit", edit_page, NULL);
    chirp_route(app, "POST", "/notes/{id:int}/delete", delete_note, NULL);
    chirp_route(app, "POST", "/notes/{id:int}/pin", pin_note, NULL);
}
