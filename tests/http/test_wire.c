/* SPDX-License-Identifier: MIT */
/* test_wire.c - conversations as fixtures, tests/http/ *.txt: each is fed to a connection whole,
 * byte by byte and cut in two at every place, and must be answered in the same way. Behind it
 * comes one
 * more request, the canary: it is answered if the connection is to stay usable, else never.
 *
 *   [RL-2] label     starts a fixture; # begins a comment
 *   > bytes          a line to send, with its CR LF; escapes \r \n \t \0 \\ \s (space) \xHH
 *   >| bytes         the same without a line end
 *   >* N bytes       N such lines
 *   >% N bytes       the bytes N times, without line ends
 *   $ value          the fixture is run once for each such line, with the value for every {}
 *   eof              the client ends its side then; no canary
 *   = 200 [body]     an answer: status, or several with | between them; "head" after it: without a
 *                    body; a body in brackets, with the same escapes
 *   = open | closed  what the connection is in the end
 */
#define _GNU_SOURCE
#include "app.h"

#include <stdlib.h>

enum {
    INPUT_MAX = 1 << 17,
    ANSWERS_MAX = 64,
    SPLIT_MAX = 700,
    LINES_MAX = 512,
    TEXT_MAX = 1 << 16
};

#define CANARY "GET /canary HTTP/1.1\r\nHost: h\r\n\r\n"

typedef struct answer {
    char statuses[24];
    char body[256];
    size_t body_len;
    bool has_body;
    bool is_head;
} answer;

typedef struct fixture {
    const char *file;
    char label[120];
    unsigned line;
    const char *lines[LINES_MAX]; /* as read, each up to its NUL */
    size_t line_count;
    const char *values[LINES_MAX];
    size_t value_count;
    char *input;                  /* of the present value, as what follows */
    size_t len;
    bool eof;
    bool is_closed;
    bool is_judged; /* open or closed was said */
    answer answers[ANSWERS_MAX];
    size_t count;
} fixture;

/* ---- the app ------------------------------------------------------------------------------- */

static chirp_reply *
say(chirp_request *req, void *user)
{
    return chirp_reply_text(req, kida_str_from(user));
}

static chirp_reply *
echo(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_text(req, chirp_body(req));
}

/* What the server has understood, for rules about hosts, paths and framing. */
static chirp_reply *
understood(chirp_request *req, void *user)
{
    (void)user;
    kida_str host = chirp_host(req), path = chirp_path(req), body = chirp_body(req);
    kida_str field = chirp_header(req, "x");
    return chirp_reply_textf(req, "%.*s %.*s %zu %.*s", (int)host.len, host.ptr, (int)path.len,
                             path.ptr, body.len, (int)field.len, field.ptr ? field.ptr : "");
}

static chirp_reply *
form(chirp_request *req, void *user)
{
    (void)user;
    kida_error err;
    kida_str name, value;
    if (chirp_form_read(req, &err) != KIDA_OK)
        return chirp_reply_bad_form(req, &err);
    kida_buf *out = chirp_buffer(req);
    for (size_t i = 0; out && chirp_form_at(req, i, &name, &value); i++)
        kida_buf_format(out, "%.*s=%.*s;", (int)name.len, name.ptr, (int)value.len, value.ptr);
    return out ? chirp_reply_text(req, kida_buf_str(out)) : NULL;
}

static chirp_reply *
json(chirp_request *req, void *user)
{
    (void)user;
    kida_error err;
    kida_value value;
    if (chirp_json(req, &value, &err) != KIDA_OK)
        return chirp_reply_bad_form(req, &err);
    return chirp_reply_json(req, value);
}

/* Hands what the client says to every place where it could become a header of its own. */
static chirp_reply *
reflect(chirp_request *req, void *user)
{
    char text[256];
    kida_str value = chirp_query(req, "v"), where = chirp_query(req, "in");
    (void)user;
    snprintf(text, sizeof(text), "%.*s", (int)value.len, value.ptr ? value.ptr : "");
    chirp_reply *reply = chirp_reply_text(req, KIDA_S("reflected"));
    if (kida_str_equal(where, KIDA_S("location")))
        return chirp_reply_redirect(req, text);
    if (kida_str_equal(where, KIDA_S("value")))
        return chirp_reply_set_header(reply, "x-v", text);
    if (kida_str_equal(where, KIDA_S("name")))
        return chirp_reply_add_header(reply, text, "v");
    if (kida_str_equal(where, KIDA_S("type")))
        return chirp_reply_set_type(reply, text);
    if (kida_str_equal(where, KIDA_S("cookie")))
        return chirp_reply_set_cookie(reply, "c", text, NULL);
    if (kida_str_equal(where, KIDA_S("cookie-name")))
        return chirp_reply_set_cookie(reply, text, "v", NULL);
    if (kida_str_equal(where, KIDA_S("trigger")))
        return chirp_reply_trigger(reply, text);
    return chirp_reply_vary(reply, text);
}

