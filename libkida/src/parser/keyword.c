/* SPDX-License-Identifier: MIT */
/* keyword.c - keyword table, look-up, and advice for words that other template languages have. */
#include "parser/keyword.h"

#include <stdio.h>
#include <string.h>

#include "error/suggest.h"
#include "memory/str.h"
#include "parser/statement.h"

const kd_keyword kd_keywords[KD_WORD_COUNT] = {
#define KD_KEYWORD(word, text, role, parse, closer)                                               \
    { KIDA_S_INIT(text), parse, KD_ROLE_##role, KD_WORD_##closer },
#include "parser/keyword.def"
#undef KD_KEYWORD
};

kd_word
kd_keyword_find(kida_str text)
{
    size_t low = 0, high = KD_WORD_COUNT;
    while (low < high) {
        size_t middle = (low + high) / 2;
        kida_str word = kd_keywords[middle].text;
        size_t shared = text.len < word.len ? text.len : word.len;
        int order = memcmp(text.ptr, word.ptr, shared);
        if (order == 0 && text.len == word.len)
            return (kd_word)middle;
        if (order < 0 || (order == 0 && text.len < word.len))
            high = middle;
        else
            low = middle + 1;
    }
    return KD_WORD_COUNT;
}

/* Tags of other template languages, and how the same is said here. */
static const struct {
    const char *word;
    const char *hint;
} foreign[] = {
    { "do", "evaluate with an assignment: {% set _ = xs.append(1) %}" },
    { "macro", "components are written {% def name(args) %} … {% end %}" },
    { "endmacro", "components are written {% def name(args) %} … {% end %}" },
    { "namespace", "there are no namespaces: {% let %} assigns template-wide from inside a loop" },
    { "autoescape", "escaping is set for the environment; mark one value with '| safe'" },
    { "endautoescape", "escaping is set for the environment; mark one value with '| safe'" },
    { "verbatim", "write {% raw %} … {% endraw %}" },
    { "endverbatim", "write {% raw %} … {% endraw %}" },
    { "fill", "fill a slot with {% slot name %} … {% end %} in the body of {% call %}" },
    { "endfill", "a slot body ends with {% end %}" },
    { "scoped", "blocks take no 'scoped' or 'required'" },
    { "required", "blocks take no 'scoped' or 'required'" },
    { "endset", "there is no block form of set: write {% capture name %} … {% end %}" },
    { "endlet", "there is no block form of let: write {% capture name %} … {% end %}" },
    { "else if", "write {% elif … %}" },
    { "elseif", "write {% elif … %}" },
    { "elsif", "write {% elif … %}" },
    { "foreach", "write {% for x in xs %}" },
    { "each", "write {% for x in xs %}" },
    { "switch", "write {% match value %}{% case … %}" },
    { "endswitch", "{% match %} ends with {% end %}" },
    { "default", "write {% case _ %}" },
    { "when", "write {% case … %}" },
    { "catch", "write {% fallback error %}" },
    { "except", "write {% fallback error %}" },
    { "comment", "comments are written {# … #}" },
    { "endcomment", "comments are written {# … #}" },
    { "component", "components are written {% def name(args) %} … {% end %}" },
    { "layout", "write {% extends 'name' %}" },
    { "var", "write {% set name = value %}" },
    { "assign", "write {% set name = value %}" },
    { "use", "write {% from 'name' import … %}" },
    { "blocktrans", "write {% trans %} … {% endtrans %}" },
    { "now", "pass the time in as a variable and format it with '| date'" },
};

bool
kd_keyword_hint(kida_str text, char *out, size_t size)
{
    for (size_t i = 0; i < KD_COUNT(foreign); i++) {
        if (kida_str_equal(kida_str_from(foreign[i].word), text)) {
            snprintf(out, size, "%s", foreign[i].hint);
            return true;
        }
    }
    if (text.len > 32)
        return false;
    kd_suggest near;
    kd_suggest_init(&near, text);
    for (size_t i = 0; i < KD_WORD_COUNT; i++)
        kd_suggest_offer(&near, kd_keywords[i].text);
    if (near.best.len == 0)
        return false;
    char best[40];
    kd_copy_text(best, sizeof(best), near.best);
    snprintf(out, size, "did you mean '%s'?", best);
    return true;
}
