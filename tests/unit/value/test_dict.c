/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include <math.h>

#include "value/dict.h"

/* Holds: equal numbers are one key whatever their kind, and the first key stays. Could break: a
 * hash that depends on the kind. */
static void
equal_numbers_are_one_key(void **state)
{
    static const struct {
        const char *label, *a, *b;
        bool same;
    } cases[] = {
        { "int and float", "1", "1.0", true },
        { "int and bool", "1", "true", true },
        { "zero and minus zero", "0", "-0.0", true },
        { "int and fraction", "1", "1.5", false },
        { "beyond 2^53", "9007199254740993", "9007199254740992.0", false },
        { "big int and float", "100000000000000000000", "1e20", true },
        { "big ints that share a double", "100000000000000000001", "1e20", false },
        { "big ints", "100000000000000000001", "100000000000000000001", true },
        { "text and number", "\"1\"", "1", false },
        { "safe text", "\"<b>\"", "m\"<b>\"", true },
        { "tuples", "([1, \"a\"]", "([1.0, \"a\"]", true },
        { "none and false", "null", "false", false },
        { "undefined and none", "u", "null", false },
        { "infinity", "Infinity", "1e400", true },
    };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_value dict = kd_dict_make(fx->pool, 0);
        kida_value a = v_json(fx, cases[i].a);
        kida_value b = v_json(fx, cases[i].b);
        assert_int_equal(kida_dict_set(dict, a, kida_int(1)), KIDA_OK);
        assert_int_equal(kd_dict_put(&fx->call, kd_dict_of(dict), b, kida_int(2)), KIDA_OK);
        if ((kida_length(dict) == 1) != cases[i].same)
            fail_msg("%s: got %zu keys", cases[i].label, kida_length(dict));
        kida_value key, item;
        assert_true(kida_dict_entry(dict, 0, &key, &item));
        assert_int_equal(kida_kind_of(key), kida_kind_of(a));
        assert_int_equal(item.u_.i, cases[i].same ? 2 : 1);
    }
}

static void
mutable_values_are_no_keys(void **state)
{
    static const char *const cases[] = { "[]", "{}", "s[]", "([1, []]", "([{}]" };
    v_fixture *fx = *state;
    kida_value dict = kd_dict_make(fx->pool, 0);
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_value key = v_json(fx, cases[i]);
        assert_int_equal(kida_dict_set(dict, key, kida_int(1)), KIDA_E_TYPE);
        assert_int_equal(kd_dict_put(&fx->call, kd_dict_of(dict), key, kida_int(1)), KIDA_E_TYPE);
    }
    assert_int_equal(kida_length(dict), 0);
}

/* Holds: a table of thousands with deletions in all places finds what is in it, in order. Could
 * break: the gap that deleting closes in a probe sequence, and packing while growing. */
static void
deleting_and_growing_keep_order(void **state)
{
    v_fixture *fx = *state;
    kida_value v = kd_dict_make(fx->pool, 0);
    kd_dict *dict = kd_dict_of(v);
    uint32_t random = 12345;
    bool there[512] = { false };
    int64_t stamp[512] = { 0 };
    for (int64_t round = 0; round < 20000; round++) {
        random = random * 1103515245u + 12345u;
        size_t n = random >> 16 & 511;
        kida_value old;
        if (random >> 28 < 8) {
            if (!there[n])
                stamp[n] = round;
            there[n] = true;
            assert_int_equal(kd_dict_put(NULL, dict, kida_int((int64_t)n), kida_int(round)),
                             KIDA_OK);
        } else {
            assert_int_equal(kd_dict_delete(&fx->call, dict, kida_int((int64_t)n), &old), KIDA_OK);
            assert_int_equal(!kd_is_absent(old), there[n]);
            there[n] = false;
        }
    }
    size_t at = 0, count = 0;
    int64_t last = -1;
    for (kd_entry *e; (e = kd_dict_entry_at(dict, &at)) != NULL; count++) {
        assert_true(there[e->key.u_.i]);
        assert_true(stamp[e->key.u_.i] > last);
        last = stamp[e->key.u_.i];
    }
    assert_int_equal(count, dict->count);
    for (size_t n = 0; n < 512; n++) {
        kd_entry *e;
        assert_int_equal(kd_dict_find(&fx->call, dict, kida_int((int64_t)n), &e), KIDA_OK);
        assert_int_equal(e != NULL, there[n]);
    }
}

