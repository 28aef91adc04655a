/* SPDX-License-Identifier: MIT */
/* test_reactive.c - chirp.md 8.4: changes, the blocks that they concern, streams of them. */
#define _GNU_SOURCE
#include "app.h"

#include <pthread.h>

static chirp_bus *bus;
static chirp_deps *deps;
static int64_t number;
static unsigned built;

static const char page[] =
    "<h1 id=\"top\" sse-swap=\"title\">{% block title %}{{ doc.title }}{% end %}</h1>"
    "<div sse-swap=\"body\"><div>x</div>{% block text %}{{ doc.text }}{% end %}</div>"
    "{% block stats %}<p id=\"numbers\" sse-swap=\"stats\">{{ stats.words }}</p>{% end %}"
    "{% block tools %}{{ user.name }}{% end %}"
    "{% block fixed %}<b>{{ 1 }}</b>{% end %}";

static kida_status
start(chirp_app *app, void *user, kida_error *err)
{
    static const char *const from[] = { "doc.text", NULL };
    static const char *const further[] = { "stats", NULL };
    (void)user;
    kida_status st = chirp_deps_add(deps, app, "page.html", err);
    if (st == KIDA_OK)
        st = chirp_deps_derive(deps, "user.name", further);
    return st == KIDA_OK ? chirp_deps_derive(deps, "stats", from) : st;
}

static kida_status
build(chirp_request *req, const chirp_change *change, kida_pool *pool, kida_value *context,
      void *user, kida_error *err)
{
    (void)req;
    (void)change;
    (void)user;
    kida_value doc;
    built++;
    if (number < 0) {
        snprintf(err->message, sizeof(err->message), "no number");
        return KIDA_E_IO;
    }
    if (number == 0) {
        *context = kida_int(0);
        return KIDA_OK;
    }
    kida_status st = kida_context(pool, &doc, "title", kida_int(number), "text", kida_int(number),
                                  "words", kida_int(number), "name", kida_int(number), NULL);
    return st == KIDA_OK ? kida_context(pool, context, "doc", doc, "stats", doc, "user", doc, NULL)
                         : st;
}

static chirp_reply *
live(chirp_request *req, void *user)
{
    (void)user;
    chirp_reactive reactive = { .bus = bus, .deps = deps, .context = build,
                                .scope = chirp_query(req, "scope"),
                                .origin = chirp_query(req, "me"),
                                .options = { .close_event = "done" } };
    return chirp_reply_reactive(req, &reactive);
}

static int
setup(void **state)
{
    static t_app fx;
    t_app_init(&fx);
    t_app_open(&fx);
    t_app_template(&fx, "page.html", page);
    bus = chirp_bus_new(&fx.config.allocator);
    deps = chirp_deps_new(&fx.config.allocator);
    assert_non_null(bus);
    assert_non_null(deps);
    chirp_on_startup(fx.app, start, NULL);
    chirp_route(fx.app, "GET", "/live", live, NULL);
    number = 7;
    built = 0;
    *state = &fx;
    return 0;
}

static int
teardown(void **state)
{
    t_app *fx = *state;
    chirp_test_free(fx->client);
    chirp_app_free(fx->app);
    fx->client = NULL;
    fx->app = NULL;
    chirp_bus_free(bus);
    chirp_deps_free(deps);
    t_app_close(fx);
    return 0;
}

static kida_status
emit(const char *scope, const char *path, const char *origin)
{
    const kida_str paths[] = { kida_str_from(path) };
    const chirp_change change = { .scope = kida_str_from(scope), .paths = paths, .path_count = 1,
                                  .origin = kida_str_from(origin) };
    return chirp_bus_emit(bus, &change);
}

/* ---- the index ------------------------------------------------------------------------------- */

static kida_status
note(void *arg, const chirp_affected *block)
{
    char *text = arg;
    size_t len = strlen(text);
    snprintf(text + len, 256 - len, "%.*s>%.*s:%.*s ", (int)block->block.len, block->block.ptr,
             (int)block->target.len, block->target.ptr, (int)block->event.len, block->event.ptr);
    return KIDA_OK;
}

