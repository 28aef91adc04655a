/* SPDX-License-Identifier: MIT */
/* test_client.c - the HTTP client against a server of our own on another thread. */
#define _GNU_SOURCE
#include "t.h"

#include <chirp/chirp.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <time.h>

/* ---- the other server ---------------------------------------------------------------------- */

static atomic_int flaky_calls;

static chirp_reply *
up_json(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_bytes(req, KIDA_S("{\"title\": \"T\\u00e9\", \"n\": [1, 2]}"),
                             "application/json");
}

static chirp_reply *
up_echo(chirp_request *req, void *user)
{
    (void)user;
    kida_str method = chirp_method(req);
    kida_str body = chirp_body(req);
    kida_str type = chirp_content_type(req);
    kida_str extra = chirp_header(req, "X-Extra");
    chirp_reply *reply = chirp_reply_textf(req, "%.*s %.*s %.*s %.*s", (int)method.len, method.ptr,
                                           (int)type.len, type.ptr ? type.ptr : "",
                                           (int)extra.len, extra.ptr ? extra.ptr : "",
                                           (int)body.len, body.ptr);
    return chirp_reply_add_header(reply, "X-Seen", "yes");
}

static chirp_reply *
up_flaky(chirp_request *req, void *user)
{
    (void)user;
    int call = atomic_fetch_add(&flaky_calls, 1) + 1;
    int64_t good = chirp_query_int(req, "good", 3);
    return chirp_reply_set_status(chirp_reply_textf(req, "call %d", call),
                                  call < good ? 503 : 200);
}

static chirp_reply *
up_slow(chirp_request *req, void *user)
{
    (void)user;
    chirp_sleep(req, (uint32_t)chirp_query_int(req, "ms", 1000));
    return chirp_reply_text(req, KIDA_S("at last"));
}

static chirp_reply *
up_big(chirp_request *req, void *user)
{
    (void)user;
    size_t size = (size_t)chirp_query_int(req, "size", 0);
    char *bytes = chirp_alloc(req, size);
    if (!bytes)
        return NULL;
    memset(bytes, 'x', size);
    return chirp_reply_text(req, (kida_str){ bytes, size });
}

static chirp_reply *
up_redirect(chirp_request *req, void *user)
{
    (void)user;
    kida_str to = chirp_copy(req, chirp_query(req, "to"));
    return chirp_reply_redirect(req, to.ptr);
}

static sem_t is_ready;

static kida_status
tell_ready(chirp_app *app, void *user, kida_error *err)
{
    (void)app;
    (void)user;
    (void)err;
    sem_post(&is_ready);
    return KIDA_OK;
}

static void *
serve(void *arg)
{
    kida_error err;
    kida_status st = chirp_run(arg, &err);
    if (st != KIDA_OK)
        sem_post(&is_ready);
    return NULL;
}

/* ---- the app that asks --------------------------------------------------------------------- */

static kida_status last_status;
static unsigned last_tries;
static unsigned stopped; /* calls that ended as their client had gone */
static char last_message[KIDA_ERROR_TEXT_MAX];

static chirp_reply *
ask(chirp_request *req, void *user)
{
    (void)user;
    kida_error err;
    kida_error_init(&err);
    kida_str url = chirp_copy(req, chirp_query(req, "url"));
    kida_str method = chirp_query(req, "method");
    if (chirp_given(method))
        method = chirp_copy(req, method);
    static const char *const headers[] = { "X-Extra", "more", NULL };
    chirp_http_request request = { .url = url.ptr, .headers = headers,
                                   .method = method.ptr, .content_type = "text/x-test" };
    chirp_http_answer answer = { 0 };
    if (chirp_given(chirp_query(req, "body")))
        request.body = chirp_query(req, "body");
    request.timeout = (uint32_t)chirp_query_int(req, "timeout", 0);
    last_status = chirp_http_send(req, &request, &answer, &err);
    last_tries = answer.tries;
    stopped += last_status == KIDA_E_STOPPED;
    snprintf(last_message, sizeof(last_message), "%s", err.message);
    if (last_status != KIDA_OK)
        return chirp_reply_error(req, &err);
    kida_str seen = chirp_http_header(&answer, "x-sEEN");
    return chirp_reply_textf(req, "%u %.*s%s", answer.status,
                             (int)(answer.body.len < 100 ? answer.body.len : 100), answer.body.ptr,
                             kida_str_equal(seen, KIDA_S("yes")) ? " seen" : "");
}

