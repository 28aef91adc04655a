/* SPDX-License-Identifier: MIT */
/* state.c - errors, token checks and node making that every part of the parser uses. */
#include "parser/state.h"

#include <stdio.h>

/* ---- tokens ---------------------------------------------------------------------------------- */

static const char *const token_texts[KD_TOK_COUNT] = {
#define KD_TOKEN(kind, text) text,
#include "lexer/token.def"
#undef KD_TOKEN
};

kd_place
kd_token_place(const kd_token *token)
{
    kd_place place = { token->line, token->column, token->end };
    return place;
}

const char *
kd_describe(const kd_token *token, char out[64])
{
    if (token->kind == KD_TOK_NAME) {
        char name[40];
        kd_copy_text(name, sizeof(name), token->text);
        snprintf(out, 64, "'%s'", name);
        return out;
    }
    const char *text = token_texts[token->kind];
    if (token->kind < KD_TOK_AND)
        return text;
    snprintf(out, 64, "'%s'", text);
    return out;
}

bool
kd_expect(kd_parser *p, kd_token_kind kind, const char *what)
{
    if (kd_accept(p, kind))
        return true;
    kd_unexpected(p, what);
    return false;
}

bool
kd_expect_name(kd_parser *p, const char *what, const kd_token **out)
{
    if (out != NULL)
        *out = p->at;
    return kd_expect(p, KD_TOK_NAME, what);
}

bool
kd_expect_tag_end(kd_parser *p, kd_node *node)
{
    if (!kd_peek(p, KD_TOK_BLOCK_END)) {
        kd_unexpected(p, "the end of the tag");
        return false;
    }
    node->place.end = p->at->line == node->place.line ? p->at->end : 0;
    p->at++;
    return true;
}

/* ---- nodes ----------------------------------------------------------------------------------- */

kd_node *
kd_make(kd_parser *p, kd_node_kind kind, kd_place place)
{
    kd_node *node = kd_node_new(p->pool, kind, place);
    if (node == NULL)
        return kd_no_memory(p);
    node->tag_line = p->tag_line;
    p->tree->node_count++;
    return node;
}

kd_node *
kd_make_statement(kd_parser *p, kd_node_kind kind, const kd_token *tag)
{
    return kd_make(p, kind, kd_token_place(tag));
}

kd_node *
kd_make_name(kd_parser *p, kd_node_kind kind, const kd_token *token)
{
    kd_node *node = kd_make(p, kind, kd_token_place(token));
    if (node != NULL) {
        node->name = token->text;
        node->height = 1;
    }
    return node;
}

static uint32_t
highest(const kd_node *child, uint32_t height)
{
    for (; child != NULL; child = child->next) {
        if (child->height > height)
            height = child->height;
    }
    return height;
}

kd_node *
kd_complete(kd_parser *p, kd_node *node)
{
    const kd_token *last = p->at - 1;
    node->place.end = last->line == node->place.line ? last->end : 0;
    node->height = highest(node->d, highest(node->c, highest(node->b, highest(node->a, 0)))) + 1;
    if (KD_LIKELY(node->height <= KD_EXPR_HEIGHT_MAX))
        return node;
    kd_syntax(p, KIDA_E_PARSE, kd_token_place(last), "the expression has more than %d levels",
              KD_EXPR_HEIGHT_MAX);
    kd_hint(p, "each operator of a chain is one level: keep parts of it in variables with "
               "{%% set %%}, or join a list");
    return NULL;
}

/* ---- errors ---------------------------------------------------------------------------------- */

void *
kd_no_memory(kd_parser *p)
{
    p->status = kd_error_set(p->err, KIDA_E_NOMEM, "out of memory while parsing the template");
    return NULL;
}

void *
kd_syntax(kd_parser *p, kida_status status, kd_place place, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    p->status = kd_error_setv(p->err, status, format, args);
    va_end(args);
    kd_error_place(p->err, p->tree->name, p->source, place);
    return NULL;
}

