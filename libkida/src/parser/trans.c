/* SPDX-License-Identifier: MIT */
/* trans.c - translated text: variables, and messages made to ids. */
#include "memory/unicode.h"
#include "parser/expr.h"
#include "parser/state.h"
#include "parser/statement.h"

/* ---- message ids ----------------------------------------------------------------------------- */

/* Text being put together; blanks collapse to one, none at the ends. */
typedef struct message {
    char *text;
    size_t len;
    bool blank; /* a blank waits for the next word */
} message;

static void
put_word(message *m, const char *text, size_t len)
{
    if (m->blank && m->len > 0)
        m->text[m->len++] = ' ';
    m->blank = false;
    memcpy(m->text + m->len, text, len);
    m->len += len;
}

static void
put_text(message *m, kida_str text)
{
    const char *at = text.ptr;
    const char *end = text.ptr + text.len;
    while (at < end) {
        const char *next = at;
        if (kd_unicode_is_space(kd_utf8_next(&next, end)))
            m->blank = true;
        else
            put_word(m, at, (size_t)(next - at));
        at = next;
    }
}

/* {{ name }} as %(name)s */
static void
put_variable(message *m, kida_str name)
{
    put_word(m, "%(", 2);
    put_word(m, name.ptr, name.len);
    put_word(m, ")s", 2);
}

/* Bytes that the message from here to the next statement tag can take at most. */
static size_t
message_room(const kd_parser *p)
{
    size_t room = 0;
    for (const kd_token *token = p->at;
         token->kind != KD_TOK_BLOCK_START && token->kind != KD_TOK_END; token++)
        room += token->text.len + 5; /* a blank, and what a name gets around it */
    return room;
}

static bool
is_declared(const kd_node *variables, kida_str name)
{
    for (; variables != NULL; variables = variables->next) {
        if (kida_str_equal(variables->a->name, name))
            return true;
    }
    return false;
}

static bool
parse_message_variable(kd_parser *p, message *m, const kd_node *variables)
{
    p->at++;
    const kd_token *name;
    char text[64];
    if (!kd_expect_name(p, "the name of a variable", &name))
        return false;
    if (!is_declared(variables, name->text)) {
        kd_syntax(p, KIDA_E_PARSE, kd_token_place(name), "%s is no variable of the 'trans' tag",
                  kd_describe(name, text));
        kd_hint(p, "declare it in the tag: {%% trans name=value %%}");
        return false;
    }
    if (!kd_peek(p, KD_TOK_VARIABLE_END)) {
        kd_unexpected(p, "the end of the output tag");
        kd_hint(p, "a translated text holds plain names: compute in the tag, "
                   "{%% trans name=user.name | upper %%}");
        return false;
    }
    p->at++;
    put_variable(m, name->text);
    return true;
}

/* Text and variables up to the next statement tag. */
static bool
parse_message(kd_parser *p, const kd_node *variables, kida_value *id)
{
    message m = { kd_arena_alloc(p->pool, message_room(p) + 1), 0, false };
    if (m.text == NULL) {
        kd_no_memory(p);
        return false;
    }
    for (;;) {
        switch (p->at->kind) {
        case KD_TOK_TEXT:
            put_text(&m, p->at->text);
            p->at++;
            break;
        case KD_TOK_VARIABLE_START:
            if (!parse_message_variable(p, &m, variables))
                return false;
            break;
        case KD_TOK_BLOCK_START: {
            kida_str text = { m.text, m.len };
            *id = kida_string(text);
            return true;
        }
        case KD_TOK_END:
            return kd_fail_unclosed(p);
        default:
            kd_unexpected(p, "text, a variable or the end of the 'trans'");
            return false;
        }
    }
}

/* ---- the statement --------------------------------------------------------------------------- */

/* { NAME "=" expr [","] } */
static bool
parse_variables(kd_parser *p, kd_node **out)
{
    kd_nodes list = { NULL, NULL, 0 };
    while (!kd_peek(p, KD_TOK_BLOCK_END)) {
        const kd_token *name;
        if (!kd_expect_name(p, "the name of a variable", &name))
            return false;
        if (list.count == KD_NAMES_MAX) {
            kd_syntax(p, KIDA_E_PARSE, kd_token_place(name), "more than %d variables",
                      KD_NAMES_MAX);
            return false;
        }
        kd_node *assign = kd_make(p, KD_NODE_ASSIGN, kd_token_place(name));
        if (assign == NULL || (assign->a = kd_make_name(p, KD_NODE_NAME, name)) == NULL ||
            !kd_expect(p, KD_TOK_ASSIGN, "'=' and the variable's value") ||
            (assign->b = kd_parse_expr(p)) == NULL || kd_complete(p, assign) == NULL)
            return false;
        kd_append(&list, assign);
        kd_accept(p, KD_TOK_COMMA); /* may be left out */
    }
    *out = list.first;
    return true;
}

/* The tag behind a message: must be one that belongs here. */
static bool
check_message_end(kd_parser *p, bool may_plural)
{
    p->word = kd_tag_word(p);
    if (p->word == KD_WORD_COUNT)
        return false;
    if (p->word == KD_WORD_END || p->word == KD_WORD_ENDTRANS ||
        (p->word == KD_WORD_PLURAL && may_plural))
        return true;
    if (kd_keywords[p->word].role != KD_ROLE_STATEMENT)
        return kd_fail_stray_tag(p, p->word);
    char text[64];
    kd_syntax(p, KIDA_E_PARSE, kd_token_place(p->at + 1), "unexpected %s in a 'trans'",
              kd_describe(p->at + 1, text));
    kd_hint(p, "a translated text holds text and variables only");
    return false;
}

static bool
parse_plural(kd_parser *p, const kd_node *variables, kida_value *id)
{
    if (!is_declared(variables, KIDA_S("count"))) {
        kd_syntax(p, KIDA_E_PARSE, kd_token_place(p->at + 1),
                  "'plural' needs a variable named 'count'");
        kd_hint(p, "declare it in the tag: {%% trans count=xs | length %%}");
        return false;
    }
    p->at += 2;
    return kd_expect(p, KD_TOK_BLOCK_END, "the end of the tag") &&
           parse_message(p, variables, id) && check_message_end(p, false);
}

kd_node *
kd_parse_trans(kd_parser *p, const kd_token *tag)
{
    kd_node *node = kd_make_statement(p, KD_NODE_TRANS, tag);
    kida_value ids[2] = { kida_none(), kida_none() };
    kd_open open;
    if (node == NULL || !parse_variables(p, &node->a) || !kd_expect_tag_end(p, node) ||
        !kd_enter(p, &open, node, 0) || !parse_message(p, node->a, &ids[0]) ||
        !check_message_end(p, true))
        return NULL;
    if (p->word == KD_WORD_PLURAL && !parse_plural(p, node->a, &ids[1]))
        return NULL;
    node->value = kd_tuple_make(p->pool, ids, 2);
    if (kd_is_absent(node->value))
        return kd_no_memory(p);
    return kd_leave(p, node) ? node : NULL;
}
