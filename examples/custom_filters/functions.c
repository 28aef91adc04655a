/* SPDX-License-Identifier: MIT */
/* functions.c - global functions: keywords, calls back into the template, user data. */
#include "extend.h"

#include <stdlib.h>
#include <string.h>

/* {{ attributes(id='x', class='y') }}: any keywords. */
static kida_status
g_attributes(kida_call *call, kida_value *out)
{
    kida_buf buf;
    kida_buf_init(&buf, call);
    for (size_t i = 0; i < kida_keyword_count(call); i++) {
        kida_str name, text;
        kida_status st = kida_to_str(call, kida_keyword(call, i, &name), &text);
        if (st != KIDA_OK)
            return st;
        kida_buf_byte(&buf, ' ');
        kida_buf_html(&buf, name);
        kida_buf_put(&buf, KIDA_S("=\""));
        kida_buf_html(&buf, text);
        kida_buf_byte(&buf, '"');
    }
    return kida_buf_finish_safe(&buf, out);
}

/* {{ twice(card) }}: calls a def of the template, whose result is markup. */
static kida_status
g_twice(kida_call *call, kida_value *out)
{
    kida_buf buf;
    kida_buf_init(&buf, call);
    for (int64_t i = 1; i <= 2; i++) {
        kida_value number = kida_int(i), made;
        kida_status st = kida_invoke(call, kida_arg(call, 0), &number, 1, &made);
        if (st != KIDA_OK)
            return st;
        kida_buf_value(&buf, made);
    }
    return kida_buf_finish_safe(&buf, out);
}

/* {{ greet('Ann') }}: user data of its own, given at registration. */
static kida_status
g_greet(kida_call *call, kida_value *out)
{
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_buf_put(&buf, kida_str_from((const char *)kida_call_user(call)));
    kida_buf_put(&buf, kida_arg_str(call, 0));
    return kida_buf_finish(&buf, out);
}

static const kida_param any_params[] = { { "**names", KIDA_IN_ANY, NULL }, { NULL, 0, NULL } };
static const kida_param def_params[] = { { "def", KIDA_IN_CALLABLE, NULL }, { NULL, 0, NULL } };
static const kida_param name_params[] = { { "name", KIDA_IN_STR, NULL }, { NULL, 0, NULL } };

static const kida_function functions[] = {
    { "attributes", g_attributes, any_params, KIDA_PURE | KIDA_SAFE_OUT, "HTML attributes" },
    { "twice", g_twice, def_params, 0, "calls a def with 1 and with 2" },
};
static const kida_function greet = { "greet", g_greet, name_params, KIDA_PURE, "a greeting" };

kida_status
add_functions(kida_env *env, kida_error *err)
{
    static const char text[] = "Hello, ";
    char *hello = malloc(sizeof(text)); /* free ends it, also when the registration fails */
    if (hello == NULL)
        return KIDA_E_NOMEM;
    memcpy(hello, text, sizeof(text));
    kida_status st = kida_env_add_function(env, &greet, hello, free, err);
    if (st == KIDA_OK)
        st = kida_env_add_functions(env, functions, sizeof(functions) / sizeof(functions[0]), err);
    return st;
}
