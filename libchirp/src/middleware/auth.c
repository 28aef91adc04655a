/* SPDX-License-Identifier: MIT */
/* auth.c - whose a request is: found by token or session when first asked for (row 6.9). */
#include <chirp/auth.h>

#include <chirp/hypermedia.h>
#include <chirp/log.h>
#include <string.h>

#include "auth.h"
#include "config/fail.h"
#include "config/text.h"
#include "guard.h"
#include "layer.h"
#include "session.h"

#define STATE_NAME "chirp.auth"

typedef struct auth_layer {
    ch_layer_memory memory;
    chirp_find_user_fn *load_user;
    chirp_find_user_fn *verify_token;
    void *user;
    const char *session_key;
    const char *session_version_key;
    const char *token_header;
    kida_str token_scheme;
    const char *login_url; /* NULL: none */
    const kida_str *excluded;
    size_t excluded_count;
} auth_layer;

/* What is known of one request, in its memory. */
typedef struct auth_state {
    const auth_layer *layer;
    bool is_loaded;
    bool by_token;
    chirp_user user;
    kida_status failure; /* of load_user or verify_token */
    kida_error error;
} auth_state;

static const chirp_user nobody;

static kida_str
or_empty(kida_str text)
{
    return text.ptr ? text : KIDA_S("");
}

bool
chirp_user_can(const chirp_user *user, const char *permission)
{
    kida_str wanted = kida_str_from(permission);
    for (const char *const *at = user->permissions; at && *at; at++) {
        if (kida_str_equal(kida_str_from(*at), wanted))
            return true;
    }
    return false;
}

/* ---- finding the user ------------------------------------------------------------------------ */

/* The token of a request; missing if it has none. */
static kida_str
token_of(const auth_layer *layer, const chirp_request *req)
{
    kida_str missing = { NULL, 0 };
    kida_str value = chirp_header(req, layer->token_header);
    kida_str scheme = layer->token_scheme;
    if (!chirp_given(value) || scheme.len == 0)
        return value;
    if (value.len <= scheme.len || memcmp(value.ptr, scheme.ptr, scheme.len) != 0 ||
        value.ptr[scheme.len] != ' ')
        return missing;
    return ch_str_slice(value, scheme.len + 1, value.len);
}

/* Asks the application; false if that is nobody. */
static bool
find(auth_state *state, chirp_request *req, chirp_find_user_fn *fn, kida_str key)
{
    chirp_user user = nobody;
    kida_error_init(&state->error);
    kida_status st = fn(req, key, state->layer->user, &user, &state->error);
    if (st == KIDA_OK && user.id.len > 0) {
        state->user = user;
        return true;
    }
    if (st != KIDA_OK && st != KIDA_E_NOT_FOUND) {
        state->failure = st;
        state->error.status = st;
        if (state->error.message[0] == '\0')
            ch_fail(&state->error, st, "the user of a request can't be looked up: %s",
                    kida_status_text(st));
    }
    return false;
}

/* Whether the session was made for this version of the user. */
static bool
fits_session(const auth_state *state, chirp_request *req)
{
    kida_str version = state->user.session_version;
    return !version.ptr ||
           kida_str_equal(or_empty(chirp_session_text(req, state->layer->session_version_key)),
                          version);
}

static void
load_by_session(auth_state *state, chirp_request *req)
{
    kida_str id = chirp_session_text(req, state->layer->session_key);
    if (id.len == 0 || !find(state, req, state->layer->load_user, id) || fits_session(state, req))
        return;
    chirp_audit(req, "auth.session.version_mismatch", state->user.id, KIDA_S(""));
    state->user = nobody;
}

static void
load(auth_state *state, chirp_request *req)
{
    const auth_layer *layer = state->layer;
    state->is_loaded = true; /* first: whoever asks while it is looked for gets nobody */
    if (ch_listed(layer->excluded, layer->excluded_count, chirp_path(req)))
        return;
    kida_str token = layer->verify_token ? token_of(layer, req) : (kida_str){ NULL, 0 };
    if (chirp_given(token)) {
        state->by_token = find(state, req, layer->verify_token, token);
        if (state->by_token || state->failure != KIDA_OK)
            return;
        chirp_audit(req, "auth.token.invalid", KIDA_S(""), KIDA_S(""));
    }
    if (layer->load_user)
        load_by_session(state, req);
}

/* The state of a request, loaded; NULL without the layer. */
static auth_state *
state_of(chirp_request *req)
{
    auth_state *state = chirp_g_get(req, STATE_NAME);
    if (state && !state->is_loaded)
        load(state, req);
    return state;
}

const chirp_user *
chirp_current_user(chirp_request *req)
{
    const auth_state *state = state_of(req);
    return state ? &state->user : &nobody;
}

kida_str
ch_auth_known_id(const chirp_request *req)
{
    const auth_state *state = chirp_g_get(req, STATE_NAME);
    return state ? or_empty(state->user.id) : KIDA_S("");
}

