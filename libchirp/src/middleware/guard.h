/* SPDX-License-Identifier: MIT */
/* guard.h - what guards see of the auth layer. */
#ifndef CH_MIDDLEWARE_GUARD_H
#define CH_MIDDLEWARE_GUARD_H

#include <chirp/auth.h>

typedef struct ch_auth_view {
    const chirp_user *user;
    const char *login_url;   /* NULL: none */
    const char *scheme;      /* of tokens; NULL: none are taken */
    const kida_error *error; /* why the user could not be found; NULL: nothing failed */
} ch_auth_view;

/* Finds the user of a request; false without the auth layer. */
bool ch_auth_state(chirp_request *req, ch_auth_view *out);

#endif
