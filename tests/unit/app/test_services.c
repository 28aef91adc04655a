/* SPDX-License-Identifier: MIT */
/* test_services.c - services of a request, handlers of failures by code, what is logged of them and
 * the texts of routing (rows 3.4, 4.8, 9.2, 9.5). */
#define _GNU_SOURCE
#include "app.h"

#include <unistd.h>

/* ---- services -------------------------------------------------------------------------------- */

static unsigned made;
static char gone[32];

static void
note_end(void *service)
{
    size_t used = strnlen(gone, sizeof(gone));
    snprintf(gone + used, sizeof(gone) - used, "%s ", (const char *)service);
}

static kida_status
make_store(chirp_request *req, void *user, void **out, kida_error *err)
{
    (void)req;
    (void)err;
    made++;
    *out = user;
    return KIDA_OK;
}

/* Needs the store, so it ends before it. */
static kida_status
make_cart(chirp_request *req, void *user, void **out, kida_error *err)
{
    *out = user;
    return chirp_service(req, "store", err) ? KIDA_OK : err->status;
}

static kida_status
make_broken(chirp_request *req, void *user, void **out, kida_error *err)
{
    (void)req;
    (void)out;
    (void)user;
    snprintf(err->message, sizeof(err->message), "no connection");
    return KIDA_E_IO;
}

static kida_status
make_circle(chirp_request *req, void *user, void **out, kida_error *err)
{
    *out = chirp_service(req, user, err);
    return *out ? KIDA_OK : err->status;
}

static chirp_reply *
use_services(chirp_request *req, void *user)
{
    (void)user;
    kida_error err;
    kida_str name = chirp_query(req, "name");
    const char *cart = chirp_service(req, "cart", NULL);
    const char *store = chirp_service(req, "store", NULL);
    if (!cart || !store || store != chirp_service(req, "store", NULL))
        return NULL;
    if (!chirp_given(name))
        return chirp_reply_textf(req, "%s %s", cart, store);
    char text[40];
    snprintf(text, sizeof(text), "%.*s", (int)(name.len < 30 ? name.len : 30), name.ptr);
    return chirp_service(req, text, &err) ? chirp_reply_text(req, KIDA_S("there"))
                                          : chirp_reply_error(req, &err);
}

/* ---- failures -------------------------------------------------------------------------------- */

static chirp_reply *
on_undefined(chirp_request *req, const chirp_failure *failure, void *user)
{
    (void)user;
    return chirp_reply_textf(req, "undefined %u %s", failure->status, failure->error->code);
}

static chirp_reply *
on_internal(chirp_request *req, const chirp_failure *failure, void *user)
{
    (void)user;
    return chirp_reply_textf(req, "internal %u", failure->status);
}

static chirp_reply *
broken_page(chirp_request *req, void *user)
{
    return chirp_reply_template(req, user, kida_none());
}

static chirp_reply *
no_memory_at_all(chirp_request *req, void *user)
{
    (void)user;
    kida_error err;
    kida_error_init(&err);
    err.status = KIDA_E_IO;
    snprintf(err.message, sizeof(err.message), "no disk\n500 GET /forged");
    return chirp_reply_error(req, &err);
}

static chirp_reply *
fields(chirp_request *req, void *user)
{
    kida_str parts[] = { chirp_method(req), chirp_path(req), chirp_url(req),
                         chirp_query_string(req), chirp_http_version(req), chirp_host(req),
                         chirp_scheme(req), chirp_client(req), chirp_header(req, "X-Two"),
                         chirp_header_nth(req, "x-two", 1), chirp_content_type(req) };
    char text[1000];
    size_t len = 0;
    (void)user;
    for (size_t i = 0; i < T_COUNT(parts); i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%.*s|", (int)parts[i].len,
                                parts[i].ptr ? parts[i].ptr : "");
    bool same = chirp_current_request() == req && chirp_request_id(req).len == 32;
    return chirp_reply_textf(req, "%s%s", text, same ? "same" : "other");
}

