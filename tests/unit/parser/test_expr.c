/* SPDX-License-Identifier: MIT */
/* test_expr.c - precedence, associativity and shapes of expressions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "memory/str.h"
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

/* ---- a compact printer: (operator operand …) ------------------------------------------------ */

typedef struct printer {
    char text[4000];
    size_t len;
} printer;

static void print(printer *out, const kd_node *node);

static void
put(printer *out, const char *text, size_t len)
{
    if (out->len + len < sizeof(out->text)) {
        memcpy(out->text + out->len, text, len);
        out->len += len;
        out->text[out->len] = '\0';
    }
}

static void
put_c(printer *out, const char *text)
{
    put(out, text, strlen(text));
}

static void
print_list(printer *out, const kd_node *node)
{
    for (; node != NULL; node = node->next) {
        put_c(out, " ");
        print(out, node);
    }
}

static void
print_value(printer *out, kida_value v)
{
    char text[40];
    kida_str s = kida_as_str(v);
    if (kd_is(v, KIDA_STRING)) {
        put_c(out, "'");
        put(out, s.ptr, s.len);
        put_c(out, "'");
    } else if (kd_is(v, KIDA_INT)) {
        snprintf(text, sizeof(text), "%d", (int)kida_as_int(v));
        put_c(out, text);
    } else if (kd_is(v, KIDA_FLOAT)) {
        snprintf(text, sizeof(text), "%gf", kida_as_float(v));
        put_c(out, text);
    } else if (kd_is(v, KIDA_BOOL)) {
        put_c(out, kida_as_int(v) ? "true" : "false");
    } else {
        put_c(out, kd_is(v, KIDA_NONE) ? "none" : "big");
    }
}

static void
print_part(printer *out, const kd_node *node)
{
    put_c(out, " ");
    if (node != NULL)
        print(out, node);
    else
        put_c(out, "_");
}

static void
print_head(printer *out, const kd_node *node)
{
    static const char *const names[KD_NODE_COUNT] = {
        [KD_NODE_LIST] = "list", [KD_NODE_TUPLE] = "tuple", [KD_NODE_DICT] = "dict",
        [KD_NODE_ATTR] = ".", [KD_NODE_ITEM] = "[]", [KD_NODE_SLICE] = "slice",
        [KD_NODE_CALL] = "call", [KD_NODE_ARG] = "=", [KD_NODE_FILTER] = "|",
        [KD_NODE_TEST] = "is", [KD_NODE_IS] = "===", [KD_NODE_COMPARE] = "cmp",
        [KD_NODE_AND] = "and", [KD_NODE_OR] = "or", [KD_NODE_TERNARY] = "if",
        [KD_NODE_COALESCE] = "?\?", [KD_NODE_RANGE] = "...", [KD_NODE_COMPREHENSION] = "for",
        [KD_NODE_AWAIT] = "await",
    };
    if (node->flags & KD_F_NOT)
        put_c(out, "not-");
    if (node->flags & KD_F_SAFE)
        put_c(out, "?");
    if (node->kind == KD_NODE_RANGE && (node->flags & KD_F_INCLUSIVE))
        put_c(out, "..");
    else if (node->kind == KD_NODE_FILTER && (node->flags & KD_F_ARROW))
        put_c(out, "|>");
    else if (node->kind == KD_NODE_BINARY || node->kind == KD_NODE_UNARY)
        put(out, &node->op, 1);
    else
        put_c(out, names[node->kind] ? names[node->kind] : kd_node_name(node->kind));
    if (node->name.len > 0) {
        put_c(out, node->kind == KD_NODE_ATTR ? "" : " ");
        put(out, node->name.ptr, node->name.len);
    }
}

static void
print(printer *out, const kd_node *node)
{
    if (node->kind == KD_NODE_CONST) {
        print_value(out, node->value);
        return;
    }
    if (node->kind == KD_NODE_NAME) {
        put(out, node->name.ptr, node->name.len);
        return;
    }
    if (node->kind == KD_NODE_COMPARE_LINK) {
        put(out, &node->op, 1);
        print_part(out, node->a);
        return;
    }
    if (node->kind == KD_NODE_ARG && node->name.len == 0) {
        print(out, node->a);
        return;
    }
    put_c(out, "(");
    print_head(out, node);
    if (node->kind == KD_NODE_SLICE || node->kind == KD_NODE_TERNARY ||
        node->kind == KD_NODE_RANGE) {
        print_part(out, node->a);
        print_part(out, node->b);
        print_part(out, node->c);
    } else {
        print_list(out, node->a);
        print_list(out, node->b);
        print_list(out, node->c);
        print_list(out, node->d);
    }
    put_c(out, ")");
}

/* ---- cases ---------------------------------------------------------------------------------- */

typedef struct expr_case {
    const char *source;
    const char *expect; /* or a code and a column */
} expr_case;

