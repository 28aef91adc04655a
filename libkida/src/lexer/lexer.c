/* SPDX-License-Identifier: MIT */
/*
 * lexer.c - cuts a source into text and tags, and tags into tokens, in one pass. White space
 * control happens here; raw content passes through as one token. Literals are in literal.c.
 */
#define _GNU_SOURCE /* memrchr */
#include "lexer/lexer.h"

#include <string.h>

#include "lexer/state.h"
#include "memory/str.h"

/* Letters and '_', digits, blanks; ASCII only, all else is 0. */
const uint8_t kd_byte_classes[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 4, 0, 0, 4, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0, 0, 0, 0, 0, 0,
    0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1,
    0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0,
};

/* ---- failing, moving, emitting --------------------------------------------------------------- */

bool
kd_lexer_fail(kd_lexer *lx, kida_status status, kd_place place, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    lx->status = kd_error_setv(lx->err, status, format, args);
    va_end(args);
    kd_error_place(lx->err, lx->name, lx->source, place);
    return false;
}

bool
kd_lexer_fail_memory(kd_lexer *lx)
{
    lx->status = kd_error_set(lx->err, KIDA_E_NOMEM, "out of memory while reading the template");
    return false;
}

void
kd_lexer_move(kd_lexer *lx, const char *to)
{
    const char *p = lx->at;
    while (p < to) {
        const char *feed = memchr(p, '\n', (size_t)(to - p));
        if (feed == NULL)
            break;
        lx->line++;
        lx->column = 0;
        p = feed + 1;
    }
    kida_str rest = { p, (size_t)(to - p) };
    if (rest.len > 0)
        lx->column += (uint32_t)kida_utf8_count(rest);
    lx->at = to;
}

static bool
grow(kd_lexer *lx)
{
    size_t room = lx->room * 2;
    kd_token *items = kd_arena_resize(lx->pool, lx->items, lx->room * sizeof(kd_token),
                                      room * sizeof(kd_token));
    if (items == NULL)
        return kd_lexer_fail_memory(lx);
    lx->items = items;
    lx->room = room;
    return true;
}

static bool
fail_count(kd_lexer *lx, kd_place place)
{
    kd_lexer_fail(lx, KIDA_E_LEX_TOKENS, place, "the template has more than %d tokens",
                  KD_TOKENS_MAX);
    kd_error_hint(lx->err, "split it into several templates and include them");
    return false;
}

static inline bool
push(kd_lexer *lx, kd_token_kind kind, kd_place place, kida_str text)
{
    /* a comment stands for its two delimiters, the end for nothing */
    lx->comments += kind == KD_TOK_COMMENT;
    if (KD_UNLIKELY(lx->count + lx->comments >= KD_TOKENS_MAX) && kind != KD_TOK_END)
        return fail_count(lx, place);
    if (KD_UNLIKELY(lx->count == lx->room) && !grow(lx))
        return false;
    kd_token *token = &lx->items[lx->count++];
    token->kind = (uint8_t)kind;
    token->line = place.line;
    token->column = place.column;
    token->end = place.end;
    token->text = text;
    token->value.head_ = 0;
    return true;
}

bool
kd_lexer_emit(kd_lexer *lx, kd_token_kind kind, kd_place place, kida_str text)
{
    return push(lx, kind, place, text);
}

/* Emits the next len bytes, all ASCII and on one line, as a token. */
static inline bool
take(kd_lexer *lx, kd_token_kind kind, size_t len)
{
    kd_place place = kd_lexer_here(lx, (uint32_t)len);
    kida_str text = { lx->at, len };
    lx->at += len;
    lx->column = place.end;
    return push(lx, kind, place, text);
}

/* As take, for delimiters, which may hold any character. */
static bool
take_delimiter(kd_lexer *lx, kd_token_kind kind, size_t len)
{
    if (KD_LIKELY(lx->plain_delimiters))
        return take(lx, kind, len);
    kd_place place = kd_lexer_here(lx, 0);
    kida_str text = { lx->at, len };
    kd_lexer_move(lx, lx->at + len);
    place.end = lx->line == place.line ? lx->column : 0;
    return kd_lexer_emit(lx, kind, place, text);
}

/* ---- looking for tags ------------------------------------------------------------------------ */