static void
check_affected(const char *path, const char *want)
{
    char text[256] = "";
    const kida_str paths[] = { KIDA_S("nothing.there"), kida_str_from(path) };
    assert_int_equal(chirp_deps_affected(deps, paths, 2, note, text), KIDA_OK);
    if (strcmp(text, want) != 0)
        fail_msg("%s: [%s], not [%s]", path, text, want);
}

/* Holds: 8.4: a block is concerned by its path, one above, one below, and what follows from it. */
static void
row_8_4_affected_blocks(void **state)
{
    t_app *fx = *state;
    (void)t_client(fx);
    check_affected("doc.title", "title>title:title ");
    check_affected("doc.title.first", "title>title:title ");
    check_affected("doc.titles", "");
    check_affected("doc", "title>title:title text>text:text stats>stats:stats tools>tools:tools ");
    check_affected("doc.text", "text>text:text stats>stats:stats tools>tools:tools ");
    check_affected("stats", "stats>stats:stats tools>tools:tools ");
    check_affected("user", "tools>tools:tools ");
    check_affected("", "");
}

/* Holds: 8.4: of elements that wait for events only: the block inside, or around by its name. */
static void
row_8_4_blocks_by_sse_swap(void **state)
{
    t_app *fx = *state;
    (void)t_client(fx);
    chirp_deps *all = deps;
    deps = chirp_deps_new(&fx->config.allocator);
    assert_int_equal(chirp_deps_add_swaps(deps, fx->app, "page.html", kida_str_from(page),
                                          &fx->err), KIDA_OK);
    check_affected("doc", "title>top:title text>body:body ");
    check_affected("stats", "stats>numbers:stats ");
    check_affected("user", "");
    assert_int_equal(chirp_deps_add_swaps(deps, fx->app, "page.html", (kida_str){ NULL, 0 },
                                          &fx->err), KIDA_E_IO);
    assert_int_equal(chirp_deps_add(deps, fx->app, "none.html", &fx->err), KIDA_E_NOT_FOUND);
    chirp_deps_free(deps);
    deps = all;
}

static void
row_8_4_index_has_bounds(void **state)
{
    static const char *const from[] = { "a", NULL };
    t_app *fx = *state;
    chirp_deps *own = chirp_deps_new(NULL);
    assert_int_equal(chirp_deps_add(own, fx->app, "page.html", &fx->err), KIDA_E_USAGE);
    for (int i = 0; i < CHIRP_DERIVED_MAX; i++)
        assert_int_equal(chirp_deps_derive(own, "a", from), KIDA_OK); /* and of itself */
    assert_int_equal(chirp_deps_derive(own, "b", from), KIDA_E_USAGE);
    char text[256] = "";
    const kida_str path = KIDA_S("a");
    assert_int_equal(chirp_deps_affected(own, &path, 1, note, text), KIDA_OK);
    chirp_deps_free(own);
}

/* ---- the bus --------------------------------------------------------------------------------- */

static void
row_8_4_changes_are_checked(void **state)
{
    (void)state;
    kida_str paths[CHIRP_PATHS_MAX + 1];
    for (size_t i = 0; i < T_COUNT(paths); i++)
        paths[i] = KIDA_S("a.b");
    chirp_change change = { .paths = paths, .path_count = CHIRP_PATHS_MAX };
    assert_int_equal(chirp_bus_emit(bus, &change), KIDA_OK);
    change.path_count++;
    assert_int_equal(chirp_bus_emit(bus, &change), KIDA_E_USAGE);
    assert_int_equal(emit("", "a\nb", ""), KIDA_E_USAGE);
    assert_int_equal(emit("", "a", "\r"), KIDA_E_USAGE);
    assert_int_equal(emit("any\nscope", "a", "me"), KIDA_OK);
}

static void
open_live(chirp_test_client *client, const char *target)
{
    chirp_answer answer;
    assert_int_equal(chirp_test_open(client, "GET", target, NULL, KIDA_S(""), &answer), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 200));
}

