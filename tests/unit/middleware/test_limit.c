/* SPDX-License-Identifier: MIT */
/* test_limit.c - rate limits (6.13, 17.4, R2), injection (6.6), health and metrics (16.5, 17.9,
 * LG-5, SH-5). */
#define _GNU_SOURCE
#include "mw.h"

#include "middleware/slots.h"

static chirp_reply *
text(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_text(req, KIDA_S("text"));
}

static chirp_reply *
html(chirp_request *req, void *user)
{
    return chirp_reply_html(req, kida_str_from(user));
}

/* ---- limits ---------------------------------------------------------------------------------- */

static const char *const everybody[] = { "*", NULL };

static unsigned
status_from(mw *fx, const char *method, const char *target, const char *client)
{
    return mw_send(fx, method, target, MW_HEADERS("X-Forwarded-For", client), "")->status;
}

static void
row_17_4_rate_limit_per_client(void **state)
{
    mw *fx = *state;
    fx->config.trusted_proxies = everybody;
    fx->config.rate_limit_enabled = true;
    fx->config.rate_limit_requests_per_second = 1;
    fx->config.rate_limit_burst = 3;
    chirp_route(mw_app(fx), "GET", "/", text, NULL);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(status_from(fx, "GET", "/", "1.1.1.1"), 200);
    assert_int_equal(status_from(fx, "GET", "/", "1.1.1.1"), 429);
    assert_true(CHIRP_CHECK_HEADER(&fx->answer, "retry-after", "1"));
    assert_true(CHIRP_CHECK_BODY(&fx->answer, "Too Many Requests"));
    assert_int_equal(status_from(fx, "GET", "/", "1.1.1.2"), 200);
    /* One network of IPv6 is one client. */
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(status_from(fx, "GET", "/", i ? "2001:db8::1" : "2001:db8::ffff:2"), 200);
    assert_int_equal(status_from(fx, "GET", "/", "2001:db8::3"), 429);
    assert_int_equal(status_from(fx, "GET", "/", "2001:db8:0:1::3"), 200);
    usleep(1100000);
    assert_int_equal(status_from(fx, "GET", "/", "1.1.1.1"), 200);
}

static void
row_6_13_auth_limit(void **state)
{
    mw *fx = *state;
    fx->config.trusted_proxies = everybody;
    chirp_auth_limit_options options;
    chirp_auth_limit_options_init(&options);
    assert_int_equal(chirp_use_auth_limit(mw_app(fx), &options, &fx->err), KIDA_OK);
    chirp_route(mw_app(fx), "GET|POST", "/login", text, NULL);
    chirp_route(mw_app(fx), "GET|POST", "/login/step", text, NULL);
    chirp_route(mw_app(fx), "POST", "/loginx", text, NULL);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(status_from(fx, "POST", i % 2 ? "/login" : "/login/step", "1.1.1.1"), 200);
    assert_int_equal(status_from(fx, "POST", "/login", "1.1.1.1"), 429);
    assert_true(CHIRP_CHECK_HEADER(&fx->answer, "retry-after", "300"));
    assert_int_equal(status_from(fx, "GET", "/login", "1.1.1.1"), 200);
    assert_int_equal(status_from(fx, "POST", "/loginx", "1.1.1.1"), 200);
    assert_int_equal(status_from(fx, "POST", "/login", "1.1.1.2"), 200);
}

static void
row_6_13_a_stranger_can_not_choose_its_name(void **state)
{
    mw *fx = *state;
    fx->config.rate_limit_enabled = true;
    fx->config.rate_limit_requests_per_second = 1;
    fx->config.rate_limit_burst = 1;
    chirp_route(mw_app(fx), "GET", "/", text, NULL);
    assert_int_equal(status_from(fx, "GET", "/", "1.1.1.1"), 200);
    assert_int_equal(status_from(fx, "GET", "/", "1.1.1.2"), 429);
}

