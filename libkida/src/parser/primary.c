/* SPDX-License-Identifier: MIT */
/* primary.c - literals, names, displays, comprehensions; and the targets that loops bind. */
#include "parser/expr.h"

bool
kd_literal_value(const kd_token *token, kida_value *out)
{
    static const struct {
        kida_str word;
        int value; /* -1: none */
    } words[] = {
        { KD_STR("true"), 1 },   { KD_STR("True"), 1 },  { KD_STR("false"), 0 },
        { KD_STR("False"), 0 },  { KD_STR("none"), -1 }, { KD_STR("None"), -1 },
    };
    switch (token->kind) {
    case KD_TOK_STRING:
        *out = kida_string(token->text);
        return true;
    case KD_TOK_INT:
    case KD_TOK_FLOAT:
        *out = token->value;
        return true;
    case KD_TOK_NAME:
        if (token->text.len != 4 && token->text.len != 5)
            return false;
        for (size_t i = 0; i < KD_COUNT(words); i++) {
            if (!kd_is_word(token, words[i].word))
                continue;
            *out = words[i].value < 0 ? kida_none() : kida_bool(words[i].value == 1);
            return true;
        }
        return false;
    default:
        return false;
    }
}

bool
kd_starts_primary(const kd_token *token)
{
    switch (token->kind) {
    case KD_TOK_NAME:
    case KD_TOK_STRING:
    case KD_TOK_INT:
    case KD_TOK_FLOAT:
    case KD_TOK_LEFT_PAREN:
    case KD_TOK_LEFT_BRACKET:
    case KD_TOK_LEFT_BRACE:
        return true;
    default:
        return false;
    }
}

/* ---- displays -------------------------------------------------------------------------------- */

/* Items behind the first and its comma, up to and with the closing bracket. */
static bool
parse_items(kd_parser *p, kd_nodes *items, kd_token_kind closer, const char *what)
{
    while (!kd_peek(p, closer)) {
        kd_node *item = kd_parse_expr(p);
        if (item == NULL)
            return false;
        kd_append(items, item);
        if (!kd_accept(p, KD_TOK_COMMA))
            break;
    }
    return kd_expect(p, closer, what);
}

static kd_node *
parse_parens(kd_parser *p)
{
    kd_place place = kd_token_place(p->at++);
    kd_nodes items = { NULL, NULL, 0 };
    if (!kd_peek(p, KD_TOK_RIGHT_PAREN)) {
        kd_node *first = kd_parse_expr(p);
        if (first == NULL)
            return NULL;
        if (!kd_peek(p, KD_TOK_COMMA)) {
            if (!kd_expect(p, KD_TOK_RIGHT_PAREN, "')'"))
                return NULL;
            const kd_token *last = p->at - 1;
            first->flags |= KD_F_PAREN;
            first->place = place;
            first->place.end = last->line == place.line ? last->end : 0;
            return first;
        }
        kd_append(&items, first);
        p->at++;
    }
    kd_node *tuple = kd_make(p, KD_NODE_TUPLE, place);
    if (tuple == NULL || !parse_items(p, &items, KD_TOK_RIGHT_PAREN, "',' or ')'"))
        return NULL;
    tuple->a = items.first;
    tuple->flags = KD_F_PAREN;
    return kd_complete(p, tuple);
}

/* [element for target in iterable if condition], from `for` on. */
static kd_node *
parse_comprehension(kd_parser *p, kd_node *element, kd_place place)
{
    kd_node *node = kd_make(p, KD_NODE_COMPREHENSION, place);
    if (node == NULL)
        return NULL;
    p->at++;
    node->a = element;
    node->b = kd_parse_target(p);
    if (node->b == NULL || !kd_expect(p, KD_TOK_IN, "'in' behind the target"))
        return NULL;
    p->comprehension++;
    node->c = kd_parse_or(p);
    if (node->c == NULL)
        return NULL;
    if (kd_accept_word(p, KIDA_S("if")) && (node->d = kd_parse_or(p)) == NULL)
        return NULL;
    p->comprehension--;
    if (kd_peek_word(p, KIDA_S("for"))) {
        kd_syntax(p, KIDA_E_EXPRESSION, kd_token_place(p->at),
                  "a comprehension has one 'for' only");
        kd_hint(p, "nest a comprehension in parentheses, or write {%% for %%} loops");
        return NULL;
    }
    if (!kd_expect(p, KD_TOK_RIGHT_BRACKET, "']' behind the comprehension"))
        return NULL;
    return kd_complete(p, node);
}

/* The element of a comprehension is known as such only behind it; its `await` shows here. */
static bool
check_element(kd_parser *p, const kd_token *from)
{
    for (const kd_token *token = from; token < p->at; token++) {
        if (kd_is_word(token, KIDA_S("await")) && kd_starts_primary(token + 1) &&
            token[-1].kind != KD_TOK_DOT && token[-1].kind != KD_TOK_SAFE_DOT) {
            kd_syntax(p, KIDA_E_EXPRESSION, kd_token_place(token),
                      "'await' can't stand in a comprehension");
            return false;
        }
    }
    return true;
}

