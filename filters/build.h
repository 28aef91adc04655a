/* SPDX-License-Identifier: MIT */
/* build.h - building lists, tuples and arrays inside a call, failures reported. */
#ifndef KD_FILTERS_BUILD_H
#define KD_FILTERS_BUILD_H

#include <kida/filter.h>

/* No value: what look-ups give where nothing was found, and walks at their end. */
static inline kida_value
kd_nothing(void)
{
    kida_value v = { KIDA_ABSENT, { 0 } };
    return v;
}

static inline bool
kd_is_end(kida_value v)
{
    return kida_kind_of(v) == KIDA_ABSENT;
}

/* Room for count elements of size bytes each in the pool of the render; NULL: reported. */
void *kd_new_array(kida_call *call, size_t count, size_t size);

/* An empty list; room is a guess of how many items it will get. */
kida_status kd_new_list(kida_call *call, size_t room, kida_value *out);

/* An empty dict, with room for so many entries. */
kida_status kd_new_dict(kida_call *call, size_t room, kida_value *out);

kida_status kd_new_set(kida_call *call, kida_value *out);

kida_status kd_push(kida_call *call, kida_value list, kida_value item);

/* A tuple of count items, copied. */
kida_status kd_new_tuple(kida_call *call, const kida_value *items, size_t count, kida_value *out);

/* All items of an iterable in an array of their own. */
kida_status kd_to_array(kida_call *call, kida_value over, kida_value **items, size_t *count);

/* A list of count items, copied. */
kida_status kd_list_of_array(kida_call *call, const kida_value *items, size_t count,
                             kida_value *out);

/* The values that a "*name" parameter took, as a tuple. */
kida_status kd_rest_tuple(kida_call *call, kida_value *out);

/* Whether v has an order that can be walked backwards. */
kida_status kd_is_reversible(kida_call *call, kida_value v, bool *out);

/* text in small letters; itself where there is nothing to change. */
kida_status kd_small_letters(kida_call *call, kida_str text, kida_value *out);

#endif
