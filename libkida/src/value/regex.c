/* SPDX-License-Identifier: MIT */
/*
 * regex.c - regular expressions by PCRE2, which this file alone includes. Patterns are written in
 * Python's dialect: what differs is rewritten, what Python does not have is refused, so that no
 * pattern reaches recursion, verbs or single bytes. Every match has limits.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "value/ops.h"

#define PATTERN_MAX 1024
#define MATCH_LIMIT 200000
#define HEAP_LIMIT_KIB 8192
#define NEST_LIMIT 100
#define STEPS_PER_MATCH 100
#define JIT_FROM 1024 /* bytes of text from where compiling to machine code pays */

static kida_status
fail_regex(kida_call *call, const char *what)
{
    return kida_fail_kind(call, KIDA_E_RUNTIME, "PatternError", "bad regular expression: %s", what);
}

/* ---- from Python's dialect ------------------------------------------------------------------- */

/* The set W of the library, which \s means, as the inside of a class. */
static const char space_set[] =
    "\\x09-\\x0d\\x1c-\\x20\\x85\\xa0\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}"
    "\\x{205f}\\x{3000}";

static bool
is_letter(char c)
{
    return (unsigned char)((c | 32) - 'a') < 26;
}

static bool
is_hex(char c)
{
    return (c >= '0' && c <= '9') || (unsigned char)((c | 32) - 'a') < 6;
}

/* \uhhhh, \Uhhhhhhhh, \xhh as \x{…}; at stands on the letter. */
static bool
rewrite_hex(kida_buf *out, const char **at, const char *end)
{
    size_t digits = **at == 'x' ? 2 : **at == 'u' ? 4 : 8;
    const char *from = *at + 1;
    if ((size_t)(end - from) < digits)
        return false;
    for (size_t i = 0; i < digits; i++) {
        if (!is_hex(from[i]))
            return false;
    }
    kida_buf_put(out, KIDA_S("\\x{"));
    kida_buf_put(out, (kida_str){ from, digits });
    kida_buf_byte(out, '}');
    *at = from + digits;
    return true;
}

/* at stands behind a backslash. */
static bool
rewrite_escape(kida_buf *out, const char **at, const char *end, bool in_class)
{
    if (*at == end)
        return false;
    char c = **at;
    if (c == 'x' || c == 'u' || c == 'U')
        return rewrite_hex(out, at, end);
    if (is_letter(c) && !memchr(in_class ? "abdDfnrsStvwW" : "AbBdDafnrsStvwWZ", c,
                                in_class ? 13 : 16))
        return false;
    *at += 1;
    if (c == 's' || (c == 'S' && !in_class)) {
        if (!in_class)
            kida_buf_put(out, c == 's' ? KIDA_S("[") : KIDA_S("[^"));
        kida_buf_put(out, kida_str_from(space_set));
        if (!in_class)
            kida_buf_byte(out, ']');
        return true;
    }
    kida_buf_byte(out, '\\');
    if (c == 'v')
        kida_buf_put(out, KIDA_S("x0b"));
    else
        kida_buf_byte(out, c == 'Z' ? 'z' : c);
    return true;
}

/* What Python lets stand behind "(?"; at stands there. */
static bool
is_known_group(const char *at, const char *end)
{
    if (at == end)
        return false;
    if (*at == 'P')
        return end - at >= 2 && (at[1] == '<' || at[1] == '=');
    if (*at == '-')
        return end - at >= 2 && is_letter(at[1]);
    return memchr(":=!<#>(aiLmsux", *at, 14) != NULL;
}

/* Copies a class from behind its [ to behind its ]. */
static bool
rewrite_class(kida_buf *out, const char **at, const char *end)
{
    kida_buf_byte(out, '[');
    if (*at < end && **at == '^')
        kida_buf_byte(out, *(*at)++);
    if (*at < end && **at == ']') { /* a ] in first place is an ordinary one */
        kida_buf_put(out, KIDA_S("\\]"));
        (*at)++;
    }
    while (*at < end && **at != ']') {
        char c = *(*at)++;
        if (c == '\\') {
            if (!rewrite_escape(out, at, end, true))
                return false;
        } else if (c == '[') {
            kida_buf_put(out, KIDA_S("\\[")); /* no [:names:] in Python */
        } else {
            kida_buf_byte(out, c);
        }
    }
    if (*at == end)
        return false;
    kida_buf_byte(out, *(*at)++);
    return true;
}

