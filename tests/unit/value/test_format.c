/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include "value/format.h"

/* The examples of the library specification, 2.2, and the corners around them. */
static void
specs(void **state)
{
    static const struct {
        const char *json, *spec, *want;
    } cases[] = {
        { "\"a\"", ">6", "'     a'" },
        { "\"ab\"", "*^7", "'**ab***'" },
        { "\"ab\"", "\u00e9<4", "'ab\u00e9\u00e9'" },
        { "\"abcdef\"", ".3", "'abc'" },
        { "\"a\"", "05", "'a0000'" },
        { "\"a\"", "=5", "K-RUN-007 ValueError" },
        { "\"a\"", "+5", "K-RUN-007 ValueError" },
        { "\"a\"", "d", "K-RUN-007 ValueError" },
        { "2.25", "+.1f", "'+2.2'" },
        { "-3.14159", "08.3f", "'-003.142'" },
        { "1234567", ",", "'1,234,567'" },
        { "1234", "010,d", "'00,001,234'" },
        { "1234", "08,d", "'0,001,234'" },
        { "1234567.891", ",.1f", "'1,234,567.9'" },
        { "255", "#x", "'0xff'" },
        { "255", "#X", "'0XFF'" },
        { "255", "_b", "'1111_1111'" },
        { "255", "#010b", "'0b11111111'" },
        { "-255", "#08o", "'-0o00377'" },
        { "8364", "c", "'\u20ac'" },
        { "1114112", "c", "K-RUN-007 OverflowError" },
        { "5", ".2d", "K-RUN-007 ValueError" },
        { "1", "s", "K-RUN-007 ValueError" },
        { "1.5", "d", "K-RUN-007 ValueError" },
        { "true", "5", "'    1'" },
        { "true", "", "'True'" },
        { "3", ".2f", "'3.00'" },
        { "100000000000000000000", ",", "'100,000,000,000,000,000,000'" },
        { "-100000000000000000000", "x", "'-56bc75e2d63100000'" },
        { "3.0", ".3", "'3.0'" },
        { "1234.0", ".3", "'1.23e+03'" },
        { "1234.0", ".4", "'1.234e+03'" },
        { "1234.0", ".5", "'1234.0'" },
        { "1000000.0", "g", "'1e+06'" },
        { "100000.0", "g", "'100000'" },
        { "0.0001", "g", "'0.0001'" },
        { "0.00001", "g", "'1e-05'" },
        { "1.0", "#g", "'1.00000'" },
        { "1.0", "#.0f", "'1.'" },
        { "0.256", ".1%", "'25.6%'" },
        { "2.5", ".0f", "'2'" },
        { "0.125", ".2f", "'0.12'" },
        { "2.675", ".2f", "'2.67'" },
        { "-0.001", "z.1f", "'0.0'" },
        { "-0.001", ".1f", "'-0.0'" },
        { "Infinity", "05", "'00inf'" },
        { "-Infinity", "F", "'-INF'" },
        { "NaN", "010,.2f", "'0000000nan'" },
        { "1e300", ".2e", "'1.00e+300'" },
        { "1.5", "", "'1.5'" },
        { "1.5", "10", "'       1.5'" },
        { "1e16", "#", "'1.e+16'" },
        { "null", "5", "K-RUN-005 TypeError" },
        { "[1]", "5", "K-RUN-012 TypeError" },
        { "u", "5", "K-RUN-012 TypeError" },
        { "[1]", "", "'[1]'" },
        { "1", "99999999999", "K-RUN-007 ValueError" },
        { "1", "2000000000", "K-RUN-007 OverflowError" },
        { "1.0", ".2000000000f", "K-RUN-007 OverflowError" },
        { "1", ",_", "K-RUN-007 ValueError" },
        { "1", "5.", "K-RUN-007 ValueError" },
        { "1", "dd", "K-RUN-007 ValueError" },
        { "1", ",x", "K-RUN-007 ValueError" },
    };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_value out;
        kida_status st = kida_format_spec(&fx->call, v_json(fx, cases[i].json),
                                          kida_str_from(cases[i].spec), &out);
        v_expect(cases[i].spec, v_repr(fx, st, out), cases[i].want);
    }
}

