/* SPDX-License-Identifier: MIT */
/* main.c - login: signing up, logging in and out, pages for members.
 *
 * Shows: passwords kept as slow hashes, worked out while the thread serves others; sessions, forms
 * that other sites can't send, a lock after failed tries, a guard before a route with the way back
 * after the login, and sessions that end everywhere at once.
 *
 * Build and run, in this folder: cmake -B build && cmake --build build && build/login
 * Accounts are in login.db. Sessions are signed with CHIRP_SECRET_KEY, 32 bytes or more; without
 * it, with a key for trying.
 */
#include <chirp/chirp.h>

#include <stdio.h>

#include "login.h"

static const char trial_key[] = "not a secret: only for trying the example";

static char home_page[] = "home.html", members_page[] = "members.html";

static chirp_reply *
page(chirp_request *req, void *user)
{
    return chirp_reply_template(req, user, kida_none());
}

static chirp_reply *
log_out(chirp_request *req, void *user)
{
    (void)user;
    chirp_logout(req);
    return chirp_reply_done(req, "/");
}

/* Another version, and no session of this account is good any more. */
static chirp_reply *
log_out_everywhere(chirp_request *req, void *user)
{
    (void)user;
    kida_error err = { 0 };
    kida_value id = kida_string(chirp_current_user(req)->id);
    if (chirp_db_exec(chirp_db_of(req), "UPDATE accounts SET version = version + 1 WHERE id = ?",
                      CHIRP_ARGS(id), NULL, &err) != KIDA_OK)
        return chirp_reply_error(req, &err);
    return log_out(req, NULL);
}

/* In this order: each layer needs those before it. A failure is reported by chirp_run. */
static void
add_layers(chirp_app *app)
{
    chirp_auth_options auth;
    chirp_auth_options_init(&auth);
    auth.load_user = accounts_load;
    chirp_use_db(app, NULL, NULL);
    chirp_use_sessions(app, NULL, NULL);
    chirp_use_csrf(app, NULL, NULL);
    chirp_use_auth(app, &auth, NULL);
}

static void
add_routes(chirp_app *app)
{
    const chirp_route_def members = { .path = "/members", .handler = page,
                                      .user = members_page };
    const chirp_route_def everywhere = { .methods = "POST", .path = "/logout-everywhere",
                                         .handler = log_out_everywhere };
    chirp_route(app, "GET", "/", page, home_page);
    chirp_route(app, "POST", "/logout", log_out, NULL);
    chirp_route_guarded(app, &members, NULL, NULL);
    chirp_route_guarded(app, &everywhere, NULL, NULL);
}

int
main(void)
{
    kida_error err;
    chirp_config config;
    chirp_app *app = NULL;
    kida_error_init(&err);
    chirp_config_init(&config);
    config.secret_key = trial_key;
    config.database_url = "sqlite:///login.db";
    config.migrations_dir = "migrations";
    chirp_lockout *lockout = chirp_lockout_new(NULL, NULL, &err);
    if (lockout && chirp_config_from_env(&config, NULL, &err) == KIDA_OK)
        app = chirp_app_new(&config, &err);
    if (app) {
        add_layers(app);
        accounts_add(app, lockout);
        add_routes(app);
    }
    if (!app || chirp_run(app, &err) != KIDA_OK)
        fprintf(stderr, "login: %s\n", err.message);
    chirp_app_free(app);
    chirp_lockout_free(lockout);
    return err.status == KIDA_OK ? 0 : 1;
}
