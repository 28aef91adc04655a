/* SPDX-License-Identifier: MIT */
/* models.h - who may log in. */
#ifndef MODELS_H
#define MODELS_H

#include <chirp/chirp.h>

/* One user, as a table of a database would hold it. */
typedef struct account {
    const char *id;
    const char *name;
    char hash[CHIRP_PASSWORD_ROOM]; /* of the password */
} account;

/* Makes the users. Call it once, before the first request. */
kida_status models_open(kida_error *err);

/* A user by id or by name; NULL: there is none. */
const account *account_by_id(kida_str id);
const account *account_by_name(kida_str name);

/* The same user as the auth layer and templates know it. */
chirp_user account_user(const account *a);

#endif
