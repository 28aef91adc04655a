/* SPDX-License-Identifier: MIT */
/* json.c - contexts from JSON text. A parser of our own, because jansson keeps no integer beyond
 * 64 bits and builds a tree of its own first: this one goes straight into the pool, in one pass,
 * without recursion. Accepts what Python's json does, NaN and Infinity included; a lone surrogate
 * is refused, since text inside is valid UTF-8. */
#include <math.h>
#include <string.h>

#include "error/fail.h"
#include "memory/alloc.h"
#include "memory/num.h"
#include "memory/str.h"
#include "value/detached.h"
#include "value/dict.h"
#include "value/ops.h"

#define MAX_DEPTH 1000
#define MAX_DIGITS 4300 /* of an integer, as everywhere in the language */
#define KEY_CACHE 64    /* keys of objects in rows repeat: they are stored once */

typedef struct known_key {
    kida_value key; /* absent: free */
    uint32_t hash;
} known_key;

/* Values read so far wait on a stack until their container closes and can be made to measure.
 * Where a container opens, a marker with the place of the marker before it is pushed. */
typedef struct parser {
    const char *start;
    const char *at;
    const char *end;
    kida_pool *pool;
    kida_allocator allocator;
    kida_value *stack;
    size_t count;
    size_t room;
    size_t open;       /* index + 1 of the innermost marker; 0: none */
    bool in_object;    /* what that marker opened */
    unsigned depth;
    uint64_t seed;
    const char *wrong; /* what is wrong, at `at` */
    known_key known[KEY_CACHE];
} parser;

/* What may come next. */
typedef enum expects { A_VALUE, A_VALUE_OR_END, A_KEY, A_KEY_OR_END, A_COMMA_OR_END } expects;

static kida_status
refuse(parser *p, const char *at, const char *wrong)
{
    p->at = at;
    p->wrong = wrong;
    return KIDA_E_JSON;
}

static kida_status
push(parser *p, kida_value v)
{
    if (KD_UNLIKELY(p->count == p->room)) {
        void *stack = p->stack;
        if (!kd_grow(&p->allocator, &stack, &p->room, p->count, sizeof(kida_value)))
            return KIDA_E_NOMEM;
        p->stack = stack;
    }
    p->stack[p->count++] = v;
    return KIDA_OK;
}

static void
skip_space(parser *p)
{
    while (p->at < p->end
           && (*p->at == ' ' || *p->at == '\n' || *p->at == '\t' || *p->at == '\r'))
        p->at++;
}

/* ---- strings --------------------------------------------------------------------------------- */

/* First byte at or behind at that a string can't hold as it is: quote, backslash, control. *high
 * gathers the bytes on the way. Looks at eight bytes at once. */
static const char *
plain_end(const char *at, const char *end, unsigned char *high)
{
    const uint64_t ones = 0x0101010101010101u;
    const uint64_t tops = 0x8080808080808080u;
    while (end - at >= 8) {
        uint64_t w;
        memcpy(&w, at, sizeof(w));
        uint64_t quote = w ^ ones * '"';
        uint64_t slash = w ^ ones * '\\';
        uint64_t hit = ((quote - ones) & ~quote) | ((slash - ones) & ~slash)
                       | ((w - ones * 0x20) & ~w);
        if (hit & tops)
            break;
        if (w & tops)
            *high |= 0x80;
        at += 8;
    }
    while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20) {
        *high |= (unsigned char)*at;
        at++;
    }
    return at;
}

static bool
read_hex4(const char *at, const char *end, uint32_t *out)
{
    uint32_t n = 0;
    if (end - at < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        unsigned char c = (unsigned char)at[i];
        unsigned char low = c | 0x20;
        if (c >= '0' && c <= '9')
            n = n << 4 | (uint32_t)(c - '0');
        else if (low >= 'a' && low <= 'f')
            n = n << 4 | (uint32_t)(low - 'a' + 10);
        else
            return false;
    }
    *out = n;
    return true;
}