static void
fields(void **state)
{
    static const struct {
        const char *pattern, *args, *keywords, *want;
    } cases[] = {
        { "\"{} {}\"", "[1, \"a\"]", "{}", "'1 a'" },
        { "\"{1} {0}\"", "[1, 2]", "{}", "'2 1'" },
        { "\"{{}} }}{{\"", "[]", "{}", "'{} }{'" },
        { "\"{0}{}\"", "[1, 2]", "{}", "K-RUN-007 ValueError" },
        { "\"{}{0}\"", "[1, 2]", "{}", "K-RUN-007 ValueError" },
        { "\"{}\"", "[]", "{}", "K-RUN-007 IndexError" },
        { "\"{a}\"", "[]", "{\"b\": 1}", "K-RUN-009 KeyError" },
        { "\"{a b}\"", "[]", "{\"a b\": 1}", "'1'" },
        { "\"{\"", "[]", "{}", "K-RUN-007 ValueError" },
        { "\"}\"", "[]", "{}", "K-RUN-007 ValueError" },
        { "\"{0\"", "[1]", "{}", "K-RUN-007 ValueError" },
        { "\"{0!x}\"", "[1]", "{}", "K-RUN-007 ValueError" },
        { "\"{!r:>6}\"", "[\"a\"]", "{}", "\"   'a'\"" },
        { "\"{!a}\"", "[\"\\u00e9\\ud83d\\ude00\"]", "{}", "\"'\\\\xe9\\\\U0001f600'\"" },
        { "\"{:{w}.{p}f}\"", "[3.14159]", "{\"w\": 7, \"p\": 2}", "'   3.14'" },
        { "\"{:{{}}}\"", "[1]", "{}", "K-RUN-007 ValueError" },
        { "\"{:{a:{b}}}\"", "[1]", "{\"a\": 1, \"b\": 2}", "K-RUN-007 ValueError" },
        { "\"{0[k]}\"", "[{\"k\": 7}]", "{}", "'7'" },
        { "\"{0[1][0]}\"", "[[1, [2]]]", "{}", "'2'" },
        { "\"{0.k}\"", "[{\"k\": 7}]", "{}", "K-RUN-010 AttributeError" },
        { "\"{0.x}\"", "[null]", "{}", "K-RUN-010 AttributeError" },
        { "\"{0[x]}\"", "[{}]", "{}", "K-RUN-009 KeyError" },
        { "\"{0[9]}\"", "[[1]]", "{}", "K-RUN-007 IndexError" },
        { "\"{0[]}\"", "[[1]]", "{}", "K-RUN-007 ValueError" },
        { "\"{0.}\"", "[[1]]", "{}", "K-RUN-007 ValueError" },
        { "\"{99999999999999999999}\"", "[1]", "{}", "K-RUN-007 ValueError" },
        { "m\"<b>{}</b>{}\"", "[\"<x>\", 5]", "{}", "Markup('<b>&lt;x&gt;</b>5')" },
    };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_value args = v_json(fx, cases[i].args), keywords = v_json(fx, cases[i].keywords);
        kida_value values[4], key, out;
        kida_str names[4];
        size_t count = 0;
        while (kida_dict_entry(keywords, count, &key, &values[count]))
            names[count++] = kida_as_str(key);
        fx->call.rest = kd_list_of(args)->items;
        fx->call.rest_count = kida_length(args);
        fx->call.keyword_names = names;
        fx->call.keywords = values;
        fx->call.keyword_count = count;
        kida_status st = kd_format_text(&fx->call, v_json(fx, cases[i].pattern), kd_absent(), &out);
        v_expect(cases[i].pattern, v_repr(fx, st, out), cases[i].want);
    }
}

/* Holds: field names go through the gate of the sandbox. */
static kida_status
refuse(kida_call *call, kida_value v, kida_str name)
{
    (void)v;
    return name.len > 2 && name.ptr[0] == '_'
               ? kida_fail(call, KIDA_E_SEC_ATTRIBUTE, "blocked")
               : KIDA_OK;
}

