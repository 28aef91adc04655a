/* SPDX-License-Identifier: MIT */
/* functions.c - what templates of every app can call: url_for, and what filters.c adds. */
#include "app.h"
#include "filters.h"

/* Values as text, lists as several; none is left out. */
static kida_status
add_value(kida_call *call, ch_pair *pairs, size_t *count, kida_str name, kida_value value)
{
    kida_kind kind = kida_kind_of(value);
    if (kind == KIDA_NONE || kind == KIDA_ABSENT)
        return KIDA_OK;
    bool is_list = kind == KIDA_LIST || kind == KIDA_TUPLE;
    size_t items = is_list ? kida_length(value) : 1;
    for (size_t i = 0; i < items; i++) {
        if (*count == CH_PATTERN_PARAMS_MAX * 2)
            return kida_fail(call, KIDA_E_USAGE, "url_for takes at most %d values",
                             CH_PATTERN_PARAMS_MAX * 2);
        pairs[*count].name = name;
        kida_status st = kida_to_str(call, is_list ? kida_item_at(value, i) : value,
                                     &pairs[*count].value);
        if (st != KIDA_OK)
            return st;
        ++*count;
    }
    return KIDA_OK;
}

static kida_status
f_url_for(kida_call *call, kida_value *out)
{
    chirp_app *app = kida_call_user(call);
    ch_pair pairs[CH_PATTERN_PARAMS_MAX * 2];
    size_t count = 0;
    if (!chirp_app_is_frozen(app))
        return kida_fail(call, KIDA_E_USAGE, "url_for works once the app is frozen");
    for (size_t i = 0; i < kida_keyword_count(call); i++) {
        kida_str name;
        kida_value value = kida_keyword(call, i, &name);
        kida_status st = add_value(call, pairs, &count, name, value);
        if (st != KIDA_OK)
            return st;
    }
    kida_error err;
    kida_error_init(&err);
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_status st = ch_router_url(app->frozen.router, kida_arg_str(call, 0), pairs, count, &buf,
                                   &err);
    if (st == KIDA_OK)
        return kida_buf_finish(&buf, out);
    st = kida_fail(call, st, "%s", err.message);
    return err.hint[0] ? kida_fail_hint(call, "%s", err.hint) : st;
}

static const kida_param url_for_params[] = {
    { "name", KIDA_IN_STR | KIDA_IN_POSITION, NULL },
    { "**params", KIDA_IN_ANY, NULL },
    { NULL, 0, NULL },
};

static const kida_function functions[] = {
    { "url_for", f_url_for, url_for_params, KIDA_IMPURE,
      "URL of a named route; parameters that its path does not use become the query" },
};

kida_status
ch_app_add_functions(chirp_app *app, kida_error *err)
{
    kida_status st = ch_filters_add(app->env, err);
    for (size_t i = 0; st == KIDA_OK && i < sizeof(functions) / sizeof(functions[0]); i++)
        st = kida_env_add_function(app->env, &functions[i], app, NULL, err);
    return st;
}
