/* SPDX-License-Identifier: MIT */
/* Header lists, methods, heads of responses, cookies to set, dates. */
#include "t.h"

#include "http/cookie.h"
#include "http/date.h"
#include "http/head.h"
#include "http/method.h"

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
    return arena.used == 0 ? 0 : -1;
}

static void
assert_text(kida_str got, const char *want)
{
    if (!kida_str_equal(got, kida_str_from(want)))
        fail_msg("got [%.*s], want [%s]", (int)got.len, got.ptr, want);
}

static void
headers_keep_order_and_ignore_case(void **state)
{
    (void)state;
    ch_headers list;
    ch_headers_init(&list, &arena, 3);
    assert_int_equal(ch_headers_add(&list, KIDA_S("X-One"), KIDA_S(" 1 "), NULL), KIDA_OK);
    assert_int_equal(ch_headers_add(&list, KIDA_S("Vary"), KIDA_S("a, B"), NULL), KIDA_OK);
    assert_int_equal(ch_headers_add(&list, KIDA_S("x-one"), KIDA_S("2"), NULL), KIDA_OK);
    assert_int_equal(ch_headers_add(&list, KIDA_S("more"), KIDA_S(""), NULL), KIDA_E_LIMIT_MEMORY);
    assert_text(list.items[0].name, "x-one");
    assert_text(ch_headers_get(&list, KIDA_S("X-ONE"), 0), "1");
    assert_text(ch_headers_get(&list, KIDA_S("X-ONE"), 1), "2");
    assert_null(ch_headers_get(&list, KIDA_S("X-ONE"), 2).ptr);
    assert_int_equal(ch_headers_count(&list, KIDA_S("X-One")), 2);
    assert_true(ch_headers_have_token(&list, KIDA_S("vary"), KIDA_S("b")));
    assert_false(ch_headers_have_token(&list, KIDA_S("vary"), KIDA_S("a, b")));
    assert_int_equal(ch_headers_set(&list, KIDA_S("X-ONE"), KIDA_S("3"), NULL), KIDA_OK);
    assert_int_equal(list.count, 2);
    assert_text(list.items[0].value, "3");
    ch_headers_remove(&list, KIDA_S("VARY"));
    assert_int_equal(list.count, 1);
}

/* Holds: RS-3, FZ-11: nothing of a value can become another header. */
static void
headers_refuse_injection(void **state)
{
    (void)state;
    static const kida_str bad[] = { KIDA_S_INIT("a\r\nb: c"), KIDA_S_INIT("a\nb"),
                                    KIDA_S_INIT("a\rb"), KIDA_S_INIT("a\0b"),
                                    KIDA_S_INIT("\x7f"), KIDA_S_INIT("\x1b[0m") };
    static const kida_str names[] = { KIDA_S_INIT(""), KIDA_S_INIT("a b"), KIDA_S_INIT("a:"),
                                      KIDA_S_INIT("a\r\n"), KIDA_S_INIT("\xc3\xa4") };
    ch_headers list;
    kida_error err;
    ch_headers_init(&list, &arena, 10);
    for (size_t i = 0; i < T_COUNT(bad); i++) {
        assert_int_equal(ch_headers_add(&list, KIDA_S("location"), bad[i], &err), KIDA_E_USAGE);
        assert_int_equal(ch_headers_set(&list, KIDA_S("location"), bad[i], &err), KIDA_E_USAGE);
    }
    for (size_t i = 0; i < T_COUNT(names); i++)
        assert_int_equal(ch_headers_add(&list, names[i], KIDA_S("v"), &err), KIDA_E_USAGE);
    assert_int_equal(list.count, 0);
}

