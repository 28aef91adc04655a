/* SPDX-License-Identifier: MIT */
/* commonmark.c - Markdown to HTML: md4c finds the structure, the tags are made here, so that what
 * an author may not do is decided in one place. */
#include <kida/markdown.h>

#include <stdio.h>
#include <string.h>

#include "builtins.h"

#define MAX_INPUT_USUAL ((size_t)256 << 10)
#define MAX_INPUT ((size_t)64 << 20)
#define NAME_MAX_BYTES 64

void
kida_markdown_options_init(kida_markdown_options *options)
{
    *options = (kida_markdown_options){
        .size = sizeof(*options), .name = "markdown", .tables = true,
        .strikethrough = true,    .autolinks = true,  .task_lists = true,
        .max_input = MAX_INPUT_USUAL,
    };
}

static kida_status
fail(kida_error *err, kida_status st, const char *message)
{
    if (err != NULL) {
        kida_error_init(err);
        err->status = st;
        err->code = kida_status_code(st);
        (void)snprintf(err->message, sizeof(err->message), "%s", message);
    }
    return st;
}

#ifndef KIDA_WITH_MD4C

bool
kida_has_markdown(void)
{
    return false;
}

kida_status
kida_install_markdown(kida_env *env, const kida_markdown_options *options, kida_error *err)
{
    (void)env;
    (void)options;
    return fail(err, KIDA_E_MODULE, "the library was built without md4c, so it has no Markdown");
}

#else

#include <md4c.h>

#define DEPTH_MAX 100
#define PADDING 16
#define SPAN_KINDS (MD_SPAN_DEL + 1u) /* those that we ask the parser for */
#define STOPPED 1 /* what a callback returns to end the walk; state->status says why */

/* One filter of an environment: its row, and what it lets through. */
typedef struct dialect {
    kida_filter row;
    char name[NAME_MAX_BYTES];
    unsigned flags;
    bool allow_html;
    size_t max_input;
} dialect;

/* One text on its way. */
typedef struct state {
    const dialect *dialect;
    kida_call *call;
    kida_buf out;
    kida_status status;
    unsigned blocks; /* open ones; those beyond DEPTH_MAX are not written */
    unsigned images; /* open ones: what is inside becomes their alt text, without tags */
    unsigned skipped; /* open spans that were not written */
    unsigned span_count;
    MD_SPANTYPE spans[DEPTH_MAX];
} state;

/* ---- writing ------------------------------------------------------------------------------- */

static void
put(state *s, const char *text)
{
    kida_buf_put(&s->out, kida_str_from(text));
}

static bool
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A byte of an address: as it is where an address may have it, else percent-encoded. */
static void
put_url_byte(state *s, char c)
{
    if (c == '&')
        put(s, "&amp;");
    else if (c == '\'')
        put(s, "&#39;");
    else if (is_letter(c) || (c >= '0' && c <= '9') ||
             (c != '\0' && strchr("-_.+!*(),%#@?=;:/~$[]", c)))
        kida_buf_byte(&s->out, c);
    else
        kida_buf_format(&s->out, "%%%02X", (unsigned)(unsigned char)c);
}

static void
put_piece(state *s, MD_TEXTTYPE type, kida_str text, bool is_url)
{
    if (type == MD_TEXT_NULLCHAR)
        put(s, "\xef\xbf\xbd");
    else if (type == MD_TEXT_ENTITY)
        kida_buf_put(&s->out, text); /* `&name;` by its form: it is HTML as it stands */
    else if (!is_url)
        kida_buf_html(&s->out, text);
    else
        for (size_t i = 0; i < text.len; i++)
            put_url_byte(s, text.ptr[i]);
}

static void
put_attribute(state *s, const MD_ATTRIBUTE *value, bool is_url)
{
    for (size_t i = 0; value->size > 0 && value->substr_offsets[i] < value->size; i++) {
        size_t start = value->substr_offsets[i], end = value->substr_offsets[i + 1];
        put_piece(s, value->substr_types[i], (kida_str){ value->text + start, end - start },
                  is_url);
    }
}

/* ---- addresses ----------------------------------------------------------------------------- */

static bool
is_scheme(kida_str scheme)
{
    static const char *const allowed[] = { "http", "https", "mailto", "tel" };
    char small[8];
    if (scheme.len >= sizeof(small))
        return false;
    for (size_t i = 0; i < scheme.len; i++)
        small[i] = is_letter(scheme.ptr[i]) ? (char)(scheme.ptr[i] | 0x20) : scheme.ptr[i];
    for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
        if (kida_str_equal((kida_str){ small, scheme.len }, kida_str_from(allowed[i])))
            return true;
    }
    return false;
}