static bool
is_plain(kida_str text)
{
    return kd_str_is_ascii(text) && memchr(text.ptr, '\n', text.len) == NULL;
}

static void
prepare_openers(kd_lexer *lx)
{
    const kd_lexer_config *c = lx->config;
    lx->plain_delimiters = is_plain(c->variable_start) && is_plain(c->variable_end) &&
                           is_plain(c->block_start) && is_plain(c->block_end);
    const kd_opener all[3] = { { c->variable_start, KD_TOK_VARIABLE_START },
                               { c->block_start, KD_TOK_BLOCK_START },
                               { c->comment_start, KD_TOK_COMMENT } };
    for (size_t i = 0; i < 3; i++) {
        size_t at = i; /* stable: of equal length, the one listed first wins */
        while (at > 0 && lx->openers[at - 1].text.len < all[i].text.len) {
            lx->openers[at] = lx->openers[at - 1];
            at--;
        }
        lx->openers[at] = all[i];
    }
    for (size_t i = 0; i < 3; i++) {
        if (all[i].text.len == 0)
            continue;
        char lead = all[i].text.ptr[0];
        size_t k = 0;
        while (k < lx->lead_count && lx->leads[k] != lead)
            k++;
        if (k == lx->lead_count) {
            lx->leads[k] = lead;
            lx->lead_at[k] = NULL;
            lx->lead_count++;
        }
    }
}

/* Compares byte by byte: delimiters are short, and mostly the first byte decides. */
static inline bool
starts_with(const char *p, const char *end, kida_str text)
{
    if (text.len == 0 || (size_t)(end - p) < text.len)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (p[i] != text.ptr[i])
            return false;
    }
    return true;
}

/* The leftmost opener at or behind from, the longest where several start; NULL: none. */
static const kd_opener *
find_opener(kd_lexer *lx, const char *from, const char **where)
{
    for (;;) {
        const char *first = lx->end;
        for (size_t k = 0; k < lx->lead_count; k++) {
            if (lx->lead_at[k] == NULL || lx->lead_at[k] < from) {
                const char *next = memchr(from, lx->leads[k], (size_t)(lx->end - from));
                lx->lead_at[k] = next != NULL ? next : lx->end;
            }
            if (lx->lead_at[k] < first)
                first = lx->lead_at[k];
        }
        *where = first;
        if (first == lx->end)
            return NULL;
        for (size_t i = 0; i < 3; i++) {
            if (starts_with(first, lx->end, lx->openers[i].text))
                return &lx->openers[i];
        }
        from = first + 1;
    }
}

static bool
has_trim_mark(const kd_lexer *lx, const char *opener, size_t len)
{
    return (size_t)(lx->end - opener) > len && opener[len] == '-';
}

/* ---- text between tags ----------------------------------------------------------------------- */

/* Without the blanks before a statement tag that stand alone on their line. */
static kida_str
without_indent(kida_str text)
{
    const char *feed = memrchr(text.ptr, '\n', text.len);
    size_t start = feed != NULL ? (size_t)(feed - text.ptr) + 1 : 0;
    kida_str last = kd_str_sub(text, start, text.len);
    return kd_str_strip(last, true, false).len == 0 ? kd_str_sub(text, 0, start) : text;
}

/* Emits the text up to `to`, trimmed as the tags around it ask. next: the tag there, or NULL. */
static bool
lex_text(kd_lexer *lx, const char *to, const kd_opener *next)
{
    kida_str text = { lx->at, (size_t)(to - lx->at) };
    if (text.len == 0) {
        lx->behind_block = false;
        return true;
    }
    if (lx->trim) {
        text = kd_str_strip(text, true, false);
        lx->trim = false;
    } else if (lx->config->trim_blocks && lx->behind_block) {
        size_t skip = text.ptr[0] == '\n' ? 1 : 0;
        if (text.len > 1 && text.ptr[0] == '\r' && text.ptr[1] == '\n')
            skip = 2;
        text = kd_str_sub(text, skip, text.len);
    }
    lx->behind_block = false;
    if (lx->config->lstrip_blocks && next != NULL && next->start == KD_TOK_BLOCK_START)
        text = without_indent(text);
    if (next != NULL && has_trim_mark(lx, to, next->text.len))
        text = kd_str_strip(text, false, true);
    if (text.len > 0) {
        kd_lexer_move(lx, text.ptr);
        kd_place place = kd_lexer_here(lx, 0);
        kd_lexer_move(lx, text.ptr + text.len);
        place.end = lx->line == place.line ? lx->column : 0;
        if (!kd_lexer_emit(lx, KD_TOK_TEXT, place, text))
            return false;
    }
    kd_lexer_move(lx, to);
    return true;
}

