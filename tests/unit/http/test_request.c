/* SPDX-License-Identifier: MIT */
/* What handlers can ask of a request: query, cookies, forms, JSON bounds, htmx, state. */
#include "wire.h"

#include "http/form.h"

static wire w;

/* Feeds one request and leaves it complete. */
static chirp_request *
request(const char *bytes)
{
    chirp_config config;
    chirp_config_init(&config);
    config.max_form_fields = 5;
    wire_open(&w, &config);
    size_t at = 0, len = strlen(bytes), used;
    ch_event event = CH_EVENT_MORE;
    while (event != CH_EVENT_COMPLETE) {
        event = ch_parser_feed(w.parser, bytes + at, len - at, &used);
        at += used;
        assert_int_not_equal(event, CH_EVENT_REJECT);
        if (event == CH_EVENT_BODY)
            assert_int_equal(ch_request_add_body(&w.req, ch_parser_body(w.parser)), KIDA_OK);
    }
    return &w.req;
}

#define GET(target, lines) "GET " target " HTTP/1.1\r\nHost: h\r\n" lines "\r\n"

static void
assert_text(kida_str got, const char *want)
{
    if (want == NULL ? chirp_given(got) : !kida_str_equal(got, kida_str_from(want)))
        fail_msg("got [%.*s], want [%s]", (int)got.len, got.ptr, want == NULL ? "none" : want);
}

/* Holds: 4.2. */
static void
row_4_2_query_is_a_multi_map(void **state)
{
    (void)state;
    chirp_request *req = request(
        GET("/p%C3%A4th/?a=1&b=&c&&a=x+y%26&=n&%C3%A4=%ff%E2%82&n=-12&on=YES", ""));
    assert_text(chirp_path(req), "/p\xc3\xa4th/");
    assert_text(chirp_query(req, "a"), "1");
    assert_text(chirp_query_nth(req, "a", 1), "x y&");
    assert_text(chirp_query_nth(req, "a", 2), NULL);
    assert_text(chirp_query(req, "b"), "");
    assert_text(chirp_query(req, "c"), "");
    assert_text(chirp_query(req, ""), "n");
    assert_text(chirp_query(req, "\xc3\xa4"), "\xef\xbf\xbd\xef\xbf\xbd");
    assert_text(chirp_query(req, "zz"), NULL);
    assert_true(chirp_query_int(req, "n", 7) == -12);
    assert_true(chirp_query_int(req, "a", 7) == 1);
    assert_true(chirp_query_int(req, "b", 7) == 7);
    assert_true(chirp_query_bool(req, "on", false));
    assert_false(chirp_query_bool(req, "n", true));
    assert_true(chirp_query_bool(req, "zz", true));
    kida_str name, value;
    assert_true(chirp_query_at(req, 4, &name, &value));
    assert_text(value, "n");
    assert_false(chirp_query_at(req, 8, &name, &value));
    wire_close(&w);
}

/* Holds: CO-1: nothing fails, the first of a name counts. */
static void
row_4_3_cookies_are_read_as_they_are(void **state)
{
    (void)state;
    chirp_request *req = request(GET("/", "Cookie: a=1; b = \"x\" ;c; =n; a=2;d=e=f;;\r\n"
                                          "cookie: g=\xe4\r\n"));
    assert_text(chirp_cookie(req, "a"), "1");
    assert_text(chirp_cookie(req, "b"), "\"x\"");
    assert_text(chirp_cookie(req, "c"), NULL);
    assert_text(chirp_cookie(req, "d"), "e=f");
    assert_text(chirp_cookie(req, "g"), "\xe4");
    wire_close(&w);
}

