/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "error/fail.h"
#include "error/suggest.h"
#include "memory/sizes.h"

static const char page[] = "<ul>\n{% for x in xs %}\n<li>{{ titel }}</li>\n{% end %}\n</ul>\n";

static void
fill(kida_error *err)
{
    kd_error_set(err, KIDA_E_UNDEFINED, "undefined name '%s'", "titel");
    kd_error_place(err, KIDA_S("page.html"), kida_str_from(page), (kd_place){ 3, 7, 12 });
    kd_error_push(err, "include", KIDA_S(""), KIDA_S("base.html"), 9);
    kd_error_push(err, "call", KIDA_S("card"), KIDA_S("index.html"), 2);
    kd_error_hint(err, "did you mean '%s'?", "title");
}

static void
layout_shows_place_stack_and_hint(void **state)
{
    (void)state;
    kida_error err;
    char out[2000];
    fill(&err);
    const char *want = "error[K-RUN-001]: undefined name 'titel'\n"
                       " --> page.html:3:8\n"
                       "  |\n"
                       "1 | <ul>\n"
                       "2 | {% for x in xs %}\n"
                       "3 | <li>{{ titel }}</li>\n"
                       "  |        ^^^^^\n"
                       "4 | {% end %}\n"
                       "5 | </ul>\n"
                       "  in include at base.html:9\n"
                       "  in call 'card' at index.html:2\n"
                       "hint: did you mean 'title'?\n";
    size_t len = kida_error_format(&err, KIDA_FORMAT_PLAIN, out, sizeof(out));
    assert_string_equal(out, want);
    assert_int_equal(len, strlen(want));
    kida_error_format(&err, KIDA_FORMAT_COMPACT, out, sizeof(out));
    assert_string_equal(out, "page.html:3:8: error[K-RUN-001]: undefined name 'titel'");
    for (size_t size = 0; size < 60; size++) { /* any size is obeyed, the length stays */
        char small[64];
        memset(small, 'x', sizeof(small));
        assert_int_equal(kida_error_format(&err, KIDA_FORMAT_PLAIN, small, size), len);
        assert_int_equal(small[size], 'x');
        if (size > 0)
            assert_int_equal(strlen(small), size - 1);
    }
    assert_true(kida_error_format(&err, KIDA_FORMAT_COLOR, out, sizeof(out)) > len);
    assert_non_null(strstr(out, "\x1b["));
}

/* Holds: the mark stands under wide and combining characters, and behind tabs. */
static void
mark_counts_columns_not_bytes(void **state)
{
    (void)state;
    kida_error err;
    char out[1000];
    kd_error_set(&err, KIDA_E_TYPE, "x");
    kd_error_place(&err, KIDA_S("p"), KIDA_S("\t\xe4\xba\x94\x1b{{ y }}"), (kd_place){ 1, 3, 5 });
    kida_error_format(&err, KIDA_FORMAT_PLAIN, out, sizeof(out));
    assert_non_null(strstr(out, "1 |     \xe4\xba\x94?{{ y }}\n  |        ^^\n"));
}

static void
first_place_stays(void **state)
{
    (void)state;
    kida_error err;
    kd_error_set(&err, KIDA_E_TYPE, "x");
    kd_error_place(&err, KIDA_S("inner"), KIDA_S("a\n"), (kd_place){ 1, 0, 0 });
    kd_error_place(&err, KIDA_S("outer"), KIDA_S("b\n"), (kd_place){ 2, 0, 0 });
    assert_string_equal(err.template_name, "inner");
    assert_int_equal(err.excerpt_count, 1);
    assert_string_equal(err.excerpt[0], "a");
    kd_error_place(NULL, KIDA_S("a"), KIDA_S("b"), (kd_place){ 1, 0, 0 });
    assert_int_equal(kd_error_set(NULL, KIDA_E_TYPE, "x"), KIDA_E_TYPE);
}

/* Holds: long texts are cut between code points. */
static void
long_texts_are_cut_whole(void **state)
{
    (void)state;
    for (size_t pad = 0; pad < 4; pad++) {
        kida_error err;
        char text[1000];
        memset(text, 'a', sizeof(text));
        for (size_t i = pad; i + 4 < sizeof(text); i += 4)
            memcpy(text + i, "\xf0\x9f\x98\x80", 4);
        kd_error_set(&err, KIDA_E_TYPE, "%.*s", 900, text);
        assert_true(kida_utf8_valid(kida_str_from(err.message)));
        assert_true(strlen(err.message) > KIDA_ERROR_TEXT_MAX - 6);
        kd_error_place(&err, (kida_str){ text, 900 }, (kida_str){ text, 1000 - pad },
                       (kd_place){ 1, 0, 0 });
        assert_true(kida_utf8_valid(kida_str_from(err.template_name)));
        assert_true(kida_utf8_valid(kida_str_from(err.excerpt[0])));
    }
}