static void
methods_are_parsed_and_listed(void **state)
{
    (void)state;
    ch_method_set set;
    char text[CH_ALLOW_MAX];
    kida_error err;
    assert_int_equal(ch_method_set_parse(KIDA_S("post|GET, head"), &set, NULL), KIDA_OK);
    kida_str got = { text, ch_method_set_text(set, text) };
    assert_text(got, "GET, HEAD, POST");
    got.len = ch_method_set_text(ch_method_set_plain(), text);
    assert_text(got, "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
    got.len = ch_method_set_text(0xffffffffu >> (32 - CH_METHOD_COUNT), text);
    assert_true(got.len > 100);
    assert_int_equal(ch_method_set_parse(KIDA_S("GET|FROB"), &set, &err), KIDA_E_USAGE);
    assert_string_equal(err.message, "unknown method 'FROB'");
    assert_int_equal(ch_method_set_parse(KIDA_S(""), &set, &err), KIDA_E_USAGE);
    assert_text(ch_status_text(404), "Not Found");
    assert_text(ch_status_text(286), "Stop Polling");
    assert_text(ch_status_text(299), "Unknown");
}

/* Holds: order of chirp.md 0.4 and 17.5, RS-1 and RS-2. */
static void
heads_are_written_in_order(void **state)
{
    (void)state;
    ch_headers own;
    ch_headers_init(&own, &arena, 20);
    static const char *const fields[][2] = {
        { "Set-Cookie", "a=b" },  { "Vary", "HX-Request" },        { "Connection", "x" },
        { "Content-Length", "9" }, { "Transfer-Encoding", "gzip" }, { "X-Own", "1" },
    };
    for (size_t i = 0; i < T_COUNT(fields); i++)
        assert_int_equal(ch_headers_add(&own, kida_str_from(fields[i][0]),
                                        kida_str_from(fields[i][1]), NULL), KIDA_OK);
    static const struct {
        const char *label;
        unsigned status;
        bool is_http10, keep_alive;
        ch_framing framing;
        const char *type, *tail;
    } cases[] = {
        { "length", 200, false, true, CH_FRAMING_LENGTH, "text/html; charset=utf-8",
          "x-chirp-render-intent: full_page\r\ncontent-length: 12\r\n\r\n" },
        { "json has no intent", 200, false, true, CH_FRAMING_LENGTH, "application/json",
          "content-length: 12\r\n\r\n" },
        { "close", 200, false, false, CH_FRAMING_LENGTH, "text/plain",
          "content-length: 12\r\nconnection: close\r\n\r\n" },
        { "chunked", 200, false, true, CH_FRAMING_CHUNKED, "text/plain",
          "transfer-encoding: chunked\r\n\r\n" },
        { "1.0 kept", 200, true, true, CH_FRAMING_LENGTH, "text/plain",
          "content-length: 12\r\nconnection: keep-alive\r\n\r\n" },
        { "1.0 close-delimited", 200, true, true, CH_FRAMING_CLOSE, "text/plain",
          "connection: close\r\n\r\n" },
        { "204", 204, false, true, CH_FRAMING_LENGTH, "text/plain", "\r\n" },
        { "304", 304, false, true, CH_FRAMING_CHUNKED, "text/plain", "\r\n" },
    };
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        char want[600];
        kida_str reason = ch_status_text(cases[i].status);
        snprintf(want, sizeof(want),
                 "HTTP/1.1 %u %.*s\r\nserver: chirp\r\ndate: D\r\ncontent-type: %s\r\n"
                 "vary: HX-Request\r\nx-own: 1\r\nset-cookie: a=b\r\nx-request-id: r\r\n%s",
                 cases[i].status, (int)reason.len, reason.ptr, cases[i].type, cases[i].tail);
        ch_head head = { cases[i].status, cases[i].is_http10, cases[i].keep_alive,
                         cases[i].framing, 12, KIDA_S("chirp"), KIDA_S("D"),
                         kida_str_from(cases[i].type), &own, KIDA_S("r"), KIDA_S("full_page") };
        kida_buf out;
        kida_buf_init_heap(&out, NULL, 4096);
        assert_int_equal(ch_head_write(&out, &head, NULL), KIDA_OK);
        if (!kida_str_equal(kida_buf_str(&out), kida_str_from(want)))
            fail_msg("%s: got [%.*s], want [%s]", cases[i].label, (int)kida_buf_str(&out).len,
                     kida_buf_str(&out).ptr, want);
        kida_buf_free(&out);
    }
}

static void
heads_refuse_what_must_not_be_sent(void **state)
{
    (void)state;
    kida_buf out;
    kida_error err;
    kida_buf_init_heap(&out, NULL, 4096);
    ch_head head = { .status = 99 };
    assert_int_equal(ch_head_write(&out, &head, &err), KIDA_E_USAGE);
    head.status = 200;
    head.content_type = KIDA_S("a\r\nb: c");
    assert_int_equal(ch_head_write(&out, &head, &err), KIDA_E_USAGE);
    head.content_type = KIDA_S("a");
    head.is_http10 = true;
    head.framing = CH_FRAMING_CHUNKED;
    assert_int_equal(ch_head_write(&out, &head, &err), KIDA_E_USAGE);
    assert_int_equal(kida_buf_str(&out).len, 0);
    kida_buf_free(&out);
}

