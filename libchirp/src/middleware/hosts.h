/* SPDX-License-Identifier: MIT */
/* hosts.h - what is said to a request for a host that is not ours (HO-6). */
#ifndef CH_MIDDLEWARE_HOSTS_H
#define CH_MIDDLEWARE_HOSTS_H

#include "config/config.h"
#include "http/request.h"

/* Body of the refusal, in the memory of the request; the host and the list in debug mode only. */
kida_str ch_hosts_refusal(const chirp_config *config, chirp_request *req);

#endif