/* Holds: 4.5, FM-1, FM-2, LM-10. */
static void
row_4_5_forms_are_read_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *type, *body, *a; /* a: value of field a */
        kida_status status;
    } cases[] = {
        { NULL, "a=1&b=2", "1", KIDA_OK },
        { "application/x-www-form-urlencoded; charset=UTF-8", "a=%41+", "A ", KIDA_OK },
        { "application/x-www-form-urlencoded;charset=utf-7", "a=1", NULL, KIDA_E_UNSUPPORTED },
        { "application/json", "a=1", NULL, KIDA_E_UNSUPPORTED },
        { NULL, "a=%", "%", KIDA_OK },
        { NULL, "a=%4", "%4", KIDA_OK },
        { NULL, "&&=&=", NULL, KIDA_OK },
        { NULL, "a=\xff", "\xef\xbf\xbd", KIDA_OK },
        { NULL, "a=1&a=2&a=3&a=4&a=5", "1", KIDA_OK },
        { NULL, "a=1&a=2&a=3&a=4&a=5&a=6", NULL, KIDA_E_LIMIT_MEMORY },
    };
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        char bytes[400];
        snprintf(bytes, sizeof(bytes),
                 "POST / HTTP/1.1\r\nHost: h\r\n%s%s%sContent-Length: %zu\r\n\r\n%s",
                 cases[i].type == NULL ? "" : "Content-Type: ",
                 cases[i].type == NULL ? "" : cases[i].type, cases[i].type == NULL ? "" : "\r\n",
                 strlen(cases[i].body), cases[i].body);
        chirp_request *req = request(bytes);
        kida_error err;
        assert_text(chirp_form(req, "a"), cases[i].a);
        assert_int_equal(chirp_form_read(req, &err), cases[i].status);
        wire_close(&w);
    }
}

/* Holds: LM-11. */
static void
row_4_4_json_is_bounded(void **state)
{
    (void)state;
    assert_true(ch_json_is_bounded(KIDA_S("[[1]]"), 2, 100));
    assert_false(ch_json_is_bounded(KIDA_S("[[[1]]]"), 2, 100));
    assert_true(ch_json_is_bounded(KIDA_S("[\"[[[[,,,,\\\"[[[\"]"), 2, 3));
    assert_true(ch_json_is_bounded(KIDA_S("[1,2]"), 2, 3));
    assert_false(ch_json_is_bounded(KIDA_S("[1,2,3]"), 2, 3));
    assert_true(ch_json_is_bounded(KIDA_S("\"\\"), 2, 3));
}

/* Holds: 4.7. */
static void
row_4_7_htmx_headers_are_read(void **state)
{
    (void)state;
    chirp_request *req = request(
        GET("/", "HX-Request: true\r\nhx-boosted: TRUE\r\nHX-Target: main\r\n"
                 "HX-Prompt: a%20b\r\nHX-Prompt-URI-AutoEncoded: true\r\nHX-Trigger: a%20b\r\n"
                 "HX-Current-URL: http://H:80/x?y#z\r\n"));
    assert_true(chirp_is_fragment(req));
    assert_false(chirp_is_boosted(req));
    assert_false(chirp_is_history_restore(req));
    assert_text(chirp_hx_target(req), "main");
    assert_text(chirp_hx_prompt(req), "a b");
    assert_text(chirp_hx_trigger(req), "a%20b");
    assert_text(chirp_hx_partial(req), NULL);
    assert_text(chirp_hx_current_path(req), "/x?y");
    wire_close(&w);
    req = request(GET("/", "HX-Current-URL: http://other/x\r\n"));
    assert_text(chirp_hx_current_path(req), NULL);
    wire_close(&w);
    req = request(GET("/", "HX-Current-URL: https://h/x\r\n"));
    assert_text(chirp_hx_current_path(req), NULL);
    wire_close(&w);
    req = request(GET("/", "HX-Current-URL: http://h\r\n"));
    assert_text(chirp_hx_current_path(req), "/");
    wire_close(&w);
}

static char order[16];

static void
note(void *ptr)
{
    const char *letter = ptr;
    size_t len = strlen(order);
    order[len] = *letter;
    order[len + 1] = '\0';
}

/* Holds: 4.9: destructors run once, newest first, also for what is replaced. */
static void
row_4_9_state_is_destroyed_once(void **state)
{
    (void)state;
    static char a[] = "a", b[] = "b", c[] = "c", d[] = "d";
    order[0] = '\0';
    chirp_request *req = request(GET("/", ""));
    assert_int_equal(chirp_g_set(req, "x", a, note), KIDA_OK);
    assert_int_equal(chirp_g_set(req, "y", b, note), KIDA_OK);
    assert_int_equal(chirp_g_set(req, "x", c, note), KIDA_OK);
    assert_string_equal(order, "a");
    assert_ptr_equal(chirp_g_get(req, "x"), c);
    assert_int_equal(chirp_g_set_value(req, "v", kida_int(4)), KIDA_OK);
    assert_true(kida_as_int(chirp_g_get_value(req, "v")) == 4);
    assert_int_equal(kida_kind_of(chirp_g_get_value(req, "w")), KIDA_ABSENT);
    assert_int_equal(chirp_g_set(req, "z", d, note), KIDA_OK);
    chirp_g_delete(req, "z");
    assert_false(chirp_g_has(req, "z"));
    assert_string_equal(order, "ad");
    ch_request_reset(req);
    assert_string_equal(order, "adcb");
    assert_null(chirp_g_get(req, "x"));
    wire_close(&w);
    assert_string_equal(order, "adcb");
}