/* Whether an address is relative or of a scheme that runs nothing. Browsers drop control bytes and
 * leading blanks, and entities may stand for any byte: with one of them before the first `/`, `?`
 * or `#` an address is refused. */
static bool
is_safe(const MD_ATTRIBUTE *url)
{
    size_t piece = 0;
    for (size_t i = 0; i < url->size; i++) {
        while (url->substr_offsets[piece + 1] <= i)
            piece++;
        char c = url->text[i];
        if (c == '/' || c == '?' || c == '#')
            return true;
        if (url->substr_types[piece] != MD_TEXT_NORMAL || (unsigned char)c <= 0x20 || c == 0x7f)
            return false;
        if (c == ':')
            return is_scheme((kida_str){ url->text, i });
    }
    return true;
}

static bool
lets_through(const state *s, const MD_ATTRIBUTE *url)
{
    return s->dialect->allow_html || is_safe(url);
}

/* ---- tags ---------------------------------------------------------------------------------- */

/* Every call costs a step, and ends the walk at the first failure. */
static int
done(state *s)
{
    kida_status st = kida_buf_status(&s->out);
    if (st == KIDA_OK)
        st = kida_spend(s->call, 1);
    s->status = st;
    return st == KIDA_OK ? 0 : STOPPED;
}

/* What a block begins and ends with where that is all there is to it. */
static const struct {
    const char *open;
    const char *close;
} block_tags[] = {
    [MD_BLOCK_DOC] = { "", "" },
    [MD_BLOCK_QUOTE] = { "<blockquote>\n", "</blockquote>\n" },
    [MD_BLOCK_UL] = { "<ul>\n", "</ul>\n" },
    [MD_BLOCK_OL] = { "<ol>\n", "</ol>\n" },
    [MD_BLOCK_LI] = { "<li>", "</li>\n" },
    [MD_BLOCK_HR] = { "<hr />\n", "" },
    [MD_BLOCK_H] = { "", "" },
    [MD_BLOCK_CODE] = { "<pre><code>", "</code></pre>\n" },
    [MD_BLOCK_HTML] = { "", "" },
    [MD_BLOCK_P] = { "<p>", "</p>\n" },
    [MD_BLOCK_TABLE] = { "<table>\n", "</table>\n" },
    [MD_BLOCK_THEAD] = { "<thead>\n", "</thead>\n" },
    [MD_BLOCK_TBODY] = { "<tbody>\n", "</tbody>\n" },
    [MD_BLOCK_TR] = { "<tr>\n", "</tr>\n" },
    [MD_BLOCK_TH] = { "<th>", "</th>\n" },
    [MD_BLOCK_TD] = { "<td>", "</td>\n" },
};

static const struct {
    const char *open;
    const char *close;
} span_tags[SPAN_KINDS] = {
    [MD_SPAN_EM] = { "<em>", "</em>" },       [MD_SPAN_STRONG] = { "<strong>", "</strong>" },
    [MD_SPAN_A] = { "", "</a>" },             [MD_SPAN_IMG] = { "", "" },
    [MD_SPAN_CODE] = { "<code>", "</code>" }, [MD_SPAN_DEL] = { "<del>", "</del>" },
};

static void
open_list_item(state *s, const MD_BLOCK_LI_DETAIL *detail)
{
    if (!detail->is_task) {
        put(s, "<li>");
        return;
    }
    put(s, "<li class=\"task-list-item\"><input type=\"checkbox\" disabled");
    put(s, detail->task_mark == ' ' ? "> " : " checked> ");
}

static void
open_code(state *s, const MD_BLOCK_CODE_DETAIL *detail)
{
    put(s, "<pre><code");
    if (detail->lang.size > 0) {
        put(s, " class=\"language-");
        put_attribute(s, &detail->lang, false);
        put(s, "\"");
    }
    put(s, ">");
}

static void
open_cell(state *s, const char *name, const MD_BLOCK_TD_DETAIL *detail)
{
    static const char *const align[] = { "", " align=\"left\"", " align=\"center\"",
                                         " align=\"right\"" };
    put(s, name);
    put(s, align[detail->align]);
    put(s, ">");
}

