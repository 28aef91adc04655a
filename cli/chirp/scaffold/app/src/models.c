/* SPDX-License-Identifier: MIT */
/* models.c - the users: one, in memory. With a database these functions are queries (chirp/db.h),
 * and a file in migrations makes the table. */
#include "models.h"

static account accounts[] = { { .id = "1", .name = "admin", .hash = "" } };

#define COUNT (sizeof(accounts) / sizeof(accounts[0]))

/* What templates may read: not the hash. */
static const kida_field fields[] = { KIDA_CSTRING_FIELD(account, name), KIDA_FIELDS_END };
static const kida_struct account_type = { "account", sizeof(account), fields, "name" };

/* The password is for trying things out. A real one is never in a source: keep its hash. */
kida_status
models_open(kida_error *err)
{
    return chirp_password_hash(NULL, KIDA_S("password"), NULL, accounts[0].hash, err);
}

const account *
account_by_id(kida_str id)
{
    for (size_t i = 0; i < COUNT; i++) {
        if (kida_str_equal(id, kida_str_from(accounts[i].id)))
            return &accounts[i];
    }
    return NULL;
}

const account *
account_by_name(kida_str name)
{
    for (size_t i = 0; i < COUNT; i++) {
        if (kida_str_equal(name, kida_str_from(accounts[i].name)))
            return &accounts[i];
    }
    return NULL;
}

chirp_user
account_user(const account *a)
{
    return (chirp_user){ .id = kida_str_from(a->id),
                         .profile = kida_from_struct(&account_type, a), .data = NULL };
}
