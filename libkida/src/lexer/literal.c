/* SPDX-License-Identifier: MIT */
/* literal.c - strings with their escapes and numbers, from source to token. */
#include <string.h>

#include "lexer/state.h"
#include "memory/num.h"
#include "memory/str.h"
#include "value/detached.h"
#include "value/ops.h"

/* Longer numbers would take quadratic time to convert; nobody writes them. */
#define NUMBER_MAX 4300

/* An int of so many digits fits 64 bits for sure. */
#define SHORT_INT_MAX 18

/* ---- strings --------------------------------------------------------------------------------- */

static int
hex_digit(char c)
{
    if (kd_byte_is(c, KD_BYTE_DIGIT))
        return c - '0';
    char low = (char)(c | 0x20);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/* Reads count hexadecimal digits at p; false if there are fewer or the code point is too high. */
static bool
read_hex(const char *p, const char *end, size_t count, uint32_t *out)
{
    if ((size_t)(end - p) < count)
        return false;
    uint32_t code = 0;
    for (size_t i = 0; i < count; i++) {
        int digit = hex_digit(p[i]);
        if (digit < 0)
            return false;
        code = code << 4 | (uint32_t)digit;
    }
    *out = code;
    return code <= 0x10ffff;
}

/* The byte that a one-letter escape stands for; 0: no such escape. */
static char
simple_escape(char letter)
{
    switch (letter) {
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case '\\':
    case '\'':
    case '"':
        return letter;
    default:
        return 0;
    }
}

/* Position of a bad escape: its own column, but the line on which the string starts. */
static bool
fail_escape(kd_lexer *lx, const char *escape, const char *end)
{
    kida_str before = { lx->at, (size_t)(escape - lx->at) };
    bool same_line = memchr(before.ptr, '\n', before.len) == NULL;
    kd_place place = kd_lexer_here(lx, 1);
    if (same_line) {
        place.column += (uint32_t)kida_utf8_count(before);
        place.end = place.column + 2;
    }
    char letter = end - escape > 1 ? escape[1] : '\\';
    if (letter == 'u' || letter == 'U') {
        kd_lexer_fail(lx, KIDA_E_SYNTAX, place, "bad \\%c escape in a string", letter);
        kd_error_hint(lx->err, letter == 'u' ? "write four hexadecimal digits: \\u00e9"
                                             : "write eight hexadecimal digits, at most 0010ffff: "
                                               "\\U0001f600");
    } else {
        if (letter > ' ' && letter < 0x7f)
            kd_lexer_fail(lx, KIDA_E_SYNTAX, place, "unknown escape '\\%c' in a string", letter);
        else
            kd_lexer_fail(lx, KIDA_E_SYNTAX, place, "unknown escape in a string");
        kd_error_hint(lx->err, "escapes are \\n \\r \\t \\\\ \\' \\\" \\u00e9 \\U0001f600; "
                               "write \\\\ for a backslash");
    }
    return false;
}

/* Resolves the escapes of [from, to) into new memory; no escape is shorter than its meaning. */
static bool
unescape(kd_lexer *lx, const char *from, const char *to, kida_str *out)
{
    char *text = kd_arena_alloc(lx->pool, (size_t)(to - from));
    if (text == NULL)
        return kd_lexer_fail_memory(lx);
    char *put = text;
    while (from < to) {
        const char *escape = memchr(from, '\\', (size_t)(to - from));
        size_t plain = (size_t)((escape != NULL ? escape : to) - from);
        memcpy(put, from, plain);
        put += plain;
        if (escape == NULL)
            break;
        char letter = escape[1]; /* there: the string's end was found behind it */
        uint32_t code = 0;
        char simple = simple_escape(letter);
        if (simple != 0) {
            *put++ = simple;
            from = escape + 2;
        } else if (letter == 'u' && read_hex(escape + 2, to, 4, &code)) {
            put += kd_utf8_put(put, code);
            from = escape + 6;
        } else if (letter == 'U' && read_hex(escape + 2, to, 8, &code)) {
            put += kd_utf8_put(put, code);
            from = escape + 10;
        } else {
            return fail_escape(lx, escape, to);
        }
    }
    out->ptr = text;
    out->len = (size_t)(put - text);
    return true;
}

bool
kd_lexer_string(kd_lexer *lx)
{
    char quote = *lx->at;
    const char *from = lx->at + 1;
    const char *p = from;
    bool escapes = false;
    while (p < lx->end && *p != quote) {
        if (*p == '\\') {
            escapes = true;
            p++;
            if (p == lx->end)
                break;
        }
        p++;
    }
    kd_place place = kd_lexer_here(lx, 1);
    if (p >= lx->end) {
        kd_lexer_fail(lx, KIDA_E_SYNTAX, place, "the string is never closed");
        kd_error_hint(lx->err, "add the closing %c", quote);
        return false;
    }
    kida_str text = { from, (size_t)(p - from) };
    if (escapes && !unescape(lx, from, p, &text))
        return false;
    kd_lexer_move(lx, p + 1);
    place.end = lx->line == place.line ? lx->column : 0;
    return kd_lexer_emit(lx, KD_TOK_STRING, place, text);
}

/* ---- numbers --------------------------------------------------------------------------------- */

bool
kd_int_literal(kida_pool *pool, kida_str digits, bool negative, kida_value *out)
{
    if (digits.len <= SHORT_INT_MAX) {
        int64_t n = 0;
        for (size_t i = 0; i < digits.len; i++)
            n = n * 10 + (digits.ptr[i] - '0');
        *out = kida_int(negative ? -n : n);
        return true;
    }
    kd_detached d;
    kida_call *call = kd_detach(&d, pool);
    return kd_int_from_digits(call, pool, digits, negative, out) == KIDA_OK;
}

bool
kd_lexer_number(kd_lexer *lx)
{
    const char *p = lx->at;
    while (p < lx->end && kd_byte_is(*p, KD_BYTE_DIGIT))
        p++;
    kida_str digits = { lx->at, (size_t)(p - lx->at) };
    /* 1..5 is a range, not two floats */
    bool is_float = p < lx->end && *p == '.' && !(p + 1 < lx->end && p[1] == '.');
    if (is_float) {
        p++;
        while (p < lx->end && kd_byte_is(*p, KD_BYTE_DIGIT))
            p++;
        digits.len = (size_t)(p - lx->at);
    }
    kd_place place = kd_lexer_here(lx, (uint32_t)digits.len);
    if (digits.len > NUMBER_MAX)
        return kd_lexer_fail(lx, KIDA_E_SYNTAX, place, "the number has more than %d digits",
                             NUMBER_MAX);

    kida_value value = { 0, { 0 } };
    if (is_float) {
        kida_str parsed = digits;
        if (parsed.ptr[parsed.len - 1] == '.') /* 1. is 1.0 */
            parsed.len--;
        double d = 0;
        if (!kd_float_parse(parsed, &d))
            return kd_lexer_fail(lx, KIDA_E_SYNTAX, place, "malformed number");
        value = kida_float(d);
    } else if (!kd_int_literal(lx->pool, digits, false, &value)) {
        return kd_lexer_fail_memory(lx);
    }
    lx->at = p;
    lx->column = place.end;
    if (!kd_lexer_emit(lx, is_float ? KD_TOK_FLOAT : KD_TOK_INT, place, digits))
        return false;
    lx->items[lx->count - 1].value = value;
    return true;
}
