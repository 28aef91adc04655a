/* SPDX-License-Identifier: MIT */
/* test_stream.c - chirp.md 8.1, robustness RS-7, TP-12, CN-2: bodies sent piece by piece. */
#define _GNU_SOURCE
#include "app.h"

static kida_status seen;
static unsigned cleaned;

static void
count_clean(void *ptr)
{
    (void)ptr;
    cleaned++;
}

static kida_status
three(chirp_stream *stream, void *user)
{
    (void)user;
    chirp_stream_write(stream, KIDA_S("one "));
    chirp_stream_write(stream, KIDA_S(""));
    chirp_sleep(chirp_stream_request(stream), 1);
    chirp_stream_writef(stream, "%s ", "two");
    return chirp_stream_write(stream, KIDA_S("three"));
}

static chirp_reply *
streamed(chirp_request *req, void *user)
{
    chirp_reply *reply = chirp_reply_stream(req, "text/plain; charset=utf-8", three, user);
    return chirp_reply_set_status(chirp_reply_add_header(reply, "X-Own", "1"), 201);
}

static kida_status
patient(chirp_stream *stream, void *user)
{
    (void)user;
    chirp_stream_write(stream, KIDA_S("begun"));
    seen = chirp_sleep(chirp_stream_request(stream), 60000);
    return seen;
}

static chirp_reply *
waiting(chirp_request *req, void *user)
{
    if (chirp_g_set(req, "mine", req, count_clean) != KIDA_OK)
        return NULL;
    return chirp_reply_stream(req, NULL, patient, user);
}

static kida_status
broken_late(chirp_stream *stream, void *user)
{
    (void)user;
    chirp_stream_write(stream, KIDA_S("<p>half"));
    return KIDA_E_IO;
}

static kida_status
broken_early(chirp_stream *stream, void *user)
{
    (void)stream;
    (void)user;
    return KIDA_E_IO;
}

static kida_status
empty(chirp_stream *stream, void *user)
{
    (void)stream;
    (void)user;
    return KIDA_OK;
}

static chirp_reply *
of_function(chirp_request *req, void *user)
{
    chirp_stream_fn *fn = NULL;
    memcpy(&fn, &user, sizeof(fn));
    return chirp_reply_stream(req, NULL, fn, NULL);
}

static chirp_reply *
of_template(chirp_request *req, void *user)
{
    kida_value context;
    if (kida_context(chirp_pool(req), &context, "name", kida_string(KIDA_S("<you>")), NULL) !=
        KIDA_OK)
        return NULL;
    return chirp_reply_template_stream(req, user, context);
}

static kida_status
two_templates(chirp_stream *stream, void *user)
{
    (void)user;
    kida_status st = chirp_stream_render(stream, "page.html", "part", kida_none());
    if (st == KIDA_OK)
        st = chirp_stream_write(stream, KIDA_S("|"));
    return st == KIDA_OK ? chirp_stream_render(stream, "late.html", NULL, kida_none()) : st;
}

static chirp_reply *
add_seen(chirp_request *req, chirp_next *next, void *user)
{
    (void)user;
    chirp_reply *reply = chirp_proceed(next, req);
    if (chirp_reply_is_stream(reply))
        chirp_reply_set_header(reply, "X-Streamed", "yes");
    return reply;
}

static void
route_function(t_app *fx, const char *path, chirp_stream_fn *fn)
{
    void *user = NULL;
    memcpy(&user, &fn, sizeof(fn));
    chirp_route(fx->app, "GET", path, of_function, user);
}

static int
setup(void **state)
{
    static t_app fx;
    t_app_init(&fx);
    t_app_open(&fx);
    t_app_template(&fx, "page.html", "<h1>{{ name }}</h1>{% flush %}"
                                     "{% block part %}<p>part</p>{% end %}");
    t_app_template(&fx, "late.html", "<b>{% flush %}{{ 1 // 0 }}</b>");
    t_app_template(&fx, "early.html", "{{ 1 // 0 }}");
    chirp_use(fx.app, add_seen, NULL, NULL);
    chirp_route(fx.app, "GET", "/three", streamed, NULL);
    chirp_route(fx.app, "GET", "/waiting", waiting, NULL);
    route_function(&fx, "/broken-late", broken_late);
    route_function(&fx, "/broken-early", broken_early);
    route_function(&fx, "/empty", empty);
    route_function(&fx, "/two", two_templates);
    chirp_route(fx.app, "GET", "/page", of_template, (void *)(uintptr_t) "page.html");
    chirp_route(fx.app, "GET", "/late", of_template, (void *)(uintptr_t) "late.html");
    chirp_route(fx.app, "GET", "/early", of_template, (void *)(uintptr_t) "early.html");
    *state = &fx;
    cleaned = 0;
    return 0;
}

static int
teardown(void **state)
{
    t_app_close(*state);
    return 0;
}