static chirp_reply *
ask_json(chirp_request *req, void *user)
{
    (void)user;
    kida_error err;
    kida_value got;
    last_status = chirp_http_json(req, chirp_copy(req, chirp_query(req, "url")).ptr, &got, &err);
    if (last_status != KIDA_OK)
        return chirp_reply_error(req, &err);
    kida_str title = kida_as_str(kida_dict_get(got, KIDA_S("title")));
    return chirp_reply_textf(req, "%.*s %zu", (int)title.len, title.ptr,
                             kida_length(kida_dict_get(got, KIDA_S("n"))));
}

typedef struct fixture {
    chirp_app *upstream;
    pthread_t thread;
    chirp_app *app;
    chirp_test_client *client;
    char base[64];
} fixture;

static chirp_app *
new_app(void)
{
    chirp_config config;
    kida_error err;
    chirp_config_init(&config);
    config.access_log = config.lifecycle_logging = false;
    config.log_level = CHIRP_LEVEL_ERROR;
    config.template_dir = "";
    config.port = 0;
    config.workers = 1;
    config.handler_timeout = 1500;
    return chirp_app_new(&config, &err);
}

static int
setup(void **state)
{
    static fixture fx;
    kida_error err;
    sem_init(&is_ready, 0, 0);
    fx.upstream = new_app();
    chirp_on_ready(fx.upstream, tell_ready, NULL);
    chirp_route(fx.upstream, "GET", "/json", up_json, NULL);
    chirp_route(fx.upstream, "GET|POST|PUT|DELETE", "/echo", up_echo, NULL);
    chirp_route(fx.upstream, "GET|POST", "/flaky", up_flaky, NULL);
    chirp_route(fx.upstream, "GET", "/slow", up_slow, NULL);
    chirp_route(fx.upstream, "GET", "/big", up_big, NULL);
    chirp_route(fx.upstream, "GET", "/redirect", up_redirect, NULL);
    if (pthread_create(&fx.thread, NULL, serve, fx.upstream) != 0)
        return -1;
    sem_wait(&is_ready);
    snprintf(fx.base, sizeof(fx.base), "http://127.0.0.1:%u/", chirp_port(fx.upstream));

    chirp_http_config config;
    chirp_http_config_init(&config);
    config.base_url = fx.base;
    config.backoff = 5;
    config.max_response = 100000;
    config.max_redirects = 2;
    fx.app = new_app();
    chirp_use_http(fx.app, &config, &err);
    chirp_route(fx.app, "GET", "/ask", ask, NULL);
    chirp_route(fx.app, "GET", "/json", ask_json, NULL);
    fx.client = chirp_test_new(fx.app, &err);
    *state = &fx;
    return fx.client && chirp_port(fx.upstream) ? 0 : -1;
}

static int
teardown(void **state)
{
    fixture *fx = *state;
    chirp_test_free(fx->client);
    chirp_app_free(fx->app);
    chirp_stop(fx->upstream);
    pthread_join(fx->thread, NULL);
    chirp_app_free(fx->upstream);
    sem_destroy(&is_ready);
    return 0;
}

static void
expect(fixture *fx, const char *label, const char *target, unsigned status, const char *body,
       kida_status st, unsigned tries)
{
    chirp_answer answer;
    assert_int_equal(chirp_test_get(fx->client, target, &answer), KIDA_OK);
    if (!CHIRP_CHECK_STATUS(&answer, status) || (body && !CHIRP_CHECK_BODY(&answer, body)) ||
        last_status != st || (tries > 0 && last_tries != tries))
        fail_msg("%s: status %d, %u tries: %s", label, last_status, last_tries, last_message);
}

/* Holds: methods, bodies, headers, redirects, statuses. */
static void
answers_come_back(void **state)
{
    fixture *fx = *state;
    static const struct {
        const char *label, *target;
        unsigned status;
        const char *body;
    } cases[] = {
        { "get", "/ask?url=/echo", 200, "200 GET  more  seen" },
        { "post", "/ask?url=/echo&body=a%26b", 200, "200 POST text/x-test more a&b seen" },
        { "empty post", "/ask?url=/echo&body=", 200, "200 POST text/x-test more  seen" },
        { "put", "/ask?url=/echo&method=PUT&body=x", 200, "200 PUT text/x-test more x seen" },
        { "delete", "/ask?url=/echo&method=DELETE", 200, "200 DELETE  more  seen" },
        { "head", "/ask?url=/echo&method=HEAD", 200, "200  seen" },
        { "404", "/ask?url=/nope", 200, NULL },
        { "405", "/ask?url=/json&method=PATCH", 200, NULL },
        { "redirect", "/ask?url=/redirect?to=/echo", 200, "200 GET  more  seen" },
        { "json", "/json?url=/json", 200, "T\xc3\xa9 2" },
    };
    for (size_t i = 0; i < T_COUNT(cases); i++)
        expect(fx, cases[i].label, cases[i].target, cases[i].status, cases[i].body, KIDA_OK, 0);
}

