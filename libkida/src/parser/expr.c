/* SPDX-License-Identifier: MIT */
/*
 * expr.c - operators: one loop climbs by the table of levels. What has no operators is in
 * primary.c, what follows a primary in postfix.c. Nesting is counted by kd_descend.
 */
#include "parser/expr.h"

/* From loose to tight. A chain of filters takes the product to its left and ends it. */
enum {
    LEVEL_NONE,
    LEVEL_OR,
    LEVEL_AND,
    LEVEL_NOT,
    LEVEL_COMPARE,
    LEVEL_SUM,
    LEVEL_CHAIN,
    LEVEL_PRODUCT,
    LEVEL_UNARY
};

typedef struct binary {
    uint8_t level;
    uint8_t node; /* kd_node_kind */
    char op;
} binary;

/* Of comparisons op is that of the link; 0: more than one token decides. */
static const binary binaries[KD_TOK_COUNT] = {
    [KD_TOK_OR] = { LEVEL_OR, KD_NODE_OR, 0 },
    [KD_TOK_AND] = { LEVEL_AND, KD_NODE_AND, 0 },
    [KD_TOK_EQUAL] = { LEVEL_COMPARE, KD_NODE_COMPARE, '=' },
    [KD_TOK_NOT_EQUAL] = { LEVEL_COMPARE, KD_NODE_COMPARE, '!' },
    [KD_TOK_LESS] = { LEVEL_COMPARE, KD_NODE_COMPARE, '<' },
    [KD_TOK_LESS_EQUAL] = { LEVEL_COMPARE, KD_NODE_COMPARE, 'l' },
    [KD_TOK_GREATER] = { LEVEL_COMPARE, KD_NODE_COMPARE, '>' },
    [KD_TOK_GREATER_EQUAL] = { LEVEL_COMPARE, KD_NODE_COMPARE, 'g' },
    [KD_TOK_IN] = { LEVEL_COMPARE, KD_NODE_COMPARE, 'i' },
    [KD_TOK_NOT] = { LEVEL_COMPARE, KD_NODE_COMPARE, 0 },
    [KD_TOK_IS] = { LEVEL_COMPARE, KD_NODE_COMPARE, 0 },
    [KD_TOK_PLUS] = { LEVEL_SUM, KD_NODE_BINARY, '+' },
    [KD_TOK_MINUS] = { LEVEL_SUM, KD_NODE_BINARY, '-' },
    [KD_TOK_TILDE] = { LEVEL_SUM, KD_NODE_BINARY, '~' },
    [KD_TOK_PIPE] = { LEVEL_CHAIN, KD_NODE_FILTER, 0 },
    [KD_TOK_SAFE_PIPE] = { LEVEL_CHAIN, KD_NODE_FILTER, 0 },
    [KD_TOK_ARROW] = { LEVEL_CHAIN, KD_NODE_FILTER, 0 },
    [KD_TOK_SAFE_ARROW] = { LEVEL_CHAIN, KD_NODE_FILTER, 0 },
    [KD_TOK_STAR] = { LEVEL_PRODUCT, KD_NODE_BINARY, '*' },
    [KD_TOK_SLASH] = { LEVEL_PRODUCT, KD_NODE_BINARY, '/' },
    [KD_TOK_FLOOR] = { LEVEL_PRODUCT, KD_NODE_BINARY, 'f' },
    [KD_TOK_PERCENT] = { LEVEL_PRODUCT, KD_NODE_BINARY, '%' },
};

static kd_node *parse_level(kd_parser *p, unsigned lowest);

/* ---- unary ----------------------------------------------------------------------------------- */

/* An operator in front of an operand that parse reads. */
static kd_node *
parse_prefix(kd_parser *p, kd_node_kind kind, char op, bool loose)
{
    kd_node *node = kd_make(p, kind, kd_token_place(p->at));
    if (node == NULL || !kd_descend(p))
        return NULL;
    p->at++;
    node->op = op;
    node->a = loose ? parse_level(p, LEVEL_NOT) : kd_parse_unary(p);
    kd_ascend(p);
    return node->a != NULL ? kd_complete(p, node) : NULL;
}

static kd_node *
parse_await(kd_parser *p)
{
    if (p->comprehension > 0) {
        kd_syntax(p, KIDA_E_EXPRESSION, kd_token_place(p->at),
                  "'await' can't stand in a comprehension");
        kd_hint(p, "await the values in an {%% async for %%}");
        return NULL;
    }
    p->tree->is_async = true;
    return parse_prefix(p, KD_NODE_AWAIT, 0, false);
}

