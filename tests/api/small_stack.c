/* SPDX-License-Identifier: MIT */
/* small_stack.c - hostile nesting on a thread with a stack of 512 KiB: robustness TP-1, TP-2, TC-1.
 * Could break: a walk over what a user nests that calls itself without a bound. */
#include "t.h"

#include <pthread.h>
#include <stdlib.h>

enum { STACK = 512 << 10, SOURCE_MAX = 4 << 20 };

#define WHOLE(source) { source, "", "", "", "" }
#define GROWN(step) \
    "{% set l = [1] %}{% for i in range(30000) %}{% export l = " step " %}{% end %}"

/* A source is head, open N times, middle, close N times, tail. */
static const struct shape {
    const char *head, *open, *middle, *close, *tail;
} shapes[] = {
    { "{{ ", "(", "1", ")", " }}" },
    { "{{ ", "[", "1", "]", " }}" },
    { "{{ ", "{'a':", "1", "}", " }}" },
    { "{{ ", "not ", "1", "", " }}" },
    { "{{ ", "- ", "1", "", " }}" },
    { "{{ ", "1 if x else ", "2", "", " }}" },
    { "{{ x", "[0]", "", "", " }}" },
    { "{{ ", "x[", "0", "]", " }}" },
    { "{{ ", "f(", "0", ")", " }}" },
    { "{{ f", "()", "", "", " }}" },
    { "{{ x", ".a", "", "", " }}" },
    { "{{ x", "|upper", "", "", " }}" },
    { "{{ x", " |> upper", "", "", " }}" },
    { "{{ 'a'", "~'a'", "", "", " }}" },
    { "{{ 1", "+1", "", "", " }}" },
    { "{{ 1", "**1", "", "", " }}" },
    { "{{ 1", " and 1", "", "", " }}" },
    { "{{ 1", " < 1", "", "", " }}" },
    { "{{ x", " ?? x", "", "", " }}" },
    { "{{ ", "[x for x in ", "[1]", "]", " }}" },
    { "{% set ", "(", "a", ")", " = 1 %}" },
    { "{% match 1 %}{% case ", "[", "a", "]", " %}{% end %}" },
    { "", "{% if x %}", "x", "{% end %}", "" },
    { "{% if x %}", "{% elif x %}", "x", "", "{% end %}" },
    { "", "{% for a in [1] %}", "x", "{% end %}", "" },
    { "", "{% capture a %}", "x", "{% end %}", "" },
    { "", "{% match 1 %}{% case 1 %}", "x", "{% end %}", "" },
    { "", "{% try %}", "x", "{% fallback %}{% end %}", "" },
    { "", "{% with a=1 %}", "x", "{% end %}", "" },
    { "{% def c() %}{% slot %}{% end %}", "{% call c() %}", "x", "{% end %}", "" },
    WHOLE("{% def f(n) %}{{ f(n + 1) }}{% end %}{{ f(0) }}"),
    WHOLE("{% def f() %}{% call f() %}{% slot %}{% end %}{% slot %}{% end %}{{ f() }}"),
    WHOLE("{% include 'deep.html' %}"),
    WHOLE("{% extends 'deep.html' %}"),
    WHOLE("{% embed 'deep.html' %}{% end %}"),
    WHOLE(GROWN("[l]") "{{ l }}"),
    WHOLE(GROWN("[l]") "{{ l == l | list }}"),
    WHOLE(GROWN("{'a': l}") "{{ l | tojson }}"),
    WHOLE(GROWN("zip(l)") "{{ l | list }}"),
    WHOLE("{% set l = [] %}{% set _ = l.append(l) %}{{ l }}{{ l | pprint }}{{ l | tojson }}"),
};

static size_t
put(char *source, size_t len, const char *text, size_t times)
{
    size_t each = strlen(text);
    for (size_t i = 0; i < times && len + each < SOURCE_MAX; i++, len += each)
        memcpy(source + len, text, each);
    return len;
}

static kida_status
swallow(void *user, const char *data, size_t len)
{
    (void)user;
    (void)data;
    (void)len;
    return KIDA_OK;
}

/* NULL, or the shape that ended in a way it must not. */
static const char *
try_shape(const struct shape *one, size_t times, char *source)
{
    kida_error err;
    kida_error_init(&err);
    size_t len = put(source, 0, one->head, 1);
    len = put(source, len, one->open, times);
    len = put(source, len, one->middle, 1);
    len = put(source, len, one->close, times);
    len = put(source, len, one->tail, 1);
    kida_env *env = kida_env_new_std(NULL, &err);
    if (env == NULL)
        return "no environment";
    kida_status st = kida_env_add_source(env, KIDA_S("deep.html"), (kida_str){ source, len }, &err);
    kida_template *tpl = st == KIDA_OK ? kida_env_get(env, KIDA_S("deep.html"), &err) : NULL;
    if (tpl != NULL)
        st = kida_render_json(tpl, KIDA_S("{\"x\": \"a\"}"), swallow, NULL, &err);
    kida_template_drop(tpl);
    kida_env_free(env);
    bool is_host = err.status != KIDA_OK && kida_status_class(err.status) == KIDA_CLASS_HOST;
    return is_host ? one->open : NULL;
}

static void *
try_all(void *arg)
{
    static const size_t depths[] = { 1, 60, 99, 199, 1000, 100000 };
    const char **bad = arg;
    char *source = malloc(SOURCE_MAX);
    for (size_t i = 0; source != NULL && i < T_COUNT(shapes) && *bad == NULL; i++) {
        for (size_t k = 0; k < T_COUNT(depths) && *bad == NULL; k++)
            *bad = try_shape(&shapes[i], depths[k], source);
    }
    free(source);
    return NULL;
}

static void
deep_sources_end_in_order(void **state)
{
    const char *bad = NULL;
    pthread_attr_t attr;
    pthread_t thread;
    (void)state;
    assert_int_equal(pthread_attr_init(&attr), 0);
    assert_int_equal(pthread_attr_setstacksize(&attr, STACK), 0);
    assert_int_equal(pthread_create(&thread, &attr, try_all, &bad), 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attr);
    if (bad != NULL)
        fail_msg("%s", bad);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(deep_sources_end_in_order) };
    return cmocka_run_group_tests_name("api/small_stack", tests, NULL, NULL);
}