#define TITLE(n) "event: title\ndata: <div id=\"title\" hx-swap-oob=\"true\">" n "</div>\n\n"

/* Holds: 8.4: each change gives its blocks, made anew; other scopes and one's own pass by. */
static void
row_8_4_reactive_stream(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    open_live(t_client(fx), "/live?scope=a&me=x");
    assert_int_equal(chirp_bus_count(bus), 1);
    emit("a", "doc.title", "y");
    assert_int_equal(chirp_test_wait(t_client(fx), "7</div>\n\n", 10000, &answer), KIDA_OK);
    emit("b", "doc.title", "y");
    emit("a", "doc.title", "x");
    emit("a", "doc.other", "y"); /* concerns no block: no context is built */
    number = 8;
    emit("", "doc.title", "");
    emit("a", "stats", "");
    assert_int_equal(chirp_bus_close(bus, KIDA_S("a")), KIDA_OK);
    assert_int_equal(chirp_test_wait(t_client(fx), NULL, 10000, &answer), KIDA_OK);
    T_BODY(&answer, TITLE("7") TITLE("8")
           "event: stats\ndata: <div id=\"stats\" hx-swap-oob=\"true\">"
           "<p id=\"numbers\" sse-swap=\"stats\">8</p></div>\n\n"
           "event: tools\ndata: <div id=\"tools\" hx-swap-oob=\"true\">8</div>\n\n"
           "event: done\ndata: complete\n\n");
    assert_int_equal(built, 3);
    assert_int_equal(chirp_bus_count(bus), 0);
}

/* Holds: 8.4: a context that can't be built, or is no dict, passes its change over. */
static void
row_8_4_bad_contexts_are_passed_over(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    open_live(t_client(fx), "/live");
    number = -1;
    emit("a", "doc", "");
    chirp_test_run(t_client(fx), 1);
    for (int i = 0; i < 500 && built < 1; i++)
        chirp_test_run(t_client(fx), 2);
    number = 0;
    emit("a", "doc", "");
    for (int i = 0; i < 500 && built < 2; i++)
        chirp_test_run(t_client(fx), 2);
    number = 9;
    emit("b", "doc.title", "");
    assert_int_equal(chirp_test_wait(t_client(fx), "</div>\n\n", 10000, &answer), KIDA_OK);
    T_BODY(&answer, TITLE("9"));
}

static void *
emit_many(void *arg)
{
    (void)arg;
    for (int i = 0; i < 200; i++)
        emit(i % 2 ? "a" : "b", "doc.title", "");
    emit("", "user", "");
    return NULL;
}

/* Holds: 8.4: any thread emits; each listener gets its scope in order, up to the last. */
static void
row_8_4_from_a_foreign_thread(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    pthread_t thread;
    open_live(t_client(fx), "/live?scope=a");
    assert_int_equal(pthread_create(&thread, NULL, emit_many, NULL), 0);
    assert_int_equal(chirp_test_wait(t_client(fx), "event: tools\n", 10000, &answer), KIDA_OK);
    pthread_join(thread, NULL);
    size_t count = 0;
    for (size_t i = 0; i + 13 <= answer.body.len; i++)
        count += memcmp(answer.body.ptr + i, "event: title\n", 13) == 0;
    assert_int_equal(count, 100);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(row_8_4_affected_blocks, setup, teardown),
        cmocka_unit_test_setup_teardown(row_8_4_blocks_by_sse_swap, setup, teardown),
        cmocka_unit_test_setup_teardown(row_8_4_index_has_bounds, setup, teardown),
        cmocka_unit_test_setup_teardown(row_8_4_changes_are_checked, setup, teardown),
        cmocka_unit_test_setup_teardown(row_8_4_reactive_stream, setup, teardown),
        cmocka_unit_test_setup_teardown(row_8_4_bad_contexts_are_passed_over, setup, teardown),
        cmocka_unit_test_setup_teardown(row_8_4_from_a_foreign_thread, setup, teardown),
    };
    return cmocka_run_group_tests_name("sse/reactive", tests, NULL, NULL);
}
