/* SPDX-License-Identifier: MIT */
/* accounts.c - who there is: signing up and logging in. */
#include "login.h"

typedef struct account {
    kida_str id;
    kida_str name;
    kida_str hash;
    kida_str version;
} account;

/* What templates may read of it is in another table, without the hash. */
static const kida_field account_fields[] = {
    KIDA_STR_FIELD(account, id),   KIDA_STR_FIELD(account, name),
    KIDA_STR_FIELD(account, hash), KIDA_STR_FIELD(account, version),
    KIDA_FIELDS_END,
};
static const kida_struct account_type = { "account", sizeof(account), account_fields, NULL };
static const kida_field profile_fields[] = { KIDA_STR_FIELD(account, name), KIDA_FIELDS_END };
static const kida_struct profile_type = { "profile", sizeof(account), profile_fields, NULL };

typedef struct credentials {
    kida_str name;
    kida_str password;
} credentials;

static const kida_field credential_fields[] = {
    KIDA_STR_FIELD(credentials, name),
    KIDA_STR_FIELD(credentials, password),
    KIDA_FIELDS_END,
};
static const kida_struct credentials_type = { "credentials", sizeof(credentials),
                                              credential_fields, NULL };

static const chirp_rule login_rules[] = {
    CHIRP_RULE("name", CHIRP_REQUIRED, .message = "Please say who you are"),
    CHIRP_RULE("password", CHIRP_KEEP_SPACE),
    CHIRP_RULE("password", CHIRP_REQUIRED, .message = "Please give your password"),
    CHIRP_RULES_END,
};
static const chirp_rule signup_rules[] = {
    CHIRP_RULE("name", CHIRP_REQUIRED, .message = "Please choose a name"),
    CHIRP_RULE("name", CHIRP_MATCHES, .text = "[A-Za-z0-9_.-]{2,30}$",
               .message = "2 to 30 letters, digits, dots, hyphens"),
    CHIRP_RULE("password", CHIRP_KEEP_SPACE),
    CHIRP_RULE("password", CHIRP_REQUIRED, .message = "Please choose a password"),
    CHIRP_RULE("password", CHIRP_MIN_LENGTH, .number = 10),
    CHIRP_RULE("password", CHIRP_MAX_LENGTH, .number = 200),
    CHIRP_RULES_END,
};
static const chirp_form_type login_form = { &credentials_type, login_rules };
static const chirp_form_type signup_form = { &credentials_type, signup_rules };

/* ---- accounts ------------------------------------------------------------------------------ */

#define SELECT_ACCOUNT                                                                             \
    "SELECT CAST(id AS TEXT) AS id, name, hash, CAST(version AS TEXT) AS version FROM accounts"

static kida_status
find(chirp_request *req, const char *sql, kida_str key, account *out, kida_error *err)
{
    return chirp_db_select_one(chirp_db_of(req), NULL, &account_type, sql,
                               CHIRP_ARGS(kida_string(key)), out, err);
}

static chirp_user
user_of(const account *a)
{
    return (chirp_user){ .id = a->id, .session_version = a->version,
                         .profile = kida_from_struct(&profile_type, a), .data = NULL };
}

kida_status
accounts_load(chirp_request *req, kida_str id, void *user, chirp_user *out, kida_error *err)
{
    (void)user;
    account *a = chirp_alloc(req, sizeof(*a)); /* the profile is read from it later */
    kida_status st = a ? find(req, SELECT_ACCOUNT " WHERE id = ?", id, a, err) : KIDA_E_NOMEM;
    if (st == KIDA_OK)
        *out = user_of(a);
    return st;
}

/* ---- forms --------------------------------------------------------------------------------- */

/* Where the form goes, and where its sender goes afterwards. */
static kida_status
make_context(chirp_request *req, kida_value *out)
{
    kida_str next = kida_str_from(chirp_login_next(req, "/members"));
    return kida_context(chirp_pool(req), out, "next", kida_string(next), "path",
                        kida_string(chirp_path(req)), NULL);
}

