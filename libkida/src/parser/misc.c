/* SPDX-License-Identifier: MIT */
/* misc.c - raw, filter, spaceless, cache, push, stack, flush. */
#include "parser/expr.h"
#include "parser/state.h"
#include "parser/statement.h"

/* The content is one token, made by the lexer; it becomes text. */
kd_node *
kd_parse_raw(kd_parser *p, const kd_token *tag)
{
    kd_node *node = kd_make_statement(p, KD_NODE_TEXT, tag);
    if (node == NULL || !kd_expect_tag_end(p, node))
        return NULL;
    if (kd_peek(p, KD_TOK_RAW)) {
        node->value = kida_string(p->at->text);
        p->at++;
    }
    if (!kd_peek(p, KD_TOK_BLOCK_START) || !kd_is_word(p->at + 1, KIDA_S("endraw"))) {
        kd_syntax(p, KIDA_E_UNCLOSED, kd_token_place(tag), "'raw' is never closed");
        kd_hint(p, "close it with {%% endraw %%}");
        return NULL;
    }
    p->at += 2;
    return kd_expect(p, KD_TOK_BLOCK_END, "the end of the tag") ? node : NULL;
}

kd_node *
kd_parse_filter_block(kd_parser *p, const kd_token *tag)
{
    kd_node *node = kd_make_statement(p, KD_NODE_FILTER_BLOCK, tag);
    if (node == NULL)
        return NULL;
    if (!kd_peek(p, KD_TOK_NAME))
        return kd_unexpected(p, "the name of a filter");
    node->a = kd_parse_filter_name(p, kd_token_place(p->at));
    if (node->a == NULL || kd_complete(p, node->a) == NULL)
        return NULL;
    if (kd_peek(p, KD_TOK_PIPE)) {
        kd_unexpected(p, "the end of the tag");
        kd_hint(p, "one tag applies one filter: nest another {%% filter %%}");
        return NULL;
    }
    return kd_parse_simple_body(p, node, &node->b) ? node : NULL;
}

kd_node *
kd_parse_spaceless(kd_parser *p, const kd_token *tag)
{
    kd_node *node = kd_make_statement(p, KD_NODE_SPACELESS, tag);
    return node != NULL && kd_parse_simple_body(p, node, &node->a) ? node : NULL;
}

/* "cache" key { "," ( "ttl" | "depends" ) "=" expr } */
kd_node *
kd_parse_cache(kd_parser *p, const kd_token *tag)
{
    kd_node *node = kd_make_statement(p, KD_NODE_CACHE, tag);
    if (node == NULL || (node->a = kd_parse_expr(p)) == NULL)
        return NULL;
    kd_nodes options = { NULL, NULL, 0 };
    while (kd_accept(p, KD_TOK_COMMA)) {
        const kd_token *name = p->at;
        if (!kd_peek_word(p, KIDA_S("ttl")) && !kd_peek_word(p, KIDA_S("depends")))
            return kd_unexpected(p, "'ttl=' or 'depends='");
        if (!kd_check_new_name(p, &options, name, KIDA_E_PARSE, "option"))
            return NULL;
        kd_node *option = kd_make_name(p, KD_NODE_ARG, name);
        p->at++;
        if (option == NULL || !kd_expect(p, KD_TOK_ASSIGN, "'='") ||
            (option->a = kd_parse_expr(p)) == NULL || kd_complete(p, option) == NULL)
            return NULL;
        kd_append(&options, option);
    }
    node->b = options.first;
    return kd_parse_simple_body(p, node, &node->c) ? node : NULL;
}

/* ---- stacks ---------------------------------------------------------------------------------- */

static kd_node *
parse_stack_name(kd_parser *p, kd_node_kind kind, const kd_token *tag)
{
    kd_node *node = kd_make_statement(p, kind, tag);
    if (node == NULL)
        return NULL;
    if (!kd_peek(p, KD_TOK_STRING)) {
        kd_unexpected(p, "the name of a stack in quotes");
        return NULL;
    }
    node->name = p->at->text;
    p->at++;
    return node;
}

kd_node *
kd_parse_push(kd_parser *p, const kd_token *tag)
{
    kd_node *node = parse_stack_name(p, KD_NODE_PUSH, tag);
    return node != NULL && kd_parse_simple_body(p, node, &node->a) ? node : NULL;
}

kd_node *
kd_parse_stack(kd_parser *p, const kd_token *tag)
{
    kd_node *node = parse_stack_name(p, KD_NODE_STACK, tag);
    return node != NULL && kd_expect_tag_end(p, node) ? node : NULL;
}

kd_node *
kd_parse_flush(kd_parser *p, const kd_token *tag)
{
    kd_node *node = kd_make_statement(p, KD_NODE_FLUSH, tag);
    return node != NULL && kd_expect_tag_end(p, node) ? node : NULL;
}
