/* SPDX-License-Identifier: MIT */
/* test_transcripts.c - chirp.md 5.7 and 0.4: whole answers, byte for byte, as they are on the wire.
 * The date is left out, and the id of the request stands as ID. Vary names every header that an
 * answer depends on (HX-1). */
#define _GNU_SOURCE
#include "app.h"

static const char source[] =
    "<html>{% block page_root %}<main>{% block page_content %}<p>text</p>{% end %}</main>{% end %}"
    "</html>{% block list %}<ul></ul>{% end %}{% block count %}<b>3</b>{% end %}";

static chirp_reply *
page(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_page(req, "page.html", "page_content", kida_none());
}

static chirp_reply *
add_item(chirp_request *req, void *user)
{
    (void)user;
    const chirp_fragment fragments[] = {
        { "page.html", "list", kida_none(), NULL, NULL },
        { "page.html", "count", kida_none(), NULL, NULL },
    };
    return chirp_reply_mutation(req, "/items", "itemAdded", fragments, 2);
}

static chirp_reply *
remove_item(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_mutation(req, "/items", NULL, NULL, 0);
}

static chirp_reply *
act(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_action(req, "saved", true);
}

static chirp_reply *
invalid(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_invalid(req, "page.html", "list", "#form", kida_none());
}

static chirp_reply *
text(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_html(req, KIDA_S("plain"));
}

static chirp_reply *
json(chirp_request *req, void *user)
{
    (void)user;
    kida_value value;
    if (kida_context(chirp_pool(req), &value, "a", kida_string(KIDA_S("\xc3\xa9")), "b",
                     kida_none(), NULL) != KIDA_OK)
        return NULL;
    chirp_reply *reply = chirp_reply_json(req, value);
    chirp_reply_set_cookie(reply, "c", "d", NULL);
    return chirp_reply_add_header(chirp_reply_set_status(reply, 201), "x-own", "1");
}

static chirp_reply *
bytes(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_bytes(req, KIDA_S("\0\1"), NULL);
}

static chirp_reply *
moved(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_redirect(req, "/");
}

static chirp_reply *
inline_page(chirp_request *req, void *user)
{
    (void)user;
    kida_value context;
    if (kida_context(chirp_pool(req), &context, "n", kida_string(KIDA_S("<1>")), NULL) != KIDA_OK)
        return NULL;
    return chirp_reply_inline(req, KIDA_S("<i>{{ n }}</i>{{ current_path ?? '' }}"), context);
}

static kida_status
write_pieces(chirp_stream *stream, void *user)
{
    (void)user;
    chirp_stream_write(stream, KIDA_S("one"));
    return chirp_stream_write(stream, KIDA_S("three"));
}

static chirp_reply *
stream(chirp_request *req, void *user)
{
    return chirp_reply_add_header(chirp_reply_stream(req, NULL, write_pieces, user), "x-own", "1");
}

static kida_status
tell(chirp_sse *sse, void *user)
{
    (void)user;
    return chirp_sse_data(sse, KIDA_S("hi"));
}

static chirp_reply *
events(chirp_request *req, void *user)
{
    return chirp_reply_add_header(chirp_reply_sse(req, tell, user, NULL), "x-own", "1");
}

static int
setup(void **state)
{
    static t_app fx;
    t_app_init(&fx);
    fx.config.compression = fx.config.safe_target = fx.config.sse_lifecycle = false;
    fx.config.server_header = "";
    t_app_open(&fx);
    t_app_template(&fx, "page.html", source);
    chirp_route(fx.app, "GET", "/", page, NULL);
    chirp_route(fx.app, "POST", "/items", add_item, NULL);
    chirp_route(fx.app, "DELETE", "/items", remove_item, NULL);
    chirp_route(fx.app, "POST", "/act", act, NULL);
    chirp_route(fx.app, "POST", "/invalid", invalid, NULL);
    chirp_route(fx.app, "GET", "/text", text, NULL);
    chirp_route(fx.app, "GET", "/json", json, NULL);
    chirp_route(fx.app, "GET", "/bytes", bytes, NULL);
    chirp_route(fx.app, "GET", "/moved", moved, NULL);
    chirp_route(fx.app, "GET", "/inline", inline_page, NULL);
    chirp_route(fx.app, "GET", "/stream", stream, NULL);
    chirp_route(fx.app, "GET", "/events", events, NULL);
    *state = &fx;
    return 0;
}

