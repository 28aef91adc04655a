/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include <stdlib.h>

static void
buffers_hold_what_was_put(void **state)
{
    v_fixture *fx = *state;
    for (int heap = 0; heap < 2; heap++) {
        kida_buf buf;
        if (heap)
            kida_buf_init_heap(&buf, NULL, 0);
        else
            kida_buf_init(&buf, &fx->call);
        kida_buf_put(&buf, KIDA_S(""));
        kida_buf_fill(&buf, ' ', 0);
        assert_int_equal(kida_buf_str(&buf).len, 0);
        kida_buf_put(&buf, KIDA_S("a\0b"));
        kida_buf_byte(&buf, 'c');
        kida_buf_fill(&buf, '-', 100);
        kida_buf_code_point(&buf, 0x20ac);
        kida_buf_int(&buf, INT64_MIN);
        kida_buf_html(&buf, KIDA_S("<&>"));
        kida_buf_format(&buf, "%d%300s", 7, "x");
        kida_str got = kida_buf_str(&buf);
        assert_int_equal(kida_buf_status(&buf), KIDA_OK);
        assert_int_equal(got.len, 4 + 100 + 3 + 20 + 13 + 301);
        assert_memory_equal(got.ptr, "a\0bc--", 6);
        assert_memory_equal(got.ptr + 104, "\xe2\x82\xac-9223372036854775808&lt;&amp;&gt;7 ", 38);
        assert_int_equal(got.ptr[got.len - 1], 'x');
        kida_buf_free(&buf);
    }
}

/* Holds: the maximum is exact, also for text whose worst case would pass it, and the first failure
 * stays. */
static void
maximum_is_exact(void **state)
{
    v_fixture *fx = *state;
    static const struct {
        const char *label;
        size_t max, fill;
        const char *html;
        kida_status st;
    } cases[] = {
        { "just full", 10, 10, "", KIDA_OK },
        { "one too many", 10, 11, "", KIDA_E_LIMIT_OUTPUT },
        { "escaped, fits", 10, 5, "abcde", KIDA_OK },
        { "escaped, just fits", 10, 5, "&", KIDA_OK },
        { "escaped, too many", 10, 6, "&", KIDA_E_LIMIT_OUTPUT },
    };
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_buf buf;
        kida_value out;
        kida_buf_init_heap(&buf, NULL, cases[i].max);
        kida_buf_fill(&buf, 'x', cases[i].fill);
        kida_buf_html(&buf, kida_str_from(cases[i].html));
        if (kida_buf_status(&buf) != cases[i].st || kida_buf_finish(&buf, &out) != cases[i].st)
            fail_msg("%s: got %s", cases[i].label, kida_status_code(kida_buf_status(&buf)));
        assert_true(kida_buf_str(&buf).len <= cases[i].max);
        kida_buf_free(&buf);
    }
    fx->rt.max_text = 100;
    kida_buf buf;
    kida_value out = kida_none();
    kida_buf_init(&buf, &fx->call);
    kida_buf_fill(&buf, ' ', UINT64_C(1) << 60);
    kida_buf_put(&buf, KIDA_S("later"));
    assert_int_equal(kida_buf_finish_safe(&buf, &out), KIDA_E_RUNTIME);
    assert_string_equal(fx->err.kind, "OverflowError");
    assert_int_equal(kida_kind_of(out), KIDA_NONE);
}

static void
no_memory_is_reported(void **state)
{
    v_fixture *fx = *state;
    kida_pool *small = kida_pool_new(NULL, 4096);
    fx->rt.pool = small;
    kida_buf buf;
    kida_value out;
    kida_buf_init(&buf, &fx->call);
    for (int i = 0; i < 1000; i++)
        kida_buf_put(&buf, KIDA_S("0123456789"));
    assert_int_equal(kida_buf_finish(&buf, &out), KIDA_E_LIMIT_MEMORY);
    kida_pool_free(small);
}

