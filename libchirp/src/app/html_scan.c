/* SPDX-License-Identifier: MIT */
/* html_scan.c - see html_scan.h. */
#include "html_scan.h"

#include <string.h>

#include "config/text.h"

typedef struct scanner {
    kida_str source;
    size_t at;
    uint32_t line;
    size_t line_at; /* up to here line counts */
    ch_tag_fn *each;
    void *arg;
    ch_tag tag;
    ch_tag code; /* expressions, also those inside of tags */
} scanner;

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool
looks_at(const scanner *s, const char *text)
{
    kida_str wanted = kida_str_from(text);
    if (wanted.len > s->source.len - s->at)
        return false;
    for (size_t i = 0; i < wanted.len; i++) {
        if (ch_lower(s->source.ptr[s->at + i]) != wanted.ptr[i])
            return false;
    }
    return true;
}

static uint32_t
line_here(scanner *s)
{
    for (; s->line_at < s->at && s->line_at < s->source.len; s->line_at++)
        s->line += s->source.ptr[s->line_at] == '\n' ? 1 : 0;
    return s->line;
}

/* Behind the next such text, or the end. */
static void
skip_past(scanner *s, const char *text)
{
    while (s->at < s->source.len && !looks_at(s, text))
        s->at++;
    size_t len = kida_str_from(text).len;
    s->at = len < s->source.len - s->at ? s->at + len : s->source.len;
}

/* Past {{ }}, {% %} or {# #}, which starts here; expressions are handed on. */
static void
skip_code(scanner *s)
{
    if (looks_at(s, "{#")) {
        skip_past(s, "#}");
        return;
    }
    const char *closer = looks_at(s, "{{") ? "}}" : "%}";
    s->code.is_output = closer[0] == '}';
    s->code.line = line_here(s);
    s->at += 2;
    size_t start = s->at;
    char quote = 0;
    while (s->at < s->source.len && (quote != 0 || !looks_at(s, closer))) {
        char c = s->source.ptr[s->at];
        if (quote != 0 && c == '\\' && s->at + 1 < s->source.len)
            s->at++;
        else if (quote != 0)
            quote = c == quote ? 0 : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        s->at++;
    }
    s->code.name = ch_str_slice(s->source, start, s->at);
    s->at = s->source.len - s->at > 2 ? s->at + 2 : s->source.len;
    s->each(s->arg, &s->code);
}

static bool
at_code(const scanner *s)
{
    return looks_at(s, "{{") || looks_at(s, "{%") || looks_at(s, "{#");
}

static void
read_value(scanner *s, ch_attr *attr)
{
    char quote = s->source.ptr[s->at];
    bool quoted = quote == '"' || quote == '\'';
    if (quoted)
        s->at++;
    size_t start = s->at;
    while (s->at < s->source.len) {
        char c = s->source.ptr[s->at];
        if (quoted ? c == quote : is_space(c) || c == '>')
            break;
        if (at_code(s)) {
            attr->is_dynamic = true;
            skip_code(s);
        } else {
            s->at++;
        }
    }
    attr->has_value = true;
    attr->is_quoted = quoted;
    attr->value = ch_str_slice(s->source, start, s->at);
    if (quoted && s->at < s->source.len)
        s->at++;
}

static void
read_attr(scanner *s)
{
    ch_attr attr = { .line = line_here(s) };
    size_t start = s->at;
    while (s->at < s->source.len && !is_space(s->source.ptr[s->at]) &&
           s->source.ptr[s->at] != '=' && s->source.ptr[s->at] != '>' &&
           s->source.ptr[s->at] != '/' && !at_code(s))
        s->at++;
    attr.name = ch_str_slice(s->source, start, s->at);
    size_t behind = s->at;
    while (s->at < s->source.len && is_space(s->source.ptr[s->at]))
        s->at++;
    if (s->at < s->source.len && s->source.ptr[s->at] == '=') {
        s->at++;
        while (s->at < s->source.len && is_space(s->source.ptr[s->at]))
            s->at++;
        if (s->at < s->source.len)
            read_value(s, &attr);
    } else {
        s->at = behind;
    }
    if (attr.name.len > 0 && s->tag.attr_count < CH_SCAN_ATTRS_MAX)
        s->tag.attrs[s->tag.attr_count++] = attr;
    if (s->at == start)
        s->at++; /* a byte that fits nowhere */
}

/* Past the text of a script; expressions in it are handed on. */
static void
skip_script(scanner *s)
{
    s->code.in_script = true;
    while (s->at < s->source.len && !looks_at(s, "</script")) {
        if (at_code(s))
            skip_code(s);
        else
            s->at++;
    }
    s->code.in_script = false;
    skip_past(s, "</script");
}

static void
read_tag(scanner *s)
{
    s->tag.line = line_here(s);
    s->at++;
    s->tag.kind = s->at < s->source.len && s->source.ptr[s->at] == '/' ? CH_TAG_END : CH_TAG_START;
    s->at += s->tag.kind == CH_TAG_END ? 1 : 0;
    size_t start = s->at;
    while (s->at < s->source.len && !is_space(s->source.ptr[s->at]) &&
           s->source.ptr[s->at] != '>' && s->source.ptr[s->at] != '/' && !at_code(s))
        s->at++;
    s->tag.name = ch_str_slice(s->source, start, s->at);
    s->tag.attr_count = 0;
    while (s->at < s->source.len && s->source.ptr[s->at] != '>') {
        if (at_code(s))
            skip_code(s);
        else if (is_space(s->source.ptr[s->at]) || s->source.ptr[s->at] == '/')
            s->at++;
        else
            read_attr(s);
    }
    if (s->at < s->source.len)
        s->at++;
    s->each(s->arg, &s->tag);
    /* No tags inside of these. */
    if (s->tag.kind == CH_TAG_START && ch_tag_is(&s->tag, "script"))
        skip_script(s);
    else if (s->tag.kind == CH_TAG_START && ch_tag_is(&s->tag, "style"))
        skip_past(s, "</style");
}

static bool
starts_tag(const scanner *s)
{
    if (s->source.ptr[s->at] != '<' || s->at + 1 >= s->source.len)
        return false;
    char c = ch_lower(s->source.ptr[s->at + 1]);
    if (c == '/' && s->at + 2 < s->source.len)
        c = ch_lower(s->source.ptr[s->at + 2]);
    return c >= 'a' && c <= 'z';
}

void
ch_html_scan(kida_str source, ch_tag_fn *each, void *arg)
{
    scanner s = { .source = source, .line = 1, .each = each, .arg = arg };
    s.code.kind = CH_TAG_CODE;
    while (s.at < source.len) {
        if (at_code(&s))
            skip_code(&s);
        else if (looks_at(&s, "<!--"))
            skip_past(&s, "-->");
        else if (starts_tag(&s))
            read_tag(&s);
        else
            s.at++;
    }
}

const ch_attr *
ch_tag_attr(const ch_tag *tag, const char *name)
{
    for (size_t i = 0; i < tag->attr_count; i++) {
        if (ch_str_iequal(tag->attrs[i].name, kida_str_from(name)))
            return &tag->attrs[i];
    }
    return NULL;
}

bool
ch_tag_is(const ch_tag *tag, const char *name)
{
    return ch_str_iequal(tag->name, kida_str_from(name));
}
