/* SPDX-License-Identifier: MIT */
/* terminal_colour.c - colours and decorations: names, palettes, and what a terminal of fewer
 * colours shows instead of one that it does not have. */
#include <math.h>

#include "build.h"
#include "builtins.h"
#include "terminal.h"
#include "text.h"

typedef struct paint_name {
    const char *name;
    unsigned code;
    const char *help;
} paint_name;

/* The first COLOURS ones may be named in arguments. */
#define COLOURS 14

static const paint_name paints[] = {
    { "black", 30, "the text in black" },
    { "red", 31, "the text in red" },
    { "green", 32, "the text in green" },
    { "yellow", 33, "the text in yellow" },
    { "blue", 34, "the text in blue" },
    { "magenta", 35, "the text in magenta" },
    { "cyan", 36, "the text in cyan" },
    { "white", 37, "the text in white" },
    { "bright_red", 91, "the text in bright red" },
    { "bright_green", 92, "the text in bright green" },
    { "bright_yellow", 93, "the text in bright yellow" },
    { "bright_blue", 94, "the text in bright blue" },
    { "bright_magenta", 95, "the text in bright magenta" },
    { "bright_cyan", 96, "the text in bright cyan" },
    { "bold", 1, "the text in bold letters" },
    { "dim", 2, "the text in a weaker colour" },
    { "italic", 3, "the text in slanted letters" },
    { "underline", 4, "the text with a line below" },
    { "blink", 5, "the text blinking" },
    { "inverse", 7, "the text with its colours swapped" },
    { "strike", 9, "the text with a line through it" },
};

#define PAINTS (sizeof(paints) / sizeof(paints[0]))

static bool
is_name(kida_str given, const char *name)
{
    size_t i = 0;
    for (; i < given.len && name[i] != '\0'; i++) {
        char c = given.ptr[i];
        if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != name[i])
            return false;
    }
    return i == given.len && name[i] == '\0';
}

unsigned
kd_colour_code(kida_str name)
{
    for (size_t i = 0; i < COLOURS; i++) {
        if (is_name(name, paints[i].name))
            return paints[i].code;
    }
    return 0;
}

void
kd_put_painted(const kd_terminal *terminal, kida_buf *buf, unsigned code, kida_str text)
{
    if (terminal->depth == KD_MONO || code == 0) {
        kida_buf_put(buf, text);
        return;
    }
    kida_buf_put(buf, KIDA_S("\x1b["));
    kida_buf_int(buf, code);
    kida_buf_byte(buf, 'm');
    kida_buf_put(buf, text);
    kida_buf_put(buf, KIDA_S("\x1b[0m"));
}

/* ---- bold, red and the like ------------------------------------------------------------------ */

/* One row with what its body must know. */
typedef struct paint {
    kd_terminal terminal; /* first: see terminal.h */
    unsigned code;
    kida_filter row;
} paint;

static kida_status
f_paint(kida_call *call, kida_value self, kida_value *out)
{
    const paint *p = kida_call_user(call);
    kida_str text;
    kida_buf buf;
    kida_status st = kd_shown(call, self, &text);

    if (st != KIDA_OK)
        return st;
    kida_buf_init(&buf, call);
    kd_put_painted(&p->terminal, &buf, p->code, text);
    return kd_finish_styled(KIDA_OK, &buf, out);
}

kida_status
kd_terminal_add_paints(kida_env *env, const kd_terminal *terminal, kida_error *err)
{
    paint *made = kd_new_for_env(env, PAINTS * sizeof(*made), err);
    kida_status st = made != NULL ? KIDA_OK : KIDA_E_NOMEM;

    for (size_t i = 0; i < PAINTS && st == KIDA_OK; i++) {
        made[i].terminal = *terminal;
        made[i].code = paints[i].code;
        made[i].row = (kida_filter){ paints[i].name, f_paint, NULL, KIDA_PURE, paints[i].help };
        st = kida_env_add_filter(env, &made[i].row, &made[i], NULL, err);
    }
    return st;
}

