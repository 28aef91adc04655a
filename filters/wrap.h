/* SPDX-License-Identifier: MIT */
/* wrap.h - wordwrap by characters, which the terminal surface falls back on. */
#ifndef KD_FILTERS_WRAP_H
#define KD_FILTERS_WRAP_H

#include <kida/filter.h>

extern const kida_param kd_wordwrap_params[];

/* Wants its text as self (KIDA_TEXT_IN). */
kida_status kd_f_wordwrap(kida_call *call, kida_value self, kida_value *out);

#endif
