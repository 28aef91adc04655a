/* SPDX-License-Identifier: MIT */
/* terminal_icons.c - globals of the terminal surface: icons, borders, rules, size. */
#include "terminal.h"
#include "text.h"

/* ---- icons --------------------------------------------------------------------------------- */

typedef struct icon {
    const char *name;
    const char *glyph;
    const char *ascii;
    bool joined;
} icon;

static const icon icons[] = {
#define KD_ICON(name, glyph, ascii, joined) { #name, glyph, ascii, joined },
#include "icons.def"
#undef KD_ICON
};

/* Glyphs with U+FE0E behind those that have a text form. */
static const char *const joined_glyphs[] = {
#define KD_ICON(name, glyph, ascii, joined) glyph "\xef\xb8\x8e",
#include "icons.def"
#undef KD_ICON
};

bool
kd_icon(const kd_terminal *terminal, kida_str name, bool joined, kida_str *out)
{
    for (size_t i = 0; i < sizeof(icons) / sizeof(icons[0]); i++) {
        if (!kida_str_equal(name, kida_str_from(icons[i].name)))
            continue;
        const char *glyph = joined && icons[i].joined ? joined_glyphs[i] : icons[i].glyph;
        *out = kida_str_from(terminal->unicode ? glyph : icons[i].ascii);
        return true;
    }
    return false;
}

static kida_status
icons_attribute(kida_call *call, void *self, kida_str name, kida_value *out)
{
    kida_str glyph;
    (void)call;
    if (kd_icon(self, name, true, &glyph))
        *out = kida_styled(glyph);
    return KIDA_OK;
}

static const kida_object_type icons_type = {
    .size = sizeof(kida_object_type),
    .name = "icons",
    .attribute = icons_attribute,
};

/* ---- borders ------------------------------------------------------------------------------- */

static const char *const piece_names[KD_BORDER] = { "tl", "tr", "bl", "br", "h",    "v",
                                                    "lj", "rj", "tj", "bj", "cross" };

static const kd_border borders[] = {
    { "ascii", { "+", "+", "+", "+", "-", "|", "+", "+", "+", "+", "+" } },
    { "light", { "┌", "┐", "└", "┘", "─", "│", "├", "┤", "┬", "┴", "┼" } },
    { "heavy", { "┏", "┓", "┗", "┛", "━", "┃", "┣", "┫", "┳", "┻", "╋" } },
    { "double", { "╔", "╗", "╚", "╝", "═", "║", "╠", "╣", "╦", "╩", "╬" } },
    { "round", { "╭", "╮", "╰", "╯", "─", "│", "├", "┤", "┬", "┴", "┼" } },
};

const kd_border *
kd_border_of(const kd_terminal *terminal, kida_str name)
{
    for (size_t i = 0; i < sizeof(borders) / sizeof(borders[0]); i++) {
        if (kida_str_equal(name, kida_str_from(borders[i].name)))
            return terminal->unicode ? &borders[i] : &borders[0];
    }
    return NULL;
}

static kida_status
border_attribute(kida_call *call, void *self, kida_str name, kida_value *out)
{
    const kd_border *border = self;
    (void)call;
    for (size_t i = 0; i < KD_BORDER; i++) {
        if (kida_str_equal(name, kida_str_from(piece_names[i])))
            *out = kida_string(kida_str_from(border->pieces[i]));
    }
    return KIDA_OK;
}

static kida_status
border_item(kida_call *call, void *self, kida_value key, kida_value *out)
{
    return border_attribute(call, self, kida_as_str(key), out);
}

static const kida_object_type border_type = {
    .size = sizeof(kida_object_type),
    .name = "border",
    .attribute = border_attribute,
    .item = border_item,
};

static kida_status
box_attribute(kida_call *call, void *self, kida_str name, kida_value *out)
{
    const kd_border *border = kd_border_of(self, name);
    (void)call;
    if (border != NULL)
        *out = kida_object(&border_type, (void *)(uintptr_t)border);
    return KIDA_OK;
}

static kida_status
box_item(kida_call *call, void *self, kida_value key, kida_value *out)
{
    return box_attribute(call, self, kida_as_str(key), out);
}

static const kida_object_type box_type = {
    .size = sizeof(kida_object_type),
    .name = "box",
    .attribute = box_attribute,
    .item = box_item,
};

/* ---- rules --------------------------------------------------------------------------------- */

static kida_status
g_hr(kida_call *call, kida_value *out)
{
    const kd_terminal *terminal = kd_terminal_of(call);
    int64_t width = kida_arg_int(call, 0);
    kida_str mark, title;
    bool titled;
    kida_buf buf;
    kida_status st = kida_to_str(call, kida_arg(call, 1), &mark);

    if (st == KIDA_OK)
        st = kida_to_str(call, kida_arg(call, 2), &title);
    if (st == KIDA_OK)
        st = kida_truth(call, kida_arg(call, 2), &titled);
    if (st != KIDA_OK)
        return st;
    if (width == 0)
        width = terminal->columns;
    if (kida_kind_of(kida_arg(call, 1)) == KIDA_NONE || mark.len == 0)
        mark = terminal->unicode ? KIDA_S("─") : KIDA_S("-");
    kida_buf_init(&buf, call);
    if (titled) {
        title.len = kd_text_offset(title, width > 4 ? (uint64_t)width - 4 : 0);
        kd_put_times(&buf, mark, 2);
        kida_buf_byte(&buf, ' ');
        kida_buf_put(&buf, title);
        kida_buf_byte(&buf, ' ');
        width = (width > 6 ? width - 6 : 0) - (int64_t)kida_utf8_count(title);
    }
    kd_put_times(&buf, mark, width);
    return kida_buf_finish(&buf, out);
}

static const kida_param hr_params[] = {
    { "w", KIDA_IN_INT | KIDA_IN_NONE, "none" },
    { "char", KIDA_IN_ANY, "none" },
    { "title", KIDA_IN_ANY, "none" },
    { 0 },
};

static const kida_function hr_row = { "hr", g_hr, hr_params, KIDA_PURE,
                                      "a line across the terminal, with a title or without" };

kida_status
kd_terminal_add_globals(kida_env *env, kd_terminal *terminal, kida_error *err)
{
    const struct {
        kida_str name;
        kida_value value;
    } values[] = {
        { KIDA_S("columns"), kida_int(terminal->columns) },
        { KIDA_S("rows"), kida_int(terminal->rows) },
        { KIDA_S("tty"), kida_bool(terminal->tty) },
        { KIDA_S("icons"), kida_object(&icons_type, terminal) },
        { KIDA_S("box"), kida_object(&box_type, terminal) },
    };
    kida_status st = kida_env_add_function(env, &hr_row, terminal, NULL, err);

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]) && st == KIDA_OK; i++)
        st = kida_env_add_global(env, values[i].name, values[i].value, err);
    return st;
}
