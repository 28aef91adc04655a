/* SPDX-License-Identifier: MIT */
/* test_conn.c - connections: order, keep-alive, refusals, waiting, memory. */
#define _GNU_SOURCE
#include "t.h"

#include <chirp/chirp.h>
#include <unistd.h>

static chirp_reply *
hello(chirp_request *req, void *user)
{
    (void)user;
    assert_ptr_equal(chirp_current_request(), req);
    return chirp_reply_text(req, KIDA_S("hello"));
}

static chirp_reply *
echo(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_text(req, chirp_body(req));
}

static chirp_reply *
slow(chirp_request *req, void *user)
{
    (void)user;
    kida_status st = chirp_sleep(req, 5);
    assert_ptr_equal(chirp_current_request(), req);
    return st == KIDA_OK ? chirp_reply_text(req, KIDA_S("slept")) : NULL;
}

static void
set_to_seven(void *arg)
{
    usleep(1000);
    *(int *)arg = 7;
}

static chirp_reply *
offloaded(chirp_request *req, void *user)
{
    (void)user;
    int number = 0;
    if (chirp_offload(req, set_to_seven, &number) != KIDA_OK)
        return NULL;
    return chirp_reply_textf(req, "%d", number);
}

static chirp_reply *
forever(chirp_request *req, void *user)
{
    kida_status *seen = user;
    *seen = chirp_sleep(req, 60000);
    return chirp_reply_text(req, KIDA_S("too late"));
}

static chirp_reply *
large(chirp_request *req, void *user)
{
    (void)user;
    enum { SIZE = 2 << 20 };
    char *bytes = chirp_alloc(req, SIZE);
    if (!bytes)
        return NULL;
    memset(bytes, 'x', SIZE);
    return chirp_reply_text(req, (kida_str){ bytes, SIZE });
}

typedef struct fixture {
    t_counter counter;
    chirp_app *app;
    chirp_test_client *client;
    kida_status seen;
} fixture;

static int
setup(void **state)
{
    static fixture fx;
    memset(&fx, 0, sizeof(fx));
    chirp_config config;
    kida_error err;
    chirp_config_init(&config);
    config.access_log = false;
    config.log_level = CHIRP_LEVEL_ERROR;
    config.handler_timeout = 150;
    config.allocator = t_counting_allocator(&fx.counter);
    fx.app = chirp_app_new(&config, &err);
    if (!fx.app)
        return -1;
    chirp_route(fx.app, "GET", "/", hello, NULL);
    chirp_route(fx.app, "POST", "/echo", echo, NULL);
    chirp_route(fx.app, "GET", "/slow", slow, NULL);
    chirp_route(fx.app, "GET", "/offload", offloaded, NULL);
    chirp_route(fx.app, "GET", "/forever", forever, &fx.seen);
    chirp_route(fx.app, "GET", "/large", large, NULL);
    fx.client = chirp_test_new(fx.app, &err);
    *state = &fx;
    return fx.client ? 0 : -1;
}

static int
teardown(void **state)
{
    fixture *fx = *state;
    chirp_test_free(fx->client);
    chirp_app_free(fx->app);
    if (fx->counter.live_bytes != 0)
        print_error("%zu bytes are left\n", fx->counter.live_bytes);
    return fx->counter.live_bytes == 0 ? 0 : -1;
}

static size_t
count(kida_str text, const char *part)
{
    size_t found = 0;
    const char *at = text.ptr;
    size_t left = text.len;
    const char *hit;
    while (left > 0 && (hit = memmem(at, left, part, strnlen(part, 100))) != NULL) {
        found++;
        left -= (size_t)(hit + 1 - at);
        at = hit + 1;
    }
    return found;
}

