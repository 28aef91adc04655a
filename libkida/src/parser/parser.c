/* SPDX-License-Identifier: MIT */
/*
 * parser.c - the whole template, bodies of statements, and the tags that divide and close them.
 * A body is parsed by recursion, at most KD_BLOCK_DEPTH_MAX deep.
 */
#include "parser/parser.h"

#include <stdio.h>

#include "parser/expr.h"
#include "parser/state.h"
#include "parser/statement.h"

/* ---- words of tags --------------------------------------------------------------------------- */

static void
fail_unknown_word(kd_parser *p, const kd_token *word)
{
    char text[64];
    char hint[160];
    kd_syntax(p, KIDA_E_PARSE, kd_token_place(word), "there is no tag %s", kd_describe(word, text));
    if (kd_keyword_hint(word->text, hint, sizeof(hint)))
        kd_hint(p, "%s", hint);
}

kd_word
kd_tag_word(kd_parser *p)
{
    const kd_token *word = p->at + 1;
    if (word->kind == KD_TOK_BLOCK_END) {
        kd_syntax(p, KIDA_E_PARSE, kd_token_place(word), "the statement tag is empty");
        return KD_WORD_COUNT;
    }
    if (word->kind != KD_TOK_NAME) {
        char text[64];
        kd_syntax(p, KIDA_E_PARSE, kd_token_place(word),
                  "a statement tag starts with a word, not with %s", kd_describe(word, text));
        if (word->kind == KD_TOK_PLUS)
            kd_hint(p, "there is no '+' modifier: white space is kept unless '-' trims it");
        return KD_WORD_COUNT;
    }
    kd_word found = kd_keyword_find(word->text);
    if (found == KD_WORD_COUNT)
        fail_unknown_word(p, word);
    return found;
}

/* ---- closers and dividers -------------------------------------------------------------------- */

static bool
belongs(const kd_parser *p, kd_word word)
{
    const kd_open *open = p->open;
    if (open == NULL)
        return false;
    return word == KD_WORD_END || (unsigned)word == kd_keywords[open->word].closer ||
           (kd_keywords[word].role & open->middles) != 0;
}

bool
kd_fail_stray_tag(kd_parser *p, kd_word word)
{
    const char *text = kd_keywords[word].text.ptr;
    kd_place place = kd_token_place(p->at + 1);
    bool closes = kd_keywords[word].role == KD_ROLE_CLOSER;
    if (p->open == NULL) {
        kd_syntax(p, KIDA_E_PARSE, place,
                  closes ? "'%s' closes nothing: no statement is open"
                         : "'%s' stands outside of its statement",
                  text);
        static const struct {
            kd_word word;
            const char *hint;
        } homes[] = {
            { KD_WORD_ELSE, "it divides the body of if, unless, for or with" },
            { KD_WORD_ELIF, "it divides the body of an if" },
            { KD_WORD_EMPTY, "it divides the body of for or with" },
            { KD_WORD_CASE, "cases stand in {% match value %} … {% end %}" },
            { KD_WORD_FALLBACK, "it divides the body of a try" },
            { KD_WORD_PLURAL, "it divides the body of a trans" },
        };
        for (size_t i = 0; i < KD_COUNT(homes); i++)
            if (homes[i].word == word)
                kd_hint(p, "%s", homes[i].hint);
        if (closes)
            kd_hint(p, "tags without a body have no closer: set, include, extends, a slot in a "
                       "def, …");
        return false;
    }
    const char *open = kd_keywords[p->open->word].text.ptr;
    unsigned closer = kd_keywords[p->open->word].closer;
    kd_syntax(p, KIDA_E_PARSE, place,
              closes ? "'%s' does not close '%s', which opens at line %u"
                     : "'%s' can't stand here in '%s', which opens at line %u",
              text, open, (unsigned)p->open->place.line);
    if (closer != KD_WORD_NONE && closes)
        kd_hint(p, "close it with {%% %s %%} or {%% end %%}", kd_keywords[closer].text.ptr);
    else if (word == KD_WORD_ELIF && p->open->word == KD_WORD_IF)
        kd_hint(p, "{%% else %%} is the last branch");
    else if (p->open->word == KD_WORD_MATCH)
        kd_hint(p, "a case for all the rest is written {%% case _ %%}");
    return false;
}

/* Lists the open statements, innermost first. */
bool
kd_fail_unclosed(kd_parser *p)
{
    char list[240];
    size_t len = 0;
    unsigned left = 0;
    for (const kd_open *open = p->open; open != NULL; open = open->outer) {
        if (len + 48 > sizeof(list)) {
            left++;
            continue;
        }
        int put = snprintf(list + len, sizeof(list) - len, "%s'%s' (line %u)", len > 0 ? ", " : "",
                           kd_keywords[open->word].text.ptr, (unsigned)open->place.line);
        len += put > 0 ? (size_t)put : 0;
    }
    kd_syntax(p, KIDA_E_UNCLOSED, kd_token_place(p->at),
              "'%s', which opens at line %u, is never closed",
              kd_keywords[p->open->word].text.ptr, (unsigned)p->open->place.line);
    if (left > 0)
        kd_hint(p, "still open: %s and %u more; close each with {%% end %%}", list, left);
    else
        kd_hint(p, "still open: %s; close each with {%% end %%}", list);
    return false;
}

