/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "memory/num.h"
#include "memory/sizes.h"

static void
floats_print_like_python(void **state)
{
    (void)state;
    static const struct {
        double d;
        const char *text;
    } cases[] = {
        { 0.0, "0.0" },
        { -0.0, "-0.0" },
        { 1.0, "1.0" },
        { 100.0, "100.0" },
        { 0.1, "0.1" },
        { 0.1 + 0.2, "0.30000000000000004" },
        { 1e15, "1000000000000000.0" },
        { 1e16, "1e+16" },
        { 1.5e16, "1.5e+16" },
        { 9007199254740993.0, "9007199254740992.0" },
        { 1e22, "1e+22" },
        { 1e23, "1e+23" },
        { 0.0001, "0.0001" },
        { 0.00001, "1e-05" },
        { 0.000012, "1.2e-05" },
        { 5e-324, "5e-324" },
        { 2.2250738585072014e-308, "2.2250738585072014e-308" },
        { 1.7976931348623157e308, "1.7976931348623157e+308" },
        { 123456789012345680.0, "1.2345678901234568e+17" },
        { -1234.5, "-1234.5" },
        { HUGE_VAL, "inf" },
        { -HUGE_VAL, "-inf" },
        { (double)NAN, "nan" },
    };
    for (size_t i = 0; i < KD_COUNT(cases); i++) {
        char text[KD_FLOAT_TEXT_MAX];
        size_t len = kd_float_text(cases[i].d, text);
        if (len != strlen(cases[i].text) || memcmp(text, cases[i].text, len) != 0)
            fail_msg("got %.*s, want %s", (int)len, text, cases[i].text);
    }
}

/* A generator of its own, so that a failure comes back. */
static uint64_t
next_random(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t x = *state;
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* Holds: texts read back to the same double, by our own reader and the C library's, and no shorter
 * text does. Could break: one wrong entry of the table of powers. */
static void
shortest_digits_read_back(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = next_random(&seed) & INT64_MAX;
        if (i < 2046) /* all powers of two and their neighbours */
            bits = ((uint64_t)(i + 1) << 52) - (uint64_t)(i % 2);
        double d, back;
        memcpy(&d, &bits, sizeof(d));
        if (!isfinite(d) || d == 0)
            continue;
        char digits[KD_FLOAT_TEXT_MAX], text[64];
        int exponent;
        size_t count = kd_float_digits(d, digits, &exponent);
        int len = snprintf(text, sizeof(text), "0.%.*se%d", (int)count, digits, exponent);
        if (strtod(text, NULL) != d)
            fail_msg("%a: %s does not read back", d, text);
        if (!kd_float_parse((kida_str){ text, (size_t)len }, &back) || back != d)
            fail_msg("%a: we read %s as %a", d, text, back);
        if (count > 1) {
            len = snprintf(text, sizeof(text), "%.*e", (int)count - 2, d);
            if (strtod(text, NULL) == d)
                fail_msg("%a: %s is shorter", d, text);
        }
    }
}

static void
float_text_is_read_exactly(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "0", "1", "1.", ".5", "1e5", "1E+5", "1e-5", "123.456", "9007199254740993",
        "9007199254740992.99999999999999999999", "9007199254740993.00000000000000000001",
        "1.7976931348623158e308", "1.7976931348623159e308", "2.4703282292062327e-324",
        "2.4703282292062328e-324", "2.2250738585072011e-308", "1e-400", "1e400", "0e99999999999",
        "8.5e-324", "1e23", "100000000000000000000000", "0.000000000000000000000000000000001e50",
        "179769313486231580793728971405301e276", "6.02214076e23", "0.1e1", "00012.500",
    };
    for (size_t i = 0; i < KD_COUNT(texts); i++) {
        double d;
        kida_str text = { texts[i], strlen(texts[i]) };
        if (!kd_float_parse(text, &d) || d != strtod(texts[i], NULL))
            fail_msg("%s: got %a, want %a", texts[i], d, strtod(texts[i], NULL));
    }
    static const char *const bad[] = { "", ".", "e5", "1e", "1e+", "1x", " 1", "+1", "-1", "1_0",
                                       "0x1", "inf", "nan", "1..2", "1e5.0" };
    for (size_t i = 0; i < KD_COUNT(bad); i++) {
        double d;
        if (kd_float_parse((kida_str){ bad[i], strlen(bad[i]) }, &d))
            fail_msg("'%s' was read", bad[i]);
    }
}

