/* SPDX-License-Identifier: MIT */
/* def.c - components: def, region, call, slot, yield; and the declaration of a template's props. */
#include "parser/expr.h"
#include "parser/state.h"
#include "parser/statement.h"

/* ---- annotations and parameters -------------------------------------------------------------- */

static bool parse_type(kd_parser *p, kd_nodes *members);

/* name or name[type, …]. A union as argument is a nameless annotation around its members. */
static kd_node *
parse_type_name(kd_parser *p)
{
    const kd_token *name;
    if (!kd_expect_name(p, "the name of a type", &name))
        return NULL;
    kd_node *node = kd_make_name(p, KD_NODE_ANNOTATION, name);
    if (node == NULL || !kd_accept(p, KD_TOK_LEFT_BRACKET))
        return node;
    kd_nodes args = { NULL, NULL, 0 };
    do {
        kd_place place = kd_token_place(p->at);
        kd_nodes members = { NULL, NULL, 0 };
        if (!parse_type(p, &members))
            return NULL;
        kd_node *arg = members.first;
        if (members.count > 1) {
            arg = kd_make(p, KD_NODE_ANNOTATION, place);
            if (arg == NULL)
                return NULL;
            arg->a = members.first;
            if (kd_complete(p, arg) == NULL)
                return NULL;
        }
        kd_append(&args, arg);
    } while (kd_accept(p, KD_TOK_COMMA));
    node->a = args.first;
    return kd_expect(p, KD_TOK_RIGHT_BRACKET, "']' behind the type") ? kd_complete(p, node) : NULL;
}

/* name { "|" name } */
static bool
parse_type(kd_parser *p, kd_nodes *members)
{
    if (!kd_descend(p))
        return false;
    do {
        kd_node *member = parse_type_name(p);
        if (member == NULL)
            return false;
        kd_append(members, member);
    } while (kd_accept(p, KD_TOK_PIPE));
    kd_ascend(p);
    return true;
}

/* One parameter, whose name must be new. */
static kd_node *
parse_param(kd_parser *p, const kd_nodes *params)
{
    kd_node *node = kd_make(p, KD_NODE_PARAM, kd_token_place(p->at));
    if (node == NULL)
        return NULL;
    if (kd_accept(p, KD_TOK_STAR))
        node->flags = KD_F_STAR;
    else if (kd_accept(p, KD_TOK_POWER))
        node->flags = KD_F_STARS;
    const kd_token *name;
    if (!kd_expect_name(p, "the name of a parameter", &name) ||
        !kd_check_new_name(p, params, name, KIDA_E_PARSE, "parameter"))
        return NULL;
    node->name = name->text;
    if (node->flags != 0)
        return kd_complete(p, node);
    if (kd_accept(p, KD_TOK_COLON)) {
        kd_nodes members = { NULL, NULL, 0 };
        if (!parse_type(p, &members))
            return NULL;
        node->b = members.first;
    }
    if (kd_accept(p, KD_TOK_ASSIGN) && (node->a = kd_parse_expr(p)) == NULL)
        return NULL;
    return kd_complete(p, node);
}

/* Whether the parameter may follow those before it. */
static bool
check_stars(kd_parser *p, const kd_nodes *params, const kd_node *param)
{
    if (params->last != NULL && (params->last->flags & KD_F_STARS)) {
        kd_syntax(p, KIDA_E_PARSE, param->place, "nothing can follow the '**' parameter");
        return false;
    }
    if (!(param->flags & KD_F_STAR))
        return true;
    for (const kd_node *node = params->first; node != NULL; node = node->next) {
        if (node->flags & KD_F_STAR) {
            kd_syntax(p, KIDA_E_PARSE, param->place, "there can be one '*' parameter only");
            return false;
        }
    }
    return true;
}

static bool
parse_params(kd_parser *p, kd_node **out)
{
    if (!kd_peek(p, KD_TOK_LEFT_PAREN)) {
        kd_unexpected(p, "'(' behind the name");
        kd_hint(p, "without parameters it is written name()");
        return false;
    }
    p->at++;
    kd_nodes params = { NULL, NULL, 0 };
    if (!kd_peek(p, KD_TOK_RIGHT_PAREN)) {
        do {
            kd_node *param = parse_param(p, &params);
            if (param == NULL || !check_stars(p, &params, param))
                return false;
            kd_append(&params, param);
        } while (kd_accept(p, KD_TOK_COMMA));
    }
    *out = params.first;
    return kd_expect(p, KD_TOK_RIGHT_PAREN, "',' or ')' behind the parameter");
}

kd_node *
kd_parse_def(kd_parser *p, const kd_token *tag)
{
    bool is_def = p->word == KD_WORD_DEF;
    kd_node *node = kd_make_statement(p, is_def ? KD_NODE_DEF : KD_NODE_REGION, tag);
    const kd_token *name;
    if (node == NULL || !kd_expect_name(p, "the name to define", &name) ||
        !parse_params(p, &node->a))
        return NULL;
    node->name = name->text;
    return kd_parse_simple_body(p, node, &node->b) ? node : NULL;
}