static void
open_block(state *s, MD_BLOCKTYPE type, const void *detail)
{
    if (type == MD_BLOCK_H)
        kida_buf_format(&s->out, "<h%u>", ((const MD_BLOCK_H_DETAIL *)detail)->level);
    else if (type == MD_BLOCK_OL && ((const MD_BLOCK_OL_DETAIL *)detail)->start != 1)
        kida_buf_format(&s->out, "<ol start=\"%u\">\n",
                        ((const MD_BLOCK_OL_DETAIL *)detail)->start);
    else if (type == MD_BLOCK_LI)
        open_list_item(s, detail);
    else if (type == MD_BLOCK_CODE)
        open_code(s, detail);
    else if (type == MD_BLOCK_TH || type == MD_BLOCK_TD)
        open_cell(s, type == MD_BLOCK_TH ? "<th" : "<td", detail);
    else
        put(s, block_tags[type].open);
}

static void
put_title(state *s, const MD_ATTRIBUTE *title)
{
    if (title->size == 0)
        return;
    put(s, " title=\"");
    put_attribute(s, title, false);
    put(s, "\"");
}

/* A link that is not let through stays as a place without an address. */
static void
open_link(state *s, const MD_SPAN_A_DETAIL *detail)
{
    put(s, "<a");
    if (lets_through(s, &detail->href)) {
        put(s, " href=\"");
        put_attribute(s, &detail->href, true);
        put(s, "\"");
    }
    put_title(s, &detail->title);
    put(s, ">");
}

static void
open_image(state *s, const MD_SPAN_IMG_DETAIL *detail)
{
    put(s, "<img");
    if (lets_through(s, &detail->src)) {
        put(s, " src=\"");
        put_attribute(s, &detail->src, true);
        put(s, "\"");
    }
    put(s, " alt=\"");
}

/* Closes spans from the innermost on, until so many are left. */
static void
close_spans(state *s, unsigned left)
{
    while (s->span_count > left)
        put(s, span_tags[s->spans[--s->span_count]].close);
}

/* At the border of a block no span is open: the parser has been seen to begin one that it never
 * ends, and what one text leaves open would change the rest of the page. */
static void
end_spans(state *s)
{
    if (s->images > 0)
        put(s, "\" />");
    s->images = 0;
    s->skipped = 0;
    close_spans(s, 0);
}

static int
on_enter_span(MD_SPANTYPE type, void *detail, void *user)
{
    state *s = user;
    if (type == MD_SPAN_IMG) {
        if (s->images++ == 0)
            open_image(s, detail);
    } else if (s->images > 0) {
        return done(s);
    } else if (s->span_count == DEPTH_MAX || type >= SPAN_KINDS) {
        s->skipped++;
    } else {
        s->spans[s->span_count++] = type;
        if (type == MD_SPAN_A)
            open_link(s, detail);
        else
            put(s, span_tags[type].open);
    }
    return done(s);
}

static void
leave_image(state *s, const MD_SPAN_IMG_DETAIL *detail)
{
    if (s->images == 0 || --s->images > 0)
        return;
    put(s, "\"");
    put_title(s, &detail->title);
    put(s, " />");
}

static int
on_leave_span(MD_SPANTYPE type, void *detail, void *user)
{
    state *s = user;
    unsigned at = s->span_count;
    if (type == MD_SPAN_IMG) {
        leave_image(s, detail);
    } else if (s->images == 0 && s->skipped > 0) {
        s->skipped--;
    } else if (s->images == 0) {
        while (at > 0 && s->spans[at - 1] != type)
            at--;
        if (at > 0)
            close_spans(s, at - 1);
    }
    return done(s);
}

static int
on_enter_block(MD_BLOCKTYPE type, void *detail, void *user)
{
    state *s = user;
    end_spans(s);
    if (s->blocks++ < DEPTH_MAX)
        open_block(s, type, detail);
    return done(s);
}

static int
on_leave_block(MD_BLOCKTYPE type, void *detail, void *user)
{
    state *s = user;
    end_spans(s);
    if (--s->blocks >= DEPTH_MAX)
        return done(s);
    if (type == MD_BLOCK_H)
        kida_buf_format(&s->out, "</h%u>\n", ((const MD_BLOCK_H_DETAIL *)detail)->level);
    else
        put(s, block_tags[type].close);
    return done(s);
}

