/* SPDX-License-Identifier: MIT */
/* test_sse.c - chirp.md 8.3, robustness ES-1 to ES-11: event streams of one client. */
#define _GNU_SOURCE
#include "app.h"

static kida_status seen;
static unsigned calls;

static kida_status
all_kinds(chirp_sse *sse, void *user)
{
    (void)user;
    kida_value value;
    chirp_request *req = chirp_sse_request(sse);
    chirp_event event = { .event = KIDA_S("e"), .id = KIDA_S("7"), .data = KIDA_S("x"),
                          .retry = 9 };
    kida_status st = kida_context(chirp_pool(req), &value, "a", kida_int(1), NULL);
    chirp_sse_send(sse, &event);
    chirp_sse_data(sse, KIDA_S("hi\nthere"));
    if (st == KIDA_OK)
        chirp_sse_json(sse, "j", value);
    chirp_sse_comment(sse, KIDA_S("a\nb"));
    chirp_sse_fragment(sse, "page.html", "part", NULL, kida_none());
    chirp_sse_fragment(sse, "page.html", "part", "a\"b", kida_none());
    return chirp_sse_fragment(sse, "page.html", "bad", NULL, kida_none());
}

static kida_status
lines(chirp_sse *sse, void *user)
{
    (void)user;
    static const char text[] = "\xEF\xBB\xBF" "a\rb\r\nc\n\nevent: x\xE2\x80\xA8y\0z";
    return chirp_sse_data(sse, (kida_str){ text, sizeof(text) - 1 });
}

static kida_status
bad_fields(chirp_sse *sse, void *user)
{
    (void)user;
    static const chirp_event bad[] = {
        { .event = KIDA_S_INIT("a\nb") }, { .event = KIDA_S_INIT("a\rb") },
        { .id = KIDA_S_INIT("a\nb") },    { .id = KIDA_S_INIT("a\rb") },
        { .id = KIDA_S_INIT("a\0b") },
    };
    for (size_t i = 0; i < T_COUNT(bad); i++)
        assert_int_equal(chirp_sse_send(sse, &bad[i]), KIDA_E_USAGE);
    return chirp_sse_data(sse, KIDA_S("still here"));
}

static kida_status
patient(chirp_sse *sse, void *user)
{
    (void)user;
    calls++;
    seen = chirp_sleep(chirp_sse_request(sse), 60000);
    return seen;
}

static kida_status
failing(chirp_sse *sse, void *user)
{
    (void)user;
    chirp_sse_data(sse, KIDA_S("one"));
    return KIDA_E_IO;
}

static kida_status
tell_id(chirp_sse *sse, void *user)
{
    (void)user;
    kida_str id = chirp_last_event_id(chirp_sse_request(sse));
    return chirp_sse_data(sse, chirp_given(id) ? id : KIDA_S("none"));
}

static chirp_sse_options options;

static chirp_reply *
of_function(chirp_request *req, void *user)
{
    chirp_sse_fn *fn = NULL;
    memcpy(&fn, &user, sizeof(fn));
    chirp_reply *reply = chirp_reply_sse(req, fn, NULL, &options);
    return chirp_reply_is_failure(reply) ? reply : chirp_reply_set_status(reply, 201);
}

static void
route(t_app *fx, const char *path, chirp_sse_fn *fn)
{
    void *user = NULL;
    memcpy(&user, &fn, sizeof(fn));
    chirp_route(fx->app, "GET", path, of_function, user);
}

/* Turns the loop meanwhile. */
static chirp_reply *
plain(chirp_request *req, void *user)
{
    (void)user;
    chirp_sleep(req, 1);
    return chirp_reply_text(req, KIDA_S("plain"));
}

static bool debug;

static int
setup(void **state)
{
    static t_app fx;
    t_app_init(&fx);
    fx.config.debug = debug;
    fx.config.max_connections = 4;
    fx.config.workers = 1;
    t_app_open(&fx);
    t_app_template(&fx, "page.html", "{% block part %}\n<p>\n1</p>{% end %}"
                                     "{% block bad %}{{ 1 // 0 }}{% end %}");
    route(&fx, "/all", all_kinds);
    route(&fx, "/lines", lines);
    route(&fx, "/bad", bad_fields);
    route(&fx, "/patient", patient);
    route(&fx, "/failing", failing);
    route(&fx, "/id", tell_id);
    chirp_route(fx.app, "GET", "/plain", plain, NULL);
    options = (chirp_sse_options){ 0 };
    seen = KIDA_OK;
    calls = 0;
    *state = &fx;
    return 0;
}