/* Holds: 5.2 and CO-2, CO-3. */
static void
cookies_are_written_or_refused(void **state)
{
    (void)state;
    static const struct {
        ch_cookie cookie;
        const char *expect; /* NULL: refused */
    } cases[] = {
        { { .name = KIDA_S_INIT("a"), .value = KIDA_S_INIT("b"), .has_max_age = true,
            .max_age = 5 }, "a=b; Max-Age=5; Path=/; HttpOnly; SameSite=lax" },
        { { .name = KIDA_S_INIT("a"), .value = KIDA_S_INIT(""), .path = KIDA_S_INIT("/x"),
            .domain = KIDA_S_INIT("h"), .secure = true, .script_visible = true,
            .same_site = CH_SAME_SITE_STRICT },
          "a=; Path=/x; Domain=h; Secure; SameSite=strict" },
        { { .name = KIDA_S_INIT("__Host-a"), .secure = true },
          "__Host-a=; Path=/; Secure; HttpOnly; SameSite=lax" },
        { { .name = KIDA_S_INIT("__Host-a") }, NULL },
        { { .name = KIDA_S_INIT("__Host-a"), .secure = true, .domain = KIDA_S_INIT("h") }, NULL },
        { { .name = KIDA_S_INIT("__Secure-a") }, NULL },
        { { .name = KIDA_S_INIT("a"), .same_site = CH_SAME_SITE_NONE }, NULL },
        { { .name = KIDA_S_INIT("") }, NULL },
        { { .name = KIDA_S_INIT("a b") }, NULL },
        { { .name = KIDA_S_INIT("a"), .value = KIDA_S_INIT("b;c") }, NULL },
        { { .name = KIDA_S_INIT("a"), .value = KIDA_S_INIT("b,c") }, NULL },
        { { .name = KIDA_S_INIT("a"), .value = KIDA_S_INIT("b\r\nc: d") }, NULL },
        { { .name = KIDA_S_INIT("a"), .path = KIDA_S_INIT("/;x") }, NULL },
        { { .name = KIDA_S_INIT("a"), .path = KIDA_S_INIT("x") }, NULL },
        { { .name = KIDA_S_INIT("a"), .domain = KIDA_S_INIT("h\n") }, NULL },
    };
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_buf out;
        kida_error err;
        kida_buf_init_heap(&out, NULL, 1024);
        kida_status st = ch_cookie_write(&out, &cases[i].cookie, &err);
        assert_int_equal(st, cases[i].expect == NULL ? KIDA_E_USAGE : KIDA_OK);
        assert_text(kida_buf_str(&out), cases[i].expect == NULL ? "" : cases[i].expect);
        kida_buf_free(&out);
    }
}

static void
dates_go_both_ways(void **state)
{
    (void)state;
    static const struct { int64_t seconds; const char *text; } cases[] = {
        { 0, "Thu, 01 Jan 1970 00:00:00 GMT" },
        { 784111777, "Sun, 06 Nov 1994 08:49:37 GMT" },
        { 951782400, "Tue, 29 Feb 2000 00:00:00 GMT" },
        { 1709251199, "Thu, 29 Feb 2024 23:59:59 GMT" },
        { 4107542400, "Mon, 01 Mar 2100 00:00:00 GMT" },
        { 253402300799, "Fri, 31 Dec 9999 23:59:59 GMT" },
    };
    char text[CH_DATE_LEN + 1];
    int64_t back;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        ch_date_format(cases[i].seconds, text);
        assert_string_equal(text, cases[i].text);
        assert_true(ch_date_parse(kida_str_from(text), &back));
        assert_true(back == cases[i].seconds);
    }
    for (int64_t day = 0; day < 60000; day++) {
        ch_date_format(day * 86400, text);
        assert_true(ch_date_parse(kida_str_from(text), &back) && back == day * 86400);
    }
    static const char *const bad[] = { "", "Sun, 06 Nov 1994 08:49:37 UTC",
                                       "Mon, 06 Nov 1994 08:49:37 GMT",
                                       "Sun, 30 Feb 1994 08:49:37 GMT",
                                       "Sun, 00 Nov 1994 08:49:37 GMT",
                                       "Sun, 06 Nov 1994 24:49:37 GMT",
                                       "Sun, 06 Nov 1969 08:49:37 GMT",
                                       "Sunday, 06-Nov-94 08:49:37 GMT" };
    for (size_t i = 0; i < T_COUNT(bad); i++)
        assert_false(ch_date_parse(kida_str_from(bad[i]), &back));
    ch_date_cache cache = { 0 };
    assert_text(ch_date_now(&cache, 0), "Thu, 01 Jan 1970 00:00:00 GMT");
    assert_text(ch_date_now(&cache, 784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
}

/* Holds: every byte value at every place is judged alike. Could break: eight bytes at a time. */
static void
control_bytes_are_found_anywhere(void **state)
{
    (void)state;
    for (size_t len = 1; len <= 24; len++) {
        for (size_t at = 0; at < len; at++) {
            for (int byte = 0; byte < 256; byte++) {
                char text[24];
                memset(text, byte & 1 ? '\xff' : ' ', sizeof(text));
                text[at] = (char)byte;
                bool want = byte == '\t' || (byte >= 0x20 && byte != 0x7f);
                if (ch_field_value_is_valid((kida_str){ text, len }) != want)
                    fail_msg("byte %d at %zu of %zu", byte, at, len);
            }
        }
    }
}

#define T(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        T(control_bytes_are_found_anywhere),
        T(headers_keep_order_and_ignore_case), T(headers_refuse_injection),
        T(methods_are_parsed_and_listed),      T(heads_are_written_in_order),
        T(heads_refuse_what_must_not_be_sent), T(cookies_are_written_or_refused),
        T(dates_go_both_ways),
    };
    return cmocka_run_group_tests_name("http/fields", tests, NULL, NULL);
}
