/* SPDX-License-Identifier: MIT */
/* static.h - what a layer of static files would say to a path, for chirp_check. */
#ifndef CH_MIDDLEWARE_STATIC_H
#define CH_MIDDLEWARE_STATIC_H

#include "chain.h"
#include "http/target.h"

typedef enum ch_static_look {
    CH_STATIC_ELSEWHERE, /* another layer, or a path that is not below its prefix */
    CH_STATIC_FILE,
    CH_STATIC_MISSING
} ch_static_look;

ch_static_look ch_static_find(const ch_link *link, const ch_path *path);

#endif
