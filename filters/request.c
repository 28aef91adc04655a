/* SPDX-License-Identifier: MIT */
/* request.c - functions that read what the host said about the request, and those of gettext. */
#include <math.h>

#include "builtins.h"
#include "html.h"

/* ---- request --------------------------------------------------------------------------------- */

static kida_status
meta_or(kida_call *call, kida_str name, kida_value fallback, kida_value *out)
{
    *out = kida_call_meta(call, name);
    if (kida_kind_of(*out) == KIDA_ABSENT)
        *out = fallback;
    return KIDA_OK;
}

static kida_status
g_hx_request(kida_call *call, kida_value *out)
{
    return meta_or(call, KIDA_S("hx_request"), kida_bool(false), out);
}

static kida_status
g_hx_boosted(kida_call *call, kida_value *out)
{
    return meta_or(call, KIDA_S("hx_boosted"), kida_bool(false), out);
}

static kida_status
g_hx_target(kida_call *call, kida_value *out)
{
    return meta_or(call, KIDA_S("hx_target"), kida_none(), out);
}

static kida_status
g_hx_trigger(kida_call *call, kida_value *out)
{
    return meta_or(call, KIDA_S("hx_trigger"), kida_none(), out);
}

/* Text of an entry; empty where it is missing or falsy. */
static kida_status
meta_text(kida_call *call, kida_str name, kida_str *out)
{
    kida_value v = kida_call_meta(call, name);
    bool given = false;
    kida_status st = KIDA_OK;

    *out = KIDA_S("");
    if (kida_kind_of(v) != KIDA_ABSENT)
        st = kida_truth(call, v, &given);
    return st == KIDA_OK && given ? kida_to_str(call, v, out) : st;
}

static kida_status
g_csp_nonce(kida_call *call, kida_value *out)
{
    kida_str nonce;
    kida_status st = meta_text(call, KIDA_S("csp_nonce"), &nonce);
    *out = kida_string(nonce);
    return st;
}

/* csrf_token: the hidden field of a form that proves where the form came from. */
static kida_status
g_csrf_token(kida_call *call, kida_value *out)
{
    kida_str token;
    kida_buf buf;
    kida_status st = meta_text(call, KIDA_S("csrf_token"), &token);

    if (st != KIDA_OK)
        return st;
    kida_buf_init(&buf, call);
    if (token.len > 0) {
        kida_buf_put(&buf, KIDA_S("<input type=\"hidden\" name=\"csrf_token\" value=\""));
        kd_html_attribute(&buf, token);
        kida_buf_put(&buf, KIDA_S("\">"));
    }
    return kida_buf_finish_safe(&buf, out);
}

const kida_function kd_functions_request[] = {
    { "hx_request", g_hx_request, NULL, KIDA_IMPURE, "whether htmx sent the request" },
    { "hx_boosted", g_hx_boosted, NULL, KIDA_IMPURE, "whether a boosted link sent the request" },
    { "hx_target", g_hx_target, NULL, KIDA_IMPURE, "id of the element that htmx will fill" },
    { "hx_trigger", g_hx_trigger, NULL, KIDA_IMPURE, "id of the element that caused the request" },
    { "csrf_token", g_csrf_token, NULL, KIDA_IMPURE | KIDA_SAFE_OUT,
      "hidden form field with the token of the session" },
    { "csp_nonce", g_csp_nonce, NULL, KIDA_IMPURE, "nonce of the response's security policy" },
};
const size_t kd_functions_request_count =
    sizeof(kd_functions_request) / sizeof(kd_functions_request[0]);

/* ---- gettext --------------------------------------------------------------------------------- */

/* _: the message in the language of the catalog; what is no text, or not in it, as it stands. */
static kida_status
g_gettext(kida_call *call, kida_value *out)
{
    kida_value message = kida_arg(call, 0);
    kida_value found = { 0 };

    if (kida_kind_of(message) == KIDA_STRING) {
        kida_status st = kida_translate(call, kida_as_str(message), &found);
        if (st != KIDA_OK)
            return st;
    }
    *out = kida_kind_of(found) == KIDA_ABSENT ? message : found;
    return KIDA_OK;
}

/* The count that a catalog is asked with: whole and in 64 bits, or 0. */
static int64_t
whole_count(kida_value v)
{
    double d = kida_as_float(v);
    if (kida_kind_of(v) != KIDA_FLOAT)
        return kida_as_int(v);
    return fabs(d) < 0x1p63 ? (int64_t)d : 0;
}

/* _n: one of two messages by a count, translated. */
static kida_status
g_ngettext(kida_call *call, kida_value *out)
{
    kida_value one = kida_arg(call, 0);
    kida_value many = kida_arg(call, 1);
    kida_value count = kida_arg(call, 2);
    kida_value found = { 0 };
    bool single;
    kida_status st = kida_equal(call, count, kida_int(1), &single);

    if (st == KIDA_OK && kida_kind_of(one) == KIDA_STRING && kida_kind_of(many) == KIDA_STRING)
        st = kida_translate_plural(call, kida_as_str(one), kida_as_str(many), whole_count(count),
                                   &found);
    if (st != KIDA_OK)
        return st;
    if (kida_kind_of(found) == KIDA_ABSENT)
        found = single ? one : many;
    *out = found;
    return KIDA_OK;
}

static const kida_param gettext_params[] = { { "message", KIDA_IN_ANY, NULL }, { 0 } };

static const kida_param ngettext_params[] = {
    { "singular", KIDA_IN_ANY, NULL },
    { "plural", KIDA_IN_ANY, NULL },
    { "n", KIDA_IN_ANY, NULL },
    { 0 },
};

const kida_function kd_functions_gettext[] = {
    { "_", g_gettext, gettext_params, KIDA_IMPURE, "the message, translated" },
    { "_n", g_ngettext, ngettext_params, KIDA_IMPURE, "one of two messages, translated" },
};
const size_t kd_functions_gettext_count =
    sizeof(kd_functions_gettext) / sizeof(kd_functions_gettext[0]);
