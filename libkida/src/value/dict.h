/* SPDX-License-Identifier: MIT */
/* dict.h - what the methods need from dict.c beyond value.h. */
#ifndef KD_DICT_H
#define KD_DICT_H

#include "value/call.h"

/* Fixes the seed of all hashes; false if it was drawn or fixed to another value before. */
bool kd_hash_seed_fix(uint64_t seed);

/* Puts every entry of from (not dict itself) into dict. */
kida_status kd_dict_merge(kida_call *call, kd_dict *dict, const kd_dict *from);

/* As kd_dict_put and kd_dict_find for a key whose hash is known. */
kida_status kd_dict_put_hashed(kida_call *call, kd_dict *dict, kida_value key, kida_value item,
                               uint32_t hash);
kida_status kd_dict_find_value(kida_call *call, const kd_dict *dict, kida_value key, uint32_t hash,
                               kd_entry **out);

/* Removes an entry that kd_dict_find gave. */
void kd_dict_drop(kd_dict *dict, kd_entry *entry);

#endif
