/* SPDX-License-Identifier: MIT */
/* main.c - contacts: create, read, update, delete, each in its place on one page.
 *
 * Shows: SQLite with migrations, one table of fields for rows, templates and forms, rules with
 * messages, a constraint of the database as the error of a field, inline editing with htmx and the
 * same pages without it.
 *
 * Build and run, in this folder: cmake -B build && cmake --build build && build/contacts
 * The data is in contacts.db; CHIRP_DATABASE_URL=sqlite:///:memory: forgets it.
 */
#include <chirp/chirp.h>

#include <stdio.h>

typedef struct contact {
    int64_t id;
    kida_str name;
    kida_str email;
    kida_str phone;
} contact;

static const kida_field contact_fields[] = {
    KIDA_INT_FIELD(contact, id),
    KIDA_STR_FIELD(contact, name),
    KIDA_STR_FIELD(contact, email),
    KIDA_STR_FIELD(contact, phone),
    KIDA_FIELDS_END,
};
static const kida_struct contact_type = { "contact", sizeof(contact), contact_fields, NULL };

static const chirp_rule contact_rules[] = {
    CHIRP_RULE("name", CHIRP_REQUIRED, .message = "What is the name?"),
    CHIRP_RULE("name", CHIRP_MAX_LENGTH, .number = 80),
    CHIRP_RULE("email", CHIRP_REQUIRED, .message = "Where does mail go?"),
    CHIRP_RULE("email", CHIRP_EMAIL),
    CHIRP_RULE("phone", CHIRP_OPTIONAL),
    CHIRP_RULE("phone", CHIRP_MATCHES, .text = "[+0-9 ()-]{3,24}$",
               .message = "Digits, spaces, + and brackets only"),
    CHIRP_RULES_END,
};
static const chirp_form_type contact_form = { &contact_type, contact_rules };

static chirp_reply *
failed(chirp_request *req, kida_status st, const kida_error *err)
{
    if (st == KIDA_E_NOT_FOUND)
        return chirp_reply_fail(req, 404, "There is no such contact");
    return chirp_reply_error(req, err);
}

/* ---- the database -------------------------------------------------------------------------- */

static kida_status
find(chirp_request *req, contact *out, kida_error *err)
{
    int64_t id = 0;
    kida_status st = chirp_param_int(req, "id", &id);
    return st == KIDA_OK ? chirp_db_select_one(chirp_db_of(req), NULL, &contact_type,
                                               "SELECT * FROM contacts WHERE id = ?",
                                               CHIRP_ARGS(kida_int(id)), out, err)
                         : st;
}

/* Inserts a contact without an id, updates any other. An address that is there already becomes an
 * error of the form. */
static kida_status
save(chirp_request *req, const contact *c, chirp_form_data *form, kida_error *err)
{
    static const char insert[] = "INSERT INTO contacts (name, email, phone) VALUES (?1, ?2, ?3)";
    static const char update[] = "UPDATE contacts SET name = ?1, email = ?2, phone = ?3"
                                 " WHERE id = ?4";
    const kida_value values[] = { kida_string(c->name), kida_string(c->email),
                                  kida_string(c->phone), kida_int(c->id) };
    chirp_args args = { values, c->id ? 4 : 3 };
    kida_status st = chirp_db_exec(chirp_db_of(req), c->id ? update : insert, args, NULL, err);
    if (st != KIDA_E_CONSTRAINT)
        return st;
    chirp_form_error(form, "email", "Somebody has this address already");
    return KIDA_OK;
}

/* All contacts, their number, and a form. */
static kida_status
page_context(chirp_request *req, const chirp_form_data *form, kida_value *out, kida_error *err)
{
    chirp_rows rows;
    kida_value contacts;
    kida_status st = chirp_db_select(chirp_db_of(req), NULL, &contact_type,
                                     "SELECT * FROM contacts ORDER BY name COLLATE NOCASE, id",
                                     CHIRP_NO_ARGS, &rows, err);
    if (st == KIDA_OK)
        st = chirp_rows_value(chirp_pool(req), &rows, &contacts);
    if (st == KIDA_OK)
        st = kida_context(chirp_pool(req), out, "contacts", contacts, "count",
                          kida_int((int64_t)rows.count), NULL);
    if (st == KIDA_OK)
        st = chirp_form_context(form, out);
    err->status = st;
    return st;
}

/* The same with an empty form. */
static kida_status
fresh_context(chirp_request *req, kida_value *out, kida_error *err)
{
    chirp_form_data form;
    contact blank = { .name = KIDA_S("") };
    kida_status st = chirp_form_fill(req, &contact_form, &blank, &form);
    err->status = st;
    return st == KIDA_OK ? page_context(req, &form, out, err) : st;
}

/* ---- pages --------------------------------------------------------------------------------- */

static chirp_reply *
index_page(chirp_request *req, void *user)
{
    (void)user;
    kida_value context;
    kida_error err = { 0 };
    kida_status st = fresh_context(req, &context, &err);
    return st == KIDA_OK ? chirp_reply_page(req, "index.html", "list", context)
                         : failed(req, st, &err);
}