static chirp_reply *
again(chirp_request *req, const chirp_form_data *form)
{
    kida_value context;
    return make_context(req, &context) == KIDA_OK
               ? chirp_reply_form(req, "form.html", "entry", form, context)
               : NULL;
}

static chirp_reply *
show_form(chirp_request *req, void *user)
{
    (void)user;
    credentials blank = { KIDA_S(""), KIDA_S("") };
    chirp_form_data form;
    kida_value context;
    if (chirp_form_fill(req, &login_form, &blank, &form) != KIDA_OK ||
        make_context(req, &context) != KIDA_OK || chirp_form_context(&form, &context) != KIDA_OK)
        return NULL;
    return chirp_reply_page(req, "form.html", "entry", context);
}

static chirp_reply *
enter(chirp_request *req, const account *a)
{
    chirp_user user = user_of(a);
    if (chirp_login(req, &user) != KIDA_OK)
        return NULL;
    return chirp_reply_done(req, chirp_login_next(req, "/members"));
}

static chirp_reply *
log_in(chirp_request *req, void *user)
{
    chirp_lockout *lockout = user;
    chirp_form_data form;
    credentials given = { KIDA_S(""), KIDA_S("") };
    account a = { .hash = KIDA_S("") };
    kida_error err = { 0 };
    bool matches = false;
    if (!chirp_form_bind(req, &login_form, &given, &form))
        return again(req, &form);
    if (chirp_lockout_wait(lockout, given.name) > 0) {
        chirp_form_error(&form, "name", "Too many tries: come back in some minutes");
        return chirp_reply_set_status(again(req, &form), 429);
    }
    kida_status st = find(req, SELECT_ACCOUNT " WHERE name = ?", given.name, &a, &err);
    /* For a name that nobody has, the empty hash takes as long. */
    if (st == KIDA_OK || st == KIDA_E_NOT_FOUND)
        st = chirp_password_verify(req, given.password, a.hash, &matches, &err);
    if (st != KIDA_OK)
        return chirp_reply_error(req, &err);
    if (!matches) {
        (void)chirp_lockout_failed(lockout, given.name);
        chirp_form_error(&form, "name", "Wrong name or password");
        return again(req, &form);
    }
    chirp_lockout_passed(lockout, given.name);
    return enter(req, &a);
}

static chirp_reply *
sign_up(chirp_request *req, void *user)
{
    (void)user;
    char hash[CHIRP_PASSWORD_ROOM];
    chirp_form_data form;
    credentials given = { KIDA_S(""), KIDA_S("") };
    account a;
    kida_error err = { 0 };
    if (!chirp_form_bind(req, &signup_form, &given, &form))
        return again(req, &form);
    kida_status st = chirp_password_hash(req, given.password, NULL, hash, &err);
    if (st == KIDA_OK)
        st = chirp_db_exec(chirp_db_of(req), "INSERT INTO accounts (name, hash) VALUES (?, ?)",
                           CHIRP_ARGS(kida_string(given.name), kida_string(kida_str_from(hash))),
                           NULL, &err);
    if (st == KIDA_E_CONSTRAINT) {
        chirp_form_error(&form, "name", "That name is taken");
        return again(req, &form);
    }
    if (st == KIDA_OK)
        st = find(req, SELECT_ACCOUNT " WHERE name = ?", given.name, &a, &err);
    return st == KIDA_OK ? enter(req, &a) : chirp_reply_error(req, &err);
}

void
accounts_add(chirp_app *app, chirp_lockout *lockout)
{
    chirp_route(app, "GET", "/login", show_form, NULL);
    chirp_route(app, "POST", "/login", log_in, lockout);
    chirp_route(app, "GET", "/signup", show_form, NULL);
    chirp_route(app, "POST", "/signup", sign_up, NULL);
}
