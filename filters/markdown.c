/* SPDX-License-Identifier: MIT */
/* markdown.c - the Markdown surface: escaping of output, and the filters that make Markdown. What
 * they make is marked, so that output takes it as it stands. */
#include <string.h>

#include "build.h"
#include "builtins.h"
#include "grid.h"
#include "text.h"

/* ---- escaping ------------------------------------------------------------------------------ */

static bool
is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* Whether a marker may end before at: a blank follows, or the text ends, but for a line break. */
static bool
is_marker_end(kida_str text, size_t at)
{
    if (at >= text.len)
        return true;
    return is_blank(text.ptr[at]) || (text.ptr[at] == '\n' && at + 1 == text.len);
}

static size_t
count_digits(kida_str text, size_t at)
{
    size_t count = 0;
    while (at + count < text.len && text.ptr[at + count] >= '0' && text.ptr[at + count] <= '9')
        count++;
    return count;
}

/* Whether the text at `at`, where a line begins, would start a heading, a quote or a list. */
static bool
is_marker(kida_str text, size_t at)
{
    char first = at < text.len ? text.ptr[at] : 0;
    size_t end = at;

    if (first == '>')
        return true;
    if (first == '-' || first == '+')
        return is_marker_end(text, at + 1);
    if (first == '#') {
        while (end < text.len && text.ptr[end] == '#')
            end++;
        return end - at <= 6 && is_marker_end(text, end);
    }
    end += count_digits(text, at);
    return end > at && end - at <= 9 && end < text.len &&
           (text.ptr[end] == '.' || text.ptr[end] == ')') && is_marker_end(text, end + 1);
}

static void
put_escaped(kida_buf *buf, kida_str text)
{
    size_t done = 0;
    size_t marker = 0; /* where a marker would have to stand to count */

    for (size_t i = 0; i < text.len; i++) {
        if (i == 0 || text.ptr[i - 1] == '\n') {
            marker = i;
            while (marker < text.len && marker - i < 3 && is_blank(text.ptr[marker]))
                marker++;
            if (!is_marker(text, marker))
                marker = text.len;
        }
        if (i == marker || memchr("\\`*_[]<", text.ptr[i], 7) != NULL) {
            kida_buf_put(buf, (kida_str){ text.ptr + done, i - done });
            kida_buf_byte(buf, '\\');
            done = i;
        }
    }
    kida_buf_put(buf, (kida_str){ text.ptr + done, text.len - done });
}

/* Appends what output would show of v. */
static kida_status
put_value(kida_call *call, kida_buf *buf, kida_value v)
{
    kida_str text;
    kida_status st = kida_to_str(call, v, &text);

    if (st == KIDA_OK)
        st = kd_text_spend(call, text);
    if (st != KIDA_OK)
        return st;
    if (kida_is_safe(v) || kida_is_marked(v))
        kida_buf_put(buf, text);
    else
        put_escaped(buf, text);
    return kida_buf_status(buf);
}

static kida_status
finish(kida_status st, kida_buf *buf, kida_value *out)
{
    if (st == KIDA_OK)
        st = kida_buf_finish(buf, out);
    if (st == KIDA_OK)
        *out = kida_marked(kida_as_str(*out));
    return st;
}

/* The escaped text of v between two others. */
static kida_status
enclose(kida_call *call, kida_value v, const char *before, const char *after, kida_value *out)
{
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_buf_put(&buf, kida_str_from(before));
    kida_status st = put_value(call, &buf, v);
    kida_buf_put(&buf, kida_str_from(after));
    return finish(st, &buf, out);
}

static kida_status
f_output(kida_call *call, kida_value self, kida_value *out)
{
    return enclose(call, self, "", "", out);
}

/* ---- spans and headings -------------------------------------------------------------------- */

static kida_status
f_bold(kida_call *call, kida_value self, kida_value *out)
{
    return enclose(call, self, "**", "**", out);
}

static kida_status
f_italic(kida_call *call, kida_value self, kida_value *out)
{
    return enclose(call, self, "*", "*", out);
}

static kida_status
f_strike(kida_call *call, kida_value self, kida_value *out)
{
    return enclose(call, self, "~~", "~~", out);
}

