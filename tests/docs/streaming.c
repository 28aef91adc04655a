/* SPDX-License-Identifier: MIT */
/* streaming.c - the blocks of docs/streaming.md, which the build puts into one file, as an app. */
#define _GNU_SOURCE
#include "app.h"

#include <unistd.h>

#include "streaming_blocks.c"

static t_app fx;

static int
setup(void **state)
{
    (void)state;
    t_app_init(&fx);
    t_app_open(&fx);
    t_app_template(&fx, "long.html", "<h1>{{ title }}</h1>{% flush %}<p>end</p>");
    t_app_template(&fx, "dashboard.html",
                   "<div id=\"stats\">{% block stats %}{% if visits %}{{ visits.today }} visits"
                   "{% else %}counting{% end %}{% end %}</div>");
    t_app_template(&fx, "site.html", "<site>{% block content %}{% end %}</site>");
    t_app_template(&fx, "doc.html", "{% block text %}{{ doc.text }}{% end %}"
                                    "{% block stats %}{{ stats.words }} words{% end %}");
    add_streams(fx.app, "/tmp");
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    t_app_close(&fx);
    chirp_hub_free(news);
    chirp_bus_free(bus);
    chirp_deps_free(deps);
    return 0;
}

static void
pieces(void **state)
{
    (void)state;
    chirp_answer answer;
    assert_int_equal(chirp_test_get(t_client(&fx), "/report", &answer), KIDA_OK);
    T_BODY(&answer, "name,amount\nrow 0,0\nrow 1,1\nrow 2,4\n");
    assert_int_equal(chirp_test_get(t_client(&fx), "/long", &answer), KIDA_OK);
    T_BODY(&answer, "<h1>Long</h1><p>end</p>");
}

static void
late_blocks(void **state)
{
    (void)state;
    chirp_answer answer;
    assert_int_equal(chirp_test_fragment(t_client(&fx), "/dashboard", &answer), KIDA_OK);
    T_BODY(&answer, "<div id=\"stats\">counting</div>"
                    "<div id=\"stats\" hx-swap-oob=\"true\">42 visits</div>");
    assert_int_equal(chirp_test_get(t_client(&fx), "/here", &answer), KIDA_OK);
    assert_true(CHIRP_CHECK_CONTAINS(&answer, "<site><div id=\"stats\">counting</div></site>"
                                              "<template id=\"_chirp_d_stats\">42 visits<"));
}

static void
events(void **state)
{
    (void)state;
    chirp_answer answer;
    assert_int_equal(chirp_test_get(t_client(&fx), "/ticks", &answer), KIDA_OK);
    T_BODY(&answer, "event: chirp:sse:meta\nretry: 2000\ndata: sse-retry\n\n"
                    "event: tick\ndata: 1\n\nevent: tick\ndata: 2\n\nevent: tick\ndata: 3\n\n"
                    "event: done\ndata: complete\n\n");
}

/* The id that the hub has given; its first half is another in each run. */
static const char *
id_of(const chirp_answer *answer)
{
    static char id[32];
    const char *at = memmem(answer->body.ptr, answer->body.len, "id: ", 4);
    assert_non_null(at);
    snprintf(id, sizeof(id), "%.25s", at + 4);
    return id;
}

static const char *
hello(const chirp_answer *answer, const char *number)
{
    static char text[128];
    snprintf(text, sizeof(text), "event: news\nid: %.9s%s\ndata: hello\n\n", id_of(answer),
             number);
    return text;
}

#define HELLO(n) hello(&answer, "000000000000000" #n)

static void
events_for_many(void **state)
{
    (void)state;
    chirp_answer answer;
    chirp_test_client *other = chirp_test_new(fx.app, &fx.err);
    assert_non_null(other);
    assert_int_equal(chirp_test_open(other, "GET", "/news?topic=a", NULL, KIDA_S(""), &answer),
                     KIDA_OK);
    assert_int_equal(chirp_test_post(t_client(&fx), "/news", "topic=a&text=hello", &answer),
                     KIDA_OK);
    assert_int_equal(answer.status, 204);
    assert_int_equal(chirp_test_wait(other, "hello", 10000, &answer), KIDA_OK);
    T_BODY(&answer, HELLO(1));
    chirp_test_leave(other, false);

    /* Back again, with what was missed. */
    const char *headers[] = { "Last-Event-ID", id_of(&answer), NULL };
    assert_int_equal(chirp_test_post(t_client(&fx), "/news", "topic=a&text=hello", &answer),
                     KIDA_OK);
    assert_int_equal(chirp_test_open(other, "GET", "/news?topic=a", headers, KIDA_S(""), &answer),
                     KIDA_OK);
    assert_int_equal(chirp_test_wait(other, "hello", 10000, &answer), KIDA_OK);
    T_BODY(&answer, HELLO(2));
    chirp_test_free(other);
}

static void
pages_that_follow_their_data(void **state)
{
    (void)state;
    chirp_answer answer;
    chirp_test_client *other = chirp_test_new(fx.app, &fx.err);
    assert_non_null(other);
    words = 1;
    assert_int_equal(chirp_test_open(other, "GET", "/live?doc=a&me=x", NULL, KIDA_S(""), &answer),
                     KIDA_OK);
    assert_int_equal(chirp_test_post(t_client(&fx), "/edit", "doc=a&me=x", &answer), KIDA_OK);
    assert_int_equal(chirp_test_post(t_client(&fx), "/edit", "doc=a&me=y", &answer), KIDA_OK);
    assert_int_equal(chirp_test_wait(other, "words</div>\n\n", 10000, &answer), KIDA_OK);
    T_BODY(&answer, "event: text\ndata: <div id=\"text\" hx-swap-oob=\"true\">text</div>\n\n"
                    "event: stats\ndata: <div id=\"stats\" hx-swap-oob=\"true\">3 words</div>"
                    "\n\n");
    chirp_test_free(other);
}

static void
bodies(void **state)
{
    static const char *const headers[] = { "Content-Type", "multipart/form-data; boundary=b",
                                           NULL };
    (void)state;
    chirp_answer answer;
    char body[256], path[64];
    int len = snprintf(body, sizeof(body),
                       "--b\r\nContent-Disposition: form-data; name=\"picture\"; "
                       "filename=\"../chirp-docs-%ld\"\r\n\r\n12345\r\n--b--\r\n",
                       (long)getpid());
    kida_str text = { body, (size_t)len };
    assert_int_equal(chirp_test_request(t_client(&fx), "POST", "/upload", headers, text, &answer),
                     KIDA_OK);
    T_BODY(&answer, "5 bytes");
    snprintf(path, sizeof(path), "/tmp/chirp-docs-%ld", (long)getpid());
    assert_int_equal(unlink(path), 0);
    assert_int_equal(chirp_test_request(t_client(&fx), "POST", "/measure", NULL, text, &answer),
                     KIDA_OK);
    assert_int_equal(answer.status, 200);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pieces, setup, teardown),
        cmocka_unit_test_setup_teardown(late_blocks, setup, teardown),
        cmocka_unit_test_setup_teardown(events, setup, teardown),
        cmocka_unit_test_setup_teardown(events_for_many, setup, teardown),
        cmocka_unit_test_setup_teardown(pages_that_follow_their_data, setup, teardown),
        cmocka_unit_test_setup_teardown(bodies, setup, teardown),
    };
    return cmocka_run_group_tests_name("docs/streaming", tests, NULL, NULL);
}
