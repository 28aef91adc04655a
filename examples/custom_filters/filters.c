/* SPDX-License-Identifier: MIT */
/* filters.c - filters and a test: parameters, markup results, errors with a hint. */
#include "extend.h"

/* {{ n | plural('apple', many='apples') }}: parameters with names and a default. */
static kida_status
f_plural(kida_call *call, kida_value self, kida_value *out)
{
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_buf_value(&buf, self);
    kida_buf_byte(&buf, ' ');
    if (kida_as_int(self) == 1) {
        kida_buf_put(&buf, kida_arg_str(call, 0));
    } else if (kida_arg_given(call, 1)) {
        kida_buf_put(&buf, kida_arg_str(call, 1));
    } else {
        kida_buf_put(&buf, kida_arg_str(call, 0));
        kida_buf_byte(&buf, 's');
    }
    return kida_buf_finish(&buf, out);
}

/* {{ text | badge }}: the result is markup, so what comes from outside is escaped here. */
static kida_status
f_badge(kida_call *call, kida_value self, kida_value *out)
{
    kida_str text;
    kida_status st = kida_to_str(call, self, &text);
    if (st != KIDA_OK)
        return st;
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_buf_put(&buf, KIDA_S("<b class=\""));
    kida_buf_html(&buf, kida_arg_str(call, 0));
    kida_buf_put(&buf, KIDA_S("\">"));
    kida_buf_html(&buf, text);
    kida_buf_put(&buf, KIDA_S("</b>"));
    return kida_buf_finish_safe(&buf, out);
}

/* {{ n | percent_of(total) }}: an error with a code of the library, and a hint. */
static kida_status
f_percent_of(kida_call *call, kida_value self, kida_value *out)
{
    int64_t total = kida_arg_int(call, 0);
    if (total == 0) {
        kida_fail(call, KIDA_E_ZERO_DIVISION, "percent_of: the total is 0");
        return kida_fail_hint(call, "guard it: {%% if total %%}");
    }
    *out = kida_float(kida_as_float(self) * 100.0 / (double)total);
    return KIDA_OK;
}

/* {% if n is between(1, 9) %} */
static kida_status
t_between(kida_call *call, kida_value self, bool *out)
{
    bool low, high;
    kida_status st = kida_order(call, 'g', self, kida_arg(call, 0), &low);
    if (st == KIDA_OK)
        st = kida_order(call, 'l', self, kida_arg(call, 1), &high);
    if (st == KIDA_OK)
        *out = low && high;
    return st;
}

static const kida_param plural_params[] = {
    { "one", KIDA_IN_STR, NULL }, { "many", KIDA_IN_STR, "''" }, { NULL, 0, NULL }
};
static const kida_param badge_params[] = { { "kind", KIDA_IN_STR, "'plain'" }, { NULL, 0, NULL } };
static const kida_param total_params[] = { { "total", KIDA_IN_INT, NULL }, { NULL, 0, NULL } };
static const kida_param between_params[] = {
    { "low", KIDA_IN_ANY, NULL }, { "high", KIDA_IN_ANY, NULL }, { NULL, 0, NULL }
};
static const kida_filter filters[] = {
    { "plural", f_plural, plural_params, KIDA_PURE, "number with its noun" },
    { "badge", f_badge, badge_params, KIDA_PURE | KIDA_SAFE_OUT, "text in a badge" },
    { "percent_of", f_percent_of, total_params, KIDA_PURE, "share of a total" },
};
static const kida_test between = { "between", t_between, between_params, KIDA_PURE, "low to high" };
kida_status
add_filters(kida_env *env, kida_error *err)
{
    kida_status st =
        kida_env_add_filters(env, filters, sizeof(filters) / sizeof(filters[0]), err);
    return st == KIDA_OK ? kida_env_add_tests(env, &between, 1, err) : st;
}
