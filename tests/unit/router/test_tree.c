/* SPDX-License-Identifier: MIT */
/* Routes: precedence, backtracking, methods, conflicts, names. */
#include "t.h"

#include "router/tree.h"

static ch_arena arena;

static int
set_up(void **state)
{
    (void)state;
    ch_arena_init(&arena, NULL, 4096, 1 << 20);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    ch_arena_clear(&arena);
    return 0;
}

/* One row of a table: methods, path, name. The target is the path's own text. */
typedef struct row {
    const char *methods, *path, *name;
} row;

static kida_status
build(const row *rows, size_t count, ch_router **out, kida_error *err)
{
    ch_route_def routes[40];
    assert_true(count <= T_COUNT(routes));
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(ch_method_set_parse(kida_str_from(rows[i].methods), &routes[i].methods,
                                             NULL), KIDA_OK);
        routes[i].path = kida_str_from(rows[i].path);
        routes[i].name = kida_str_from(rows[i].name);
        routes[i].target = rows[i].path;
    }
    ch_router_options options = { true, true };
    return ch_router_build(routes, count, options, NULL, out, err);
}

/* Writes what a request finds: "pattern name=value …", or "404", "405 Allow", "204 Allow". */
static void
look_up(const ch_router *router, const char *method, const char *raw, char *out, size_t size)
{
    ch_method known;
    ch_path path;
    ch_match match;
    assert_true(ch_method_find(kida_str_from(method), &known));
    assert_int_equal(ch_path_parse(&arena, kida_str_from(raw), &path), CH_REJECT_NONE);
    ch_router_match(router, known, &path, &match);
    char allow[CH_ALLOW_MAX];
    int allow_len = (int)ch_method_set_text(match.allowed, allow);
    if (match.kind == CH_MATCH_NONE) {
        snprintf(out, size, "404");
    } else if (match.kind != CH_MATCH_ROUTE) {
        snprintf(out, size, "%s %.*s", match.kind == CH_MATCH_METHOD ? "405" : "204", allow_len,
                 allow);
    } else {
        size_t len = (size_t)snprintf(out, size, "%s", (const char *)match.target);
        for (size_t i = 0; i < match.param_count; i++)
            len += (size_t)snprintf(out + len, size - len, " %.*s=%.*s", (int)match.names[i].len,
                                    match.names[i].ptr, (int)match.values[i].len,
                                    match.values[i].ptr);
    }
}

