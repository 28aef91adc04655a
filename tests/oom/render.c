/* SPDX-License-Identifier: MIT */
/*
 * render.c - allocation 1, 2, 3 … fails, until everything succeeds: each failure is reported as
 * being out of memory, nothing is left behind and nothing crashes.
 */
#include "t.h"

enum { STEPS_MAX = 20000 };

static const char base[] = "<title>{% block title %}-{% end %}</title>{% block body %}{% end %}";
static const char part[] = "{% def card(name, size=1) %}<b>{{ name }}</b>{% slot %}{% end %}";
static const char page[] =
    "{% extends 'base.html' %}{% from 'part.html' import card %}"
    "{% block title %}{{ site.name | upper }}{% end %}"
    "{% block body %}{% for u in users %}{% if u.age > 10 %}{{ card(u.name) }}{% else %}"
    "{% call card(u.name) %}{{ u.age * 10000000000000000000 }}{% end %}{% end %}{% end %}"
    "{% set xs = [1, 2, 3] %}{{ xs | join(', ') }}{{ {'a': 1, 'b': [2]} }}{% end %}";
static const char context[] =
    "{\"site\":{\"name\":\"A & B\"},\"users\":[{\"name\":\"Ann\",\"age\":41},"
    "{\"name\":\"Bob\",\"age\":7}]}";

static kida_status
swallow(void *user, const char *data, size_t len)
{
    size_t *total = user;
    (void)data;
    *total += len;
    return KIDA_OK;
}

/* All that a program does, once; the first failure ends it. */
static kida_status
scenario(t_counter *counter, kida_error *err)
{
    kida_config config;
    kida_template *tpl = NULL;
    kida_str json = { context, sizeof(context) - 1 };
    size_t total = 0;

    kida_error_init(err);
    kida_config_init(&config);
    config.allocator = t_counting_allocator(counter);
    config.hash_seed = 1;
    kida_env *env = kida_env_new_std(&config, err);
    kida_status st = env != NULL ? KIDA_OK : err->status;
    if (st == KIDA_OK)
        st = kida_env_add_source(env, KIDA_S("base.html"), kida_str_from(base), err);
    if (st == KIDA_OK)
        st = kida_env_add_source(env, KIDA_S("part.html"), kida_str_from(part), err);
    if (st == KIDA_OK)
        st = kida_env_add_source(env, KIDA_S("page.html"), kida_str_from(page), err);
    if (st == KIDA_OK) {
        tpl = kida_env_get(env, KIDA_S("page.html"), err);
        st = tpl != NULL ? KIDA_OK : err->status;
    }
    if (st == KIDA_OK)
        st = kida_render_json(tpl, json, swallow, &total, err);
    kida_template_drop(tpl);
    kida_env_free(env);
    return st;
}

static void
every_allocation_may_fail_once_and_for_all(void **state)
{
    (void)state;
    for (size_t n = 1; n < STEPS_MAX; n++) {
        t_counter counter = { .fail_at = n };
        kida_error err;
        kida_status st = scenario(&counter, &err);
        if (counter.live_bytes != 0 || counter.live_blocks != 0)
            fail_msg("request %zu: %zu bytes are left", n, counter.live_bytes);
        if (st == KIDA_OK) {
            assert_true(counter.requests < n); /* it succeeded because nothing failed */
            return;
        }
        if (st != KIDA_E_NOMEM)
            fail_msg("request %zu: %s %s instead of out of memory", n, kida_status_code(st),
                     err.message);
        assert_int_equal(err.status, KIDA_E_NOMEM);
    }
    fail_msg("still failing after %d requests", (int)STEPS_MAX);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail_once_and_for_all),
    };
    return cmocka_run_group_tests_name("oom/render", tests, NULL, NULL);
}
