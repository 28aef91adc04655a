/* SPDX-License-Identifier: MIT */
/* iterators.h - functions whose result is walked once: zip, map, filter, enumerate, reversed. */
#ifndef KD_FILTERS_ITERATORS_H
#define KD_FILTERS_ITERATORS_H

#include <kida/filter.h>

kida_function_fn kd_g_zip;
extern const kida_param kd_zip_params[];
kida_function_fn kd_g_map;
extern const kida_param kd_map_params[];
kida_function_fn kd_g_filter;
extern const kida_param kd_filter_params[];
kida_function_fn kd_g_enumerate;
extern const kida_param kd_enumerate_params[];
kida_function_fn kd_g_reversed;
extern const kida_param kd_reversed_params[];

#endif
