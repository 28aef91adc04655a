/* SPDX-License-Identifier: MIT */
/* plural.c - rules for plural forms: the expressions of C that gettext knows, with one variable, n.
 * Read once into nodes; each node comes behind its operands, so a rule has no circle. */
#include "plural.h"

#include <string.h>

#include "config/fail.h"
#include "config/text.h"

#define DEPTH_MAX 32 /* of parentheses, `!` and `?:`; of the tree about six times that */

typedef enum op {
    OP_NUMBER,
    OP_COUNT, /* n */
    OP_NOT,
    OP_MUL,
    OP_DIV,
    OP_MOD,
    OP_ADD,
    OP_SUB,
    OP_LT,
    OP_LE,
    OP_GT,
    OP_GE,
    OP_EQ,
    OP_NE,
    OP_AND,
    OP_OR,
    OP_CHOOSE
} op;

/* Binary operators by how tightly they bind; longer spellings first. */
static const struct {
    const char *text;
    op op;
    unsigned level;
} binary[] = {
    { "||", OP_OR, 1 },  { "&&", OP_AND, 2 }, { "==", OP_EQ, 3 }, { "!=", OP_NE, 3 },
    { "<=", OP_LE, 4 },  { ">=", OP_GE, 4 },  { "<", OP_LT, 4 },  { ">", OP_GT, 4 },
    { "+", OP_ADD, 5 },  { "-", OP_SUB, 5 },  { "*", OP_MUL, 6 }, { "/", OP_DIV, 6 },
    { "%", OP_MOD, 6 },
};

#define LEVEL_UNARY 7
#define BINARY_COUNT (sizeof(binary) / sizeof(binary[0]))

typedef struct reader {
    kida_str text;
    size_t at;
    unsigned depth;
    ch_plural *out;
} reader;

static bool
add(reader *r, op what, uint16_t a, uint16_t b, uint16_t c, uint64_t number, uint16_t *out)
{
    ch_plural *rule = r->out;
    if (rule->count == CH_PLURAL_NODES_MAX)
        return false;
    rule->nodes[rule->count] = (ch_plural_node){ (uint8_t)what, a, b, c, number };
    *out = rule->count++;
    return true;
}

static void
skip_blanks(reader *r)
{
    while (r->at < r->text.len && strchr(" \t\r\n", r->text.ptr[r->at]) && r->text.ptr[r->at])
        r->at++;
}

static bool
take(reader *r, const char *word)
{
    kida_str wanted = kida_str_from(word);
    skip_blanks(r);
    if (r->text.len - r->at < wanted.len || memcmp(r->text.ptr + r->at, word, wanted.len) != 0)
        return false;
    r->at += wanted.len;
    return true;
}

static bool read_choice(reader *r, uint16_t *out);

static bool
read_number(reader *r, uint16_t *out)
{
    size_t start = r->at;
    uint64_t number;
    while (r->at < r->text.len && ch_is_digit(r->text.ptr[r->at]))
        r->at++;
    return ch_parse_uint(ch_str_slice(r->text, start, r->at), UINT32_MAX, &number) &&
           add(r, OP_NUMBER, 0, 0, 0, number, out);
}

static bool
read_unary(reader *r, uint16_t *out)
{
    uint16_t inner;
    bool ok;
    if (r->depth == DEPTH_MAX)
        return false;
    r->depth++;
    if (take(r, "!"))
        ok = read_unary(r, &inner) && add(r, OP_NOT, inner, 0, 0, 0, out);
    else if (take(r, "("))
        ok = read_choice(r, out) && take(r, ")");
    else if (take(r, "n"))
        ok = add(r, OP_COUNT, 0, 0, 0, 0, out);
    else
        ok = read_number(r, out);
    r->depth--;
    return ok;
}

/* Index of the binary operator of a level that comes next; BINARY_COUNT: none. */
static size_t
next_operator(reader *r, unsigned level)
{
    for (size_t i = 0; i < BINARY_COUNT; i++) {
        size_t before = r->at;
        if (!take(r, binary[i].text))
            continue;
        if (binary[i].level == level)
            return i;
        r->at = before;
        break;
    }
    return BINARY_COUNT;
}

