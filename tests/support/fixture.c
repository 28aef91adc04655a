/* SPDX-License-Identifier: MIT */
/* fixture.c - an environment on the counting allocator, and rendering in one call. */
#include "t.h"

#include <stdlib.h>

#define OUT_MAX (64u << 20)

int
t_setup(void **state)
{
    t_fixture *fx = calloc(1, sizeof(*fx));
    if (fx == NULL)
        return -1;
    kida_config_init(&fx->config);
    fx->config.allocator = t_counting_allocator(&fx->counter);
    fx->config.hash_seed = 1;
    kida_buf_init_heap(&fx->out, NULL, OUT_MAX);
    *state = fx;
    return 0;
}

int
t_teardown(void **state)
{
    t_fixture *fx = *state;
    int result = 0;

    t_reset(fx);
    kida_buf_free(&fx->out);
    if (fx->counter.live_bytes != 0 || fx->counter.live_blocks != 0) {
        print_error("memory is left: %zu bytes in %zu blocks\n", fx->counter.live_bytes,
                    fx->counter.live_blocks);
        result = -1;
    }
    free(fx);
    return result;
}

kida_env *
t_env(t_fixture *fx)
{
    if (fx->env == NULL) {
        kida_error_init(&fx->err);
        fx->env = kida_env_new_std(&fx->config, &fx->err);
        if (fx->env == NULL)
            fail_msg("no environment: %s", fx->err.message);
    }
    return fx->env;
}

void
t_reset(t_fixture *fx)
{
    kida_env_free(fx->env);
    fx->env = NULL;
}

void
t_add(t_fixture *fx, const char *name, const char *source)
{
    kida_status st =
        kida_env_add_source(t_env(fx), kida_str_from(name), kida_str_from(source), &fx->err);
    if (st != KIDA_OK)
        fail_msg("template %s is not accepted: %s", name, fx->err.message);
}

static kida_status
collect(void *user, const char *data, size_t len)
{
    kida_buf *out = user;
    kida_str span = { data, len };
    kida_buf_put(out, span);
    return kida_buf_status(out);
}

/* What a test compares: the output, or the code of the failure. */
static const char *
outcome(t_fixture *fx)
{
    if (fx->status != KIDA_OK)
        return kida_status_code(fx->status);
    kida_buf_byte(&fx->out, '\0');
    return kida_buf_str(&fx->out).ptr;
}

static void
start(t_fixture *fx)
{
    (void)t_env(fx);
    kida_error_init(&fx->err);
    kida_buf_free(&fx->out);
    kida_buf_init_heap(&fx->out, NULL, OUT_MAX);
}

const char *
t_render(t_fixture *fx, const char *source, const char *json_context)
{
    kida_str json = kida_str_from(json_context != NULL ? json_context : "{}");

    start(fx);
    kida_template *tpl =
        kida_env_from_source(fx->env, KIDA_S("test.html"), kida_str_from(source), &fx->err);
    if (tpl != NULL)
        fx->status = kida_render_json(tpl, json, collect, &fx->out, &fx->err);
    else
        fx->status = fx->err.status;
    kida_template_drop(tpl);
    return outcome(fx);
}

const char *
t_render_named(t_fixture *fx, const char *name, kida_value context)
{
    start(fx);
    kida_template *tpl = kida_env_get(fx->env, kida_str_from(name), &fx->err);
    if (tpl != NULL)
        fx->status = kida_render(tpl, context, NULL, collect, &fx->out, &fx->err);
    else
        fx->status = fx->err.status;
    kida_template_drop(tpl);
    return outcome(fx);
}
