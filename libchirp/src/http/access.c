/* SPDX-License-Identifier: MIT */
/* access.c - what handlers ask a request: headers, query, cookies, forms, JSON, htmx. */
#include "http/request.h"

#include "config/fail.h"
#include "config/text.h"
#include "http/form.h"

static const kida_str missing = { NULL, 0 };

/* A text that is there even if it is empty. */
static kida_str
given(kida_str text)
{
    return text.ptr == NULL ? KIDA_S("") : text;
}

/* ---- request line ---------------------------------------------------------------------------- */

kida_str
chirp_method(const chirp_request *req)
{
    return ch_method_text(req->method);
}

kida_str
chirp_path(const chirp_request *req)
{
    return given(req->path.text);
}

kida_str
chirp_url(const chirp_request *req)
{
    return given(req->url);
}

kida_str
chirp_query_string(const chirp_request *req)
{
    return req->raw_query;
}

kida_str
chirp_http_version(const chirp_request *req)
{
    return req->is_http10 ? KIDA_S("1.0") : KIDA_S("1.1");
}

kida_str
chirp_host(const chirp_request *req)
{
    return given(req->host);
}

kida_str
chirp_scheme(const chirp_request *req)
{
    if (req->forwarded_scheme.ptr != NULL)
        return req->forwarded_scheme;
    return req->is_tls ? KIDA_S("https") : KIDA_S("http");
}

kida_str
chirp_client(const chirp_request *req)
{
    kida_str out = { req->client, req->client_len };
    return req->forwarded_client.ptr != NULL ? req->forwarded_client : out;
}

uint32_t
chirp_client_port(const chirp_request *req)
{
    return req->forwarded_client.ptr != NULL ? 0 : req->client_port;
}

kida_str
chirp_request_id(const chirp_request *req)
{
    return given(req->request_id);
}

/* ---- headers and cookies --------------------------------------------------------------------- */

static bool
pair_at(const ch_headers *list, size_t index, kida_str *name, kida_str *value)
{
    if (index >= list->count)
        return false;
    *name = list->items[index].name;
    *value = list->items[index].value;
    return true;
}

kida_str
chirp_header(const chirp_request *req, const char *name)
{
    return ch_headers_get(&req->headers, kida_str_from(name), 0);
}

kida_str
chirp_header_nth(const chirp_request *req, const char *name, size_t index)
{
    return ch_headers_get(&req->headers, kida_str_from(name), index);
}

bool
chirp_header_at(const chirp_request *req, size_t index, kida_str *name, kida_str *value)
{
    return pair_at(&req->headers, index, name, value);
}

kida_str
chirp_trailer(const chirp_request *req, const char *name)
{
    return ch_headers_get(&req->trailers, kida_str_from(name), 0);
}

/* Cookies as a list, read on first use; what does not fit any more is missing. */
static const ch_headers *
cookies(chirp_request *req)
{
    if (req->cookies_done)
        return &req->cookies;
    req->cookies_done = true;
    ch_headers_init(&req->cookies, &req->arena, req->config->max_cookies);
    kida_str value;
    for (size_t i = 0; (value = ch_headers_get(&req->headers, KIDA_S("cookie"), i)).ptr; i++)
        (void)ch_cookies_parse(&req->cookies, value);
    return &req->cookies;
}

kida_str
chirp_cookie(chirp_request *req, const char *name)
{
    return ch_pairs_get(cookies(req), kida_str_from(name), 0);
}

bool
chirp_cookie_at(chirp_request *req, size_t index, kida_str *name, kida_str *value)
{
    return pair_at(cookies(req), index, name, value);
}

/* ---- query ----------------------------------------------------------------------------------- */

static const ch_headers *
query(chirp_request *req)
{
    if (req->query_done)
        return &req->query;
    req->query_done = true;
    ch_headers_init(&req->query, &req->arena, req->config->max_query_pairs);
    if (req->raw_query.ptr != NULL)
        (void)ch_pairs_parse(&req->query, req->raw_query);
    return &req->query;
}

kida_str
chirp_query(chirp_request *req, const char *name)
{
    return ch_pairs_get(query(req), kida_str_from(name), 0);
}

kida_str
chirp_query_nth(chirp_request *req, const char *name, size_t index)
{
    return ch_pairs_get(query(req), kida_str_from(name), index);
}

bool
chirp_query_at(chirp_request *req, size_t index, kida_str *name, kida_str *value)
{
    return pair_at(query(req), index, name, value);
}

