/* SPDX-License-Identifier: MIT */
/* test_statement.c - trees of statements, and the errors of their structure. */
#define _GNU_SOURCE /* stpcpy */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "memory/str.h"
#include "parser/keyword.h"
#include "parser/parser.h"

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

/* Holds: the look-up is binary, so the table must be in order. */
static void
keywords_are_in_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < KD_WORD_COUNT; i++) {
        assert_int_equal(kd_keyword_find(kd_keywords[i].text), i);
        assert_true(i == 0 || kd_str_compare(kd_keywords[i - 1].text, kd_keywords[i].text) < 0);
        bool statement = kd_keywords[i].role == KD_ROLE_STATEMENT;
        assert_true(statement == (kd_keywords[i].parse != NULL));
    }
    assert_int_equal(kd_keyword_find(KIDA_S("")), KD_WORD_COUNT);
    assert_int_equal(kd_keyword_find(KIDA_S("endf")), KD_WORD_COUNT);
}

/* ---- golden dumps --------------------------------------------------------------------------- */

typedef struct golden {
    const char *source;
    const char *dump;
} golden;

static void
check_dump(kida_pool *pool, const golden *g)
{
    kd_tree tree;
    kida_error err;
    kida_error_init(&err);
    if (kd_parse(&plain, KIDA_S("t"), kida_str_from(g->source), pool, &tree, &err) != KIDA_OK)
        fail_msg("%s: %s %s", g->source, err.code, err.message);
    kida_buf out;
    kida_buf_init_heap(&out, NULL, 1u << 20);
    kd_tree_dump(&tree, &out);
    kida_str got = kida_buf_str(&out);
    if (!kida_str_equal(got, kida_str_from(g->dump))) {
        fwrite(got.ptr, 1, got.len, stderr); /* longer than fail_msg can print */
        fail_msg("%s: another tree", g->source);
    }
    kida_buf_free(&out);
}

