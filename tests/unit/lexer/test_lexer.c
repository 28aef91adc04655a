/* SPDX-License-Identifier: MIT */
/* test_lexer.c - tokens, white space control, literals, limits and errors of the lexer. */
#define _GNU_SOURCE /* stpcpy */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lexer/lexer.h"
#include "memory/str.h"
#include "value/value.h"

static const char *const kind_names[] = {
#define KD_TOKEN(kind, text) #kind,
#include "lexer/token.def"
#undef KD_TOKEN
};

static const kd_lexer_config plain = KD_LEXER_DEFAULTS;

static int
set_up(void **state)
{
    *state = kida_pool_new(NULL, 0);
    return *state == NULL;
}

static int
tear_down(void **state)
{
    kida_pool_free(*state);
    return 0;
}

/* Lexes and prints "KIND(text) KIND …"; operators and delimiters without their text. */
static void
print_tokens(const kd_lexer_config *config, kida_str source, kida_pool *pool, char *out,
             size_t size)
{
    kd_tokens tokens = { NULL, 0 };
    kida_error err;
    kida_error_init(&err);
    size_t len = 0;
    out[0] = '\0';
    if (kd_lex(config, KIDA_S("t"), source, pool, &tokens, &err) != KIDA_OK) {
        snprintf(out, size, "%s %u:%u", err.code, (unsigned)err.line, (unsigned)err.column);
        return;
    }
    for (size_t i = 0; i + 1 < tokens.count && len < size; i++) {
        const kd_token *token = &tokens.items[i];
        bool shown = token->kind == KD_TOK_TEXT || token->kind == KD_TOK_RAW ||
                     token->kind == KD_TOK_NAME || token->kind == KD_TOK_STRING ||
                     token->kind == KD_TOK_INT || token->kind == KD_TOK_FLOAT;
        int put = shown ? snprintf(out + len, size - len, "%s%s(%.*s)", i ? " " : "",
                                   kind_names[token->kind], (int)token->text.len, token->text.ptr)
                        : snprintf(out + len, size - len, "%s%s", i ? " " : "",
                                   kind_names[token->kind]);
        len += (size_t)put;
    }
    assert_int_equal(tokens.items[tokens.count - 1].kind, KD_TOK_END);
}

typedef struct lex_case {
    const char *label;
    const char *source;
    const char *expect;
} lex_case;

static void
check_cases(void **state, const kd_lexer_config *config, const lex_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char got[2000];
        print_tokens(config, kida_str_from(cases[i].source), *state, got, sizeof(got));
        if (strcmp(got, cases[i].expect) != 0)
            fail_msg("%s: got [%s], want [%s]", cases[i].label, got, cases[i].expect);
    }
}

/* Holds: every token form. Could break: longest match of operators that share a beginning. */
static void
tokens_are_cut_longest_first(void **state)
{
    static const lex_case cases[] = {
        { "nothing", "", "" },
        { "text", "a { b", "TEXT(a { b)" },
        { "output", "a{{ x }}b", "TEXT(a) VARIABLE_START NAME(x) VARIABLE_END TEXT(b)" },
        { "words", "{{ and or not in is android }}",
          "VARIABLE_START AND OR NOT IN IS NAME(android) VARIABLE_END" },
        { "three", "{% a...b ?\?= ?|> %}",
          "BLOCK_START NAME(a) RANGE_OPEN NAME(b) COALESCE_ASSIGN SAFE_ARROW BLOCK_END" },
        { "two", "{{ ** // == != <= >= |> ?. ?[ ?| ?\? .. }}",
          "VARIABLE_START POWER FLOOR EQUAL NOT_EQUAL LESS_EQUAL GREATER_EQUAL ARROW SAFE_DOT "
          "SAFE_BRACKET SAFE_PIPE COALESCE RANGE VARIABLE_END" },
        { "one", "{{ < > + - * / % = . , : | ~ ( ) [ ] { } }}",
          "VARIABLE_START LESS GREATER PLUS MINUS STAR SLASH PERCENT ASSIGN DOT COMMA COLON PIPE "
          "TILDE LEFT_PAREN RIGHT_PAREN LEFT_BRACKET RIGHT_BRACKET LEFT_BRACE RIGHT_BRACE "
          "VARIABLE_END" },
        { "closer before token", "{{ {'a': {}} }}",
          "VARIABLE_START LEFT_BRACE STRING(a) COLON LEFT_BRACE VARIABLE_END TEXT( }})" },
        { "closer in a string", "{{ '}}' }}", "VARIABLE_START STRING(}}) VARIABLE_END" },
        { "numbers", "{{ 007 1.5 1. 1..5 1...5 0 }}",
          "VARIABLE_START INT(007) FLOAT(1.5) FLOAT(1.) INT(1) RANGE INT(5) INT(1) RANGE_OPEN "
          "INT(5) INT(0) VARIABLE_END" },
        { "no exponent", "{{ 1e5 }}", "VARIABLE_START INT(1) NAME(e5) VARIABLE_END" },
        { "escapes", "{{ 'a\\n\\'\\u00e9\\U0001f600' }}",
          "VARIABLE_START STRING(a\n'\xc3\xa9\xf0\x9f\x98\x80) VARIABLE_END" },
        { "comment", "a{# {{ x }} #}b", "TEXT(a) COMMENT TEXT(b)" },
        { "comment inside out", "{#}#}b", "COMMENT TEXT(b)" },
        { "stray closers", "a }} %} #} b", "TEXT(a }} %} #} b)" },
    };
    check_cases(state, &plain, cases, KD_COUNT(cases));
}

