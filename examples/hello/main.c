/* SPDX-License-Identifier: MIT */
/* main.c - hello: one route, one template, and a greeting for whoever says a name.
 *
 * Shows: a route, the query, a context, and one reply that is a page for browsers and a fragment
 * for htmx: both come from the block `greeting`.
 *
 * Build and run, in this folder, with the libraries installed:
 *
 *     cmake -B build && cmake --build build
 *     build/hello                     # http://127.0.0.1:8000; CHIRP_PORT=9000 for another port
 */
#include <chirp/chirp.h>

#include <stdio.h>

static chirp_reply *
greet(chirp_request *req, void *user)
{
    (void)user;
    kida_value context;
    kida_str name = chirp_query(req, "name");
    /* A name that is none gives `name ?? "world"` something to do. */
    kida_value shown = name.len > 0 ? kida_string(name) : kida_none();
    if (kida_context(chirp_pool(req), &context, "name", shown, NULL) != KIDA_OK)
        return NULL;
    return chirp_reply_page(req, "index.html", "greeting", context);
}

int
main(void)
{
    kida_error err;
    chirp_config config;
    chirp_app *app = NULL;
    kida_error_init(&err);
    chirp_config_init(&config);
    if (chirp_config_from_env(&config, NULL, &err) == KIDA_OK)
        app = chirp_app_new(&config, &err);
    if (app)
        chirp_route(app, "GET", "/", greet, NULL);
    if (!app || chirp_run(app, &err) != KIDA_OK)
        fprintf(stderr, "hello: %s\n", err.message);
    chirp_app_free(app);
    return err.status == KIDA_OK ? 0 : 1;
}
