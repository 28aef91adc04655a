/* SPDX-License-Identifier: MIT */
/* zoo.c - values of every kind. */
#include "zoo.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void
add(t_zoo *zoo, const char *label, kida_value v)
{
    if (zoo->count == sizeof(zoo->animals) / sizeof(zoo->animals[0]))
        abort();
    zoo->animals[zoo->count].label = label;
    zoo->animals[zoo->count++].value = v;
}

static void
need(kida_status st)
{
    if (st != KIDA_OK)
        abort();
}

static kida_value
from_json(t_zoo *zoo, const char *json)
{
    kida_value v;
    need(kida_json_parse(zoo->pool, kida_str_from(json), &v, NULL));
    return v;
}

static kida_value
repeat(t_zoo *zoo, const char *text, size_t times)
{
    size_t len = strlen(text);
    char *out = kida_pool_alloc(zoo->pool, len * times + 1);
    if (out == NULL)
        abort();
    for (size_t i = 0; i < times; i++)
        memcpy(out + i * len, text, len);
    kida_str all = { out, len * times };
    return kida_string(all);
}

/* ---- objects ----------------------------------------------------------------------------------
 */

static kida_status
self_attribute(kida_call *call, void *self, kida_str name, kida_value *out)
{
    (void)call;
    (void)self;
    if (kida_str_equal(name, KIDA_S("a")) || kida_str_equal(name, KIDA_S("x")))
        *out = kida_int(1);
    return KIDA_OK;
}

static kida_status
endless_next(kida_call *call, void *self, kida_iter *iter, kida_value *out)
{
    (void)call;
    (void)self;
    *out = kida_int((int64_t)iter->at_++);
    return KIDA_OK;
}

static kida_status
endless_length(kida_call *call, void *self, size_t *out)
{
    (void)call;
    (void)self;
    *out = SIZE_MAX;
    return KIDA_OK;
}

static kida_status
fail_value(kida_call *call, void *self, kida_value *out)
{
    (void)self;
    (void)out;
    return kida_fail(call, KIDA_E_RUNTIME, "the object does not want to");
}

static kida_status
fail_attribute(kida_call *call, void *self, kida_str name, kida_value *out)
{
    (void)name;
    return fail_value(call, self, out);
}

static kida_status
fail_item(kida_call *call, void *self, kida_value key, kida_value *out)
{
    (void)key;
    return fail_value(call, self, out);
}

static kida_status
fail_length(kida_call *call, void *self, size_t *out)
{
    kida_value none;
    (void)out;
    return fail_value(call, self, &none);
}

static kida_status
fail_next(kida_call *call, void *self, kida_iter *iter, kida_value *out)
{
    (void)iter;
    return fail_value(call, self, out);
}

static kida_status
fail_truth(kida_call *call, void *self, bool *out)
{
    kida_value none;
    (void)out;
    return fail_value(call, self, &none);
}

static kida_status
fail_with(kida_call *call, void *self, kida_value other, bool *out)
{
    (void)other;
    return fail_truth(call, self, out);
}

static kida_status
fail_compare(kida_call *call, void *self, kida_value other, int *out)
{
    bool truth;
    (void)out;
    return fail_with(call, self, other, &truth);
}

static const kida_object_type plain_type = { .size = sizeof(kida_object_type), .name = "plain" };
static const kida_object_type endless_type = {
    .size = sizeof(kida_object_type),
    .name = "endless",
    .attribute = self_attribute,
    .length = endless_length,
    .next = endless_next,
    .flags = KIDA_OBJECT_MAPPING,
};
static const kida_object_type stubborn_type = {
    .size = sizeof(kida_object_type),
    .name = "stubborn",
    .attribute = fail_attribute,
    .item = fail_item,
    .length = fail_length,
    .next = fail_next,
    .invoke = fail_value,
    .text = fail_value,
    .html = fail_value,
    .repr = fail_value,
    .truth = fail_truth,
    .contains = fail_with,
    .equal = fail_with,
    .compare = fail_compare,
};

typedef struct point {
    int x, y;
    const char *name;
} point;
static const kida_field point_fields[] = { KIDA_INT_FIELD(point, x), KIDA_INT_FIELD(point, y),
                                           KIDA_CSTRING_FIELD(point, name), KIDA_FIELDS_END };