/* Holds: 3.1 to 3.4. */
static void
row_3_1_to_3_4_matches_follow_the_precedence(void **state)
{
    (void)state;
    static const row rows[] = {
        { "GET", "/", "home" },
        { "GET", "/users", "" },
        { "POST", "/users/", "" },
        { "GET", "/users/me", "" },
        { "GET", "/users/{slug}", "" },
        { "GET", "/users/{id:int}", "user" },
        { "DELETE", "/users/{id:int}", "" },
        { "GET", "/users/{uid:uuid}", "" },
        { "GET", "/users/{f:float}", "" },
        { "GET", "/users/me/posts", "" },
        { "GET", "/users/{slug}/likes", "" },
        { "GET", "/users/{id:int}/{post:int}", "" },
        { "POST", "/only/{slug}", "" },
        { "GET", "/only/{id:int}", "" },
        { "GET", "/files/{rest:path}", "" },
        { "GET", "/files/index", "" },
        { "GET", "/w\xc3\xb6rter", "" },
        { "HEAD", "/head", "" },
        { "OPTIONS", "/options", "" },
    };
    static const struct { const char *method, *path, *expect; } cases[] = {
        { "GET", "/", "/" },
        { "GET", "//", "/" },
        { "GET", "/users", "/users" },
        { "GET", "/users/", "/users" },
        { "GET", "//users", "/users" },
        { "GET", "/Users", "404" },
        { "POST", "/users", "/users/" },
        { "PUT", "/users", "405 GET, HEAD, OPTIONS, POST" },
        { "HEAD", "/users", "/users" },
        { "OPTIONS", "/users", "204 GET, HEAD, OPTIONS, POST" },
        { "GET", "/users/me", "/users/me" },
        { "GET", "/users/7", "/users/{id:int} id=7" },
        { "DELETE", "/users/7", "/users/{id:int} id=7" },
        { "GET", "/users/-7", "/users/{slug} slug=-7" },
        { "GET", "/users/7.5", "/users/{f:float} f=7.5" },
        { "GET", "/users/7.", "/users/{slug} slug=7." },
        { "GET", "/users/01234567-89ab-cdef-0123-456789ABCDEF",
          "/users/{uid:uuid} uid=01234567-89ab-cdef-0123-456789ABCDEF" },
        { "GET", "/users/a%2Fb", "/users/{slug} slug=a/b" },
        { "GET", "/users/%6De", "/users/me" },
        { "GET", "/users/me/posts", "/users/me/posts" },
        { "GET", "/users/me/likes", "/users/{slug}/likes slug=me" },
        { "GET", "/users/7/likes", "/users/{slug}/likes slug=7" },
        { "GET", "/users/7/8", "/users/{id:int}/{post:int} id=7 post=8" },
        { "GET", "/users/7/x", "404" },
        { "POST", "/only/7", "405 GET, HEAD, OPTIONS" },
        { "POST", "/only/x", "/only/{slug} slug=x" },
        { "GET", "/files", "404" },
        { "GET", "/files/", "404" },
        { "GET", "/files/index", "/files/index" },
        { "GET", "/files/a", "/files/{rest:path} rest=a" },
        { "GET", "/files/index/b", "/files/{rest:path} rest=index/b" },
        { "GET", "/files/a//b%20c/", "/files/{rest:path} rest=a/b c" },
        { "GET", "/w%C3%B6rter", "/w\xc3\xb6rter" },
        { "GET", "/head", "405 HEAD, OPTIONS" },
        { "OPTIONS", "/options", "/options" },
        { "GET", "/a/b/c/d/e/f", "404" },
    };
    ch_router *router = NULL;
    kida_error err;
    kida_status st = build(rows, T_COUNT(rows), &router, &err);
    if (st != KIDA_OK)
        fail_msg("%s", err.message);
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        char got[300];
        look_up(router, cases[i].method, cases[i].path, got, sizeof(got));
        if (strcmp(got, cases[i].expect) != 0)
            fail_msg("%s %s: got [%s], want [%s]", cases[i].method, cases[i].path, got,
                     cases[i].expect);
    }
    assert_int_equal(ch_router_count(router), T_COUNT(rows));
    assert_null(ch_router_at(router, T_COUNT(rows)));
    ch_router_free(router);
}

/* Holds: what can't work is refused when the app is frozen, with a text that says where. */
static void
row_3_1_and_3_2_bad_routes_are_refused(void **state)
{
    (void)state;
    static const struct { row rows[2]; const char *message; } cases[] = {
        { { { "GET", "users", "" } }, "path 'users' must begin with '/'" },
        { { { "GET", "/<id>", "" } }, "path '/<id>' has a parameter in angle brackets" },
        { { { "GET", "/{id:hex}", "" } }, "unknown converter 'hex' in path '/{id:hex}'" },
        { { { "GET", "/{}", "" } }, "in path '/{}' a parameter must fill its whole segment" },
        { { { "GET", "/{1a}", "" } }, "bad parameter name '1a' in path '/{1a}'" },
        { { { "GET", "/x{id}", "" } }, "in path '/x{id}' a parameter must fill its whole segment" },
        { { { "GET", "/{a:path}/b", "" } },
          "path '/{a:path}/b' goes on behind its path parameter" },
        { { { "GET", "/{a}/{a}", "" } }, "path '/{a}/{a}' has two parameters 'a'" },
        { { { "GET", "/a?b", "" } }, "path '/a?b' holds a byte that no path can have" },
        { { { "GET", "/a", "" }, { "POST|GET", "/a/", "" } }, "two routes for GET '/a/'" },
        { { { "GET", "/{a}", "" }, { "POST", "/{b}", "" } },
          "parameter 'b' of path '/{b}' is called 'a' in another route" },
        { { { "GET", "/a", "n" }, { "GET", "/b", "n" } }, "two paths are named 'n', one is '/b'" },
    };
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        ch_router *router = NULL;
        kida_error err;
        kida_error_init(&err);
        size_t count = cases[i].rows[1].path == NULL ? 1 : 2;
        assert_int_equal(build(cases[i].rows, count, &router, &err), KIDA_E_USAGE);
        assert_string_equal(err.message, cases[i].message);
        assert_null(router);
    }
}

