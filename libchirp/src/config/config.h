/* SPDX-License-Identifier: MIT */
/* config.h - what the rest of libchirp needs of settings beyond the public header. */
#ifndef CH_CONFIG_CONFIG_H
#define CH_CONFIG_CONFIG_H

#include <chirp/config.h>

#include "arena.h"

/* Copies settings with all their texts and lists into an arena. Errors: KIDA_E_NOMEM. */
kida_status ch_config_copy(ch_arena *arena, const chirp_config *from, chirp_config *to);

/* Whether a host name is allowed: exact, ".suffix" or "*"; both sides in any case (HO-5, HO-6). */
bool ch_config_allows_host(const chirp_config *config, kida_str host);

#endif
