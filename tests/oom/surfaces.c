/* SPDX-License-Identifier: MIT */
/* surfaces.c - the other surfaces than HTML when allocation 1, 2, 3 … fails: as render.c. */
#include "t.h"

enum { STEPS_MAX = 20000 };

typedef struct surface {
    kida_autoescape mode;
    const char *page;
} surface;

static const surface surfaces[] = {
    { KIDA_ESCAPE_TERMINAL,
      "{% from 'components.txt' import box %}{% call box('T', 20) %}a\nb{% end %}{{ 'a' | red }}"
      "{{ [[1, 'x']] | table }}{{ 'a\nb' | diff('a\nc') }}{{ ('a b' | fg('#102030')) | wrap(2) }}"
      "{{ '{\"a\": 1}' | syntax }}{{ hr(9, title='T') }}{{ 0.5 | bar }}{{ (0 - 4) ** 0.5 }}" },
    { KIDA_ESCAPE_MARKDOWN,
      "{% from 'components.md' import section %}{% call section('T') %}a{% end %}"
      "{{ [[1, 'x|']] | table }}{{ 'a*' | bold | link('u') }}{{ 'x' | codeblock }}" },
};

static kida_status
swallow(void *user, const char *data, size_t len)
{
    (void)user;
    (void)data;
    (void)len;
    return KIDA_OK;
}

static kida_status
scenario(const surface *s, t_counter *counter, kida_error *err)
{
    kida_config config;
    kida_template *tpl = NULL;

    kida_error_init(err);
    kida_config_init(&config);
    config.allocator = t_counting_allocator(counter);
    config.hash_seed = 1;
    config.autoescape = s->mode;
    config.terminal_color = 3;
    kida_env *env = kida_env_new_std(&config, err);
    kida_status st = env != NULL ? KIDA_OK : err->status;
    if (st == KIDA_OK) {
        tpl = kida_env_from_source(env, KIDA_S("page"), kida_str_from(s->page), err);
        st = tpl != NULL ? KIDA_OK : err->status;
    }
    if (st == KIDA_OK)
        st = kida_render_json(tpl, KIDA_S("{}"), swallow, NULL, err);
    kida_template_drop(tpl);
    kida_env_free(env);
    return st;
}

static void
fail_each_once(const surface *s)
{
    for (size_t n = 1; n < STEPS_MAX; n++) {
        t_counter counter = { .fail_at = n };
        kida_error err;
        kida_status st = scenario(s, &counter, &err);
        if (counter.live_bytes != 0 || counter.live_blocks != 0)
            fail_msg("request %zu: %zu bytes are left", n, counter.live_bytes);
        if (st == KIDA_OK) {
            assert_true(counter.requests < n);
            return;
        }
        if (st != KIDA_E_NOMEM || err.status != KIDA_E_NOMEM)
            fail_msg("request %zu: %s %s instead of out of memory", n, kida_status_code(st),
                     err.message);
    }
    fail_msg("still failing after %d requests", (int)STEPS_MAX);
}

/* Holds: no surface hides or mistakes a failed allocation. Could break: tables made at set-up. */
static void
every_allocation_of_a_surface_may_fail(void **state)
{
    (void)state;
    for (size_t i = 0; i < T_COUNT(surfaces); i++)
        fail_each_once(&surfaces[i]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_of_a_surface_may_fail),
    };
    return cmocka_run_group_tests_name("oom/surfaces", tests, NULL, NULL);
}