/* Holds: CN-3, CN-1: answers in order, also behind a handler that waits; nothing after close. */
static void
pipelined_requests_are_answered_in_order(void **state)
{
    fixture *fx = *state;
    chirp_answer got;
    kida_str bytes = KIDA_S("GET / HTTP/1.1\r\nHost: a\r\n\r\n"
                            "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"
                            "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"
                            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
                            "Connection: close\r\n\r\nabc"
                            "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(chirp_test_raw(fx->client, bytes, &got), KIDA_OK);
    assert_int_equal(count(got.raw, "HTTP/1.1 200"), 4);
    assert_int_equal(count(got.raw, "slept"), 1);
    assert_int_equal(count(got.raw, "hello"), 1); /* HEAD has none */
    assert_int_equal(count(got.raw, "content-length: 5"), 3);
    assert_int_equal(count(got.raw, "connection: close"), 1);
    assert_memory_equal(got.raw.ptr + got.raw.len - 3, "abc", 3);
    assert_true(got.closed);
}

/* Holds: CN-4: what is good is answered, then one refusal, then nothing. */
static void
refusal_ends_the_connection(void **state)
{
    fixture *fx = *state;
    chirp_answer got;
    kida_str bytes = KIDA_S("GET / HTTP/1.1\r\nHost: a\r\n\r\nBAD\r\n\r\n"
                            "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(chirp_test_raw(fx->client, bytes, &got), KIDA_OK);
    assert_int_equal(count(got.raw, "HTTP/1.1 200"), 1);
    assert_int_equal(count(got.raw, "HTTP/1.1 400"), 1);
    assert_true(got.closed);
    assert_int_equal(chirp_test_get(fx->client, "/", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_BODY(&got, "hello"));
}

/* Holds: EX-1 and EX-3. */
static void
continue_is_sent_only_where_a_body_is_wanted(void **state)
{
    fixture *fx = *state;
    chirp_answer got;
    kida_str wanted = KIDA_S("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                             "Content-Length: 2\r\n\r\n");
    assert_int_equal(chirp_test_raw(fx->client, wanted, &got), KIDA_OK);
    assert_string_equal(got.raw.len > 0 ? "sent" : "", "sent");
    assert_int_equal(count(got.raw, "HTTP/1.1 100 Continue\r\n\r\n"), 1);
    assert_int_equal(chirp_test_raw(fx->client, KIDA_S("ok"), &got), KIDA_OK);
    assert_true(CHIRP_CHECK_BODY(&got, "ok"));

    kida_str refused = KIDA_S("POST /none HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                              "Content-Length: 2\r\n\r\n");
    assert_int_equal(chirp_test_raw(fx->client, refused, &got), KIDA_OK);
    assert_int_equal(count(got.raw, "HTTP/1.1 100"), 0);
    assert_true(CHIRP_CHECK_STATUS(&got, 404));
    assert_true(got.closed);
}

/* Holds: CN-5: a body that nobody wants is no request. */
static void
unwanted_body_is_no_request(void **state)
{
    fixture *fx = *state;
    chirp_answer got;
    kida_str bytes = KIDA_S("POST /none HTTP/1.1\r\nHost: a\r\nContent-Length: 27\r\n\r\n"
                            "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
                            "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(chirp_test_raw(fx->client, bytes, &got), KIDA_OK);
    assert_int_equal(count(got.raw, "HTTP/1.1 404"), 1);
    assert_int_equal(count(got.raw, "hello"), 0);
    assert_int_equal(count(got.raw, "slept"), 1);
}

static void
offload_waits_for_the_work(void **state)
{
    fixture *fx = *state;
    chirp_answer got;
    assert_int_equal(chirp_test_get(fx->client, "/offload", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_BODY(&got, "7"));
}

/* Holds: TM-6: 503, the connection ends, and the handler is told. */
static void
handler_without_answer_is_cut(void **state)
{
    fixture *fx = *state;
    chirp_answer got;
    assert_int_equal(chirp_test_get(fx->client, "/forever", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&got, 503));
    assert_true(CHIRP_CHECK_HEADER(&got, "Retry-After", "5"));
    assert_true(got.closed);
    assert_int_equal(chirp_test_get(fx->client, "/slow", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_BODY(&got, "slept"));
    assert_int_equal(fx->seen, KIDA_E_STOPPED);
}

static void
large_body_arrives_whole(void **state)
{
    fixture *fx = *state;
    chirp_answer got;
    assert_int_equal(chirp_test_get(fx->client, "/large", &got), KIDA_OK);
    assert_int_equal(got.body.len, 2 << 20);
}

/* Holds: a plain request takes no memory once the connection is warm. */
static void
plain_request_allocates_nothing(void **state)
{
    fixture *fx = *state;
    chirp_answer got;
    static const char one[] = "GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: test\r\n\r\n";
    enum { ROUNDS = 100 };
    static char many[sizeof(one) * ROUNDS];
    size_t len = 0;
    for (int i = 0; i < ROUNDS; i++, len += sizeof(one) - 1)
        memcpy(many + len, one, sizeof(one) - 1);

    /* The client's own buffer grows too, so the same bytes twice must cost the same twice, and
     * what one request costs on top is the difference to a single one: nothing. */
    assert_int_equal(chirp_test_raw(fx->client, (kida_str){ many, len }, &got), KIDA_OK);
    size_t before = fx->counter.requests;
    assert_int_equal(chirp_test_raw(fx->client, (kida_str){ one, sizeof(one) - 1 }, &got), KIDA_OK);
    size_t single = fx->counter.requests - before;
    before = fx->counter.requests;
    assert_int_equal(chirp_test_raw(fx->client, (kida_str){ many, len }, &got), KIDA_OK);
    size_t hundred = fx->counter.requests - before;
    assert_int_equal(count(got.raw, "hello"), ROUNDS);
    assert_true(hundred < single + 16); /* doublings of the client's buffer */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pipelined_requests_are_answered_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(refusal_ends_the_connection, setup, teardown),
        cmocka_unit_test_setup_teardown(continue_is_sent_only_where_a_body_is_wanted, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(unwanted_body_is_no_request, setup, teardown),
        cmocka_unit_test_setup_teardown(offload_waits_for_the_work, setup, teardown),
        cmocka_unit_test_setup_teardown(handler_without_answer_is_cut, setup, teardown),
        cmocka_unit_test_setup_teardown(large_body_arrives_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(plain_request_allocates_nothing, setup, teardown),
    };
    return cmocka_run_group_tests_name("worker/conn", tests, NULL, NULL);
}
