/* SPDX-License-Identifier: MIT */
/* test_suspense.c - chirp.md 8.2 and scenario 13: the shell first, late blocks as they come. */
#define _GNU_SOURCE
#include "app.h"

#include <unistd.h>

typedef struct task {
    unsigned delay; /* microseconds */
    int64_t number;
    bool fails;
} task;

static kida_status
work(void *arg, kida_pool *pool, kida_value *out, kida_error *err)
{
    const task *self = arg;
    usleep(self->delay);
    if (self->fails) {
        snprintf(err->message, sizeof(err->message), "no number");
        return KIDA_E_IO;
    }
    return kida_context(pool, out, "n", kida_int(self->number), NULL);
}

static task tasks[3];
static const char *const both = "a, both";

static chirp_reply *
page(chirp_request *req, void *user)
{
    (void)user;
    kida_value context;
    if (kida_context(chirp_pool(req), &context, "title", kida_string(KIDA_S("T")), NULL) !=
        KIDA_OK)
        return NULL;
    const chirp_deferred deferred[] = {
        { "a", work, &tasks[0], both },
        { "b", work, &tasks[1], "b,both" },
        { "c", work, &tasks[2], NULL },
    };
    return chirp_reply_suspense(req, "page.html", context, deferred, T_COUNT(deferred));
}

static chirp_reply *
nothing_late(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_suspense(req, "plain.html", kida_none(), NULL, 0);
}

static const char source[] =
    "<h1>{{ title ?? '' }}</h1>"
    "<div id=a>{% block a %}{% if a %}A{{ a.n }}{% else %}...{% end %}{% end %}</div>"
    "<div id=b>{% block b %}{% if b %}B{{ b.n }}{% else %}...{% end %}{% end %}</div>"
    "<div id=c>{% block c %}{% if c %}C{{ c.n }}{{ 1 // c.n }}{% else %}...{% end %}{% end %}</div>"
    "<div id=both>{% block both %}{% if a and b %}{{ a.n + b.n }}{% else %}...{% end %}{% end %}"
    "</div>";

static chirp_reply *
within_layouts(chirp_request *req, void *user)
{
    static const chirp_layout layout = { "layout.html", "main" };
    (void)user;
    chirp_page *what = chirp_alloc(req, sizeof(*what));
    const chirp_deferred late = { .name = "a", .work = work, .arg = &tasks[1], .blocks = "part" };
    if (!what)
        return NULL;
    *what = (chirp_page){ .name = "inner.html", .block = "part", .page_block = "",
                          .layouts = &layout, .layout_count = 1 };
    return chirp_reply_suspense_page(req, what, &late, 1);
}

static int
setup(void **state)
{
    static t_app fx;
    t_app_init(&fx);
    fx.config.csp_nonce_enabled = true;
    t_app_open(&fx);
    t_app_template(&fx, "page.html", source);
    t_app_template(&fx, "plain.html", "<p>{{ current_path }}</p>");
    chirp_route(fx.app, "GET", "/", page, NULL);
    chirp_route(fx.app, "GET", "/none", nothing_late, NULL);
    chirp_route(fx.app, "GET", "/within", within_layouts, NULL);
    t_app_template(&fx, "inner.html",
                   "[{% block part %}<i>{{ a.n if a else '...' }}</i>{% end %}]");
    t_app_template(&fx, "layout.html", "<html>{% block content %}{% end %}</html>"
                                       "{% block bar_oob %}<bar/>{% end %}");
    tasks[0] = (task){ 160000, 1, false };
    tasks[1] = (task){ 1000, 2, false };
    tasks[2] = (task){ 80000, 3, false };
    *state = &fx;
    return 0;
}

static int
teardown(void **state)
{
    t_app_close(*state);
    return 0;
}

static size_t
place(const chirp_answer *answer, const char *part)
{
    for (size_t i = 0; i + strlen(part) <= answer->body.len; i++) {
        if (memcmp(answer->body.ptr + i, part, strlen(part)) == 0)
            return i;
    }
    fail_msg("no [%s] in [%.*s]", part, (int)answer->body.len, answer->body.ptr);
    return 0;
}

/* Holds: 8.2: the shell leaves with empty values; each block follows its own values. */
static void
row_8_2_blocks_come_out_of_order(void **state)
{
    static const char *const htmx[] = { "HX-Request", "true", NULL };
    t_app *fx = *state;
    chirp_answer answer;
    assert_int_equal(chirp_test_open(t_client(fx), "GET", "/", htmx, KIDA_S(""), &answer), KIDA_OK);
    assert_int_equal(chirp_test_wait(t_client(fx), "id=both>...", 10000, &answer), KIDA_OK);
    assert_false(t_holds(answer.body, "B2"));
    assert_int_equal(chirp_test_wait(t_client(fx), NULL, 10000, &answer), KIDA_OK);
    size_t b = place(&answer, "<div id=\"b\" hx-swap-oob=\"true\">B2</div>");
    size_t c = place(&answer, "<div id=\"c\" hx-swap-oob=\"true\">C30</div>");
    size_t a = place(&answer, "<div id=\"a\" hx-swap-oob=\"true\">A1</div>");
    size_t sum = place(&answer, "<div id=\"both\" hx-swap-oob=\"true\">3</div>");
    assert_true(b < c && c < a && a < sum);
    assert_true(CHIRP_CHECK_HEADER(&answer, "vary", "HX-Request, Accept-Encoding"));
    assert_false(t_holds(answer.body, "<script"));
}