static const golden goldens[] = {
    { "a{% if x > 1 -%} b{% elif y %}{{ c }}{% else %}{% endif %}",
      "TEXT \"a\" @1:0-1\n"
      "IF @1:1-16\n"
      "  branches BRANCH @1:1-16\n"
      "    condition COMPARE @1:7-12\n"
      "      first NAME x @1:7-8\n"
      "      links COMPARE_LINK > @1:9-12\n"
      "        operand CONST 1 @1:11-12\n"
      "    body TEXT \"b\" @1:17-18\n"
      "  branches BRANCH @1:18-30\n"
      "    condition NAME y @1:26-27\n"
      "    body OUTPUT @1:30-37\n"
      "      expression NAME c @1:33-34\n" },
    { "{% for k, v in d if v %}{% break %}{% empty %}-{% end %}",
      "FOR [unified end] @1:0-24\n"
      "  target TUPLE @1:7-11\n"
      "    items NAME k @1:7-8\n"
      "    items NAME v @1:10-11\n"
      "  iterable NAME d @1:15-16\n"
      "  condition NAME v @1:20-21\n"
      "  body BREAK @1:24-35\n"
      "  else TEXT \"-\" @1:46-47\n" },
    { "{% call f(1) %}A{% slot h let:x, let:y %}H{% endslot %}{% slot %}B{% end %}"
      "{% endcall %}",
      "CALL_BLOCK @1:0-15\n"
      "  call CALL @1:8-12\n"
      "    callee NAME f @1:8-9\n"
      "    args ARG @1:10-11\n"
      "      value CONST 1 @1:10-11\n"
      "  body TEXT \"A\" @1:15-16\n"
      "  slots SLOT_BODY h @1:16-41\n"
      "    lets NAME x @1:30-31\n"
      "    lets NAME y @1:37-38\n"
      "    body TEXT \"H\" @1:41-42\n"
      "  slots SLOT_BODY [unified end] @1:55-65\n"
      "    body TEXT \"B\" @1:65-66\n" },
    { "{% def f(a: int | list[str, b | c], *r, k=1, **q) %}{% slot s let:x=a %}F{% end %}"
      "{% enddef %}",
      "DEF f @1:0-52\n"
      "  params PARAM a @1:9-34\n"
      "    annotation ANNOTATION int @1:12-15\n"
      "    annotation ANNOTATION list @1:18-34\n"
      "      arguments ANNOTATION str @1:23-26\n"
      "      arguments ANNOTATION @1:28-33\n"
      "        arguments ANNOTATION b @1:28-29\n"
      "        arguments ANNOTATION c @1:32-33\n"
      "  params PARAM r [*] @1:36-38\n"
      "  params PARAM k @1:40-43\n"
      "    default CONST 1 @1:42-43\n"
      "  params PARAM q [**] @1:45-48\n"
      "  body SLOT s [unified end] [let] @1:52-72\n"
      "    bindings ASSIGN @1:66-69\n"
      "      target NAME x @1:66-67\n"
      "      value NAME a @1:68-69\n"
      "    fallback TEXT \"F\" @1:72-73\n" },
    { "{% set a = 1, b ?\?= 2 %}{% let (x, y), z = v, %}{% set t = 1, 2 %}{% promote e = 1 %}",
      "SET s @1:0-24\n"
      "  assigns ASSIGN @1:7-12\n"
      "    target NAME a @1:7-8\n"
      "    value CONST 1 @1:11-12\n"
      "  assigns ASSIGN [?\?] @1:14-21\n"
      "    target NAME b @1:14-15\n"
      "    value CONST 2 @1:20-21\n"
      "SET l @1:24-48\n"
      "  assigns ASSIGN @1:31-45\n"
      "    target TUPLE @1:31-40\n"
      "      items TUPLE @1:31-37\n"
      "        items NAME x @1:32-33\n"
      "        items NAME y @1:35-36\n"
      "      items NAME z @1:39-40\n"
      "    value NAME v @1:43-44\n"
      "SET s @1:48-66\n"
      "  assigns ASSIGN @1:55-63\n"
      "    target NAME t @1:55-56\n"
      "    value TUPLE @1:59-63\n"
      "      items CONST 1 @1:59-60\n"
      "      items CONST 2 @1:62-63\n"
      "SET e @1:66-85\n"
      "  assigns ASSIGN @1:77-82\n"
      "    target NAME e @1:77-78\n"
      "    value CONST 1 @1:81-82\n" },
    { "{% trans n='x', count=2 %} Hi\n {{ n }}! {% plural %}%(n)s {{ count }}{% endtrans %}",
      "TRANS (\"Hi %(n)s!\", \"%(n)s %(count)s\") @1:0-26\n"
      "  variables ASSIGN @1:9-14\n"
      "    target NAME n @1:9-10\n"
      "    value CONST \"x\" @1:11-14\n"
      "  variables ASSIGN @1:16-23\n"
      "    target NAME count @1:16-21\n"
      "    value CONST 2 @1:22-23\n" },
    { "{% match a, b %} x {# #}{% case (p, _) if p %}1{% case 2 or 3 %}{% end %}",
      "MATCH [unified end] @1:0-16\n"
      "  subject TUPLE @1:9-13\n"
      "    items NAME a @1:9-10\n"
      "    items NAME b @1:12-13\n"
      "  cases CASE @1:24-46\n"
      "    pattern TUPLE [paren] @1:32-38\n"
      "      items NAME p @1:33-34\n"
      "      items NAME _ @1:36-37\n"
      "    guard NAME p @1:42-43\n"
      "    body TEXT \"1\" @1:46-47\n"
      "  cases CASE @1:47-64\n"
      "    pattern OR @1:55-61\n"
      "      left CONST 2 @1:55-56\n"
      "      right CONST 3 @1:60-61\n" },
    { "{% unless a %}x{% endunless %}{% with a = 1 %}{% end %}{% with a, b as c, (d, 1) %}"
      "{% else %}e{% end %}",
      "IF @1:0-14\n"
      "  branches BRANCH [not] @1:0-14\n"
      "    condition NAME a @1:10-11\n"
      "    body TEXT \"x\" @1:14-15\n"
      "WITH [unified end] @1:30-46\n"
      "  assigns ASSIGN @1:38-43\n"
      "    target NAME a @1:38-39\n"
      "    value CONST 1 @1:42-43\n"
      "WITH_IF [unified end] @1:55-83\n"
      "  values NAME a @1:63-64\n"
      "  values NAME b @1:66-67\n"
      "  targets NAME c @1:71-72\n"
      "  targets TUPLE [paren] @1:74-80\n"
      "    items NAME d @1:75-76\n"
      "    items NAME @1:78-79\n"
      "  else TEXT \"e\" @1:93-94\n" },
    { "{% block b x='y' n=-2 if t %}{% end %}{% fragment f %}{% endfragment %}"
      "{% embed 'k' without context %} {# #}{% block c %}{% endblock %}{% end %}",
      "BLOCK b [unified end] @1:0-29\n"
      "  modifiers ARG x @1:11-16\n"
      "    value CONST \"y\" @1:13-16\n"
      "  modifiers ARG n @1:17-21\n"
      "    value CONST -2 @1:19-21\n"
      "  condition NAME t @1:25-26\n"
      "BLOCK f [fragment] @1:38-54\n"
      "EMBED [without context] [unified end] @1:71-102\n"
      "  template CONST \"k\" @1:80-83\n"
      "  blocks BLOCK c @1:108-121\n" },
    { "{% include 'a' ignore missing without context %}{% import 'b' as m with context %}"
      "{% from 'c' import x, y as z %}{% extends p %}{% yield q %}{% push 'js' %}{% endpush %}"
      "{% stack \"js\" %}{% flush %}{% raw %} {{ {% endraw %}",
      "INCLUDE [ignore missing] [without context] @1:0-48\n"
      "  template CONST \"a\" @1:11-14\n"
      "IMPORT m [with context] @1:48-82\n"
      "  template CONST \"b\" @1:58-61\n"
      "FROM @1:82-113\n"
      "  template CONST \"c\" @1:90-93\n"
      "  names IMPORT_NAME x \"x\" @1:101-102\n"
      "  names IMPORT_NAME y \"z\" @1:104-110\n"
      "EXTENDS @1:113-128\n"
      "  template NAME p @1:124-125\n"
      "SLOT q [yield] @1:128-141\n"
      "PUSH js @1:141-156\n"
      "STACK js @1:169-185\n"
      "FLUSH @1:185-196\n"
      "TEXT \" {{ \" @1:196-205\n" },
    { "{% try %}a{% fallback e %}b{% endtry %}{% capture c | f(1) %}{% end %}"
      "{% filter g %}{% endfilter %}{% cache k, ttl='5m' %}{% end %}{% provide p = 1 %}"
      "{% end %}"
      "{% spaceless %}{% end %}{% globals %}{% end %}{% region r() %}{% endregion %}"
      "{% template a: int, b: User, %}{% while x %}{% end %}{% async for a in b %}{% endfor %}",
      "TRY e @1:0-9\n"
      "  body TEXT \"a\" @1:9-10\n"
      "  fallback TEXT \"b\" @1:26-27\n"
      "CAPTURE c [unified end] @1:39-61\n"
      "  filter FILTER f @1:54-58\n"
      "    args ARG @1:56-57\n"
      "      value CONST 1 @1:56-57\n"
      "FILTER_BLOCK @1:70-84\n"
      "  filter FILTER g @1:80-81\n"
      "CACHE [unified end] @1:99-122\n"
      "  key NAME k @1:108-109\n"
      "  options ARG ttl @1:111-119\n"
      "    value CONST \"5m\" @1:115-119\n"
      "PROVIDE p [unified end] @1:131-150\n"
      "  value CONST 1 @1:146-147\n"
      "SPACELESS [unified end] @1:159-174\n"
      "GLOBALS [unified end] @1:183-196\n"
      "REGION r @1:205-221\n"
      "TEMPLATE_DECL @1:236-267\n"
      "  entries PARAM a @1:248-254\n"
      "    annotation ANNOTATION int @1:251-254\n"
      "  entries PARAM b @1:256-263\n"
      "    annotation ANNOTATION User @1:259-263\n"
      "WHILE [unified end] @1:267-280\n"
      "  condition NAME x @1:276-277\n"
      "FOR [async] @1:289-311\n"
      "  target NAME a @1:302-303\n"
      "  iterable NAME b @1:307-308\n" },
};

