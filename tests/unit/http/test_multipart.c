/* SPDX-License-Identifier: MIT */
/* test_multipart.c - robustness FM-3 to FM-6, FM-10: the parser of multipart forms. */
#define _GNU_SOURCE
#include "t.h"

#include <time.h>

#include "http/multipart.h"

#define LOG_MAX 4096

/* What the parser says, as text: <name|filename|type>content; */
typedef struct log {
    char text[LOG_MAX];
    size_t len;
    size_t parts;
    size_t bytes;
} log;

static void
put(log *to, kida_str text)
{
    size_t room = LOG_MAX - 1 - to->len;
    size_t len = text.len < room ? text.len : room;
    if (len > 0)
        memcpy(to->text + to->len, text.ptr, len);
    to->len += len;
    to->text[to->len] = 0;
}

static kida_status
on_part(void *user, const ch_part *part)
{
    log *to = user;
    to->parts++;
    put(to, KIDA_S("<"));
    put(to, part->name);
    put(to, KIDA_S("|"));
    put(to, part->filename.ptr ? part->filename : KIDA_S("-"));
    put(to, KIDA_S("|"));
    put(to, part->content_type.ptr ? part->content_type : KIDA_S("-"));
    put(to, KIDA_S(">"));
    return KIDA_OK;
}

static kida_status
on_data(void *user, kida_str piece)
{
    log *to = user;
    to->bytes += piece.len;
    put(to, piece);
    return KIDA_OK;
}

static kida_status
on_end(void *user)
{
    put(user, KIDA_S(";"));
    return KIDA_OK;
}

static const ch_multipart_calls calls = { on_part, on_data, on_end };

/* Feeds the text in pieces of `first` bytes, then `rest` bytes each. */
static kida_status
parse(kida_str text, size_t first, size_t rest, log *to)
{
    static ch_multipart m;
    memset(to, 0, sizeof(*to));
    ch_multipart_init(&m, KIDA_S("b"), 1000, &calls, to);
    kida_status st = KIDA_OK;
    size_t step = first > 0 ? first : rest;
    for (size_t at = 0; at < text.len && st == KIDA_OK; at += step, step = rest) {
        if (step > text.len - at)
            step = text.len - at;
        st = ch_multipart_feed(&m, (kida_str){ text.ptr + at, step });
    }
    return st == KIDA_OK ? ch_multipart_finish(&m) : st;
}

#define FIELD(name, value) \
    "--b\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"

/* Holds: 4.5, FM-4, FM-10: what good forms say, whole, byte by byte, and cut anywhere. */
static void
fm_4_result_does_not_depend_on_the_cuts(void **state)
{
    static const struct {
        const char *label, *text, *expect;
    } cases[] = {
        { "two fields", FIELD("a", "1") FIELD("b", "2") "--b--\r\n", "<a|-|->1;<b|-|->2;" },
        { "no line end at the end", FIELD("a", "1") "--b--", "<a|-|->1;" },
        { "empty form", "--b--\r\n", "" },
        { "empty value", FIELD("a", "") "--b--\r\n", "<a|-|->;" },
        { "preamble", "hello\r\nyou\r\n" FIELD("a", "1") "--b--", "<a|-|->1;" },
        { "file", "--b\r\ncontent-disposition: form-data; name=f; filename=\"a b.txt\"\r\n"
                  "Content-Type: text/plain\r\n\r\nx\r\ny\r\n--b--\r\n",
          "<f|a b.txt|text/plain>x\r\ny;" },
        { "near misses", FIELD("a", "\r\r\n\r\n-\r\n--\r\n--c\r\r\n--") "--b--",
          "<a|-|->\r\r\n\r\n-\r\n--\r\n--c\r\r\n--;" },
        { "nested multipart is content",
          "--b\r\nContent-Disposition: form-data; name=\"n\"\r\n"
          "Content-Type: multipart/mixed; boundary=c\r\nContent-Length: 3\r\n"
          "Content-Transfer-Encoding: base64\r\n\r\n--c\r\n\r\nQQ==\r\n--c--\r\n--b--",
          "<n|-|multipart/mixed; boundary=c>--c\r\n\r\nQQ==\r\n--c--;" },
        { "quotes and backslashes",
          "--b\r\nContent-Disposition: form-data; name=\"a\\\"b\"; filename=\"C:\\dir\\x\"\r\n\r\n"
          "\r\n--b--",
          "<a\"b|C:\\dir\\x|->;" },
        { "filename* is ignored",
          "--b\r\nContent-Disposition: form-data; name=\"a\"; filename=\"x\"; "
          "filename*=utf-8''%2e%2e%2fy\r\n\r\n\r\n--b--",
          "<a|x|->;" },
    };
    (void)state;
    log whole, cut;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_str text = kida_str_from(cases[i].text);
        kida_status st = parse(text, text.len, 1, &whole);
        if (st != KIDA_OK || strcmp(whole.text, cases[i].expect) != 0)
            fail_msg("%s: %d [%s], want [%s]", cases[i].label, st, whole.text, cases[i].expect);
        for (size_t at = 0; at <= text.len; at++) {
            st = parse(text, at, at == 0 ? 1 : text.len, &cut);
            if (st != KIDA_OK || strcmp(cut.text, cases[i].expect) != 0)
                fail_msg("%s, cut at %zu: %d [%s]", cases[i].label, at, st, cut.text);
        }
    }
}

