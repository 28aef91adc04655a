/* SPDX-License-Identifier: MIT */
/* test_calls.c - what tests of applications lean on: cookies, redirects, forms of requests, event
 * streams and claims about headers (section 12). */
#define _GNU_SOURCE
#include "app.h"

/* ---- an application -------------------------------------------------------------------------- */

static chirp_reply *
count_visits(chirp_request *req, void *user)
{
    (void)user;
    kida_str seen = chirp_cookie(req, "seen");
    char next[32];
    snprintf(next, sizeof(next), "%.*sx", (int)(seen.len < 20 ? seen.len : 20),
             seen.ptr ? seen.ptr : "");
    chirp_reply *reply = chirp_reply_textf(req, "[%.*s]", (int)seen.len, seen.ptr ? seen.ptr : "");
    return chirp_reply_set_cookie(reply, "seen", next, NULL);
}

static chirp_reply *
forget(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_delete_cookie(chirp_reply_text(req, KIDA_S("gone")), "seen", NULL);
}

static chirp_reply *
lead_on(chirp_request *req, void *user)
{
    return chirp_reply_redirect(req, user);
}

static chirp_reply *
tell(chirp_request *req, void *user)
{
    (void)user;
    kida_str method = chirp_method(req), type = chirp_content_type(req), body = chirp_body(req);
    kida_str target = chirp_hx_target(req), trigger = chirp_hx_trigger(req);
    return chirp_reply_textf(req, "%.*s %.*s %.*s %d %d %.*s %.*s", (int)method.len, method.ptr,
                             (int)type.len, type.ptr ? type.ptr : "", (int)body.len, body.ptr,
                             chirp_is_fragment(req), chirp_is_history_restore(req),
                             (int)target.len, target.ptr ? target.ptr : "", (int)trigger.len,
                             trigger.ptr ? trigger.ptr : "");
}

static kida_status
send_some(chirp_sse *sse, void *user)
{
    (void)user;
    chirp_event event = { KIDA_S("note"), KIDA_S("7"), KIDA_S("two\nlines"), 900 };
    kida_status st = chirp_sse_send(sse, &event);
    if (st == KIDA_OK)
        st = chirp_sse_comment(sse, KIDA_S("still here"));
    if (st == KIDA_OK)
        st = chirp_sse_data(sse, KIDA_S("plain"));
    return st;
}

static kida_status
send_for_ever(chirp_sse *sse, void *user)
{
    (void)user;
    kida_status st = KIDA_OK;
    while (st == KIDA_OK) {
        st = chirp_sse_data(sse, KIDA_S("again"));
        if (st == KIDA_OK)
            st = chirp_sleep(chirp_sse_request(sse), 1);
    }
    return st;
}

static chirp_reply *
events(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_sse(req, send_some, NULL, NULL);
}

static chirp_reply *
endless(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_sse(req, send_for_ever, NULL, NULL);
}

static chirp_reply *
triggers(chirp_request *req, void *user)
{
    (void)user;
    chirp_reply *reply = chirp_reply_text(req, KIDA_S("x"));
    chirp_reply_set_header(reply, "HX-Trigger", "saved");
    return chirp_reply_set_header(reply, "HX-Trigger-After-Swap", "{\"a\": true, \"b\": 1}");
}

static int
setup(void **state)
{
    static t_app fx;
    static char on[] = "/hop", here[] = "/tell", away[] = "https://example.org/";
    t_app_init(&fx);
    t_app_open(&fx);
    *state = &fx;
    chirp_route(fx.app, "GET", "/visit", count_visits, NULL);
    chirp_route(fx.app, "GET", "/forget", forget, NULL);
    chirp_route(fx.app, "GET|POST", "/jump", lead_on, on);
    chirp_route(fx.app, "GET", "/hop", lead_on, here);
    chirp_route(fx.app, "GET", "/away", lead_on, away);
    chirp_route(fx.app, "GET|POST|PUT", "/tell", tell, NULL);
    chirp_route(fx.app, "GET", "/events", events, NULL);
    chirp_route(fx.app, "GET", "/endless", endless, NULL);
    chirp_route(fx.app, "GET", "/triggers", triggers, NULL);
    return 0;
}

static int
teardown(void **state)
{
    t_app_close(*state);
    return 0;
}

/* ---- tests ---------------------------------------------------------------------------------- */

/* Holds: cookies come back once they are asked for, newest value, and until they are deleted. */
static void
row_12_cookies_are_kept_on_request(void **state)
{
    chirp_test_client *client = t_client(*state);
    chirp_answer got;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(chirp_test_get(client, "/visit", &got), KIDA_OK);
        T_BODY(&got, "[]");
    }
    chirp_test_keep_cookies(client, true);
    assert_int_equal(chirp_test_get(client, "/visit", &got), KIDA_OK);
    assert_int_equal(chirp_test_get(client, "/visit", &got), KIDA_OK);
    T_BODY(&got, "[x]");
    assert_int_equal(chirp_test_get(client, "/visit", &got), KIDA_OK);
    T_BODY(&got, "[xx]");
    static const char *const own[] = { "Cookie", "seen=mine", NULL };
    assert_int_equal(chirp_test_request(client, "GET", "/visit", own, KIDA_S(""), &got), KIDA_OK);
    T_BODY(&got, "[mine]");
    assert_int_equal(chirp_test_get(client, "/forget", &got), KIDA_OK);
    assert_int_equal(chirp_test_get(client, "/visit", &got), KIDA_OK);
    T_BODY(&got, "[]");
}

