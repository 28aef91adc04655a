/* SPDX-License-Identifier: MIT */
/* postfix.c - what follows a primary: access, calls, ranges; and filters and tests. */
#include "parser/expr.h"

/* ---- arguments ------------------------------------------------------------------------------- */

static bool
parse_arg(kd_parser *p, kd_nodes *args, kd_nodes *named)
{
    kd_node *arg = kd_make(p, KD_NODE_ARG, kd_token_place(p->at));
    if (arg == NULL)
        return false;
    if (kd_peek(p, KD_TOK_NAME) && p->at[1].kind == KD_TOK_ASSIGN) {
        if (!kd_check_new_name(p, named, p->at, KIDA_E_EXPRESSION, "argument"))
            return false;
        arg->name = p->at->text;
        p->at += 2;
    } else if (named->count > 0) {
        kd_syntax(p, KIDA_E_EXPRESSION, kd_token_place(p->at),
                  "a positional argument stands behind one with a name");
        kd_hint(p, "give it a name too, or move it to the front");
        return false;
    }
    arg->a = kd_parse_expr(p);
    if (arg->a == NULL || kd_complete(p, arg) == NULL)
        return false;
    kd_append(args, arg);
    if (arg->name.len > 0) { /* the named ones are the tail of the list */
        if (named->first == NULL)
            named->first = arg;
        named->last = arg;
        named->count++;
    }
    return true;
}

bool
kd_parse_args(kd_parser *p, kd_node **args)
{
    kd_nodes list = { NULL, NULL, 0 };
    kd_nodes named = { NULL, NULL, 0 };
    if (!kd_peek(p, KD_TOK_RIGHT_PAREN)) {
        do {
            if (!parse_arg(p, &list, &named))
                return false;
        } while (kd_accept(p, KD_TOK_COMMA));
    }
    *args = list.first;
    return kd_expect(p, KD_TOK_RIGHT_PAREN, "',' or ')' behind the argument");
}

/* ---- access ---------------------------------------------------------------------------------- */

static kd_node *
parse_attribute(kd_parser *p, kd_node *object)
{
    kd_node *node = kd_make(p, KD_NODE_ATTR, object->place);
    if (node == NULL)
        return NULL;
    node->flags = kd_peek(p, KD_TOK_SAFE_DOT) ? KD_F_SAFE : 0;
    p->at++;
    if (!kd_peek(p, KD_TOK_NAME)) {
        bool number = kd_peek(p, KD_TOK_INT) || kd_peek(p, KD_TOK_FLOAT);
        kd_no_expression(p, "the name of an attribute");
        if (number)
            kd_hint(p, "items of a list are written xs[0]");
        return NULL;
    }
    node->name = p->at->text;
    node->a = object;
    p->at++;
    return kd_complete(p, node);
}

/* Part of a subscript between colons: NULL with p->status KIDA_OK where it is left out. */
static kd_node *
parse_slice_part(kd_parser *p)
{
    if (kd_peek(p, KD_TOK_COLON) || kd_peek(p, KD_TOK_RIGHT_BRACKET))
        return NULL;
    return kd_parse_expr(p);
}

static kd_node *
parse_index(kd_parser *p)
{
    kd_place place = kd_token_place(p->at);
    kd_node *from = kd_peek(p, KD_TOK_COLON) ? NULL : kd_parse_expr(p);
    if (p->status != KIDA_OK || !kd_peek(p, KD_TOK_COLON))
        return from;
    kd_node *slice = kd_make(p, KD_NODE_SLICE, place);
    if (slice == NULL)
        return NULL;
    p->at++;
    slice->a = from;
    slice->b = parse_slice_part(p);
    if (p->status == KIDA_OK && kd_accept(p, KD_TOK_COLON))
        slice->c = parse_slice_part(p);
    return p->status == KIDA_OK ? kd_complete(p, slice) : NULL;
}

static kd_node *
parse_subscript(kd_parser *p, kd_node *object)
{
    kd_node *node = kd_make(p, KD_NODE_ITEM, object->place);
    if (node == NULL)
        return NULL;
    node->flags = kd_peek(p, KD_TOK_SAFE_BRACKET) ? KD_F_SAFE : 0;
    p->at++;
    node->a = object;
    node->b = parse_index(p);
    if (node->b == NULL || !kd_expect(p, KD_TOK_RIGHT_BRACKET, "']' behind the index"))
        return NULL;
    return kd_complete(p, node);
}

static kd_node *
parse_call(kd_parser *p, kd_node *callee)
{
    kd_node *node = kd_make(p, KD_NODE_CALL, callee->place);
    if (node == NULL)
        return NULL;
    p->at++;
    node->a = callee;
    return kd_parse_args(p, &node->b) ? kd_complete(p, node) : NULL;
}

static kd_node *
parse_range(kd_parser *p, kd_node *from)
{
    kd_node *node = kd_make(p, KD_NODE_RANGE, from->place);
    if (node == NULL || !kd_descend(p))
        return NULL;
    node->flags = kd_peek(p, KD_TOK_RANGE) ? KD_F_INCLUSIVE : 0;
    p->at++;
    node->a = from;
    node->b = kd_parse_unary(p);
    if (node->b == NULL)
        return NULL;
    if (kd_accept_word(p, KIDA_S("by")) && (node->c = kd_parse_unary(p)) == NULL)
        return NULL;
    kd_ascend(p);
    return kd_complete(p, node);
}