/* Holds: idempotent requests are tried again, others are not; the last answer counts. */
static void
retries_are_for_the_idempotent(void **state)
{
    fixture *fx = *state;
    atomic_store(&flaky_calls, 0);
    expect(fx, "third time", "/ask?url=/flaky", 200, "200 call 3", KIDA_OK, 3);
    atomic_store(&flaky_calls, 0);
    expect(fx, "post once", "/ask?url=/flaky&body=x", 200, "503 call 1", KIDA_OK, 1);
    atomic_store(&flaky_calls, 0);
    expect(fx, "in vain", "/ask?url=/flaky?good=9", 200, "503 call 3", KIDA_OK, 3);
    expect(fx, "nobody there", "/ask?url=http://127.0.0.1:1/", 500, NULL, KIDA_E_IO, 3);
}

/* Holds: what is refused, and by whom. */
static void
bounds_hold(void **state)
{
    fixture *fx = *state;
    expect(fx, "fits", "/ask?url=/big?size=100000", 200, NULL, KIDA_OK, 1);
    expect(fx, "too large", "/ask?url=/big?size=100001", 500, NULL, KIDA_E_LIMIT_MEMORY, 1);
    expect(fx, "too slow", "/ask?url=/slow&timeout=60&method=GET", 500, NULL, KIDA_E_LIMIT_TIME,
           3);
    expect(fx, "round and round", "/ask?url=/redirect?to=/redirect?to=/redirect?to=/redirect", 500,
           NULL, KIDA_E_IO, 1);
    expect(fx, "other scheme", "/ask?url=file:///etc/passwd", 500, NULL, KIDA_E_USAGE, 0);
    expect(fx, "redirect to another scheme", "/ask?url=/redirect?to=file:///etc/passwd", 500, NULL,
           KIDA_E_USAGE, 1);
    expect(fx, "no URL", "/ask?url=echo", 500, NULL, KIDA_E_USAGE, 0);
    expect(fx, "line break", "/ask?url=/echo%0d%0aX:y", 500, NULL, KIDA_E_USAGE, 0);
    expect(fx, "bad method", "/ask?url=/echo&method=G%20T", 500, NULL, KIDA_E_USAGE, 0);
    expect(fx, "no JSON", "/json?url=/echo", 500, NULL, KIDA_E_JSON, 0);
    expect(fx, "JSON of a failure", "/json?url=/nope", 500, NULL, KIDA_E_IO, 0);
    expect(fx, "still works", "/ask?url=/echo", 200, NULL, KIDA_OK, 1);
}

/* Holds: a transfer ends with the request that it is for. */
static void
nobody_waits_for_the_gone(void **state)
{
    fixture *fx = *state;
    chirp_answer answer;
    struct timespec began, ended;
    clock_gettime(CLOCK_MONOTONIC, &began);
    kida_status st = chirp_test_get(fx->client, "/ask?url=/slow?ms=20000", &answer);
    assert_true(st == KIDA_E_IO || (st == KIDA_OK && answer.status >= 500));
    clock_gettime(CLOCK_MONOTONIC, &ended);
    assert_true(ended.tv_sec - began.tv_sec < 10);
    expect(fx, "goes on", "/ask?url=/echo", 200, NULL, KIDA_OK, 1);
    assert_int_equal(stopped, 1); /* the answer to the gone may come before its handler's end */
}

static void
settings_are_checked(void **state)
{
    (void)state;
    kida_error err;
    chirp_http_config config;
    chirp_http_config_init(&config);
    config.base_url = "ftp://x";
    chirp_app *app = new_app();
    assert_int_equal(chirp_use_http(app, &config, &err), KIDA_E_USAGE);
    assert_int_equal(chirp_app_freeze(app, &err), KIDA_E_USAGE);
    chirp_app_free(app);
    app = new_app();
    chirp_http_config_init(&config);
    config.retries = 11;
    assert_int_equal(chirp_use_http(app, &config, &err), KIDA_E_USAGE);
    chirp_app_free(app);
    app = new_app();
    assert_int_equal(chirp_app_freeze(app, &err), KIDA_OK);
    assert_int_equal(chirp_use_http(app, NULL, &err), KIDA_E_FROZEN);
    chirp_app_free(app);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_come_back),
        cmocka_unit_test(retries_are_for_the_idempotent),
        cmocka_unit_test(bounds_hold),
        cmocka_unit_test(nobody_waits_for_the_gone),
        cmocka_unit_test(settings_are_checked),
    };
    return cmocka_run_group_tests_name("fetch/client", tests, setup, teardown);
}