static bool
read_binary(reader *r, unsigned level, uint16_t *out)
{
    uint16_t left, right;
    if (level == LEVEL_UNARY)
        return read_unary(r, out);
    if (!read_binary(r, level + 1, &left))
        return false;
    for (;;) {
        size_t found = next_operator(r, level);
        if (found == BINARY_COUNT)
            break;
        if (!read_binary(r, level + 1, &right) ||
            !add(r, binary[found].op, left, right, 0, 0, &left))
            return false;
    }
    *out = left;
    return true;
}

static bool
read_choice(reader *r, uint16_t *out)
{
    uint16_t test, yes, no;
    if (!read_binary(r, 1, &test))
        return false;
    if (!take(r, "?")) {
        *out = test;
        return true;
    }
    if (r->depth == DEPTH_MAX)
        return false;
    r->depth++;
    bool ok = read_choice(r, &yes) && take(r, ":") && read_choice(r, &no) &&
              add(r, OP_CHOOSE, test, yes, no, 0, out);
    r->depth--;
    return ok;
}

/* A chain of binary operators is as deep as it is long: the walk over nodes needs no stack, as
 * operands stand before their users. */
static void
evaluate(const ch_plural *rule, uint64_t n, uint64_t values[CH_PLURAL_NODES_MAX])
{
    for (size_t i = 0; i < rule->count; i++) {
        const ch_plural_node *node = &rule->nodes[i];
        uint64_t a = values[node->a], b = values[node->b], c = values[node->c];
        switch ((op)node->op) {
        case OP_NUMBER: values[i] = node->number; break;
        case OP_COUNT: values[i] = n; break;
        case OP_NOT: values[i] = !a; break;
        case OP_MUL: values[i] = a * b; break;
        case OP_DIV: values[i] = b == 0 ? 0 : a / b; break;
        case OP_MOD: values[i] = b == 0 ? 0 : a % b; break;
        case OP_ADD: values[i] = a + b; break;
        case OP_SUB: values[i] = a - b; break;
        case OP_LT: values[i] = a < b; break;
        case OP_LE: values[i] = a <= b; break;
        case OP_GT: values[i] = a > b; break;
        case OP_GE: values[i] = a >= b; break;
        case OP_EQ: values[i] = a == b; break;
        case OP_NE: values[i] = a != b; break;
        case OP_AND: values[i] = a && b; break;
        case OP_OR: values[i] = a || b; break;
        case OP_CHOOSE: values[i] = a ? b : c; break;
        }
    }
}

kida_status
ch_plural_parse(kida_str text, ch_plural *out, kida_error *err)
{
    reader r = { .text = text, .out = out };
    uint16_t forms;
    *out = (ch_plural){ .forms = 0 };
    bool ok = take(&r, "nplurals") && take(&r, "=");
    if (ok) {
        skip_blanks(&r);
        ok = read_number(&r, &forms);
    }
    if (ok) {
        uint64_t number = out->nodes[forms].number;
        ok = number > 0 && number <= CH_PLURAL_FORMS_MAX;
        out->forms = ok ? (uint32_t)number : 0;
        out->count = 0;
    }
    ok = ok && take(&r, ";") && take(&r, "plural") && take(&r, "=") && read_choice(&r, &out->root);
    (void)(ok && take(&r, ";"));
    skip_blanks(&r);
    if (ok && r.at == text.len)
        return KIDA_OK;
    return ch_fail(err, KIDA_E_PARSE, "the rule of plural forms can't be read at byte %zu of it",
                   r.at);
}

uint32_t
ch_plural_form(const ch_plural *rule, int64_t count)
{
    uint64_t values[CH_PLURAL_NODES_MAX] = { 0 };
    uint64_t n = count < 0 ? 0 - (uint64_t)count : (uint64_t)count;
    if (rule->forms == 0)
        return n == 1 ? 0 : 1;
    evaluate(rule, n, values);
    uint64_t form = values[rule->root];
    return form < rule->forms ? (uint32_t)form : 0;
}
