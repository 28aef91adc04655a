/* SPDX-License-Identifier: MIT */
/* connection.c - every allocation of a server fails in turn, and all behind it: robustness ME-3.
 * The request gets an answer or its connection ends, the next one is served, and nothing is left.
 */
#include "app.h"

#include <chirp/chirp.h>

static chirp_reply *
page(chirp_request *req, void *user)
{
    kida_value context;
    (void)user;
    if (kida_context(chirp_pool(req), &context, "name", kida_string(chirp_query(req, "a")), NULL) !=
        KIDA_OK)
        return NULL;
    return chirp_reply_page(req, "page.html", "body", context);
}

static chirp_reply *
form(chirp_request *req, void *user)
{
    kida_error err;
    (void)user;
    if (chirp_form_read(req, &err) != KIDA_OK)
        return chirp_reply_bad_form(req, &err);
    chirp_reply *reply = chirp_reply_textf(req, "%zu", chirp_form(req, "a").len);
    reply = chirp_reply_set_cookie(reply, "c", "v", NULL);
    return chirp_reply_add_header(reply, "X-A", "b");
}

static chirp_reply *
json(chirp_request *req, void *user)
{
    kida_value v;
    kida_error err;
    (void)user;
    if (kida_json_parse(chirp_pool(req), chirp_body(req), &v, &err) != KIDA_OK)
        return chirp_reply_error(req, &err);
    return chirp_reply_json(req, v);
}

static kida_status
write_twice(chirp_stream *stream, void *user)
{
    (void)user;
    kida_status st = chirp_stream_write(stream, KIDA_S("one "));
    return st == KIDA_OK ? chirp_stream_write(stream, KIDA_S("two")) : st;
}

static chirp_reply *
streamed(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_stream(req, NULL, write_twice, NULL);
}

static chirp_reply *
composed(chirp_request *req, void *user)
{
    static const chirp_layout layout = { "layout.html", "main" };
    (void)user;
    const chirp_page what = { .name = "page.html", .block = "body", .page_block = "",
                              .context = kida_none(), .layouts = &layout, .layout_count = 1 };
    return chirp_reply_compose(req, &what);
}

static chirp_reply *
inlined(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_inline(req, KIDA_S("{% for i in [1, 2] %}{{ i }}{% end %}"), kida_none());
}

static kida_status
work(void *arg, kida_pool *pool, kida_value *out, kida_error *err)
{
    (void)arg;
    (void)err;
    return kida_context(pool, out, "n", kida_int(1), NULL);
}

static chirp_reply *
late(chirp_request *req, void *user)
{
    (void)user;
    const chirp_deferred deferred = { .name = "name", .work = work };
    return chirp_reply_suspense(req, "page.html", kida_none(), &deferred, 1);
}

static chirp_hub *hub;
static chirp_bus *bus;
static chirp_deps *deps;

/* Two out of the history, one that is new. */
static kida_status
three_events(chirp_sse *sse, void *user)
{
    chirp_request *req = chirp_sse_request(sse);
    chirp_subscription *sub = chirp_hub_join_after(req, hub, KIDA_S("a"), KIDA_S("none"));
    const chirp_event *event, newest = { .event = KIDA_S("e"), .data = KIDA_S("new") };
    (void)user;
    kida_status st = sub ? chirp_hub_publish(hub, KIDA_S("a"), &newest) : KIDA_E_NOMEM;
    if (st == KIDA_OK)
        st = chirp_hub_close(hub, KIDA_S("a"));
    while (st == KIDA_OK && (st = chirp_hub_next(sub, &event)) == KIDA_OK)
        st = chirp_sse_send(sse, event);
    return st;
}

static chirp_reply *
events(chirp_request *req, void *user)
{
    return chirp_reply_sse(req, three_events, user, NULL);
}

static kida_status
fill_index(chirp_app *app, void *user, kida_error *err)
{
    bool *is_filled = user; /* each client starts the app anew */
    if (*is_filled)
        return KIDA_OK;
    *is_filled = true;
    return chirp_deps_add(deps, app, "page.html", err);
}

static kida_status
make_context(chirp_request *req, const chirp_change *change, kida_pool *pool, kida_value *context,
             void *user, kida_error *err)
{
    (void)req;
    (void)change;
    (void)user;
    (void)err;
    return kida_context(pool, context, "name", kida_int(1), NULL);
}

static chirp_reply *
live(chirp_request *req, void *user)
{
    const chirp_reactive reactive = { .bus = bus, .deps = deps, .context = make_context };
    const kida_str path = KIDA_S_INIT("name");
    const chirp_change change = { .paths = &path, .path_count = 1 };
    (void)user;
    chirp_reply *reply = chirp_reply_reactive(req, &reactive);
    if (!reply || chirp_bus_emit(bus, &change) != KIDA_OK ||
        chirp_bus_close(bus, KIDA_S("")) != KIDA_OK)
        return NULL;
    return reply;
}

static chirp_reply *
plain(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_text(req, KIDA_S("plain"));
}

#define H " HTTP/1.1\r\nHost: h\r\n"
#define MULTIPART                                                                                  \
    "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B\r\n"                        \
    "Content-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\ndata\r\n--B--\r\n"

