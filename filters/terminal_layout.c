/* SPDX-License-Identifier: MIT */
/* terminal_layout.c - filters that put one line together: padding, cutting, labels, bars. */
#include <math.h>
#include <string.h>

#include "build.h"
#include "terminal.h"
#include "text.h"

/* ---- pad, center, truncate ------------------------------------------------------------------- */

static kida_status
f_pad(kida_call *call, kida_value self, kida_value *out)
{
    kida_str text, fill;
    kida_buf buf;
    kida_status st = kd_shown(call, self, &text);

    if (st == KIDA_OK)
        st = kida_to_str(call, kida_arg(call, 2), &fill);
    if (st != KIDA_OK)
        return st;
    kida_buf_init(&buf, call);
    kd_put_padded(kd_terminal_of(call), &buf, text, kida_arg_int(call, 0),
                  kd_align_of(kida_arg(call, 1)), fill);
    return kd_finish_styled(KIDA_OK, &buf, out);
}

static const kida_param pad_params[] = {
    { "width", KIDA_IN_INT, NULL },
    { "align", KIDA_IN_ANY, "'left'" },
    { "fill", KIDA_IN_ANY, "' '" },
    { 0 },
};

/* center: unlike the filter of the other surfaces it counts columns, and puts an odd one right. */
static kida_status
f_center(kida_call *call, kida_value self, kida_value *out)
{
    kida_buf buf;
    kida_status st = kd_text_spend(call, kd_text(self));

    kida_buf_init(&buf, call);
    kd_put_padded(kd_terminal_of(call), &buf, kd_text(self), kida_arg_int(call, 0), KD_CENTER,
                  KIDA_S(" "));
    return st == KIDA_OK ? kida_buf_finish(&buf, out) : st;
}

static const kida_param center_params[] = { { "width", KIDA_IN_INT, "80" }, { 0 } };

static kida_status
f_truncate(kida_call *call, kida_value self, kida_value *out)
{
    const kd_terminal *terminal = kd_terminal_of(call);
    kida_str text = kd_text(self);
    kida_str mark = kd_text(kida_arg(call, 2));
    int64_t length = kida_arg_int(call, 0);
    kida_buf buf;
    kida_status st = kd_text_spend(call, text);

    if (st != KIDA_OK)
        return st;
    if (length >= 0 && kd_display_width(terminal, text) <= (uint64_t)length) {
        *out = self;
        return KIDA_OK;
    }
    size_t room = length > 0 ? (size_t)length : 0;
    size_t mark_width = kd_display_width(terminal, mark);
    kida_buf_init(&buf, call);
    if (room <= mark_width) {
        mark.len = kd_text_offset(mark, room);
        kida_buf_put(&buf, mark);
        return kida_buf_finish(&buf, out);
    }
    kida_buf_put(&buf, kd_display_cut(terminal, text, room - mark_width));
    kida_buf_put(&buf, mark);
    if (memchr(text.ptr, '\x1b', text.len) != NULL)
        kida_buf_put(&buf, KIDA_S("\x1b[0m"));
    return kida_buf_finish(&buf, out);
}

static const kida_param truncate_params[] = {
    { "length", KIDA_IN_INT, "255" },
    { "killwords", KIDA_IN_ANY, "false" }, /* accepted and unused, like leeway */
    { "end", KIDA_IN_STR, "'…'" },
    { "leeway", KIDA_IN_ANY, "none" },
    { 0 },
};

/* ---- badge ----------------------------------------------------------------------------------- */

typedef struct outcome {
    const char *word;
    const char *icon;
    unsigned code;
    const char *label; /* where there are no colours */
} outcome;

static const outcome outcomes[] = {
    { "pass", "check", KD_GREEN, "[PASS]" },    { "success", "check", KD_GREEN, "[PASS]" },
    { "ok", "check", KD_GREEN, "[OK]" },        { "fail", "cross", KD_RED, "[FAIL]" },
    { "failed", "cross", KD_RED, "[FAIL]" },    { "error", "cross", KD_RED, "[ERROR]" },
    { "warn", "warn", KD_YELLOW, "[WARN]" },    { "warning", "warn", KD_YELLOW, "[WARN]" },
    { "skip", "circle", KD_DIM, "[SKIP]" },     { "skipped", "circle", KD_DIM, "[SKIP]" },
    { "info", "info", KD_BLUE, "[INFO]" },
};

static void
put_outcome(const kd_terminal *terminal, kida_buf *buf, const outcome *o)
{
    kida_str glyph = kida_str_from(o->label);

    if (terminal->depth != KD_MONO)
        (void)kd_icon(terminal, kida_str_from(o->icon), false, &glyph);
    kd_put_painted(terminal, buf, o->code, glyph);
}

/* The glyph of one of the icons that outcomes have; any other text stands for itself. */
static kida_status
badge_icon(kida_call *call, kida_value v, kida_str *out)
{
    kida_str name = kida_as_str(v);

    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
        if (kida_str_equal(name, kida_str_from(outcomes[i].icon))) {
            (void)kd_icon(kd_terminal_of(call), name, false, out);
            return KIDA_OK;
        }
    }
    return kd_shown(call, v, out);
}

static kida_status
put_badge(kida_call *call, kida_buf *buf, kida_value self)
{
    const kd_terminal *terminal = kd_terminal_of(call);
    kida_str text, glyph;
    bool has_icon;
    kida_buf line;
    kida_status st = kida_truth(call, kida_arg(call, 0), &has_icon);

    kida_buf_init(&line, call);
    if (st == KIDA_OK && has_icon) {
        st = badge_icon(call, kida_arg(call, 0), &glyph);
        if (st != KIDA_OK)
            return st;
        kida_buf_put(&line, glyph);
        kida_buf_byte(&line, ' ');
    }
    if (st == KIDA_OK)
        st = kd_put_shown(call, &line, self);
    if (st != KIDA_OK)
        return st;
    text = kida_buf_str(&line);
    kd_put_painted(terminal, buf, kd_colour_code(kida_as_str(kida_arg(call, 1))), text);
    return KIDA_OK;
}

