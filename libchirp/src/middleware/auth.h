/* SPDX-License-Identifier: MIT */
/* auth.h - what the rest of libchirp asks of the auth layer. */
#ifndef CH_MIDDLEWARE_AUTH_H
#define CH_MIDDLEWARE_AUTH_H

#include <chirp/request.h>

/* Id of the user if it has been found out already; "" otherwise. For logs: never waits. */
kida_str ch_auth_known_id(const chirp_request *req);

#endif
