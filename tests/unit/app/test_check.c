/* SPDX-License-Identifier: MIT */
/* test_check.c - chirp_check: a clean app, any text as a template, lack of memory. What it finds is
 * held by tests/integration/chirp-check.sh, mistake by mistake. */
#include "app.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../integration/checked/app.c"
#include "app/check.h"

static size_t found;

static void
print_issue(void *arg, const chirp_issue *issue)
{
    (void)arg;
    found++;
    if (issue->severity != KIDA_SEVERITY_INFO)
        print_error("%s %.*s:%u %s\n", issue->rule, (int)issue->file.len,
                    issue->file.ptr ? issue->file.ptr : "", (unsigned)issue->line,
                    issue->message);
}

static void
count_issue(void *arg, const chirp_issue *issue)
{
    (void)arg;
    /* Each has a name, a message and a hint. */
    if (!issue->rule[0] || !issue->message[0] || !issue->hint[0])
        fail_msg("%s: '%s' ('%s')", issue->rule, issue->message, issue->hint);
    found++;
}

static int
setup(void **state)
{
    static t_app fx;
    t_app_init(&fx);
    fx.config.template_dir = "templates";
    if (chdir(T_SOURCE_DIR "/tests/integration/checked") != 0)
        return -1;
    fx.app = create(&fx.config, &fx.err);
    *state = &fx;
    found = 0;
    return fx.app ? 0 : -1;
}

static int
teardown(void **state)
{
    t_app_close(*state);
    return chdir(T_SOURCE_DIR);
}

static void
row_10_a_clean_app_has_no_issue(void **state)
{
    t_app *fx = *state;
    chirp_check_counts counts;
    assert_int_equal(chirp_check(fx->app, print_issue, NULL, &counts, &fx->err), KIDA_OK);
    assert_int_equal(found, 0);
    assert_int_equal(counts.routes, 8);
    assert_int_equal(chirp_check(fx->app, print_issue, NULL, NULL, &fx->err), KIDA_OK);
}

/* All passes over one text as if it were a template. */
static void
walk(t_app *fx, kida_str text)
{
    ch_check check = { .app = fx->app, .each = count_issue };
    ch_source source = { .name = KIDA_S_INIT("x.html"), .file = KIDA_S_INIT("x.html"),
                         .text = text };
    check.sources = &source;
    ch_arena_init(&check.arena, &fx->app->allocator, 4096, (size_t)16 << 20);
    ch_check_gather(&check, &source);
    ch_check_gather_scope(&check, &source);
    ch_check_tags(&check, &source);
    ch_check_scope(&check, &source);
    ch_check_islands(&check, &source);
    ch_check_outputs(&check, &source);
    ch_arena_clear(&check.arena);
}

/* Holds: the walks take any text, cut anywhere: they are given what people are just typing. */
static void
row_10_any_text_is_walked(void **state)
{
    static const char text[] =
        "{% extends \"b\" %}<!-- c --><main hx-boost=true hx-target='#m' hx-select=\"#p\">"
        "{% block x %}<form method=put action=\"/items?x#y\" hx-vals='{\"a\": [1}' enctype><form>"
        "<input name={{ n }} type=file><button hx-delete=/items/7 hx-target=\"#a\" "
        "hx-swap=x hx-include=\"[a\" hx-disinherit=\"* y\">{{ url_for('it\\'s') }}</button>"
        "<div sse-connect=/live sse-swap=\"a,,b\" hx-target=this><p sse-swap=score>"
        "<i data-island=\"a b\" data-island-props='{&quot;a&quot;:1' data-island-version=\"\" "
        "data-island-primitive=grid_state data-island-src=\"javascript:x\"></i>"
        "<a href=\"javascript:x\" commandfor=q command=opne confirm_url=\"/about\" id=q id=q>"
        "<script>if (a < b) '<form>{{ n }}'</script><b onclick=\"{{ 'a' }}{{ b }}\" title={{ c }} "
        "style='{{ d | tojson }}' src=\"{{ e }}\"><style>p{}</style></p></div></form>"
        "<htmx-partial src=\"/no\">{% if request.htmx %}{# x #}{% end %}{% end %}</main>\xff<\0<a";
    t_app *fx = *state;
    assert_int_equal(chirp_app_freeze(fx->app, &fx->err), KIDA_OK);
    for (size_t len = 0; len <= sizeof(text) - 1; len++) {
        char *exact = malloc(len > 0 ? len : 1); /* so that a byte too far is noticed */
        assert_non_null(exact);
        memcpy(exact, text, len);
        walk(fx, (kida_str){ exact, len });
        memset(exact, '<', len);
        walk(fx, (kida_str){ exact, len });
        free(exact);
    }
    assert_true(found > 1000);
}

/* Holds: elements that are nested deeper than is looked at. */
static void
row_10_deep_elements_are_walked(void **state)
{
    enum { DEEP = 5000 };
    static char text[DEEP * 5 + 1];
    t_app *fx = *state;
    assert_int_equal(chirp_app_freeze(fx->app, &fx->err), KIDA_OK);
    for (size_t i = 0; i < DEEP; i++)
        memcpy(text + i * 5, i < DEEP / 2 ? "<b a>" : "</b >", 5);
    walk(fx, (kida_str){ text, DEEP * 5 });
}

/* Holds: a check without memory says so, and leaves nothing. */
static void
row_10_lack_of_memory_is_told(void **state)
{
    t_app *fx = *state;
    bool enough = false;
    assert_int_equal(chirp_app_freeze(fx->app, &fx->err), KIDA_OK);
    for (size_t nth = 1; !enough && nth < 20000; nth += nth < 50 ? 1 : nth / 4) {
        found = 0;
        fx->counter.fail_at = fx->counter.requests + nth;
        kida_status st = chirp_check(fx->app, count_issue, NULL, NULL, &fx->err);
        fx->counter.fail_at = 0;
        enough = st == KIDA_OK && found == 0;
    }
    fx->counter.fail_at = 0;
    found = 0;
    assert_int_equal(chirp_check(fx->app, print_issue, NULL, NULL, &fx->err), KIDA_OK);
    assert_int_equal(found, 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(row_10_a_clean_app_has_no_issue), TEST(row_10_any_text_is_walked),
        TEST(row_10_deep_elements_are_walked), TEST(row_10_lack_of_memory_is_told),
    };
    return cmocka_run_group_tests_name("app/check", tests, NULL, NULL);
}