/* Holds: FM-6: strict about everything that could be read in two ways. */
static void
fm_6_malformed_forms_are_refused(void **state)
{
    static const struct {
        const char *label, *text;
    } cases[] = {
        { "nothing", "" },
        { "no last boundary", FIELD("a", "1") "--b\r\n" },
        { "cut in the content", "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1" },
        { "data after the last", FIELD("a", "1") "--b--\r\nx" },
        { "data after the last, no line end", FIELD("a", "1") "--b--x" },
        { "half a line end at the end", FIELD("a", "1") "--b--\r" },
        { "LF in the head", "--b\r\nContent-Disposition: form-data; name=\"a\"\n\n1\r\n--b--" },
        { "LF behind the boundary", "--b\nContent-Disposition: form-data; name=\"a\"\r\n\r\n" },
        { "CR alone", "--b\r\nContent-Disposition: form-data; name=\"a\"\rx\r\n\r\n1\r\n--b--" },
        { "folded", "--b\r\nContent-Disposition: form-data;\r\n name=\"a\"\r\n\r\n1\r\n--b--" },
        { "padding", "--b \r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b--" },
        { "no disposition", "--b\r\nContent-Type: text/plain\r\n\r\n1\r\n--b--" },
        { "no head", "--b\r\n\r\n1\r\n--b--" },
        { "no name", "--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--" },
        { "other kind", "--b\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n1\r\n--b--" },
        { "name twice",
          "--b\r\nContent-Disposition: form-data; name=\"a\"; name=\"b\"\r\n\r\n1\r\n--b--" },
        { "disposition twice",
          "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n"
          "Content-Disposition: form-data; name=\"b\"\r\n\r\n1\r\n--b--" },
        { "quote open", "--b\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n--b--" },
        { "no colon", "--b\r\nContent-Disposition form-data; name=\"a\"\r\n\r\n1\r\n--b--" },
        { "space in a name", "--b\r\nContent-Disposition : form-data; name=a\r\n\r\n1\r\n--b--" },
        { "control byte",
          "--b\r\nContent-Disposition: form-data; name=\"a\x01\"\r\n\r\n1\r\n--b--" },
    };
    (void)state;
    log to;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_str text = kida_str_from(cases[i].text);
        for (size_t rest = 1; rest < 3; rest++) {
            kida_status st = parse(text, rest == 1 ? 1 : text.len, 1, &to);
            if (st != KIDA_E_PARSE)
                fail_msg("%s: %d [%s]", cases[i].label, st, to.text);
        }
    }
}

