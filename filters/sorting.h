/* SPDX-License-Identifier: MIT */
/* sorting.h - stable sorting by keys that are worked out once. */
#ifndef KD_FILTERS_SORTING_H
#define KD_FILTERS_SORTING_H

#include <kida/filter.h>

/* One item with its keys, the most important first. */
typedef struct kd_row {
    kida_value item;
    const kida_value *keys;
} kd_row;

/* Sets *out to whether key a sorts before key b. */
typedef kida_status kd_before_fn(kida_call *call, kida_value a, kida_value b, bool *out);

typedef struct kd_ordering {
    kd_before_fn *before;
    size_t width; /* how many keys of a row are compared */
    bool reverse; /* descending; equal rows keep their order all the same */
} kd_ordering;

/* Sorts rows in place: a merge sort, count * log2(count) comparisons at most. After a failure of a
 * comparison the order of rows is undefined. */
kida_status kd_sort_rows(kida_call *call, kd_row *rows, size_t count, const kd_ordering *ordering);

/* Ordering of the operators: kinds that don't compare fail. */
kida_status kd_before_native(kida_call *call, kida_value a, kida_value b, bool *out);

/* Ordering of groupby: none behind all else, which compares as the operators do. */
kida_status kd_before_grouped(kida_call *call, kida_value a, kida_value b, bool *out);

/* Key of sort and groupby: numbers as they are, none for none and empty text, the text of all else,
 * in small letters unless case_sensitive. */
kida_status kd_sort_key(kida_call *call, kida_value v, bool case_sensitive, kida_value *out);

kida_filter_fn kd_f_sort;
extern const kida_param kd_sort_params[];
kida_filter_fn kd_f_dictsort;
extern const kida_param kd_dictsort_params[];
kida_function_fn kd_g_sorted;
extern const kida_param kd_sorted_params[];

#endif
