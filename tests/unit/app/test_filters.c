/* SPDX-License-Identifier: MIT */
/* test_filters.c - filters and functions that an app adds: what they refuse, URLs, times. What they
 * print is in docs/templates.md and its test. */
#define _GNU_SOURCE
#include "app.h"

#include <stdio.h>
#include <time.h>

#include "app/filters.h"

static int
setup(void **state)
{
    static t_app fx;
    t_app_init(&fx);
    t_app_open(&fx);
    *state = &fx;
    return chirp_app_freeze(fx.app, &fx.err) == KIDA_OK ? 0 : -1;
}

static int
teardown(void **state)
{
    t_app_close(*state);
    return 0;
}

/* Renders source with x; the text, or the message of the error. */
static const char *
render(t_app *fx, const char *source, kida_value x)
{
    static char text[512];
    kida_env *env = chirp_app_templates(fx->app);
    kida_error err;
    kida_buf out;
    kida_error_init(&err);
    kida_buf_init_heap(&out, &fx->config.allocator, 1 << 16);
    kida_template *tpl = kida_env_from_source(env, KIDA_S("t.html"), kida_str_from(source), &err);
    kida_renderer *renderer = kida_renderer_new(env);
    kida_value context = kida_none();
    kida_status st = tpl && renderer ? KIDA_OK : KIDA_E_SYNTAX;
    if (st == KIDA_OK)
        st = kida_context(kida_renderer_pool(renderer), &context, "x", x, NULL);
    if (st == KIDA_OK)
        st = kida_render_buf(renderer, tpl, context, NULL, &out, &err);
    kida_str got = kida_buf_str(&out);
    snprintf(text, sizeof(text), "%.*s", st == KIDA_OK ? (int)got.len : (int)sizeof(text) - 1,
             st == KIDA_OK ? (got.ptr ? got.ptr : "") : err.message);
    kida_renderer_free(renderer);
    kida_template_drop(tpl);
    kida_buf_free(&out);
    return text;
}

/* Holds: a filter that can't do what it is asked says so. */
static void
row_7_2_wrong_values_are_refused(void **state)
{
    static const struct {
        const char *source, *part;
    } cases[] = {
        { "{{ 1 | bem }}", "bem wants the name of a block" },
        { "{{ 'x' | attr('a b') }}", "can't name an attribute" },
        { "{{ 'x' | attr('') }}", "can't name an attribute" },
        { "{{ {'a\"b': 1} | html_attrs }}", "can't name an attribute" },
        { "{{ {'a>': 1} | html_attrs }}", "can't name an attribute" },
        { "{{ [1] | html_attrs }}", "html_attrs wants a dict or a text" },
        { "{{ 'x' | pluralize('a') }}", "pluralize wants a number" },
        { "{{ 'x' | timeago }}", "timeago wants seconds" },
        { "{{ [1] | format_time }}", "format_time wants seconds" },
        { "{{ island_attrs('') }}", "an island needs a name" },
        { "{{ island_attrs('a', src='javascript:x') }}", "is no URL" },
    };
    t_app *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        const char *got = render(fx, cases[i].source, kida_none());
        if (!strstr(got, cases[i].part))
            fail_msg("%s: got [%s], want [%s]", cases[i].source, got, cases[i].part);
    }
}

/* Holds: ages at the borders of their units. */
static void
row_7_2_timeago(void **state)
{
    static const struct {
        int64_t age;
        const char *want;
    } cases[] = {
        { 20, "just now" },         { -500, "just now" },          { 90, "1 minute ago" },
        { 150, "2 minutes ago" },   { 3700, "1 hour ago" },        { 2 * 3600 + 60, "2 hours ago" },
        { 86400 + 60, "1 day ago" }, { 40 * 86400 + 60, "40 days ago" },
    };
    t_app *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_value at = kida_int((int64_t)time(NULL) - cases[i].age);
        const char *got = render(fx, "{{ x | timeago }}", at);
        if (strcmp(got, cases[i].want) != 0)
            fail_msg("%d: got [%s], want [%s]", (int)cases[i].age, got, cases[i].want);
    }
    assert_string_equal(render(fx, "{{ x | format_time }}", kida_int(-1)), "23:59:59");
    assert_string_equal(render(fx, "{{ x | format_time }}", kida_float(0.9)), "00:00:00");
    assert_string_equal(render(fx, "{{ x | format_time }}", kida_none()), "");
}

