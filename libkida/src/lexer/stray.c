/* SPDX-License-Identifier: MIT */
/* stray.c - characters that no token starts with, and what somebody probably meant by them. */
#include "lexer/state.h"
#include "memory/str.h"

static const struct {
    uint32_t code_point;
    const char *hint;
} hints[] = {
    { '!', "write 'not' in front of a condition, '!=' for 'not equal'" },
    { '&', "write 'and'" },
    { '^', "write '**' for powers" },
    { '$', "variables are written without '$'" },
    { '@', "names have letters, digits and '_' only" },
    { '#', "sections are written {% for x in xs %} or {% if x %}, comments {# … #}" },
    { ';', "one tag holds one statement" },
    { '?', "write 'a if condition else b'; '?" "?' gives a fallback, '?.' an optional attribute" },
    { '\\', "a backslash stands in strings only" },
    { '`', "strings are quoted with ' or \"" },
    { 0xa0, "this is a no-break space: put an ordinary one" },
    { 0x2018, "this is a typographic quote: put ' or \"" },
    { 0x2019, "this is a typographic quote: put ' or \"" },
    { 0x201c, "this is a typographic quote: put ' or \"" },
    { 0x201d, "this is a typographic quote: put ' or \"" },
    { 0x2013, "this is a dash: put '-'" },
    { 0x2212, "this is a mathematical sign: put '-'" },
};

bool
kd_lexer_stray(kd_lexer *lx)
{
    const char *p = lx->at;
    uint32_t code = kd_utf8_next(&p, lx->end);
    kd_place place = kd_lexer_here(lx, 1);
    if (code > ' ' && code < 0x7f)
        kd_lexer_fail(lx, KIDA_E_SYNTAX, place, "unexpected character '%c'", (char)code);
    else
        kd_lexer_fail(lx, KIDA_E_SYNTAX, place, "unexpected character U+%04X", (unsigned)code);
    for (size_t i = 0; i < KD_COUNT(hints); i++) {
        if (hints[i].code_point == code) {
            kd_error_hint(lx->err, "%s", hints[i].hint);
            return false;
        }
    }
    if (code >= 0x80)
        kd_error_hint(lx->err, "names have ASCII letters, digits and '_' only; "
                               "other text belongs in quotes");
    return false;
}