static kida_status
break_off(chirp_stream *stream, void *user)
{
    (void)user;
    kida_error err;
    kida_error_init(&err);
    kida_status st = chirp_stream_write(stream, KIDA_S("some"));
    return st == KIDA_OK ? KIDA_E_IO : st;
}

static chirp_reply *
broken_stream(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_stream(req, "text/plain", break_off, NULL);
}

static void
open_app(t_app *fx)
{
    static char store[] = "store", cart[] = "cart", to_b[] = "b", to_a[] = "a";
    static char broken[] = "broken.html";
    t_app_init(fx);
    fx->config.log_format = CHIRP_LOG_TEXT;
    t_app_open(fx);
    chirp_provide(fx->app, "store", make_store, store, note_end);
    chirp_provide(fx->app, "cart", make_cart, cart, note_end);
    chirp_provide(fx->app, "broken", make_broken, NULL, NULL);
    chirp_provide(fx->app, "a", make_circle, to_b, NULL);
    chirp_provide(fx->app, "b", make_circle, to_a, NULL);
    chirp_route(fx->app, "GET", "/", use_services, NULL);
    chirp_route(fx->app, "GET|POST", "/broken/{n}", broken_page, broken);
    chirp_route(fx->app, "GET", "/disk", no_memory_at_all, NULL);
    chirp_route(fx->app, "GET|POST", "/fields/{name}", fields, NULL);
    chirp_route(fx->app, "GET", "/stream", broken_stream, NULL);
    t_app_template(fx, "broken.html", "one\n{{ missing.thing }}\nthree");
}

/* What is written to stderr by one request. */
static void
log_of(t_app *fx, const char *target, char *text, size_t room)
{
    chirp_answer got;
    fflush(stderr);
    FILE *file = tmpfile();
    int old = dup(STDERR_FILENO);
    assert_non_null(file);
    dup2(fileno(file), STDERR_FILENO);
    kida_status st = chirp_test_get(t_client(fx), target, &got);
    chirp_test_free(fx->client); /* which writes what is gathered */
    fx->client = NULL;
    fflush(stderr);
    dup2(old, STDERR_FILENO);
    close(old);
    rewind(file);
    text[fread(text, 1, room - 1, file)] = '\0';
    fclose(file);
    assert_int_equal(st, KIDA_OK);
}

/* ---- tests ----------------------------------------------------------------------------------- */

/* Holds: made once for a request, on its first use, ended newest first; a mistake is told. */
static void
row_4_8_services(void **state)
{
    (void)state;
    static t_app fx;
    chirp_answer got;
    open_app(&fx);
    made = 0;
    gone[0] = '\0';
    assert_int_equal(chirp_test_get(t_client(&fx), "/", &got), KIDA_OK);
    T_BODY(&got, "cart store");
    assert_int_equal(made, 1);
    assert_int_equal(chirp_test_get(fx.client, "/", &got), KIDA_OK);
    assert_int_equal(made, 2);
    t_app_close(&fx);
    assert_string_equal(gone, "cart store cart store ");
    static const struct {
        const char *target, *message;
    } cases[] = {
        { "/?name=none", "no factory for service 'none'" },
        { "/?name=broken", "no connection" },
        { "/?name=a", "service 'a' needs itself" },
    };
    open_app(&fx);
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        char text[3000];
        log_of(&fx, cases[i].target, text, sizeof(text));
        if (!strstr(text, cases[i].message))
            fail_msg("%s: logged [%s]", cases[i].target, text);
    }
    t_app_close(&fx);
}

