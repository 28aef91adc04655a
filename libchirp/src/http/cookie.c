/* SPDX-License-Identifier: MIT */
/* cookie.c - Set-Cookie values; what could start another attribute or header is refused. */
#include "http/cookie.h"

#include "config/fail.h"
#include "config/text.h"
#include "http/headers.h"

/* Whether a value, path or domain can't end its attribute. */
static bool
part_is_valid(kida_str part)
{
    for (size_t i = 0; i < part.len; i++) {
        char c = part.ptr[i];
        if (c == ';' || c == ',' || (unsigned char)c < 0x20 || c == 0x7f)
            return false;
    }
    return part.len == ch_str_trim(part).len;
}

static bool
begins_with(kida_str text, kida_str lead)
{
    return text.len >= lead.len && ch_str_iequal(ch_str_slice(text, 0, lead.len), lead);
}

static kida_status
check(const ch_cookie *cookie, kida_error *err)
{
    if (!ch_token_is_valid(cookie->name))
        return ch_fail(err, KIDA_E_USAGE, "the cookie's name is no token");
    int len = (int)(cookie->name.len < 60 ? cookie->name.len : 60);
    const char *name = cookie->name.ptr;
    if (!part_is_valid(cookie->value) || !part_is_valid(cookie->path) ||
        !part_is_valid(cookie->domain))
        return ch_fail(err, KIDA_E_USAGE, "cookie '%.*s' holds a byte that ends its field", len,
                       name);
    if (cookie->path.len > 0 && cookie->path.ptr[0] != '/')
        return ch_fail(err, KIDA_E_USAGE, "the path of cookie '%.*s' must begin with '/'", len,
                       name);
    bool is_host = begins_with(cookie->name, KIDA_S("__Host-"));
    if ((is_host || begins_with(cookie->name, KIDA_S("__Secure-"))) && !cookie->secure)
        return ch_fail(err, KIDA_E_USAGE, "cookie '%.*s' must be secure", len, name);
    if (is_host && (cookie->domain.len > 0 || cookie->path.len > 1))
        return ch_fail(err, KIDA_E_USAGE, "cookie '%.*s' must have path '/' and no domain", len,
                       name);
    if (cookie->same_site == CH_SAME_SITE_NONE && !cookie->secure)
        return ch_fail(err, KIDA_E_USAGE, "cookie '%.*s' with SameSite=None must be secure", len,
                       name);
    return KIDA_OK;
}

kida_status
ch_cookie_write(kida_buf *out, const ch_cookie *cookie, kida_error *err)
{
    static const kida_str same_sites[] = { KIDA_S_INIT("lax"), KIDA_S_INIT("strict"),
                                           KIDA_S_INIT("none") };
    kida_status st = check(cookie, err);
    if (st != KIDA_OK)
        return st;
    kida_buf_put(out, cookie->name);
    kida_buf_byte(out, '=');
    kida_buf_put(out, cookie->value);
    if (cookie->has_max_age) {
        kida_buf_put(out, KIDA_S("; Max-Age="));
        kida_buf_int(out, cookie->max_age);
    }
    kida_buf_put(out, KIDA_S("; Path="));
    kida_buf_put(out, cookie->path.len > 0 ? cookie->path : KIDA_S("/"));
    if (cookie->domain.len > 0) {
        kida_buf_put(out, KIDA_S("; Domain="));
        kida_buf_put(out, cookie->domain);
    }
    if (cookie->secure)
        kida_buf_put(out, KIDA_S("; Secure"));
    if (!cookie->script_visible)
        kida_buf_put(out, KIDA_S("; HttpOnly"));
    kida_buf_put(out, KIDA_S("; SameSite="));
    kida_buf_put(out, same_sites[cookie->same_site]);
    return kida_buf_status(out);
}
