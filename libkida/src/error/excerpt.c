/* SPDX-License-Identifier: MIT */
/* excerpt.c - the lines of source around an error, and the layout of an error as text. */
#include <stdio.h>
#include <string.h>

#include "error/fail.h"
#include "memory/sizes.h"
#include "memory/str.h"
#include "memory/unicode.h"

#define CONTEXT_LINES 2

/* ---- taking the excerpt ---------------------------------------------------------------------- */

/* Cuts the next line (without its break) off *rest; false at the end of the source. */
static bool
next_line(kida_str *rest, kida_str *line)
{
    if (!rest->ptr)
        return false;
    const char *stop = rest->len ? memchr(rest->ptr, '\n', rest->len) : NULL;
    line->ptr = rest->ptr;
    line->len = stop ? (size_t)(stop - rest->ptr) : rest->len;
    if (stop) {
        rest->len -= line->len + 1;
        rest->ptr = stop + 1;
    } else {
        rest->ptr = NULL;
    }
    if (line->len > 0 && line->ptr[line->len - 1] == '\r')
        line->len--;
    return true;
}

void
kd_error_place(kida_error *err, kida_str template_name, kida_str source, kd_place place)
{
    if (!err)
        return;
    kd_error_default_hint(err);
    if (err->template_name[0] != '\0' || err->line != 0)
        return;
    kd_copy_text(err->template_name, sizeof(err->template_name), template_name);
    err->line = place.line;
    err->column = place.column;
    err->end_column = place.end;
    if (place.line == 0 || source.len == 0)
        return;

    uint32_t first = place.line > CONTEXT_LINES ? place.line - CONTEXT_LINES : 1;
    uint32_t last = place.line + CONTEXT_LINES;
    kida_str rest = source, line;
    for (uint32_t number = 1; number <= last && next_line(&rest, &line); number++) {
        if (number < first)
            continue;
        if (!rest.ptr && line.len == 0 && number > place.line)
            break; /* nothing stands behind the last break */
        kd_copy_text(err->excerpt[err->excerpt_count++], KIDA_ERROR_LINE_MAX, line);
    }
    if (err->excerpt_count > 0)
        err->excerpt_first = first;
}

/* ---- layout ---------------------------------------------------------------------------------- */

typedef struct painter {
    char *out;
    size_t size;
    size_t len; /* wanted, may pass size */
    bool color;
} painter;

static void
put_bytes(painter *p, const char *text, size_t len)
{
    if (p->len < p->size) {
        size_t room = p->size - p->len;
        memcpy(p->out + p->len, text, len < room ? len : room);
    }
    p->len += len;
}

static void
put(painter *p, const char *text)
{
    put_bytes(p, text, kida_str_from(text).len);
}

static void
put_many(painter *p, char c, size_t count)
{
    while (count-- > 0)
        put_bytes(p, &c, 1);
}

static void
put_number(painter *p, uint32_t n)
{
    char text[16];
    int len = snprintf(text, sizeof(text), "%u", (unsigned)n);
    put_bytes(p, text, (size_t)len);
}

static const char paint_error[] = "\x1b[1;31m";
static const char paint_warning[] = "\x1b[1;33m";
static const char paint_bold[] = "\x1b[1m";
static const char paint_dim[] = "\x1b[34m";
static const char paint_hint[] = "\x1b[36m";
static const char paint_off[] = "\x1b[0m";

static void
paint(painter *p, const char *style)
{
    if (p->color)
        put(p, style);
}

static const char *
alarm_style(const kida_error *err)
{
    return kida_status_class(err->status) == KIDA_CLASS_WARNING ? paint_warning : paint_error;
}

/* Text of a source or a message: control characters must not reach a terminal. */
static void
put_clean(painter *p, const char *text)
{
    const char *end = text + kida_str_from(text).len;
    while (text < end) {
        const char *start = text;
        uint32_t cp = kd_utf8_next(&text, end);
        if (cp == '\t')
            put(p, "    ");
        else if (cp < 32 || (cp >= 127 && cp < 160))
            put(p, "?");
        else
            put_bytes(p, start, (size_t)(text - start));
    }
}

/* Columns that the code points [from, to) of line take as put_clean writes them. */
static size_t
columns(const char *line, uint32_t from, uint32_t to)
{
    const char *end = line + kida_str_from(line).len;
    size_t width = 0;
    for (uint32_t at = 0; line < end && at < to; at++) {
        uint32_t cp = kd_utf8_next(&line, end);
        if (at < from)
            continue;
        if (cp == '\t')
            width += 4;
        else if (cp < 32 || (cp >= 127 && cp < 160))
            width += 1;
        else
            width += (size_t)kd_unicode_width(cp);
    }
    return width;
}

