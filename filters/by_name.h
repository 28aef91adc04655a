/* SPDX-License-Identifier: MIT */
/* by_name.h - the tests that select, reject and their kin know by name: a list of their own, in
 * which some names mean less than behind `is`, and all others mean the truth of the value. */
#ifndef KD_FILTERS_BY_NAME_H
#define KD_FILTERS_BY_NAME_H

#include <kida/filter.h>

typedef struct kd_named_test kd_named_test;
typedef kida_status kd_named_fn(kida_call *call, const kd_named_test *test, kida_value v,
                                bool *out);

/* A test found by name, with its argument. */
struct kd_named_test {
    kd_named_fn *passes;
    uint32_t kinds; /* for tests of kind: one bit for each that passes */
    kida_value arg; /* absent: none given */
};

/* The test of that name; arg is absent where none was given. Never fails: see above. */
kd_named_test kd_find_named_test(kida_value name, kida_value arg);

/* `is match`: none never matches, of all else the beginning of the text is looked at. */
kida_status kd_match(kida_call *call, kida_value v, kida_value pattern, bool *out);

/* v % by == remainder, as the operators do it. */
kida_status kd_has_remainder(kida_call *call, kida_value v, kida_value by, int64_t remainder,
                             bool *out);

#endif