static kida_status
f_h1(kida_call *call, kida_value self, kida_value *out)
{
    return enclose(call, self, "# ", "", out);
}

static kida_status
f_h2(kida_call *call, kida_value self, kida_value *out)
{
    return enclose(call, self, "## ", "", out);
}

static kida_status
f_h3(kida_call *call, kida_value self, kida_value *out)
{
    return enclose(call, self, "### ", "", out);
}

static kida_status
f_h4(kida_call *call, kida_value self, kida_value *out)
{
    return enclose(call, self, "#### ", "", out);
}

/* code: the text itself in backticks; nothing is escaped inside. */
static kida_status
f_code(kida_call *call, kida_value self, kida_value *out)
{
    kida_str text = kd_text(self);
    bool twice = memchr(text.ptr, '`', text.len) != NULL;
    kida_buf buf;

    (void)call;
    kida_buf_init(&buf, call);
    kida_buf_put(&buf, twice ? KIDA_S("`` ") : KIDA_S("`"));
    kida_buf_put(&buf, text);
    kida_buf_put(&buf, twice ? KIDA_S(" ``") : KIDA_S("`"));
    return finish(KIDA_OK, &buf, out);
}

static kida_status
f_link(kida_call *call, kida_value self, kida_value *out)
{
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_buf_byte(&buf, '[');
    kida_status st = put_value(call, &buf, self);
    kida_buf_put(&buf, KIDA_S("]("));
    kida_buf_value(&buf, kida_arg(call, 0));
    kida_buf_byte(&buf, ')');
    return finish(st, &buf, out);
}

static const kida_param link_params[] = { { "url", KIDA_IN_ANY, NULL }, { 0 } };

/* badge: a word about an outcome as an emoji's name. */
static kida_status
f_badge(kida_call *call, kida_value self, kida_value *out)
{
    static const struct {
        const char *word;
        const char *emoji;
    } known[] = {
        { "pass", "white_check_mark" },   { "success", "white_check_mark" },
        { "ok", "white_check_mark" },     { "fail", "x" },
        { "failed", "x" },                { "error", "x" },
        { "warn", "warning" },            { "warning", "warning" },
        { "skip", "heavy_minus_sign" },   { "skipped", "heavy_minus_sign" },
        { "info", "information_source" },
    };
    kida_value small;
    kida_status st = kd_small_letters(call, kd_text(self), &small);
    if (st != KIDA_OK)
        return st;

    kida_str name = kd_text_trim(kd_text(small));
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (kida_str_equal(name, kida_str_from(known[i].word))) {
            name = kida_str_from(known[i].emoji);
            break;
        }
    }
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_buf_byte(&buf, ':');
    kida_buf_put(&buf, name);
    kida_buf_byte(&buf, ':');
    return finish(KIDA_OK, &buf, out);
}

/* ---- blocks -------------------------------------------------------------------------------- */