static void
hint_closer(kd_lexer *lx, kida_str closer)
{
    char text[16];
    kd_copy_text(text, sizeof(text), closer);
    kd_error_hint(lx->err, "close it with %s", text);
}

static bool
lex_comment(kd_lexer *lx, const kd_opener *opener)
{
    kd_place place = kd_lexer_here(lx, (uint32_t)kida_utf8_count(opener->text));
    size_t start = (size_t)(lx->at - lx->source.ptr) + opener->text.len;
    size_t close = kd_str_find(lx->source, lx->config->comment_end, start);
    if (close == SIZE_MAX) {
        kd_lexer_fail(lx, KIDA_E_LEX_COMMENT, place, "the comment is never closed");
        hint_closer(lx, lx->config->comment_end);
        return false;
    }
    kida_str text = kd_str_sub(lx->source, start, close);
    kd_lexer_move(lx, lx->source.ptr + close + lx->config->comment_end.len);
    place.end = lx->line == place.line ? lx->column : 0;
    return kd_lexer_emit(lx, KD_TOK_COMMENT, place, text);
}

/* ---- tokens inside tags ---------------------------------------------------------------------- */

/* The operator at p, and its length; KD_TOK_END: none starts here. c1, c2: what follows, or 0. */
static kd_token_kind
operator_at(char c, char c1, char c2, size_t *len)
{
#define ONE(kind) (*len = 1, KD_TOK_##kind)
#define TWO(kind) (*len = 2, KD_TOK_##kind)
#define THREE(kind) (*len = 3, KD_TOK_##kind)
    switch (c) {
    case '.': return c1 != '.' ? ONE(DOT) : c2 == '.' ? THREE(RANGE_OPEN) : TWO(RANGE);
    case ',': return ONE(COMMA);
    case '|': return c1 == '>' ? TWO(ARROW) : ONE(PIPE);
    case '(': return ONE(LEFT_PAREN);
    case ')': return ONE(RIGHT_PAREN);
    case '[': return ONE(LEFT_BRACKET);
    case ']': return ONE(RIGHT_BRACKET);
    case '{': return ONE(LEFT_BRACE);
    case '}': return ONE(RIGHT_BRACE);
    case '=': return c1 == '=' ? TWO(EQUAL) : ONE(ASSIGN);
    case ':': return ONE(COLON);
    case '+': return ONE(PLUS);
    case '-': return ONE(MINUS);
    case '~': return ONE(TILDE);
    case '%': return ONE(PERCENT);
    case '*': return c1 == '*' ? TWO(POWER) : ONE(STAR);
    case '/': return c1 == '/' ? TWO(FLOOR) : ONE(SLASH);
    case '<': return c1 == '=' ? TWO(LESS_EQUAL) : ONE(LESS);
    case '>': return c1 == '=' ? TWO(GREATER_EQUAL) : ONE(GREATER);
    case '!': return c1 == '=' ? TWO(NOT_EQUAL) : KD_TOK_END;
    case '?':
        switch (c1) {
        case '?': return c2 == '=' ? THREE(COALESCE_ASSIGN) : TWO(COALESCE);
        case '|': return c2 == '>' ? THREE(SAFE_ARROW) : TWO(SAFE_PIPE);
        case '.': return TWO(SAFE_DOT);
        case '[': return TWO(SAFE_BRACKET);
        default: return KD_TOK_END;
        }
    default: return KD_TOK_END;
    }
#undef ONE
#undef TWO
#undef THREE
}