bool
ch_auth_state(chirp_request *req, ch_auth_view *out)
{
    const auth_state *state = state_of(req);
    if (!state)
        return false;
    *out = (ch_auth_view){ &state->user, state->layer->login_url,
                           state->layer->verify_token && state->layer->token_scheme.len > 0
                               ? state->layer->token_scheme.ptr
                               : NULL,
                           state->failure == KIDA_OK ? NULL : &state->error };
    return true;
}

/* ---- login and logout ------------------------------------------------------------------------ */

/* Copy of a list of texts in the memory of a request; NULL when out. */
static const char *const *
copy_list(chirp_request *req, const char *const *list)
{
    size_t count = 0;
    while (list && list[count])
        count++;
    const char **copy = chirp_alloc(req, (count + 1) * sizeof(*copy));
    for (size_t i = 0; copy && i < count; i++) {
        copy[i] = ch_request_text(req, kida_str_from(list[i]));
        if (!copy[i])
            return NULL;
    }
    if (copy)
        copy[count] = NULL;
    return copy;
}

static kida_status
copy_user(chirp_request *req, const chirp_user *user, chirp_user *out)
{
    *out = *user;
    out->id = chirp_copy(req, user->id);
    out->permissions = copy_list(req, user->permissions);
    if (user->session_version.ptr)
        out->session_version = chirp_copy(req, user->session_version);
    return out->id.ptr && out->permissions &&
                   (out->session_version.ptr || !user->session_version.ptr)
               ? KIDA_OK
               : KIDA_E_NOMEM;
}

static kida_status
note_login(const auth_layer *layer, chirp_request *req, const chirp_user *user)
{
    chirp_session_renew(req);
    kida_status st = chirp_session_set(req, layer->session_key, kida_string(user->id));
    if (st == KIDA_OK && user->session_version.ptr)
        st = chirp_session_set(req, layer->session_version_key,
                               kida_string(user->session_version));
    if (st != KIDA_OK)
        chirp_session_renew(req);
    return st;
}

kida_status
chirp_login(chirp_request *req, const chirp_user *user)
{
    auth_state *state = chirp_g_get(req, STATE_NAME);
    if (!state || !state->layer->load_user || user->id.len == 0)
        return KIDA_E_USAGE;
    chirp_user copy;
    kida_status st = copy_user(req, user, &copy);
    if (st == KIDA_OK)
        st = note_login(state->layer, req, &copy);
    if (st != KIDA_OK)
        return st;
    state->is_loaded = true;
    state->by_token = false;
    state->failure = KIDA_OK;
    state->user = copy;
    chirp_audit(req, "auth.login.success", copy.id, KIDA_S(""));
    return KIDA_OK;
}

void
chirp_logout(chirp_request *req)
{
    auth_state *state = state_of(req);
    kida_str id = state ? or_empty(state->user.id) : KIDA_S("");
    chirp_session_renew(req);
    if (!state)
        return;
    state->user = nobody;
    state->failure = KIDA_OK;
    chirp_audit(req, "auth.logout.success", id, KIDA_S(""));
}

const char *
chirp_login_next(chirp_request *req, const char *fallback)
{
    kida_str next = chirp_form(req, "next");
    if (next.len == 0)
        next = chirp_query(req, "next");
    const char *copy = next.len > 0 && chirp_url_is_local(next) ? ch_request_text(req, next) : NULL;
    return copy ? copy : fallback;
}

/* ---- the layer ------------------------------------------------------------------------------- */

/* What the answer owes to the fact that the user was asked for (SH-4). */
static chirp_reply *
mark(const auth_state *state, chirp_reply *reply)
{
    if (state->layer->verify_token)
        reply = chirp_reply_vary(reply, state->layer->token_header);
    if (state->by_token && !chirp_given(chirp_reply_header(reply, "cache-control")))
        reply = chirp_reply_set_header(reply, "cache-control", "private");
    return reply;
}

static chirp_reply *
apply_auth(chirp_request *req, chirp_next *next, void *user)
{
    auth_state *state = chirp_alloc(req, sizeof(*state));
    if (!state)
        return NULL;
    *state = (auth_state){ .layer = user };
    if (chirp_g_set(req, STATE_NAME, state, NULL) != KIDA_OK)
        return NULL;
    chirp_reply *reply = chirp_proceed(next, req);
    if (!reply || !state->is_loaded)
        return reply;
    /* Made for a stranger though it may be somebody: not to be shown. */
    if (state->failure != KIDA_OK && !chirp_reply_is_failure(reply))
        reply = chirp_reply_error(req, &state->error);
    return mark(state, reply);
}

/* ---- templates ------------------------------------------------------------------------------- */