/* Reads the escape at p->at (behind its backslash) and writes it to *out. */
static kida_status
read_escape(parser *p, char **out, unsigned char *high)
{
    static const char names[] = "\"\\/bfnrt";
    static const char means[] = "\"\\/\b\f\n\r\t";
    const char *escape = p->at - 1;
    if (p->at == p->end)
        return refuse(p, escape, "the string is never closed");
    char c = *p->at++;
    const char *known = c != '\0' ? memchr(names, c, sizeof(names) - 1) : NULL;
    if (known != NULL) {
        *(*out)++ = means[known - names];
        return KIDA_OK;
    }
    uint32_t cp;
    if (c != 'u' || !read_hex4(p->at, p->end, &cp))
        return refuse(p, escape, "the escape is malformed");
    p->at += 4;
    if (cp >= 0xd800 && cp < 0xe000) {
        uint32_t low;
        if (cp >= 0xdc00 || p->end - p->at < 6 || p->at[0] != '\\' || p->at[1] != 'u'
            || !read_hex4(p->at + 2, p->end, &low) || low < 0xdc00 || low > 0xdfff)
            return refuse(p, escape, "half of a surrogate pair stands alone");
        p->at += 6;
        cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
    }
    if (cp > 0x7f)
        *high |= 0x80;
    *out += kd_utf8_put(*out, cp);
    return KIDA_OK;
}

/* A string with escapes: the text never grows, so the room up to the closing quote is enough. */
static kida_status
read_escaped(parser *p, const char *from, unsigned char high, kida_value *out)
{
    const char *close = p->at;
    while (close < p->end && *close != '"')
        close += *close == '\\' && p->end - close > 1 ? 2 : 1;
    char *text = kd_arena_alloc(p->pool, (size_t)(close - from) + 4);
    if (text == NULL)
        return KIDA_E_NOMEM;

    char *to = text;
    for (;;) {
        size_t run = (size_t)(p->at - from);
        memcpy(to, from, run);
        to += run;
        if (p->at == p->end || *p->at != '\\')
            break;
        p->at++;
        kida_status st = read_escape(p, &to, &high);
        if (st != KIDA_OK)
            return st;
        from = p->at;
        p->at = plain_end(p->at, p->end, &high);
    }
    *out = kida_string((kida_str){ text, (size_t)(to - text) });
    if (high < 0x80)
        out->head_ |= KIDA_FLAG_ASCII_;
    return KIDA_OK;
}

/* Reads a string whose quote is at p->at. A key without escapes is not copied here: *borrowed. */
static kida_status
read_string(parser *p, bool borrow, kida_value *out)
{
    const char *quote = p->at++;
    const char *from = p->at;
    unsigned char high = 0;
    kida_status st = KIDA_OK;
    p->at = plain_end(from, p->end, &high);
    if (p->at < p->end && *p->at == '\\') {
        st = read_escaped(p, from, high, out);
    } else {
        kida_str text = { from, (size_t)(p->at - from) };
        if (!borrow)
            text = kd_keep_str(p->pool, text);
        if (text.ptr == NULL)
            return KIDA_E_NOMEM;
        *out = kida_string(text);
        if (high < 0x80)
            out->head_ |= KIDA_FLAG_ASCII_;
    }
    if (st != KIDA_OK)
        return st;
    if (p->at == p->end)
        return refuse(p, quote, "the string is never closed");
    if (*p->at != '"')
        return refuse(p, p->at, "a control character stands in a string");
    p->at++;
    return KIDA_OK;
}