static int
teardown(void **state)
{
    t_app_close(*state);
    return 0;
}

/* Holds: ES-1: the head, exactly, and at once. */
static void
es_1_head_of_an_event_stream(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    assert_int_equal(chirp_test_open(t_client(fx), "GET", "/patient", NULL, KIDA_S(""), &answer),
                     KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 200));
    assert_true(CHIRP_CHECK_HEADER(&answer, "content-type", "text/event-stream; charset=utf-8"));
    assert_true(CHIRP_CHECK_HEADER(&answer, "cache-control", "no-cache"));
    assert_true(CHIRP_CHECK_HEADER(&answer, "x-accel-buffering", "no"));
    assert_true(CHIRP_CHECK_HEADER(&answer, "content-length", NULL));
    assert_true(CHIRP_CHECK_HEADER(&answer, "access-control-allow-origin", NULL));
    assert_true(CHIRP_CHECK_HEADER(&answer, "x-request-id", NULL));
}

/* Holds: 8.3: how each kind of event reads on the wire. */
static void
row_8_3_events_on_the_wire(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    options.retry = 1500;
    options.close_event = "done";
    assert_int_equal(chirp_test_get(t_client(fx), "/all", &answer), KIDA_OK);
    T_BODY(&answer, "event: chirp:sse:meta\nretry: 1500\ndata: sse-retry\n\n"
                    "event: e\nid: 7\nretry: 9\ndata: x\n\n"
                    "data: hi\ndata: there\n\n"
                    "event: j\ndata: {\"a\":1}\n\n"
                    ": a b\n\n"
                    "event: fragment\ndata: <p>\ndata: 1</p>\n\n"
                    "event: a\"b\ndata: <div id=\"a&quot;b\" hx-swap-oob=\"true\"><p>\n"
                    "data: 1</p></div>\n\n"
                    "event: done\ndata: complete\n\n");
}

/* Holds: ES-3: no data can begin another field. */
static void
es_3_every_line_end_begins_a_data_line(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    assert_int_equal(chirp_test_get(t_client(fx), "/lines", &answer), KIDA_OK);
    static const char want[] = "data: \xEF\xBB\xBF" "a\ndata: b\ndata: c\ndata: \n"
                               "data: event: x\xE2\x80\xA8y\0z\n\n";
    assert_int_equal(answer.body.len, sizeof(want) - 1);
    assert_memory_equal(answer.body.ptr, want, sizeof(want) - 1);
}

/* Holds: ES-4: names and ids that would break a line are refused, and nothing is sent. */
static void
es_4_bad_names_and_ids_are_refused(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    assert_int_equal(chirp_test_get(t_client(fx), "/bad", &answer), KIDA_OK);
    T_BODY(&answer, "data: still here\n\n");
}

/* Holds: ES-2: a comment whenever nothing was said for the heartbeat time. */
static void
es_2_heartbeat(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    options.heartbeat = 10;
    assert_int_equal(chirp_test_open(t_client(fx), "GET", "/patient", NULL, KIDA_S(""), &answer),
                     KIDA_OK);
    assert_int_equal(chirp_test_wait(t_client(fx), ": heartbeat\n\n: heartbeat\n\n", 2000, &answer),
                     KIDA_OK);
}

/* Holds: ES-5: a client that leaves ends the function. */
static void
es_5_client_leaves(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    for (unsigned i = 0; i < 60; i++) {
        assert_int_equal(chirp_test_open(t_client(fx), "GET", "/patient", NULL, KIDA_S(""),
                                         &answer),
                         KIDA_OK);
        assert_int_equal(calls, i + 1);
        chirp_test_leave(t_client(fx), i % 2 == 1);
        assert_int_equal(chirp_test_get(t_client(fx), "/plain", &answer), KIDA_OK);
        assert_int_equal(seen, KIDA_E_STOPPED);
    }
}

/* Holds: ES-7: nothing is begun for HEAD and for clients that want no event stream. */
static void
es_7_head_and_accept(void **state)
{
    static const struct {
        const char *accept;
        unsigned status;
    } cases[] = {
        { "text/html", 406 },         { "text/event-stream;q=0", 406 },
        { "text/event-stream", 200 }, { "text/html, */*;q=0.1", 200 },
        { "text/*", 200 },
    };
    t_app *fx = *state;
    chirp_answer answer;
    assert_int_equal(chirp_test_request(t_client(fx), "HEAD", "/patient", NULL, KIDA_S(""),
                                        &answer),
                     KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 200));
    assert_int_equal(calls, 0);
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        const char *headers[] = { "Accept", cases[i].accept, NULL };
        assert_int_equal(chirp_test_request(t_client(fx), "GET", "/failing", headers, KIDA_S(""),
                                            &answer),
                         KIDA_OK);
        assert_int_equal(answer.status, cases[i].status);
    }
}

