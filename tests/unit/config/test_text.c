/* SPDX-License-Identifier: MIT */
/* Slices of texts. */
#include "t.h"

#include "config/text.h"

/* Holds: slices, also of texts that are not there. Could break: NULL + 0 is undefined, and seen by
 * a sanitizer alone. */
static void
slices_of_nothing(void **state)
{
    (void)state;
    kida_str missing = { NULL, 0 };
    assert_null(ch_str_slice(missing, 0, 0).ptr);
    kida_str some = ch_str_slice(KIDA_S("text/html; charset"), 0, 9);
    assert_true(kida_str_equal(some, KIDA_S("text/html")));
    some = ch_str_slice(KIDA_S("text"), 4, 4);
    assert_int_equal(some.len, 0);
    assert_non_null(some.ptr);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_of_nothing),
    };
    return cmocka_run_group_tests_name("config/text", tests, NULL, NULL);
}
