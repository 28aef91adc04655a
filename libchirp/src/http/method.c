/* SPDX-License-Identifier: MIT */
/* method.c - the tables of methods, statuses and refusals. */
#include "http/method.h"

#include <string.h>

#include "config/fail.h"
#include "config/text.h"
#include "http/reject.h"

static const struct {
    kida_str text;
    unsigned flags;
} methods[CH_METHOD_COUNT] = {
#define CH_METHOD(name, text, flags) { KIDA_S_INIT(text), flags },
#include "http/method.def"
#undef CH_METHOD
};

kida_str
ch_method_text(ch_method method)
{
    return methods[method].text;
}

bool
ch_method_is_safe(ch_method method)
{
    return (methods[method].flags & CH_METHOD_SAFE) != 0;
}

bool
ch_method_find(kida_str text, ch_method *out)
{
    for (size_t i = 0; i < CH_METHOD_COUNT; i++) {
        if (methods[i].text.len == text.len && text.len > 0 &&
            memcmp(methods[i].text.ptr, text.ptr, text.len) == 0) {
            *out = (ch_method)i;
            return true;
        }
    }
    return false;
}

/* As ch_method_find, in any case. */
static bool
find_any_case(kida_str text, ch_method *out)
{
    for (size_t i = 0; i < CH_METHOD_COUNT; i++) {
        if (ch_str_iequal(methods[i].text, text)) {
            *out = (ch_method)i;
            return true;
        }
    }
    return false;
}

kida_status
ch_method_set_parse(kida_str text, ch_method_set *out, kida_error *err)
{
    ch_method_set set = 0;
    size_t at = 0;
    while (at < text.len) {
        size_t end = at;
        while (end < text.len && text.ptr[end] != '|' && text.ptr[end] != ',')
            end++;
        kida_str name = ch_str_trim(ch_str_slice(text, at, end));
        ch_method method;
        if (!find_any_case(name, &method))
            return ch_fail(err, KIDA_E_USAGE, "unknown method '%.*s'",
                           (int)(name.len < 40 ? name.len : 40), name.ptr);
        set |= ch_method_bit(method);
        at = end + 1;
    }
    if (set == 0)
        return ch_fail(err, KIDA_E_USAGE, "a route needs a method");
    *out = set;
    return KIDA_OK;
}

ch_method_set
ch_method_set_plain(void)
{
    ch_method_set set = 0;
    for (size_t i = 0; i < CH_METHOD_COUNT; i++) {
        if ((methods[i].flags & CH_METHOD_PLAIN) != 0)
            set |= ch_method_bit((ch_method)i);
    }
    return set;
}

/* Byte order of two names, as sorted() has it. */
static bool
sorts_before(kida_str a, kida_str b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = memcmp(a.ptr, b.ptr, shared);
    return order < 0 || (order == 0 && a.len < b.len);
}

size_t
ch_method_set_text(ch_method_set set, char out[CH_ALLOW_MAX])
{
    size_t len = 0;
    while (set != 0) {
        size_t least = CH_METHOD_COUNT;
        for (size_t i = 0; i < CH_METHOD_COUNT; i++) {
            if ((set & ch_method_bit((ch_method)i)) != 0 &&
                (least == CH_METHOD_COUNT || sorts_before(methods[i].text, methods[least].text)))
                least = i;
        }
        if (least == CH_METHOD_COUNT || methods[least].text.len + 2 > CH_ALLOW_MAX - len)
            break;
        if (len > 0) {
            out[len++] = ',';
            out[len++] = ' ';
        }
        memcpy(out + len, methods[least].text.ptr, methods[least].text.len);
        len += methods[least].text.len;
        set &= ~ch_method_bit((ch_method)least);
    }
    return len;
}

static const struct {
    unsigned code;
    kida_str text;
} statuses[] = {
#define CH_STATUS(code, text) { code, KIDA_S_INIT(text) },
#include "http/status.def"
#undef CH_STATUS
};

kida_str
ch_status_text(unsigned status)
{
    size_t low = 0, high = sizeof(statuses) / sizeof(statuses[0]);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (statuses[middle].code == status)
            return statuses[middle].text;
        if (statuses[middle].code < status)
            low = middle + 1;
        else
            high = middle;
    }
    return KIDA_S("Unknown");
}

bool
ch_status_is_bodiless(unsigned status)
{
    return status < 200 || status == 204 || status == 304;
}

static const struct {
    unsigned status;
    kida_str token;
} rejects[CH_REJECT_COUNT] = {
#define CH_REJECT(name, status, token) { status, KIDA_S_INIT(token) },
#include "http/reject.def"
#undef CH_REJECT
};

unsigned
ch_reject_status(ch_reject reason)
{
    return rejects[reason].status;
}

kida_str
ch_reject_token(ch_reject reason)
{
    return rejects[reason].token;
}