kd_node *
kd_parse_postfix(kd_parser *p, kd_node *node)
{
    while (node != NULL) {
        switch (p->at->kind) {
        case KD_TOK_DOT:
        case KD_TOK_SAFE_DOT:
            node = parse_attribute(p, node);
            break;
        case KD_TOK_LEFT_BRACKET:
        case KD_TOK_SAFE_BRACKET:
            node = parse_subscript(p, node);
            break;
        case KD_TOK_LEFT_PAREN:
            node = parse_call(p, node);
            break;
        case KD_TOK_RANGE:
        case KD_TOK_RANGE_OPEN:
            node = parse_range(p, node);
            break;
        default:
            return node;
        }
    }
    return NULL;
}

/* ---- filters --------------------------------------------------------------------------------- */

kd_node *
kd_parse_filter_name(kd_parser *p, kd_place place)
{
    kd_node *node = kd_make(p, KD_NODE_FILTER, place);
    if (node == NULL)
        return NULL;
    node->name = p->at->text; /* a name, as the caller has seen */
    p->at++;
    if (kd_accept(p, KD_TOK_LEFT_PAREN) && !kd_parse_args(p, &node->b))
        return NULL;
    return node;
}

/* A pipe of another kind in the chain that was begun with first. */
static kd_node *
fail_mixed(kd_parser *p, kd_token_kind first)
{
    char text[64];
    char begun[64];
    kd_token opener = *p->at;
    opener.kind = (uint8_t)first;
    kd_syntax(p, KIDA_E_FILTER_NAME, kd_token_place(p->at), "%s can't follow %s in one chain",
              kd_describe(p->at, text), kd_describe(&opener, begun));
    kd_hint(p, "use one kind of pipe, or put the first part in parentheses");
    return NULL;
}

/* Whether the next filter belongs to the chain; *mixed: it makes the chain an error. */
static bool
continues_chain(const kd_parser *p, kd_token_kind first, bool *mixed)
{
    bool is_pipe = kd_peek(p, KD_TOK_PIPE) || kd_peek(p, KD_TOK_SAFE_PIPE);
    bool is_arrow = kd_peek(p, KD_TOK_ARROW) || kd_peek(p, KD_TOK_SAFE_ARROW);
    *mixed = false;
    if (!is_pipe && !is_arrow)
        return false;
    if (first == KD_TOK_PIPE || first == KD_TOK_SAFE_PIPE) {
        *mixed = is_arrow;
        return is_pipe;
    }
    if (p->at->kind == first)
        return true;
    /* behind |> the two safe pipes do not belong to any chain (section 2.5) */
    *mixed = first == KD_TOK_SAFE_ARROW || kd_peek(p, KD_TOK_PIPE);
    return false;
}

static kd_node *
parse_filter(kd_parser *p, kd_node *input)
{
    uint8_t pipe = p->at->kind;
    p->at++;
    if (!kd_peek(p, KD_TOK_NAME)) {
        char text[64];
        kd_syntax(p, KIDA_E_FILTER_NAME, kd_token_place(p->at),
                  "unexpected %s, expected the name of a filter", kd_describe(p->at, text));
        if (kd_peek(p, KD_TOK_PIPE))
            kd_hint(p, "for a condition, write 'or'");
        return NULL;
    }
    kd_node *node = kd_parse_filter_name(p, input->place);
    if (node == NULL)
        return NULL;
    if (pipe == KD_TOK_SAFE_PIPE || pipe == KD_TOK_SAFE_ARROW)
        node->flags |= KD_F_SAFE;
    if (pipe == KD_TOK_ARROW || pipe == KD_TOK_SAFE_ARROW)
        node->flags |= KD_F_ARROW;
    node->a = input;
    return kd_complete(p, node);
}

kd_node *
kd_parse_chain(kd_parser *p, kd_node *input)
{
    kd_token_kind first = (kd_token_kind)p->at->kind;
    kd_node *node = input;
    bool mixed = false;
    for (unsigned count = 0; continues_chain(p, first, &mixed); count++) {
        if (count == KD_FILTER_CHAIN_MAX)
            return kd_syntax(p, KIDA_E_FILTER_NAME, kd_token_place(p->at),
                             "more than %d filters in one chain", KD_FILTER_CHAIN_MAX);
        node = parse_filter(p, node);
        if (node == NULL)
            return NULL;
    }
    return mixed ? fail_mixed(p, first) : node;
}

/* ---- tests ----------------------------------------------------------------------------------- */

kd_node *
kd_parse_test(kd_parser *p, kd_node *input, bool negated)
{
    const kd_token *name = p->at++;
    kd_node *node = kd_make(p, KD_NODE_TEST, input->place);
    if (node == NULL)
        return NULL;
    node->name = name->text;
    node->flags = negated ? KD_F_NOT : 0;
    node->a = input;
    kida_value value;
    if (kd_accept(p, KD_TOK_LEFT_PAREN)) {
        if (!kd_parse_args(p, &node->b))
            return NULL;
    } else if (name->kind == KD_TOK_IN) {
        kd_no_expression(p, "'(' behind 'is in'");
        kd_hint(p, "write 'a in b', or the test as 'a is in(b)'");
        return NULL;
    } else if (kd_literal_value(p->at, &value)) {
        kd_node *arg = kd_make(p, KD_NODE_ARG, kd_token_place(p->at));
        if (arg == NULL || (arg->a = kd_parse_primary(p)) == NULL || kd_complete(p, arg) == NULL)
            return NULL;
        node->b = arg;
    }
    return kd_complete(p, node);
}
