/* SPDX-License-Identifier: MIT */
/* lookup.h - reading attributes whose names come from arguments; the sandbox gates it. */
#ifndef KD_FILTERS_LOOKUP_H
#define KD_FILTERS_LOOKUP_H

#include <kida/filter.h>

/* item.name as a template reads it: of a dict the key, else the method; absent where it is missing,
 * none kept. A name that is no text is a type error. */
kida_status kd_read_attribute(kida_call *call, kida_value item, kida_value name, kida_value *out);

/* As above, but methods of a dict don't count, its keys may be of any kind, and other names that
 * are no text find nothing. */
kida_status kd_lookup(kida_call *call, kida_value item, kida_value name, kida_value *out);

/* What the filter attr gives: kd_lookup with empty text for what is missing or none. */
kida_status kd_attr(kida_call *call, kida_value item, kida_value name, kida_value *out);

#endif