static kida_status
list_permissions(kida_call *call, const chirp_user *user, kida_value *out)
{
    kida_status st = kida_list_new(kida_call_pool(call), 4, out);
    for (const char *const *at = user->permissions; st == KIDA_OK && at && *at; at++)
        st = kida_list_push(*out, kida_string(kida_str_from(*at)));
    return st == KIDA_OK ? st : kida_fail(call, st, "no memory for permissions");
}

static kida_status
user_attribute(kida_call *call, void *self, kida_str name, kida_value *out)
{
    const chirp_user *user = self;
    if (kida_str_equal(name, KIDA_S("id"))) {
        *out = kida_string(or_empty(user->id));
        return KIDA_OK;
    }
    if (kida_str_equal(name, KIDA_S("is_authenticated"))) {
        *out = kida_bool(chirp_user_is_known(user));
        return KIDA_OK;
    }
    if (kida_str_equal(name, KIDA_S("permissions")))
        return list_permissions(call, user, out);
    if (kida_kind_of(user->profile) == KIDA_ABSENT)
        return KIDA_OK;
    return kida_get_attr(call, user->profile, name, out);
}

static kida_status
user_truth(kida_call *call, void *self, bool *out)
{
    (void)call;
    *out = chirp_user_is_known(self);
    return KIDA_OK;
}

static kida_status
user_text(kida_call *call, void *self, kida_value *out)
{
    const chirp_user *user = self;
    return kida_return_str(call, or_empty(user->id), out);
}

static const kida_object_type user_type = {
    .size = sizeof(kida_object_type),
    .name = "user",
    .attribute = user_attribute,
    .truth = user_truth,
    .text = user_text,
};

/* A copy, as the user of a request may change while values of it are about. */
static kida_status
f_current_user(kida_call *call, kida_value *out)
{
    chirp_request *req = kida_call_host(call);
    chirp_user *copy = kida_pool_alloc(kida_call_pool(call), sizeof(*copy));
    if (!copy)
        return kida_fail(call, KIDA_E_LIMIT_MEMORY, "no memory for the user");
    *copy = req ? *chirp_current_user(req) : nobody;
    *out = kida_object(&user_type, copy);
    return KIDA_OK;
}

static const kida_function functions[] = {
    { "current_user", f_current_user, NULL, KIDA_IMPURE,
      "the user of the request: false for nobody; id, is_authenticated, permissions, profile" },
};

/* ---- making it ------------------------------------------------------------------------------- */

void
chirp_auth_options_init(chirp_auth_options *options)
{
    *options = (chirp_auth_options){
        .size = sizeof(*options),
        .session_key = "user_id",
        .session_version_key = "_session_version",
        .token_header = "Authorization",
        .token_scheme = "Bearer",
        .login_url = "/login",
    };
}

static kida_status
fill(auth_layer *layer, chirp_app *app, const chirp_auth_options *options, kida_error *err)
{
    if (!options->load_user && !options->verify_token)
        return ch_fail(err, KIDA_E_USAGE, "the auth layer needs load_user or verify_token");
    if (options->load_user && !chirp_uses(app, ch_session_layer))
        return ch_fail(err, KIDA_E_USAGE, "load_user needs sessions: call chirp_use_sessions "
                                          "before chirp_use_auth");
    layer->load_user = options->load_user;
    layer->verify_token = options->verify_token;
    layer->user = options->user;
    layer->session_key = ch_layer_text(layer, options->session_key).ptr;
    layer->session_version_key = ch_layer_text(layer, options->session_version_key).ptr;
    layer->token_header = ch_layer_text(layer, options->token_header).ptr;
    layer->token_scheme = ch_layer_text(layer, options->token_scheme);
    layer->login_url = options->login_url ? ch_layer_text(layer, options->login_url).ptr : NULL;
    if (!layer->session_key || !layer->session_version_key || !layer->token_header ||
        !layer->token_scheme.ptr || (options->login_url && !layer->login_url) ||
        !ch_layer_list(layer, options->exclude_paths, &layer->excluded, &layer->excluded_count))
        return ch_fail(err, KIDA_E_NOMEM, "no memory for the auth layer");
    return kida_env_add_functions(chirp_app_templates(app), functions,
                                  sizeof(functions) / sizeof(functions[0]), err);
}

kida_status
chirp_use_auth(chirp_app *app, const chirp_auth_options *options, kida_error *err)
{
    kida_error local;
    err = ch_error_or(err, &local);
    chirp_auth_options defaults;
    if (!options) {
        chirp_auth_options_init(&defaults);
        options = &defaults;
    }
    kida_status st = ch_options_check(options->size, sizeof(*options), err);
    auth_layer *layer = st == KIDA_OK ? ch_layer_new(app, sizeof(*layer)) : NULL;
    if (!layer)
        return ch_layer_failed(app, st, err);
    st = fill(layer, app, options, err);
    if (st != KIDA_OK) {
        ch_layer_free(layer);
        return ch_layer_failed(app, st, err);
    }
    return chirp_use(app, apply_auth, layer, ch_layer_free);
}