static int
on_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *user)
{
    state *s = user;
    if (type == MD_TEXT_BR)
        put(s, s->images > 0 ? " " : "<br />\n");
    else if (type == MD_TEXT_SOFTBR)
        put(s, s->images > 0 ? " " : "\n");
    else if (type == MD_TEXT_HTML && s->images == 0)
        kida_buf_put(&s->out, (kida_str){ text, size });
    else
        put_piece(s, type, (kida_str){ text, size }, false);
    return done(s);
}

/* ---- the filter ---------------------------------------------------------------------------- */

/* A copy that ends with a line break, and zeros behind it: versions of the parser look a byte or
 * two past the end of a text whose last construct is cut off. */
static kida_status
copy_source(kida_call *call, kida_str text, kida_str *out)
{
    kida_value copy;
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_buf_put(&buf, text);
    kida_buf_byte(&buf, '\n');
    kida_buf_fill(&buf, '\0', PADDING);
    kida_status st = kida_buf_finish(&buf, &copy);
    if (st == KIDA_OK)
        *out = (kida_str){ kida_as_str(copy).ptr, text.len + 1 };
    return st;
}

static kida_status
render(state *s, kida_str text, kida_value *out)
{
    const MD_PARSER parser = {
        .flags = s->dialect->flags,
        .enter_block = on_enter_block,
        .leave_block = on_leave_block,
        .enter_span = on_enter_span,
        .leave_span = on_leave_span,
        .text = on_text,
    };
    kida_buf_init(&s->out, s->call);
    int result = md_parse(text.ptr, (MD_SIZE)text.len, &parser, s);
    if (result == STOPPED && kida_buf_status(&s->out) == KIDA_OK)
        return s->status; /* kida_spend has reported it */
    if (result != 0 && result != STOPPED)
        return kida_fail(s->call, KIDA_E_NOMEM, "no memory for a text in Markdown");
    return kida_buf_finish_safe(&s->out, out);
}

static kida_status
f_markdown(kida_call *call, kida_value self, kida_value *out)
{
    state s = { .dialect = kida_call_user(call), .call = call };
    kida_kind kind = kida_kind_of(self);
    kida_str text = KIDA_S("");
    kida_status st = KIDA_OK;
    if (kind != KIDA_NONE && kind != KIDA_UNDEFINED)
        st = kida_to_str(call, self, &text);
    if (st != KIDA_OK)
        return st;
    if (text.len > s.dialect->max_input)
        return kida_fail(call, KIDA_E_LIMIT_MEMORY, "'%s' takes at most %zu bytes, not %zu",
                         s.dialect->name, s.dialect->max_input, text.len);
    st = kida_spend(call, text.len / 16);
    if (st == KIDA_OK)
        st = copy_source(call, text, &text);
    return st == KIDA_OK ? render(&s, text, out) : st;
}

bool
kida_has_markdown(void)
{
    return true;
}

static unsigned
flags_of(const kida_markdown_options *options)
{
    return (options->allow_html ? 0u : MD_FLAG_NOHTML) |
           (options->tables ? MD_FLAG_TABLES : 0u) |
           (options->strikethrough ? MD_FLAG_STRIKETHROUGH : 0u) |
           (options->autolinks ? MD_FLAG_PERMISSIVEAUTOLINKS : 0u) |
           (options->task_lists ? MD_FLAG_TASKLISTS : 0u);
}

kida_status
kida_install_markdown(kida_env *env, const kida_markdown_options *options, kida_error *err)
{
    kida_markdown_options usual;
    if (options == NULL) {
        kida_markdown_options_init(&usual);
        options = &usual;
    }
    kida_str name = kida_str_from(options->size == sizeof(*options) ? options->name : NULL);
    if (name.len == 0 || name.len >= NAME_MAX_BYTES || options->max_input > MAX_INPUT)
        return fail(err, KIDA_E_USAGE,
                    "the options of Markdown need a name under 64 bytes, and a max_input of at "
                    "most 64 MiB");
    kida_status st = kida_env_add_filters(env, NULL, 0, err); /* is it still set-up? */
    if (st != KIDA_OK)
        return st;
    dialect *made = kd_new_for_env(env, sizeof(*made), err);
    if (made == NULL)
        return KIDA_E_NOMEM;
    *made = (dialect){ .flags = flags_of(options),
                       .allow_html = options->allow_html,
                       .max_input = options->max_input };
    memcpy(made->name, name.ptr, name.len);
    made->row = (kida_filter){ made->name, f_markdown, NULL, KIDA_SAFE_OUT,
                               "HTML of a text in Markdown" };
    return kida_env_add_filter(env, &made->row, made, NULL, err);
}

#endif