static kd_token_kind
word_kind(const char *p, size_t len)
{
    if (len == 2)
        return memcmp(p, "or", 2) == 0   ? KD_TOK_OR
               : memcmp(p, "in", 2) == 0 ? KD_TOK_IN
               : memcmp(p, "is", 2) == 0 ? KD_TOK_IS
                                         : KD_TOK_NAME;
    if (len == 3)
        return memcmp(p, "and", 3) == 0   ? KD_TOK_AND
               : memcmp(p, "not", 3) == 0 ? KD_TOK_NOT
                                          : KD_TOK_NAME;
    return KD_TOK_NAME;
}

static bool
lex_token(kd_lexer *lx)
{
    const char *p = lx->at;
    char c = *p;
    if (kd_byte_is(c, KD_BYTE_LETTER)) {
        do
            p++;
        while (p < lx->end && kd_byte_is(*p, KD_BYTE_LETTER | KD_BYTE_DIGIT));
        size_t len = (size_t)(p - lx->at);
        return take(lx, word_kind(lx->at, len), len);
    }
    if (c == '\'' || c == '"')
        return kd_lexer_string(lx);
    if (kd_byte_is(c, KD_BYTE_DIGIT))
        return kd_lexer_number(lx);
    size_t left = (size_t)(lx->end - p);
    size_t len = 0;
    kd_token_kind kind = operator_at(c, left > 1 ? p[1] : '\0', left > 2 ? p[2] : '\0', &len);
    return kind != KD_TOK_END ? take(lx, kind, len) : kd_lexer_stray(lx);
}

static inline void
skip_blanks(kd_lexer *lx)
{
    const char *p = lx->at;
    const char *from = p;
    for (; p < lx->end && kd_byte_is(*p, KD_BYTE_BLANK); p++) {
        if (*p == '\n') {
            lx->line++;
            lx->column = 0;
            from = p + 1;
        }
    }
    lx->column += (uint32_t)(p - from);
    lx->at = p;
}

static bool
fail_open_tag(kd_lexer *lx, bool is_block, kd_place place, kida_str closer)
{
    kd_lexer_fail(lx, is_block ? KIDA_E_LEX_BLOCK : KIDA_E_LEX_VARIABLE, place,
                  "the %s tag is never closed", is_block ? "statement" : "output");
    hint_closer(lx, closer);
    return false;
}

/* One whole tag; at stands on its opener. */
static bool
lex_tag(kd_lexer *lx, const kd_opener *opener)
{
    bool is_block = opener->start == KD_TOK_BLOCK_START;
    kida_str closer = is_block ? lx->config->block_end : lx->config->variable_end;
    size_t width = opener->text.len + has_trim_mark(lx, lx->at, opener->text.len);
    if (!take_delimiter(lx, opener->start, width))
        return false;
    const kd_token *start = &lx->items[lx->count - 1];
    kd_place place = { start->line, start->column, start->end };
    for (;;) {
        skip_blanks(lx);
        if (lx->at == lx->end)
            return fail_open_tag(lx, is_block, place, closer);
        bool dash = *lx->at == '-' && starts_with(lx->at + 1, lx->end, closer);
        if (dash || starts_with(lx->at, lx->end, closer)) {
            lx->trim |= dash;
            lx->behind_block = is_block;
            return take_delimiter(lx, is_block ? KD_TOK_BLOCK_END : KD_TOK_VARIABLE_END,
                                  closer.len + dash);
        }
        if (!lex_token(lx))
            return false;
    }
}

/* ---- raw ------------------------------------------------------------------------------------- */

/* Whether the tag just read was {% raw %}. */
static bool
was_raw(const kd_lexer *lx)
{
    if (lx->count < 3)
        return false;
    const kd_token *tail = &lx->items[lx->count - 3];
    return tail[0].kind == KD_TOK_BLOCK_START && tail[1].kind == KD_TOK_NAME &&
           kida_str_equal(tail[1].text, KIDA_S("raw")) && tail[2].kind == KD_TOK_BLOCK_END;
}

/* Whether an endraw tag starts at opener. */
static bool
is_endraw(const kd_lexer *lx, const char *opener)
{
    size_t len = lx->config->block_start.len;
    const char *p = opener + len + has_trim_mark(lx, opener, len);
    while (p < lx->end && kd_byte_is(*p, KD_BYTE_BLANK))
        p++;
    return starts_with(p, lx->end, KIDA_S("endraw")) &&
           (p + 6 == lx->end || !kd_byte_is(p[6], KD_BYTE_LETTER | KD_BYTE_DIGIT));
}