static void
values_need_a_render(void **state)
{
    v_fixture *fx = *state;
    kida_buf buf;
    kida_buf_init(&buf, &fx->call);
    kida_buf_value(&buf, v_json(fx, "[1, null, \"a\"]"));
    kida_buf_value(&buf, kida_float(0.5));
    assert_true(kida_str_equal(kida_buf_str(&buf), KIDA_S("[1, None, 'a']0.5")));
    kida_buf_init_heap(&buf, NULL, 0);
    kida_buf_value(&buf, kida_int(1));
    assert_int_equal(kida_buf_status(&buf), KIDA_E_USAGE);
    kida_buf_free(&buf);
}

/* The plain way to escape, which the fast ones must match byte for byte. */
static size_t
escape_plainly(char *out, const char *s, size_t len)
{
    size_t at = 0;
    for (size_t i = 0; i < len; i++) {
        const char *entity = s[i] == '<'    ? "&lt;"
                             : s[i] == '>'  ? "&gt;"
                             : s[i] == '&'  ? "&amp;"
                             : s[i] == '"'  ? "&quot;"
                             : s[i] == '\'' ? "&#39;"
                                            : NULL;
        size_t n = entity ? strlen(entity) : s[i] != '\0';
        memcpy(out + at, entity ? entity : s + i, n);
        at += n;
    }
    return at;
}

/* Holds: all lengths around the widths of the vectors, specials at every place, no byte read past
 * the text (the sanitizer watches). Could break: bytes whose low bits equal those of a special. */
static void
escaping_is_the_same_at_every_length(void **state)
{
    (void)state;
    static const char bytes[] = { 'a', '<', '>', '&', '"', '\'', '\0', (char)0xc3, (char)0xa9,
                                  '\x10', '2', '6', '7', 'L', 'N', '|', (char)0xbc, '#', '\x1e' };
    unsigned seed = 1;
    for (size_t len = 0; len < 150; len++) {
        for (int round = 0; round < 60; round++) {
            char *text = malloc(len + 1), *got = malloc(len * 6 + 32 + 1);
            static char want[1000];
            for (size_t i = 0; i < len; i++) {
                seed = seed * 1103515245 + 12345;
                unsigned pick = seed >> 16;
                text[i] = round % 3 == 0 || pick % 8 == 0 ? bytes[pick / 8 % sizeof(bytes)] : 'a';
            }
            char *exact = malloc(len ? len : 1); /* so that reading too far is seen */
            memcpy(exact, text, len);
            kida_str s = { exact, len };
            size_t wanted = escape_plainly(want, text, len);
            size_t size = kd_escape_html(got, s);
            if (size != wanted || memcmp(got, want, size) != 0)
                fail_msg("length %zu, round %d: got %zu bytes, want %zu", len, round, size, wanted);
            bool changes = wanted != len || memcmp(want, text, len) != 0;
            if (kd_needs_escape(s) != changes)
                fail_msg("length %zu, round %d: needs_escape is wrong", len, round);
            free(exact);
            free(text);
            free(got);
        }
    }
}

static void
every_byte_value_is_escaped_right(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        char text[64], got[64 * 6 + 32], want[64 * 6];
        for (size_t len = 1; len <= 64; len += 7) {
            memset(text, (int)byte, sizeof(text));
            size_t wanted = escape_plainly(want, text, len);
            assert_int_equal(kd_escape_html(got, (kida_str){ text, len }), wanted);
            assert_memory_equal(got, want, wanted);
        }
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        v_test(buffers_hold_what_was_put),
        v_test(maximum_is_exact),
        v_test(no_memory_is_reported),
        v_test(values_need_a_render),
        v_test(escaping_is_the_same_at_every_length),
        v_test(every_byte_value_is_escaped_right),
    };
    return cmocka_run_group_tests_name("value/buf", tests, NULL, NULL);
}
