/* SPDX-License-Identifier: MIT */
/* csrf.c - requests that change something must come from our own pages (XF-1 to XF-4). */
#include "session.h"

#include <chirp/log.h>
#include <string.h>

#include "auth.h"
#include "config/fail.h"
#include "config/secret.h"
#include "config/text.h"
#include "http/request.h"
#include "layer.h"

#define STATE_NAME "chirp.csrf"
#define TOKEN_BYTES 32
#define TOKEN_LEN ((size_t)64)

typedef struct csrf_layer {
    ch_layer_memory memory;
    const char *field_name;
    const char *header_name;
    const char *session_key;
    const kida_str *exempt_paths;
    size_t exempt_count;
    const kida_str *origins;
    size_t origin_count;
} csrf_layer;

kida_str
chirp_csrf_token(chirp_request *req)
{
    const csrf_layer *layer = chirp_g_get(req, STATE_NAME);
    kida_str missing = { NULL, 0 };
    if (!layer)
        return missing;
    kida_str token = chirp_session_text(req, layer->session_key);
    if (token.len == TOKEN_LEN)
        return token;
    unsigned char bytes[TOKEN_BYTES];
    char text[TOKEN_LEN + 1];
    ch_random(bytes, sizeof(bytes));
    ch_hex_write(bytes, sizeof(bytes), text);
    if (chirp_session_set(req, layer->session_key,
                          kida_string((kida_str){ text, TOKEN_LEN })) != KIDA_OK)
        return missing;
    return chirp_session_text(req, layer->session_key);
}

/* ---- the check ------------------------------------------------------------------------------- */

/* Whether Origin names this server: host and port; the scheme may have been changed by a proxy that
 * is not trusted, and the token is asked for anyway. */
static bool
is_own_origin(chirp_request *req, kida_str origin)
{
    kida_str secure = KIDA_S("https://"), plain = KIDA_S("http://");
    uint32_t usual;
    size_t at;
    if (origin.len > secure.len && ch_str_iequal(ch_str_slice(origin, 0, secure.len), secure)) {
        usual = 443;
        at = secure.len;
    } else if (origin.len > plain.len && ch_str_iequal(ch_str_slice(origin, 0, plain.len), plain)) {
        usual = 80;
        at = plain.len;
    } else {
        return false;
    }
    kida_str host;
    uint32_t port;
    if (ch_host_parse(&req->arena, ch_str_slice(origin, at, origin.len), &host, &port) !=
        CH_REJECT_NONE)
        return false;
    uint32_t own = req->port == 0 ? usual : req->port;
    return kida_str_equal(host, req->host) && (port == 0 ? usual : port) == own;
}

/* Whether a browser says that another site sends this (XF-2). */
static bool
is_foreign(const csrf_layer *layer, chirp_request *req)
{
    kida_str origin = chirp_header(req, "origin");
    if (chirp_given(origin) && ch_listed(layer->origins, layer->origin_count, origin))
        return false;
    if (ch_str_iequal(chirp_header(req, "sec-fetch-site"), KIDA_S("cross-site")))
        return true;
    return chirp_given(origin) && !is_own_origin(req, origin);
}

/* Token of the request: header, else form field; never the URL (XF-3). */
static kida_str
given_token(const csrf_layer *layer, chirp_request *req)
{
    kida_str token = chirp_header(req, layer->header_name);
    return chirp_given(token) ? token : chirp_form(req, layer->field_name);
}

static chirp_reply *
refuse(chirp_request *req, ch_reject reason, const char *event, const char *text)
{
    ch_request_note(req, reason);
    chirp_audit(req, event, ch_auth_known_id(req), KIDA_S(""));
    return chirp_reply_fail(req, 403, "%s", text);
}

static chirp_reply *
check(const csrf_layer *layer, chirp_request *req)
{
    if (is_foreign(layer, req))
        return refuse(req, CH_REJECT_CSRF_ORIGIN, "csrf.reject.origin",
                      "CSRF origin not allowed");
    kida_str given = given_token(layer, req);
    if (given.len == 0)
        return refuse(req, CH_REJECT_CSRF_MISSING, "csrf.reject.missing",
                      "CSRF token missing");
    kida_str right = chirp_session_text(req, layer->session_key);
    if (right.len != TOKEN_LEN || !ch_secret_equal(given, right))
        return refuse(req, CH_REJECT_CSRF_INVALID, "csrf.reject.invalid",
                      "CSRF token invalid");
    return NULL;
}