/* All up to the endraw tag, or to the end of the source: the parser reports the latter. */
static bool
lex_raw(kd_lexer *lx)
{
    kida_str block = lx->config->block_start;
    size_t start = (size_t)(lx->at - lx->source.ptr);
    size_t close = kd_str_find(lx->source, block, start);
    while (close != SIZE_MAX && !is_endraw(lx, lx->source.ptr + close))
        close = kd_str_find(lx->source, block, close + 1);
    const char *to = close != SIZE_MAX ? lx->source.ptr + close : lx->end;

    kida_str text = { lx->at, (size_t)(to - lx->at) };
    bool trim_left = lx->items[lx->count - 1].text.ptr[0] == '-' &&
                     lx->items[lx->count - 1].text.len > lx->config->block_end.len;
    bool trim_right = close != SIZE_MAX && has_trim_mark(lx, to, block.len);
    if (trim_left || trim_right)
        text = kd_str_strip(text, trim_left, trim_right);
    lx->trim = false;
    lx->behind_block = false;
    if (text.len > 0)
        kd_lexer_move(lx, text.ptr);
    kd_place place = kd_lexer_here(lx, 0);
    if (!kd_lexer_emit(lx, KD_TOK_RAW, place, text))
        return false;
    kd_lexer_move(lx, to);
    return true;
}

/* ---- the whole source ------------------------------------------------------------------------ */

static bool
lex_all(kd_lexer *lx)
{
    for (;;) {
        const char *where;
        const kd_opener *opener = find_opener(lx, lx->at, &where);
        if (!lex_text(lx, where, opener))
            return false;
        if (opener == NULL)
            return kd_lexer_emit(lx, KD_TOK_END, kd_lexer_here(lx, 0), KIDA_S(""));
        if (opener->start == KD_TOK_COMMENT) {
            if (!lex_comment(lx, opener))
                return false;
        } else if (!lex_tag(lx, opener)) {
            return false;
        } else if (was_raw(lx) && !lex_raw(lx)) {
            return false;
        }
    }
}

/* Reports the first line that is not UTF-8. */
static bool
fail_utf8(kd_lexer *lx)
{
    uint32_t line = 1;
    const char *p = lx->source.ptr;
    for (;;) {
        const char *feed = memchr(p, '\n', (size_t)(lx->end - p));
        const char *stop = feed != NULL ? feed : lx->end;
        kida_str text = { p, (size_t)(stop - p) };
        if (!kida_utf8_valid(text) || feed == NULL)
            break;
        p = feed + 1;
        line++;
    }
    kd_place place = { line, 0, 0 };
    lx->status = kd_error_set(lx->err, KIDA_E_UTF8, "the template is not valid UTF-8");
    /* no excerpt: the source can't be shown */
    kd_error_place(lx->err, lx->name, KIDA_S(""), place);
    return false;
}

kida_status
kd_lex(const kd_lexer_config *config, kida_str name, kida_str source, kida_pool *pool,
       kd_tokens *out, kida_error *err)
{
    static const char nothing[1] = "";
    if (source.ptr == NULL)
        source.ptr = nothing;
    kd_lexer lx = { .config = config, .pool = pool, .name = name, .source = source, .err = err,
                    .at = source.ptr, .end = source.ptr + source.len, .line = 1 };
    if (source.len > KD_SOURCE_MAX) {
        kd_place place = { 1, 0, 0 };
        kd_lexer_fail(&lx, KIDA_E_LEX_TOKENS, place, "the template is longer than 1 MiB");
        return lx.status;
    }
    if (!kida_utf8_valid(source)) {
        fail_utf8(&lx);
        return lx.status;
    }
    prepare_openers(&lx);
    lx.room = source.len / 8 + 16;
    if (lx.room > KD_TOKENS_MAX + 1)
        lx.room = KD_TOKENS_MAX + 1;
    lx.items = kd_arena_array(pool, lx.room, sizeof(kd_token));
    if (lx.items == NULL) {
        kd_lexer_fail_memory(&lx);
        return lx.status;
    }
    if (!lex_all(&lx))
        return lx.status;
    out->items = lx.items;
    out->count = lx.count;
    return KIDA_OK;
}