/* Holds: which member of a node holds what, and every place. */
static void
trees_are_shaped_as_described(void **state)
{
    for (size_t i = 0; i < KD_COUNT(goldens); i++)
        check_dump(*state, &goldens[i]);
}

/* Holds: every node knows the line of its tag, statements with a body that of their closer. */
static void
lines_of_tags_are_kept(void **state)
{
    kd_tree tree;
    kida_error err;
    kida_error_init(&err);
    kida_str source = KIDA_S("\n{% if a\n and b %}\n{{ c\n }}{% elif\n d %}\n{% end\n %}");
    assert_int_equal(kd_parse(&plain, KIDA_S("t"), source, *state, &tree, &err), KIDA_OK);
    const kd_node *node = tree.body->next;
    assert_int_equal(node->tag_line, 2);
    assert_int_equal(node->end_line, 7);
    assert_int_equal(node->place.end, 0);
    assert_int_equal(node->a->a->b->place.line, 3);
    assert_int_equal(node->a->a->b->tag_line, 2);
    assert_int_equal(node->a->b->next->a->tag_line, 4);
    assert_int_equal(node->a->next->a->place.line, 6);
    assert_int_equal(node->a->next->a->tag_line, 5);
    assert_null(tree.extends);
    assert_false(tree.is_async);
}