static void
row_4_8_bad_services_are_refused(void **state)
{
    (void)state;
    static t_app fx;
    kida_error err;
    open_app(&fx);
    assert_int_equal(chirp_provide(fx.app, "store", make_store, NULL, NULL), KIDA_E_USAGE);
    assert_int_equal(chirp_provide(fx.app, "", make_store, NULL, NULL), KIDA_E_USAGE);
    assert_int_equal(chirp_provide(fx.app, "x", NULL, NULL, NULL), KIDA_E_USAGE);
    assert_int_equal(chirp_app_freeze(fx.app, &err), KIDA_E_USAGE);
    assert_string_equal(err.message, "two factories for service 'store'");
    t_app_close(&fx);
}

/* Holds: the handler of the code goes before that of the status; the status stays 500. */
static void
row_9_2_handlers_by_code_and_status(void **state)
{
    (void)state;
    static t_app fx;
    chirp_answer got;
    open_app(&fx);
    fx.config.log_level = CHIRP_LEVEL_ERROR;
    assert_int_equal(chirp_on_error(fx.app, 500, on_internal, NULL), KIDA_OK);
    assert_int_equal(chirp_on_error_code(fx.app, KIDA_E_UNDEFINED, on_undefined, NULL), KIDA_OK);
    assert_int_equal(chirp_test_get(t_client(&fx), "/broken/1", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&got, 500));
    T_BODY(&got, "undefined 500 K-RUN-001");
    assert_int_equal(chirp_test_get(fx.client, "/disk", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&got, 500));
    T_BODY(&got, "internal 500");
    t_app_close(&fx);
}

/* Holds: the texts of 3.4, escaped, and Allow in alphabetical order. */
static void
row_3_4_no_route_and_wrong_method(void **state)
{
    (void)state;
    static t_app fx;
    chirp_answer got;
    open_app(&fx);
    assert_int_equal(chirp_test_get(t_client(&fx), "/x%3Cb%3E", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&got, 404));
    T_BODY(&got, "No route matches GET &#39;/x&lt;b&gt;&#39;");
    assert_int_equal(chirp_test_request(fx.client, "DELETE", "/broken/1", NULL, KIDA_S(""), &got),
                     KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&got, 405));
    assert_true(CHIRP_CHECK_HEADER(&got, "Allow", "GET, HEAD, OPTIONS, POST"));
    T_BODY(&got, "Method not allowed. Allowed methods: GET, HEAD, OPTIONS, POST");
    t_app_close(&fx);
}

/* Holds: what a template did wrong is logged with its lines, in a frame; nothing that came from a
 * client begins a line. */
static void
row_9_5_the_error_log(void **state)
{
    (void)state;
    static t_app fx;
    char text[4000];
    open_app(&fx);
    log_of(&fx, "/broken/1", text, sizeof(text));
    const char *const parts[] = {
        "chirp: error: 500 GET /broken/1\n-- Template Error ------------", "broken.html:2",
        "{{ missing.thing }}", "\n\n  Route: GET /broken/1\n-----------------------------",
    };
    for (size_t i = 0; i < T_COUNT(parts); i++) {
        if (!strstr(text, parts[i]))
            fail_msg("lacks [%s]: [%s]", parts[i], text);
    }
    log_of(&fx, "/broken/x%0Achirp", text, sizeof(text));
    assert_null(strstr(text, "\nchirp"));
    log_of(&fx, "/disk", text, sizeof(text));
    if (!strstr(text, "chirp: error: 500 GET /disk: ") || strstr(text, "\n500 GET"))
        fail_msg("logged [%s]", text);
    t_app_close(&fx);
}

static void
row_9_5_traces_can_be_short_or_full(void **state)
{
    (void)state;
    static t_app fx;
    char text[4000];
    open_app(&fx);
    chirp_app_free(fx.app);
    fx.config.traceback = "minimal";
    t_app_open(&fx);
    static char broken[] = "broken.html";
    chirp_route(fx.app, "GET", "/broken", broken_page, broken);
    t_app_template(&fx, "broken.html", "one\n{{ missing.thing }}\nthree");
    log_of(&fx, "/broken", text, sizeof(text));
    if (!strstr(text, "chirp: error: 500 GET /broken: broken.html:2") ||
        strchr(text, '\n') != text + strlen(text) - 1)
        fail_msg("logged [%s]", text);
    t_app_close(&fx);
}