/* Holds: 3.5. */
static void
row_3_5_urls_are_built_from_names(void **state)
{
    (void)state;
    static const row rows[] = {
        { "GET", "/", "home" },
        { "GET", "/users/{id:int}/{slug}", "user" },
        { "POST", "/users/{id:int}/{slug}", "user" },
        { "GET", "/files/{rest:path}", "file" },
    };
#define P(n, v) { KIDA_S_INIT(n), KIDA_S_INIT(v) }
    static const struct {
        const char *name;
        ch_pair params[3];
        size_t count;
        kida_status status;
        const char *expect; /* or the message */
    } cases[] = {
        { "home", { P("", "") }, 0, KIDA_OK, "/" },
        { "home", { P("q", "a b&"), P("q", "c") }, 2, KIDA_OK, "/?q=a%20b%26&q=c" },
        { "home", { P("q", ""), { KIDA_S_INIT("r"), { NULL, 0 } } }, 2, KIDA_OK, "/?q=" },
        { "user", { P("slug", "a/b"), P("id", "7") }, 2, KIDA_OK, "/users/7/a%2Fb" },
        { "user", { P("slug", "\xc3\xa4"), P("id", "7"), P("p", "1") }, 3, KIDA_OK,
          "/users/7/%C3%A4?p=1" },
        { "file", { P("rest", "a/b c") }, 1, KIDA_OK, "/files/a/b%20c" },
        { "file", { P("rest", "../x") }, 1, KIDA_E_TYPE, "parameter 'rest' of 'file' is no path" },
        { "user", { P("slug", "a") }, 1, KIDA_E_KEY, "the URL of 'user' needs parameter 'id'" },
        { "user", { P("slug", "a"), P("id", "x") }, 2, KIDA_E_TYPE,
          "parameter 'id' of 'user' is no int" },
        { "none", { P("", "") }, 0, KIDA_E_NOT_FOUND, "no route is named 'none'" },
    };
    ch_router *router = NULL;
    kida_error err;
    assert_int_equal(build(rows, T_COUNT(rows), &router, &err), KIDA_OK);
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_buf out;
        kida_buf_init_heap(&out, NULL, 1000);
        kida_error_init(&err);
        kida_status st = ch_router_url(router, kida_str_from(cases[i].name), cases[i].params,
                                       cases[i].count, &out, &err);
        assert_int_equal(st, cases[i].status);
        char got[1000];
        snprintf(got, sizeof(got), "%.*s", (int)kida_buf_str(&out).len, kida_buf_str(&out).ptr);
        assert_string_equal(st == KIDA_OK ? got : err.message, cases[i].expect);
        kida_buf_free(&out);
    }
    assert_string_equal(err.hint, "known names: file, home, user");
    ch_router_free(router);
}

/* Holds: ME-3 for the build. */
static void
out_of_memory_is_reported(void **state)
{
    (void)state;
    t_counter counter = { 0 };
    kida_allocator allocator = t_counting_allocator(&counter);
    ch_route_def route = { KIDA_S("/a/{b:int}/c"), 1, KIDA_S("n"), NULL };
    ch_router_options options = { true, true };
    kida_status st = KIDA_E_NOMEM;
    for (size_t n = 1; st != KIDA_OK; n++) {
        ch_router *router = NULL;
        counter.requests = 0;
        counter.fail_at = n;
        st = ch_router_build(&route, 1, options, &allocator, &router, NULL);
        assert_true(st == KIDA_OK || st == KIDA_E_NOMEM);
        ch_router_free(router);
        assert_int_equal(counter.live_bytes, 0);
        assert_true(n < 50);
    }
}

#define T(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        T(row_3_1_to_3_4_matches_follow_the_precedence),
        T(row_3_1_and_3_2_bad_routes_are_refused),
        T(row_3_5_urls_are_built_from_names),
        T(out_of_memory_is_reported),
    };
    return cmocka_run_group_tests_name("router/tree", tests, NULL, NULL);
}