/* codeblock: a fence that is longer than any run of backticks inside. */
static kida_status
f_codeblock(kida_call *call, kida_value self, kida_value *out)
{
    kida_str text = kd_text(self);
    size_t run = 0, longest = 2;
    kida_buf buf;

    for (size_t i = 0; i < text.len; i++) {
        run = text.ptr[i] == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    kida_buf_init(&buf, call);
    kida_buf_fill(&buf, '`', longest + 1);
    kida_buf_value(&buf, kida_arg(call, 0));
    kida_buf_byte(&buf, '\n');
    kida_buf_put(&buf, text);
    kida_buf_byte(&buf, '\n');
    kida_buf_fill(&buf, '`', longest + 1);
    return finish(KIDA_OK, &buf, out);
}

static const kida_param codeblock_params[] = { { "lang", KIDA_IN_ANY, "''" }, { 0 } };

static kida_status
f_details(kida_call *call, kida_value self, kida_value *out)
{
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_buf_put(&buf, KIDA_S("<details>\n<summary>"));
    kida_status st = put_value(call, &buf, kida_arg(call, 0));
    kida_buf_put(&buf, KIDA_S("</summary>\n\n"));
    if (st == KIDA_OK)
        st = put_value(call, &buf, self);
    kida_buf_put(&buf, KIDA_S("\n\n</details>"));
    return finish(st, &buf, out);
}

static const kida_param details_params[] = { { "summary", KIDA_IN_ANY, "'Details'" }, { 0 } };

/* A cell: bars would end it and line breaks the row. */
static kida_status
put_cell(kida_call *call, kida_buf *buf, kida_value v)
{
    kida_buf cell;
    kida_buf_init(&cell, call);
    kida_status st = put_value(call, &cell, v);
    kida_str text = kida_buf_str(&cell);

    for (size_t i = 0; i < text.len && st == KIDA_OK; i++) {
        if (text.ptr[i] == '|')
            kida_buf_byte(buf, '\\');
        if (text.ptr[i] == '\n')
            kida_buf_put(buf, KIDA_S("<br>"));
        else
            kida_buf_byte(buf, text.ptr[i]);
    }
    return st;
}

/* The line between the header and the rows too: cells is NULL then. */
static kida_status
put_row(kida_call *call, kida_buf *buf, const kida_value *cells, size_t count, bool raw)
{
    kida_status st = KIDA_OK;

    kida_buf_put(buf, KIDA_S("| "));
    for (size_t i = 0; i < count && st == KIDA_OK; i++) {
        if (i > 0)
            kida_buf_put(buf, KIDA_S(" | "));
        if (cells == NULL)
            kida_buf_put(buf, KIDA_S("---"));
        else if (raw)
            kida_buf_value(buf, cells[i]);
        else
            st = put_cell(call, buf, cells[i]);
    }
    kida_buf_put(buf, KIDA_S(" |"));
    return st == KIDA_OK ? kida_buf_status(buf) : st;
}

static kida_status
f_table(kida_call *call, kida_value self, kida_value *out)
{
    kd_grid grid;
    kida_buf buf;
    kida_status st = kd_grid_make(call, self, kida_arg(call, 0), &grid);

    kida_buf_init(&buf, call);
    if (st != KIDA_OK || grid.row_count == 0)
        return finish(st, &buf, out);
    st = put_row(call, &buf, grid.columns, grid.column_count, true);
    kida_buf_byte(&buf, '\n');
    if (st == KIDA_OK)
        st = put_row(call, &buf, NULL, grid.column_count, true);
    for (size_t i = 0; i < grid.row_count && st == KIDA_OK; i++) {
        kida_buf_byte(&buf, '\n');
        st = put_row(call, &buf, grid.rows[i].cells, grid.rows[i].count, false);
    }
    return finish(st, &buf, out);
}

static const kida_param table_params[] = { { "headers", KIDA_IN_ANY, "none" }, { 0 } };

#define TEXT (KIDA_PURE | KIDA_TEXT_IN)

/* The first one is what output applies; templates can't write its name. */
const kida_filter kd_filters_markdown[] = {
    { "|markdown_escape", f_output, NULL, KIDA_PURE, "as output shows it" },
    { "bold", f_bold, NULL, KIDA_PURE, "between double asterisks" },
    { "italic", f_italic, NULL, KIDA_PURE, "between asterisks" },
    { "strike", f_strike, NULL, KIDA_PURE, "between double tildes" },
    { "code", f_code, NULL, TEXT, "the text as code within a line" },
    { "link", f_link, link_params, KIDA_PURE, "the text as a link" },
    { "h1", f_h1, NULL, KIDA_PURE, "a heading of the first level" },
    { "h2", f_h2, NULL, KIDA_PURE, "a heading of the second level" },
    { "h3", f_h3, NULL, KIDA_PURE, "a heading of the third level" },
    { "h4", f_h4, NULL, KIDA_PURE, "a heading of the fourth level" },
    { "badge", f_badge, NULL, TEXT, "an outcome as an emoji" },
    { "codeblock", f_codeblock, codeblock_params, TEXT, "the text as a block of code" },
    { "details", f_details, details_params, KIDA_PURE, "text that unfolds below a summary" },
    { "table", f_table, table_params, 0, "a table of dicts or of sequences" },
};
const size_t kd_filters_markdown_count =
    sizeof(kd_filters_markdown) / sizeof(kd_filters_markdown[0]);