/* Holds: the table never grows, and the client seen last is not the one that is forgotten. */
static void
r2_clients_are_remembered_in_bounded_memory(void **state)
{
    mw *fx = *state;
    kida_allocator allocator = t_counting_allocator(&fx->counter);
    ch_arena arena;
    ch_slots slots = { .ready = 0 };
    chirp_request *req = test_calloc(1, sizeof(*req));
    pthread_mutex_t *lock;
    ch_arena_init(&arena, &allocator, 1024, 1 << 24);
    assert_int_equal(ch_slots_init(&slots, &arena, 1000, NULL), KIDA_OK);
    size_t before = fx->counter.live_bytes;
    for (int i = 0; i < 100000; i++) {
        char name[32];
        snprintf(name, sizeof(name), "10.%d.%d.%d", i >> 16, (i >> 8) & 255, i & 255);
        ch_request_set_client(req, kida_str_from(name), 0);
        ch_slot *slot = ch_slots_take(&slots, req, &lock);
        slot->when = i + 1;
        ch_slots_give(lock);
        slot = ch_slots_take(&slots, req, &lock);
        assert_int_equal(slot->when, i + 1);
        ch_slots_give(lock);
    }
    assert_int_equal(fx->counter.live_bytes, before);
    ch_slots_clear(&slots);
    ch_arena_clear(&arena);
    test_free(req);
}

/* ---- injection ------------------------------------------------------------------------------- */

static chirp_reply *
fails(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_fail(req, 404, "</body>");
}

static void
use_inject(mw *fx, bool full_page_only)
{
    chirp_inject_options options;
    chirp_inject_options_init(&options);
    options.snippet = "<script>1</script>";
    options.full_page_only = full_page_only;
    assert_int_equal(chirp_use_inject(mw_app(fx), &options, &fx->err), KIDA_OK);
    chirp_route(mw_app(fx), "GET", "/page", html, "<body>a</body></body>");
    chirp_route(mw_app(fx), "GET", "/part", html, "<p>a</p>");
    chirp_route(mw_app(fx), "GET", "/text", text, NULL);
    chirp_route(mw_app(fx), "GET", "/fails", fails, NULL);
}

static void
row_6_6_injection(void **state)
{
    mw *fx = *state;
    fx->config.safe_target = fx->config.sse_lifecycle = false;
    use_inject(fx, false);
    assert_true(CHIRP_CHECK_BODY(mw_get(fx, "/page"), "<body>a<script>1</script></body></body>"));
    assert_true(CHIRP_CHECK_HEADER(&fx->answer, "content-length", "39"));
    assert_true(CHIRP_CHECK_BODY(mw_get(fx, "/part"), "<p>a</p><script>1</script>"));
    assert_true(CHIRP_CHECK_BODY(mw_get(fx, "/text"), "text"));
    mw_get(fx, "/fails");
    assert_null(memmem(fx->answer.body.ptr, fx->answer.body.len, "<script>", 8));
    mw_send(fx, "GET", "/page", MW_HEADERS("HX-Request", "true"), "");
    assert_true(CHIRP_CHECK_BODY(&fx->answer, "<body>a</body></body>"));
}

static void
row_6_6_full_pages_only_and_the_nonce(void **state)
{
    mw *fx = *state;
    fx->config.safe_target = fx->config.sse_lifecycle = false;
    fx->config.csp_nonce_enabled = true;
    use_inject(fx, true);
    assert_true(CHIRP_CHECK_BODY(mw_get(fx, "/part"), "<p>a</p>"));
    /* The layer stands outside of the nonce's here, but the nonce lasts as long as the request. */
    mw_get(fx, "/page");
    const char *nonce = strstr(mw_header(fx, "content-security-policy"), "nonce-");
    assert_non_null(nonce);
    char want[100];
    snprintf(want, sizeof(want), "<script nonce=\"%.30s\">1</script>", nonce + 6);
    assert_true(CHIRP_CHECK_CONTAINS(&fx->answer, want));
}

static void
row_6_6_scripts_of_the_config(void **state)
{
    mw *fx = *state;
    chirp_route(mw_app(fx), "GET", "/page", html, "<body>a</body>");
    mw_get(fx, "/page");
    assert_true(CHIRP_CHECK_CONTAINS(&fx->answer, "data-chirp=\"safe-target\""));
    assert_true(CHIRP_CHECK_CONTAINS(&fx->answer, "data-chirp=\"sse-lifecycle\""));
}

/* ---- health and metrics ---------------------------------------------------------------------- */

static bool database_works;

static bool
check_database(chirp_request *req, void *user)
{
    (void)req;
    (void)user;
    return database_works;
}