/* Holds: section 1.3, trim markers. Could break: the right trim that waits behind a comment. */
static void
markers_trim_white_space(void **state)
{
    static const lex_case cases[] = {
        { "left", "a \n{{- 1 }}", "TEXT(a) VARIABLE_START INT(1) VARIABLE_END" },
        { "right", "{{ 1 -}} \n b", "VARIABLE_START INT(1) VARIABLE_END TEXT(b)" },
        { "minus one", "{{ -1 }}", "VARIABLE_START MINUS INT(1) VARIABLE_END" },
        { "tight is a marker", "a {{-1}}", "TEXT(a) VARIABLE_START INT(1) VARIABLE_END" },
        { "waits for text", "{{ 1 -}}{{ 2 }}  b",
          "VARIABLE_START INT(1) VARIABLE_END VARIABLE_START INT(2) VARIABLE_END TEXT(b)" },
        { "waits behind comments", "{{ 1 -}}{# c #} b",
          "VARIABLE_START INT(1) VARIABLE_END COMMENT TEXT(b)" },
        { "cleared by blank text", "{{ 1 -}} {{ 2 }}  b",
          "VARIABLE_START INT(1) VARIABLE_END VARIABLE_START INT(2) VARIABLE_END TEXT(  b)" },
        { "comment left", "a {#- c #} b", "TEXT(a) COMMENT TEXT( b)" },
        { "comment right does nothing", "a {# c -#} b", "TEXT(a ) COMMENT TEXT( b)" },
        { "unicode blanks", "a\xc2\xa0{{- 1 -}}\xe2\x80\x83 b",
          "TEXT(a) VARIABLE_START INT(1) VARIABLE_END TEXT(b)" },
        { "only a marker", "a {%- -%} b", "TEXT(a) BLOCK_START BLOCK_END TEXT(b)" },
    };
    check_cases(state, &plain, cases, KD_COUNT(cases));
}

/* Holds: trim_blocks and lstrip_blocks touch statement tags only. */
static void
block_options_trim_lines(void **state)
{
    kd_lexer_config config = KD_LEXER_DEFAULTS;
    config.trim_blocks = true;
    config.lstrip_blocks = true;
    static const lex_case cases[] = {
        { "line of a tag", "a\n  {% x %}\nb", "TEXT(a\n) BLOCK_START NAME(x) BLOCK_END TEXT(b)" },
        { "one line feed only", "{% x %}\n\nb", "BLOCK_START NAME(x) BLOCK_END TEXT(\nb)" },
        { "carriage return", "{% x %}\r\nb", "BLOCK_START NAME(x) BLOCK_END TEXT(b)" },
        { "not outputs", "  {{ x }}\nb",
          "TEXT(  ) VARIABLE_START NAME(x) VARIABLE_END TEXT(\nb)" },
        { "not comments", "  {# x #}\nb", "TEXT(  ) COMMENT TEXT(\nb)" },
        { "behind an output", "{{ 1 }}  {% x %}",
          "VARIABLE_START INT(1) VARIABLE_END BLOCK_START NAME(x) BLOCK_END" },
        { "raw content stays", "{% raw %}\n a\n {% endraw %}\nb",
          "BLOCK_START NAME(raw) BLOCK_END RAW(\n a\n ) BLOCK_START NAME(endraw) BLOCK_END "
          "TEXT(b)" },
    };
    check_cases(state, &config, cases, KD_COUNT(cases));
}

