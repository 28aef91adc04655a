/* SPDX-License-Identifier: MIT */
/* test_reply.c - what each kind of reply puts on the wire, for browsers and for htmx. */
#define _GNU_SOURCE
#include "t.h"

#include <chirp/chirp.h>

typedef struct point {
    int64_t x;
    double y;
    const char *name;
    bool is_set;
} point;

static const kida_field point_fields[] = {
    KIDA_INT_FIELD(point, x),
    KIDA_DOUBLE_FIELD(point, y),
    KIDA_CSTRING_FIELD(point, name),
    KIDA_BOOL_FIELD(point, is_set),
    KIDA_FIELDS_END,
};
static const kida_struct point_type = { "point", sizeof(point), point_fields, NULL };
static const point points[2] = { { 1, 0.1, "a\"b", true }, { -2, 1e21, NULL, false } };

/* ---- handlers, by the path that names what they answer ------------------------------------- */

static chirp_reply *
reply_text(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_text(req, KIDA_S("text"));
}

static chirp_reply *
reply_json(chirp_request *req, void *user)
{
    (void)user;
    kida_value value;
    kida_value list;
    kida_pool *pool = chirp_pool(req);
    if (kida_list_new(pool, 4, &list) != KIDA_OK || kida_list_push(list, kida_none()) != KIDA_OK ||
        kida_list_push(list, kida_bool(true)) != KIDA_OK ||
        kida_list_push(list, kida_float(2)) != KIDA_OK ||
        kida_list_push(list, kida_from_struct(&point_type, &points[0])) != KIDA_OK ||
        kida_context(pool, &value, "n", kida_int(-5), "s",
                     kida_string(KIDA_S("\xc3\xa9\xf0\x9f\x98\x80\n</script>")), "l", list,
                     NULL) != KIDA_OK)
        return NULL;
    return chirp_reply_json(req, value);
}

static chirp_reply *
reply_array(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_json_array(req, &point_type, points, 2);
}

static chirp_reply *
reply_page(chirp_request *req, void *user)
{
    (void)user;
    kida_value context;
    if (kida_context(chirp_pool(req), &context, "who", kida_string(KIDA_S("<me>")), NULL) !=
        KIDA_OK)
        return NULL;
    return chirp_reply_page(req, "page.html", "part", context);
}

static chirp_reply *
reply_fragment(chirp_request *req, void *user)
{
    (void)user;
    kida_value context;
    if (kida_context(chirp_pool(req), &context, "who", kida_string(KIDA_S("x")), NULL) != KIDA_OK)
        return NULL;
    return chirp_reply_invalid(req, "page.html", "part", "#form", context);
}

static chirp_reply *
reply_template(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_template(req, "path.html", kida_none());
}

static chirp_reply *
reply_broken(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_template(req, "broken.html", kida_none());
}

static chirp_reply *
reply_done(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_done(req, "/next");
}

static chirp_reply *
reply_empty(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_empty(req, 204);
}

static chirp_reply *
reply_cookies(chirp_request *req, void *user)
{
    (void)user;
    chirp_reply *reply = chirp_reply_html(req, KIDA_S("<p>hi</p>"));
    chirp_reply_set_cookie(reply, "a", "b",
                           &(chirp_cookie_options){ .has_max_age = true, .max_age = 5 });
    chirp_reply_vary(reply, "Cookie");
    chirp_reply_vary(reply, "Accept");
    chirp_reply_vary(reply, "cookie");
    return chirp_reply_set_status(reply, 201);
}

static chirp_reply *
reply_injected(chirp_request *req, void *user)
{
    (void)user;
    chirp_reply *reply = chirp_reply_text(req, KIDA_S("x"));
    return chirp_reply_set_header(reply, "X-A", "a\r\nX-Injected: y");
}

static chirp_reply *
reply_teapot(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_add_header(chirp_reply_fail(req, 418, "I am <b>"), "X-Pot", "tea");
}

static chirp_reply *
reply_nothing(chirp_request *req, void *user)
{
    (void)req;
    (void)user;
    return NULL;
}

static chirp_reply *
on_conflict(chirp_request *req, const chirp_failure *failure, void *user)
{
    (void)user;
    return chirp_reply_textf(req, "handled %u %.*s", failure->status, (int)failure->detail.len,
                             failure->detail.ptr);
}

static chirp_reply *
reply_conflict(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_fail(req, 409, "twice");
}

static chirp_reply *
add_layer_header(chirp_request *req, chirp_next *next, void *user)
{
    chirp_reply *reply = chirp_proceed(next, req);
    return chirp_reply_add_header(reply, "X-Layers", user);
}

static const struct {
    const char *path;
    chirp_handler_fn *handler;
} routes[] = {
    { "/text", reply_text },       { "/json", reply_json },         { "/array", reply_array },
    { "/page", reply_page },       { "/fragment", reply_fragment }, { "/template", reply_template },
    { "/broken", reply_broken },   { "/done", reply_done },         { "/empty", reply_empty },
    { "/cookies", reply_cookies }, { "/injected", reply_injected }, { "/teapot", reply_teapot },
    { "/nothing", reply_nothing }, { "/conflict", reply_conflict },
};