/* ---- errors --------------------------------------------------------------------------------- */

/* source, code and place, part of the hint or NULL */
static const struct {
    const char *source, *expect, *hint;
} mistakes[] = {
    { "{% %}", "K-PAR-001 1:3", NULL },
    { "{% 5 %}", "K-PAR-001 1:3", NULL },
    { "{%+ if x %}", "K-PAR-001 1:2", "no '+' modifier" },
    { "{% iff x %}", "K-PAR-001 1:3", "did you mean 'if'?" },
    { "{% macro f() %}", "K-PAR-001 1:3", "{% def" },
    { "{% do x %}", "K-PAR-001 1:3", "{% set _" },
    { "{% and %}", "K-PAR-001 1:3", NULL },
    { "{% if a %}\n{% endfor %}", "K-PAR-001 2:3", "{% endif %}" },
    { "{% if a %}{% else %}{% elif b %}{% end %}", "K-PAR-001 1:23", NULL },
    { "{% if a %}{% else %}{% else %}{% end %}", "K-PAR-001 1:23", NULL },
    { "{% if a %}{% else if b %}{% end %}", "K-PAR-001 1:18", "elif" },
    { "{% unless a %}{% endif %}", "K-PAR-001 1:17", "endunless" },
    { "{% else %}", "K-PAR-001 1:3", NULL },
    { "{% end %}", "K-PAR-001 1:3", NULL },
    { "{% if a %}{% end if %}", "K-PAR-001 1:17", NULL },
    { "{% if a %}\n{% for x in y %}\n", "K-PAR-002 3:0", "'for' (line 2), 'if' (line 1)" },
    { "{% try %}x", "K-PAR-002 1:10", NULL },
    { "{% try %}x{% end %}", "K-PAR-001 1:13", "fallback" },
    { "\n {% raw %}x{% end %}", "K-PAR-002 2:1", "endraw" },
    { "{% endraw %}", "K-PAR-001 1:3", NULL },
    { "{% raw x %}{% endraw %}", "K-PAR-001 1:7", NULL },
    { "{% match x %}", "K-PAR-002 1:13", NULL },
    { "{% match x %}{% end %}", "K-PAR-001 1:16", "case" },
    { "{% match x %}{{ y }}{% case 1 %}{% end %}", "K-PAR-001 1:13", NULL },
    { "{% match x %}{% case 1 %}{% else %}{% end %}", "K-PAR-001 1:28", "case _" },
    { "{% match %}{% case x %}{% end %}", "K-TPL-002 1:19", "case _" },
    { "{% match %}{% case x %}{% end %}{{ }}", "K-PAR-003 1:35", NULL },
    { "{% for x y %}{% end %}", "K-PAR-001 1:9", NULL },
    { "{% for x.y in z %}{% end %}", "K-PAR-001 1:8", NULL },
    { "{% for 1 in z %}{% end %}", "K-PAR-003 1:7", NULL },
    { "{% for (a, 'b') in z %}{% end %}", "K-PAR-003 1:11", NULL },
    { "{% for x in 1, 2 %}{% end %}", "K-PAR-001 1:13", NULL },
    { "{% for x in a if b else c %}{% end %}", "K-PAR-001 1:19", NULL },
    { "{% async if x %}", "K-PAR-001 1:9", NULL },
    { "{% break %}", "K-PAR-001 1:9", "loop" },
    { "{% for x in y %}{% else %}{% break %}{% end %}", "K-PAR-001 1:35", NULL },
    { "{% for x in y %}{% def f() %}{% break %}{% end %}{% end %}", "K-PAR-001 1:38", NULL },
    { "{% for x in y %}{% block b %}{% continue %}{% end %}{% end %}", "K-PAR-001 1:41", NULL },
    { "{% for x in y %}{% call f() %}{% break %}{% end %}{% end %}", "K-PAR-001 1:39", NULL },
    { "{% for x in y %}{% break 1 %}{% end %}", "K-PAR-001 1:25", NULL },
    { "{% set x %}", "K-PAR-007 1:9", "capture" },
    { "{% let x %}", "K-PAR-001 1:9", "capture" },
    { "{% set %}", "K-PAR-003 1:7", NULL },
    { "{% set x.y = 1 %}", "K-PAR-001 1:8", "let" },
    { "{% set x = 1, y = %}", "K-PAR-003 1:18", NULL },
    { "{% set a, b ?\?= 1 %}", "K-PAR-001 1:12", NULL },
    { "{% set a = b = 1 %}", "K-PAR-001 1:13", NULL },
    { "{% set a = 1, b = 2, 3 %}", "K-PAR-001 1:21", NULL },
    { "{% export a = 1, b = 2 %}", "K-PAR-001 1:15", NULL },
    { "{% with a = 1, %}{% end %}", "K-PAR-001 1:15", NULL },
    { "{% with a = 1 %}{% else %}{% end %}", "K-PAR-001 1:19", NULL },
    { "{% def f %}", "K-PAR-001 1:9", NULL },
    { "{% def f(a,) %}", "K-PAR-001 1:11", NULL },
    { "{% def f(a, a) %}{% end %}", "K-PAR-001 1:12", NULL },
    { "{% def f(**k, a) %}{% end %}", "K-PAR-001 1:14", NULL },
    { "{% def f(*a, *b) %}{% end %}", "K-PAR-001 1:13", NULL },
    { "{% def f(a: list[]) %}{% end %}", "K-PAR-001 1:17", NULL },
    { "{% call(x) f() %}{% end %}", "K-PAR-001 1:11", "scoped slots" },
    { "{% call f() %}{% slot a let:x=1 %}{% end %}{% end %}", "K-PAR-001 1:29", NULL },
    { "{% slot a let:x %}{% end %}", "K-PAR-001 1:16", NULL },
    { "{% slot a %}x{% end %}", "K-PAR-001 1:16", NULL },
    { "{% block my-b %}", "K-PAR-006 1:11", "'_'" },
    { "{% block b scoped %}", "K-PAR-007 1:11", "scoped" },
    { "{% block b x=y %}", "K-PAR-007 1:13", NULL },
    { "{% block b x=1 x=2 %}", "K-PAR-001 1:15", NULL },
    { "{% fragment f if x %}", "K-PAR-007 1:14", NULL },
    { "{% if a %}{% extends 'b' %}{% end %}", "K-TPL-002 1:10", NULL },
    { "{% if a %}{% template b: int %}{% end %}", "K-PAR-001 1:10", NULL },
    { "{% template a: int %}{% template b: int %}", "K-PAR-001 1:21", NULL },
    { "{% include 'a' with x=1 %}", "K-PAR-001 1:20", "let" },
    { "{% include 'a' only %}", "K-PAR-001 1:15", "without context" },
    { "{% import 'a' %}", "K-PAR-001 1:14", NULL },
    { "{% from 'a' import * %}", "K-PAR-001 1:19", NULL },
    { "{% from 'a' import b, %}", "K-PAR-001 1:22", NULL },
    { "{% from 'a' import b without context %}", "K-PAR-001 1:21", "globals only" },
    { "{% embed 'a' %}{{ x }}{% end %}", "K-PAR-001 1:15", NULL },
    { "{% embed 'a' %}{% set x = 1 %}{% end %}", "K-PAR-001 1:18", NULL },
    { "{% filter a | b %}", "K-PAR-001 1:12", NULL },
    { "{% cache k, x=1 %}", "K-PAR-001 1:12", NULL },
    { "{% push a %}", "K-PAR-001 1:8", NULL },
    { "{% trans %}{{ x }}{% end %}", "K-PAR-001 1:14", "declare" },
    { "{% trans x=1 %}{{ x.y }}{% end %}", "K-PAR-001 1:19", NULL },
    { "{% trans %}a{% plural %}b{% end %}", "K-PAR-001 1:15", "count" },
    { "{% trans %}{# #}{% end %}", "K-PAR-001 1:11", NULL },
    { "{% trans count=1 %}a{% plural %}b{% plural %}c{% end %}", "K-PAR-001 1:36", NULL },
    { "{% if %}\n{{ $ }}", "K-TPL-002 2:3", NULL },
};