/* Holds: 4.1: what is decoded and what is as sent; the request is the same from everywhere. */
static void
row_4_1_fields(void **state)
{
    (void)state;
    static const char *const headers[] = { "Host", "Example.ORG:81", "X-Two", "a", "X-Two", "b",
                                           "Content-Type", "text/x; q=1", NULL };
    static t_app fx;
    chirp_answer got;
    open_app(&fx);
    assert_int_equal(chirp_test_request(t_client(&fx), "POST", "/fields/a%20b?x=%31&y", headers,
                                        KIDA_S("body"), &got), KIDA_OK);
    T_BODY(&got, "POST|/fields/a b|/fields/a%20b?x=%31&y|x=%31&y|1.1|example.org|http|127.0.0.1|"
                 "a|b|text/x; q=1|same");
    assert_true(chirp_answer_header(&got, "x-request-id").len == 32);
    t_app_close(&fx);
}

/* Holds: RS-7, 17.9: answers that break off behind their head are counted. */
static void
row_17_9_aborted_answers_are_counted(void **state)
{
    (void)state;
    static t_app fx;
    chirp_answer got;
    open_app(&fx);
    chirp_app_free(fx.app);
    fx.config.metrics_enabled = true;
    fx.config.log_level = CHIRP_LEVEL_ERROR;
    t_app_open(&fx);
    chirp_route(fx.app, "GET", "/stream", broken_stream, NULL);
    assert_int_equal(chirp_test_get(t_client(&fx), "/metrics", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_CONTAINS(&got, "\nresponses_aborted_total 0\n"));
    assert_int_not_equal(chirp_test_get(fx.client, "/stream", &got), KIDA_OK);
    assert_int_equal(chirp_test_get(fx.client, "/metrics", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_CONTAINS(&got, "\nresponses_aborted_total 1\n"));
    t_app_close(&fx);
}

/* Holds: 17.12: who, what, status, bytes, time and id; the query can be left out. */
static void
row_17_12_the_access_log(void **state)
{
    (void)state;
    static t_app fx;
    char text[2000];
    for (int with_query = 0; with_query < 2; with_query++) {
        t_app_init(&fx);
        fx.config.log_format = CHIRP_LOG_TEXT;
        fx.config.log_level = CHIRP_LEVEL_INFO;
        fx.config.access_log = true;
        fx.config.log_query = with_query == 1;
        t_app_open(&fx);
        chirp_route(fx.app, "GET", "/fields/{name}", fields, NULL);
        log_of(&fx, "/fields/x?token=1", text, sizeof(text));
        const char *want = with_query ? "127.0.0.1:0 - \"GET /fields/x?token=1 HTTP/1.1\" 200 "
                                      : "127.0.0.1:0 - \"GET /fields/x HTTP/1.1\" 200 ";
        if (strncmp(text, want, strlen(want)) != 0)
            fail_msg("logged [%s]", text);
        const char *rest = strstr(text, "ms ");
        assert_true(rest && strlen(rest) == 3 + 12 + 1);
        t_app_close(&fx);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(row_4_8_services),
        cmocka_unit_test(row_4_8_bad_services_are_refused),
        cmocka_unit_test(row_9_2_handlers_by_code_and_status),
        cmocka_unit_test(row_3_4_no_route_and_wrong_method),
        cmocka_unit_test(row_9_5_the_error_log),
        cmocka_unit_test(row_9_5_traces_can_be_short_or_full),
        cmocka_unit_test(row_4_1_fields),
        cmocka_unit_test(row_17_9_aborted_answers_are_counted),
        cmocka_unit_test(row_17_12_the_access_log),
    };
    return cmocka_run_group_tests_name("app/services", tests, NULL, NULL);
}