static int
teardown(void **state)
{
    t_app_close(*state);
    return 0;
}

/* The answer without its date, the id as ID. */
static const char *
normal(const chirp_answer *answer)
{
    static char out[4096];
    size_t len = 0;
    for (size_t i = 0; i < answer->raw.len && len + 1 < sizeof(out);) {
        const char *line = answer->raw.ptr + i;
        size_t left = answer->raw.len - i;
        const char *end = memchr(line, '\n', left);
        size_t part = end ? (size_t)(end - line) + 1 : left;
        bool is_date = part > 6 && memcmp(line, "date: ", 6) == 0;
        if (part > 14 && memcmp(line, "x-request-id: ", 14) == 0) {
            len += (size_t)snprintf(out + len, sizeof(out) - len, "x-request-id: ID\r\n");
        } else if (!is_date && len + part < sizeof(out)) {
            memcpy(out + len, line, part);
            len += part;
        }
        i += part;
    }
    out[len] = '\0';
    return out;
}

#define HTML "content-type: text/html; charset=utf-8\r\n"
#define VARIES "vary: HX-Request, HX-Boosted, HX-History-Restore-Request\r\n"
#define ID "x-request-id: ID\r\n"
#define INTENT(intent, length) \
    ID "x-chirp-render-intent: " intent "\r\ncontent-length: " length "\r\n\r\n"
#define HX "HX-Request", "true"

static const struct {
    const char *method, *target;
    const char *headers[7];
    const char *want;
} transcripts[] = {
    { "GET", "/", { NULL },
      "HTTP/1.1 200 OK\r\n" HTML VARIES INTENT("full_page", "54")
      "<html><main><p>text</p></main></html><ul></ul><b>3</b>" },
    { "GET", "/", { HX, "HX-Boosted", "true", "HX-Target", "main", NULL },
      "HTTP/1.1 200 OK\r\n" HTML VARIES INTENT("fragment", "72")
      "<p>text</p>\n<div id=\"chirp-shell-actions\" hx-swap-oob=\"innerHTML\"></div>" },
    { "GET", "/", { HX, NULL },
      "HTTP/1.1 200 OK\r\n" HTML VARIES INTENT("fragment", "11") "<p>text</p>" },
    { "POST", "/items", { HX, NULL },
      "HTTP/1.1 200 OK\r\n" HTML "hx-trigger: itemAdded\r\nvary: HX-Request\r\n"
      INTENT("fragment", "59")
      "<ul></ul>\n<div id=\"count\" hx-swap-oob=\"true\"><b>3</b></div>" },
    { "POST", "/items", { NULL },
      "HTTP/1.1 303 See Other\r\n" HTML "location: /items\r\nvary: HX-Request\r\n"
      INTENT("unknown", "0") },
    { "DELETE", "/items", { HX, NULL },
      "HTTP/1.1 200 OK\r\n" HTML "hx-redirect: /items\r\nvary: HX-Request\r\n"
      INTENT("unknown", "0") },
    { "POST", "/act", { HX, NULL },
      "HTTP/1.1 204 No Content\r\nhx-trigger: saved\r\nhx-refresh: true\r\n" ID "\r\n" },
    { "POST", "/invalid", { HX, NULL },
      "HTTP/1.1 422 Unprocessable Content\r\n" HTML "hx-retarget: #form\r\n"
      INTENT("fragment", "9") "<ul></ul>" },
    { "GET", "/text", { NULL },
      "HTTP/1.1 200 OK\r\n" HTML INTENT("unknown", "5") "plain" },
    { "GET", "/json", { NULL },
      "HTTP/1.1 201 Created\r\ncontent-type: application/json; charset=utf-8\r\nx-own: 1\r\n"
      "set-cookie: c=d; Path=/; HttpOnly; SameSite=lax\r\n" ID "content-length: 23\r\n\r\n"
      "{\"a\":\"\\u00e9\",\"b\":null}" },
    { "GET", "/moved", { NULL },
      "HTTP/1.1 302 Found\r\n" HTML "location: /\r\n" INTENT("unknown", "0") },
    { "GET", "/inline", { NULL },
      "HTTP/1.1 200 OK\r\n" HTML INTENT("full_page", "16") "<i>&lt;1&gt;</i>" },
    { "GET", "/stream", { NULL },
      "HTTP/1.1 200 OK\r\n" HTML "x-own: 1\r\n" ID "transfer-encoding: chunked\r\n\r\n"
      "3\r\none\r\n5\r\nthree\r\n0\r\n\r\n" },
    { "GET", "/events", { NULL },
      "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
      "cache-control: no-cache\r\nx-accel-buffering: no\r\nx-own: 1\r\n"
      "transfer-encoding: chunked\r\n\r\na\r\ndata: hi\n\n\r\n0\r\n\r\n" },
};

