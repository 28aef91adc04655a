/* SPDX-License-Identifier: MIT */
/* cookie.h - values of Set-Cookie. */
#ifndef CH_HTTP_COOKIE_H
#define CH_HTTP_COOKIE_H

#include <kida/kida.h>

typedef enum ch_same_site {
    CH_SAME_SITE_LAX = 0,
    CH_SAME_SITE_STRICT,
    CH_SAME_SITE_NONE
} ch_same_site;

/* One cookie to set; zeroed members are the defaults: path "/", session cookie, Lax. */
typedef struct ch_cookie {
    kida_str name;
    kida_str value;
    kida_str path;       /* empty: "/" */
    kida_str domain;     /* empty: none */
    bool has_max_age;
    int64_t max_age;     /* seconds */
    bool secure;
    bool script_visible; /* true: without HttpOnly */
    ch_same_site same_site;
} ch_cookie;

/* Appends `a=b; Max-Age=5; Path=/; Domain=…; Secure; HttpOnly; SameSite=lax`.
 * Errors: KIDA_E_USAGE for a byte that may not stand there, a broken __Host- or __Secure- promise,
 *         SameSite=None without Secure (CO-2, CO-3); nothing is appended then. KIDA_E_NOMEM. */
kida_status ch_cookie_write(kida_buf *out, const ch_cookie *cookie, kida_error *err);

#endif