kd_node *
kd_parse_template(kd_parser *p, const kd_token *tag)
{
    if (p->open != NULL || p->tree->declaration != NULL) {
        kd_syntax(p, KIDA_E_PARSE, kd_token_place(tag),
                  p->open != NULL ? "'template' can't stand inside of another statement"
                                  : "the template's variables are declared twice");
        kd_hint(p, "declare all variables in one {%% template %%} at the top");
        return NULL;
    }
    kd_node *node = kd_make_statement(p, KD_NODE_TEMPLATE_DECL, tag);
    if (node == NULL)
        return NULL;
    kd_nodes entries = { NULL, NULL, 0 };
    do {
        if (entries.count > 0 && kd_peek(p, KD_TOK_BLOCK_END))
            break;
        const kd_token *name;
        const kd_token *type;
        if (!kd_expect_name(p, "the name of a variable", &name) ||
            !kd_expect(p, KD_TOK_COLON, "':' and a type") ||
            !kd_expect_name(p, "the name of a type", &type))
            return NULL;
        kd_node *entry = kd_make_name(p, KD_NODE_PARAM, name);
        if (entry == NULL || (entry->b = kd_make_name(p, KD_NODE_ANNOTATION, type)) == NULL ||
            kd_complete(p, entry) == NULL)
            return NULL;
        kd_append(&entries, entry);
    } while (kd_accept(p, KD_TOK_COMMA));
    node->a = entries.first;
    p->tree->declaration = node;
    return kd_expect_tag_end(p, node) ? node : NULL;
}

/* ---- call ------------------------------------------------------------------------------------ */

kd_node *
kd_parse_call(kd_parser *p, const kd_token *tag)
{
    kd_node *node = kd_make_statement(p, KD_NODE_CALL_BLOCK, tag);
    if (node == NULL || (node->a = kd_parse_expr(p)) == NULL)
        return NULL;
    if (kd_peek(p, KD_TOK_NAME)) {
        kd_unexpected(p, "the end of the tag");
        kd_hint(p, "a caller gets values by scoped slots: {%% slot row let:item %%}");
        return NULL;
    }
    kd_node *body = NULL;
    if (!kd_parse_simple_body(p, node, &body))
        return NULL;
    kd_nodes rest = { NULL, NULL, 0 };
    kd_nodes slots = { NULL, NULL, 0 };
    while (body != NULL) {
        kd_node *item = body;
        body = item->next;
        item->next = NULL;
        kd_append(item->kind == KD_NODE_SLOT_BODY ? &slots : &rest, item);
    }
    node->b = rest.first;
    node->c = slots.first;
    return node;
}

/* ---- slot, yield ----------------------------------------------------------------------------- */

static bool
starts_let(const kd_parser *p)
{
    return kd_peek_word(p, KIDA_S("let")) && p->at[1].kind == KD_TOK_COLON;
}

/* The optional name; `default` is the nameless slot. */
static kida_str
slot_name(kd_parser *p)
{
    kida_str name = { "", 0 };
    if (kd_peek(p, KD_TOK_NAME) && !starts_let(p)) {
        name = p->at->text;
        p->at++;
    }
    if (kida_str_equal(name, KIDA_S("default")))
        name.len = 0;
    return name;
}

/* { "let" ":" NAME ["=" expr] [","] }: bindings have values, declarations have none. */
static bool
parse_lets(kd_parser *p, bool values, kd_nodes *lets)
{
    while (starts_let(p)) {
        p->at += 2;
        const kd_token *name;
        if (!kd_expect_name(p, "the name of a binding", &name))
            return false;
        kd_node *target = kd_make_name(p, KD_NODE_NAME, name);
        if (target == NULL)
            return false;
        kd_node *item = target;
        if (values) {
            item = kd_make(p, KD_NODE_ASSIGN, kd_token_place(name));
            if (item == NULL || !kd_expect(p, KD_TOK_ASSIGN, "'=' and the value of the binding") ||
                (item->b = kd_parse_expr(p)) == NULL)
                return false;
            item->a = target;
            if (kd_complete(p, item) == NULL)
                return false;
        }
        kd_append(lets, item);
        kd_accept(p, KD_TOK_COMMA);
    }
    return true;
}

static kd_node *
parse_slot_body(kd_parser *p, const kd_token *tag)
{
    kd_node *node = kd_make_statement(p, KD_NODE_SLOT_BODY, tag);
    if (node == NULL)
        return NULL;
    kd_nodes lets = { NULL, NULL, 0 };
    node->name = slot_name(p);
    if (!parse_lets(p, false, &lets))
        return NULL;
    node->a = lets.first;
    return kd_parse_simple_body(p, node, &node->b) ? node : NULL;
}

kd_node *
kd_parse_slot(kd_parser *p, const kd_token *tag)
{
    if (p->open != NULL && p->open->word == KD_WORD_CALL)
        return parse_slot_body(p, tag);
    kd_node *node = kd_make_statement(p, KD_NODE_SLOT, tag);
    if (node == NULL)
        return NULL;
    kd_nodes lets = { NULL, NULL, 0 };
    node->name = slot_name(p);
    if (!parse_lets(p, true, &lets))
        return NULL;
    node->a = lets.first;
    if (lets.first == NULL)
        return kd_expect_tag_end(p, node) ? node : NULL;
    node->flags = KD_F_LET;
    return kd_parse_simple_body(p, node, &node->b) ? node : NULL;
}

kd_node *
kd_parse_yield(kd_parser *p, const kd_token *tag)
{
    kd_node *node = kd_make_statement(p, KD_NODE_SLOT, tag);
    if (node == NULL)
        return NULL;
    node->flags = KD_F_YIELD;
    node->name = slot_name(p);
    return kd_expect_tag_end(p, node) ? node : NULL;
}
