/* SPDX-License-Identifier: MIT */
/* frame.h - what a complete head means: host, body, connection. */
#ifndef CH_HTTP_FRAME_H
#define CH_HTTP_FRAME_H

#include "reject.h"
#include "request.h"

/* Fills in everything of req that follows from its target, version and headers. */
ch_reject ch_frame_decide(chirp_request *req, kida_str target);

#endif