void
kd_hint(kd_parser *p, const char *format, ...)
{
    char text[KIDA_ERROR_TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    kd_error_hint(p->err, "%s", text);
}

/* Advice on a token that stands where none of its kind can. */
static const char *
advice(const kd_token *token)
{
    const kd_token *before = token - 1; /* an opening delimiter at least */
    if (token->kind == KD_TOK_NAME) {
        if ((before->kind == KD_TOK_INT || before->kind == KD_TOK_FLOAT) &&
            before->line == token->line && before->end == token->column)
            return "numbers have no exponent, prefix or suffix, and names don't start with a digit";
        if (kd_is_word(token, KIDA_S("if")) && kd_is_word(before, KIDA_S("else")))
            return "write {% elif … %}";
        if (kd_is_word(token, KIDA_S("recursive")))
            return "there are no recursive loops: write a {% def %} that calls itself";
        if (kd_is_word(before, KIDA_S("lambda")))
            return "there are no lambdas: write a comprehension, or a {% def %}";
        if (kd_is_word(token, KIDA_S("of")))
            return "write {% for x in xs %}";
        if (before->kind == KD_TOK_NAME || before->kind == KD_TOK_STRING)
            return "between two values stands an operator, a filter behind '|'";
        return NULL;
    }
    switch (token->kind) {
    case KD_TOK_STRING:
        if (before->kind == KD_TOK_NAME && before->end == token->column)
            return "strings have no prefix: join with ~, or write '{}'.format(x)";
        return before->kind == KD_TOK_NAME || before->kind == KD_TOK_STRING
                   ? "between two values stands an operator, a filter behind '|'"
                   : NULL;
    case KD_TOK_ASSIGN:
        return "'=' assigns; '==' compares";
    case KD_TOK_STAR:
    case KD_TOK_SLASH:
    case KD_TOK_FLOOR:
    case KD_TOK_PERCENT:
    case KD_TOK_POWER:
    case KD_TOK_DOT:
    case KD_TOK_LEFT_BRACKET:
    case KD_TOK_LEFT_PAREN:
        return "to go on behind a filter or a test, put it in parentheses: (x | length) * 2";
    case KD_TOK_SAFE_PIPE:
    case KD_TOK_SAFE_ARROW:
    case KD_TOK_ARROW:
    case KD_TOK_PIPE:
        return "one chain has one kind of pipe; behind a test, put it in parentheses";
    case KD_TOK_COALESCE:
        return "put '?" "?' and its operands in parentheses here";
    case KD_TOK_COMMA:
        return "put several values in parentheses or brackets";
    case KD_TOK_VARIABLE_END:
        /* Only a '}' can be taken for a part of the delimiter. */
        return "the tag ends before all brackets are closed; between two closing braces, "
               "put a blank";
    default:
        return NULL;
    }
}

void *
kd_unexpected(kd_parser *p, const char *expected)
{
    char text[64];
    kd_syntax(p, KIDA_E_PARSE, kd_token_place(p->at), "unexpected %s, expected %s",
              kd_describe(p->at, text), expected);
    const char *hint = advice(p->at);
    if (hint != NULL)
        kd_hint(p, "%s", hint);
    return NULL;
}

void *
kd_no_expression(kd_parser *p, const char *expected)
{
    char text[64];
    kd_syntax(p, KIDA_E_EXPRESSION, kd_token_place(p->at), "unexpected %s, expected %s",
              kd_describe(p->at, text), expected);
    switch (p->at->kind) {
    case KD_TOK_STAR:
    case KD_TOK_POWER:
        kd_hint(p, "lists and dicts can't be spread with '*' or '**'");
        break;
    case KD_TOK_DOT:
        kd_hint(p, "numbers start with a digit: 0.5");
        break;
    case KD_TOK_PERCENT:
        kd_hint(p, "the tag before is perhaps not closed");
        break;
    case KD_TOK_RIGHT_PAREN:
        if (p->at[-1].kind == KD_TOK_COMMA)
            kd_hint(p, "no comma stands behind the last argument");
        break;
    case KD_TOK_NOT:
        kd_hint(p, "write 'a not in b', or put 'not b' in parentheses");
        break;
    default:
        break;
    }
    return NULL;
}

void
kd_late(kd_parser *p, kida_status status, kd_place place, const char *message, const char *hint)
{
    if (p->late_status != KIDA_OK)
        return;
    p->late_status = status;
    p->late_place = place;
    p->late_message = message;
    p->late_hint = hint;
}

bool
kd_check_new_name(kd_parser *p, const kd_nodes *list, const kd_token *name, kida_status status,
                  const char *what)
{
    if (list->count >= KD_NAMES_MAX) {
        kd_syntax(p, status, kd_token_place(name), "more than %d %ss", KD_NAMES_MAX, what);
        return false;
    }
    for (const kd_node *node = list->first; node != NULL; node = node->next) {
        if (!kida_str_equal(node->name, name->text))
            continue;
        char text[64];
        kd_syntax(p, status, kd_token_place(name), "the %s %s is given twice", what,
                  kd_describe(name, text));
        return false;
    }
    return true;
}

bool
kd_descend(kd_parser *p)
{
    if (KD_LIKELY(p->expr_depth < KD_EXPR_DEPTH_MAX + 1)) {
        p->expr_depth++; /* the whole expression is the first level, what it nests the others */
        return true;
    }
    kd_syntax(p, KIDA_E_PARSE, kd_token_place(p->at), "the expression is nested more than %d deep",
              KD_EXPR_DEPTH_MAX);
    kd_hint(p, "keep parts of it in variables with {%% set %%}");
    return false;
}