/* Reads a key and pushes it: one copy for all objects that have it. */
static kida_status
read_key(parser *p)
{
    kida_value key;
    kida_status st = read_string(p, true, &key);
    if (st != KIDA_OK)
        return st;
    kida_str text = kida_as_str(key);
    uint32_t hash = kd_hash_bytes(text.ptr, text.len, p->seed);
    known_key *known = &p->known[hash % KEY_CACHE];
    if (kd_is_absent(known->key) || known->hash != hash
        || !kida_str_equal(kida_as_str(known->key), text)) {
        kida_str copy = text;
        if (text.ptr >= p->start && text.ptr <= p->end)
            copy = kd_keep_str(p->pool, text);
        if (copy.ptr == NULL)
            return KIDA_E_NOMEM;
        known->key = kida_string(copy);
        known->key.head_ |= key.head_ & KIDA_FLAG_ASCII_;
        known->hash = hash;
    }
    return push(p, known->key);
}

/* ---- numbers and words ----------------------------------------------------------------------- */

static const char *
skip_digits(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

/* Fails where text should follow and does not. */
static kida_status
read_fraction(parser *p, const char **at)
{
    if (*at < p->end && **at == '.') {
        const char *digits = *at + 1;
        *at = skip_digits(digits, p->end);
        if (*at == digits)
            return refuse(p, digits, "a digit is missing behind the point");
    }
    if (*at < p->end && (**at | 0x20) == 'e') {
        const char *digits = *at + 1;
        if (digits < p->end && (*digits == '+' || *digits == '-'))
            digits++;
        *at = skip_digits(digits, p->end);
        if (*at == digits)
            return refuse(p, digits, "a digit is missing in the exponent");
    }
    return KIDA_OK;
}

static __attribute__((noinline)) kida_status
read_big(parser *p, kida_str digits, bool negative, kida_value *out)
{
    if (digits.len > MAX_DIGITS)
        return refuse(p, digits.ptr, "the integer has more than 4300 digits");
    kd_detached d;
    kida_status st = kd_int_from_digits(kd_detach(&d, p->pool), p->pool, digits, negative, out);
    return st == KIDA_OK ? KIDA_OK : KIDA_E_NOMEM; /* nothing else can fail: these are digits */
}

static kida_status
read_int(parser *p, kida_str digits, bool negative, kida_value *out)
{
    if (digits.len > 18)
        return read_big(p, digits, negative, out);
    int64_t n = 0;
    for (size_t i = 0; i < digits.len; i++)
        n = n * 10 + (digits.ptr[i] - '0');
    *out = kida_int(negative ? -n : n);
    return KIDA_OK;
}

/* Up to 15 digits and a small power of ten are exact in doubles, so that one operation rounds
 * correctly; anything else goes the long way. */
static bool
read_float_fast(kida_str text, double *out)
{
    static const double powers[] = { 1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
    int64_t n = 0;
    size_t fraction = 0;
    bool point = false;
    if (text.len > 16)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '.') {
            point = true;
        } else if (c >= '0' && c <= '9') {
            n = n * 10 + (c - '0');
            fraction += point;
        } else {
            return false;
        }
    }
    *out = (double)n / powers[fraction];
    return true;
}

/* Word at p->at, if it stands there. */
static bool
take_word(parser *p, kida_str word)
{
    if ((size_t)(p->end - p->at) < word.len || memcmp(p->at, word.ptr, word.len) != 0)
        return false;
    p->at += word.len;
    return true;
}

static kida_status
read_number(parser *p, kida_value *out)
{
    bool negative = *p->at == '-';
    const char *from = p->at + negative;
    const char *at = skip_digits(from, p->end);
    if (at == from) {
        p->at = from;
        if (negative && take_word(p, KIDA_S("Infinity"))) {
            *out = kida_float(-INFINITY);
            return KIDA_OK;
        }
        return refuse(p, from, "a digit is missing");
    }
    if (*from == '0' && at - from > 1)
        return refuse(p, from, "a number can't begin with a zero");

    const char *whole = at;
    kida_status st = read_fraction(p, &at);
    if (st != KIDA_OK)
        return st;
    kida_str text = { from, (size_t)(at - from) };
    if (at == whole) {
        st = read_int(p, text, negative, out);
    } else {
        double d;
        if (!read_float_fast(text, &d) && !kd_float_parse(text, &d))
            return refuse(p, from, "the number is malformed");
        *out = kida_float(negative ? -d : d);
    }
    if (st == KIDA_OK)
        p->at = at;
    return st;
}

