/* SPDX-License-Identifier: MIT */
/* app.h - a fixture for tests of libchirp: an app on a counting allocator with templates, and an
 * in-process client. The teardown fails when a byte is left. Header only, as t_support is linked by
 * tests without libchirp too. */
#ifndef T_SUPPORT_APP_H
#define T_SUPPORT_APP_H

#include "t.h"

#include <chirp/chirp.h>

/* Members are for tests to read and change. */
typedef struct t_app {
    t_counter counter;
    chirp_config config; /* change it before t_app_open */
    chirp_app *app;
    chirp_test_client *client; /* made by t_client */
    kida_error err;
} t_app;

static inline void
t_app_init(t_app *fx)
{
    memset(fx, 0, sizeof(*fx));
    chirp_config_init(&fx->config);
    fx->config.access_log = false;
    fx->config.log_level = CHIRP_LEVEL_ERROR;
    fx->config.template_dir = "";
    fx->config.allocator = t_counting_allocator(&fx->counter);
}

static inline void
t_app_open(t_app *fx)
{
    fx->app = chirp_app_new(&fx->config, &fx->err);
    if (!fx->app)
        fail_msg("no app: %s", fx->err.message);
}

static inline void
t_app_template(t_app *fx, const char *name, const char *source)
{
    kida_status st = kida_env_add_source(chirp_app_templates(fx->app), kida_str_from(name),
                                         kida_str_from(source), &fx->err);
    if (st != KIDA_OK)
        fail_msg("template %s: %s", name, fx->err.message);
}

static inline chirp_test_client *
t_client(t_app *fx)
{
    if (!fx->client)
        fx->client = chirp_test_new(fx->app, &fx->err);
    if (!fx->client)
        fail_msg("no client: %s", fx->err.message);
    return fx->client;
}

static inline void
t_app_close(t_app *fx)
{
    chirp_test_free(fx->client);
    chirp_app_free(fx->app);
    if (fx->counter.live_bytes != 0)
        fail_msg("%zu bytes are left", fx->counter.live_bytes);
}

/* Whether text holds part. */
static inline bool
t_holds(kida_str text, const char *part)
{
    size_t len = strlen(part);
    for (size_t i = 0; i + len <= text.len; i++) {
        if (memcmp(text.ptr + i, part, len) == 0)
            return true;
    }
    return false;
}

#define T_BODY(answer, want) t_body_is(answer, want, __FILE__, __LINE__)

static inline void
t_body_is(const chirp_answer *answer, const char *want, const char *file, int line)
{
    if (!chirp_check_body(answer, want, file, line))
        fail_msg("%s:%d: another body", file, line);
}

#endif
