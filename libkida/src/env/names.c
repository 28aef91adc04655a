/* SPDX-License-Identifier: MIT */
/* names.c - template names: blanks, backslashes, aliases, relative names, no way upwards. */
#include "env/env.h"

#include <string.h>

static kida_status
refuse(kida_error *err, kida_str name, const char *why)
{
    kd_error_set(err, KIDA_E_NOT_FOUND, "template '%.*s' not found: %s", (int)name.len, name.ptr,
                 why);
    return KIDA_E_NOT_FOUND;
}

static kida_str
trim_slashes(kida_str s)
{
    while (s.len && s.ptr[0] == '/')
        s = kd_str_sub(s, 1, s.len);
    while (s.len && s.ptr[s.len - 1] == '/')
        s.len--;
    return s;
}

static bool
climbs(kida_str name)
{
    size_t from = 0;
    for (size_t i = 0; i <= name.len; i++) {
        if (i < name.len && name.ptr[i] != '/')
            continue;
        if (i - from == 2 && name.ptr[from] == '.' && name.ptr[from + 1] == '.')
            return true;
        from = i + 1;
    }
    return false;
}

static bool
is_dotted(kida_str name)
{
    return kd_str_starts(name, KIDA_S("./")) || kd_str_starts(name, KIDA_S("../"));
}

/* folder/rest with . and .. worked out; false: climbs above the root. */
static bool
join_relative(kida_str referrer, kida_str rest, kida_pool *pool, kida_str *out)
{
    char *buf = kd_arena_alloc(pool, referrer.len + rest.len + 2);
    if (!buf)
        return false;
    size_t len = referrer.len;
    while (len > 0 && referrer.ptr[len - 1] != '/')
        len--;
    if (len)
        memcpy(buf, referrer.ptr, len);
    while (is_dotted(rest)) {
        bool up = rest.ptr[1] == '.';
        rest = kd_str_sub(rest, up ? 3 : 2, rest.len);
        if (!up)
            continue;
        if (len == 0)
            return false;
        len--; /* the slash */
        while (len > 0 && buf[len - 1] != '/')
            len--;
    }
    memcpy(buf + len, rest.ptr, rest.len);
    out->ptr = buf;
    out->len = len + rest.len;
    return true;
}

static kida_status
resolve_alias(const kida_env *env, kida_str name, kida_pool *pool, kida_str *out, kida_error *err)
{
    const char *slash = memchr(name.ptr, '/', name.len);
    size_t end = slash ? (size_t)(slash - name.ptr) : name.len;
    kida_str alias = kd_str_sub(name, 1, end);
    kida_str rest = slash ? kd_str_sub(name, end + 1, name.len) : KIDA_S("");
    for (const kida_alias *a = env->config.aliases; a && a->name; a++) {
        if (!kida_str_equal(kida_str_from(a->name), alias))
            continue;
        kida_str root = trim_slashes(kida_str_from(a->root));
        char *buf = kd_arena_alloc(pool, root.len + rest.len + 2);
        if (!buf)
            return kd_error_set(err, KIDA_E_NOMEM, "out of memory");
        size_t len = root.len;
        memcpy(buf, root.ptr, len);
        if (rest.len) {
            if (len)
                buf[len++] = '/';
            memcpy(buf + len, rest.ptr, rest.len);
            len += rest.len;
        }
        out->ptr = buf;
        out->len = len;
        return KIDA_OK;
    }
    return refuse(err, name, "no such alias");
}

kida_status
kd_resolve_name(const kida_env *env, kida_str name, const kida_template *referrer, kida_pool *pool,
                kida_str *resolved, kida_str *logical, kida_error *err)
{
    kida_str n = kd_str_strip(name, true, true);
    if (memchr(n.ptr, '\\', n.len)) {
        kida_str copy = kd_arena_str(pool, n);
        if (!copy.ptr)
            return kd_error_set(err, KIDA_E_NOMEM, "out of memory");
        for (size_t i = 0; i < copy.len; i++)
            if (copy.ptr[i] == '\\')
                ((char *)(uintptr_t)copy.ptr)[i] = '/';
        n = copy;
    }
    if (is_dotted(n)) {
        if (!referrer || referrer->name.len == 0)
            return refuse(err, name, "a relative name needs a named template around it");
        if (!join_relative(referrer->name, n, pool, &n))
            return refuse(err, name, "it leaves the template folder");
    }
    *logical = n;
    *resolved = n;
    if (memchr(n.ptr, '\0', n.len) || climbs(n))
        return refuse(err, name, "it leaves the template folder");
    if (n.len && n.ptr[0] == '@')
        return resolve_alias(env, n, pool, resolved, err);
    return KIDA_OK;
}