static kida_status
read_word(parser *p, kida_value *out)
{
    static const struct {
        kida_str word;
        kida_kind kind;
        int64_t bits;
    } words[] = {
        { KIDA_S_INIT("true"), KIDA_BOOL, 1 },
        { KIDA_S_INIT("false"), KIDA_BOOL, 0 },
        { KIDA_S_INIT("null"), KIDA_NONE, 0 },
    };
    for (size_t i = 0; i < KD_COUNT(words); i++) {
        if (take_word(p, words[i].word)) {
            *out = (kida_value){ words[i].kind, { words[i].bits } };
            return KIDA_OK;
        }
    }
    if (take_word(p, KIDA_S("NaN")))
        *out = kida_float((double)NAN);
    else if (take_word(p, KIDA_S("Infinity")))
        *out = kida_float((double)INFINITY);
    else
        return refuse(p, p->at, "a value is expected here");
    return KIDA_OK;
}

/* ---- containers ------------------------------------------------------------------------------ */

static kida_status
open_container(parser *p, bool object)
{
    if (p->depth == MAX_DEPTH)
        return refuse(p, p->at, "the text is nested too deeply");
    p->depth++;
    p->at++;
    kida_status st = push(p, kida_int((int64_t)(p->open << 1 | p->in_object)));
    if (st != KIDA_OK)
        return st;
    p->open = p->count;
    p->in_object = object;
    return KIDA_OK;
}

static kida_status
make_dict(parser *p, const kida_value *pairs, size_t count, kida_value *out)
{
    *out = kd_dict_make(p->pool, count / 2);
    if (kd_is_absent(*out))
        return KIDA_E_NOMEM;
    for (size_t i = 0; i < count; i += 2) {
        kida_str key = kida_as_str(pairs[i]);
        uint32_t hash = kd_hash_bytes(key.ptr, key.len, p->seed);
        kida_status st = kd_dict_put_hashed(NULL, kd_dict_of(*out), pairs[i], pairs[i + 1], hash);
        if (st != KIDA_OK)
            return st;
    }
    return KIDA_OK;
}

static kida_status
make_list(parser *p, const kida_value *items, size_t count, kida_value *out)
{
    *out = kd_list_make(p->pool, count);
    if (kd_is_absent(*out))
        return KIDA_E_NOMEM;
    if (count > 0)
        memcpy(kd_list_of(*out)->items, items, count * sizeof(kida_value));
    kd_list_of(*out)->count = count;
    return KIDA_OK;
}

/* Makes the innermost container of what was pushed since it opened, and pushes it instead. */
static kida_status
close_container(parser *p)
{
    const kida_value *items = p->stack + p->open;
    size_t count = p->count - p->open;
    kida_value made;
    kida_status st = p->in_object ? make_dict(p, items, count, &made)
                                  : make_list(p, items, count, &made);
    if (st != KIDA_OK)
        return st;
    p->at++;
    p->depth--;
    p->count = p->open - 1;
    uint64_t marker = (uint64_t)p->stack[p->count].u_.i;
    p->open = (size_t)(marker >> 1);
    p->in_object = marker & 1;
    return push(p, made);
}

/* ---- the loop -------------------------------------------------------------------------------- */

static kida_status
read_scalar(parser *p)
{
    kida_value v;
    kida_status st;
    char c = *p->at;
    if (c == '"')
        st = read_string(p, false, &v);
    else if (c == '-' || (c >= '0' && c <= '9'))
        st = read_number(p, &v);
    else
        st = read_word(p, &v);
    return st != KIDA_OK ? st : push(p, v);
}