/* Holds: 8.1, head first, one chunk for each piece, empty pieces skipped, connection kept. */
static void
row_8_1_stream_is_chunked(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    for (int round = 0; round < 2; round++) {
        assert_int_equal(chirp_test_get(t_client(fx), "/three", &answer), KIDA_OK);
        assert_true(CHIRP_CHECK_STATUS(&answer, 201));
        assert_true(CHIRP_CHECK_HEADER(&answer, "transfer-encoding", "chunked"));
        assert_true(CHIRP_CHECK_HEADER(&answer, "content-length", NULL));
        assert_true(CHIRP_CHECK_HEADER(&answer, "x-own", "1"));
        assert_true(CHIRP_CHECK_HEADER(&answer, "x-streamed", "yes"));
        assert_true(CHIRP_CHECK_HEADER(&answer, "x-chirp-render-intent", NULL));
        T_BODY(&answer, "one two three");
        assert_true(t_holds(answer.raw, "4\r\none \r\n4\r\ntwo \r\n5\r\nthree\r\n0\r\n\r\n"));
        assert_false(answer.closed);
    }
}

/* Holds: CN-2, ES-9: HTTP/1.0 has no chunks, so the end of the connection ends the body. */
static void
cn_2_stream_for_http_1_0_ends_with_the_connection(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    assert_int_equal(chirp_test_raw(t_client(fx),
                                    KIDA_S("GET /three HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
                                    &answer),
                     KIDA_OK);
    assert_true(CHIRP_CHECK_HEADER(&answer, "transfer-encoding", NULL));
    assert_true(CHIRP_CHECK_HEADER(&answer, "connection", "close"));
    T_BODY(&answer, "one two three");
    assert_true(answer.closed);
}

/* Holds: RS-2: HEAD never calls the function. */
static void
rs_2_head_of_a_stream_has_no_body(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    assert_int_equal(chirp_test_request(t_client(fx), "HEAD", "/waiting", NULL, KIDA_S(""),
                                        &answer),
                     KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 200));
    assert_false(t_holds(answer.raw, "begun"));
    assert_int_equal(cleaned, 1);
    assert_int_equal(chirp_test_get(t_client(fx), "/empty", &answer), KIDA_OK);
    T_BODY(&answer, "");
}

/* Holds: TP-12: nothing has left yet, so the failure is an ordinary one. */
static void
tp_12_failure_before_the_first_piece_is_a_500(void **state)
{
    static const char *const paths[] = { "/broken-early", "/early" };
    t_app *fx = *state;
    chirp_answer answer;
    for (size_t i = 0; i < T_COUNT(paths); i++) {
        assert_int_equal(chirp_test_get(t_client(fx), paths[i], &answer), KIDA_OK);
        assert_true(CHIRP_CHECK_STATUS(&answer, 500));
        assert_true(CHIRP_CHECK_HEADER(&answer, "x-streamed", "yes"));
        T_BODY(&answer, "Internal Server Error");
        assert_false(answer.closed);
    }
}

/* Holds: RS-7: a body that broke off must not look whole. */
static void
rs_7_failure_after_the_head_breaks_the_connection(void **state)
{
    static const char *const paths[] = { "/broken-late", "/late" };
    t_app *fx = *state;
    chirp_answer answer;
    for (size_t i = 0; i < T_COUNT(paths); i++) {
        assert_int_equal(chirp_test_get(t_client(fx), paths[i], &answer), KIDA_E_IO);
        assert_true(CHIRP_CHECK_STATUS(&answer, 200));
        assert_true(t_holds(answer.raw, "<!-- chirp: render error -->"));
        assert_false(t_holds(answer.raw, "\r\n0\r\n\r\n"));
        assert_true(answer.closed);
    }
}

/* Holds: 8.1: a template is sent at its flush points and reads like its full render. */
static void
row_8_1_template_stream(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    assert_int_equal(chirp_test_get(t_client(fx), "/page", &answer), KIDA_OK);
    assert_true(CHIRP_CHECK_HEADER(&answer, "content-type", "text/html; charset=utf-8"));
    T_BODY(&answer, "<h1>&lt;you&gt;</h1><p>part</p>");
    assert_int_equal(chirp_test_get(t_client(fx), "/two", &answer), KIDA_E_IO);
    assert_true(t_holds(answer.raw, "<p>part</p>"));
}

/* Holds: 8.1: a client that has left ends the waiting, without anything being written. */
static void
row_8_1_disconnect_is_noticed_without_writing(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    for (int reset = 0; reset < 2; reset++) {
        seen = KIDA_OK;
        cleaned = 0;
        assert_int_equal(chirp_test_open(t_client(fx), "GET", "/waiting", NULL, KIDA_S(""),
                                         &answer),
                         KIDA_OK);
        assert_int_equal(chirp_test_wait(t_client(fx), "begun", 1000, &answer), KIDA_OK);
        assert_int_equal(cleaned, 0);
        chirp_test_leave(t_client(fx), reset == 1);
        /* the next request turns the loop, which closes the timer of the sleep */
        assert_int_equal(chirp_test_get(t_client(fx), "/three", &answer), KIDA_OK);
        assert_int_equal(seen, KIDA_E_STOPPED);
        assert_int_equal(cleaned, 1);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(row_8_1_stream_is_chunked, setup, teardown),
        cmocka_unit_test_setup_teardown(cn_2_stream_for_http_1_0_ends_with_the_connection, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(rs_2_head_of_a_stream_has_no_body, setup, teardown),
        cmocka_unit_test_setup_teardown(tp_12_failure_before_the_first_piece_is_a_500, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(rs_7_failure_after_the_head_breaks_the_connection, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(row_8_1_template_stream, setup, teardown),
        cmocka_unit_test_setup_teardown(row_8_1_disconnect_is_noticed_without_writing, setup,
                                        teardown),
    };
    return cmocka_run_group_tests_name("stream/stream", tests, NULL, NULL);
}
