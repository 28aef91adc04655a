/* SPDX-License-Identifier: MIT */
/* complex.h - what a power of a negative number is that no float can be. */
#ifndef KD_COMPLEX_H
#define KD_COMPLEX_H

#include "value/call.h"

/* base ** exponent for a finite base below 0 and a finite exponent that is no integer. */
kida_status kd_complex_pow(kida_call *call, double base, double exponent, kida_value *out);

#endif