static void
check_cases(kida_pool *pool, const expr_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char source[400];
        snprintf(source, sizeof(source), "{{%s}}", cases[i].source);
        printer out = { "", 0 };
        kd_tree tree;
        kida_error err;
        kida_error_init(&err);
        if (kd_parse(&plain, KIDA_S("t"), kida_str_from(source), pool, &tree, &err) == KIDA_OK)
            print(&out, tree.body->a);
        else
            snprintf(out.text, sizeof(out.text), "%s %u", err.code, (unsigned)err.column - 2);
        if (strcmp(out.text, cases[i].expect) != 0)
            fail_msg("%s: got [%s], want [%s]", cases[i].source, out.text, cases[i].expect);
        kida_pool_reset(pool);
    }
}

/* Holds: section 2.2, row by row. Could break: chains end products, ranges bind tight. */
static void
operators_bind_by_the_table(void **state)
{
    static const expr_case cases[] = {
        { "1 + 2 * 3", "(+ 1 (* 2 3))" },
        { "1 - 2 - 3", "(- (- 1 2) 3)" },
        { "1 ~ 2 + 3", "(+ (~ 1 2) 3)" },
        { "a * b / c // d % e", "(% (f (/ (* a b) c) d) e)" },
        { " -2 ** 2", "(- (p 2 2))" },
        { "2 ** -1", "(p 2 (- 1))" },
        { "2 ** 3 ** 4", "(p 2 (p 3 4))" },
        { "a * -b", "(* a (- b))" },
        { "not a in b", "(! (cmp a i b))" },
        { "not not a", "(! (! a))" },
        { "not a and b or c", "(or (and (! a) b) c)" },
        { "a or b and c", "(or a (and b c))" },
        { "a or not b", "(or a (! b))" },
        { "2 * xs | length", "(| length (* 2 xs))" },
        { "a + b | f + c", "(+ (+ a (| f b)) c)" },
        { "a | f == b | g", "(cmp (| f a) = (| g b))" },
        { "a ~ b | f ~ c", "(~ (~ a (| f b)) c)" },
        { "1..2*3", "(* (.. 1 2 _) 3)" },
        { " -1..3", "(- (.. 1 3 _))" },
        { "(-1)..3", "(.. (- 1) 3 _)" },
        { "1...n by -2", "(... 1 n (- 2))" },
        { "1..xs.n", "(.. 1 (.n xs) _)" },
        { "1 < x <= 9", "(cmp 1 < x l 9)" },
        { "a not in b in c", "(cmp a n b i c)" },
        { "a if b else c if d else e", "(if b a (if d c e))" },
        { "a if b", "(if b a _)" },
        { "a ?\? b ?\? c", "(?\? a (?\? b c))" },
        { "a ?\? b if c else d", "(?\? a (if c b d))" },
        { "a or b ?\? c", "(?\? (or a b) c)" },
        { "xs ?\? [] | length", "(?\? xs (| length (list)))" },
        { "await f(x).y", "(await (.y (call f x)))" },
        { "await", "await" },
        { "await + 1", "(+ await 1)" },
    };
    check_cases(*state, cases, KD_COUNT(cases));
}

/* Holds: access, calls, displays. */
static void
postfix_forms_chain(void **state)
{
    static const expr_case cases[] = {
        { "a.b?.c[0]?[k](x)", "(call (?[] ([] (?.c (.b a)) 0) k) x)" },
        { "a[1:2:3]", "([] a (slice 1 2 3))" },
        { "a[:]", "([] a (slice _ _ _))" },
        { "a[::-1]", "([] a (slice _ _ (- 1)))" },
        { "a[1:]", "([] a (slice 1 _ _))" },
        { "f(1, a, k=2, none=3)", "(call f 1 a (= k 2) (= none 3))" },
        { "f()", "(call f)" },
        { "()", "(tuple)" },
        { "(1)", "1" },
        { "(1,)", "(tuple 1)" },
        { "(1, 2,)", "(tuple 1 2)" },
        { "[]", "(list)" },
        { "[1, a,]", "(list 1 a)" },
        { "{} ", "(dict)" },
        { "{'a': 1, b: c,} ", "(dict 'a' 1 b c)" },
        { "[x * 2 for x in xs if x > 1]", "(for (* x 2) x xs (cmp x > 1))" },
        { "[k for k, (a, b) in d | items]", "(for k (tuple k (tuple a b)) (| items d))" },
        { "x.none.true.if", "(.if (.true (.none x)))" },
        { "[True, false, None, TRUE]", "(list true false none TRUE)" },
    };
    check_cases(*state, cases, KD_COUNT(cases));
}