/* Holds: D18, raw content is one token, whatever it holds. */
static void
raw_content_is_kept(void **state)
{
    static const lex_case cases[] = {
        { "tags", "{% raw %}{{x|f('a')}}{# n #}{%- if y -%}{% endraw %}",
          "BLOCK_START NAME(raw) BLOCK_END RAW({{x|f('a')}}{# n #}{%- if y -%}) BLOCK_START "
          "NAME(endraw) BLOCK_END" },
        { "quote", "{% raw %}{{ it's }}{% endraw %}",
          "BLOCK_START NAME(raw) BLOCK_END RAW({{ it's }}) BLOCK_START NAME(endraw) BLOCK_END" },
        { "trim", "{% raw -%} a {%- endraw %} b",
          "BLOCK_START NAME(raw) BLOCK_END RAW(a) BLOCK_START NAME(endraw) BLOCK_END TEXT( b)" },
        { "earlier trim ends at it", "{{ 1 -}}{% raw %} a{% endraw %} b",
          "VARIABLE_START INT(1) VARIABLE_END BLOCK_START NAME(raw) BLOCK_END RAW( a) BLOCK_START "
          "NAME(endraw) BLOCK_END TEXT( b)" },
        { "empty", "{% raw %}{%endraw%}",
          "BLOCK_START NAME(raw) BLOCK_END RAW() BLOCK_START NAME(endraw) BLOCK_END" },
        { "longer word", "{% raw %}{% endrawx %}{%\nendraw %}",
          "BLOCK_START NAME(raw) BLOCK_END RAW({% endrawx %}) BLOCK_START NAME(endraw) BLOCK_END" },
        { "open", "{% raw %} {{ '", "BLOCK_START NAME(raw) BLOCK_END RAW( {{ ')" },
        { "arguments make it no raw", "{% raw x %}a",
          "BLOCK_START NAME(raw) NAME(x) BLOCK_END TEXT(a)" },
    };
    check_cases(state, &plain, cases, KD_COUNT(cases));
}

/* Holds: D19, the longest opener wins and any length takes a trim marker. */
static void
custom_delimiters_work(void **state)
{
    const kd_lexer_config erb = { KIDA_S("<%="), KIDA_S("%>"),  KIDA_S("<%"), KIDA_S("%>"),
                                  KIDA_S("<%#"), KIDA_S("%>"), false,        false };
    static const lex_case erb_cases[] = {
        { "output", "<%= x %>", "VARIABLE_START NAME(x) VARIABLE_END" },
        { "statement", "<% x %>", "BLOCK_START NAME(x) BLOCK_END" },
        { "comment", "a<%# note %>b", "TEXT(a) COMMENT TEXT(b)" },
        { "trim", "a <%=- 1 %>", "TEXT(a) VARIABLE_START INT(1) VARIABLE_END" },
        { "others are text", "{{ x }}", "TEXT({{ x }})" },
    };
    check_cases(state, &erb, erb_cases, KD_COUNT(erb_cases));

    const kd_lexer_config square = { KIDA_S("["),  KIDA_S("]"),  KIDA_S("\xc2\xab"),
                                     KIDA_S("\xc2\xbb"), KIDA_S("[#"), KIDA_S("#]"),
                                     false,        false };
    static const lex_case square_cases[] = {
        { "trim", "a [-x-1]", "TEXT(a) VARIABLE_START NAME(x) MINUS INT(1) VARIABLE_END" },
        { "wide", "\xc2\xab- x -\xc2\xbb y", "BLOCK_START NAME(x) BLOCK_END TEXT(y)" },
        { "column counts code points", "\xc2\xab x \xc2\xbb\xc2\xab $", "K-TPL-002 1:7" },
    };
    check_cases(state, &square, square_cases, KD_COUNT(square_cases));
}

/* Holds: D39, codes and positions of lexical errors. */
static void
errors_have_code_and_place(void **state)
{
    static const lex_case cases[] = {
        { "block open", "a\n {% if", "K-LEX-001 2:1" },
        { "comment open", "a\n{# b\nc", "K-LEX-002 2:0" },
        { "output open", "a\n\n{{ x }", "K-LEX-003 3:0" },
        { "only an opener", "{{", "K-LEX-003 1:0" },
        { "string open", "{{ x ~\n 'abc }}", "K-TPL-002 2:1" },
        { "bad escape", "{{ 'ab\\d' }}", "K-TPL-002 1:6" },
        { "short escape", "{{ '\\u00e' }}", "K-TPL-002 1:4" },
        { "too high", "{{ '\\U00110000' }}", "K-TPL-002 1:4" },
        { "escape on a later line", "{{ 'a\n\\d' }}", "K-TPL-002 1:3" },
        { "backslash at the end", "{{ 'a\\", "K-TPL-002 1:3" },
        { "character", "\xc3\xa9{{ x $ }}", "K-TPL-002 1:6" },
        { "letter", "{{ caf\xc3\xa9 }}", "K-TPL-002 1:6" },
        { "no-break space", "{{\xc2\xa0x }}", "K-TPL-002 1:2" },
        { "question mark", "{{ a ? b }}", "K-TPL-002 1:5" },
        { "form feed", "{{\f}}", "K-TPL-002 1:2" },
        { "first error wins", "{{ $ }}{{ 'x", "K-TPL-002 1:3" },
        { "invalid UTF-8", "a\n\n\xff", "K-USE-004 3:0" },
    };
    check_cases(state, &plain, cases, KD_COUNT(cases));
}

