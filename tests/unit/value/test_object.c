/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include "value/object.h"

typedef struct point {
    int16_t x;
    uint8_t y;
} point;

typedef struct sample {
    bool flag;
    int32_t small;
    int64_t big;
    uint64_t huge;
    double ratio;
    float third;
    const char *name;
    const char *nothing;
    char code[4];
    kida_str title;
    kida_value any;
    point inner;
    const point *outer;
    const point *lost;
    const point *points;
    size_t point_count;
    const point *const *pointers;
    size_t pointer_count;
    int state;
    int64_t when;
    const int64_t *numbers;
    size_t number_count;
    bool has_extra;
    int extra;
    char bad[3];
} sample;

static const kida_field point_fields[] = {
    KIDA_INT_FIELD(point, x),
    KIDA_UINT_FIELD(point, y),
    KIDA_FIELDS_END,
};
static const kida_struct point_struct = { "point", sizeof(point), point_fields, NULL };
static const char *const states[] = { "new", "old", NULL };
static const kida_field sample_fields[] = {
    KIDA_BOOL_FIELD(sample, flag),
    KIDA_INT_FIELD(sample, small),
    KIDA_INT_FIELD(sample, big),
    KIDA_UINT_FIELD(sample, huge),
    KIDA_DOUBLE_FIELD(sample, ratio),
    KIDA_FIELD_(sample, third, KIDA_FIELD_FLOAT),
    KIDA_CSTRING_FIELD(sample, name),
    KIDA_CSTRING_FIELD(sample, nothing),
    KIDA_CHARS_FIELD(sample, code),
    KIDA_STR_FIELD(sample, title),
    KIDA_VALUE_FIELD(sample, any),
    KIDA_STRUCT_FIELD(sample, inner, &point_struct),
    KIDA_POINTER_FIELD(sample, outer, &point_struct),
    KIDA_POINTER_FIELD(sample, lost, &point_struct),
    KIDA_SLICE_FIELD(sample, points, point_count, &point_struct),
    KIDA_POINTERS_FIELD(sample, pointers, pointer_count, &point_struct),
    KIDA_ENUM_FIELD(sample, state, states),
    KIDA_TIME_FIELD(sample, when),
    KIDA_SLICE_FIELD(sample, numbers, number_count, NULL),
    KIDA_OPTIONAL_FIELD(sample, extra, KIDA_FIELD_INT, has_extra),
    KIDA_CHARS_FIELD(sample, bad),
    KIDA_FIELDS_END,
};
static const kida_struct sample_struct = { "sample", sizeof(sample), sample_fields, "name" };