/* ---- colours by number ---------------------------------------------------------------------- */

typedef struct rgb {
    int r, g, b;
} rgb;

static long
distance(rgb a, rgb b)
{
    long dr = a.r - b.r, dg = a.g - b.g, db = a.b - b.b;
    return dr * dr + dg * dg + db * db;
}

static int
clamp(double value, int least, int most)
{
    return value < least ? least : value > most ? most : (int)value;
}

/* rint() rounds halves to even, as the reference does. */
static int
nearest_index(rgb c)
{
    int r = clamp(rint(c.r / 255.0 * 5), 0, 5);
    int g = clamp(rint(c.g / 255.0 * 5), 0, 5);
    int b = clamp(rint(c.b / 255.0 * 5), 0, 5);
    int mean = (int)rint((c.r + c.g + c.b) / 3.0);
    int level = clamp(rint((mean - 8) / 10.0), 0, 23);
    int grey = 8 + 10 * level;
    rgb cube = { r * 51, g * 51, b * 51 };

    if (distance(c, (rgb){ grey, grey, grey }) < distance(c, cube))
        return 232 + level;
    return 16 + 36 * r + 6 * g + b;
}

/* SGR code of the nearest of the 16 basic colours. */
static unsigned
nearest_code(rgb c)
{
    static const rgb basic[16] = {
        { 0, 0, 0 },     { 170, 0, 0 },    { 0, 170, 0 },    { 170, 85, 0 },
        { 0, 0, 170 },   { 170, 0, 170 },  { 0, 170, 170 },  { 170, 170, 170 },
        { 85, 85, 85 },  { 255, 85, 85 },  { 85, 255, 85 },  { 255, 255, 85 },
        { 85, 85, 255 }, { 255, 85, 255 }, { 85, 255, 255 }, { 255, 255, 255 },
    };
    unsigned best = 0;

    for (unsigned i = 1; i < 16; i++) {
        if (distance(c, basic[i]) < distance(c, basic[best]))
            best = i;
    }
    return best < 8 ? 30 + best : 90 + best - 8;
}

/* Colour of a palette index from 16 on. */
static rgb
palette_colour(int64_t index)
{
    if (index >= 232) {
        int grey = index > 255 ? 255 : 8 + 10 * (int)(index - 232);
        return (rgb){ grey, grey, grey };
    }
    int at = (int)index - 16;
    return (rgb){ at / 36 * 51, at / 6 % 6 * 51, at % 6 * 51 };
}

/* What an argument says: a named code, a palette index, or a colour. */
typedef struct colour {
    unsigned code;     /* not 0: this one */
    bool indexed;
    kida_value parts[3]; /* the index, or red, green and blue */
} colour;

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
read_hex(kida_str text, colour *out)
{
    int digits[6];

    if (text.len != 6)
        return false;
    for (size_t i = 0; i < 6; i++) {
        digits[i] = hex_digit(text.ptr[i]);
        if (digits[i] < 0)
            return false;
    }
    for (size_t i = 0; i < 3; i++)
        out->parts[i] = kida_int(digits[2 * i] * 16 + digits[2 * i + 1]);
    return true;
}

static bool
is_int(kida_value v)
{
    kida_kind kind = kida_kind_of(v);
    return kind == KIDA_INT || kind == KIDA_BIGINT || kind == KIDA_BOOL;
}