static kd_node *
parse_power(kd_parser *p)
{
    kd_node *base = kd_parse_primary(p);
    if (base != NULL)
        base = kd_parse_postfix(p, base);
    if (base == NULL || !kd_peek(p, KD_TOK_POWER))
        return base;
    kd_node *node = kd_make(p, KD_NODE_BINARY, base->place);
    if (node == NULL || !kd_descend(p))
        return NULL;
    p->at++;
    node->op = 'p';
    node->a = base;
    node->b = kd_parse_unary(p);
    kd_ascend(p);
    return node->b != NULL ? kd_complete(p, node) : NULL;
}

kd_node *
kd_parse_unary(kd_parser *p)
{
    if (kd_peek(p, KD_TOK_MINUS))
        return parse_prefix(p, KD_NODE_UNARY, '-', false);
    if (kd_peek(p, KD_TOK_PLUS))
        return parse_prefix(p, KD_NODE_UNARY, '+', false);
    if (kd_peek_word(p, KIDA_S("await")) && kd_starts_primary(p->at + 1))
        return parse_await(p);
    return parse_power(p);
}

/* ---- comparisons ----------------------------------------------------------------------------- */

/* The link's operator is read; its operand follows. */
static bool
parse_link(kd_parser *p, kd_nodes *links, kd_place place, char op)
{
    kd_node *link = kd_make(p, KD_NODE_COMPARE_LINK, place);
    if (link == NULL || (link->a = kd_parse_sum(p)) == NULL || kd_complete(p, link) == NULL)
        return false;
    link->op = op;
    kd_append(links, link);
    return true;
}

/* A test or the identity with a literal word takes the first operand, wherever it stands in the
 * chain; any other identity is a link of it. */
static bool
parse_is(kd_parser *p, kd_node **first, kd_nodes *links)
{
    kd_place place = kd_token_place(p->at++);
    bool negated = kd_accept(p, KD_TOK_NOT);
    kida_value value;
    if (kd_peek(p, KD_TOK_IN) || (kd_peek(p, KD_TOK_NAME) && !kd_literal_value(p->at, &value))) {
        *first = kd_parse_test(p, *first, negated);
        return *first != NULL;
    }
    if (!kd_peek(p, KD_TOK_NAME))
        return parse_link(p, links, place, negated ? 't' : 's');

    kd_node *node = kd_make(p, KD_NODE_IS, (*first)->place);
    if (node == NULL)
        return false;
    node->flags = negated ? KD_F_NOT : 0;
    node->a = *first;
    node->b = kd_parse_sum(p);
    *first = node->b != NULL ? kd_complete(p, node) : NULL;
    return *first != NULL;
}

static kd_node *
parse_compare(kd_parser *p, kd_node *first)
{
    kd_place start = first->place;
    kd_nodes links = { NULL, NULL, 0 };
    while (binaries[p->at->kind].level == LEVEL_COMPARE) {
        kd_place place = kd_token_place(p->at);
        char op = binaries[p->at->kind].op;
        if (kd_peek(p, KD_TOK_IS)) {
            if (!parse_is(p, &first, &links))
                return NULL;
            continue;
        }
        if (kd_accept(p, KD_TOK_NOT)) {
            if (!kd_peek(p, KD_TOK_IN))
                return kd_no_expression(p, "'in' behind 'not'");
            op = 'n';
        }
        p->at++;
        if (!parse_link(p, &links, place, op))
            return NULL;
    }
    if (links.count == 0)
        return first;
    /* x is 5: a chain of this one link */
    bool identity = links.count == 1 && (links.first->op == 's' || links.first->op == 't');
    kd_node *node = kd_make(p, identity ? KD_NODE_IS : KD_NODE_COMPARE, start);
    if (node == NULL)
        return NULL;
    node->a = first;
    node->b = identity ? links.first->a : links.first;
    if (identity && links.first->op == 't')
        node->flags |= KD_F_NOT;
    return kd_complete(p, node);
}

/* ---- binary ---------------------------------------------------------------------------------- */

static kd_node *
parse_binary(kd_parser *p, kd_node *left)
{
    const binary *o = &binaries[p->at->kind];
    kd_node *node = kd_make(p, (kd_node_kind)o->node, left->place);
    if (node == NULL)
        return NULL;
    p->at++;
    node->op = o->op;
    node->a = left;
    node->b = parse_level(p, o->level + 1u);
    return node->b != NULL ? kd_complete(p, node) : NULL;
}

