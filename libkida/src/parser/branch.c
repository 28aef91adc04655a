/* SPDX-License-Identifier: MIT */
/* branch.c - match with its cases, try with its fallback. */
#include "parser/expr.h"
#include "parser/state.h"
#include "parser/statement.h"

/* ---- match ----------------------------------------------------------------------------------- */

/* noternary { "," noternary }: several make a tuple. */
static kd_node *
parse_pattern(kd_parser *p)
{
    kd_place place = kd_token_place(p->at);
    kd_nodes items = { NULL, NULL, 0 };
    do {
        kd_node *item = kd_parse_no_ternary(p);
        if (item == NULL)
            return NULL;
        kd_append(&items, item);
    } while (kd_accept(p, KD_TOK_COMMA));
    if (items.count == 1)
        return items.first;
    kd_node *tuple = kd_make(p, KD_NODE_TUPLE, place);
    if (tuple == NULL)
        return NULL;
    tuple->a = items.first;
    return kd_complete(p, tuple);
}

static kd_node *
parse_case(kd_parser *p, const kd_token *tag, bool ladder)
{
    kd_node *node = kd_make_statement(p, KD_NODE_CASE, tag);
    if (node == NULL || (node->a = parse_pattern(p)) == NULL)
        return NULL;
    bool wildcard = node->a->kind == KD_NODE_NAME && kida_str_equal(node->a->name, KIDA_S("_"));
    if (ladder && !wildcard)
        kd_late(p, KIDA_E_SYNTAX, node->a->place, "a match without a subject has '_' cases only",
                "write {% case _ if condition %}, or give the match a subject");
    if (kd_accept_word(p, KIDA_S("if")) && (node->b = kd_parse_expr(p)) == NULL)
        return NULL;
    if (!kd_expect_tag_end(p, node) || !kd_parse_body(p, &node->c))
        return NULL;
    return node;
}

/* Text and comments before the first case are dropped; nothing else may stand there. */
static bool
find_first_case(kd_parser *p)
{
    while (kd_peek(p, KD_TOK_TEXT) || kd_peek(p, KD_TOK_COMMENT))
        p->at++;
    if (kd_peek(p, KD_TOK_END))
        return kd_fail_unclosed(p);
    if (kd_peek(p, KD_TOK_BLOCK_START)) {
        p->word = kd_tag_word(p);
        if (p->word == KD_WORD_COUNT)
            return false;
        if (p->word == KD_WORD_CASE)
            return true;
    }
    char text[64];
    const kd_token *found = kd_peek(p, KD_TOK_BLOCK_START) ? p->at + 1 : p->at;
    kd_syntax(p, KIDA_E_PARSE, kd_token_place(found), "unexpected %s, expected a case of the match",
              kd_describe(found, text));
    kd_hint(p, "a match starts with {%% case … %%}");
    return false;
}

kd_node *
kd_parse_match(kd_parser *p, const kd_token *tag)
{
    kd_node *node = kd_make_statement(p, KD_NODE_MATCH, tag);
    if (node == NULL)
        return NULL;
    if (!kd_peek(p, KD_TOK_BLOCK_END) && (node->a = kd_parse_expr_or_tuple(p)) == NULL)
        return NULL;
    kd_open open;
    if (!kd_expect_tag_end(p, node) || !kd_enter(p, &open, node, KD_ROLE_CASE) ||
        !find_first_case(p))
        return NULL;
    kd_nodes cases = { NULL, NULL, 0 };
    while (kd_divider(p, KD_ROLE_CASE, &tag)) {
        kd_node *one = parse_case(p, tag, node->a == NULL);
        if (one == NULL)
            return NULL;
        kd_append(&cases, one);
    }
    node->b = cases.first;
    return kd_leave(p, node) ? node : NULL;
}

/* ---- try ------------------------------------------------------------------------------------- */

kd_node *
kd_parse_try(kd_parser *p, const kd_token *tag)
{
    kd_node *node = kd_make_statement(p, KD_NODE_TRY, tag);
    kd_open open;
    if (node == NULL || !kd_expect_tag_end(p, node) ||
        !kd_enter(p, &open, node, KD_ROLE_FALLBACK) || !kd_parse_body(p, &node->a))
        return NULL;
    if (!kd_divider(p, KD_ROLE_FALLBACK, &tag)) {
        kd_syntax(p, KIDA_E_PARSE, kd_token_place(p->at + 1),
                  "the 'try' of line %u has no 'fallback'", (unsigned)node->place.line);
        kd_hint(p, "write {%% try %%} … {%% fallback %%} … {%% end %%}");
        return NULL;
    }
    if (kd_peek(p, KD_TOK_NAME)) {
        node->name = p->at->text;
        p->at++;
    }
    if (!kd_expect(p, KD_TOK_BLOCK_END, "a name or the end of the tag"))
        return NULL;
    open.middles = 0;
    if (!kd_parse_body(p, &node->b))
        return NULL;
    return kd_leave(p, node) ? node : NULL;
}