static void
put_header(painter *p, const kida_error *err)
{
    bool warning = kida_status_class(err->status) == KIDA_CLASS_WARNING;
    paint(p, alarm_style(err));
    put(p, warning ? "warning" : "error");
    if (err->code && err->code[0]) {
        put(p, "[");
        put(p, err->code);
        put(p, "]");
    }
    paint(p, paint_off);
    paint(p, paint_bold);
    put(p, ": ");
    put_clean(p, err->message);
    paint(p, paint_off);
}

static void
put_place(painter *p, const char *template_name, uint32_t line, const uint32_t *column)
{
    if (template_name[0])
        put_clean(p, template_name);
    else
        put(p, "<template>");
    if (line == 0)
        return;
    put(p, ":");
    put_number(p, line);
    if (column) {
        put(p, ":");
        put_number(p, *column + 1);
    }
}

static size_t
gutter_width(const kida_error *err)
{
    uint32_t last = err->excerpt_count ? err->excerpt_first + err->excerpt_count - 1 : 0;
    size_t digits = 1;
    for (; last >= 10; last /= 10)
        digits++;
    return digits;
}

static void
put_gutter(painter *p, size_t width, uint32_t number)
{
    char text[16] = "";
    int len = number ? snprintf(text, sizeof(text), "%u", (unsigned)number) : 0;
    paint(p, paint_dim);
    put_many(p, ' ', width - (size_t)len);
    put_bytes(p, text, (size_t)len);
    put(p, " |");
    paint(p, paint_off);
}

static void
put_excerpt(painter *p, const kida_error *err, size_t width)
{
    put_gutter(p, width, 0);
    put(p, "\n");
    for (uint32_t i = 0; i < err->excerpt_count; i++) {
        const char *line = err->excerpt[i];
        uint32_t number = err->excerpt_first + i;
        put_gutter(p, width, number);
        if (line[0]) {
            put(p, " ");
            put_clean(p, line);
        }
        put(p, "\n");
        if (number != err->line || (err->column == 0 && err->end_column == 0))
            continue;
        size_t before = columns(line, 0, err->column);
        uint32_t end = err->end_column > err->column ? err->end_column : err->column + 1;
        size_t marked = columns(line, err->column, end);
        put_gutter(p, width, 0);
        put_many(p, ' ', before + 1);
        paint(p, alarm_style(err));
        put_many(p, '^', marked > 0 ? marked : 1);
        paint(p, paint_off);
        put(p, "\n");
    }
}

static void
put_stack(painter *p, const kida_error *err, size_t width)
{
    for (uint32_t i = 0; i < err->stack_count; i++) {
        const kida_error_frame *frame = &err->stack[i];
        put_many(p, ' ', width + 1);
        put(p, "in ");
        put_clean(p, frame->what);
        if (frame->name[0]) {
            put(p, " '");
            put_clean(p, frame->name);
            put(p, "'");
        }
        put(p, " at ");
        put_place(p, frame->template_name, frame->line, NULL);
        put(p, "\n");
    }
    if (err->stack_total > err->stack_count) {
        put_many(p, ' ', width + 1);
        put(p, "… and ");
        put_number(p, err->stack_total - err->stack_count);
        put(p, " more\n");
    }
}

static void
put_hint(painter *p, const kida_error *err)
{
    paint(p, paint_hint);
    put(p, "hint");
    paint(p, paint_off);
    put(p, ": ");
    put_clean(p, err->hint);
}

static bool
has_place(const kida_error *err)
{
    return err->template_name[0] || err->line;
}

size_t
kida_error_format(const kida_error *err, unsigned flags, char *out, size_t size)
{
    painter p = { out, size, 0, (flags & KIDA_FORMAT_COLOR) != 0 };
    bool marked = err->column || err->end_column;

    if (flags & KIDA_FORMAT_COMPACT) {
        if (has_place(err)) {
            put_place(&p, err->template_name, err->line, marked ? &err->column : NULL);
            put(&p, ": ");
        }
        put_header(&p, err);
    } else {
        size_t width = gutter_width(err);
        put_header(&p, err);
        put(&p, "\n");
        if (has_place(err)) {
            paint(&p, paint_dim);
            put_many(&p, ' ', width);
            put(&p, "--> ");
            paint(&p, paint_off);
            put_place(&p, err->template_name, err->line, marked ? &err->column : NULL);
            put(&p, "\n");
        }
        if (err->excerpt_count > 0)
            put_excerpt(&p, err, width);
        put_stack(&p, err, width);
        if (err->hint[0]) {
            put_hint(&p, err);
            put(&p, "\n");
        }
    }
    if (size > 0)
        out[p.len < size ? p.len : size - 1] = '\0';
    return p.len;
}
