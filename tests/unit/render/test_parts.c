/* SPDX-License-Identifier: MIT */
/* test_parts.c - several blocks of one template in one render. */
#include "t.h"

typedef struct parts {
    char text[256];
    size_t len;
} parts;

static kida_status
take(void *user, const char *data, size_t len)
{
    parts *p = user;
    assert_true(p->len + len < sizeof(p->text));
    memcpy(p->text + p->len, data, len);
    p->len += len;
    return KIDA_OK;
}

static kida_status
begin(void *user, size_t part)
{
    char mark[8];
    int n = snprintf(mark, sizeof(mark), "<%u>", (unsigned)part);
    return take(user, mark, (size_t)n);
}

/* Holds: parts come in the order asked for, with the set-up of the template run once. */
static void
parts_are_rendered_in_order(void **state)
{
    (void)state;
    kida_error err;
    kida_error_init(&err);
    kida_env *env = kida_env_new_std(NULL, &err);
    kida_template *tpl = kida_env_from_source(
        env, KIDA_S("page.html"),
        KIDA_S("{% let n = x * 2 %}{% block a %}a{{ n }}{% end %}-{% block b %}b{{ n }}{% end %}"
               "{% region r(x) %}r{{ x }}{% end %}"), &err);
    assert_non_null(tpl);
    kida_renderer *renderer = kida_renderer_new(env);
    assert_non_null(renderer);
    kida_value context;
    kida_render_options options;
    const kida_str names[] = { KIDA_S_INIT("b"), KIDA_S_INIT("a"), KIDA_S_INIT("r") };
    const kida_str missing[] = { KIDA_S_INIT("b"), KIDA_S_INIT("nope") };
    parts p = { .len = 0 };

    assert_int_equal(kida_context(kida_renderer_pool(renderer), &context, "x", kida_int(3), NULL),
                     KIDA_OK);
    kida_render_options_init(&options);
    options.parts = names;
    options.part_count = 3;
    options.begin_part = begin;
    assert_int_equal(kida_render_with(renderer, tpl, context, &options, take, &p, &err), KIDA_OK);
    p.text[p.len] = '\0';
    assert_string_equal(p.text, "<0>b6<1>a6<2>r3");

    assert_int_equal(kida_context(kida_renderer_pool(renderer), &context, "x", kida_int(3), NULL),
                     KIDA_OK);
    options.parts = missing;
    options.part_count = 2;
    assert_int_equal(kida_render_with(renderer, tpl, context, &options, take, &p, &err),
                     KIDA_E_RUNTIME);
    kida_renderer_free(renderer);
    kida_template_drop(tpl);
    kida_env_free(env);
}

static void
expect_named(kida_renderer *renderer, const char *name, const char *want, const char *hint)
{
    kida_error err;
    parts p = { .len = 0 };
    kida_error_init(&err);
    kida_status st = kida_render_named(renderer, kida_str_from(name), kida_none(), NULL, take, &p,
                                       &err);
    p.text[p.len] = '\0';
    assert_string_equal(p.text, want);
    assert_int_equal(st, hint ? KIDA_E_NOT_FOUND : KIDA_OK);
    assert_string_equal(err.hint, hint ? hint : "");
}

/* Holds: a renderer finds templates by name, keeps them, and lets them go with the store. */
static void
templates_are_rendered_by_name(void **state)
{
    (void)state;
    kida_error err;
    kida_error_init(&err);
    kida_env *env = kida_env_new_std(NULL, &err);
    assert_int_equal(kida_env_add_source(env, KIDA_S("page.html"), KIDA_S("[{% include 'p' %}]"),
                                         &err), KIDA_OK);
    assert_int_equal(kida_env_add_source(env, KIDA_S("p"), KIDA_S("part"), &err), KIDA_OK);
    kida_renderer *renderer = kida_renderer_new(env);
    assert_non_null(renderer);
    for (int i = 0; i < 3; i++) {
        expect_named(renderer, "page.html", "[part]", NULL);
        expect_named(renderer, "pagee.html", "", "did you mean 'page.html'?");
        if (i == 1)
            kida_env_clear_templates(env);
    }
    assert_int_equal(kida_render_named(renderer, KIDA_S("p"), kida_int(1), NULL, take, NULL, &err),
                     KIDA_E_TYPE);
    kida_renderer_free(renderer);
    kida_env_free(env);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_rendered_in_order),
        cmocka_unit_test(templates_are_rendered_by_name),
    };
    return cmocka_run_group_tests_name("render/parts", tests, NULL, NULL);
}
