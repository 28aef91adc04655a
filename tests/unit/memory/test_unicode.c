/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "memory/sizes.h"
#include "memory/unicode.h"

typedef size_t mapping(uint32_t cp, uint32_t out[3]);

/* Holds: mappings that change the length. Could break: tables that were derived from another
 * version; so the number of longer results is held as well (library specification, 1.7). */
static void
full_case_mapping(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        mapping *map;
        uint32_t from;
        size_t count;
        uint32_t to[3];
    } cases[] = {
        { "upper ascii", kd_unicode_upper, 'q', 1, { 'Q' } },
        { "upper sharp s", kd_unicode_upper, 0xdf, 2, { 'S', 'S' } },
        { "upper ffi", kd_unicode_upper, 0xfb03, 3, { 'F', 'F', 'I' } },
        { "upper micro", kd_unicode_upper, 0xb5, 1, { 0x39c } },
        { "title dz", kd_unicode_title, 0x1c6, 1, { 0x1c5 } },
        { "title sharp s", kd_unicode_title, 0xdf, 2, { 'S', 's' } },
        { "lower dotted I", kd_unicode_lower, 0x130, 2, { 'i', 0x307 } },
        { "lower Omega", kd_unicode_lower, 0x3a9, 1, { 0x3c9 } },
        { "fold sharp s", kd_unicode_fold, 0xdf, 2, { 's', 's' } },
        { "fold final sigma", kd_unicode_fold, 0x3c2, 1, { 0x3c3 } },
        { "fold Cherokee", kd_unicode_fold, 0xab70, 1, { 0x13a0 } },
    };
    for (size_t i = 0; i < KD_COUNT(cases); i++) {
        uint32_t out[3] = { 0, 0, 0 };
        size_t count = cases[i].map(cases[i].from, out);
        bool same = count == cases[i].count;
        for (size_t k = 0; same && k < count; k++)
            same = out[k] == cases[i].to[k];
        if (!same)
            fail_msg("%s: got %zu: %x %x %x", cases[i].label, count, out[0], out[1], out[2]);
    }
    size_t upper = 0, title = 0, lower = 0, fold = 0;
    for (uint32_t cp = 0; cp < 0x110000; cp++) {
        uint32_t out[3];
        upper += kd_unicode_upper(cp, out) > 1;
        title += kd_unicode_title(cp, out) > 1;
        lower += kd_unicode_lower(cp, out) > 1;
        fold += kd_unicode_fold(cp, out) > 1;
    }
    assert_int_equal(upper, 102);
    assert_int_equal(title, 48);
    assert_int_equal(lower, 1);
    assert_int_equal(fold, 104);
}

static void
classes(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        bool (*test)(uint32_t);
        uint32_t yes, no;
    } cases[] = {
        { "space", kd_unicode_is_space, 0x1f, 0x200b },
        { "break", kd_unicode_is_break, 0x1e, 0x1f },
        { "printable", kd_unicode_is_printable, 0xe9, 0xad },
        { "printable space", kd_unicode_is_printable, ' ', 0xa0 },
        { "alpha", kd_unicode_is_alpha, 0x5d0, 0x660 },
        { "digit", kd_unicode_is_digit, 0xb2, 0xbd },
        { "numeric", kd_unicode_is_numeric, 0x4e94, 'a' },
        { "numeric fraction", kd_unicode_is_numeric, 0xbd, 0xe9 },
        { "upper", kd_unicode_is_upper, 0x2160, 0x1c5 },
        { "lower", kd_unicode_is_lower, 0xaa, 0x1c5 },
        { "title", kd_unicode_is_title, 0x1c5, 'A' },
        { "cased", kd_unicode_is_cased, 0x1c5, '\'' },
        { "ignorable", kd_unicode_is_case_ignorable, '\'', '-' },
        { "start", kd_unicode_is_id_start, '_', '1' },
        { "part", kd_unicode_is_id_part, 0xb7, '-' },
    };
    for (size_t i = 0; i < KD_COUNT(cases); i++) {
        if (!cases[i].test(cases[i].yes) || cases[i].test(cases[i].no))
            fail_msg("%s", cases[i].label);
    }
}

/* Holds: runs of digits are multiples of ten that start at zero, which the values rely on. */
static void
decimal_digits_have_values(void **state)
{
    (void)state;
    static const struct {
        uint32_t cp;
        int digit;
    } cases[] = { { '7', 7 }, { 0x663, 3 }, { 0x1d7ce, 0 }, { 0x1d7d8, 0 }, { 0x1d7ff, 9 },
                  { 0xff19, 9 }, { 0x1fbf0, 0 } };
    for (size_t i = 0; i < KD_COUNT(cases); i++) {
        int digit = -1;
        assert_true(kd_unicode_is_decimal(cases[i].cp, &digit));
        assert_int_equal(digit, cases[i].digit);
    }
    assert_false(kd_unicode_is_decimal(0xb2, NULL));
    assert_false(kd_unicode_is_decimal('a', NULL));
}

static void
widths(void **state)
{
    (void)state;
    assert_int_equal(kd_unicode_width('a'), 1);
    assert_int_equal(kd_unicode_width(0x301), 0);
    assert_int_equal(kd_unicode_width(0x4e94), 2);
    assert_int_equal(kd_unicode_width(0x1f600), 2);
    assert_int_equal(kd_unicode_width(0x1b), 0);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_case_mapping),
        cmocka_unit_test(classes),
        cmocka_unit_test(decimal_digits_have_values),
        cmocka_unit_test(widths),
    };
    return cmocka_run_group_tests_name("memory/unicode", tests, NULL, NULL);
}
