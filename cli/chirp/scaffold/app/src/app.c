/* SPDX-License-Identifier: MIT */
/* app.c - layers, pages and routes. Pages are folders of pages/; this file adds code to them. */
#include <chirp/chirp.h>
#include <stdio.h>

#include "models.h"

/* Signs sessions as long as CHIRP_SECRET_KEY is not set, in debug mode alone. */
#define PLACEHOLDER "a placeholder that everybody knows"

/* ---- logging in and out ---------------------------------------------------------------------- */

static kida_status
load_user(chirp_request *req, kida_str id, void *user, chirp_user *out, kida_error *err)
{
    const account *found = account_by_id(id);
    (void)req, (void)user, (void)err;
    if (found == NULL)
        return KIDA_E_NOT_FOUND;
    *out = account_user(found);
    return KIDA_OK;
}

/* What the login page shows: where its sender wants to go, the name again, and what is wrong. */
static kida_status
fill_login(chirp_request *req, const char *error)
{
    kida_value context = chirp_page_context(req);
    kida_str name = chirp_form(req, "name");
    const struct {
        const char *name;
        kida_str text;
    } rows[] = {
        { "next", kida_str_from(chirp_login_next(req, "/dashboard")) },
        { "name", chirp_given(name) ? name : KIDA_S("") },
        { "error", kida_str_from(error) },
    };
    kida_status st = KIDA_OK;
    for (size_t i = 0; st == KIDA_OK && i < sizeof(rows) / sizeof(rows[0]); i++)
        st = kida_dict_set(context, kida_string(kida_str_from(rows[i].name)),
                           kida_string(rows[i].text));
    return st;
}

static chirp_reply *
show_login(chirp_request *req, void *user)
{
    (void)user;
    return fill_login(req, "") == KIDA_OK ? chirp_reply_here(req) : NULL;
}

static chirp_reply *
log_in(chirp_request *req, void *user)
{
    bool matches = false;
    kida_error err;
    (void)user;
    kida_error_init(&err);
    if (chirp_form_read(req, &err) != KIDA_OK)
        return chirp_reply_bad_form(req, &err);
    const account *found = account_by_name(chirp_form(req, "name"));
    /* For a name that nobody has, the empty hash takes as long. */
    kida_str hash = found != NULL ? kida_str_from(found->hash) : KIDA_S("");
    if (chirp_password_verify(req, chirp_form(req, "password"), hash, &matches, &err) != KIDA_OK)
        return chirp_reply_error(req, &err);
    if (found == NULL || !matches)
        return fill_login(req, "Wrong name or password") == KIDA_OK
                   ? chirp_reply_set_status(chirp_reply_here(req), 422)
                   : NULL;
    chirp_user known = account_user(found);
    if (chirp_login(req, &known) != KIDA_OK)
        return NULL;
    /* `next` is followed only to pages of this site. */
    return chirp_reply_done(req, chirp_login_next(req, "/dashboard"));
}

static chirp_reply *
log_out(chirp_request *req, void *user)
{
    (void)user;
    chirp_logout(req);
    return chirp_reply_done(req, "/");
}

/* ---- the application ------------------------------------------------------------------------- */

static const chirp_guard members = { .permissions = NULL }; /* whoever is logged in */

static const chirp_page_def pages[] = {
    { .path = "/", .name = "home", .title = "@NAME@" },
    { .path = "/login", .get = show_login, .post = log_in, .name = "login", .title = "Log in" },
    /* no-store: the back button shows nothing of it after a logout. */
    { .path = "/dashboard", .guard = &members, .cache = "no-store", .name = "dashboard",
      .title = "Dashboard" },
};

/* Runs when the application starts, not for `chirp check` or `chirp routes`. */
static kida_status
begin(chirp_app *app, void *user, kida_error *err)
{
    const chirp_config *config = chirp_app_config(app);
    kida_str key = kida_str_from(config->secret_key);
    (void)user;
    if (!config->debug && (key.len == 0 || kida_str_equal(key, KIDA_S(PLACEHOLDER)))) {
        err->status = KIDA_E_USAGE;
        snprintf(err->message, sizeof(err->message),
                 "set CHIRP_SECRET_KEY to a secret of 32 bytes or more");
        return KIDA_E_USAGE;
    }
    return models_open(err);
}

/* In this order: each layer needs those before it. */
static void
add_layers(chirp_app *app)
{
    chirp_session_options sessions;
    chirp_auth_options auth;
    chirp_session_options_init(&sessions);
    if (chirp_app_config(app)->secret_key[0] == '\0')
        sessions.secret_key = PLACEHOLDER;
    chirp_auth_options_init(&auth);
    auth.load_user = load_user;
    (void)chirp_use_sessions(app, &sessions, NULL);
    (void)chirp_use_auth(app, &auth, NULL);
    (void)chirp_use_csrf(app, NULL, NULL);
    (void)chirp_use_security_headers(app, NULL, NULL);
}

static chirp_app *
create(const chirp_config *config, kida_error *err)
{
    chirp_app *app = chirp_app_new(config, err);
    if (app == NULL)
        return NULL;
    /* A registration that fails is reported when the app starts. */
    add_layers(app);
    (void)chirp_mount_pages(app, "pages", NULL);
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
        (void)chirp_page_add(app, &pages[i], NULL);
    (void)chirp_route(app, "POST", "/logout", log_out, NULL);
    (void)chirp_on_startup(app, begin, NULL);
    return app;
}

CHIRP_MODULE(create)
