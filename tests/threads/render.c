/* SPDX-License-Identifier: MIT */
/*
 * render.c - many threads, one environment: the race to the first fetch freezes once, and renders
 * of one template from a shared context do not disturb each other. Meant for ThreadSanitizer.
 */
#define _GNU_SOURCE
#include "t.h"

#include <pthread.h>
#include <time.h>

enum { THREADS = 8, RENDER_SECONDS = 5 };

static const char page[] = "{% extends 'base.html' %}{% block body %}{% for u in users %}"
                           "<li>{{ loop.index }}. {{ u.name | upper }} ({{ u.age }})</li>"
                           "{% end %}{{ big + 1 }}{% end %}";
static const char base[] = "<ul>{% block body %}{% end %}</ul>";
static const char data[] = "{\"users\":[{\"name\":\"Ann <a>\",\"age\":41},"
                           "{\"name\":\"Bob\",\"age\":7}],\"big\":9223372036854775807}";
static const char expected[] = "<ul><li>1. ANN &lt;A&gt; (41)</li><li>2. BOB (7)</li>"
                               "9223372036854775808</ul>";

/* What a thread gets and gives. */
typedef struct job {
    pthread_t thread;
    pthread_barrier_t *start;
    kida_env *env;
    kida_template *tpl;
    kida_value context;
    kida_status status;
    size_t rounds;
    size_t wrong;
} job;

static kida_status
collect(void *user, const char *text, size_t len)
{
    kida_buf *out = user;
    kida_str span = { text, len };
    kida_buf_put(out, span);
    return kida_buf_status(out);
}

static void
run_all(job *jobs, pthread_barrier_t *start, void *(*body)(void *))
{
    for (size_t i = 0; i < THREADS; i++) {
        jobs[i].start = start;
        assert_int_equal(pthread_create(&jobs[i].thread, NULL, body, &jobs[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(jobs[i].thread, NULL), 0);
}

static void *
fetch_first(void *arg)
{
    job *mine = arg;
    kida_error err;

    kida_error_init(&err);
    pthread_barrier_wait(mine->start);
    mine->tpl = kida_env_get(mine->env, KIDA_S("page.html"), &err);
    mine->status = mine->tpl != NULL ? KIDA_OK : err.status;
    return NULL;
}

/* Freeze is double-checked: a reader that sees half of it would find no loader or crash. */
static void
threads_that_race_to_the_first_fetch_all_get_the_template(void **state)
{
    t_fixture *fx = *state;
    pthread_barrier_t start;

    for (int round = 0; round < 20; round++) {
        job jobs[THREADS] = { { .rounds = 0 } };
        t_reset(fx);
        t_add(fx, "page.html", page);
        t_add(fx, "base.html", base);
        pthread_barrier_init(&start, NULL, THREADS);
        for (size_t i = 0; i < THREADS; i++)
            jobs[i].env = fx->env;
        run_all(jobs, &start, fetch_first);
        pthread_barrier_destroy(&start);
        for (size_t i = 0; i < THREADS; i++) {
            assert_int_equal(jobs[i].status, KIDA_OK);
            kida_template_drop(jobs[i].tpl);
        }
        kida_error err;
        kida_error_init(&err);
        assert_int_equal(kida_env_add_source(fx->env, KIDA_S("x"), KIDA_S("x"), &err),
                         KIDA_E_FROZEN);
    }
}

static void *
render_for_a_while(void *arg)
{
    job *mine = arg;
    kida_renderer *renderer = kida_renderer_new(mine->env);
    kida_str want = { expected, sizeof(expected) - 1 };
    time_t end = time(NULL) + RENDER_SECONDS;
    kida_error err;

    pthread_barrier_wait(mine->start);
    while (renderer != NULL && time(NULL) < end) {
        kida_buf out;
        kida_buf_init_heap(&out, NULL, 4096);
        kida_error_init(&err);
        kida_status st =
            kida_render_with(renderer, mine->tpl, mine->context, NULL, collect, &out, &err);
        if (st != KIDA_OK || !kida_str_equal(kida_buf_str(&out), want))
            mine->wrong++;
        mine->rounds++;
        kida_buf_free(&out);
    }
    kida_renderer_free(renderer);
    return NULL;
}

/* Templates and sealed contexts are only read; a cache that fills in lazily would show here. */
static void
threads_that_share_a_template_and_a_context_render_the_same(void **state)
{
    t_fixture *fx = *state;
    job jobs[THREADS] = { { .rounds = 0 } };
    pthread_barrier_t start;
    kida_pool *pool = kida_pool_new(NULL, 0);
    kida_str json = { data, sizeof(data) - 1 };
    kida_value context;

    t_add(fx, "page.html", page);
    t_add(fx, "base.html", base);
    assert_non_null(pool);
    assert_int_equal(kida_json_parse(pool, json, &context, &fx->err), KIDA_OK);
    kida_pool_seal(pool);
    kida_template *tpl = kida_env_get(fx->env, KIDA_S("page.html"), &fx->err);
    assert_non_null(tpl);

    pthread_barrier_init(&start, NULL, THREADS);
    for (size_t i = 0; i < THREADS; i++) {
        jobs[i].env = fx->env;
        jobs[i].tpl = tpl;
        jobs[i].context = context;
    }
    run_all(jobs, &start, render_for_a_while);
    pthread_barrier_destroy(&start);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(jobs[i].wrong, 0);
        assert_true(jobs[i].rounds > 0);
    }
    kida_template_drop(tpl);
    kida_pool_free(pool);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        t_test(threads_that_race_to_the_first_fetch_all_get_the_template),
        t_test(threads_that_share_a_template_and_a_context_render_the_same),
    };
    return cmocka_run_group_tests_name("threads/render", tests, NULL, NULL);
}