bool
kd_enter(kd_parser *p, kd_open *open, const kd_node *node, unsigned middles)
{
    open->outer = p->open;
    open->word = p->word;
    open->in_else = false;
    open->middles = middles;
    open->place = node->place;
    p->open = open;
    if (p->open_depth == KD_BLOCK_DEPTH_MAX) {
        kd_syntax(p, KIDA_E_PARSE, node->place, "statements are nested more than %d deep",
                  KD_BLOCK_DEPTH_MAX);
        kd_hint(p, "move the inner ones into a {%% def %%} or an included template");
        return false;
    }
    p->open_depth++;
    return true;
}

bool
kd_divider(kd_parser *p, unsigned role, const kd_token **tag)
{
    if ((kd_keywords[p->word].role & role) == 0)
        return false;
    *tag = p->at;
    p->tag_line = p->at->line;
    p->at += 2;
    return true;
}

bool
kd_leave(kd_parser *p, kd_node *node)
{
    node->end_line = p->at->line;
    p->at += 2; /* the body ended at a closing tag */
    if (!kd_peek(p, KD_TOK_BLOCK_END)) {
        char text[64];
        kd_syntax(p, KIDA_E_PARSE, kd_token_place(p->at), "unexpected %s in a closing tag",
                  kd_describe(p->at, text));
        kd_hint(p, "'%s' stands alone", kd_keywords[p->word].text.ptr);
        return false;
    }
    p->at++;
    if (p->word == KD_WORD_END)
        node->flags |= KD_F_UNIFIED_END;
    p->open = p->open->outer;
    p->open_depth--;
    return true;
}

bool
kd_parse_simple_body(kd_parser *p, kd_node *node, kd_node **body)
{
    kd_open open;
    return kd_expect_tag_end(p, node) && kd_enter(p, &open, node, 0) && kd_parse_body(p, body) &&
           kd_leave(p, node);
}

/* ---- bodies ---------------------------------------------------------------------------------- */

static kd_node *
parse_text(kd_parser *p)
{
    const kd_token *token = p->at++;
    p->tag_line = token->line;
    kd_node *node = kd_make(p, KD_NODE_TEXT, kd_token_place(token));
    if (node != NULL)
        node->value = kida_string(token->text);
    return node;
}

static kd_node *
parse_output(kd_parser *p)
{
    const kd_token *tag = p->at++;
    p->tag_line = tag->line;
    kd_node *node = kd_make_statement(p, KD_NODE_OUTPUT, tag);
    if (node == NULL || (node->a = kd_parse_expr(p)) == NULL)
        return NULL;
    if (!kd_peek(p, KD_TOK_VARIABLE_END))
        return kd_unexpected(p, "the end of the output tag");
    node->place.end = p->at->line == node->place.line ? p->at->end : 0;
    p->at++;
    return node;
}

static kd_node *
parse_statement(kd_parser *p, kd_word word)
{
    const kd_token *tag = p->at;
    p->word = word;
    p->tag_line = tag->line;
    p->at += 2;
    return kd_keywords[word].parse(p, tag);
}

bool
kd_parse_body(kd_parser *p, kd_node **body)
{
    kd_nodes list = { NULL, NULL, 0 };
    for (;;) {
        kd_node *node = NULL;
        kd_word word;
        switch (p->at->kind) {
        case KD_TOK_COMMENT:
            p->at++;
            continue;
        case KD_TOK_TEXT:
            node = parse_text(p);
            break;
        case KD_TOK_VARIABLE_START:
            node = parse_output(p);
            break;
        case KD_TOK_BLOCK_START:
            word = kd_tag_word(p);
            if (word == KD_WORD_COUNT)
                return false;
            if (kd_keywords[word].role == KD_ROLE_STATEMENT) {
                node = parse_statement(p, word);
                break;
            }
            if (!belongs(p, word))
                return kd_fail_stray_tag(p, word);
            p->word = word;
            *body = list.first;
            return true;
        case KD_TOK_END:
            *body = list.first;
            return p->open == NULL || kd_fail_unclosed(p);
        default:
            kd_unexpected(p, "text or a tag");
            return false;
        }
        if (node == NULL)
            return false;
        kd_append(&list, node);
    }
}

/* ---- the whole template ---------------------------------------------------------------------- */

kida_status
kd_parse(const kd_lexer_config *config, kida_str name, kida_str source, kida_pool *pool,
         kd_tree *out, kida_error *err)
{
    kd_tokens tokens = { NULL, 0 };
    kida_status st = kd_lex(config, name, source, pool, &tokens, err);
    if (st != KIDA_OK)
        return st;

    kd_tree tree = { .name = name, .source = source };
    kd_parser p = { .at = tokens.items, .pool = pool, .source = source, .err = err, .tree = &tree };
    if (!kd_parse_body(&p, &tree.body))
        return p.status;
    if (p.late_status != KIDA_OK) {
        kd_syntax(&p, p.late_status, p.late_place, "%s", p.late_message);
        kd_hint(&p, "%s", p.late_hint);
        return p.status;
    }
    *out = tree;
    return KIDA_OK;
}
