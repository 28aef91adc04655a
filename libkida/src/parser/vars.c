/* SPDX-License-Identifier: MIT */
/* vars.c - what binds names: set, let, export, with, capture, provide. */
#include "parser/expr.h"
#include "parser/state.h"
#include "parser/statement.h"

/* ---- set, let, export ------------------------------------------------------------------------ */

/* Whether another assignment follows, rather than the next item of a tuple. */
static bool
starts_assign(const kd_token *token)
{
    return token->kind == KD_TOK_NAME &&
           (token[1].kind == KD_TOK_ASSIGN || token[1].kind == KD_TOK_COALESCE_ASSIGN);
}

static kd_node *
fail_no_assign(kd_parser *p, const kd_node *target)
{
    bool bare = kd_peek(p, KD_TOK_BLOCK_END) && target->kind == KD_NODE_NAME;
    bool is_set = p->word == KD_WORD_SET;
    if (bare && is_set)
        kd_syntax(p, KIDA_E_UNSUPPORTED, kd_token_place(p->at), "there is no block form of 'set'");
    else
        kd_unexpected(p, "'='");
    if (bare)
        kd_hint(p, "write {%% capture name %%} … {%% end %%}, or give the name a value");
    else if (kd_peek(p, KD_TOK_DOT) || kd_peek(p, KD_TOK_LEFT_BRACKET))
        kd_hint(p, "attributes and items can't be assigned; {%% let %%} assigns template-wide");
    else if (p->at[1].kind == KD_TOK_ASSIGN && target->kind == KD_NODE_NAME)
        kd_hint(p, "write the whole: {%% %s %.*s = %.*s + 1 %%}", kd_keywords[p->word].text.ptr,
                (int)target->name.len, target->name.ptr, (int)target->name.len, target->name.ptr);
    else if (kd_peek(p, KD_TOK_LEFT_PAREN))
        kd_hint(p, "the result of a call can't be assigned to; write {%% def %%} for a component");
    return NULL;
}

