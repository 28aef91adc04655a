/* SPDX-License-Identifier: MIT */
/* totals.h - sum, min and max, as filters and as functions. */
#ifndef KD_FILTERS_TOTALS_H
#define KD_FILTERS_TOTALS_H

#include <kida/filter.h>

kida_filter_fn kd_f_sum;
extern const kida_param kd_f_sum_params[];
kida_filter_fn kd_f_min;
kida_filter_fn kd_f_max;
extern const kida_param kd_f_extreme_params[];

kida_function_fn kd_g_sum;
extern const kida_param kd_g_sum_params[];
kida_function_fn kd_g_min;
kida_function_fn kd_g_max;
extern const kida_param kd_g_extreme_params[];

#endif
