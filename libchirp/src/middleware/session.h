/* SPDX-License-Identifier: MIT */
/* session.h - the session layer, for layers that need one. */
#ifndef CH_MIDDLEWARE_SESSION_H
#define CH_MIDDLEWARE_SESSION_H

#include <chirp/session.h>

/* The layer itself: chirp_uses tells whether it was added. */
chirp_reply *ch_session_layer(chirp_request *req, chirp_next *next, void *user);

#endif