/* ---- fixture ------------------------------------------------------------------------------- */

typedef struct fixture {
    t_counter counter;
    chirp_app *app;
    chirp_test_client *client;
} fixture;

static int
start(void **state, bool debug)
{
    static fixture fx;
    memset(&fx, 0, sizeof(fx));
    *state = &fx;
    chirp_config config;
    kida_error err;
    chirp_config_init(&config);
    config.debug = debug;
    config.access_log = false;
    config.log_level = CHIRP_LEVEL_ERROR;
    config.template_dir = "";
    config.allocator = t_counting_allocator(&fx.counter);
    fx.app = chirp_app_new(&config, &err);
    if (!fx.app)
        return -1;
    for (size_t i = 0; i < T_COUNT(routes); i++)
        chirp_route(fx.app, "GET", routes[i].path, routes[i].handler, NULL);
    chirp_use(fx.app, add_layer_header, "outer", NULL);
    chirp_use(fx.app, add_layer_header, "inner", NULL);
    chirp_on_error(fx.app, 409, on_conflict, NULL);
    kida_env *env = chirp_app_templates(fx.app);
    if (kida_env_add_source(env, KIDA_S("page.html"),
                            KIDA_S("<html>{% block part %}<p>{{ who }}</p>{% end %}</html>"),
                            &err) != KIDA_OK ||
        kida_env_add_source(env, KIDA_S("path.html"), KIDA_S("{{ current_path }}"), &err) !=
            KIDA_OK ||
        kida_env_add_source(env, KIDA_S("broken.html"), KIDA_S("a\n{{ missing.thing }}"), &err) !=
            KIDA_OK)
        return -1;
    fx.client = chirp_test_new(fx.app, &err);
    return fx.client ? 0 : -1;
}

static int
setup(void **state)
{
    return start(state, false);
}

static int
setup_debug(void **state)
{
    return start(state, true);
}

static int
teardown(void **state)
{
    fixture *fx = *state;
    chirp_test_free(fx->client);
    chirp_app_free(fx->app);
    return fx->counter.live_bytes == 0 ? 0 : -1;
}

/* ---- tests --------------------------------------------------------------------------------- */

/* Holds: status, type and body of every kind, plain and for htmx. */
static void
each_kind_puts_its_bytes_on_the_wire(void **state)
{
    static const struct {
        const char *path;
        bool htmx;
        unsigned status;
        const char *type, *body;
    } cases[] = {
        { "/text", false, 200, "text/plain; charset=utf-8", "text" },
        { "/json", false, 200, "application/json; charset=utf-8",
          "{\"n\":-5,\"s\":\"\\u00e9\\ud83d\\ude00\\n</script>\",\"l\":[null,true,2.0,"
          "{\"x\":1,\"y\":0.1,\"name\":\"a\\\"b\",\"is_set\":true}]}" },
        { "/array", false, 200, "application/json; charset=utf-8",
          "[{\"x\":1,\"y\":0.1,\"name\":\"a\\\"b\",\"is_set\":true},"
          "{\"x\":-2,\"y\":1e+21,\"name\":null,\"is_set\":false}]" },
        { "/page", false, 200, "text/html; charset=utf-8", "<html><p>&lt;me&gt;</p></html>" },
        { "/page", true, 200, "text/html; charset=utf-8", "<p>&lt;me&gt;</p>" },
        { "/fragment", false, 422, "text/html; charset=utf-8", "<p>x</p>" },
        { "/template", true, 200, "text/html; charset=utf-8", "/template" },
        { "/done", false, 303, "text/html; charset=utf-8", "" },
        { "/done", true, 200, "text/html; charset=utf-8", "" },
        { "/empty", false, 204, NULL, "" },
        { "/cookies", false, 201, "text/html; charset=utf-8", "<p>hi</p>" },
        { "/teapot", false, 418, "text/html; charset=utf-8", "I am &lt;b&gt;" },
        { "/teapot", true, 418, "text/html; charset=utf-8",
          "<div class=\"chirp-error\" data-status=\"418\">I am &lt;b&gt;</div>" },
        { "/conflict", false, 409, "text/plain; charset=utf-8", "handled 409 twice" },
        { "/none", false, 404, "text/html; charset=utf-8", "No route matches GET &#39;/none&#39;" },
        { "/broken", false, 500, "text/html; charset=utf-8", "Internal Server Error" },
        { "/injected", false, 500, "text/html; charset=utf-8", "Internal Server Error" },
        { "/nothing", false, 500, "text/plain; charset=utf-8", "Internal Server Error" },
    };
    fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        chirp_answer got;
        kida_status st = cases[i].htmx ? chirp_test_fragment(fx->client, cases[i].path, &got)
                                       : chirp_test_get(fx->client, cases[i].path, &got);
        assert_int_equal(st, KIDA_OK);
        if (!CHIRP_CHECK_STATUS(&got, cases[i].status) || !CHIRP_CHECK_BODY(&got, cases[i].body) ||
            !CHIRP_CHECK_HEADER(&got, "Content-Type", cases[i].type))
            fail_msg("%s%s", cases[i].path, cases[i].htmx ? " for htmx" : "");
    }
}