static chirp_reply *
cookie(chirp_request *req, void *user)
{
    (void)user;
    kida_str value = chirp_cookie(req, "a");
    return chirp_reply_text(req, value.ptr ? value : KIDA_S("none"));
}

static void
open_app(t_app *fx, bool is_debug)
{
    static char hello[] = "hello", canary[] = "canary";
    t_app_init(fx);
    fx->config.debug = is_debug;
    fx->config.env = is_debug ? "development" : "production";
    fx->config.max_body = 100000;
    fx->config.max_connection_requests = 200;
    fx->config.static_dir = "";
    t_app_open(fx);
    chirp_route(fx->app, "GET", "/", say, hello);
    chirp_route(fx->app, "GET", "/canary", say, canary);
    chirp_route(fx->app, "POST", "/echo", echo, NULL);
    chirp_route(fx->app, "POST", "/form", form, NULL);
    chirp_route(fx->app, "POST", "/json", json, NULL);
    chirp_route(fx->app, "GET", "/reflect", reflect, NULL);
    chirp_route(fx->app, "GET", "/cookie", cookie, NULL);
    chirp_route(fx->app, "GET, POST, DELETE", "/see/{rest:path}", understood, NULL);
}

/* ---- reading fixtures ------------------------------------------------------------------------ */

static int
hex(char c)
{
    const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c | 32) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* Appends text with its escapes undone; the new length. */
static size_t
undo(char *out, size_t len, size_t room, const char *text, size_t text_len)
{
    for (size_t i = 0; i < text_len; i++) {
        char c = text[i];
        if (c == '\\' && i + 1 < text_len) {
            static const char from[] = "rnt0\\s", to[] = "\r\n\t\0\\ ";
            const char *at = strchr(from, text[++i]);
            c = at ? to[at - from] : text[i];
            if (text[i] == 'x' && i + 2 < text_len) {
                c = (char)(hex(text[i + 1]) * 16 + hex(text[i + 2]));
                i += 2;
            }
        }
        assert_true(len < room);
        out[len++] = c;
    }
    return len;
}

static void
add_input(fixture *fx, const char *text)
{
    unsigned long times = 1;
    bool line_end = text[1] != '|' && text[1] != '%';
    size_t skip = text[1] == '|' || text[1] == '*' || text[1] == '%' ? 2 : 1;
    if (text[1] == '*' || text[1] == '%') {
        char *end;
        times = strtoul(text + 2, &end, 10);
        skip = (size_t)(end - text);
    }
    skip += text[skip] == ' ';
    for (unsigned long i = 0; i < times; i++) {
        fx->len = undo(fx->input, fx->len, INPUT_MAX - 2, text + skip, strlen(text + skip));
        if (line_end) {
            memcpy(fx->input + fx->len, "\r\n", 2);
            fx->len += 2;
        }
    }
}

static void
add_expectation(fixture *fx, const char *text)
{
    if (strncmp(text, "open", 4) == 0 || strncmp(text, "closed", 6) == 0) {
        fx->is_closed = text[0] == 'c';
        fx->is_judged = true;
        return;
    }
    assert_true(fx->count < ANSWERS_MAX);
    answer *one = &fx->answers[fx->count++];
    size_t len = strcspn(text, " ");
    assert_true(len < sizeof(one->statuses));
    memcpy(one->statuses, text, len);
    one->is_head = strstr(text, " head") != NULL;
    const char *body = strchr(text, '[');
    if (body) {
        one->has_body = true;
        one->body_len = undo(one->body, 0, sizeof(one->body), body + 1,
                             (size_t)(strrchr(text, ']') - body - 1));
    }
}

/* ---- judging answers ------------------------------------------------------------------------- */

static size_t
number_behind(kida_str head, const char *name)
{
    const char *at = memmem(head.ptr, head.len, name, strlen(name));
    return at ? strtoul(at + strlen(name), NULL, 10) : 0;
}