static char *
repeat(const char *head, const char *part, size_t count, const char *tail)
{
    size_t size = strlen(head) + strlen(part) * count + strlen(tail) + 1;
    char *text = malloc(size);
    assert_non_null(text);
    char *put = stpcpy(text, head);
    for (size_t i = 0; i < count; i++)
        put = stpcpy(put, part);
    stpcpy(put, tail);
    return text;
}

/* Holds: token and size limits. Could break: a comment counts for two tokens, the end for none. */
static void
limits_are_exact(void **state)
{
    static const struct {
        const char *label, *head, *part;
        size_t count;
        const char *tail;
        const char *code; /* NULL: fine */
    } cases[] = {
        { "100000 tokens", "{{", "(", KD_TOKENS_MAX - 2, "}}", NULL },
        { "100001 tokens", "{{", "(", KD_TOKENS_MAX - 1, "}}", "K-LEX-004" },
        { "50000 comments", "", "{##}", KD_TOKENS_MAX / 2, "", NULL },
        { "50001 comments", "", "{##}", KD_TOKENS_MAX / 2 + 1, "", "K-LEX-004" },
        { "1 MiB", "", "x", KD_SOURCE_MAX, "", NULL },
        { "more than 1 MiB", "", "x", KD_SOURCE_MAX + 1, "", "K-LEX-004" },
        { "long number", "{{", "1", 4301, "}}", "K-TPL-002" },
        { "long float", "{{ 0.", "1", 4300, "}}", "K-TPL-002" },
    };
    for (size_t i = 0; i < KD_COUNT(cases); i++) {
        char *source = repeat(cases[i].head, cases[i].part, cases[i].count, cases[i].tail);
        kd_tokens tokens;
        kida_error err;
        kida_error_init(&err);
        kida_status st =
            kd_lex(&plain, KIDA_S("t"), kida_str_from(source), *state, &tokens, &err);
        if (strcmp(st == KIDA_OK ? "" : err.code, cases[i].code ? cases[i].code : "") != 0)
            fail_msg("%s: got %s", cases[i].label, st == KIDA_OK ? "success" : err.code);
        if (st != KIDA_OK)
            assert_int_equal(err.line, 1);
        free(source);
        kida_pool_reset(*state);
    }
}

/* Holds: values of number tokens, and where tokens say they are. */
static void
numbers_and_places_are_right(void **state)
{
    kd_tokens tokens;
    kida_error err;
    kida_error_init(&err);
    kida_str source = KIDA_S("\xc3\xa9 {{ 42\n  1.25 'a\nb' name }}");
    assert_int_equal(kd_lex(&plain, KIDA_S("t"), source, *state, &tokens, &err), KIDA_OK);
    const kd_token *t = tokens.items;
    assert_int_equal(kida_as_int(t[2].value), 42);
    assert_int_equal(t[2].line, 1);
    assert_int_equal(t[2].column, 5);
    assert_int_equal(t[2].end, 7);
    assert_true(kida_as_float(t[3].value) == 1.25);
    assert_int_equal(t[3].line, 2);
    assert_int_equal(t[3].column, 2);
    assert_int_equal(t[4].end, 0); /* a string over two lines */
    assert_int_equal(t[5].line, 3);
    assert_int_equal(t[5].column, 3);
    assert_int_equal(t[5].end, 7);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_are_cut_longest_first),
        cmocka_unit_test(markers_trim_white_space),
        cmocka_unit_test(block_options_trim_lines),
        cmocka_unit_test(raw_content_is_kept),
        cmocka_unit_test(custom_delimiters_work),
        cmocka_unit_test(errors_have_code_and_place),
        cmocka_unit_test(limits_are_exact),
        cmocka_unit_test(numbers_and_places_are_right),
    };
    return cmocka_run_group_tests_name("lexer/lexer", tests, set_up, tear_down);
}
