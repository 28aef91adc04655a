/* SPDX-License-Identifier: MIT */
/* flow.c - if, unless, loops and the jumps out of them. match and try are in branch.c. */
#include "parser/expr.h"
#include "parser/state.h"
#include "parser/statement.h"

/* ---- if, unless ------------------------------------------------------------------------------ */

/* The condition behind if, unless or elif, and the end of the tag that holder stands for. */
static kd_node *
parse_branch(kd_parser *p, const kd_token *tag, kd_node *holder)
{
    kd_node *branch = kd_make_statement(p, KD_NODE_BRANCH, tag);
    if (branch == NULL || (branch->a = kd_parse_expr(p)) == NULL)
        return NULL;
    if (!kd_expect_tag_end(p, branch))
        return NULL;
    if (holder != NULL)
        holder->place = branch->place;
    return branch;
}

/* `else` up to the closing tag. */
static bool
parse_else(kd_parser *p, kd_open *open, kd_node **body)
{
    if (!kd_expect(p, KD_TOK_BLOCK_END, "the end of the tag"))
        return false;
    open->middles = 0;
    return kd_parse_body(p, body);
}

kd_node *
kd_parse_if(kd_parser *p, const kd_token *tag)
{
    bool unless = p->word == KD_WORD_UNLESS;
    kd_node *node = kd_make_statement(p, KD_NODE_IF, tag);
    kd_node *branch = node != NULL ? parse_branch(p, tag, node) : NULL;
    kd_open open;
    if (branch == NULL ||
        !kd_enter(p, &open, node, unless ? KD_ROLE_ELSE : KD_ROLE_ELIF | KD_ROLE_ELSE))
        return NULL;
    branch->flags = unless ? KD_F_NOT : 0;
    kd_nodes branches = { NULL, NULL, 0 };
    kd_append(&branches, branch);
    node->a = branch;
    if (!kd_parse_body(p, &branch->b))
        return NULL;
    while (kd_divider(p, KD_ROLE_ELIF, &tag)) {
        branch = parse_branch(p, tag, NULL);
        if (branch == NULL || !kd_parse_body(p, &branch->b))
            return NULL;
        kd_append(&branches, branch);
    }
    if (kd_divider(p, KD_ROLE_ELSE, &tag) && !parse_else(p, &open, &node->b))
        return NULL;
    return kd_leave(p, node) ? node : NULL;
}

/* ---- loops ----------------------------------------------------------------------------------- */

static kd_node *
parse_for(kd_parser *p, const kd_token *tag, uint16_t flags)
{
    kd_node *node = kd_make_statement(p, KD_NODE_FOR, tag);
    if (node == NULL)
        return NULL;
    node->flags = flags;
    node->a = kd_parse_target(p);
    if (node->a == NULL || !kd_expect(p, KD_TOK_IN, "'in' behind the target"))
        return NULL;
    node->b = kd_parse_no_ternary(p);
    if (node->b == NULL)
        return NULL;
    if (kd_accept_word(p, KIDA_S("if")) && (node->c = kd_parse_or(p)) == NULL)
        return NULL;
    kd_open open;
    if (!kd_expect_tag_end(p, node) ||
        !kd_enter(p, &open, node, KD_ROLE_ELSE | KD_ROLE_EMPTY) || !kd_parse_body(p, &node->d))
        return NULL;
    if (kd_divider(p, KD_ROLE_ELSE | KD_ROLE_EMPTY, &tag)) {
        open.in_else = true;
        if (!parse_else(p, &open, &node->e))
            return NULL;
    }
    return kd_leave(p, node) ? node : NULL;
}

kd_node *
kd_parse_for(kd_parser *p, const kd_token *tag)
{
    return parse_for(p, tag, 0);
}

kd_node *
kd_parse_async(kd_parser *p, const kd_token *tag)
{
    if (!kd_accept_word(p, KIDA_S("for")))
        return kd_unexpected(p, "'for' behind 'async'");
    p->tree->is_async = true;
    return parse_for(p, tag, KD_F_ASYNC);
}

kd_node *
kd_parse_while(kd_parser *p, const kd_token *tag)
{
    kd_node *node = kd_make_statement(p, KD_NODE_WHILE, tag);
    if (node == NULL || (node->a = kd_parse_expr(p)) == NULL)
        return NULL;
    return kd_parse_simple_body(p, node, &node->b) ? node : NULL;
}

/* ---- break, continue ------------------------------------------------------------------------- */

/* Bodies that are run from elsewhere: no jump leads out of them. */
static bool
hides_loop(kd_word word)
{
    return word == KD_WORD_DEF || word == KD_WORD_REGION || word == KD_WORD_BLOCK ||
           word == KD_WORD_FRAGMENT || word == KD_WORD_CALL || word == KD_WORD_EMBED ||
           word == KD_WORD_GLOBALS || word == KD_WORD_IMPORTS;
}

static bool
is_in_loop(const kd_parser *p)
{
    for (const kd_open *open = p->open; open != NULL && !hides_loop(open->word);
         open = open->outer) {
        bool loop = open->word == KD_WORD_FOR || open->word == KD_WORD_ASYNC ||
                    open->word == KD_WORD_WHILE;
        if (loop && !open->in_else)
            return true;
    }
    return false;
}

kd_node *
kd_parse_jump(kd_parser *p, const kd_token *tag)
{
    bool leaves = p->word == KD_WORD_BREAK;
    if (!is_in_loop(p)) {
        kd_syntax(p, KIDA_E_PARSE, kd_token_place(p->at), "'%s' stands outside of a loop",
                  kd_keywords[p->word].text.ptr);
        kd_hint(p, "it works directly in a loop's body, not across a def, block or call");
        return NULL;
    }
    kd_node *node = kd_make_statement(p, leaves ? KD_NODE_BREAK : KD_NODE_CONTINUE, tag);
    return node != NULL && kd_expect_tag_end(p, node) ? node : NULL;
}