/* Holds: codes, places and advice of structural errors. */
static void
structure_errors_are_reported(void **state)
{
    for (size_t i = 0; i < KD_COUNT(mistakes); i++) {
        kd_tree tree;
        kida_error err;
        kida_error_init(&err);
        char got[100] = "success";
        kida_str source = kida_str_from(mistakes[i].source);
        if (kd_parse(&plain, KIDA_S("t"), source, *state, &tree, &err) != KIDA_OK)
            snprintf(got, sizeof(got), "%s %u:%u", err.code, (unsigned)err.line,
                     (unsigned)err.column);
        if (strcmp(got, mistakes[i].expect) != 0)
            fail_msg("%s: got [%s] %s, want [%s]", mistakes[i].source, got, err.message,
                     mistakes[i].expect);
        if (mistakes[i].hint != NULL && strstr(err.hint, mistakes[i].hint) == NULL)
            fail_msg("%s: the hint is [%s]", mistakes[i].source, err.hint);
        assert_string_equal(err.template_name, "t");
        assert_true(err.excerpt_count > 0);
        kida_pool_reset(*state);
    }
}

/* Holds: the bounds of robustness rule TP-1, to the level. */
static void
nesting_is_bounded(void **state)
{
    static const struct {
        const char *label, *head, *part, *middle, *back, *tail;
        size_t fits; /* repetitions that parse; one more does not */
    } cases[] = {
        { "parentheses", "{{ ", "(", "1", ")", " }}", KD_EXPR_DEPTH_MAX },
        { "lists", "{{ ", "[", "1", "]", " }}", KD_EXPR_DEPTH_MAX },
        { "subscripts", "{{ a", "[a", "", "]", " }}", KD_EXPR_DEPTH_MAX },
        { "calls", "{{ a", "(a", "", ")", " }}", (KD_EXPR_HEIGHT_MAX - 1) / 2 },
        { "not", "{{ ", "not ", "1", "", " }}", KD_EXPR_DEPTH_MAX },
        { "minus", "{{ ", "- ", "1", "", " }}", KD_EXPR_DEPTH_MAX },
        { "powers", "{{ 1", "**1", "", "", " }}", KD_EXPR_DEPTH_MAX },
        { "fallbacks", "{{ 1", "?\?1", "", "", " }}", KD_EXPR_DEPTH_MAX },
        { "ternaries", "{{ 1", " if 1 else 1", "", "", " }}", KD_EXPR_DEPTH_MAX },
        { "concatenation", "{{ 1", "~1", "", "", " }}", KD_EXPR_HEIGHT_MAX - 1 },
        { "attributes", "{{ a", ".a", "", "", " }}", KD_EXPR_HEIGHT_MAX - 1 },
        { "statements", "", "{% if a %}", "", "{% end %}", "", KD_BLOCK_DEPTH_MAX },
        { "filters", "{{ a", "|f", "", "", " }}", KD_FILTER_CHAIN_MAX },
    };
    for (size_t i = 0; i < KD_COUNT(cases); i++) {
        for (size_t extra = 0; extra < 2; extra++) {
            char *source = malloc(20000);
            assert_non_null(source);
            char *end = stpcpy(source, cases[i].head);
            for (size_t k = 0; k < cases[i].fits + extra; k++)
                end = stpcpy(end, cases[i].part);
            end = stpcpy(end, cases[i].middle);
            for (size_t k = 0; k < cases[i].fits + extra; k++)
                end = stpcpy(end, cases[i].back);
            stpcpy(end, cases[i].tail);
            kd_tree tree;
            kida_error err;
            kida_error_init(&err);
            kida_status st =
                kd_parse(&plain, KIDA_S("t"), kida_str_from(source), *state, &tree, &err);
            kida_status want = extra == 0 ? KIDA_OK
                               : strcmp(cases[i].label, "filters") == 0 ? KIDA_E_FILTER_NAME
                                                                        : KIDA_E_PARSE;
            if (st != want)
                fail_msg("%s + %u: %s", cases[i].label, (unsigned)extra, err.message);
            free(source);
            kida_pool_reset(*state);
        }
    }
}