static void
row_16_5_and_17_9_health(void **state)
{
    static const chirp_health_check checks[] = { { "db", check_database, NULL },
                                                 { NULL, NULL, NULL } };
    mw *fx = *state;
    chirp_health_options options;
    chirp_health_options_init(&options);
    options.checks = checks;
    assert_int_equal(chirp_use_health(mw_app(fx), &options, &fx->err), KIDA_OK);
    database_works = true;
    assert_true(CHIRP_CHECK_STATUS(mw_get(fx, "/health"), 200));
    assert_true(CHIRP_CHECK_CONTAINS(&fx->answer, "{\"status\":\"ok\",\"uptime_seconds\":0,"
                                                  "\"worker_id\":0,\"active_connections\":1}"));
    assert_true(CHIRP_CHECK_HEADER(&fx->answer, "cache-control", "no-cache, no-store"));
    database_works = false;
    assert_true(CHIRP_CHECK_STATUS(mw_get(fx, "/health/ready"), 503));
    assert_true(CHIRP_CHECK_CONTAINS(&fx->answer, "\"failures\":[\"db: unhealthy\"]"));
    assert_true(CHIRP_CHECK_STATUS(mw_get(fx, "/health/live"), 200));
    assert_true(CHIRP_CHECK_STATUS(mw_get(fx, "/health/x"), 404));
    assert_true(CHIRP_CHECK_STATUS(mw_get(fx, "/healthy"), 404));
}

static void
sh_5_production_shows_metrics_to_this_machine_alone(void **state)
{
    mw *fx = *state;
    fx->config.env = "production";
    fx->config.trusted_proxies = everybody;
    fx->config.metrics_enabled = true;
    fx->config.health_check_path = "/health";
    assert_int_equal(status_from(fx, "GET", "/metrics", "127.0.0.1"), 200);
    assert_int_equal(status_from(fx, "GET", "/metrics", "1.1.1.1"), 404);
    assert_int_equal(status_from(fx, "GET", "/health", "1.1.1.1"), 200);
    assert_true(CHIRP_CHECK_BODY(&fx->answer, "{\"status\":\"ok\"}"));
}

static void
row_17_9_and_lg_5_metrics(void **state)
{
    mw *fx = *state;
    fx->config.metrics_enabled = true;
    chirp_route(mw_app(fx), "GET", "/", text, NULL);
    mw_get(fx, "/");
    mw_get(fx, "/");
    mw_get(fx, "/%3Cscript%3E?x=1");
    chirp_answer raw;
    assert_int_equal(chirp_test_raw(mw_client(fx), KIDA_S("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
                                    &raw), KIDA_OK);
    chirp_answer *got = mw_get(fx, "/metrics");
    static const char *const lines[] = {
        "http_requests_total{method=\"GET\",status=\"200\"} 2\n",
        "http_requests_total{method=\"GET\",status=\"404\"} 1\n",
        "http_rejects_total{reason=\"host\"} 1\n",
        "http_request_duration_seconds_bucket{le=\"0.005\"} ",
        "http_request_duration_seconds_bucket{le=\"+Inf\"} 3\n",
        "http_request_duration_seconds_count 3\n",
        "http_connections_active 1\n",
        "http_requests_in_flight 1\n",
        "# TYPE http_requests_total counter\n",
    };
    assert_true(CHIRP_CHECK_HEADER(got, "content-type",
                                   "text/plain; version=0.0.4; charset=utf-8"));
    for (size_t i = 0; i < T_COUNT(lines); i++)
        assert_true(CHIRP_CHECK_CONTAINS(got, lines[i]));
    assert_null(memmem(got->body.ptr, got->body.len, "script", 6));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        mw_test(row_17_4_rate_limit_per_client),
        mw_test(row_6_13_auth_limit),
        mw_test(row_6_13_a_stranger_can_not_choose_its_name),
        mw_test(r2_clients_are_remembered_in_bounded_memory),
        mw_test(row_6_6_injection),
        mw_test(row_6_6_full_pages_only_and_the_nonce),
        mw_test(row_6_6_scripts_of_the_config),
        mw_test(row_16_5_and_17_9_health),
        mw_test(sh_5_production_shows_metrics_to_this_machine_alone),
        mw_test(row_17_9_and_lg_5_metrics),
    };
    return cmocka_run_group_tests_name("middleware/limit", tests, NULL, NULL);
}
