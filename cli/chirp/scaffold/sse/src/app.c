/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include <chirp/chirp.h>
#include <time.h>

/* Seconds and hundredths since some moment, as the template shows them. */
static kida_status
clock_context(chirp_request *req, kida_value *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return kida_context(chirp_pool(req), out, "seconds", kida_int((int64_t)now.tv_sec), NULL);
}

static chirp_reply *
home(chirp_request *req, void *user)
{
    kida_value context;
    (void)user;
    if (clock_context(req, &context) != KIDA_OK)
        return NULL;
    return chirp_reply_template(req, "index.html", context);
}

/* Reads from top to bottom: what waits parks this request, not its thread. */
static kida_status
tick(chirp_sse *sse, void *user)
{
    chirp_request *req = chirp_sse_request(sse);
    kida_status st = KIDA_OK;
    (void)user;
    while (st == KIDA_OK) {
        kida_value context;
        st = clock_context(req, &context);
        if (st == KIDA_OK)
            st = chirp_sse_fragment(sse, "index.html", "clock", NULL, context);
        if (st == KIDA_OK)
            st = chirp_sleep(req, 1000);
    }
    return st;
}

static chirp_reply *
stream(chirp_request *req, void *user)
{
    return chirp_reply_sse(req, tick, user, NULL);
}

static chirp_app *
create(const chirp_config *config, kida_error *err)
{
    static const char *const events[] = { "fragment", NULL };
    chirp_app *app = chirp_app_new(config, err);
    if (app == NULL)
        return NULL;
    const chirp_route_def routes[] = {
        { .path = "/", .handler = home, .name = "home", .template_name = "index.html" },
        { .path = "/stream", .handler = stream, .name = "stream", .template_name = "index.html",
          .block = "clock", .events = events },
    };
    /* A registration that fails is reported when the app starts. */
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
        (void)chirp_route_add(app, &routes[i], err);
    return app;
}

CHIRP_MODULE(create)
