/* SPDX-License-Identifier: MIT */
/* check.c - claims about answers, for tests; each says what it found where it does not hold. */
#define _GNU_SOURCE
#include <chirp/client.h>

#include <stdio.h>
#include <string.h>

#include "config/text.h"

#define SHOWN_MAX ((size_t)600)

static bool
fail_at(const char *file, int line, const char *what, kida_str got)
{
    size_t len = got.len < SHOWN_MAX ? got.len : SHOWN_MAX;
    fprintf(stderr, "%s:%d: %s; got [%.*s]%s\n", file, line, what, (int)len, got.ptr ? got.ptr : "",
            got.len > len ? "…" : "");
    return false;
}

static bool
has(kida_str text, kida_str part)
{
    return part.len == 0 || (text.len > 0 && memmem(text.ptr, text.len, part.ptr, part.len));
}

bool
chirp_check_status(const chirp_answer *answer, unsigned want, const char *file, int line)
{
    if (answer->status == want)
        return true;
    char what[80];
    snprintf(what, sizeof(what), "status is %u, not %u", answer->status, want);
    return fail_at(file, line, what, answer->body);
}

bool
chirp_check_header(const chirp_answer *answer, const char *name, const char *want, const char *file,
                   int line)
{
    kida_str got = chirp_answer_header(answer, name);
    if (want ? chirp_given(got) && kida_str_equal(got, kida_str_from(want)) : !chirp_given(got))
        return true;
    char what[200];
    snprintf(what, sizeof(what), "header %s is not %s", name, want ? want : "missing");
    return fail_at(file, line, what, got);
}

bool
chirp_check_body(const chirp_answer *answer, const char *want, const char *file, int line)
{
    if (kida_str_equal(answer->body, kida_str_from(want)))
        return true;
    char what[400];
    snprintf(what, sizeof(what), "body is not [%s]", want);
    return fail_at(file, line, what, answer->body);
}

bool
chirp_check_contains(const chirp_answer *answer, const char *part, const char *file, int line)
{
    if (has(answer->body, kida_str_from(part)))
        return true;
    char what[400];
    snprintf(what, sizeof(what), "body lacks [%s]", part);
    return fail_at(file, line, what, answer->body);
}

bool
chirp_check_lacks(const chirp_answer *answer, const char *part, const char *file, int line)
{
    if (!has(answer->body, kida_str_from(part)))
        return true;
    char what[400];
    snprintf(what, sizeof(what), "body has [%s]", part);
    return fail_at(file, line, what, answer->body);
}

bool
chirp_check_trigger(const chirp_answer *answer, const char *name, const char *event,
                    const char *file, int line)
{
    kida_str got = chirp_answer_header(answer, name), wanted = kida_str_from(event);
    kida_pool *pool = kida_pool_new(NULL, (size_t)1 << 20);
    kida_value events;
    bool found = chirp_given(got) && kida_str_equal(got, wanted);
    if (!found && pool && got.len > 0 && got.ptr[0] == '{' &&
        kida_json_parse(pool, got, &events, NULL) == KIDA_OK)
        found = kida_kind_of(kida_dict_get(events, wanted)) != KIDA_ABSENT;
    kida_pool_free(pool);
    char what[300];
    snprintf(what, sizeof(what), "header %s has no event %s", name, event);
    return found || fail_at(file, line, what, got);
}

bool
chirp_check_fragment(const chirp_answer *answer, const char *file, int line)
{
    if (!chirp_check_status(answer, 200, file, line))
        return false;
    if (answer->body.len == 0 || has(answer->body, KIDA_S("<html")))
        return fail_at(file, line, "body is no fragment", answer->body);
    return true;
}

bool
chirp_check_error_fragment(const chirp_answer *answer, unsigned status, const char *file, int line)
{
    char data[40];
    snprintf(data, sizeof(data), "data-status=\"%u\"", status);
    return chirp_check_status(answer, status, file, line) &&
           chirp_check_contains(answer, "chirp-error", file, line) &&
           chirp_check_contains(answer, data, file, line);
}