/* An expression of operators that bind as tight as lowest or tighter. */
static kd_node *
parse_level(kd_parser *p, unsigned lowest)
{
    if (lowest >= LEVEL_UNARY)
        return kd_parse_unary(p);
    kd_node *left;
    unsigned tightest = LEVEL_UNARY; /* that may follow what has been read */
    if (kd_peek(p, KD_TOK_NOT) && lowest <= LEVEL_NOT) {
        left = parse_prefix(p, KD_NODE_UNARY, '!', true);
        tightest = LEVEL_AND;
    } else {
        left = kd_parse_unary(p);
    }
    while (left != NULL) {
        unsigned level = binaries[p->at->kind].level;
        if (level == LEVEL_NONE || level < lowest || level > tightest)
            break;
        if (level == LEVEL_COMPARE) {
            left = parse_compare(p, left);
            tightest = LEVEL_AND;
        } else if (level == LEVEL_CHAIN) {
            left = kd_parse_chain(p, left);
            tightest = LEVEL_SUM;
        } else {
            left = parse_binary(p, left);
            tightest = level;
        }
    }
    return left;
}

/* ---- whole expressions ----------------------------------------------------------------------- */

static kd_node *
parse_ternary(kd_parser *p)
{
    kd_node *then = parse_level(p, LEVEL_OR);
    if (then == NULL || !kd_peek_word(p, KIDA_S("if")))
        return then;
    kd_node *node = kd_make(p, KD_NODE_TERNARY, then->place);
    if (node == NULL)
        return NULL;
    p->at++;
    node->b = then;
    node->a = parse_level(p, LEVEL_OR);
    if (node->a == NULL)
        return NULL;
    if (kd_accept_word(p, KIDA_S("else"))) {
        if (!kd_descend(p))
            return NULL;
        node->c = parse_ternary(p);
        kd_ascend(p);
        if (node->c == NULL)
            return NULL;
    }
    return kd_complete(p, node);
}

/* What `??` joins: ternaries, or only what binds tighter. */
static kd_node *
parse_coalesce(kd_parser *p, bool ternaries)
{
    kd_node *left = ternaries ? parse_ternary(p) : parse_level(p, LEVEL_OR);
    if (left == NULL || !kd_peek(p, KD_TOK_COALESCE))
        return left;
    kd_node *node = kd_make(p, KD_NODE_COALESCE, left->place);
    if (node == NULL || !kd_descend(p))
        return NULL;
    p->at++;
    node->a = left;
    node->b = parse_coalesce(p, ternaries);
    kd_ascend(p);
    return node->b != NULL ? kd_complete(p, node) : NULL;
}

kd_node *
kd_parse_expr(kd_parser *p)
{
    if (!kd_descend(p))
        return NULL;
    kd_node *node = parse_coalesce(p, true);
    kd_ascend(p);
    return node;
}

kd_node *
kd_parse_no_ternary(kd_parser *p)
{
    if (!kd_descend(p))
        return NULL;
    kd_node *node = parse_coalesce(p, false);
    kd_ascend(p);
    return node;
}

kd_node *
kd_parse_or(kd_parser *p)
{
    if (!kd_descend(p))
        return NULL;
    kd_node *node = parse_level(p, LEVEL_OR);
    kd_ascend(p);
    return node;
}

kd_node *
kd_parse_sum(kd_parser *p)
{
    return parse_level(p, LEVEL_SUM);
}

/* Whether a list of expressions may end here, behind a comma. */
static bool
ends_list(const kd_parser *p)
{
    return kd_peek(p, KD_TOK_BLOCK_END) || kd_peek(p, KD_TOK_ASSIGN) ||
           kd_peek_word(p, KIDA_S("as"));
}

bool
kd_parse_expr_list(kd_parser *p, kd_nodes *list)
{
    do {
        if (list->count > 0 && ends_list(p))
            break;
        kd_node *item = kd_parse_expr(p);
        if (item == NULL)
            return false;
        kd_append(list, item);
    } while (kd_accept(p, KD_TOK_COMMA));
    return true;
}

kd_node *
kd_parse_expr_or_tuple(kd_parser *p)
{
    kd_place place = kd_token_place(p->at);
    kd_nodes items = { NULL, NULL, 0 };
    if (!kd_parse_expr_list(p, &items))
        return NULL;
    if (items.count == 1)
        return items.first;
    kd_node *tuple = kd_make(p, KD_NODE_TUPLE, place);
    if (tuple == NULL)
        return NULL;
    tuple->a = items.first;
    return kd_complete(p, tuple);
}