/* Takes one answer off *text; false if there is no whole one. */
static bool
next_answer(kida_str *text, bool is_head, unsigned *status, kida_str *body)
{
    const char *end = text->len ? memmem(text->ptr, text->len, "\r\n\r\n", 4) : NULL;
    if (!end || text->len < 12 || memcmp(text->ptr, "HTTP/1.1 ", 9) != 0)
        return false;
    kida_str head = { text->ptr, (size_t)(end - text->ptr) + 4 };
    *status = (unsigned)strtoul(text->ptr + 9, NULL, 10);
    size_t len = is_head || *status < 200 || *status == 204 || *status == 304
                     ? 0
                     : number_behind(head, "\r\ncontent-length: ");
    if (text->len - head.len < len)
        return false;
    *body = (kida_str){ text->ptr + head.len, len };
    *text = (kida_str){ body->ptr + len, text->len - head.len - len };
    return true;
}

static bool
status_fits(const char *statuses, unsigned status)
{
    char text[8];
    snprintf(text, sizeof(text), "%u", status);
    return strstr(statuses, text) != NULL;
}

static bool
judge(const fixture *fx, kida_str raw, bool closed, const char *how, size_t at)
{
    kida_str rest = raw, body = { "", 0 };
    unsigned status = 0;
    size_t i = 0;
    bool fits = closed == fx->is_closed;
    for (; fits && i < fx->count; i++) {
        const answer *want = &fx->answers[i];
        fits = next_answer(&rest, want->is_head, &status, &body) &&
               status_fits(want->statuses, status) &&
               (!want->has_body || kida_str_equal(body, (kida_str){ want->body, want->body_len }));
    }
    if (fits && !fx->is_closed)
        fits = next_answer(&rest, false, &status, &body) && status == 200 &&
               kida_str_equal(body, KIDA_S("canary"));
    fits = fits && rest.len == 0;
    if (!fits)
        print_error("%s:%u %s (%s %zu): not as wanted from answer %zu on, %s:\n%.*s\n", fx->file,
                    fx->line, fx->label, how, at, i, closed ? "closed" : "open",
                    raw.len > 2000 ? 2000 : (int)raw.len, raw.ptr);
    return fits;
}

/* ---- feeding --------------------------------------------------------------------------------- */

/* Feeds the pieces until the server ends the connection; what came back is appended to out. */
static bool
feed(chirp_test_client *client, kida_str bytes, size_t first, size_t piece, bool eof, kida_buf *out)
{
    chirp_answer got = { 0 };
    for (size_t at = 0; at < bytes.len && !got.closed;) {
        size_t len = at == 0 && first > 0 ? first : piece;
        len = len > bytes.len - at ? bytes.len - at : len;
        char *copy = test_malloc(len); /* of just its size, so that a read behind it is found */
        memcpy(copy, bytes.ptr + at, len);
        assert_int_equal(chirp_test_raw(client, (kida_str){ copy, len }, &got), KIDA_OK);
        test_free(copy);
        kida_buf_put(out, got.raw);
        at += len;
    }
    if (eof && !got.closed) {
        size_t seen = got.raw.len;
        chirp_test_leave(client, false);
        (void)!chirp_test_wait(client, NULL, 1000, &got);
        kida_buf_put(out, (kida_str){ got.raw.ptr + seen, got.raw.len - seen });
    }
    bool closed = got.closed;
    chirp_test_leave(client, true);
    return closed;
}

static unsigned conversations_held;

static bool
run_one(t_app *app, const fixture *fx, size_t first, size_t piece, const char *how)
{
    static char bytes[INPUT_MAX + sizeof(CANARY)];
    kida_buf out;
    size_t len = fx->len;
    memcpy(bytes, fx->input, len);
    if (!fx->eof) {
        memcpy(bytes + len, CANARY, sizeof(CANARY) - 1);
        len += sizeof(CANARY) - 1;
    }
    kida_buf_init_heap(&out, NULL, 1u << 22);
    bool closed = feed(t_client(app), (kida_str){ bytes, len }, first, piece, fx->eof, &out);
    bool fits = judge(fx, kida_buf_str(&out), closed, how, first > 0 ? first : piece);
    kida_buf_free(&out);
    conversations_held++;
    return fits;
}

/* Whether it is answered as wanted in every way; tells about the first that is not. */
static bool
run(t_app *app, const fixture *fx)
{
    if (!fx->is_judged || (fx->eof && !fx->is_closed))
        fail_msg("%s:%u %s: open or closed?", fx->file, fx->line, fx->label);
    bool fits = run_one(app, fx, 0, INPUT_MAX * 2, "whole") &&
                run_one(app, fx, 0, 1, "pieces of") && run_one(app, fx, 0, 7, "pieces of");
    for (size_t cut = 1; fits && cut < fx->len && fx->len < SPLIT_MAX; cut++)
        fits = run_one(app, fx, cut, INPUT_MAX * 2, "cut at");
    return fits;
}