static void
fields_are_read_from_memory(void **state)
{
    static const struct {
        const char *field, *part, *expect;
    } cases[] = {
        { "flag", NULL, "True" },       { "small", NULL, "-7" },
        { "big", NULL, "-9223372036854775808" },
        { "huge", NULL, "18446744073709551615" },
        { "ratio", NULL, "0.5" },       { "third", NULL, "0.25" },
        { "name", NULL, "'n\xc3\xa9'" },{ "nothing", NULL, "None" },
        { "code", NULL, "'full'" },     { "title", NULL, "'ti'" },
        { "any", NULL, "[1]" },         { "inner", "x", "-1" },
        { "outer", "y", "200" },        { "lost", NULL, "None" },
        { "state", NULL, "'old'" },     { "when", "year", "2025" },
        { "extra", NULL, "absent" },    { "nam", NULL, "absent" },
        { "names", NULL, "absent" },    { "", NULL, "absent" },
        { "bad", NULL, "K-USE-004" },
    };
    static const point points[] = { { 1, 10 }, { 2, 20 }, { 3, 30 } };
    static const point *const pointers[] = { &points[2], NULL };
    static const int64_t numbers[] = { 5, -6 };
    v_fixture *fx = *state;
    sample s = {
        .flag = true, .small = -7, .big = INT64_MIN, .huge = UINT64_MAX, .ratio = 0.5,
        .third = 0.25f, .name = "n\xc3\xa9", .code = { 'f', 'u', 'l', 'l' },
        .title = KIDA_S("ti"), .any = v_json(fx, "[1]"), .inner = { -1, 255 },
        .outer = &(point){ 9, 200 }, .points = points, .point_count = 3, .pointers = pointers,
        .pointer_count = 2, .state = 1, .when = 1738591509, .numbers = numbers,
        .number_count = 2, .bad = { '\xc3', 'x', 0 },
    };
    kida_value v = kida_from_struct(&sample_struct, &s);
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_value out;
        kida_error_init(&fx->err);
        kida_status st = kida_get_attr(&fx->call, v, kida_str_from(cases[i].field), &out);
        if (st == KIDA_OK && cases[i].part != NULL)
            st = kida_get_attr(&fx->call, out, kida_str_from(cases[i].part), &out);
        if (st == KIDA_E_UTF8)
            v_expect(cases[i].field, kida_status_code(st), "K-USE-004");
        else
            v_expect(cases[i].field, v_repr(fx, st, out), cases[i].expect);
    }

    kida_value list, item;
    assert_int_equal(kida_get_attr(&fx->call, v, KIDA_S("points"), &list), KIDA_OK);
    assert_int_equal(kd_get_item(&fx->call, list, kida_int(-1), &item), KIDA_OK);
    assert_int_equal(kida_get_attr(&fx->call, item, KIDA_S("x"), &item), KIDA_OK);
    assert_int_equal(item.u_.i, 3);
    assert_int_equal(kd_get_item(&fx->call, list, kida_int(3), &item), KIDA_E_RUNTIME);
    assert_int_equal(kd_slice(&fx->call, list, kida_int(1), kida_none(), kida_none(), &item),
                     KIDA_OK);
    assert_int_equal(kida_length(item), 2);
    assert_int_equal(kida_get_attr(&fx->call, v, KIDA_S("pointers"), &list), KIDA_OK);
    assert_int_equal(kd_to_list(&fx->call, list, &list), KIDA_OK);
    assert_int_equal(kida_length(list), 2);
    assert_int_equal(kida_kind_of(kida_item_at(list, 1)), KIDA_NONE);
    assert_int_equal(kida_get_attr(&fx->call, v, KIDA_S("numbers"), &list), KIDA_OK);
    assert_int_equal(kd_to_list(&fx->call, list, &list), KIDA_OK);
    v_expect("numbers", v_repr(fx, KIDA_OK, list), "[5, -6]");
    s.has_extra = true;
    s.extra = 4;
    assert_int_equal(kd_get_item(&fx->call, v, kida_string(KIDA_S("extra")), &item), KIDA_OK);
    assert_int_equal(item.u_.i, 4);
    assert_int_equal(kd_get_item(&fx->call, v, kida_string(KIDA_S("zz")), &item), KIDA_E_KEY);
}

/* Holds: dates by the C library's directives, without locale. Could break: weeks around the turn
 * of a year, years before 1970. */
static void
times_format_without_locale(void **state)
{
    static const struct {
        int64_t seconds;
        const char *pattern, *expect;
    } cases[] = {
        { 1738591509, "%Y-%m-%d %H:%M:%S", "2025-02-03 14:05:09" },
        { 1738591509, "%-d %b %Y, %H:%M:%S.%f", "3 Feb 2025, 14:05:09.000000" },
        { 1738591509, "%a %A %b %B %p %P %I %l %k", "Mon Monday Feb February PM pm 02  2 14" },
        { 1738591509, "[%z%Z%:z]", "[]" },
        { 1738591509, "%Q%", "%Q%" },
        { 1738591509, "100%%", "100%" },
        { 1738591509, "%c|%D|%x|%X|%R|%r", "Mon Feb  3 14:05:09 2025|02/03/25|02/03/25|14:05:09|"
                                           "14:05|02:05:09 PM" },
        { 1704067200, "%U %W %V %G %u %w", "00 01 01 2024 1 1" },
        { 1609459200, "%U %W %V %G %u %w", "00 00 53 2020 5 5" },
        { 1735603200, "%V %G %j", "01 2025 366" },
        { 1709164800, "%F %j", "2024-02-29 060" },
        { 951782400, "%F", "2000-02-29" },
        { 0, "%F %T %a", "1970-01-01 00:00:00 Thu" },
        { -1, "%F %T", "1969-12-31 23:59:59" },
        { -86400, "%F", "1969-12-31" },
        { -62135596800, "%F %A", "0001-01-01 Monday" },
        { INT64_MAX, "%Y", "292277026596" },
        { INT64_MIN, "%Y", "-292277022657" },
        { 0, "", "" },
        { 0, "%Y\xe5\xb9\xb4", "1970\xe5\xb9\xb4" },
    };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_buf buf;
        kida_buf_init(&buf, &fx->call);
        kd_time_format(&buf, cases[i].seconds, kida_str_from(cases[i].pattern));
        kida_str got = kida_buf_str(&buf);
        (void)snprintf(fx->text, sizeof(fx->text), "%.*s", (int)got.len, got.ptr);
        v_expect(cases[i].pattern, fx->text, cases[i].expect);
    }
    kida_value a, b, out;
    bool truth;
    kida_str text;
    assert_int_equal(kida_from_time(fx->pool, 1738591509, &a), KIDA_OK);
    assert_int_equal(kida_from_time(fx->pool, 1738591509, &b), KIDA_OK);
    assert_int_equal(kd_equal(&fx->call, a, b, &truth), KIDA_OK);
    assert_true(truth);
    assert_int_equal(kida_to_str(&fx->call, a, &text), KIDA_OK);
    assert_true(kida_str_equal(text, KIDA_S("2025-02-03 14:05:09")));
    v_expect("repr", v_repr(fx, KIDA_OK, a), "datetime.datetime(2025, 2, 3, 14, 5, 9)");
    kida_value pattern = kida_string(KIDA_S("%Y"));
    assert_int_equal(kida_invoke_method(&fx->call, a, KIDA_S("strftime"), &pattern, 1, &out),
                     KIDA_OK);
    v_expect("strftime", v_repr(fx, KIDA_OK, out), "'2025'");
}