static chirp_reply *
apply_csrf(chirp_request *req, chirp_next *next, void *user)
{
    csrf_layer *layer = user;
    if (chirp_g_set(req, STATE_NAME, layer, NULL) != KIDA_OK)
        return NULL;
    if (!ch_method_is_safe(req->method) &&
        !ch_listed(layer->exempt_paths, layer->exempt_count, chirp_path(req))) {
        chirp_reply *refusal = check(layer, req);
        if (refusal)
            return refusal;
    }
    return chirp_proceed(next, req);
}

/* ---- templates ------------------------------------------------------------------------------- */

static kida_status
token_of_call(kida_call *call, kida_str *out)
{
    chirp_request *req = kida_call_host(call);
    *out = req ? chirp_csrf_token(req) : KIDA_S("");
    if (!req || !chirp_given(*out))
        return kida_fail_kind(call, KIDA_E_NOT_FOUND, "LookupError",
                              "there is no CSRF token outside of a request with a session");
    return KIDA_OK;
}

static kida_status
f_csrf_token(kida_call *call, kida_value *out)
{
    kida_str token;
    kida_status st = token_of_call(call, &token);
    return st == KIDA_OK ? kida_return_str(call, token, out) : st;
}

static kida_status
f_csrf_field(kida_call *call, kida_value *out)
{
    kida_str token;
    kida_buf buf;
    kida_status st = token_of_call(call, &token);
    if (st != KIDA_OK)
        return st;
    const csrf_layer *layer = kida_call_user(call);
    kida_buf_init(&buf, call);
    kida_buf_put(&buf, KIDA_S("<input type=\"hidden\" name=\""));
    kida_buf_html(&buf, kida_str_from(layer->field_name));
    kida_buf_put(&buf, KIDA_S("\" value=\""));
    kida_buf_html(&buf, token);
    kida_buf_put(&buf, KIDA_S("\">"));
    return kida_buf_finish_safe(&buf, out);
}

static const kida_function functions[] = {
    { "csrf_token", f_csrf_token, NULL, KIDA_IMPURE, "token of the session, as text" },
    { "csrf_field", f_csrf_field, NULL, KIDA_IMPURE | KIDA_SAFE_OUT,
      "hidden form field with the token of the session" },
};

/* ---- making it ------------------------------------------------------------------------------- */

void
chirp_csrf_options_init(chirp_csrf_options *options)
{
    *options = (chirp_csrf_options){
        .size = sizeof(*options),
        .field_name = "_csrf_token",
        .header_name = "X-CSRF-Token",
        .session_key = "_csrf_token",
    };
}

static kida_status
fill(csrf_layer *layer, chirp_app *app, const chirp_csrf_options *options, kida_error *err)
{
    layer->field_name = ch_layer_text(layer, options->field_name).ptr;
    layer->header_name = ch_layer_text(layer, options->header_name).ptr;
    layer->session_key = ch_layer_text(layer, options->session_key).ptr;
    if (!layer->field_name || !layer->header_name || !layer->session_key ||
        !ch_layer_list(layer, options->exempt_paths, &layer->exempt_paths,
                       &layer->exempt_count) ||
        !ch_layer_list(layer, options->trusted_origins, &layer->origins, &layer->origin_count))
        return ch_fail(err, KIDA_E_NOMEM, "no memory for the CSRF layer");
    if (!chirp_uses(app, ch_session_layer))
        return ch_fail(err, KIDA_E_USAGE, "the CSRF layer needs sessions: call chirp_use_sessions "
                                          "before chirp_use_csrf");
    kida_status st = KIDA_OK;
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]) && st == KIDA_OK; i++)
        st = kida_env_add_function(chirp_app_templates(app), &functions[i], layer, NULL, err);
    return st;
}

kida_status
chirp_use_csrf(chirp_app *app, const chirp_csrf_options *options, kida_error *err)
{
    kida_error local;
    err = ch_error_or(err, &local);
    chirp_csrf_options defaults;
    if (!options) {
        chirp_csrf_options_init(&defaults);
        options = &defaults;
    }
    kida_status st = ch_options_check(options->size, sizeof(*options), err);
    csrf_layer *layer = st == KIDA_OK ? ch_layer_new(app, sizeof(*layer)) : NULL;
    if (!layer)
        return ch_layer_failed(app, st, err);
    st = fill(layer, app, options, err);
    if (st != KIDA_OK) {
        ch_layer_free(layer);
        return ch_layer_failed(app, st, err);
    }
    return chirp_use(app, apply_csrf, layer, ch_layer_free);
}
