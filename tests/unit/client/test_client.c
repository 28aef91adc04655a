/* SPDX-License-Identifier: MIT */
/* test_client.c - the client without a socket: what it sends, how it reads, what its checks say. */
#define _GNU_SOURCE
#include "t.h"

#include <chirp/chirp.h>

static chirp_reply *
tell(chirp_request *req, void *user)
{
    (void)user;
    kida_str method = chirp_method(req);
    kida_str body = chirp_body(req);
    kida_str host = chirp_host(req);
    kida_str client = chirp_client(req);
    return chirp_reply_textf(req, "%.*s %.*s %.*s %.*s %.*s", (int)method.len, method.ptr,
                             (int)host.len, host.ptr, (int)client.len, client.ptr,
                             (int)chirp_query(req, "q").len, chirp_query(req, "q").ptr,
                             (int)body.len, body.ptr);
}

static chirp_reply *
form(chirp_request *req, void *user)
{
    (void)user;
    kida_str name = chirp_form(req, "name");
    return chirp_reply_textf(req, "[%.*s]", (int)name.len, name.ptr);
}

static chirp_reply *
worker_value(chirp_request *req, void *user)
{
    (void)user;
    const int *number = chirp_worker_get(chirp_worker_of(req), "number");
    return chirp_reply_textf(req, "%d", number ? *number : -1);
}

static int values_freed;

static void
free_value(void *ptr)
{
    (void)ptr;
    values_freed++;
}

static kida_status
set_value(chirp_worker *worker, void *user, kida_error *err)
{
    (void)err;
    return chirp_worker_set(worker, "number", user, free_value);
}

typedef struct fixture {
    t_counter counter;
    int number;
    chirp_app *app;
    chirp_test_client *client;
} fixture;

static int
setup(void **state)
{
    static fixture fx;
    memset(&fx, 0, sizeof(fx));
    fx.number = 42;
    *state = &fx;
    chirp_config config;
    kida_error err;
    chirp_config_init(&config);
    config.access_log = false;
    config.allocator = t_counting_allocator(&fx.counter);
    fx.app = chirp_app_new(&config, &err);
    if (!fx.app)
        return -1;
    chirp_route(fx.app, "GET|POST|PUT", "/tell", tell, NULL);
    chirp_route(fx.app, "POST", "/form", form, NULL);
    chirp_route(fx.app, "GET", "/value", worker_value, NULL);
    chirp_on_worker_startup(fx.app, set_value, &fx.number);
    fx.client = chirp_test_new(fx.app, &err);
    return fx.client ? 0 : -1;
}

static int
teardown(void **state)
{
    fixture *fx = *state;
    chirp_test_free(fx->client);
    chirp_app_free(fx->app);
    return fx->counter.live_bytes == 0 ? 0 : -1;
}

static void
row_12_requests_arrive_as_sent(void **state)
{
    fixture *fx = *state;
    chirp_answer got;
    static const char *const host[] = { "Host", "Example.ORG:8000", NULL };
    assert_int_equal(chirp_test_get(fx->client, "/tell?q=a%20b", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_BODY(&got, "GET testserver 127.0.0.1 a b "));
    assert_int_equal(chirp_test_request(fx->client, "PUT", "/tell", host, KIDA_S("body"), &got),
                     KIDA_OK);
    assert_true(CHIRP_CHECK_BODY(&got, "PUT example.org 127.0.0.1  body"));
    assert_int_equal(chirp_test_post(fx->client, "/form", "name=J%C3%B6rg+B", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_BODY(&got, "[J\xc3\xb6rg B]"));
}

/* Holds: a closed connection is replaced. Could break: a stale pointer after the close. */
static void
row_12_closed_connections_are_replaced(void **state)
{
    fixture *fx = *state;
    chirp_answer got;
    static const char *const close[] = { "Connection", "close", NULL };
    for (int i = 0; i < 5; i++) {
        assert_int_equal(chirp_test_request(fx->client, "GET", "/tell", close, KIDA_S(""), &got),
                         KIDA_OK);
        assert_true(got.closed);
        assert_int_equal(chirp_test_get(fx->client, "/tell", &got), KIDA_OK);
        assert_false(got.closed);
    }
}

/* Holds: a half-sent request is cleaned up when the client goes. */
static void
row_12_half_a_request_leaves_nothing(void **state)
{
    fixture *fx = *state;
    chirp_answer got;
    assert_int_equal(chirp_test_raw(fx->client,
                                    KIDA_S("POST /form HTTP/1.1\r\nHost: a\r\n"
                                           "Content-Length: 9\r\n\r\nnam"),
                                    &got),
                     KIDA_OK);
    assert_int_equal(got.raw.len, 0);
    assert_false(got.closed);
}

static void
row_1_5_worker_values_live_with_their_worker(void **state)
{
    fixture *fx = *state;
    chirp_answer got;
    values_freed = 0;
    kida_error err;
    chirp_test_client *other = chirp_test_new(fx->app, &err);
    assert_non_null(other);
    assert_int_equal(chirp_test_get(other, "/value", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_BODY(&got, "42"));
    chirp_test_free(other);
    assert_int_equal(values_freed, 1);
    assert_int_equal(chirp_test_get(fx->client, "/value", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_BODY(&got, "42"));
}

static void
row_12_checks_refuse_what_is_not_so(void **state)
{
    fixture *fx = *state;
    chirp_answer got;
    assert_int_equal(chirp_test_get(fx->client, "/value", &got), KIDA_OK);
    assert_false(CHIRP_CHECK_STATUS(&got, 404));
    assert_false(CHIRP_CHECK_BODY(&got, "43"));
    assert_false(CHIRP_CHECK_CONTAINS(&got, "43"));
    assert_false(CHIRP_CHECK_HEADER(&got, "Content-Type", "text/css"));
    assert_false(CHIRP_CHECK_HEADER(&got, "Content-Type", NULL));
    assert_true(CHIRP_CHECK_HEADER(&got, "X-None", NULL));
    assert_true(CHIRP_CHECK_FRAGMENT(&got));
    assert_false(CHIRP_CHECK_ERROR_FRAGMENT(&got, 200));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(row_12_requests_arrive_as_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(row_12_closed_connections_are_replaced, setup, teardown),
        cmocka_unit_test_setup_teardown(row_12_half_a_request_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(row_1_5_worker_values_live_with_their_worker,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(row_12_checks_refuse_what_is_not_so, setup, teardown),
    };
    return cmocka_run_group_tests_name("client/client", tests, NULL, NULL);
}