/* Holds: FM-3: which boundaries are taken. */
static void
fm_3_boundaries(void **state)
{
    static const struct {
        const char *type;
        kida_status status;
        const char *boundary;
    } cases[] = {
        { "multipart/form-data; boundary=b", KIDA_OK, "b" },
        { "Multipart/Form-Data; charset=x; BOUNDARY=\"a b'c\"", KIDA_OK, "a b'c" },
        { "multipart/form-data", KIDA_E_PARSE, NULL },
        { "multipart/form-data; boundary=", KIDA_E_PARSE, NULL },
        { "multipart/form-data; boundary=\"\"", KIDA_E_PARSE, NULL },
        { "multipart/form-data; boundary=a; boundary=a", KIDA_E_PARSE, NULL },
        { "multipart/form-data; boundary=a\x01", KIDA_E_PARSE, NULL },
        { "multipart/form-data; boundary=\"a \"", KIDA_E_PARSE, NULL },
        { "multipart/form-data; boundary="
          "01234567890123456789012345678901234567890123456789012345678901234567890",
          KIDA_E_PARSE, NULL },
        { "multipart/mixed; boundary=b", KIDA_E_UNSUPPORTED, NULL },
        { "text/plain", KIDA_E_UNSUPPORTED, NULL },
        { "", KIDA_E_UNSUPPORTED, NULL },
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_str boundary = KIDA_S("");
        assert_int_equal(ch_multipart_boundary(kida_str_from(cases[i].type), &boundary),
                         cases[i].status);
        if (cases[i].boundary)
            assert_true(kida_str_equal(boundary, kida_str_from(cases[i].boundary)));
    }
}

/* Holds: FM-5: heads, names and numbers are bounded. */
static void
fm_5_limits(void **state)
{
    static char text[200000];
    (void)state;
    log to;
    size_t len = 0;
    for (int i = 0; i < 1001; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, FIELD("a", "1"));
    len += (size_t)snprintf(text + len, sizeof(text) - len, "--b--");
    assert_int_equal(parse((kida_str){ text, len }, len, 1, &to), KIDA_E_LIMIT_MEMORY);
    assert_int_equal(to.parts, 1000);

    for (int lines = 16; lines < 18; lines++) {
        len = (size_t)snprintf(text, sizeof(text),
                               "--b\r\nContent-Disposition: form-data; name=a\r\n");
        for (int i = 1; i < lines; i++)
            len += (size_t)snprintf(text + len, sizeof(text) - len, "X-%d: y\r\n", i);
        len += (size_t)snprintf(text + len, sizeof(text) - len, "\r\n1\r\n--b--");
        assert_int_equal(parse((kida_str){ text, len }, len, 1, &to),
                         lines == 16 ? KIDA_OK : KIDA_E_LIMIT_MEMORY);
    }
    for (int size = 256; size < 258; size++) {
        len = (size_t)snprintf(text, sizeof(text),
                               "--b\r\nContent-Disposition: form-data; name=\"%0*d\"\r\n\r\n"
                               "\r\n--b--",
                               size, 1);
        assert_int_equal(parse((kida_str){ text, len }, len, 1, &to),
                         size == 256 ? KIDA_OK : KIDA_E_LIMIT_MEMORY);
    }
    len = (size_t)snprintf(text, sizeof(text), "--b\r\nX: %09000d\r\n\r\n", 1);
    assert_int_equal(parse((kida_str){ text, len }, len, 1, &to), KIDA_E_LIMIT_MEMORY);
}

static double
seconds_for(const char *unit, size_t total, size_t piece)
{
    static char text[1 << 20];
    static const char head[] = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n";
    log to;
    size_t len = sizeof(head) - 1;
    memcpy(text, head, len);
    while (len < total) {
        memcpy(text + len, unit, strlen(unit));
        len += strlen(unit);
    }
    memcpy(text + len, "\r\n--b--", 7);
    len += 7;
    clock_t begun = clock();
    for (int i = 0; i < 10; i++)
        assert_int_equal(parse((kida_str){ text, len }, piece, piece, &to), KIDA_OK);
    return (double)(clock() - begun) / CLOCKS_PER_SEC;
}

/* Holds: FM-4: runs that look like boundaries cost no more than twice for twice the input; the
 * bound is loose because clocks are. */
static void
fm_4_time_is_linear(void **state)
{
    static const char *const units[] = { "\r", "\r\n--", "\r\n-", "x" };
    (void)state;
    for (size_t i = 0; i < T_COUNT(units); i++) {
        double once = seconds_for(units[i], 300000, 65536);
        double twice = seconds_for(units[i], 600000, 65536);
        if (twice > once * 4 + 0.05)
            fail_msg("%zu: %f then %f", i, once, twice);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fm_4_result_does_not_depend_on_the_cuts),
        cmocka_unit_test(fm_6_malformed_forms_are_refused),
        cmocka_unit_test(fm_3_boundaries),
        cmocka_unit_test(fm_5_limits),
        cmocka_unit_test(fm_4_time_is_linear),
    };
    return cmocka_run_group_tests_name("http/multipart", tests, NULL, NULL);
}