static void
headers_say_what_belongs_to_each(void **state)
{
    static const struct {
        const char *path;
        bool htmx;
        const char *name, *want;
    } cases[] = {
        { "/page", false, "Vary", "HX-Request, HX-Boosted, HX-History-Restore-Request" },
        { "/page", false, "X-Chirp-Render-Intent", "full_page" },
        { "/page", true, "X-Chirp-Render-Intent", "fragment" },
        { "/fragment", true, "HX-Retarget", "#form" },
        { "/done", false, "Location", "/next" },
        { "/done", true, "HX-Redirect", "/next" },
        { "/done", true, "Location", NULL },
        { "/empty", false, "Content-Length", NULL },
        { "/cookies", false, "Set-Cookie", "a=b; Max-Age=5; Path=/; HttpOnly; SameSite=lax" },
        { "/cookies", false, "Vary", "Cookie, Accept" },
        { "/teapot", false, "X-Pot", "tea" },
        { "/teapot", true, "HX-Retarget", "#chirp-error" },
        { "/teapot", true, "HX-Trigger", "chirpError" },
        { "/injected", false, "X-Injected", NULL },
        { "/none", false, "X-Layers", "inner" }, /* failures pass through the layers too */
    };
    fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        chirp_answer got;
        kida_status st = cases[i].htmx ? chirp_test_fragment(fx->client, cases[i].path, &got)
                                       : chirp_test_get(fx->client, cases[i].path, &got);
        assert_int_equal(st, KIDA_OK);
        if (!CHIRP_CHECK_HEADER(&got, cases[i].name, cases[i].want))
            fail_msg("%s: %s", cases[i].path, cases[i].name);
    }
}

/* Holds: RS-2 and the methods that the framework answers. */
static void
row_3_3_head_options_and_wrong_methods(void **state)
{
    fixture *fx = *state;
    chirp_answer got;
    kida_str none = KIDA_S("");
    assert_int_equal(chirp_test_request(fx->client, "HEAD", "/text", NULL, none, &got), KIDA_OK);
    assert_true(CHIRP_CHECK_HEADER(&got, "Content-Length", "4"));
    assert_true(CHIRP_CHECK_BODY(&got, ""));
    assert_int_equal(chirp_test_request(fx->client, "OPTIONS", "/text", NULL, none, &got), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&got, 204));
    assert_true(CHIRP_CHECK_HEADER(&got, "Allow", "GET, HEAD, OPTIONS"));
    assert_int_equal(chirp_test_request(fx->client, "DELETE", "/text", NULL, none, &got), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&got, 405));
    assert_true(CHIRP_CHECK_HEADER(&got, "Allow", "GET, HEAD, OPTIONS"));
}

/* Holds: 9.4: debug mode tells what went wrong, escaped, to browsers and to htmx. */
static void
row_9_4_debug_page(void **state)
{
    fixture *fx = *state;
    chirp_answer got;
    assert_int_equal(chirp_test_get(fx->client, "/broken?x=<script>", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&got, 400)); /* the target itself is refused */
    assert_int_equal(chirp_test_get(fx->client, "/broken", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&got, 500));
    assert_true(CHIRP_CHECK_CONTAINS(&got, "<!doctype html>"));
    assert_true(CHIRP_CHECK_CONTAINS(&got, "broken.html"));
    assert_true(CHIRP_CHECK_CONTAINS(&got, "missing"));
    assert_true(CHIRP_CHECK_CONTAINS(&got, "<li class=\"bad\">")); /* the failing line */
    assert_true(CHIRP_CHECK_CONTAINS(&got, "K-RUN-001"));
    assert_true(CHIRP_CHECK_CONTAINS(&got, "<h2>Route</h2>"));
    assert_true(CHIRP_CHECK_CONTAINS(&got, "<h2>Request</h2>"));
    assert_int_equal(chirp_test_fragment(fx->client, "/broken", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_ERROR_FRAGMENT(&got, 500));
    assert_int_equal(chirp_test_get(fx->client, "/none", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_BODY(&got, "404: No route matches GET &#39;/none&#39;"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_kind_puts_its_bytes_on_the_wire, setup, teardown),
        cmocka_unit_test_setup_teardown(headers_say_what_belongs_to_each, setup, teardown),
        cmocka_unit_test_setup_teardown(row_3_3_head_options_and_wrong_methods, setup, teardown),
        cmocka_unit_test_setup_teardown(row_9_4_debug_page, setup_debug, teardown),
    };
    return cmocka_run_group_tests_name("reply/reply", tests, NULL, NULL);
}
