/* SPDX-License-Identifier: MIT */
/* terminal_wrap.c - wordwrap by columns. Text with escape sequences is cut between those: a styled
 * phrase is one word, and what styles it is repeated on each further line. */
#include <string.h>

#include "build.h"
#include "terminal.h"
#include "text.h"
#include "wrap.h"

typedef struct lines {
    const kd_terminal *terminal;
    kida_buf *out;
    kida_buf active;    /* sequences that set something */
    size_t active_from; /* those before here were reset */
    uint64_t width;
    uint64_t used;
} lines;

/* ---- plain text ------------------------------------------------------------------------------ */

/* Words are what single spaces part; none is ever cut. */
static void
wrap_plain(lines *l, kida_str text)
{
    const char *p = text.ptr;
    const char *end = p + text.len;
    bool first = true;

    while (p <= end && kida_buf_status(l->out) == KIDA_OK) {
        const char *space = p < end ? memchr(p, ' ', (size_t)(end - p)) : NULL;
        kida_str word = { p, (size_t)((space != NULL ? space : end) - p) };
        uint64_t width = kd_display_width(l->terminal, word);
        bool fits = first || l->used + 1 + width <= l->width;

        if (!first)
            kida_buf_byte(l->out, fits ? ' ' : '\n');
        l->used = fits && !first ? l->used + 1 + width : width;
        kida_buf_put(l->out, word);
        first = false;
        p += word.len + 1;
    }
}

/* ---- text with sequences --------------------------------------------------------------------- */

static void
start_line(lines *l)
{
    kida_str active = kida_buf_str(&l->active);

    kida_buf_byte(l->out, '\n');
    kida_buf_put(l->out, (kida_str){ active.ptr + l->active_from, active.len - l->active_from });
    l->used = 0;
}

static void
put_sequence(lines *l, kida_str sequence)
{
    kida_buf_put(l->out, sequence);
    if (sequence.ptr[1] != '[' || sequence.ptr[sequence.len - 1] != 'm')
        return;
    kida_buf_put(&l->active, sequence);
    if (kida_str_equal(sequence, KIDA_S("\x1b[0m")) || kida_str_equal(sequence, KIDA_S("\x1b[m")))
        l->active_from = kida_buf_str(&l->active).len;
}

static void
put_run(lines *l, kida_str run)
{
    uint64_t width = kd_display_width(l->terminal, run);
    kd_pieces pieces;
    kd_piece piece;

    if (kida_str_equal(run, KIDA_S(" ")) && l->used + 1 > l->width) {
        start_line(l); /* which the space stood for */
        return;
    }
    if (width <= l->width) {
        if (l->used > 0 && l->used + width > l->width)
            start_line(l);
        kida_buf_put(l->out, run);
        l->used += width;
        return;
    }
    kd_pieces_start(&pieces, l->terminal, run);
    while (kd_pieces_next(&pieces, &piece) && kida_buf_status(l->out) == KIDA_OK) {
        if (l->used > 0 && l->used + piece.width > l->width)
            start_line(l);
        kida_buf_put(l->out, piece.text);
        l->used += piece.width;
    }
}

static void
wrap_styled(lines *l, kida_str text)
{
    kida_str run = { text.ptr, 0 };
    kd_pieces pieces;
    kd_piece piece;

    kd_pieces_start(&pieces, l->terminal, text);
    while (kd_pieces_next(&pieces, &piece) && kida_buf_status(l->out) == KIDA_OK) {
        if (!piece.sequence) {
            run.len += piece.text.len;
            continue;
        }
        if (run.len > 0)
            put_run(l, run);
        put_sequence(l, piece.text);
        run = (kida_str){ piece.text.ptr + piece.text.len, 0 };
    }
    if (run.len > 0)
        put_run(l, run);
}

static kida_status
f_wordwrap(kida_call *call, kida_value self, kida_value *out)
{
    int64_t width = kida_arg_int(call, 0);
    kida_str text = kd_text(self);
    kida_buf buf;
    lines l = { .terminal = kd_terminal_of(call), .out = &buf };

    if (!kida_arg_bool(call, 1))
        return kd_f_wordwrap(call, self, out);
    kida_status st = kd_text_spend(call, text);
    if (st != KIDA_OK)
        return st;
    if (kida_kind_of(kida_arg(call, 0)) == KIDA_FLOAT) /* columns are whole */
        width = kida_as_float(kida_arg(call, 0)) >= 0x1p62
                    ? INT64_MAX / 2
                    : (int64_t)(kida_as_float(kida_arg(call, 0)) > 0
                                    ? kida_as_float(kida_arg(call, 0))
                                    : 0);
    l.width = width > 0 ? (uint64_t)width : 0;
    kida_buf_init(&buf, call);
    kida_buf_init(&l.active, call);
    if (memchr(text.ptr, '\x1b', text.len) == NULL)
        wrap_plain(&l, text);
    else
        wrap_styled(&l, text);
    return kida_buf_finish(&buf, out);
}

const kida_filter kd_filters_terminal_wrap[] = {
    { "wordwrap", f_wordwrap, kd_wordwrap_params, KIDA_PURE | KIDA_TEXT_IN,
      "text in lines of a number of columns" },
    { "wrap", f_wordwrap, kd_wordwrap_params, KIDA_PURE | KIDA_TEXT_IN, "same as wordwrap" },
};
const size_t kd_filters_terminal_wrap_count =
    sizeof(kd_filters_terminal_wrap) / sizeof(kd_filters_terminal_wrap[0]);