int64_t
chirp_query_int(chirp_request *req, const char *name, int64_t fallback)
{
    int64_t number = fallback;
    (void)ch_parse_int(chirp_query(req, name), &number);
    return number;
}

bool
chirp_query_bool(chirp_request *req, const char *name, bool fallback)
{
    kida_str text = chirp_query(req, name);
    return chirp_given(text) ? ch_parse_bool(text) : fallback;
}

/* ---- path parameters ------------------------------------------------------------------------- */

kida_str
chirp_param(const chirp_request *req, const char *name)
{
    kida_str wanted = kida_str_from(name);
    for (size_t i = 0; i < req->param_count; i++) {
        if (kida_str_equal(req->params[i].name, wanted))
            return req->params[i].value;
    }
    return missing;
}

kida_status
chirp_param_int(const chirp_request *req, const char *name, int64_t *out)
{
    kida_str text = chirp_param(req, name);
    if (!chirp_given(text))
        return KIDA_E_KEY;
    return ch_parse_int(text, out) ? KIDA_OK : KIDA_E_TYPE;
}

kida_status
chirp_param_float(const chirp_request *req, const char *name, double *out)
{
    kida_str text = chirp_param(req, name);
    if (!chirp_given(text))
        return KIDA_E_KEY;
    return ch_parse_float(text, out) ? KIDA_OK : KIDA_E_TYPE;
}

bool
chirp_param_at(const chirp_request *req, size_t index, kida_str *name, kida_str *value)
{
    if (index >= req->param_count)
        return false;
    *name = req->params[index].name;
    *value = req->params[index].value;
    return true;
}

/* ---- body ------------------------------------------------------------------------------------ */

kida_str
chirp_body(const chirp_request *req)
{
    if (req->spool.is_open) /* mapped on first use, which no caller can tell */
        return ch_spool_text((ch_spool *)(uintptr_t)&req->spool);
    return req->body_started ? given(kida_buf_str(&req->body)) : KIDA_S("");
}

kida_str
chirp_content_type(const chirp_request *req)
{
    return ch_headers_get(&req->headers, KIDA_S("content-type"), 0);
}

/* Whether a Content-Type is that of an urlencoded form in UTF-8; a missing one is (4.5). */
static bool
is_urlencoded(kida_str type)
{
    size_t pos = 0;
    kida_str part;
    if (!ch_str_next(type, ';', &pos, &part))
        return true;
    if (!ch_str_iequal(part, KIDA_S("application/x-www-form-urlencoded")))
        return false;
    while (ch_str_next(type, ';', &pos, &part)) {
        kida_str lead = KIDA_S("charset=");
        if (part.len < lead.len || !ch_str_iequal(ch_str_slice(part, 0, lead.len), lead))
            continue;
        kida_str charset = ch_str_slice(part, lead.len, part.len);
        if (charset.len > 1 && charset.ptr[0] == '"' && charset.ptr[charset.len - 1] == '"')
            charset = ch_str_slice(charset, 1, charset.len - 1);
        if (!ch_str_iequal(charset, KIDA_S("utf-8"))) /* FM-2 */
            return false;
    }
    return true;
}

bool
ch_request_is_coded(const chirp_request *req)
{
    kida_str coding;
    for (size_t i = 0;; i++) {
        coding = ch_headers_get(&req->headers, KIDA_S("content-encoding"), i);
        if (!coding.ptr)
            return false;
        if (coding.len > 0 && !ch_str_iequal(coding, KIDA_S("identity")))
            return true;
    }
}

/* The form, read on first use; the outcome is kept. */
static const ch_headers *
form(chirp_request *req)
{
    if (req->form_done)
        return &req->form;
    req->form_done = true;
    ch_headers_init(&req->form, &req->arena, req->config->max_form_fields);
    if (ch_request_is_coded(req))
        req->form_status = KIDA_E_UNSUPPORTED;
    else if (is_urlencoded(chirp_content_type(req)))
        req->form_status = ch_pairs_parse(&req->form, chirp_body(req));
    else
        req->form_status = ch_multipart_form(req);
    if (req->form_status != KIDA_OK)
        req->form.count = 0; /* half a form is none */
    return &req->form;
}

