/* SPDX-License-Identifier: MIT */
/* signature.c - parameter tables prepared once: the fallbacks, written as template literals, are
 * read into values. Binding is in call.c. */
#include <string.h>

#include "error/fail.h"
#include "memory/num.h"
#include "value/detached.h"
#include "value/ops.h"

/* ---- literals -------------------------------------------------------------------------------- */

typedef struct word {
    kida_str text;
    kida_kind kind;
    int64_t bits;
} word;

static const word words[] = {
    { KIDA_S_INIT("none"), KIDA_NONE, 0 },  { KIDA_S_INIT("None"), KIDA_NONE, 0 },
    { KIDA_S_INIT("true"), KIDA_BOOL, 1 },  { KIDA_S_INIT("True"), KIDA_BOOL, 1 },
    { KIDA_S_INIT("false"), KIDA_BOOL, 0 }, { KIDA_S_INIT("False"), KIDA_BOOL, 0 },
    { KIDA_S_INIT("()"), KIDA_TUPLE, 0 },
};

/* The character that the escape \c stands for; false: no such escape in tables. */
static bool
unescape(char c, char *out)
{
    static const char names[] = "nrt\\'\"";
    static const char means[] = "\n\r\t\\'\"";
    const char *at = c != '\0' ? strchr(names, c) : NULL;
    if (at == NULL)
        return false;
    *out = means[at - names];
    return true;
}

/* 'text' or "text" with the simple escapes; the result lives in pool. */
static kida_status
read_text(kida_str text, kida_pool *pool, kida_value *out)
{
    char quote = text.ptr[0];
    if (text.len < 2 || text.ptr[text.len - 1] != quote)
        return KIDA_E_PARSE;
    char *to = kd_arena_alloc(pool, text.len);
    if (to == NULL)
        return KIDA_E_NOMEM;
    size_t len = 0;
    for (size_t i = 1; i + 1 < text.len; i++) {
        char c = text.ptr[i];
        if (c == quote)
            return KIDA_E_PARSE;
        if (c == '\\' && (++i + 1 >= text.len || !unescape(text.ptr[i], &c)))
            return KIDA_E_PARSE;
        to[len++] = c;
    }
    *out = kida_string((kida_str){ to, len });
    return kida_utf8_valid((kida_str){ to, len }) ? KIDA_OK : KIDA_E_PARSE;
}

static kida_status
read_number(kida_str text, kida_value *out)
{
    bool negative = text.ptr[0] == '-';
    kida_str digits = kd_str_sub(text, negative, text.len);
    bool whole = digits.len > 0;
    int64_t n = 0;
    for (size_t i = 0; whole && i < digits.len; i++) {
        whole = digits.ptr[i] >= '0' && digits.ptr[i] <= '9'
                && !__builtin_mul_overflow(n, 10, &n)
                && !__builtin_add_overflow(n, digits.ptr[i] - '0', &n);
    }
    if (whole) {
        *out = kida_int(negative ? -n : n);
        return KIDA_OK;
    }
    double d;
    if (!kd_float_parse(digits, &d))
        return KIDA_E_PARSE;
    *out = kida_float(negative ? -d : d);
    return KIDA_OK;
}

static kida_status
read_literal(kida_str text, kida_pool *pool, kida_value *out)
{
    for (size_t i = 0; i < KD_COUNT(words); i++) {
        if (kida_str_equal(words[i].text, text)) {
            *out = (kida_value){ words[i].kind, { words[i].bits } };
            return KIDA_OK;
        }
    }
    if (text.len == 0)
        return KIDA_E_PARSE;
    if (text.ptr[0] == '\'' || text.ptr[0] == '"')
        return read_text(text, pool, out);
    return read_number(text, out);
}

/* ---- tables ---------------------------------------------------------------------------------- */

#define CHECKED \
    (KIDA_IN_INT | KIDA_IN_FLOAT | KIDA_IN_STR | KIDA_IN_LIST | KIDA_IN_DICT | KIDA_IN_CALLABLE | \
     KIDA_IN_BOOL)

/* Counts and flags of one row. State: behind a "*name" row all are by keyword only. */
static void
note_row(kd_signature *sig, const kida_param *row, uint32_t at)
{
    if (row->name[0] == '*') {
        sig->has_keywords = sig->has_keywords || row->name[1] == '*';
        sig->has_rest = sig->has_rest || row->name[1] != '*';
        return;
    }
    sig->count = at + 1;
    if (row->fallback == NULL)
        sig->needed = at + 1;
    sig->checks = sig->checks || (row->accepts & CHECKED) != 0;
    if ((row->accepts & KIDA_IN_KEYWORD) == 0 && !sig->has_rest) {
        sig->positional = at + 1;
        if (row->fallback == NULL && sig->required == at)
            sig->required = at + 1;
    }
}

kida_status
kd_signature_init(kd_signature *out, const kida_param *params, kida_pool *pool, kida_error *err)
{
    kd_signature sig = { .params = params };
    uint32_t rows = 0;
    while (params != NULL && params[rows].name != NULL) {
        note_row(&sig, &params[rows], rows);
        rows++;
    }
    kida_value *fallbacks = NULL;
    if (sig.count > 0) {
        fallbacks = kd_arena_array(pool, sig.count, sizeof(*fallbacks));
        if (fallbacks == NULL)
            return kd_error_set(err, KIDA_E_NOMEM, "out of memory");
    }
    for (uint32_t i = 0; i < sig.count; i++) {
        fallbacks[i] = kd_absent();
        if (params[i].fallback == NULL || params[i].name[0] == '*')
            continue;
        kida_status st = read_literal(kida_str_from(params[i].fallback), pool, &fallbacks[i]);
        if (st == KIDA_E_PARSE)
            return kd_error_set(err, st, "the fallback of parameter '%s' is no literal",
                                params[i].name);
        if (st != KIDA_OK)
            return kd_error_set(err, st, "out of memory");
    }
    sig.fallbacks = fallbacks;
    *out = sig;
    return KIDA_OK;
}
