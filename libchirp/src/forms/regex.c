/* SPDX-License-Identifier: MIT */
/* regex.c - the one file of libchirp that sees PCRE2. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "config/fail.h"
#include "regex.h"

#define STEPS_MAX 200000
#define DEPTH_MAX 1000
#define HEAP_MAX_KIB 4096

static kida_status
match(const pcre2_code *code, kida_str text, bool *matches)
{
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(code, NULL);
    pcre2_match_context *limits = pcre2_match_context_create(NULL);
    kida_status st = KIDA_E_NOMEM;
    if (data && limits) {
        pcre2_set_match_limit(limits, STEPS_MAX);
        pcre2_set_depth_limit(limits, DEPTH_MAX);
        pcre2_set_heap_limit(limits, HEAP_MAX_KIB);
        int found = pcre2_match(code, (PCRE2_SPTR)text.ptr, text.len, 0, PCRE2_NO_UTF_CHECK, data,
                                limits);
        *matches = found >= 0;
        st = found == PCRE2_ERROR_NOMEMORY ? KIDA_E_NOMEM : KIDA_OK;
    }
    pcre2_match_context_free(limits);
    pcre2_match_data_free(data);
    return st;
}

kida_status
ch_regex_match(kida_str pattern, kida_str text, bool *matches, kida_error *err)
{
    int code = 0;
    PCRE2_SIZE at = 0;
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len,
                      PCRE2_UTF | PCRE2_UCP | PCRE2_ANCHORED | PCRE2_NEVER_BACKSLASH_C, &code, &at,
                      NULL);
    if (!compiled)
        return ch_fail(err, KIDA_E_USAGE, "the pattern '%.80s' is wrong at byte %zu", pattern.ptr,
                       (size_t)at);
    kida_status st = match(compiled, text, matches);
    pcre2_code_free(compiled);
    return st == KIDA_OK ? st : ch_fail(err, st, "no memory for a pattern");
}
