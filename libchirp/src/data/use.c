/* SPDX-License-Identifier: MIT */
/* use.c - a database as a part of an app: its hooks, and a layer that ends what a handler left. */
#include "app/app.h"
#include "config/fail.h"
#include "db.h"
#include "http/request.h"

static kida_status
open_hook(chirp_app *app, void *user, kida_error *err)
{
    (void)app;
    return chirp_db_open(user, err);
}

static kida_status
close_hook(chirp_app *app, void *user, kida_error *err)
{
    (void)app;
    (void)err;
    chirp_db_close(user);
    return KIDA_OK;
}

/* A transaction must not stay open while a slow client reads the answer. */
static chirp_reply *
end_transactions(chirp_request *req, chirp_next *next, void *user)
{
    chirp_reply *reply = chirp_proceed(next, req);
    ch_db_end_owner(user, ch_db_caller());
    return reply;
}

static void
free_db(void *user)
{
    chirp_db_free(user);
}

/* Kept, so that freeze reports it to whoever did not look. */
static kida_status
keep_failure(chirp_app *app, const kida_error *failure)
{
    pthread_mutex_lock(&app->lock);
    if (app->failure.status == KIDA_OK)
        app->failure = *failure;
    pthread_mutex_unlock(&app->lock);
    return failure->status;
}

kida_status
chirp_use_db(chirp_app *app, const chirp_db_config *config, kida_error *err)
{
    chirp_db_config own;
    kida_error room;
    if (!err)
        err = &room;
    kida_error_init(err);
    if (chirp_app_is_frozen(app))
        return ch_fail(err, KIDA_E_FROZEN, "the app is frozen");
    if (app->db) {
        ch_fail(err, KIDA_E_USAGE, "the app has a database already");
        return keep_failure(app, err);
    }
    if (!config) {
        const chirp_config *settings = chirp_app_config(app);
        chirp_db_config_init(&own);
        own.url = settings->database_url;
        own.migrations = settings->migrations_dir[0] ? settings->migrations_dir : NULL;
        own.allocator = settings->allocator;
        config = &own;
    }
    chirp_db *db = chirp_db_new(config, err);
    if (!db)
        return keep_failure(app, err);
    kida_status st = chirp_use(app, end_transactions, db, free_db); /* frees it on failure */
    if (st == KIDA_OK) {
        app->db = db;
        st = chirp_on_startup(app, open_hook, db);
    }
    if (st == KIDA_OK)
        st = chirp_on_shutdown(app, close_hook, db);
    return st == KIDA_OK ? st : ch_fail(err, st, "the database could not be registered");
}

chirp_db *
chirp_app_db(const chirp_app *app)
{
    return app->db;
}

chirp_db *
chirp_db_of(const chirp_request *req)
{
    return req->app->db;
}
