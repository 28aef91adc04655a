/* SPDX-License-Identifier: MIT */
/* test_chain.c - layers: their order, short cuts, replaced replies, failures (row 6.1). */
#define _GNU_SOURCE
#include "mw.h"

/* What was run in this request, in order. */
static char trace[64];

static void
note(char c)
{
    size_t len = strlen(trace);
    if (len + 1 < sizeof(trace)) {
        trace[len] = c;
        trace[len + 1] = '\0';
    }
}

/* Notes its letter on the way in, and in upper case on the way out. */
static chirp_reply *
letter(chirp_request *req, chirp_next *next, void *user)
{
    char c = *(const char *)user;
    note(c);
    chirp_reply *reply = chirp_proceed(next, req);
    note((char)(c - 'a' + 'A'));
    return chirp_reply_add_header(reply, "X-Trace", (const char[]){ c, '\0' });
}

/* Answers some paths by itself. */
static chirp_reply *
gate(chirp_request *req, chirp_next *next, void *user)
{
    (void)user;
    kida_str path = chirp_path(req);
    if (kida_str_equal(path, KIDA_S("/stop")))
        return chirp_reply_text(req, KIDA_S("stopped"));
    if (kida_str_equal(path, KIDA_S("/twice"))) {
        (void)chirp_proceed(next, req);
        return chirp_proceed(next, req);
    }
    if (kida_str_equal(path, KIDA_S("/page")))
        return chirp_reply_template(req, "layer.html", kida_none());
    chirp_reply *reply = chirp_proceed(next, req);
    if (kida_str_equal(path, KIDA_S("/changed")))
        return chirp_reply_set_body(chirp_reply_set_status(reply, 201), KIDA_S("other"));
    if (kida_str_equal(path, KIDA_S("/replaced")))
        return chirp_reply_text(req, KIDA_S("new"));
    if (chirp_reply_status(reply) == 404 && chirp_reply_is_failure(reply))
        return chirp_reply_set_header(reply, "X-Missing", "yes");
    return reply;
}

static chirp_reply *
handler(chirp_request *req, void *user)
{
    (void)user;
    note('.');
    return chirp_reply_text(req, KIDA_S("handler"));
}

static chirp_reply *
fails(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_fail(req, 403, "no");
}

static void
use_layers(mw *fx)
{
    static const char first = 'a', second = 'b';
    chirp_app *app = mw_app(fx);
    assert_int_equal(chirp_use(app, letter, (void *)(uintptr_t)&first, NULL), KIDA_OK);
    assert_int_equal(chirp_use(app, gate, NULL, NULL), KIDA_OK);
    assert_int_equal(chirp_use(app, letter, (void *)(uintptr_t)&second, NULL), KIDA_OK);
    assert_int_equal(kida_env_add_source(chirp_app_templates(app), KIDA_S("layer.html"),
                                         KIDA_S("{{ 1 + 1 }}"), &fx->err),
                     KIDA_OK);
    static const char *const paths[] = { "/", "/stop", "/twice", "/changed", "/replaced" };
    for (size_t i = 0; i < T_COUNT(paths); i++)
        chirp_route(app, "GET", paths[i], handler, NULL);
    chirp_route(app, "GET", "/fails", fails, NULL);
}

static void
row_6_1_order_and_short_cuts(void **state)
{
    static const struct {
        const char *target, *trace, *body;
        unsigned status;
    } cases[] = {
        { "/", "ab.BA", "handler", 200 },
        { "/stop", "aA", "stopped", 200 },
        { "/changed", "ab.BA", "other", 201 },
        { "/replaced", "ab.BA", "new", 200 },
        { "/page", "aA", "2", 200 },
        { "/fails", "abBA", NULL, 403 },
        { "/nowhere", "abBA", NULL, 404 },
        { "/twice", "ab.BA", NULL, 500 },
    };
    mw *fx = *state;
    use_layers(fx);
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        trace[0] = '\0';
        chirp_answer *got = mw_get(fx, cases[i].target);
        if (got->status != cases[i].status || strcmp(trace, cases[i].trace) != 0 ||
            (cases[i].body && !CHIRP_CHECK_BODY(got, cases[i].body)))
            fail_msg("%s: %u %s", cases[i].target, got->status, trace);
    }
}

/* Holds: failures pass through the layers as replies, so that their headers apply to them. */
static void
row_6_1_failures_are_replies(void **state)
{
    mw *fx = *state;
    use_layers(fx);
    (void)mw_get(fx, "/nowhere");
    assert_string_equal(mw_header(fx, "x-missing"), "yes");
    assert_int_equal(mw_header_count(fx, "x-trace"), 2);
    (void)mw_get(fx, "/fails");
    assert_int_equal(mw_header_count(fx, "x-trace"), 2);
    (void)mw_send(fx, "POST", "/", NULL, "");
    assert_int_equal(fx->answer.status, 405);
    assert_int_equal(mw_header_count(fx, "x-trace"), 2);
}

static size_t freed;

static void
count_free(void *user)
{
    (void)user;
    freed++;
}

static void
row_6_1_users_are_freed_once(void **state)
{
    mw *fx = *state;
    freed = 0;
    assert_int_equal(chirp_use(mw_app(fx), NULL, NULL, count_free), KIDA_E_USAGE);
    assert_int_equal(freed, 1);
    mw_close(fx);
    assert_int_equal(chirp_use(mw_app(fx), gate, NULL, count_free), KIDA_OK);
    assert_int_equal(chirp_app_freeze(mw_app(fx), &fx->err), KIDA_OK);
    assert_int_equal(chirp_use(mw_app(fx), gate, NULL, count_free), KIDA_E_FROZEN);
    assert_int_equal(freed, 2);
    mw_close(fx);
    assert_int_equal(freed, 3);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        mw_test(row_6_1_order_and_short_cuts),
        mw_test(row_6_1_failures_are_replies),
        mw_test(row_6_1_users_are_freed_once),
    };
    return cmocka_run_group_tests_name("middleware/chain", tests, NULL, NULL);
}