static kida_status
f_badge(kida_call *call, kida_value self, kida_value *out)
{
    kida_str text;
    kida_value small;
    kida_buf buf;
    kida_status st = kida_to_str(call, self, &text);

    if (st == KIDA_OK)
        st = kd_small_letters(call, text, &small);
    if (st != KIDA_OK)
        return st;
    kida_str word = kd_text_trim(kd_text(small));
    kida_buf_init(&buf, call);
    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
        if (kida_str_equal(word, kida_str_from(outcomes[i].word))) {
            put_outcome(kd_terminal_of(call), &buf, &outcomes[i]);
            return kd_finish_styled(KIDA_OK, &buf, out);
        }
    }
    return kd_finish_styled(put_badge(call, &buf, self), &buf, out);
}

static const kida_param badge_params[] = {
    { "icon", KIDA_IN_ANY, "none" },
    { "badge_color", KIDA_IN_ANY, "none" },
    { 0 },
};

/* ---- bar, kv --------------------------------------------------------------------------------- */

/* Part of 1 that v is, within bounds; what is no number counts as full. */
static kida_status
read_part(kida_call *call, kida_value v, double *out)
{
    bool known;
    kida_status st = kida_to_float(call, v, out, &known);

    if (st != KIDA_OK)
        return st;
    if (!known)
        return kida_kind_of(v) == KIDA_STRING ? kd_fail_value(call, "bar() can't read the number")
                                              : kida_fail_type(call, v, "bar() wants a number");
    *out = isnan(*out) || *out > 1.0 ? 1.0 : *out < 0.0 ? 0.0 : *out;
    return KIDA_OK;
}

static kida_status
f_bar(kida_call *call, kida_value self, kida_value *out)
{
    bool unicode = kd_terminal_of(call)->unicode;
    int64_t width = kida_arg_int(call, 0);
    double part = 0.0;
    kida_buf buf;
    kida_status st = read_part(call, self, &part);

    if (st != KIDA_OK)
        return st;
    double product = part * (double)width;
    int64_t filled = product >= 0x1p62 ? INT64_MAX / 2 : product < 0 ? 0 : (int64_t)product;
    kida_buf_init(&buf, call);
    if (!unicode)
        kida_buf_byte(&buf, '[');
    kd_put_times(&buf, unicode ? KIDA_S("█") : KIDA_S("#"), filled);
    kd_put_times(&buf, unicode ? KIDA_S("░") : KIDA_S("-"), width > filled ? width - filled : 0);
    if (!unicode)
        kida_buf_byte(&buf, ']');
    if (kida_arg_bool(call, 1)) {
        kida_buf_byte(&buf, ' ');
        kida_buf_int(&buf, (int64_t)(part * 100));
        kida_buf_byte(&buf, '%');
    }
    return kd_finish_styled(KIDA_OK, &buf, out);
}

static const kida_param bar_params[] = {
    { "width", KIDA_IN_INT, "20" },
    { "show_pct", KIDA_IN_BOOL, "true" },
    { 0 },
};

static kida_status
f_kv(kida_call *call, kida_value self, kida_value *out)
{
    const kd_terminal *terminal = kd_terminal_of(call);
    int64_t width = kida_arg_int(call, 1);
    kida_str label, value, gap, fill;
    kida_buf buf;
    kida_status st = kd_shown(call, self, &label);

    if (st == KIDA_OK)
        st = kd_shown(call, kida_arg(call, 0), &value);
    if (st == KIDA_OK)
        st = kida_to_str(call, kida_arg(call, 2), &gap);
    if (st == KIDA_OK)
        st = kida_to_str(call, kida_arg(call, 3), &fill);
    if (st != KIDA_OK)
        return st;
    if (!terminal->unicode && !kida_arg_given(call, 3))
        fill = KIDA_S(".");
    uint64_t used = kd_display_width(terminal, label) + kd_display_width(terminal, value) +
                    2 * kida_utf8_count(gap);
    kida_buf_init(&buf, call);
    kida_buf_put(&buf, label);
    kida_buf_put(&buf, gap);
    kd_put_times(&buf, fill, width > (int64_t)used ? width - (int64_t)used : 1);
    kida_buf_put(&buf, gap);
    kida_buf_put(&buf, value);
    return kd_finish_styled(KIDA_OK, &buf, out);
}

static const kida_param kv_params[] = {
    { "value", KIDA_IN_ANY, NULL },
    { "width", KIDA_IN_INT, "40" },
    { "sep", KIDA_IN_ANY, "' '" },
    { "fill", KIDA_IN_ANY, "'·'" },
    { 0 },
};

const kida_filter kd_filters_layout[] = {
    { "pad", f_pad, pad_params, KIDA_PURE, "filled up to a number of columns" },
    { "center", f_center, center_params, KIDA_PURE | KIDA_TEXT_IN,
      "spaces on both sides, by columns" },
    { "truncate", f_truncate, truncate_params, KIDA_PURE | KIDA_TEXT_IN,
      "cut to a number of columns" },
    { "badge", f_badge, badge_params, KIDA_PURE, "an outcome as a coloured icon" },
    { "bar", f_bar, bar_params, KIDA_PURE, "a part of 1 as a bar" },
    { "kv", f_kv, kv_params, KIDA_PURE, "a label and a value with dots between them" },
};
const size_t kd_filters_layout_count = sizeof(kd_filters_layout) / sizeof(kd_filters_layout[0]);