kida_status
chirp_form_read(chirp_request *req, kida_error *err)
{
    (void)form(req);
    if (req->form_status == KIDA_E_UNSUPPORTED)
        return ch_fail(err, req->form_status, "the body is no form that can be read");
    if (req->form_problem != NULL)
        return ch_fail(err, req->form_status, "the form can't be read: %s", req->form_problem);
    if (req->form_status == KIDA_E_LIMIT_MEMORY)
        return ch_fail(err, req->form_status, "the form has more than %u fields",
                       req->config->max_form_fields);
    if (req->form_status != KIDA_OK)
        return ch_fail(err, req->form_status, "no memory for the form");
    return KIDA_OK;
}

kida_str
chirp_form(chirp_request *req, const char *name)
{
    return chirp_form_nth(req, name, 0);
}

kida_str
chirp_form_nth(chirp_request *req, const char *name, size_t index)
{
    return ch_pairs_get(form(req), kida_str_from(name), index);
}

bool
chirp_form_at(chirp_request *req, size_t index, kida_str *name, kida_str *value)
{
    return pair_at(form(req), index, name, value);
}

kida_status
chirp_json(chirp_request *req, kida_value *out, kida_error *err)
{
    kida_str body = chirp_body(req);
    if (ch_request_is_coded(req))
        return ch_fail(err, KIDA_E_UNSUPPORTED, "the body has a coding that is not undone");
    if (!ch_json_is_bounded(body, req->config->max_json_depth, req->config->max_json_nodes))
        return ch_fail(err, KIDA_E_JSON, "the JSON text is too deep or has too many parts");
    kida_pool *pool = chirp_pool(req);
    if (pool == NULL)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for the JSON text");
    return kida_json_parse(pool, body, out, err);
}

/* ---- htmx ------------------------------------------------------------------------------------ */

static bool
header_is_true(const chirp_request *req, kida_str name)
{
    return kida_str_equal(ch_headers_get(&req->headers, name, 0), KIDA_S("true"));
}

bool
chirp_is_fragment(const chirp_request *req)
{
    return header_is_true(req, KIDA_S("HX-Request"));
}

bool
chirp_is_boosted(const chirp_request *req)
{
    return header_is_true(req, KIDA_S("HX-Boosted"));
}

bool
chirp_is_history_restore(const chirp_request *req)
{
    return header_is_true(req, KIDA_S("HX-History-Restore-Request"));
}

/* An htmx header; encoded is the name of the flag beside it that says it is percent-encoded. */
static kida_str
htmx_header(chirp_request *req, kida_str name, kida_str encoded)
{
    kida_str value = ch_headers_get(&req->headers, name, 0);
    if (value.ptr == NULL || !header_is_true(req, encoded))
        return value;
    return ch_percent_decode(&req->arena, value, false);
}

#define HTMX(req, name) htmx_header(req, KIDA_S(name), KIDA_S(name "-URI-AutoEncoded"))

kida_str
chirp_hx_target(chirp_request *req)
{
    return HTMX(req, "HX-Target");
}

kida_str
chirp_hx_trigger(chirp_request *req)
{
    return HTMX(req, "HX-Trigger");
}

kida_str
chirp_hx_trigger_name(chirp_request *req)
{
    return HTMX(req, "HX-Trigger-Name");
}

kida_str
chirp_hx_current_url(chirp_request *req)
{
    return HTMX(req, "HX-Current-URL");
}

kida_str
chirp_hx_prompt(chirp_request *req)
{
    return HTMX(req, "HX-Prompt");
}

kida_str
chirp_hx_partial(chirp_request *req)
{
    return HTMX(req, "HX-Partial");
}

kida_str
chirp_hx_current_path(chirp_request *req)
{
    kida_str url = chirp_hx_current_url(req);
    bool is_secure = kida_str_equal(chirp_scheme(req), KIDA_S("https"));
    kida_str lead = is_secure ? KIDA_S("https://") : KIDA_S("http://");
    if (url.len < lead.len || !ch_str_iequal(ch_str_slice(url, 0, lead.len), lead))
        return missing;
    size_t end = lead.len;
    while (end < url.len && url.ptr[end] != '/' && url.ptr[end] != '?' && url.ptr[end] != '#')
        end++;
    kida_str host;
    uint32_t port, usual = is_secure ? 443 : 80;
    if (ch_host_parse(&req->arena, ch_str_slice(url, lead.len, end), &host, &port) !=
        CH_REJECT_NONE)
        return missing;
    uint32_t own = req->port == 0 ? usual : req->port;
    if (!kida_str_equal(host, req->host) || (port == 0 ? usual : port) != own)
        return missing;
    size_t mark = ch_str_find(url, '#', end);
    return mark > end && url.ptr[end] == '/' ? ch_str_slice(url, end, mark) : KIDA_S("/");
}
