/* SPDX-License-Identifier: MIT */
/* mw.h - an app with layers and a client for it; the teardown fails when memory is left. */
#ifndef T_MW_H
#define T_MW_H

#include "t.h"

#include <chirp/chirp.h>
#include <fcntl.h>
#include <strings.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct mw {
    t_counter counter;
    chirp_config config;
    chirp_app *app;
    chirp_test_client *client;
    chirp_answer answer;
    kida_error err;
} mw;

static inline int
mw_setup(void **state)
{
    mw *fx = test_calloc(1, sizeof(*fx));
    chirp_config_init(&fx->config);
    fx->config.allocator = t_counting_allocator(&fx->counter);
    fx->config.access_log = false;
    fx->config.log_level = CHIRP_LEVEL_ERROR;
    fx->config.template_dir = "";
    fx->config.static_dir = "";
    *state = fx;
    return 0;
}

/* The app, made from fx->config when first asked for. */
static inline chirp_app *
mw_app(mw *fx)
{
    if (!fx->app) {
        fx->app = chirp_app_new(&fx->config, &fx->err);
        if (!fx->app)
            fail_msg("no app: %s", fx->err.message);
    }
    return fx->app;
}

static inline chirp_test_client *
mw_client(mw *fx)
{
    if (!fx->client) {
        fx->client = chirp_test_new(mw_app(fx), &fx->err);
        if (!fx->client)
            fail_msg("no client: %s", fx->err.message);
    }
    return fx->client;
}

static inline void
mw_close(mw *fx)
{
    chirp_test_free(fx->client);
    fx->client = NULL;
    chirp_app_free(fx->app);
    fx->app = NULL;
}

static inline int
mw_teardown(void **state)
{
    mw *fx = *state;
    mw_close(fx);
    size_t left = fx->counter.live_bytes;
    test_free(fx);
    if (left > 0)
        fprintf(stderr, "%zu bytes are left\n", left);
    return left > 0 ? -1 : 0;
}

/* Sends a request; headers are pairs ended by NULL. */
static inline chirp_answer *
mw_send(mw *fx, const char *method, const char *target, const char *const *headers,
        const char *body)
{
    kida_status st = chirp_test_request(mw_client(fx), method, target, headers,
                                        kida_str_from(body), &fx->answer);
    if (st != KIDA_OK)
        fail_msg("%s %s: %s", method, target, kida_status_text(st));
    return &fx->answer;
}

#define MW_HEADERS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static inline chirp_answer *
mw_get(mw *fx, const char *target)
{
    return mw_send(fx, "GET", target, NULL, "");
}

/* First value of an answer's header as a C string; "" if it is missing. */
static inline const char *
mw_header(const mw *fx, const char *name)
{
    static char text[4096];
    kida_str value = chirp_answer_header(&fx->answer, name);
    snprintf(text, sizeof(text), "%.*s", (int)value.len, value.len > 0 ? value.ptr : "");
    return text;
}

/* Number of header lines of that name. */
static inline size_t
mw_header_count(const mw *fx, const char *name)
{
    size_t count = 0;
    char line[128];
    int len = snprintf(line, sizeof(line), "\n%s:", name);
    kida_str head = fx->answer.head;
    for (size_t i = 0; i + (size_t)len <= head.len; i++)
        count += strncasecmp(head.ptr + i, line, (size_t)len) == 0;
    return count;
}

/* A new folder of this process. */
static inline void
mw_folder(char out[64])
{
    static unsigned count;
    snprintf(out, 64, "/tmp/chirp-mw-%ld-%u", (long)getpid(), count++);
    assert_int_equal(mkdir(out, 0700), 0);
}

static inline void
mw_write(const char *folder, const char *name, const void *data, size_t len)
{
    char path[512];
    int need = snprintf(path, sizeof(path), "%s/%s", folder, name);
    assert_in_range(need, 1, sizeof(path) - 1);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

#define mw_test(function) cmocka_unit_test_setup_teardown(function, mw_setup, mw_teardown)

#endif