static void
texts_are_found_by_hash(void **state)
{
    v_fixture *fx = *state;
    kida_value v;
    char names[300][8];
    assert_int_equal(kida_dict_new(fx->pool, 2, &v), KIDA_OK);
    for (int i = 0; i < 300; i++) {
        int len = snprintf(names[i], sizeof(names[i]), "k%d", i);
        kida_str name = { names[i], (size_t)len };
        assert_int_equal(kida_dict_set(v, kida_string(name), kida_int(i)), KIDA_OK);
        kd_entry *e = kd_dict_find_hashed(kd_dict_of(v), name, kd_hash_str(name));
        assert_non_null(e);
        assert_int_equal(e->item.u_.i, i);
    }
    for (int i = 0; i < 300; i++)
        assert_int_equal(kida_dict_get(v, kida_str_from(names[i])).u_.i, i);
    assert_int_equal(kida_kind_of(kida_dict_get(v, KIDA_S("k300"))), KIDA_ABSENT);
    assert_int_equal(kida_kind_of(kida_dict_get(v, (kida_str){ NULL, 0 })), KIDA_ABSENT);
    assert_int_equal(kida_dict_set(v, kida_string((kida_str){ NULL, 0 }), kida_int(1)), KIDA_OK);
    assert_int_equal(kida_dict_get(v, KIDA_S("")).u_.i, 1);
}

/* Holds: sealed pools refuse hosts and templates alike. */
static void
sealed_values_do_not_change(void **state)
{
    v_fixture *fx = *state;
    kida_pool *pool = kida_pool_new(NULL, 0);
    kida_value list, dict;
    assert_int_equal(kida_list_new(pool, 0, &list), KIDA_OK);
    assert_int_equal(kida_list_push(list, kida_int(1)), KIDA_OK);
    assert_int_equal(kida_context(pool, &dict, "a", kida_int(1), "l", list, NULL), KIDA_OK);
    kida_pool_seal(pool);
    assert_int_equal(kida_list_push(list, kida_int(2)), KIDA_E_USAGE);
    assert_int_equal(kida_dict_set(dict, kida_int(1), kida_int(2)), KIDA_E_USAGE);
    static const struct {
        const char *name, *args;
    } cases[] = {
        { "append", "[1]" }, { "clear", "[]" }, { "pop", "[]" }, { "sort", "[]" },
    };
    for (size_t i = 0; i < T_COUNT(cases); i++)
        v_expect(cases[i].name, v_method(fx, list, cases[i].name, cases[i].args, NULL),
                 "K-RUN-012 TypeError");
    v_expect("update", v_method(fx, dict, "update", "[]", "{\"b\":1}"), "K-RUN-012 TypeError");
    v_expect("copy", v_method(fx, list, "copy", "[]", NULL), "[1]");
    kida_pool_free(pool);
}

/* Holds: what a render stores in a context of the host is still there when the render is gone.
 * Could break: a container that points into the arena of an ended render. */
static void
stored_values_outlive_the_render(void **state)
{
    v_fixture *fx = *state;
    kida_pool *pool = kida_pool_new(NULL, 0);
    kida_value list, dict;
    assert_int_equal(kida_list_new(pool, 0, &list), KIDA_OK);
    assert_int_equal(kida_dict_new(pool, 0, &dict), KIDA_OK);
    v_expect("append", v_method(fx, list, "append", "[{\"k\":[\"text\", 123456789012345678901]}]",
                                NULL), "None");
    v_expect("extend", v_method(fx, list, "extend", "[[\"x\"]]", NULL), "None");
    v_expect("update", v_method(fx, dict, "update", "[{\"key\": [1]}]", "{\"z\": \"y\"}"), "None");
    v_expect("setdefault", v_method(fx, dict, "setdefault", "[\"q\", [2]]", NULL), "[2]");
    kida_pool_free(fx->pool);
    fx->pool = kida_pool_new(NULL, 0);
    fx->rt.pool = fx->pool;
    v_expect("list", v_repr(fx, KIDA_OK, list), "[{'k': ['text', 123456789012345678901]}, 'x']");
    v_expect("dict", v_repr(fx, KIDA_OK, dict), "{'key': [1], 'z': 'y', 'q': [2]}");
    kida_pool_free(pool);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        v_test(equal_numbers_are_one_key),
        v_test(mutable_values_are_no_keys),
        v_test(deleting_and_growing_keep_order),
        v_test(texts_are_found_by_hash),
        v_test(sealed_values_do_not_change),
        v_test(stored_values_outlive_the_render),
    };
    return cmocka_run_group_tests_name("value/dict", tests, NULL, NULL);
}