/* Holds: 5.7: what is sent for each kind of answer, to a browser and to htmx. */
static void
row_5_7_transcripts(void **state)
{
    t_app *fx = *state;
    for (size_t i = 0; i < T_COUNT(transcripts); i++) {
        chirp_answer answer;
        assert_int_equal(chirp_test_request(t_client(fx), transcripts[i].method,
                                            transcripts[i].target, transcripts[i].headers,
                                            KIDA_S(""), &answer), KIDA_OK);
        const char *got = normal(&answer);
        if (strcmp(got, transcripts[i].want) != 0)
            fail_msg("%s %s:\n%s\nis not\n%s", transcripts[i].method, transcripts[i].target, got,
                     transcripts[i].want);
    }
}

/* Holds: 5.1: bytes, with a NUL among them. */
static void
row_5_7_bytes(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    assert_int_equal(chirp_test_get(t_client(fx), "/bytes", &answer), KIDA_OK);
    assert_true(CHIRP_CHECK_HEADER(&answer, "content-type", "application/octet-stream"));
    assert_true(CHIRP_CHECK_HEADER(&answer, "x-chirp-render-intent", NULL));
    assert_int_equal(answer.body.len, 2);
    assert_memory_equal(answer.body.ptr, "\0\1", 2);
}

/* Holds: 5.7: a missing route as htmx sees it; its text is a matter of 9.3. */
static void
row_5_7_missing_route(void **state)
{
    static const char head[] =
        "HTTP/1.1 404 Not Found\r\n" HTML "hx-retarget: #chirp-error\r\nhx-reswap: innerHTML\r\n"
        "hx-trigger: chirpError\r\n" ID "x-chirp-render-intent: unknown\r\ncontent-length: ";
    static const char start[] = "\r\n\r\n<div class=\"chirp-error\" data-status=\"404\">";
    static const char *const headers[] = { HX, NULL };
    t_app *fx = *state;
    chirp_answer answer;
    assert_int_equal(chirp_test_request(t_client(fx), "GET", "/nope", headers, KIDA_S(""),
                                        &answer), KIDA_OK);
    const char *got = normal(&answer);
    if (strncmp(got, head, strlen(head)) != 0 || !strstr(got, start) ||
        strcmp(got + strlen(got) - 6, "</div>") != 0)
        fail_msg("%s", got);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(row_5_7_transcripts, setup, teardown),
        cmocka_unit_test_setup_teardown(row_5_7_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(row_5_7_missing_route, setup, teardown),
    };
    return cmocka_run_group_tests_name("reply/transcripts", tests, NULL, NULL);
}