/* Holds: half-way points go to the even neighbour, however many digits say so. */
static void
long_texts_round_half_to_even(void **state)
{
    (void)state;
    char text[1200];
    memset(text, '0', sizeof(text));
    memcpy(text, "9007199254740993.", 17); /* half-way between two doubles */
    double d;
    assert_true(kd_float_parse((kida_str){ text, sizeof(text) }, &d));
    assert_true(d == 9007199254740992.0);
    text[sizeof(text) - 1] = '1';
    assert_true(kd_float_parse((kida_str){ text, sizeof(text) }, &d));
    assert_true(d == 9007199254740994.0);
}

/* The C library of the machine rounds exactly, so it is the judge here. */
static void
fixed_and_exponent_are_exact(void **state)
{
    (void)state;
    static const double special[] = { 0.0, 0.5, 1.5, 2.5, 0.125, 2.675, 9.995, 99.5, 999999.5,
                                      1e-7, 5e-324, 1.7976931348623157e308, 123456.789, 1e22 };
    static const size_t precisions[] = { 0, 1, 2, 3, 6, 17, 40, 330, 780, 1100 };
    uint64_t seed = 3;
    for (size_t i = 0; i < 600; i++) {
        double d;
        uint64_t bits = next_random(&seed) & INT64_MAX;
        memcpy(&d, &bits, sizeof(d));
        if (i < KD_COUNT(special))
            d = special[i];
        if (!isfinite(d))
            continue;
        for (size_t k = 0; k < KD_COUNT(precisions); k++) {
            static char got[3000], want[3000];
            size_t len;
            int exponent;
            assert_true(kd_float_fixed(d, precisions[k], got, sizeof(got), &len));
            (void)snprintf(want, sizeof(want), "%.*f", (int)precisions[k], d);
            if (strlen(want) != len || memcmp(want, got, len) != 0)
                fail_msg("%a .%zuf: got %.*s, want %s", d, precisions[k], (int)len, got, want);
            assert_true(kd_float_exponent(d, precisions[k], got, sizeof(got) - 8, &len, &exponent));
            len += (size_t)snprintf(got + len, 8, "e%+03d", exponent);
            (void)snprintf(want, sizeof(want), "%.*e", (int)precisions[k], d);
            if (strlen(want) != len || memcmp(want, got, len) != 0)
                fail_msg("%a .%zue: got %.*s, want %s", d, precisions[k], (int)len, got, want);
        }
    }
    char small[4];
    size_t len;
    assert_false(kd_float_fixed(12.5, 2, small, sizeof(small), &len));
    assert_false(kd_float_fixed(1.0, SIZE_MAX, small, sizeof(small), &len));
}

static void
ints_print_all_digits(void **state)
{
    (void)state;
    static const int64_t cases[] = { 0, 1, -1, 9, 10, 99, 100, -100, 12345, INT64_MAX, INT64_MIN };
    for (size_t i = 0; i < KD_COUNT(cases); i++) {
        char got[KD_INT_TEXT_MAX], want[32];
        size_t len = kd_int_text(cases[i], got);
        (void)snprintf(want, sizeof(want), "%lld", (long long)cases[i]);
        assert_int_equal(len, strlen(want));
        assert_memory_equal(got, want, len);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(floats_print_like_python),
        cmocka_unit_test(shortest_digits_read_back),
        cmocka_unit_test(float_text_is_read_exactly),
        cmocka_unit_test(long_texts_round_half_to_even),
        cmocka_unit_test(fixed_and_exponent_are_exact),
        cmocka_unit_test(ints_print_all_digits),
    };
    return cmocka_run_group_tests_name("memory/num", tests, NULL, NULL);
}
