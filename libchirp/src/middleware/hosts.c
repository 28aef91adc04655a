/* SPDX-License-Identifier: MIT */
/* hosts.c - the refusal of a host; the decision itself is ch_config_allows_host. */
#include "hosts.h"

#include <stdio.h>

#define TEXT_MAX ((size_t)2048)

kida_str
ch_hosts_refusal(const chirp_config *config, chirp_request *req)
{
    kida_str plain = KIDA_S("Invalid HTTP_HOST header");
    char *text = config->debug ? ch_arena_alloc(&req->arena, TEXT_MAX) : NULL;
    if (!text)
        return plain;
    int shown = (int)(req->host.len < 255 ? req->host.len : 255);
    int len = snprintf(text, TEXT_MAX, "%s: '%.*s' is not one of", plain.ptr, shown,
                       req->host.ptr ? req->host.ptr : "");
    for (const char *const *at = config->allowed_hosts; at && *at && len > 0; at++) {
        size_t used = (size_t)len;
        int more = used < TEXT_MAX ? snprintf(text + used, TEXT_MAX - used, " '%s'", *at) : 0;
        if (more <= 0)
            break;
        len += more;
    }
    if (len < 0)
        return plain;
    return (kida_str){ text, (size_t)len < TEXT_MAX ? (size_t)len : TEXT_MAX - 1 };
}
