/* SPDX-License-Identifier: MIT */
/* check_outputs.c - outputs in places where escaping for HTML is not enough: attributes without
 * quotes, scripts, handlers, styles, addresses (XE-2). */
#include "check.h"

#include "config/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PRINTABLE(text) (int)((text).len < 80 ? (text).len : 80), (text).ptr

typedef struct walk {
    ch_check *check;
    const ch_source *source;
} walk;

static bool
has(kida_str text, const char *part)
{
    kida_str wanted = kida_str_from(part);
    for (size_t at = 0; at + wanted.len <= text.len; at++) {
        if (kida_str_equal(ch_str_slice(text, at, at + wanted.len), wanted))
            return true;
    }
    return false;
}

/* A text or number that is written out, and nothing else. */
static bool
is_literal(kida_str code)
{
    code = ch_str_trim(code);
    if (code.len == 0)
        return true;
    char first = code.ptr[0];
    if (first == '"' || first == '\'')
        return ch_str_find(code, first, 1) == code.len - 1;
    for (size_t i = 0; i < code.len; i++) {
        if (!ch_is_digit(code.ptr[i]) && code.ptr[i] != '.')
            return false;
    }
    return true;
}

/* Whether an expression gives what can't break out of a script. */
static bool
is_safe(kida_str code)
{
    static const char *const makers[] = { "tojson", "url_for", "csp_nonce", "csrf_token" };
    for (size_t i = 0; i < COUNT(makers); i++) {
        if (has(code, makers[i]))
            return true;
    }
    return is_literal(code);
}

/* The first output of a value that is not safe; false: all of them are. */
static bool
find_unsafe(kida_str value, kida_str *out)
{
    size_t at = 0;
    while (at < value.len) {
        at = ch_str_find(value, '{', at);
        if (at + 1 >= value.len)
            return false;
        if (value.ptr[at + 1] != '{') {
            at++;
            continue;
        }
        size_t start = at + 2, end = start;
        while (end < value.len && !(value.ptr[end] == '}' && end + 1 < value.len &&
                                    value.ptr[end + 1] == '}'))
            end++;
        *out = ch_str_trim(ch_str_slice(value, start, end));
        if (!is_safe(*out))
            return true;
        at = end;
    }
    return false;
}

static bool
is_script(kida_str name)
{
    bool is_handler = name.len > 2 && ch_lower(name.ptr[0]) == 'o' && ch_lower(name.ptr[1]) == 'n';
    bool is_htmx = name.len > 5 && ch_str_iequal(ch_str_slice(name, 0, 5), KIDA_S("hx-on"));
    return is_handler || is_htmx || ch_str_iequal(name, KIDA_S("style"));
}

static bool
is_address(kida_str name)
{
    static const char *const names[] = { "href", "src", "action", "formaction", "srcdoc" };
    for (size_t i = 0; i < COUNT(names); i++) {
        if (ch_str_iequal(name, kida_str_from(names[i])))
            return true;
    }
    return false;
}

static void
check_attr(const walk *w, const ch_attr *attr)
{
    ch_place place = { w->source, KIDA_S(""), attr->line };
    kida_str code, value = ch_str_trim(attr->value);
    if (!attr->is_dynamic || !has(value, "{{"))
        return;
    if (!attr->is_quoted)
        ch_check_say(w->check, CH_RULE_OUTPUT_BARE, &place, NULL,
                     "%.*s=%.*s: an output without quotes", PRINTABLE(attr->name),
                     PRINTABLE(value));
    else if (is_script(attr->name) && find_unsafe(value, &code))
        ch_check_say(w->check, CH_RULE_OUTPUT_SCRIPT, &place, NULL,
                     "{{ %.*s }} in %.*s, which runs as a script or style", PRINTABLE(code),
                     PRINTABLE(attr->name));
    else if (is_address(attr->name) && value.len > 2 && value.ptr[0] == '{' &&
             value.ptr[1] == '{' && find_unsafe(value, &code) && !has(code, "url") &&
             !has(code, "qs("))
        ch_check_say(w->check, CH_RULE_OUTPUT_URL, &place, NULL,
                     "%.*s begins with {{ %.*s }}: javascript: would be an address, too",
                     PRINTABLE(attr->name), PRINTABLE(code));
}

static void
judge(void *arg, const ch_tag *tag)
{
    const walk *w = arg;
    ch_place place = { w->source, KIDA_S(""), tag->line };
    if (tag->kind == CH_TAG_CODE && tag->in_script && tag->is_output && !is_safe(tag->name))
        ch_check_say(w->check, CH_RULE_OUTPUT_SCRIPT, &place, NULL,
                     "{{ %.*s }} in the text of a script", PRINTABLE(ch_str_trim(tag->name)));
    for (size_t i = 0; tag->kind == CH_TAG_START && i < tag->attr_count; i++)
        check_attr(w, &tag->attrs[i]);
}

void
ch_check_outputs(ch_check *check, const ch_source *source)
{
    walk w = { check, source };
    if (source->text.ptr && !source->is_shared)
        ch_html_scan(source->text, judge, &w);
}