/* Holds: XE-6: a scheme is found as browsers find it. */
static void
xe_6_urls_are_read_as_browsers_read_them(void **state)
{
    static const struct {
        const char *url;
        bool safe;
    } cases[] = {
        { "", true },
        { "/a", true },
        { "a/b:c", true },
        { "?q=a:b", true },
        { "#a:b", true },
        { "https://example.org", true },
        { "HTTP://example.org", true },
        { "mailto:a@example.org", true },
        { "tel:+49", true },
        { "javascript:alert(1)", false },
        { "JaVaScRiPt:alert(1)", false },
        { " javascript:alert(1)", false },
        { "\x01javascript:alert(1)", false },
        { "java\tscript:alert(1)", false },
        { "java\nscript:alert(1)", false },
        { "\tjava\rscript\n:alert(1)", false },
        { "java\x01script:alert(1)", false },
        { "data:text/html,x", false },
        { "vbscript:x", false },
        { "httpsx:", false },
        { "averylongschemename:x", false },
        { ":x", false },
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        if (ch_url_is_safe(kida_str_from(cases[i].url)) != cases[i].safe)
            fail_msg("[%s] is %s", cases[i].url, cases[i].safe ? "refused" : "let through");
    }
    assert_false(ch_url_is_safe((kida_str){ "java\0script:x", 13 }));
}

static chirp_reply *
boosted(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_template(req, "chirp/layouts/boost.html", kida_none());
}

/* Holds: 7.5, 6.12: under a policy with nonces the scripts of the layouts carry the answer's. */
static void
row_7_5_layouts_carry_the_nonce(void **state)
{
    t_app fx;
    chirp_answer got;
    char wanted[160];
    (void)state;
    t_app_init(&fx);
    fx.config.csp_nonce_enabled = true;
    t_app_open(&fx);
    chirp_route(fx.app, "GET", "/", boosted, NULL);
    assert_int_equal(chirp_test_get(t_client(&fx), "/", &got), KIDA_OK);
    kida_str policy = chirp_answer_header(&got, "Content-Security-Policy");
    const char *nonce = memmem(policy.ptr, policy.len, "'nonce-", 7);
    assert_non_null(nonce);
    nonce += 7;
    int len = (int)((const char *)memchr(nonce, '\'', 100) - nonce);
    assert_true(CHIRP_CHECK_CONTAINS(&got, "integrity=\"sha384-"));
    size_t scripts = 0;
    const char *end = got.body.ptr + got.body.len, *at = got.body.ptr;
    while ((at = memmem(at, (size_t)(end - at), "<script src=", 12)) != NULL) {
        const char *close = memchr(at, '>', (size_t)(end - at));
        snprintf(wanted, sizeof(wanted), " nonce=\"%.*s\"", len, nonce);
        assert_non_null(memmem(at, (size_t)(close - at), wanted, strlen(wanted)));
        scripts++;
        at = close;
    }
    assert_int_equal(scripts, 2);
    t_app_close(&fx);
}

static kida_status
f_mine(kida_call *call, kida_value self, kida_value *out)
{
    (void)self;
    return kida_return_str(call, KIDA_S("mine"), out);
}

/* Holds: what an app registers takes the place of what comes along. */
static void
row_7_3_own_filters_and_globals_win(void **state)
{
    static const kida_filter rows[] = { { "url", f_mine, NULL, KIDA_PURE, "" },
                                        { "upper", f_mine, NULL, KIDA_PURE, "" } };
    t_app fx;
    (void)state;
    t_app_init(&fx);
    t_app_open(&fx);
    for (size_t i = 0; i < T_COUNT(rows); i++)
        assert_int_equal(chirp_template_filter(fx.app, &rows[i], NULL, NULL), KIDA_OK);
    assert_int_equal(chirp_template_global(fx.app, "shell_actions", kida_int(7)), KIDA_OK);
    assert_int_equal(chirp_app_freeze(fx.app, &fx.err), KIDA_OK);
    assert_string_equal(render(&fx, "{{ '/' | url }} {{ 'a' | upper }} {{ shell_actions }}",
                               kida_none()), "mine mine 7");
    assert_int_equal(chirp_template_filter(fx.app, &rows[0], NULL, NULL), KIDA_E_FROZEN);
    t_app_close(&fx);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(row_7_2_wrong_values_are_refused),
        cmocka_unit_test(row_7_2_timeago),
        cmocka_unit_test(row_7_3_own_filters_and_globals_win),
        cmocka_unit_test(row_7_5_layouts_carry_the_nonce),
        cmocka_unit_test(xe_6_urls_are_read_as_browsers_read_them),
    };
    return cmocka_run_group_tests_name("app/filters", tests, setup, teardown);
}
