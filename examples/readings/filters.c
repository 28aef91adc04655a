/* SPDX-License-Identifier: MIT */
/* filters.c - `{{ 21.46 | reading("°C") }}` and `{{ sensor.history | sparkline }}`. */
#include "filters.h"

#include <stdio.h>

#define POINTS_MAX 64

/* reading: one decimal, or none from a hundred on, and the unit behind a thin space. */
static kida_status
reading(kida_call *call, kida_value self, kida_value *out)
{
    char text[64];
    kida_kind kind = kida_kind_of(self);
    if (kind != KIDA_INT && kind != KIDA_FLOAT)
        return kida_fail_type(call, self, "reading wants a number");
    double number = kida_as_float(self);
    bool large = number >= 100 || number <= -100;
    int len = snprintf(text, sizeof(text), large ? "%.0f" : "%.1f", number);

    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_buf_put(&buf, (kida_str){ text, (size_t)len });
    kida_buf_put(&buf, KIDA_S("\u2009"));
    kida_buf_put(&buf, kida_arg_str(call, 0));
    return kida_buf_finish(&buf, out);
}

/* Values of `value` of each item, at most POINTS_MAX of them. */
static kida_status
collect(kida_call *call, kida_value self, double points[POINTS_MAX], size_t *count)
{
    kida_iter iter;
    kida_value item;
    kida_value value;
    *count = 0;
    kida_status st = kida_iter_init(call, &iter, self);
    while (st == KIDA_OK && *count < POINTS_MAX) {
        st = kida_iter_next(call, &iter, &item);
        if (st != KIDA_OK || kida_kind_of(item) == KIDA_ABSENT)
            break;
        st = kida_get_attr(call, item, KIDA_S("value"), &value);
        if (st == KIDA_OK)
            points[(*count)++] = kida_as_float(value);
    }
    return st;
}

/* sparkline: an SVG line through the values, 120 by 32, drawn in the colour of the text. */
static kida_status
sparkline(kida_call *call, kida_value self, kida_value *out)
{
    double points[POINTS_MAX];
    size_t count;
    kida_status st = collect(call, self, points, &count);
    if (st != KIDA_OK)
        return st;

    double low = count > 0 ? points[0] : 0;
    double high = low;
    for (size_t i = 1; i < count; i++) {
        low = points[i] < low ? points[i] : low;
        high = points[i] > high ? points[i] : high;
    }
    double span = high > low ? high - low : 1;

    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_buf_put(&buf, KIDA_S("<svg class=\"spark\" viewBox=\"0 0 120 32\" "
                              "preserveAspectRatio=\"none\" aria-hidden=\"true\">"
                              "<polyline points=\""));
    for (size_t i = 0; i < count; i++) {
        double x = count > 1 ? 118.0 * (double)i / (double)(count - 1) + 1 : 1;
        double y = 30 - 28 * (points[i] - low) / span;
        kida_buf_format(&buf, "%d.%d,%d.%d ", (int)x, (int)(x * 10) % 10, (int)y,
                        (int)(y * 10) % 10);
    }
    kida_buf_put(&buf, KIDA_S("\"/></svg>"));
    return kida_buf_finish_safe(&buf, out);
}

static const kida_param reading_params[] = { { "unit", KIDA_IN_STR, "''" }, { 0 } };
static const kida_filter rows[] = {
    { "reading", reading, reading_params, KIDA_PURE, "a number with its unit" },
    { "sparkline", sparkline, NULL, KIDA_SAFE_OUT, "an SVG line through a list of points" },
};

void
filters_add(chirp_app *app)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        chirp_template_filter(app, &rows[i], NULL, NULL);
}