static const kida_struct point_struct = { "point", sizeof(point), point_fields, "name" };
static const point points[] = { { 1, 2, "<p>" }, { 3, 4, NULL } };

static kida_status
answer(kida_call *call, kida_value *out)
{
    (void)call;
    *out = kida_int(42);
    return KIDA_OK;
}
static const kida_param answer_params[] = { { "*rest", KIDA_IN_ANY, NULL },
                                            { "**keywords", KIDA_IN_ANY, NULL },
                                            { NULL, 0, NULL } };
static const kida_function answer_row = { "answer", answer, answer_params, 0, "42" };

/* ---- by kind ------------------------------------------------------------------------------------
 */

static void
add_numbers(t_zoo *zoo)
{
    static const int64_t ints[] = { 0, 1, -1, 7, 1000, INT64_C(1) << 40, INT64_MAX, INT64_MIN };
    static const double floats[] = { 0.0, -0.0, 1.5, -2.5, 1e22, 1e308, 5e-324 };
    add(zoo, "none", kida_none());
    add(zoo, "undefined", kida_undefined());
    add(zoo, "true", kida_bool(true));
    add(zoo, "false", kida_bool(false));
    for (size_t i = 0; i < sizeof(ints) / sizeof(ints[0]); i++)
        add(zoo, "int", kida_int(ints[i]));
    add(zoo, "big int", from_json(zoo, "100000000000000000000000000000000000000000"));
    add(zoo, "negative big int", from_json(zoo, "-9223372036854775809"));
    for (size_t i = 0; i < sizeof(floats) / sizeof(floats[0]); i++)
        add(zoo, "float", kida_float(floats[i]));
    add(zoo, "nan", kida_float((double)NAN));
    add(zoo, "infinity", kida_float((double)INFINITY));
    add(zoo, "negative infinity", kida_float(-(double)INFINITY));
}