static const char *const requests[] = {
    "GET /plain" H "Cookie: a=b; c=d\r\nX-1: 1\r\nX-2: 2\r\n\r\n",
    "GET /page?a=%3Cb%3E&b=2" H "\r\n",
    "GET /page?a=1" H "HX-Request: true\r\n\r\n",
    "POST /form" H
    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\na=1&b=2",
    "POST /form" H
    "Content-Type: multipart/form-data; boundary=B\r\nContent-Length: 128\r\n\r\n" MULTIPART,
    "POST /json" H
    "Transfer-Encoding: chunked\r\n\r\n9\r\n[1,{\"a\":2\r\n2\r\n}]\r\n0\r\nX: y\r\n\r\n",
    "GET /stream" H "\r\n",
    "GET /stream" H "Accept-Encoding: gzip\r\n\r\n",
    "GET /stream" H "Accept-Encoding: br\r\n\r\n",
    "GET /stream" H "Accept-Encoding: zstd\r\n\r\n",
    "GET /composed" H "\r\n",
    "GET /composed" H "HX-Request: true\r\nHX-Boosted: true\r\n\r\n",
    "GET /inline" H "\r\n",
    "GET /late" H "\r\n",
    "GET /events" H "\r\n",
    "GET /live" H "\r\n",
    "GET /none" H "\r\n",
    "DELETE /plain" H "\r\n",
    "OPTIONS *" H "\r\n",
    "GET /bad\\" H "\r\n",
};

static void
open_app(t_app *fx)
{
    t_app_init(fx);
    fx->config.static_dir = "";
    fx->config.lifecycle_logging = false;
    fx->config.view_transitions = "full";
    fx->config.speculation_rules = "moderate";
    t_app_open(fx);
    const chirp_hub_options options = { .history = 2, .allocator = fx->config.allocator };
    const chirp_event old = { .data = KIDA_S("old") };
    hub = chirp_hub_new(&options);
    bus = chirp_bus_new(&fx->config.allocator);
    deps = chirp_deps_new(&fx->config.allocator);
    assert_true(hub && bus && deps);
    assert_int_equal(chirp_hub_publish(hub, KIDA_S("a"), &old), KIDA_OK);
    assert_int_equal(chirp_hub_publish(hub, KIDA_S(""), &old), KIDA_OK);
    static bool is_filled;
    is_filled = false;
    chirp_on_startup(fx->app, fill_index, &is_filled);
    t_app_template(fx, "layout.html", "<html><head></head>{% block content %}{% end %}</html>"
                                      "{% block bar_oob %}{{ page ?? '' }}{% end %}");
    t_app_template(fx, "page.html",
                   "<p>{% block body %}{{ name }}{% for i in range(3) %}{{ i }}"
                   "{% end %}{{ name | upper }}{% end %}</p>");
    chirp_route(fx->app, "GET", "/plain", plain, NULL);
    chirp_route(fx->app, "GET", "/page", page, NULL);
    chirp_route(fx->app, "POST", "/form", form, NULL);
    chirp_route(fx->app, "POST", "/json", json, NULL);
    chirp_route(fx->app, "GET", "/stream", streamed, NULL);
    chirp_route(fx->app, "GET", "/composed", composed, NULL);
    chirp_route(fx->app, "GET", "/inline", inlined, NULL);
    chirp_route(fx->app, "GET", "/late", late, NULL);
    chirp_route(fx->app, "GET", "/events", events, NULL);
    chirp_route(fx->app, "GET", "/live", live, NULL);
}

static void
close_app(t_app *fx)
{
    chirp_test_free(fx->client);
    chirp_app_free(fx->app);
    fx->client = NULL;
    fx->app = NULL;
    chirp_hub_free(hub);
    chirp_bus_free(bus);
    chirp_deps_free(deps);
    t_app_close(fx);
}

/* Sends one request whose allocation number n and all behind it fail; whether one did. */
static bool
send_failing(t_app *fx, const char *request, size_t n)
{
    chirp_answer answer;
    chirp_test_client *client = chirp_test_new(fx->app, &fx->err);
    assert_non_null(client);
    size_t before = fx->counter.requests;
    fx->counter.fail_at = before + n;
    kida_status st = chirp_test_raw(client, kida_str_from(request), &answer);
    bool failed = fx->counter.requests >= before + n;
    fx->counter.fail_at = 0;
    assert_true(st == KIDA_OK || st == KIDA_E_NOMEM || st == KIDA_E_IO);
    if (!failed && answer.status < 200)
        fail_msg("no answer to %s", request);

    chirp_test_leave(client, true);
    assert_int_equal(chirp_test_raw(client, KIDA_S("GET /plain" H "\r\n"), &answer), KIDA_OK);
    assert_int_equal(answer.status, 200);
    chirp_test_free(client);
    return failed;
}

static void
each_allocation_may_fail(void **state)
{
    (void)state;
    for (size_t i = 0; i < T_COUNT(requests); i++) {
        t_app fx;
        size_t n = 1;
        open_app(&fx);
        while (send_failing(&fx, requests[i], n))
            n++;
        close_app(&fx);
        assert_true(n > 1 && n < 1000);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(each_allocation_may_fail) };
    return cmocka_run_group_tests_name("oom/connection", tests, NULL, NULL);
}