/* A host object that answers by index, misses by kind, and fails otherwise. */
static kida_status
box_attribute(kida_call *call, void *self, kida_str name, kida_value *out)
{
    (void)self;
    if (kida_str_equal(name, KIDA_S("x")))
        *out = kida_int(1);
    else if (kida_str_equal(name, KIDA_S("gone")))
        return kida_fail(call, KIDA_E_ATTRIBUTE, "no");
    else if (kida_str_equal(name, KIDA_S("broken")))
        return kida_fail(call, KIDA_E_ZERO_DIVISION, "broken");
    return KIDA_OK;
}

static kida_status
box_item(kida_call *call, void *self, kida_value key, kida_value *out)
{
    (void)self;
    if (!kd_is(key, KIDA_INT))
        return kida_fail(call, KIDA_E_KEY, "no such key");
    *out = kida_int(key.u_.i * 10);
    return KIDA_OK;
}

static kida_status
box_length(kida_call *call, void *self, size_t *out)
{
    (void)call;
    (void)self;
    *out = 3;
    return KIDA_OK;
}

static kida_status
box_invoke(kida_call *call, void *self, kida_value *out)
{
    (void)self;
    *out = kida_int((int64_t)(kida_rest_count(call) * 100 + kida_keyword_count(call)));
    return KIDA_OK;
}

static void
host_objects_answer_by_their_table(void **state)
{
    static const kida_object_type box = {
        .size = sizeof(kida_object_type), .name = "box", .attribute = box_attribute,
        .item = box_item, .length = box_length, .invoke = box_invoke,
    };
    static const kida_object_type bare = { .size = sizeof(kida_object_type), .name = "bare" };
    v_fixture *fx = *state;
    int memory = 0;
    kida_value v = kida_object(&box, &memory);
    kida_value out;
    assert_ptr_equal(kida_object_memory(v, &box), &memory);
    assert_null(kida_object_memory(v, &bare));
    assert_int_equal(kida_get_attr(&fx->call, v, KIDA_S("x"), &out), KIDA_OK);
    assert_int_equal(out.u_.i, 1);
    assert_int_equal(kida_get_attr(&fx->call, v, KIDA_S("gone"), &out), KIDA_OK);
    assert_true(kd_is_absent(out));
    assert_int_equal(fx->err.status, KIDA_OK);
    assert_int_equal(kida_get_attr(&fx->call, v, KIDA_S("broken"), &out), KIDA_E_ZERO_DIVISION);
    assert_int_equal(kd_to_list(&fx->call, v, &out), KIDA_OK);
    v_expect("walk", v_repr(fx, KIDA_OK, out), "[0, 10, 20]");
    kida_value args[] = { kida_int(1), kida_int(2) };
    kida_str name = KIDA_S("k");
    assert_int_equal(kd_invoke(&fx->call, v, args, 2, &name, args, 1, &out), KIDA_OK);
    assert_int_equal(out.u_.i, 201);
    v = kida_object(&bare, &memory);
    assert_int_equal(kd_to_list(&fx->call, v, &out), KIDA_E_TYPE);
    assert_int_equal(kida_invoke(&fx->call, v, NULL, 0, &out), KIDA_E_TYPE);
    assert_int_equal(kd_get_item(&fx->call, v, kida_int(0), &out), KIDA_E_TYPE);
    assert_int_equal(kida_get_attr(&fx->call, v, KIDA_S("x"), &out), KIDA_OK);
    assert_true(kd_is_absent(out));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        v_test(fields_are_read_from_memory),
        v_test(times_format_without_locale),
        v_test(host_objects_answer_by_their_table),
    };
    return cmocka_run_group_tests_name("value/object", tests, NULL, NULL);
}
