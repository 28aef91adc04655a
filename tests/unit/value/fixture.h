/* SPDX-License-Identifier: MIT */
/* fixture.h - a call without a render for tests of values: a pool, a runtime, JSON in, repr out. */
#ifndef T_VALUE_FIXTURE_H
#define T_VALUE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "value/methods.h"

#define T_COUNT(array) (sizeof(array) / sizeof((array)[0]))

typedef struct v_fixture {
    kida_pool *pool;
    kd_runtime rt;
    kida_error err;
    kida_call call;
    char text[2048];
} v_fixture;

static inline int
v_setup(void **state)
{
    static v_fixture fx;
    memset(&fx, 0, sizeof(fx));
    kida_error_init(&fx.err);
    fx.pool = kida_pool_new(NULL, 0);
    fx.rt.pool = fx.pool;
    fx.rt.err = &fx.err;
    fx.rt.steps_left = 10000000;
    fx.rt.max_text = 1 << 20;
    fx.rt.max_depth = 100;
    fx.rt.strict_undefined = true;
    fx.call.rt = &fx.rt;
    *state = &fx;
    return fx.pool == NULL;
}

static inline int
v_teardown(void **state)
{
    v_fixture *fx = *state;
    kida_pool_free(fx->pool);
    return 0;
}

/* A value from JSON; "u" is the undefined value, "(…" a tuple of the list that follows,
 * "m" a safe text of the string that follows, "s" a set of the list that follows. */
static inline kida_value
v_json(v_fixture *fx, const char *json)
{
    kida_value v = kida_undefined();
    char mark = json[0] == '(' || json[0] == 'm' || json[0] == 's' ? json[0] : '\0';
    if (strcmp(json, "u") == 0)
        return v;
    kida_str text = kida_str_from(json + (mark != '\0'));
    if (kida_json_parse(fx->pool, text, &v, &fx->err) != KIDA_OK)
        fail_msg("bad JSON in a test: %s: %s", json, fx->err.message);
    if (mark == '(') {
        v = kd_tuple_make(fx->pool, kd_list_of(v)->items, kida_length(v));
    } else if (mark == 'm') {
        v = kida_safe(kida_as_str(v));
    } else if (mark == 's') {
        kida_value set = kd_set_make(fx->pool, 0, false);
        assert_int_equal(kd_set_update(&fx->call, kd_dict_of(set), v), KIDA_OK);
        v = set;
    }
    return v;
}

/* repr of a value, or for a failure its code and kind: "K-RUN-007 IndexError". */
static inline const char *
v_repr(v_fixture *fx, kida_status st, kida_value v)
{
    kida_str text;
    if (st == KIDA_OK && kd_is_absent(v))
        return "absent";
    if (st == KIDA_OK)
        st = kida_to_repr(&fx->call, v, &text);
    if (st != KIDA_OK)
        (void)snprintf(fx->text, sizeof(fx->text), "%s %s", kida_status_code(st), fx->err.kind);
    else
        (void)snprintf(fx->text, sizeof(fx->text), "%.*s", (int)text.len, text.ptr);
    return fx->text;
}

static inline void
v_expect(const char *label, const char *got, const char *want)
{
    if (strcmp(got, want) != 0)
        fail_msg("%s: got [%s], want [%s]", label, got, want);
}

/* Calls a method as a template does; args is a JSON list, named a JSON object or NULL. */
static inline const char *
v_method(v_fixture *fx, kida_value self, const char *name, const char *args, const char *named)
{
    kida_value list = v_json(fx, args);
    kida_value out = kd_absent();
    bool found;
    kida_str names[8];
    kida_value values[8];
    size_t count = 0;
    if (named != NULL) {
        kida_value dict = v_json(fx, named);
        kida_value key;
        while (kida_dict_entry(dict, count, &key, &values[count]))
            names[count++] = kida_as_str(key);
    }
    kida_status st = kd_call_method(&fx->call, self, kida_str_from(name), 0,
                                    kd_list_of(list)->items, kida_length(list), names, values,
                                    count, &out, &found);
    if (!found)
        return "no method";
    return v_repr(fx, st, out);
}

#define v_test(function) cmocka_unit_test_setup_teardown(function, v_setup, v_teardown)

#endif