static void
row_3_2_parameters_are_typed(void **state)
{
    (void)state;
    static const kida_str names[] = { KIDA_S_INIT("id"), KIDA_S_INIT("f"), KIDA_S_INIT("s") };
    static const kida_str values[] = { KIDA_S_INIT("42"), KIDA_S_INIT("2.5"),
                                       KIDA_S_INIT("9223372036854775808") };
    chirp_request *req = request(GET("/", ""));
    int64_t number = 1;
    double real = 0;
    assert_text(chirp_param(req, "id"), NULL);
    ch_request_set_match(req, NULL, names, values, 3);
    assert_int_equal(chirp_param_int(req, "id", &number), KIDA_OK);
    assert_true(number == 42);
    assert_int_equal(chirp_param_int(req, "s", &number), KIDA_E_TYPE);
    assert_int_equal(chirp_param_int(req, "q", &number), KIDA_E_KEY);
    assert_true(number == 42);
    assert_int_equal(chirp_param_float(req, "f", &real), KIDA_OK);
    assert_true(real > 2.49 && real < 2.51);
    assert_int_equal(chirp_param_float(req, "id", &real), KIDA_OK);
    wire_close(&w);
}

/* Holds: the arena keeps within its maximum, and a kept request stops allocating. */
static void
memory_is_bounded_and_reused(void **state)
{
    (void)state;
    t_counter counter = { 0 };
    chirp_config config;
    chirp_config_init(&config);
    config.allocator = t_counting_allocator(&counter);
    chirp_request req;
    ch_request_init(&req, &config);
    size_t taken = 0;
    while (chirp_alloc(&req, 1000) != NULL)
        taken += 1000;
    assert_true(taken > config.request_memory / 2);
    assert_true(counter.live_bytes <= config.request_memory);
    assert_null(chirp_alloc(&req, SIZE_MAX));
    ch_request_reset(&req);
    size_t before = counter.requests;
    assert_non_null(chirp_alloc(&req, 1000));
    assert_int_equal(counter.requests, before);
    ch_request_clear(&req);
    assert_int_equal(counter.live_bytes, 0);
}

/* Holds: what the steps of a long stream build does not add up. */
static void
scratch_memory_is_emptied_by_each_step(void **state)
{
    (void)state;
    t_counter counter = { 0 };
    chirp_config config;
    chirp_config_init(&config);
    config.allocator = t_counting_allocator(&counter);
    chirp_request req;
    ch_request_init(&req, &config);
    kida_value kept = kida_none();
    assert_int_equal(kida_string_copy(chirp_pool(&req), KIDA_S("kept"), &kept), KIDA_OK);
    size_t steps = config.request_memory / 1000 * 4;
    for (size_t i = 0; i < steps; i++)
        assert_non_null(kida_pool_alloc(chirp_scratch(&req), 1000));
    assert_true(counter.live_bytes < config.request_memory);
    assert_text(kida_as_str(kept), "kept");
    ch_request_reset(&req);
    ch_request_clear(&req);
    assert_int_equal(counter.live_bytes, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(row_4_2_query_is_a_multi_map),
        cmocka_unit_test(row_4_3_cookies_are_read_as_they_are),
        cmocka_unit_test(row_4_5_forms_are_read_or_refused),
        cmocka_unit_test(row_4_4_json_is_bounded),
        cmocka_unit_test(row_4_7_htmx_headers_are_read),
        cmocka_unit_test(row_4_9_state_is_destroyed_once),
        cmocka_unit_test(row_3_2_parameters_are_typed),
        cmocka_unit_test(memory_is_bounded_and_reused),
        cmocka_unit_test(scratch_memory_is_emptied_by_each_step),
    };
    return cmocka_run_group_tests_name("http/request", tests, NULL, NULL);
}