/* Copies a line with the value for every {}. */
static void
fill_in(char *out, size_t room, const char *line, const char *value)
{
    size_t len = 0, value_len = value ? strlen(value) : 0;
    while (*line) {
        bool is_gap = value && line[0] == '{' && line[1] == '}';
        assert_true(len + value_len + 1 < room);
        if (is_gap)
            memcpy(out + len, value, value_len);
        else
            out[len] = *line;
        len += is_gap ? value_len : 1;
        line += is_gap ? 2 : 1;
    }
    out[len] = '\0';
}

/* Whether it is answered as wanted with that value; NULL: it has none. */
static bool
run_with(t_app *app, fixture *fx, const char *value)
{
    char text[4096];
    fx->len = fx->count = 0;
    fx->eof = fx->is_judged = false;
    memset(fx->answers, 0, sizeof(fx->answers));
    for (size_t i = 0; i < fx->line_count; i++) {
        fill_in(text, sizeof(text), fx->lines[i], value);
        if (text[0] == '>')
            add_input(fx, text);
        else if (text[0] == '=')
            add_expectation(fx, text + 2);
        else if (strcmp(text, "eof") == 0)
            fx->eof = true;
        else
            fail_msg("%s:%u: what is %s?", fx->file, fx->line, text);
    }
    bool fits = run(app, fx);
    if (!fits && value)
        print_error("with %s\n", value);
    return fits;
}

/* Number of conversations that are not as wanted. */
static unsigned
run_values(t_app *app, fixture *fx)
{
    unsigned bad = 0;
    for (size_t i = 0; i < fx->value_count; i++)
        bad += !run_with(app, fx, fx->values[i]);
    return fx->value_count > 0 ? bad : !run_with(app, fx, NULL);
}

static unsigned
run_file(t_app *app, const char *name)
{
    static char input[INPUT_MAX], file_text[TEXT_MAX];
    static fixture fx;
    char path[512];
    unsigned line = 0, bad = 0;
    snprintf(path, sizeof(path), "%s/tests/http/%s", T_SOURCE_DIR, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t len = fread(file_text, 1, sizeof(file_text) - 1, file);
    assert_true(len < sizeof(file_text) - 1);
    fclose(file);
    file_text[len] = '\0';
    fx.line = 0;
    for (char *text = file_text, *end; *text; text = end + 1) {
        end = strchr(text, '\n');
        assert_non_null(end);
        *end = '\0';
        line++;
        assert_true(fx.line_count < LINES_MAX && fx.value_count < LINES_MAX);
        if (text[0] == '[') {
            if (fx.line > 0)
                bad += run_values(app, &fx);
            fx = (fixture){ .file = name, .line = line, .input = input };
            snprintf(fx.label, sizeof(fx.label), "%.*s", 100, text);
        } else if (text[0] == '$') {
            fx.values[fx.value_count++] = text + 1 + (text[1] == ' ');
        } else if (text[0] != '\0' && text[0] != '#') {
            fx.lines[fx.line_count++] = text;
        }
    }
    assert_true(fx.line > 0);
    return bad + run_values(app, &fx);
}

/* Holds: sections 2 to 5 as a client sees them. Could break: a split that loses state, an answer
 * too few or too many, a byte behind an error that is still read. */
static void
hold(const char *name, bool is_debug)
{
    t_app app;
    open_app(&app, is_debug);
    unsigned bad = run_file(&app, name);
    t_app_close(&app);
    assert_int_equal(bad, 0);
}

static void
conversations_in_production(void **state)
{
    hold(*state, false);
}

static void
conversations_in_debug_mode(void **state)
{
    hold(*state, true);
}

int
main(void)
{
    static char names[][24] = {
        "request-line.txt", "request-line-2.txt", "fields.txt",     "fields-2.txt",
        "hosts.txt",        "hosts-2.txt",        "length.txt",     "framing.txt",
        "chunks.txt",       "chunks-2.txt",       "connection.txt", "connection-2.txt",
        "limits.txt",       "content.txt",        "reflected.txt",
    };
    struct CMUnitTest tests[2 * T_COUNT(names)];
    for (size_t i = 0; i < T_COUNT(names); i++) {
        tests[2 * i] =
            (struct CMUnitTest)cmocka_unit_test_prestate(conversations_in_production, names[i]);
        tests[2 * i + 1] =
            (struct CMUnitTest)cmocka_unit_test_prestate(conversations_in_debug_mode, names[i]);
    }
    int failed = cmocka_run_group_tests_name("http/wire", tests, NULL, NULL);
    print_message("%u conversations\n", conversations_held);
    return failed;
}