static void
row_12_redirects_are_followed_on_request(void **state)
{
    chirp_test_client *client = t_client(*state);
    chirp_answer got;
    assert_int_equal(chirp_test_get(client, "/jump", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&got, 302));
    chirp_test_follow(client, 1);
    assert_int_equal(chirp_test_get(client, "/jump", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_HEADER(&got, "Location", "/tell"));
    chirp_test_follow(client, 5);
    assert_int_equal(chirp_test_post(client, "/jump", "a=1", &got), KIDA_OK);
    T_BODY(&got, "GET   0 0  ");
    assert_int_equal(chirp_test_get(client, "/away", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&got, 302));
}

static void
row_12_requests_of_all_forms(void **state)
{
    static const struct {
        chirp_test_call call;
        const char *body;
    } cases[] = {
        { { .target = "/tell" }, "GET   0 0  " },
        { { .target = "/tell", .form = "a=1" },
          "POST application/x-www-form-urlencoded a=1 0 0  " },
        { { .target = "/tell", .json = "{}", .method = "PUT" },
          "PUT application/json {} 0 0  " },
        { { .target = "/tell", .is_fragment = true, .hx_target = "list", .hx_trigger = "go" },
          "GET   1 0 list go" },
        { { .target = "/tell", .is_fragment = true, .is_history_restore = true }, "GET   1 1  " },
        { { .target = "/tell", .body = KIDA_S_INIT("raw") }, "POST  raw 0 0  " },
    };
    chirp_test_client *client = t_client(*state);
    chirp_answer got;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        assert_int_equal(chirp_test_send(client, &cases[i].call, &got), KIDA_OK);
        T_BODY(&got, cases[i].body);
    }
    assert_int_equal(chirp_test_json(client, "/tell", "[1]", &got), KIDA_OK);
    T_BODY(&got, "POST application/json [1] 0 0  ");
    static const char *many[60];
    for (size_t i = 0; i < 58; i++)
        many[i] = "X-A";
    assert_int_equal(chirp_test_send(client, &(chirp_test_call){ .target = "/tell",
                                                                 .headers = many }, &got),
                     KIDA_E_USAGE);
}

static void
row_12_events_are_collected(void **state)
{
    chirp_test_client *client = t_client(*state);
    chirp_test_events got;
    chirp_answer answer;
    assert_int_equal(chirp_test_sse(client, "/events", 10, 5000, &got), KIDA_OK);
    assert_int_equal(got.status, 200);
    assert_int_equal(got.count, 2);
    assert_int_equal(got.heartbeats, 1);
    assert_true(got.has_ended);
    assert_true(kida_str_equal(got.items[0].event, KIDA_S("note")));
    assert_true(kida_str_equal(got.items[0].id, KIDA_S("7")));
    assert_true(kida_str_equal(got.items[0].data, KIDA_S("two\nlines")));
    assert_int_equal(got.items[0].retry, 900);
    assert_true(kida_str_equal(got.items[1].data, KIDA_S("plain")));
    assert_int_equal(got.items[1].event.len, 0);

    assert_int_equal(chirp_test_sse(client, "/endless", 3, 5000, &got), KIDA_OK);
    assert_int_equal(got.count, 3);
    assert_false(got.has_ended);
    assert_int_equal(chirp_test_sse(client, "/none", 3, 5000, &got), KIDA_OK);
    assert_int_equal(got.status, 404);
    assert_int_equal(got.count, 0);
    assert_int_equal(chirp_test_get(client, "/tell", &answer), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 200));
}

/* Holds: a claim that does not hold is told, with what was found. */
static void
row_12_claims(void **state)
{
    chirp_test_client *client = t_client(*state);
    chirp_answer got;
    assert_int_equal(chirp_test_get(client, "/triggers", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_TRIGGER(&got, "HX-Trigger", "saved"));
    assert_true(CHIRP_CHECK_TRIGGER(&got, "HX-Trigger-After-Swap", "b"));
    assert_false(CHIRP_CHECK_TRIGGER(&got, "HX-Trigger-After-Swap", "c"));
    assert_false(CHIRP_CHECK_TRIGGER(&got, "HX-Trigger-After-Settle", "a"));
    assert_true(CHIRP_CHECK_LACKS(&got, "y"));
    assert_false(CHIRP_CHECK_LACKS(&got, "x"));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(row_12_cookies_are_kept_on_request), TEST(row_12_redirects_are_followed_on_request),
        TEST(row_12_requests_of_all_forms),       TEST(row_12_events_are_collected),
        TEST(row_12_claims),
    };
    return cmocka_run_group_tests_name("client/calls", tests, NULL, NULL);
}
