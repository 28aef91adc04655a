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
    add_streams(fx.app, "/tmp");
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    t_app_close(&fx);
    chirp_hub_free(news);
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
    assert_int_equal(chirp_test_wait(other, "hello", 1000, &answer), KIDA_OK);
    T_BODY(&answer, "event: news\ndata: hello\n\n");
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
        cmocka_unit_test_setup_teardown(bodies, setup, teardown),
    };
    return cmocka_run_group_tests_name("docs/streaming", tests, NULL, NULL);
}