/* Holds: 8.2: browsers get a template element, directly followed by the script that places it. */
static void
row_8_2_browsers_get_template_and_script(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    assert_int_equal(chirp_test_get(t_client(fx), "/", &answer), KIDA_OK);
    place(&answer, "<template id=\"_chirp_d_b\">B2</template><script nonce=\"");
    place(&answer, "})(\"b\")</script>");
    kida_str policy = chirp_answer_header(&answer, "content-security-policy");
    char script[128];
    const char *nonce = strstr(policy.ptr, "'nonce-");
    assert_non_null(nonce);
    snprintf(script, sizeof(script), "<script nonce=\"%.*s\">", (int)strcspn(nonce + 7, "'"),
             nonce + 7);
    place(&answer, script);
}

/* Holds: scenario 13: one value fails, one block fails; the others still come, the stream ends. */
static void
scenario_13_one_fails_the_others_come(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    tasks[0].fails = true;
    tasks[2].number = 0;
    assert_int_equal(chirp_test_get(t_client(fx), "/", &answer), KIDA_OK);
    place(&answer, "\n<!-- chirp:suspense error in block a -->\n");
    place(&answer, "\n<!-- chirp:suspense error in block both -->\n");
    place(&answer, "\n<!-- chirp:suspense error in block c -->\n");
    place(&answer, "<template id=\"_chirp_d_b\">B2</template>");
    assert_false(answer.closed);
}

/* Holds: 8.2, 5.5: the shell stands in the layouts that this client gets; only it does. */
static void
row_8_2_shell_within_layouts(void **state)
{
    static const char *const htmx[] = { "HX-Request", "true", NULL };
    static const char *const boosted[] = { "HX-Request", "true", "HX-Boosted", "true",
                                           "HX-Target", "main", NULL };
    static const char late[] = "<div id=\"part\" hx-swap-oob=\"true\"><i>2</i></div>";
    t_app *fx = *state;
    chirp_answer answer;
    assert_int_equal(chirp_test_get(t_client(fx), "/within", &answer), KIDA_OK);
    assert_int_equal(place(&answer, "<html>[<i>...</i>]</html><template id=\"_chirp_d_part\">"
                                    "<i>2</i></template><script nonce"), 0);
    assert_int_equal(chirp_test_request(t_client(fx), "GET", "/within", htmx, KIDA_S(""), &answer),
                     KIDA_OK);
    assert_int_equal(place(&answer, "<i>...</i><div"), 0);
    place(&answer, late);
    assert_int_equal(chirp_test_request(t_client(fx), "GET", "/within", boosted, KIDA_S(""),
                                        &answer), KIDA_OK);
    assert_int_equal(place(&answer, "<html>[<i>...</i>]</html><bar/>\n"
                                    "<div id=\"chirp-shell-actions\""), 0);
    place(&answer, late);
}

/* Holds: 8.2: without late values it is the page. */
static void
row_8_2_nothing_late_is_the_whole_page(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    assert_int_equal(chirp_test_get(t_client(fx), "/none", &answer), KIDA_OK);
    T_BODY(&answer, "<p>/none</p>");
}

/* Holds: scenario 11: the client leaves while values are worked out; nothing is used after. */
static void
scenario_11_client_leaves_meanwhile(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    tasks[0].delay = 50000;
    assert_int_equal(chirp_test_open(t_client(fx), "GET", "/", NULL, KIDA_S(""), &answer), KIDA_OK);
    assert_int_equal(chirp_test_wait(t_client(fx), "id=both>...", 10000, &answer), KIDA_OK);
    chirp_test_leave(t_client(fx), true);
    assert_int_equal(chirp_test_get(t_client(fx), "/", &answer), KIDA_OK);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(row_8_2_blocks_come_out_of_order, setup, teardown),
        cmocka_unit_test_setup_teardown(row_8_2_browsers_get_template_and_script, setup, teardown),
        cmocka_unit_test_setup_teardown(scenario_13_one_fails_the_others_come, setup, teardown),
        cmocka_unit_test_setup_teardown(row_8_2_shell_within_layouts, setup, teardown),
        cmocka_unit_test_setup_teardown(row_8_2_nothing_late_is_the_whole_page, setup, teardown),
        cmocka_unit_test_setup_teardown(scenario_11_client_leaves_meanwhile, setup, teardown),
    };
    return cmocka_run_group_tests_name("stream/suspense", tests, NULL, NULL);
}