/* Holds: a pool that runs full gives KIDA_E_NOMEM, wherever it happens. */
static void
little_memory_is_an_error(void **state)
{
    (void)state;
    kida_str source = KIDA_S("{% if a %}{{ 'x\\n' ~ [1, b] | f }}{% end %}{% trans %}a{% end %}"
                             "{% def f(a: int = 1) %}{% slot s let:x=1 %}{% end %}{% end %}");
    bool fitted = false;
    for (size_t size = 256; size < 200000 && !fitted; size += 256) {
        kida_pool *pool = kida_pool_new(NULL, size);
        if (pool == NULL)
            continue;
        kd_tree tree;
        kida_error err;
        kida_error_init(&err);
        kida_status st = kd_parse(&plain, KIDA_S("t"), source, pool, &tree, &err);
        assert_true(st == KIDA_OK || st == KIDA_E_NOMEM);
        fitted = st == KIDA_OK;
        kida_pool_free(pool);
    }
    assert_true(fitted);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keywords_are_in_order),
        cmocka_unit_test(trees_are_shaped_as_described),
        cmocka_unit_test(lines_of_tags_are_kept),
        cmocka_unit_test(structure_errors_are_reported),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(little_memory_is_an_error),
    };
    return cmocka_run_group_tests_name("parser/statement", tests, set_up, tear_down);
}