/* Holds: section 2.5. Could break: a test takes the first operand of its chain. */
static void
filters_and_tests_apply(void **state)
{
    static const expr_case cases[] = {
        { "a | f | g(1, k=2)", "(| g (| f a) 1 (= k 2))" },
        { "a ?| f | g", "(| g (?| f a))" },
        { "a |> f |> g", "(|> g (|> f a))" },
        { "a ?|> f ?|> g", "(?|> g (?|> f a))" },
        { "n is divisibleby 3", "(is divisibleby n 3)" },
        { "n is not eq('x')", "(not-is eq n 'x')" },
        { "n is odd and m is even", "(and (is odd n) (is even m))" },
        { "1 < 5 is even", "(cmp (is even 1) < 5)" },
        { "a == b is none", "(cmp (=== a none) = b)" },
        { "a is none", "(=== a none)" },
        { "a is not true", "(not-=== a true)" },
        { "a is 5", "(=== a 5)" },
        { "a is (b)", "(=== a b)" },
        { "a < b is 5", "(cmp a < b s 5)" },
        { "a is in([1])", "(is in a (list 1))" },
        { "a is not in(b)", "(not-is in a b)" },
        { "x is eq none", "(is eq x none)" },
    };
    check_cases(*state, cases, KD_COUNT(cases));
}

/* Holds: codes and columns of malformed expressions. */
static void
malformed_expressions_are_refused(void **state)
{
    static const expr_case cases[] = {
        { "", "K-PAR-003 0" },
        { "a b", "K-PAR-001 2" },
        { "a +", "K-PAR-003 3" },
        { "a not b", "K-PAR-003 6" },
        { "1 + not x", "K-PAR-003 4" },
        { "a is", "K-PAR-003 4" },
        { "a is in b", "K-PAR-003 8" },
        { "a is odd | upper", "K-PAR-001 9" },
        { "a.5", "K-PAR-003 2" },
        { "a.in", "K-PAR-003 2" },
        { "a[]", "K-PAR-003 2" },
        { "a[1, 2]", "K-PAR-001 3" },
        { "a | length * 2", "K-PAR-001 11" },
        { "a | f.b", "K-PAR-001 5" },
        { "a | 5", "K-PAR-004 4" },
        { "a || b", "K-PAR-004 3" },
        { "a | f |> g", "K-PAR-004 6" },
        { "a |> f | g", "K-PAR-004 7" },
        { "a ?|> f ?| g", "K-PAR-004 8" },
        { "a |> f ?|> g", "K-PAR-001 7" },
        { "f(1,)", "K-PAR-003 4" },
        { "f(k=1, k=2)", "K-PAR-003 7" },
        { "f(k=1, 2)", "K-PAR-003 7" },
        { "f(*a)", "K-PAR-003 2" },
        { "f(1", "K-PAR-001 3" },
        { "(1, 2", "K-PAR-001 5" },
        { "{1, 2} ", "K-PAR-001 2" },
        { "{a: 1 b} ", "K-PAR-001 6" },
        { "[x for x in xs for y in ys]", "K-PAR-003 15" },
        { "[x for x in xs if x if y]", "K-PAR-001 20" },
        { "[x for 1 in xs]", "K-PAR-003 7" },
        { "[await x for x in xs]", "K-PAR-003 1" },
        { "[x for x in await xs]", "K-PAR-003 12" },
        { "[x for x in xs if await x]", "K-PAR-003 18" },
        { "a if b ?\? c else d", "K-PAR-001 12" },
        { "a = b", "K-PAR-001 2" },
        { "a, b", "K-PAR-001 1" },
        { "1 if t if f", "K-PAR-001 7" },
    };
    check_cases(*state, cases, KD_COUNT(cases));
}

/* Holds: an expression's place goes from its first token to its last, parentheses included. */
static void
places_span_expressions(void **state)
{
    kd_tree tree;
    kida_error err;
    kida_error_init(&err);
    kida_str source = KIDA_S("\n{{ (a + b) * c |\n f }}");
    assert_int_equal(kd_parse(&plain, KIDA_S("t"), source, *state, &tree, &err), KIDA_OK);
    const kd_node *output = tree.body->next;
    const kd_node *filter = output->a;
    assert_int_equal(output->place.line, 2);
    assert_int_equal(output->place.column, 0);
    assert_int_equal(filter->place.line, 2);
    assert_int_equal(filter->place.column, 3);
    assert_int_equal(filter->place.end, 0); /* ends on another line */
    assert_int_equal(filter->tag_line, 2);
    assert_int_equal(filter->a->place.end, 14);
    assert_int_equal(filter->a->a->place.column, 3);
    assert_int_equal(filter->a->a->place.end, 10);
    assert_true(filter->a->a->flags & KD_F_PAREN);
    assert_int_equal(filter->height, 4);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators_bind_by_the_table),
        cmocka_unit_test(postfix_forms_chain),
        cmocka_unit_test(filters_and_tests_apply),
        cmocka_unit_test(malformed_expressions_are_refused),
        cmocka_unit_test(places_span_expressions),
    };
    return cmocka_run_group_tests_name("parser/expr", tests, set_up, tear_down);
}
