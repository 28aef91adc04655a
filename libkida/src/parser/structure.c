/* SPDX-License-Identifier: MIT */
/* structure.c - what makes a page of several templates: blocks, extends, include, import, embed. */
#include "parser/expr.h"
#include "parser/state.h"
#include "parser/statement.h"

/* ---- block, fragment ------------------------------------------------------------------------- */

/* The literal of a modifier, perhaps a negative number. */
static kd_node *
parse_modifier_value(kd_parser *p)
{
    kd_place place = kd_token_place(p->at);
    const kd_token *start = p->at;
    bool negative = kd_accept(p, KD_TOK_MINUS);
    const kd_token *token = p->at;
    kida_value value;
    bool number = token->kind == KD_TOK_INT || token->kind == KD_TOK_FLOAT;
    if (!kd_literal_value(token, &value) || (negative && !number)) {
        kd_syntax(p, KIDA_E_UNSUPPORTED, kd_token_place(start),
                  "the value of a block's modifier must be a literal");
        kd_hint(p, "write a string, a number, true, false or none");
        return NULL;
    }
    p->at++;
    if (negative && token->kind == KD_TOK_FLOAT)
        value = kida_float(-kida_as_float(value));
    else if (negative && !kd_int_literal(p->pool, token->text, true, &value))
        return kd_no_memory(p);
    kd_node *node = kd_make(p, KD_NODE_CONST, place);
    if (node == NULL)
        return NULL;
    node->value = value;
    return kd_complete(p, node);
}

/* { NAME "=" literal } */
static bool
parse_modifiers(kd_parser *p, kd_node **out)
{
    kd_nodes list = { NULL, NULL, 0 };
    while (kd_peek(p, KD_TOK_NAME)) {
        const kd_token *name = p->at;
        if (name[1].kind != KD_TOK_ASSIGN) {
            if (kd_peek_word(p, KIDA_S("if")))
                break;
            char text[64];
            kd_syntax(p, KIDA_E_UNSUPPORTED, kd_token_place(name), "the modifier %s has no value",
                      kd_describe(name, text));
            kd_hint(p, "write name=value; blocks take no 'scoped' or 'required'");
            return false;
        }
        if (!kd_check_new_name(p, &list, name, KIDA_E_PARSE, "modifier"))
            return false;
        kd_node *arg = kd_make_name(p, KD_NODE_ARG, name);
        p->at += 2;
        if (arg == NULL || (arg->a = parse_modifier_value(p)) == NULL ||
            kd_complete(p, arg) == NULL)
            return false;
        kd_append(&list, arg);
    }
    *out = list.first;
    return true;
}

kd_node *
kd_parse_block(kd_parser *p, const kd_token *tag)
{
    bool fragment = p->word == KD_WORD_FRAGMENT;
    kd_node *node = kd_make_statement(p, KD_NODE_BLOCK, tag);
    const kd_token *name;
    if (node == NULL || !kd_expect_name(p, "the name of the block", &name))
        return NULL;
    node->name = name->text;
    node->flags = fragment ? KD_F_FRAGMENT : 0;
    if (kd_peek(p, KD_TOK_MINUS)) {
        kd_syntax(p, KIDA_E_BLOCK_NAME, kd_token_place(p->at), "the name of a block has no '-'");
        kd_hint(p, "write it with '_'");
        return NULL;
    }
    if (!parse_modifiers(p, &node->a))
        return NULL;
    if (kd_peek_word(p, KIDA_S("if"))) {
        if (fragment) {
            kd_syntax(p, KIDA_E_UNSUPPORTED, kd_token_place(p->at),
                      "a fragment takes no condition");
            kd_hint(p, "put an {%% if %%} inside, or write a block");
            return NULL;
        }
        p->at++;
        node->b = kd_parse_expr(p);
        if (node->b == NULL)
            return NULL;
    }
    return kd_parse_simple_body(p, node, &node->c) ? node : NULL;
}

/* ---- extends --------------------------------------------------------------------------------- */

