/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "memory/str.h"

#define S(literal) KIDA_S(literal)

static void
only_well_formed_utf8_is_valid(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        kida_str text;
        bool valid;
    } cases[] = {
        { "empty", KD_STR(""), true },
        { "ascii with NUL", KD_STR("a\0b"), true },
        { "two bytes", KD_STR("\xc2\x80"), true },
        { "overlong two", KD_STR("\xc1\xbf"), false },
        { "three bytes", KD_STR("\xe0\xa0\x80"), true },
        { "overlong three", KD_STR("\xe0\x9f\xbf"), false },
        { "last before surrogates", KD_STR("\xed\x9f\xbf"), true },
        { "surrogate", KD_STR("\xed\xa0\x80"), false },
        { "four bytes", KD_STR("\xf0\x90\x80\x80"), true },
        { "overlong four", KD_STR("\xf0\x8f\xbf\xbf"), false },
        { "last code point", KD_STR("\xf4\x8f\xbf\xbf"), true },
        { "beyond the last", KD_STR("\xf4\x90\x80\x80"), false },
        { "f5", KD_STR("\xf5\x80\x80\x80"), false },
        { "lone continuation", KD_STR("\x80"), false },
        { "cut", KD_STR("\xe2\x82"), false },
        { "cut behind a run", KD_STR("0123456789abcdef\xe2\x82"), false },
        { "bad behind a run", KD_STR("0123456789\xff"), false },
    };
    for (size_t i = 0; i < KD_COUNT(cases); i++) {
        if (kida_utf8_valid(cases[i].text) != cases[i].valid)
            fail_msg("%s: wanted %d", cases[i].label, cases[i].valid);
    }
}

/* Holds: counting, offsets and steps agree. Could break: the eight bytes at once. */
static void
counting_and_stepping_agree(void **state)
{
    (void)state;
    char text[200];
    size_t len = 0, points = 0, starts[100];
    static const uint32_t cycle[] = { 'a', 0xe9, 0x20ac, 0x1f600, 'b', 0, 0x7ff, 0x800 };
    while (len < 180) {
        starts[points] = len;
        len += kd_utf8_put(text + len, cycle[points % KD_COUNT(cycle)]);
        points++;
    }
    kida_str s = { text, len };
    assert_true(kida_utf8_valid(s));
    assert_int_equal(kida_utf8_count(s), points);
    const char *at = text, *back = text + len;
    for (size_t i = 0; i < points; i++) {
        assert_int_equal(kd_utf8_offset(s, i), starts[i]);
        assert_int_equal(kd_utf8_next(&at, text + len), cycle[i % KD_COUNT(cycle)]);
    }
    assert_int_equal(kd_utf8_offset(s, points), len);
    assert_int_equal(kd_utf8_offset(s, SIZE_MAX), len);
    for (size_t i = points; i-- > 0;) {
        assert_int_equal(kd_utf8_prev(&back, text), cycle[i % KD_COUNT(cycle)]);
        assert_ptr_equal(back, text + starts[i]);
    }
    for (size_t cut = 0; cut <= len; cut++) { /* any start: counts what begins behind it */
        size_t expect = 0;
        for (size_t i = 0; i < points; i++)
            expect += starts[i] >= cut;
        kida_str rest = { text + cut, len - cut };
        assert_int_equal(kida_utf8_count(rest), expect);
    }
}

static void
searching(void **state)
{
    (void)state;
    assert_int_equal(kd_str_find(S("banana"), S("an"), 0), 1);
    assert_int_equal(kd_str_find(S("banana"), S("an"), 2), 3);
    assert_int_equal(kd_str_find(S("banana"), S("an"), 4), SIZE_MAX);
    assert_int_equal(kd_str_find(S("banana"), S(""), 6), 6);
    assert_int_equal(kd_str_find(S("banana"), S(""), 7), SIZE_MAX);
    assert_int_equal(kd_str_find(S("a\0b"), S("b"), 0), 2);
    assert_int_equal(kd_str_rfind(S("banana"), S("an")), 3);
    assert_int_equal(kd_str_rfind(S("banana"), S("ban")), 0);
    assert_int_equal(kd_str_rfind(S("banana"), S("x")), SIZE_MAX);
    assert_int_equal(kd_str_rfind(S("banana"), S("")), 6);
    assert_int_equal(kd_str_rfind(S(""), S("a")), SIZE_MAX);
    assert_true(kd_str_starts(S("banana"), S("ban")));
    assert_false(kd_str_starts(S("ba"), S("ban")));
    assert_true(kd_str_ends(S("banana"), S("ana")));
    assert_true(kd_str_compare(S("Z"), S("a")) < 0);
    assert_true(kd_str_compare(S("\xef\xbf\xbf"), S("\xf0\x90\x80\x80")) < 0);
    assert_true(kd_str_compare(S("ab"), S("abc")) < 0);
    assert_int_equal(kd_str_compare(S("a\0"), S("a\0")), 0);
}

static void
stripping_knows_the_white_space_of_the_library(void **state)
{
    (void)state;
    kida_str text = S("\xc2\xa0\x1f \t\xe3\x80\x80 x y\xe2\x80\x8b \xe2\x80\xa8\n");
    assert_true(kida_str_equal(kd_str_strip(text, true, true), S("x y\xe2\x80\x8b")));
    assert_true(kida_str_equal(kd_str_strip(S("  a "), true, false), S("a ")));
    assert_true(kida_str_equal(kd_str_strip(S("  a "), false, true), S("  a")));
    assert_int_equal(kd_str_strip(S(" \n "), true, true).len, 0);
    assert_int_equal(kd_str_strip(S(""), true, true).len, 0);
}

/* Holds: every byte and the length count, whatever the length; another seed gives another hash. */
static void
hash_depends_on_every_byte(void **state)
{
    (void)state;
    char text[80];
    for (size_t len = 0; len < sizeof(text); len++) {
        memset(text, 'x', sizeof(text));
        uint32_t plain = kd_hash_bytes(text, len, 42);
        assert_int_not_equal(plain, 0);
        assert_int_not_equal(plain, kd_hash_bytes(text, len, 43));
        if (len > 0)
            assert_int_not_equal(plain, kd_hash_bytes(text, len - 1, 42));
        for (size_t i = 0; i < len; i++) {
            text[i] = 'y';
            if (plain == kd_hash_bytes(text, len, 42))
                fail_msg("byte %zu of %zu does not count", i, len);
            text[i] = 'x';
        }
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_well_formed_utf8_is_valid),
        cmocka_unit_test(counting_and_stepping_agree),
        cmocka_unit_test(searching),
        cmocka_unit_test(stripping_knows_the_white_space_of_the_library),
        cmocka_unit_test(hash_depends_on_every_byte),
    };
    return cmocka_run_group_tests_name("memory/str", tests, NULL, NULL);
}