static kd_node *
parse_list(kd_parser *p)
{
    kd_place place = kd_token_place(p->at++);
    kd_nodes items = { NULL, NULL, 0 };
    if (!kd_peek(p, KD_TOK_RIGHT_BRACKET)) {
        const kd_token *from = p->at;
        kd_node *first = kd_parse_expr(p);
        if (first == NULL)
            return NULL;
        if (kd_peek_word(p, KIDA_S("for")))
            return check_element(p, from) ? parse_comprehension(p, first, place) : NULL;
        kd_append(&items, first);
        if (!kd_accept(p, KD_TOK_COMMA) && !kd_peek(p, KD_TOK_RIGHT_BRACKET))
            return kd_unexpected(p, "',' or ']'");
    }
    kd_node *list = kd_make(p, KD_NODE_LIST, place);
    if (list == NULL || !parse_items(p, &items, KD_TOK_RIGHT_BRACKET, "',' or ']'"))
        return NULL;
    list->a = items.first;
    return kd_complete(p, list);
}

static kd_node *
parse_dict(kd_parser *p)
{
    kd_node *dict = kd_make(p, KD_NODE_DICT, kd_token_place(p->at++));
    if (dict == NULL)
        return NULL;
    kd_nodes pairs = { NULL, NULL, 0 };
    while (!kd_peek(p, KD_TOK_RIGHT_BRACE)) {
        kd_node *key = kd_parse_expr(p);
        if (key == NULL)
            return NULL;
        if (!kd_peek(p, KD_TOK_COLON)) {
            bool twice = key->kind == KD_NODE_NAME && kd_peek(p, KD_TOK_RIGHT_BRACE);
            kd_unexpected(p, "':' behind the key");
            if (twice)
                kd_hint(p, "a name in a tag stands without braces: {%% if x %%}");
            return NULL;
        }
        p->at++;
        kd_node *item = kd_parse_expr(p);
        if (item == NULL)
            return NULL;
        kd_append(&pairs, key);
        kd_append(&pairs, item);
        if (!kd_accept(p, KD_TOK_COMMA))
            break;
    }
    if (!kd_expect(p, KD_TOK_RIGHT_BRACE, "',' or '}'"))
        return NULL;
    dict->a = pairs.first;
    return kd_complete(p, dict);
}

kd_node *
kd_parse_primary(kd_parser *p)
{
    kida_value value;
    if (kd_literal_value(p->at, &value)) {
        kd_node *node = kd_make_name(p, KD_NODE_CONST, p->at++);
        if (node != NULL) {
            node->name.len = 0;
            node->value = value;
        }
        return node;
    }
    switch (p->at->kind) {
    case KD_TOK_NAME:
        return kd_make_name(p, KD_NODE_NAME, p->at++);
    case KD_TOK_LEFT_PAREN:
        return parse_parens(p);
    case KD_TOK_LEFT_BRACKET:
        return parse_list(p);
    case KD_TOK_LEFT_BRACE:
        return parse_dict(p);
    default:
        return kd_no_expression(p, "an expression");
    }
}

/* ---- targets --------------------------------------------------------------------------------- */

static kd_node *
parse_target_tuple(kd_parser *p, bool lenient)
{
    kd_place place = kd_token_place(p->at);
    kd_nodes items = { NULL, NULL, 0 };
    bool comma = false;
    if (!kd_descend(p))
        return NULL;
    p->at++;
    do {
        if (comma && kd_peek(p, KD_TOK_RIGHT_PAREN))
            break;
        kd_node *item = kd_parse_target_item(p, lenient);
        if (item == NULL)
            return NULL;
        kd_append(&items, item);
        comma |= kd_peek(p, KD_TOK_COMMA);
    } while (kd_accept(p, KD_TOK_COMMA));
    kd_ascend(p);
    if (!kd_expect(p, KD_TOK_RIGHT_PAREN, "',' or ')'"))
        return NULL;
    if (!comma)
        return items.first;
    kd_node *tuple = kd_make(p, KD_NODE_TUPLE, place);
    if (tuple == NULL)
        return NULL;
    tuple->a = items.first;
    return kd_complete(p, tuple);
}

kd_node *
kd_parse_target_item(kd_parser *p, bool lenient)
{
    kida_value value;
    if (kd_peek(p, KD_TOK_LEFT_PAREN))
        return parse_target_tuple(p, lenient);
    bool literal = kd_literal_value(p->at, &value);
    if (kd_peek(p, KD_TOK_NAME) ? !literal || lenient : literal && lenient) {
        kd_node *node = kd_make_name(p, KD_NODE_NAME, p->at++);
        if (node != NULL && literal) /* takes a value and is never read */
            node->name.len = 0;
        return node;
    }
    return kd_no_expression(p, "a name to assign to");
}

kd_node *
kd_parse_target(kd_parser *p)
{
    kd_place place = kd_token_place(p->at);
    kd_node *first = kd_parse_target_item(p, false);
    if (first == NULL || !kd_peek(p, KD_TOK_COMMA))
        return first;
    kd_nodes items = { NULL, NULL, 0 };
    kd_append(&items, first);
    while (kd_accept(p, KD_TOK_COMMA) && !kd_peek(p, KD_TOK_IN)) {
        kd_node *item = kd_parse_target_item(p, false);
        if (item == NULL)
            return NULL;
        kd_append(&items, item);
    }
    kd_node *tuple = kd_make(p, KD_NODE_TUPLE, place);
    if (tuple == NULL)
        return NULL;
    tuple->a = items.first;
    return kd_complete(p, tuple);
}
