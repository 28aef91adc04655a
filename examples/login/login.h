/* SPDX-License-Identifier: MIT */
/* login.h - what accounts.c gives to main.c. */
#ifndef LOGIN_H
#define LOGIN_H

#include <chirp/chirp.h>

/* For the auth layer: whose a session is. */
kida_status accounts_load(chirp_request *req, kida_str id, void *user, chirp_user *out,
                          kida_error *err);

/* Adds the pages for logging in and signing up; lockout must outlive the app. */
void accounts_add(chirp_app *app, chirp_lockout *lockout);

#endif