/* Holds: ES-8: Last-Event-ID is any text of up to 1 KiB. */
static void
es_8_last_event_id_is_opaque(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    char large[1026];
    memset(large, 'x', sizeof(large) - 1);
    large[sizeof(large) - 1] = 0;
    const char *ids[] = { "-5", "\xff\xfe", "a b", large };
    const char *want[] = { "data: -5\n\n", "data: \xff\xfe\n\n", "data: a b\n\n",
                           "data: none\n\n" };
    for (size_t i = 0; i < T_COUNT(ids); i++) {
        const char *headers[] = { "Last-Event-ID", ids[i], NULL };
        assert_int_equal(chirp_test_request(t_client(fx), "GET", "/id", headers, KIDA_S(""),
                                            &answer),
                         KIDA_OK);
        T_BODY(&answer, want[i]);
    }
}

/* Holds: ES-9: no chunks for HTTP/1.0. */
static void
es_9_http_1_0(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    assert_int_equal(chirp_test_raw(t_client(fx), KIDA_S("GET /id HTTP/1.0\r\n\r\n"), &answer),
                     KIDA_OK);
    assert_true(CHIRP_CHECK_HEADER(&answer, "transfer-encoding", NULL));
    T_BODY(&answer, "data: none\n\n");
    assert_true(answer.closed);
}

/* Holds: ES-10: a stopping worker ends its streams, and says when to come back. */
static void
es_10_shutdown(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    options.close_event = "bye";
    assert_int_equal(chirp_test_open(t_client(fx), "GET", "/patient", NULL, KIDA_S(""), &answer),
                     KIDA_OK);
    chirp_test_stop(t_client(fx));
    assert_int_equal(chirp_test_wait(t_client(fx), NULL, 1000, &answer), KIDA_OK);
    assert_int_equal(seen, KIDA_E_STOPPED);
    assert_true(t_holds(answer.body, "retry: "));
    assert_true(t_holds(answer.body, "event: bye\ndata: complete\n\n"));
    chirp_test_run(t_client(fx), 50);
}

/* Holds: 8.3: a function that fails ends its stream with an event that says so. */
static void
row_8_3_failure_is_an_event(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    assert_int_equal(chirp_test_get(t_client(fx), "/failing", &answer), KIDA_OK);
    T_BODY(&answer, "data: one\n\nevent: error\ndata: Internal server error\n\n");
}

static int
setup_debug(void **state)
{
    debug = true;
    int st = setup(state);
    debug = false;
    return st;
}

/* Holds: 8.3: in debug mode a fragment that fails says so in its place, and the stream lives on. */
static void
row_8_3_fragments_fail_in_debug(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    assert_int_equal(chirp_test_get(t_client(fx), "/all", &answer), KIDA_OK);
    assert_true(CHIRP_CHECK_CONTAINS(&answer, "event: error\ndata: <div class=\"chirp-block-error\""
                                              " data-block=\"bad\">page.html:"));
    assert_int_equal(chirp_test_get(t_client(fx), "/failing", &answer), KIDA_OK);
    assert_true(CHIRP_CHECK_CONTAINS(&answer, "event: error\ndata: input or output failed"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(es_1_head_of_an_event_stream, setup, teardown),
        cmocka_unit_test_setup_teardown(row_8_3_events_on_the_wire, setup, teardown),
        cmocka_unit_test_setup_teardown(es_3_every_line_end_begins_a_data_line, setup, teardown),
        cmocka_unit_test_setup_teardown(es_4_bad_names_and_ids_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(es_2_heartbeat, setup, teardown),
        cmocka_unit_test_setup_teardown(es_5_client_leaves, setup, teardown),
        cmocka_unit_test_setup_teardown(es_7_head_and_accept, setup, teardown),
        cmocka_unit_test_setup_teardown(es_8_last_event_id_is_opaque, setup, teardown),
        cmocka_unit_test_setup_teardown(es_9_http_1_0, setup, teardown),
        cmocka_unit_test_setup_teardown(es_10_shutdown, setup, teardown),
        cmocka_unit_test_setup_teardown(row_8_3_failure_is_an_event, setup, teardown),
        cmocka_unit_test_setup_teardown(row_8_3_fragments_fail_in_debug, setup_debug, teardown),
    };
    return cmocka_run_group_tests_name("sse/sse", tests, NULL, NULL);
}