static kida_status
read_colour(kida_call *call, kida_value v, colour *out)
{
    kida_str text = kida_as_str(v);
    kida_kind kind = kida_kind_of(v);
    bool known = false;

    *out = (colour){ .indexed = true, .parts = { v, v, v } };
    if (is_int(v))
        return KIDA_OK;
    if ((kind == KIDA_LIST || kind == KIDA_TUPLE) && kida_length(v) == 3) {
        out->indexed = false;
        for (size_t i = 0; i < 3; i++)
            out->parts[i] = kida_item_at(v, i);
        known = is_int(out->parts[0]) && is_int(out->parts[1]) && is_int(out->parts[2]);
    } else if (kind == KIDA_STRING) {
        while (text.len > 0 && text.ptr[0] == '#') {
            text.ptr++;
            text.len--;
        }
        out->code = kd_colour_code(text);
        out->indexed = out->code == 0 && !read_hex(text, out);
        if (!out->indexed)
            return KIDA_OK;
        kida_status st = kida_to_int(call, kida_string(text), &out->parts[0], &known);
        if (st != KIDA_OK)
            return st;
    }
    return known ? KIDA_OK : kd_fail_value(call, "this is no colour");
}

/* Component or index as a number that can be computed with. */
static int
small(kida_value v)
{
    if (kida_kind_of(v) == KIDA_BIGINT)
        return 4096;
    int64_t i = kida_as_int(v);
    return i < -4096 ? -4096 : i > 4096 ? 4096 : (int)i;
}

/* Appends the parameters of the sequence that sets the colour; shift is 10 for the background. */
static void
put_colour(kd_depth depth, kida_buf *buf, const colour *c, unsigned shift)
{
    rgb parts = { small(c->parts[0]), small(c->parts[1]), small(c->parts[2]) };

    if (c->code != 0) {
        kida_buf_int(buf, c->code + shift);
    } else if (depth == KD_BASIC && c->indexed && parts.r < 16) {
        kida_buf_int(buf, (parts.r < 8 ? 30 : 82) + parts.r + (int)shift);
    } else if (depth == KD_BASIC) {
        kida_buf_int(buf, nearest_code(c->indexed ? palette_colour(parts.r) : parts) + shift);
    } else {
        kida_buf_int(buf, 38 + shift);
        kida_buf_put(buf, depth == KD_TRUECOLOR && !c->indexed ? KIDA_S(";2") : KIDA_S(";5"));
        for (size_t i = 0; i < (depth == KD_TRUECOLOR && !c->indexed ? 3 : 1); i++) {
            kida_buf_byte(buf, ';');
            if (!c->indexed && depth != KD_TRUECOLOR)
                kida_buf_int(buf, nearest_index(parts));
            else if (kida_kind_of(c->parts[i]) == KIDA_BIGINT)
                kida_buf_value(buf, c->parts[i]);
            else
                kida_buf_int(buf, kida_as_int(c->parts[i]));
        }
    }
}

static kida_status
paint_ground(kida_call *call, kida_value self, unsigned shift, kida_value *out)
{
    const kd_terminal *terminal = kd_terminal_of(call);
    colour c;
    kida_buf buf;
    kida_status st = KIDA_OK;

    kida_buf_init(&buf, call);
    if (terminal->depth == KD_MONO)
        return kd_finish_styled(kd_put_shown(call, &buf, self), &buf, out);
    st = read_colour(call, kida_arg(call, 0), &c);
    if (st != KIDA_OK)
        return st;
    kida_buf_put(&buf, KIDA_S("\x1b["));
    put_colour(terminal->depth, &buf, &c, shift);
    kida_buf_byte(&buf, 'm');
    st = kd_put_shown(call, &buf, self);
    kida_buf_put(&buf, KIDA_S("\x1b[0m"));
    return kd_finish_styled(st, &buf, out);
}

static kida_status
f_fg(kida_call *call, kida_value self, kida_value *out)
{
    return paint_ground(call, self, 0, out);
}

static kida_status
f_bg(kida_call *call, kida_value self, kida_value *out)
{
    return paint_ground(call, self, 10, out);
}

static const kida_param ground_params[] = { { "color_arg", KIDA_IN_ANY, NULL }, { 0 } };

const kida_filter kd_filters_colour[] = {
    { "fg", f_fg, ground_params, KIDA_PURE, "the text in a colour" },
    { "bg", f_bg, ground_params, KIDA_PURE, "the text on a colour" },
};
const size_t kd_filters_colour_count = sizeof(kd_filters_colour) / sizeof(kd_filters_colour[0]);