/* a, (b, c) and the like, when a comma follows the first item. */
static kd_node *
parse_tuple_target(kd_parser *p, kd_node *first, kd_place place)
{
    kd_nodes items = { NULL, NULL, 0 };
    kd_append(&items, first);
    while (kd_accept(p, KD_TOK_COMMA) && !kd_peek(p, KD_TOK_ASSIGN)) {
        kd_node *item = kd_parse_target_item(p, true);
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

/* target = value or name ??= value, the value being one expression. */
static kd_node *
parse_assign(kd_parser *p)
{
    kd_place place = kd_token_place(p->at);
    kd_node *target = kd_parse_target_item(p, true);
    if (target != NULL && kd_peek(p, KD_TOK_COMMA))
        target = parse_tuple_target(p, target, place);
    kd_node *node = target != NULL ? kd_make(p, KD_NODE_ASSIGN, place) : NULL;
    if (node == NULL)
        return NULL;
    node->a = target;
    if (kd_peek(p, KD_TOK_COALESCE_ASSIGN)) {
        if (target->kind == KD_NODE_TUPLE)
            return kd_syntax(p, KIDA_E_PARSE, kd_token_place(p->at),
                             "'?" "?=' assigns to one name, not to a tuple");
        node->flags = KD_F_COALESCE;
        p->at++;
    } else if (!kd_accept(p, KD_TOK_ASSIGN)) {
        return fail_no_assign(p, target);
    }
    node->b = target->kind == KD_NODE_TUPLE ? kd_parse_expr_or_tuple(p) : kd_parse_expr(p);
    return node->b != NULL ? kd_complete(p, node) : NULL;
}

/* Makes the value of name = 1, 2 a tuple, from its first comma on; a lone comma is dropped. */
static bool
extend_value(kd_parser *p, kd_node *assign)
{
    kd_nodes items = { NULL, NULL, 0 };
    kd_append(&items, assign->b);
    while (kd_accept(p, KD_TOK_COMMA) && !kd_peek(p, KD_TOK_BLOCK_END)) {
        kd_node *item = kd_parse_expr(p);
        if (item == NULL)
            return false;
        kd_append(&items, item);
    }
    if (items.count == 1)
        return true;
    kd_node *tuple = kd_make(p, KD_NODE_TUPLE, assign->b->place);
    if (tuple == NULL)
        return false;
    tuple->a = items.first;
    assign->b = tuple;
    return kd_complete(p, tuple) != NULL && kd_complete(p, assign) != NULL;
}

kd_node *
kd_parse_set(kd_parser *p, const kd_token *tag)
{
    kd_node *node = kd_make_statement(p, KD_NODE_SET, tag);
    kd_node *assign = node != NULL ? parse_assign(p) : NULL;
    if (assign == NULL)
        return NULL;
    node->op = p->word == KD_WORD_SET ? 's' : 'l';
    kd_nodes assigns = { NULL, NULL, 0 };
    kd_append(&assigns, assign);
    bool one_name = assign->a->kind == KD_NODE_NAME;
    if (kd_peek(p, KD_TOK_COMMA) && one_name && !(assign->flags & KD_F_COALESCE) &&
        !starts_assign(p->at + 1)) {
        if (!extend_value(p, assign))
            return NULL;
    } else {
        while (one_name && kd_accept(p, KD_TOK_COMMA)) {
            if (!starts_assign(p->at))
                return kd_unexpected(p, "another assignment");
            assign = parse_assign(p);
            if (assign == NULL)
                return NULL;
            kd_append(&assigns, assign);
        }
    }
    node->a = assigns.first;
    return kd_expect_tag_end(p, node) ? node : NULL;
}

kd_node *
kd_parse_export(kd_parser *p, const kd_token *tag)
{
    kd_node *node = kd_make_statement(p, KD_NODE_SET, tag);
    if (node == NULL || (node->a = parse_assign(p)) == NULL)
        return NULL;
    node->op = 'e';
    return kd_expect_tag_end(p, node) ? node : NULL;
}

/* ---- with ------------------------------------------------------------------------------------ */

static kd_node *
parse_with_assigns(kd_parser *p, const kd_token *tag)
{
    kd_node *node = kd_make_statement(p, KD_NODE_WITH, tag);
    if (node == NULL)
        return NULL;
    kd_nodes assigns = { NULL, NULL, 0 };
    do {
        const kd_token *name;
        if (!kd_expect_name(p, "a name to assign to", &name))
            return NULL;
        kd_node *assign = kd_make(p, KD_NODE_ASSIGN, kd_token_place(name));
        if (assign == NULL || (assign->a = kd_make_name(p, KD_NODE_NAME, name)) == NULL ||
            !kd_expect(p, KD_TOK_ASSIGN, "'='") || (assign->b = kd_parse_expr(p)) == NULL ||
            kd_complete(p, assign) == NULL)
            return NULL;
        kd_append(&assigns, assign);
    } while (kd_accept(p, KD_TOK_COMMA));
    node->a = assigns.first;
    return kd_parse_simple_body(p, node, &node->b) ? node : NULL;
}

/* Makes targets of what stands behind `as`: names and tuples stay, others hold a value in vain. */
static void
make_targets(kd_node *node)
{
    for (; node != NULL; node = node->next) {
        if (node->kind == KD_NODE_TUPLE) {
            make_targets(node->a); /* as deep as the expression, which is bounded */
        } else if (node->kind != KD_NODE_NAME) {
            node->kind = KD_NODE_NAME;
            node->name.len = 0;
            node->flags = 0;
            node->op = 0;
            node->value = kd_absent();
            node->a = node->b = node->c = node->d = NULL;
        }
    }
}

kd_node *
kd_parse_with(kd_parser *p, const kd_token *tag)
{
    if (kd_peek(p, KD_TOK_NAME) && p->at[1].kind == KD_TOK_ASSIGN)
        return parse_with_assigns(p, tag);
    kd_node *node = kd_make_statement(p, KD_NODE_WITH_IF, tag);
    kd_nodes values = { NULL, NULL, 0 };
    if (node == NULL || !kd_parse_expr_list(p, &values))
        return NULL;
    node->a = values.first;
    if (kd_accept_word(p, KIDA_S("as"))) {
        kd_nodes targets = { NULL, NULL, 0 };
        if (!kd_parse_expr_list(p, &targets))
            return NULL;
        make_targets(targets.first);
        node->b = targets.first;
    }
    kd_open open;
    if (!kd_expect_tag_end(p, node) ||
        !kd_enter(p, &open, node, KD_ROLE_ELSE | KD_ROLE_EMPTY) || !kd_parse_body(p, &node->c))
        return NULL;
    if (kd_divider(p, KD_ROLE_ELSE | KD_ROLE_EMPTY, &tag)) {
        open.middles = 0;
        if (!kd_expect(p, KD_TOK_BLOCK_END, "the end of the tag") || !kd_parse_body(p, &node->d))
            return NULL;
    }
    return kd_leave(p, node) ? node : NULL;
}

/* ---- capture, provide ------------------------------------------------------------------------ */

kd_node *
kd_parse_capture(kd_parser *p, const kd_token *tag)
{
    kd_node *node = kd_make_statement(p, KD_NODE_CAPTURE, tag);
    const kd_token *name;
    if (node == NULL || !kd_expect_name(p, "the name that takes the text", &name))
        return NULL;
    node->name = name->text;
    if (kd_accept(p, KD_TOK_PIPE)) {
        kd_place place = kd_token_place(p->at);
        if (!kd_peek(p, KD_TOK_NAME))
            return kd_unexpected(p, "the name of a filter");
        node->a = kd_parse_filter_name(p, place);
        if (node->a == NULL || kd_complete(p, node->a) == NULL)
            return NULL;
    }
    return kd_parse_simple_body(p, node, &node->b) ? node : NULL;
}

kd_node *
kd_parse_provide(kd_parser *p, const kd_token *tag)
{
    kd_node *node = kd_make_statement(p, KD_NODE_PROVIDE, tag);
    const kd_token *name;
    if (node == NULL || !kd_expect_name(p, "the key to provide", &name) ||
        !kd_expect(p, KD_TOK_ASSIGN, "'='") || (node->a = kd_parse_expr(p)) == NULL)
        return NULL;
    node->name = name->text;
    return kd_parse_simple_body(p, node, &node->b) ? node : NULL;
}