static kida_status
step_value(parser *p, expects *next)
{
    char c = *p->at;
    if (c == '[' || c == '{') {
        *next = c == '[' ? A_VALUE_OR_END : A_KEY_OR_END;
        return open_container(p, c == '{');
    }
    if (c == ']' && *next == A_VALUE_OR_END) {
        *next = A_COMMA_OR_END;
        return close_container(p);
    }
    *next = A_COMMA_OR_END;
    return read_scalar(p);
}

static kida_status
step_key(parser *p, expects *next)
{
    if (*p->at == '}' && *next == A_KEY_OR_END) {
        *next = A_COMMA_OR_END;
        return close_container(p);
    }
    if (*p->at != '"')
        return refuse(p, p->at, "a key in double quotes is expected here");
    kida_status st = read_key(p);
    if (st != KIDA_OK)
        return st;
    skip_space(p);
    if (p->at == p->end || *p->at != ':')
        return refuse(p, p->at, "a colon is expected here");
    p->at++;
    *next = A_VALUE;
    return KIDA_OK;
}

static kida_status
step_comma(parser *p, expects *next)
{
    if (*p->at == ',') {
        *next = p->in_object ? A_KEY : A_VALUE;
        p->at++;
        return KIDA_OK;
    }
    if (*p->at == (p->in_object ? '}' : ']'))
        return close_container(p);
    return refuse(p, p->at, "a comma or the end of the container is expected here");
}

static kida_status
read_document(parser *p)
{
    expects next = A_VALUE;
    kida_status st = KIDA_OK;
    for (;;) {
        skip_space(p);
        if (next == A_COMMA_OR_END && p->open == 0)
            break;
        if (p->at == p->end)
            return refuse(p, p->at, "the text ends too early");
        if (next == A_COMMA_OR_END)
            st = step_comma(p, &next);
        else if (next == A_KEY || next == A_KEY_OR_END)
            st = step_key(p, &next);
        else
            st = step_value(p, &next);
        if (st != KIDA_OK)
            return st;
    }
    return p->at == p->end ? KIDA_OK : refuse(p, p->at, "something follows the value");
}

static kida_status
report(const parser *p, kida_status st, kida_error *err)
{
    if (st != KIDA_E_JSON)
        return kd_error_set(err, st, "%s", kida_status_text(st));
    uint32_t line = 1;
    const char *line_start = p->start;
    for (const char *at = p->start; at < p->at; at++) {
        if (*at == '\n') {
            line++;
            line_start = at + 1;
        }
    }
    size_t column = kida_utf8_count((kida_str){ line_start, (size_t)(p->at - line_start) });
    (void)kd_error_set(err, st, "%s", p->wrong);
    if (err != NULL) {
        err->line = line;
        err->column = column < UINT32_MAX ? (uint32_t)column : UINT32_MAX;
    }
    return st;
}

kida_status
kida_json_parse(kida_pool *pool, kida_str text, kida_value *out, kida_error *err)
{
    if (pool == NULL)
        return kd_error_set(err, KIDA_E_NOMEM, "%s", kida_status_text(KIDA_E_NOMEM));
    parser p = { .start = text.len != 0 ? text.ptr : "",
                 .pool = pool,
                 .allocator = pool->allocator,
                 .seed = kd_hash_seed() };
    p.at = p.start;
    p.end = p.start + text.len;

    size_t valid = kd_utf8_valid_run(text);
    kida_status st = valid == text.len
                         ? read_document(&p)
                         : refuse(&p, p.start + valid, "the JSON text is not valid UTF-8");
    if (st == KIDA_OK)
        *out = p.stack[0];
    else
        st = report(&p, st, err);
    if (p.stack != NULL)
        kd_free(&p.allocator, p.stack, p.room * sizeof(kida_value));
    return st;
}