kd_node *
kd_parse_extends(kd_parser *p, const kd_token *tag)
{
    kd_node *node = kd_make_statement(p, KD_NODE_EXTENDS, tag);
    if (node == NULL || (node->a = kd_parse_expr(p)) == NULL || !kd_expect_tag_end(p, node))
        return NULL;
    if (p->open != NULL)
        kd_late(p, KIDA_E_SYNTAX, node->place, "'extends' can't stand inside of another statement",
                "choose the parent by an expression: {% extends 'a' if x else 'b' %}");
    else if (p->tree->extends == NULL)
        p->tree->extends = node;
    return node;
}

/* ---- include, import ------------------------------------------------------------------------- */

static bool
fail_include_option(kd_parser *p)
{
    kd_unexpected(p, "'context' behind 'with' or 'without'");
    kd_hint(p, "an include takes no variables: it sees those of its place; set them with "
               "{%% let %%} or {%% with %%} before, or write a {%% def %%}");
    return false;
}

/* { "ignore" "missing" | "with" "context" | "without" "context" }, the last one wins. */
static bool
parse_include_options(kd_parser *p, kd_node *node)
{
    for (;;) {
        if (kd_accept_word(p, KIDA_S("ignore"))) {
            if (!kd_accept_word(p, KIDA_S("missing"))) {
                kd_unexpected(p, "'missing' behind 'ignore'");
                return false;
            }
            node->flags |= KD_F_IGNORE_MISSING;
        } else if (kd_accept_word(p, KIDA_S("with"))) {
            if (!kd_accept_word(p, KIDA_S("context")))
                return fail_include_option(p);
            node->flags = (uint16_t)(node->flags & ~KD_F_WITHOUT_CONTEXT);
        } else if (kd_accept_word(p, KIDA_S("without"))) {
            if (!kd_accept_word(p, KIDA_S("context")))
                return fail_include_option(p);
            node->flags |= KD_F_WITHOUT_CONTEXT;
        } else if (kd_peek_word(p, KIDA_S("only"))) {
            kd_unexpected(p, "the end of the tag");
            kd_hint(p, "write 'without context'");
            return false;
        } else {
            return true;
        }
    }
}

kd_node *
kd_parse_include(kd_parser *p, const kd_token *tag)
{
    kd_node *node = kd_make_statement(p, KD_NODE_INCLUDE, tag);
    if (node == NULL || (node->a = kd_parse_expr(p)) == NULL || !parse_include_options(p, node))
        return NULL;
    return kd_expect_tag_end(p, node) ? node : NULL;
}

/* [ "with" "context" ] and the end of an import tag. */
static bool
parse_import_end(kd_parser *p, kd_node *node)
{
    if (kd_accept_word(p, KIDA_S("with"))) {
        if (!kd_accept_word(p, KIDA_S("context"))) {
            kd_unexpected(p, "'context' behind 'with'");
            return false;
        }
        node->flags |= KD_F_WITH_CONTEXT;
    }
    if (kd_peek_word(p, KIDA_S("without"))) {
        kd_unexpected(p, "the end of the tag");
        kd_hint(p, "an import sees globals only unless it says 'with context'");
        return false;
    }
    return kd_expect_tag_end(p, node);
}

kd_node *
kd_parse_import(kd_parser *p, const kd_token *tag)
{
    kd_node *node = kd_make_statement(p, KD_NODE_IMPORT, tag);
    const kd_token *name;
    if (node == NULL || (node->a = kd_parse_expr(p)) == NULL)
        return NULL;
    if (!kd_accept_word(p, KIDA_S("as")))
        return kd_unexpected(p, "'as' and a name");
    if (!kd_expect_name(p, "a name behind 'as'", &name))
        return NULL;
    node->name = name->text;
    return parse_import_end(p, node) ? node : NULL;
}