static void
sandbox_sees_attributes_of_fields(void **state)
{
    static const kd_upcalls up = { .check_attribute = refuse };
    v_fixture *fx = *state;
    kida_value args = v_json(fx, "[1]"), out;
    fx->rt.up = &up;
    fx->call.rest = kd_list_of(args)->items;
    fx->call.rest_count = 1;
    assert_int_equal(kida_format_str(&fx->call, KIDA_S("{0.__class__}"), &out),
                     KIDA_E_SEC_ATTRIBUTE);
}

static void
percent(void **state)
{
    static const struct {
        const char *pattern, *value, *want;
    } cases[] = {
        { "\"%s-%03d\"", "([\"a\", 7]", "'a-007'" },
        { "\"%(k).1f\"", "{\"k\": 2}", "'2.0'" },
        { "\"%(k)s\"", "{}", "K-RUN-009 KeyError" },
        { "\"%(k)s\"", "1", "K-RUN-012 TypeError" },
        { "\"%d\"", "3.9", "'3'" },
        { "\"%d\"", "\"3\"", "K-RUN-012 TypeError" },
        { "\"%d\"", "null", "K-RUN-005 TypeError" },
        { "\"%d\"", "Infinity", "K-RUN-007 OverflowError" },
        { "\"%d\"", "1e20", "'100000000000000000000'" },
        { "\"%s\"", "[1, 2]", "'[1, 2]'" },
        { "\"%s\"", "null", "'None'" },
        { "\"abc\"", "1", "K-RUN-012 TypeError" },
        { "\"abc\"", "{}", "'abc'" },
        { "\"abc\"", "[1]", "'abc'" },
        { "\"%s %s\"", "([1]", "K-RUN-012 TypeError" },
        { "\"%5.1f|%-4s|\"", "([2.25, \"x\"]", "'  2.2|x   |'" },
        { "\"%d%%\"", "50", "'50%'" },
        { "\"%q\"", "1", "K-RUN-007 ValueError" },
        { "\"%\"", "1", "K-RUN-007 ValueError" },
        { "\"%.3d\"", "5", "'005'" },
        { "\"%+.3d\"", "5", "'+005'" },
        { "\"%#x\"", "255", "'0xff'" },
        { "\"%#06x\"", "255", "'0x00ff'" },
        { "\"%x\"", "1.0", "K-RUN-012 TypeError" },
        { "\"%-5d|\"", "42", "'42   |'" },
        { "\"%*d\"", "([5, 42]", "'   42'" },
        { "\"%*d\"", "([-5, 42]", "'42   '" },
        { "\"%*d\"", "([null, 42]", "K-RUN-012 TypeError" },
        { "\"%.*f\"", "([2, 1.5]", "'1.50'" },
        { "\"%c%c\"", "([65, \"\\u00e9\"]", "'A\u00e9'" },
        { "\"%c\"", "\"ab\"", "K-RUN-012 TypeError" },
        { "\"%c\"", "null", "K-RUN-012 TypeError" },
        { "\"%c\"", "1114112", "K-RUN-007 OverflowError" },
        { "\"%r\"", "\"a\"", "\"'a'\"" },
        { "\"%05s\"", "\"a\"", "'    a'" },
        { "\"%.2s\"", "\"\\u00e9\\u00e9\\u00e9\"", "'\u00e9\u00e9'" },
        { "\"%ld\"", "5", "'5'" },
        { "\"%999999999999d\"", "5", "K-RUN-007 ValueError" },
        { "\"%2000000000d\"", "5", "K-RUN-007 OverflowError" },
        { "m\"<b>%s</b>\"", "\"<x>\"", "Markup('<b>&lt;x&gt;</b>')" },
        { "m\"%s\"", "[\"<\"]", "Markup(\"['<']\")" },
        { "m\"%(v)s\"", "{\"v\": \"&\"}", "Markup('&amp;')" },
    };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_value out;
        kida_status st = kida_format_percent(&fx->call, v_json(fx, cases[i].pattern),
                                             v_json(fx, cases[i].value), &out);
        v_expect(cases[i].pattern, v_repr(fx, st, out), cases[i].want);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        v_test(specs),
        v_test(fields),
        v_test(sandbox_sees_attributes_of_fields),
        v_test(percent),
    };
    return cmocka_run_group_tests_name("value/format", tests, NULL, NULL);
}