static chirp_reply *
add(chirp_request *req, void *user)
{
    (void)user;
    chirp_form_data form;
    kida_value context = kida_none();
    kida_error err = { 0 };
    contact draft = { .phone = KIDA_S("") };
    kida_status st = KIDA_OK;
    if (chirp_form_bind(req, &contact_form, &draft, &form))
        st = save(req, &draft, &form, &err);
    if (st == KIDA_OK && !form.is_valid && form.status == KIDA_OK)
        st = page_context(req, &form, &context, &err);
    else if (st == KIDA_OK && form.is_valid)
        st = fresh_context(req, &context, &err);
    if (st != KIDA_OK)
        return failed(req, st, &err);
    if (!form.is_valid)
        return chirp_reply_form(req, "index.html", "entry", &form, context);
    const chirp_fragment parts[] = {
        { .name = "index.html", .block = "entry", .context = context },
        { .name = "index.html", .block = "list", .context = context, .swap = "innerHTML" },
        { .name = "index.html", .block = "count", .context = context, .swap = "innerHTML" },
    };
    return chirp_reply_mutation(req, "/", NULL, parts, 3);
}

/* One contact, as the list shows it. */
static chirp_reply *
item(chirp_request *req, const contact *c)
{
    kida_value context;
    if (kida_context(chirp_pool(req), &context, "contact", kida_from_struct(&contact_type, c),
                     NULL) != KIDA_OK)
        return NULL;
    return chirp_reply_template(req, "item.html", context);
}

static chirp_reply *
show(chirp_request *req, void *user)
{
    (void)user;
    kida_error err = { 0 };
    contact *c = chirp_alloc(req, sizeof(*c)); /* rendered after this function has returned */
    kida_status st = c ? find(req, c, &err) : KIDA_E_NOMEM;
    if (st != KIDA_OK)
        return failed(req, st, &err);
    return chirp_is_fragment(req) ? item(req, c) : chirp_reply_redirect(req, "/");
}

/* The editor: GET shows what is there, POST takes what was sent. */
static chirp_reply *
edit(chirp_request *req, void *user)
{
    (void)user;
    chirp_form_data form;
    kida_value context;
    kida_error err = { 0 };
    contact *c = chirp_alloc(req, sizeof(*c));
    bool sent = kida_str_equal(chirp_method(req), KIDA_S("POST"));
    kida_status st = c ? find(req, c, &err) : KIDA_E_NOMEM;
    if (st == KIDA_OK && !sent)
        st = chirp_form_fill(req, &contact_form, c, &form);
    else if (st == KIDA_OK && chirp_form_bind(req, &contact_form, c, &form))
        st = save(req, c, &form, &err);
    if (st == KIDA_OK)
        st = kida_context(chirp_pool(req), &context, "id", kida_int(c->id), NULL);
    if (st != KIDA_OK)
        return failed(req, st, &err);
    if (sent && form.is_valid)
        return chirp_is_fragment(req) ? item(req, c) : chirp_reply_done(req, "/");
    if (sent)
        return chirp_reply_form(req, "edit.html", "editor", &form, context);
    return chirp_form_context(&form, &context) == KIDA_OK
               ? chirp_reply_page(req, "edit.html", "editor", context)
               : NULL;
}

static chirp_reply *
delete(chirp_request *req, void *user)
{
    (void)user;
    contact gone;
    kida_value context;
    kida_error err = { 0 };
    kida_status st = find(req, &gone, &err);
    if (st == KIDA_OK)
        st = chirp_db_exec(chirp_db_of(req), "DELETE FROM contacts WHERE id = ?",
                           CHIRP_ARGS(kida_int(gone.id)), NULL, &err);
    if (st == KIDA_OK)
        st = fresh_context(req, &context, &err);
    if (st != KIDA_OK)
        return failed(req, st, &err);
    if (!chirp_is_fragment(req))
        return chirp_reply_done(req, "/");
    /* Nothing takes the place of the contact; only the number changes elsewhere. */
    const chirp_fragment count = { .name = "index.html", .block = "count", .context = context,
                                   .swap = "innerHTML" };
    return chirp_reply_oob(req, chirp_reply_html(req, KIDA_S("")), &count, 1);
}

int
main(void)
{
    kida_error err;
    chirp_config config;
    chirp_app *app = NULL;
    kida_error_init(&err);
    chirp_config_init(&config);
    config.database_url = "sqlite:///contacts.db";
    config.migrations_dir = "migrations";
    if (chirp_config_from_env(&config, NULL, &err) == KIDA_OK)
        app = chirp_app_new(&config, &err);
    if (app) {
        chirp_use_db(app, NULL, NULL); /* a failure of set-up is reported by chirp_run */
        chirp_route(app, "GET", "/", index_page, NULL);
        chirp_route(app, "POST", "/contacts", add, NULL);
        chirp_route(app, "GET", "/contacts/{id:int}", show, NULL);
        chirp_route(app, "GET", "/contacts/{id:int}/edit", edit, NULL);
        chirp_route(app, "POST", "/contacts/{id:int}", edit, NULL);
        chirp_route(app, "POST", "/contacts/{id:int}/delete", delete, NULL);
    }
    if (!app || chirp_run(app, &err) != KIDA_OK)
        fprintf(stderr, "contacts: %s\n", err.message);
    chirp_app_free(app);
    return err.status == KIDA_OK ? 0 : 1;
}
