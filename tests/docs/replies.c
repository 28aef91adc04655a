/* SPDX-License-Identifier: MIT */
/* replies.c - the blocks of docs/replies.md, which the build puts into one file, as an app. */
#define _GNU_SOURCE
#include "app.h"

#include "replies_blocks.c"

static t_app fx;

#define LIST "<ul id=\"list\"><li>tea</li><li>milk</li></ul>"
#define PAGE "\n  " LIST "\n"
#define ACTIONS "\n<div id=\"chirp-shell-actions\" hx-swap-oob=\"innerHTML\"></div>"

static int
setup(void **state)
{
    (void)state;
    t_app_init(&fx);
    fx.config.safe_target = fx.config.sse_lifecycle = false;
    fx.config.trim_blocks = fx.config.lstrip_blocks = false;
    fx.config.view_transitions = "full";
    fx.config.speculation_rules = "moderate";
    t_app_open(&fx);
    t_app_template(&fx, "items.html",
                   "<!doctype html>\n<html><head><title>Items</title></head><body>\n"
                   "<main id=\"main\">{% block page %}\n  {% block list %}<ul id=\"list\">"
                   "{% for item in items %}<li>{{ item }}</li>{% end %}</ul>{% end %}\n{% end %}"
                   "</main>\n<b id=\"count\">{% block count %}{{ items | length }}{% end %}</b>\n"
                   "</body></html>");
    t_app_template(&fx, "site.html", "<site>{% block content %}{% end %}</site>"
                                     "{% block title_oob %}{{ page ?? 'No' }} title{% end %}"
                                     "{% block same_oob %}same{% end %}");
    t_app_template(&fx, "section.html", "<section>{% block content %}{% end %}</section>");
    add_replies(fx.app);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    t_app_close(&fx);
    return 0;
}

static const char *const plain[] = { NULL };
static const char *const htmx[] = { "HX-Request", "true", NULL };
static const char *const boosted[] = { "HX-Request", "true",      "HX-Boosted", "true",
                                       "HX-Target",  "main", NULL };
static const char *const form[] = { "Content-Type", "application/x-www-form-urlencoded", NULL };
static const char *const htmx_form[] = { "HX-Request",   "true",
                                         "Content-Type", "application/x-www-form-urlencoded",
                                         NULL };

static chirp_answer answer;

static void
ask(const char *method, const char *target, const char *const *headers, const char *body)
{
    assert_int_equal(chirp_test_request(t_client(&fx), method, target, headers,
                                        kida_str_from(body), &answer), KIDA_OK);
}

static void
bodies(void **state)
{
    static const struct {
        const char *method, *target;
        const char *const *headers;
        unsigned status;
        const char *body;
    } cases[] = {
        { "GET", "/", plain, 200, "Hello, you!" },
        { "GET", "/numbers", plain, 200, "{\"ok\":true,\"count\":3}" },
        { "POST", "/picture", plain, 201, "P1 1 1 1" },
        { "GET", "/part", plain, 200, LIST },
        { "GET", "/short", plain, 200, "<p>2 items</p>" },
        { "GET", "/show", htmx, 200, PAGE },
        { "GET", "/layouts", plain, 200, "<site><section>" PAGE "</section></site>" },
        { "GET", "/layouts", htmx, 200, LIST },
        { "GET", "/layouts", boosted, 200,
          "<section>" PAGE "</section>" ACTIONS
          "\n<div id=\"title\" hx-swap-oob=\"true\">No title</div>" },
        { "POST", "/remember", htmx, 204, "" },
        { "GET", "/find", htmx, 404,
          "<div class=\"chirp-error\" data-status=\"404\">There is no item &lt;x&gt;</div>" },
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        ask(cases[i].method, cases[i].target, cases[i].headers, "");
        if (!CHIRP_CHECK_STATUS(&answer, cases[i].status) ||
            !CHIRP_CHECK_BODY(&answer, cases[i].body))
            fail_msg("%s %s", cases[i].method, cases[i].target);
    }
    ask("GET", "/show", plain, "");
    assert_true(CHIRP_CHECK_CONTAINS(&answer, "<main id=\"main\">" PAGE "</main>"));
    assert_true(CHIRP_CHECK_HEADER(&answer, "vary", "HX-Request, HX-Boosted, "
                                     "HX-History-Restore-Request, Accept-Encoding"));
}

static void
changes(void **state)
{
    (void)state;
    ask("POST", "/items", form, "item=tea");
    assert_true(CHIRP_CHECK_STATUS(&answer, 303));
    assert_true(CHIRP_CHECK_HEADER(&answer, "location", "/show"));
    ask("POST", "/items", htmx_form, "item=tea");
    T_BODY(&answer, LIST "\n<div id=\"count\" hx-swap-oob=\"true\">2</div>");
    assert_true(CHIRP_CHECK_HEADER(&answer, "hx-trigger", "itemAdded"));
    ask("POST", "/items", htmx_form, "item=");
    assert_true(CHIRP_CHECK_STATUS(&answer, 422));
    assert_true(CHIRP_CHECK_HEADER(&answer, "hx-retarget", "#form"));
}

static void
headers_and_tags(void **state)
{
    char tag[64];
    (void)state;
    ask("GET", "/tell", htmx, "");
    assert_true(CHIRP_CHECK_HEADER(&answer, "hx-trigger", "{\"saved\": true, \"count\": 2}"));
    assert_true(CHIRP_CHECK_HEADER(&answer, "hx-push-url", "/show"));
    assert_true(CHIRP_CHECK_HEADER(&answer, "hx-retarget", "#list"));
    ask("GET", "/report", plain, "");
    kida_str value = chirp_answer_header(&answer, "etag");
    snprintf(tag, sizeof(tag), "%.*s", (int)value.len, value.ptr);
    const char *const has[] = { "If-None-Match", tag, NULL };
    ask("GET", "/report", has, "");
    assert_true(CHIRP_CHECK_STATUS(&answer, 304));
}

static void
scripts(void **state)
{
    (void)state;
    ask("GET", "/whole", plain, "");
    assert_true(CHIRP_CHECK_CONTAINS(&answer, "@view-transition { navigation: auto; }"));
    assert_true(CHIRP_CHECK_CONTAINS(&answer, "\"urls\":[\"/\",\"/find\",\"/layouts\","));
    assert_true(CHIRP_CHECK_CONTAINS(&answer, "globalViewTransitions=true"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bodies, setup, teardown),
        cmocka_unit_test_setup_teardown(changes, setup, teardown),
        cmocka_unit_test_setup_teardown(headers_and_tags, setup, teardown),
        cmocka_unit_test_setup_teardown(scripts, setup, teardown),
    };
    return cmocka_run_group_tests_name("docs/replies", tests, NULL, NULL);
}