/* {,n} means {0,n}. */
static void
rewrite_brace(kida_buf *out, const char *at, const char *end)
{
    kida_buf_byte(out, '{');
    if (end - at >= 3 && at[0] == ',' && at[1] >= '0' && at[1] <= '9')
        kida_buf_byte(out, '0');
}

static kida_status
rewrite(kida_call *call, kida_str pattern, kida_buf *out)
{
    const char *at = pattern.ptr, *end = pattern.ptr + pattern.len;
    while (at < end) {
        char c = *at++;
        bool fine = true;
        if (c == '\\') {
            fine = rewrite_escape(out, &at, end, false);
        } else if (c == '[') {
            fine = rewrite_class(out, &at, end);
        } else if (c == '{') {
            rewrite_brace(out, at, end);
        } else {
            if (c == '(' && at < end)
                fine = *at != '*' && (*at != '?' || is_known_group(at + 1, end));
            kida_buf_byte(out, c);
        }
        if (!fine)
            return fail_regex(call, "it uses something that is not known");
    }
    return kida_buf_status(out);
}

/* ---- matching -------------------------------------------------------------------------------- */

/* PCRE2 takes its memory from the pool; the caller gives all of it back by a mark. */
static void *
take_memory(size_t size, void *pool)
{
    return kd_arena_alloc(pool, size);
}

static void
leave_memory(void *memory, void *pool)
{
    (void)memory;
    (void)pool;
}

static pcre2_code *
compile(kida_call *call, pcre2_general_context *general, kida_str pattern)
{
    int error = 0;
    PCRE2_SIZE offset = 0;
    pcre2_compile_context *context = pcre2_compile_context_create(general);
    if (!context) {
        (void)kd_fail_memory(call);
        return NULL;
    }
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    pcre2_set_parens_nest_limit(context, NEST_LIMIT);
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len,
                                     PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C |
                                         PCRE2_ANCHORED,
                                     &error, &offset, context);
    pcre2_compile_context_free(context);
    if (!code) {
        PCRE2_UCHAR text[128];
        pcre2_get_error_message(error, text, sizeof(text));
        (void)fail_regex(call, (const char *)text);
    }
    return code;
}

static kida_status
run(kida_call *call, pcre2_general_context *general, pcre2_code *code, kida_str text, bool *out)
{
    pcre2_match_context *context = pcre2_match_context_create(general);
    pcre2_match_data *data = pcre2_match_data_create(1, general);
    if (!context || !data)
        return kd_fail_memory(call);
    pcre2_set_match_limit(context, MATCH_LIMIT);
    pcre2_set_heap_limit(context, HEAP_LIMIT_KIB);
    if (text.len >= JIT_FROM)
        (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* without it, it is just slower */

    PCRE2_SPTR subject = (PCRE2_SPTR)(text.len ? text.ptr : "");
    int found = pcre2_match(code, subject, text.len, 0, 0, data, context);
    if (found == PCRE2_ERROR_JIT_STACKLIMIT)
        found = pcre2_match(code, subject, text.len, 0, PCRE2_NO_JIT, data, context);
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
    if (found == PCRE2_ERROR_NOMEMORY)
        return kd_fail_memory(call);
    if (found < 0 && found != PCRE2_ERROR_NOMATCH)
        return kida_fail_kind(call, KIDA_E_RUNTIME, "PatternError",
                              "the regular expression takes too long on this text");
    *out = found >= 0;
    return KIDA_OK;
}

kida_status
kd_regex_match(kida_call *call, kida_str pattern, kida_str text, bool *out)
{
    if (pattern.len > PATTERN_MAX)
        return fail_regex(call, "it is too long");
    kida_status st = kida_spend(call, STEPS_PER_MATCH + text.len / 64);
    if (st != KIDA_OK)
        return st;

    kd_mark mark = kd_arena_mark(call->rt->pool);
    pcre2_code *code = NULL;
    kida_buf buf;
    kida_buf_init(&buf, call);
    pcre2_general_context *general =
        pcre2_general_context_create(take_memory, leave_memory, call->rt->pool);
    st = general ? rewrite(call, pattern, &buf) : kd_fail_memory(call);
    if (st == KIDA_OK) {
        code = compile(call, general, kida_buf_str(&buf));
        st = code ? run(call, general, code, text, out) : call->rt->err->status;
    }
    pcre2_code_free(code); /* machine code lies outside the pool */
    kd_arena_release(call->rt->pool, mark);
    return st;
}