/* NAME [ "as" NAME ] */
static kd_node *
parse_import_name(kd_parser *p)
{
    const kd_token *name;
    if (!kd_expect_name(p, "the name of a def", &name))
        return NULL;
    kd_node *node = kd_make_name(p, KD_NODE_IMPORT_NAME, name);
    if (node == NULL)
        return NULL;
    const kd_token *alias = name;
    if (kd_accept_word(p, KIDA_S("as")) && !kd_expect_name(p, "a name behind 'as'", &alias))
        return NULL;
    node->value = kida_string(alias->text);
    return kd_complete(p, node);
}

kd_node *
kd_parse_from(kd_parser *p, const kd_token *tag)
{
    kd_node *node = kd_make_statement(p, KD_NODE_FROM, tag);
    if (node == NULL || (node->a = kd_parse_expr(p)) == NULL)
        return NULL;
    if (!kd_accept_word(p, KIDA_S("import")))
        return kd_unexpected(p, "'import' and names");
    kd_nodes names = { NULL, NULL, 0 };
    do {
        kd_node *name = parse_import_name(p);
        if (name == NULL)
            return NULL;
        kd_append(&names, name);
    } while (kd_accept(p, KD_TOK_COMMA));
    node->b = names.first;
    return parse_import_end(p, node) ? node : NULL;
}

/* ---- embed ----------------------------------------------------------------------------------- */

/* Blocks up to the closing tag; text and comments around them are ignored. */
static bool
parse_overrides(kd_parser *p, kd_node **out)
{
    kd_nodes blocks = { NULL, NULL, 0 };
    for (;;) {
        const kd_token *tag = p->at;
        if (kd_accept(p, KD_TOK_TEXT) || kd_accept(p, KD_TOK_COMMENT))
            continue;
        if (kd_peek(p, KD_TOK_END))
            return kd_fail_unclosed(p);
        kd_word word = KD_WORD_NONE;
        if (kd_peek(p, KD_TOK_BLOCK_START)) {
            word = kd_tag_word(p);
            if (word == KD_WORD_COUNT)
                return false;
            p->word = word;
        }
        if (word == KD_WORD_END || word == KD_WORD_ENDEMBED) {
            *out = blocks.first;
            return true;
        }
        if (word != KD_WORD_NONE && kd_keywords[word].role != KD_ROLE_STATEMENT)
            return kd_fail_stray_tag(p, word);
        if (word != KD_WORD_BLOCK) {
            char text[64];
            const kd_token *found = word == KD_WORD_NONE ? p->at : p->at + 1;
            kd_syntax(p, KIDA_E_PARSE, kd_token_place(found),
                      "unexpected %s in an 'embed', expected a block", kd_describe(found, text));
            kd_hint(p, "an embed holds the blocks it overrides, and nothing else");
            return false;
        }
        p->tag_line = tag->line;
        p->at += 2;
        kd_node *block = kd_parse_block(p, tag);
        if (block == NULL)
            return false;
        kd_append(&blocks, block);
    }
}

kd_node *
kd_parse_embed(kd_parser *p, const kd_token *tag)
{
    kd_node *node = kd_make_statement(p, KD_NODE_EMBED, tag);
    if (node == NULL || (node->a = kd_parse_expr(p)) == NULL)
        return NULL;
    bool with = kd_accept_word(p, KIDA_S("with"));
    bool without = !with && kd_accept_word(p, KIDA_S("without"));
    if ((with || without) && !kd_accept_word(p, KIDA_S("context"))) {
        fail_include_option(p);
        return NULL;
    }
    node->flags = without ? KD_F_WITHOUT_CONTEXT : 0;
    kd_open open;
    if (!kd_expect_tag_end(p, node) || !kd_enter(p, &open, node, 0) ||
        !parse_overrides(p, &node->b))
        return NULL;
    return kd_leave(p, node) ? node : NULL;
}

/* ---- globals, imports ------------------------------------------------------------------------ */

kd_node *
kd_parse_setup(kd_parser *p, const kd_token *tag)
{
    bool globals = p->word == KD_WORD_GLOBALS;
    kd_node *node = kd_make_statement(p, globals ? KD_NODE_GLOBALS : KD_NODE_IMPORTS, tag);
    return node != NULL && kd_parse_simple_body(p, node, &node->a) ? node : NULL;
}
