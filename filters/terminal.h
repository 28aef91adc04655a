/* SPDX-License-Identifier: MIT */
/* terminal.h - what the filters of the terminal surface share: what the terminal can do, escape
 * sequences in text, display width, colours. */
#ifndef KD_FILTERS_TERMINAL_H
#define KD_FILTERS_TERMINAL_H

#include <kida/env.h>

typedef enum kd_depth { KD_MONO = 0, KD_BASIC, KD_PALETTE, KD_TRUECOLOR } kd_depth;

/* Made once for an environment; the user pointer of every row of this surface begins with it. */
typedef struct kd_terminal {
    kd_depth depth;
    bool unicode;
    size_t ambiguous; /* columns of characters of ambiguous width */
    int64_t columns;
    int64_t rows;
    bool tty;
} kd_terminal;

static inline const kd_terminal *
kd_terminal_of(const kida_call *call)
{
    return kida_call_user(call);
}

/* Codes of SGR sequences that filters use. */
enum {
    KD_BOLD = 1,
    KD_DIM = 2,
    KD_RED = 31,
    KD_GREEN = 32,
    KD_YELLOW = 33,
    KD_BLUE = 34,
    KD_MAGENTA = 35,
    KD_CYAN = 36
};

/* ---- terminal_text.c: sequences and widths -------------------------------------------------- */

/* A walk over text, piece by piece: an escape sequence, or a character with what is joined to it.
 * Every step is remembered, so that a whole walk is linear. */
typedef struct kd_pieces {
    const char *at;
    const char *end;
    const kd_terminal *terminal;
    const char *next_m;    /* first 'm' not before the place looked at; NULL: not sought yet */
    const char *next_stop; /* likewise the end of an operating system command */
    bool no_letter;        /* no sequence can be closed by a letter from here on */
} kd_pieces;

typedef struct kd_piece {
    kida_str text;
    size_t width;
    bool sequence;
} kd_piece;

void kd_pieces_start(kd_pieces *pieces, const kd_terminal *terminal, kida_str text);
bool kd_pieces_next(kd_pieces *pieces, kd_piece *piece);

/* Columns that text takes, sequences left out. */
size_t kd_display_width(const kd_terminal *terminal, kida_str text);

/* The start of text that takes at most width columns. */
kida_str kd_display_cut(const kd_terminal *terminal, kida_str text, size_t width);

/* Appends text without the escape sequences that do more than set colours. */
void kd_put_sanitised(kida_buf *buf, kida_str text);

/* Appends what output shows of v. */
kida_status kd_put_shown(kida_call *call, kida_buf *buf, kida_value v);

/* What output shows of v, as a slice. */
kida_status kd_shown(kida_call *call, kida_value v, kida_str *out);

/* Appends text count times; none for a negative count. */
void kd_put_times(kida_buf *buf, kida_str text, int64_t count);

typedef enum kd_align { KD_LEFT, KD_RIGHT, KD_CENTER } kd_align;

kd_align kd_align_of(kida_value v);

/* Appends text with fill for each column that it is short of width. */
void kd_put_padded(const kd_terminal *terminal, kida_buf *buf, kida_str text, int64_t width,
                   kd_align align, kida_str fill);

/* Ends a result that output takes as it stands. */
kida_status kd_finish_styled(kida_status st, kida_buf *buf, kida_value *out);

/* ---- terminal_colour.c ---------------------------------------------------------------------- */

/* Code of a colour by its name in any case, 0 if there is none. */
unsigned kd_colour_code(kida_str name);

/* Appends text in a colour; code 0, or a terminal without colours: as it is. */
void kd_put_painted(const kd_terminal *terminal, kida_buf *buf, unsigned code, kida_str text);

/* ---- terminal_icons.c ------------------------------------------------------------------------ */

/* Glyph of an icon by name; false if there is none. joined: with U+FE0E where it has one. */
bool kd_icon(const kd_terminal *terminal, kida_str name, bool joined, kida_str *out);

/* Pieces of a border. */
enum { KD_TL, KD_TR, KD_BL, KD_BR, KD_H, KD_V, KD_LJ, KD_RJ, KD_TJ, KD_BJ, KD_CROSS, KD_BORDER };

typedef struct kd_border {
    const char *name;
    const char *pieces[KD_BORDER];
} kd_border;

/* The style of that name; NULL if there is none. Without Unicode all are "ascii". */
const kd_border *kd_border_of(const kd_terminal *terminal, kida_str name);

/* Adds the globals of this surface: columns, rows, tty, icons, box, hr. */
kida_status kd_terminal_add_globals(kida_env *env, kd_terminal *terminal, kida_error *err);

/* ---- tables of filters ---------------------------------------------------------------------- */

/* Adds bold, red and the like, whose rows are made for the environment. */
kida_status kd_terminal_add_paints(kida_env *env, const kd_terminal *terminal, kida_error *err);

extern const kida_filter kd_filters_colour[]; /* terminal_colour.c */
extern const size_t kd_filters_colour_count;
extern const kida_filter kd_filters_layout[]; /* terminal_layout.c */
extern const size_t kd_filters_layout_count;
extern const kida_filter kd_filters_terminal_wrap[]; /* terminal_wrap.c */
extern const size_t kd_filters_terminal_wrap_count;
extern const kida_filter kd_filters_figures[]; /* terminal_figures.c */
extern const size_t kd_filters_figures_count;
extern const kida_filter kd_filters_diff[]; /* terminal_diff.c */
extern const size_t kd_filters_diff_count;
extern const kida_filter kd_filters_syntax[]; /* terminal_syntax.c */
extern const size_t kd_filters_syntax_count;

/* Installs all of the surface. */
kida_status kd_terminal_install(kida_env *env, kida_error *err);

#endif