static void
add_texts(t_zoo *zoo)
{
    static const char *const texts[] = {
        "",
        "a",
        "abc def ghi",
        "<b>\"x\" & 'y'</b>",
        "12",
        "1e400",
        " -5 ",
        "(a+)+$",
        "%s %(a)s %",
        "{0.__class__} {} {a[0]:>99999999}",
        "a\nb\r\nc\n\n",
        "\xc3\x9f\xc4\xb0\xef\xac\x83 e\xcc\x81",
        "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb \xe4\xb8\xad\xe6\x96\x87",
        "%Y-%m-%d",
        "2026-01-01",
        "http://x.yz/?a=<b>&c",
        "__class__",
        "upper",
        "a.b",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        add(zoo, texts[i], kida_string(kida_str_from(texts[i])));
    add(zoo, "text with NUL", kida_string(KIDA_S("a\0b")));
    add(zoo, "markup", kida_safe(KIDA_S("<i>safe</i> &amp;")));
    add(zoo, "long text", repeat(zoo, "word <x> ", 4000));
    add(zoo, "long word", repeat(zoo, "\xc3\xa9", 20000));
    add(zoo, "many digits", repeat(zoo, "9", 5000));
}

/* A list or dict that holds itself, and one that is nested deeply. */
static void
add_circles(t_zoo *zoo)
{
    kida_value list, dict, deep;
    need(kida_list_new(zoo->pool, 2, &list));
    need(kida_list_push(list, kida_int(1)));
    need(kida_list_push(list, list));
    add(zoo, "list that holds itself", list);
    need(kida_dict_new(zoo->pool, 2, &dict));
    need(kida_dict_set(dict, kida_string(KIDA_S("a")), dict));
    need(kida_dict_set(dict, kida_string(KIDA_S("b")), list));
    add(zoo, "dict that holds itself", dict);
    deep = kida_int(0);
    for (int i = 0; i < 5000; i++) {
        kida_value outer;
        need(kida_list_new(zoo->pool, 1, &outer));
        need(kida_list_push(outer, deep));
        deep = outer;
    }
    add(zoo, "deep list", deep);
    for (int i = 0; i < 5000; i++)
        need(kida_tuple_new(zoo->pool, &deep, 1, &deep));
    add(zoo, "deep tuple", deep);
}

static void
add_containers(t_zoo *zoo)
{
    static const char *const jsons[] = {
        "[]",
        "[3,1,2]",
        "[\"b\",\"a\",\"B\",\"a\"]",
        "[1,\"a\",null,2.5,true,[1],{\"a\":1}]",
        "[null,null]",
        "[{\"a\":1,\"x\":\"p\"},{\"a\":2},{\"x\":\"q\"}]",
        "[[\"a\",1],[\"b\",2]]",
        "{}",
        "{\"a\":1,\"b\":[1,2],\"<c>\":null}",
        "{\"items\":1,\"keys\":2,\"__class__\":3}",
    };
    kida_value v, members[] = { kida_int(1), kida_string(KIDA_S("a")), kida_none() };
    for (size_t i = 0; i < sizeof(jsons) / sizeof(jsons[0]); i++)
        add(zoo, jsons[i], from_json(zoo, jsons[i]));
    need(kida_tuple_new(zoo->pool, members, 3, &v));
    add(zoo, "tuple", v);
    need(kida_tuple_new(zoo->pool, members, 0, &v));
    add(zoo, "empty tuple", v);
    need(kida_set_new(zoo->pool, 4, &v));
    add(zoo, "empty set", v);
    need(kida_dict_new(zoo->pool, 4, &v));
    need(kida_dict_set(v, kida_int(1), kida_string(KIDA_S("one"))));
    need(kida_dict_set(v, kida_none(), kida_float(2.5)));
    add(zoo, "dict with other keys", v);
    need(kida_list_new(zoo->pool, 3000, &v));
    for (int i = 0; i < 3000; i++)
        need(kida_list_push(v, kida_int(i * 7919 % 3001)));
    add(zoo, "long list", v);
    add_circles(zoo);
}

static void
add_host(t_zoo *zoo)
{
    static int memory;
    kida_value v;
    add(zoo, "plain object", kida_object(&plain_type, &memory));
    add(zoo, "endless object", kida_object(&endless_type, &memory));
    add(zoo, "stubborn object", kida_object(&stubborn_type, &memory));
    add(zoo, "struct", kida_from_struct(&point_struct, &points[0]));
    need(kida_from_array(zoo->pool, &point_struct, points, 2, &v));
    add(zoo, "array", v);
    need(kida_from_time(zoo->pool, 1767225600, &v));
    add(zoo, "time", v);
    need(kida_from_time(zoo->pool, INT64_MAX, &v));
    add(zoo, "time beyond time", v);
    need(kida_function_value(zoo->pool, &answer_row, NULL, &v));
    add(zoo, "function", v);
}

void
t_zoo_open(t_zoo *zoo)
{
    memset(zoo, 0, sizeof(*zoo));
    zoo->pool = kida_pool_new(NULL, 0);
    if (zoo->pool == NULL)
        abort();
    add_numbers(zoo);
    add_texts(zoo);
    add_containers(zoo);
    add_host(zoo);
    kida_pool_seal(zoo->pool);
}

void
t_zoo_close(t_zoo *zoo)
{
    kida_pool_free(zoo->pool);
    zoo->pool = NULL;
}

/* ---- what a walk uses up ------------------------------------------------------------------------
 */

static kida_status
count_up(kida_call *call, void *state, kida_value *out)
{
    int64_t *left = state;
    (void)call;
    if (*left != 0)
        *out = kida_int((*left)--);
    return KIDA_OK;
}

static kida_status
break_off(kida_call *call, void *state, kida_value *out)
{
    int64_t *left = state;
    if (*left == 0)
        return kida_fail(call, KIDA_E_KEY, "the walk breaks off");
    *out = kida_int((*left)--);
    return KIDA_OK;
}

static const struct {
    const char *label;
    kida_next_fn *next;
    int64_t left;
} fresh[] = {
    { "iterator", count_up, 3 },
    { "empty iterator", count_up, 0 },
    { "endless iterator", count_up, -1 },
    { "iterator that fails", break_off, 2 },
};

size_t
t_zoo_fresh_count(void)
{
    return sizeof(fresh) / sizeof(fresh[0]);
}

kida_value
t_zoo_fresh(size_t index, kida_pool *pool, const char **label)
{
    kida_value v;
    int64_t *left = kida_pool_alloc(pool, sizeof(*left));
    if (left == NULL)
        abort();
    *left = fresh[index].left;
    *label = fresh[index].label;
    need(kida_iterator_new(pool, "zoo", fresh[index].next, left, &v));
    return v;
}