static void
stack_remembers_how_many_there_were(void **state)
{
    (void)state;
    kida_error err;
    char out[4000];
    kd_error_set(&err, KIDA_E_INCLUDE_DEPTH, NULL);
    for (uint32_t i = 0; i < 50; i++)
        kd_error_push(&err, "include", KIDA_S(""), KIDA_S("loop.html"), i + 1);
    assert_int_equal(err.stack_count, KIDA_ERROR_STACK_MAX);
    assert_int_equal(err.stack_total, 50);
    kida_error_format(&err, KIDA_FORMAT_PLAIN, out, sizeof(out));
    assert_non_null(strstr(out, "and 42 more"));
    assert_string_equal(err.message, kida_status_text(KIDA_E_INCLUDE_DEPTH));
}

static void
every_code_is_known_once(void **state)
{
    (void)state;
    static const kida_status all[] = {
#define KIDA_CODE(name, value, code, class_, text) KIDA_E_##name,
#include <kida/codes.def>
#undef KIDA_CODE
    };
    for (size_t i = 0; i < KD_COUNT(all); i++) {
        assert_int_equal(strlen(kida_status_code(all[i])) >= 9, 1);
        assert_true(kd_status_kind(all[i])[0] != '\0');
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(kida_status_code(all[i]), kida_status_code(all[k]));
    }
    assert_string_equal(kida_status_code(KIDA_OK), "");
    assert_string_equal(kida_status_code((kida_status)-9999), "");
    assert_string_equal(kd_status_kind(KIDA_E_NONE), "TypeError");
    assert_string_equal(kd_status_kind(KIDA_E_KEY), "KeyError");
    assert_string_equal(kd_status_kind(KIDA_E_RUNTIME), "TemplateRuntimeError");
    assert_string_equal(kd_status_kind(KIDA_E_UNDEFINED), "UndefinedError");
    assert_int_equal(kida_status_class(KIDA_E_SEC_CALL), KIDA_CLASS_SECURITY);
}

static void
suggestions_are_near(void **state)
{
    (void)state;
    static const struct {
        const char *wanted, *names[4], *best;
    } cases[] = {
        { "titel", { "title", "table", "tile" }, "title" },
        { "uper", { "lower", "upper", "super" }, "upper" },
        { "x", { "y", "z" }, "" },
        { "name", { "nmae", "mane" }, "nmae" },
        { "user", { "users", "usher" }, "usher" }, /* a tie: the later in the alphabet */
        { "tïtle", { "title" }, "title" },
        { "ab", { "a" }, "a" },
    };
    for (size_t i = 0; i < KD_COUNT(cases); i++) {
        kd_suggest s;
        kd_suggest_init(&s, kida_str_from(cases[i].wanted));
        for (size_t k = 0; k < 4 && cases[i].names[k]; k++)
            kd_suggest_offer(&s, kida_str_from(cases[i].names[k]));
        if (!kida_str_equal(s.best, kida_str_from(cases[i].best)))
            fail_msg("%s: got %.*s, want %s", cases[i].wanted, (int)s.best.len, s.best.ptr,
                     cases[i].best);
    }
    char longest[5000];
    memset(longest, 'a', sizeof(longest));
    kd_suggest s;
    kd_suggest_init(&s, (kida_str){ longest, sizeof(longest) });
    kd_suggest_offer(&s, (kida_str){ longest, sizeof(longest) });
    assert_int_equal(s.best.len, 0);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(layout_shows_place_stack_and_hint),
        cmocka_unit_test(mark_counts_columns_not_bytes),
        cmocka_unit_test(first_place_stays),
        cmocka_unit_test(long_texts_are_cut_whole),
        cmocka_unit_test(stack_remembers_how_many_there_were),
        cmocka_unit_test(every_code_is_known_once),
        cmocka_unit_test(suggestions_are_near),
    };
    return cmocka_run_group_tests_name("error/error", tests, NULL, NULL);
}
