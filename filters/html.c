/* SPDX-License-Identifier: MIT */
/* html.c - filters about HTML and URLs: escaping, attributes, classes, nonces, tags taken out. */
#define _GNU_SOURCE /* memrchr */
#include <string.h>

#include <kida/unicode.h>

#include "builtins.h"
#include "html.h"
#include "text.h"

static kida_str
span(const char *from, const char *to)
{
    return (kida_str){ from, (size_t)(to - from) };
}

void
kd_html_attribute(kida_buf *buf, kida_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.ptr[i]) {
        case '&':
            kida_buf_put(buf, KIDA_S("&amp;"));
            break;
        case '<':
            kida_buf_put(buf, KIDA_S("&lt;"));
            break;
        case '>':
            kida_buf_put(buf, KIDA_S("&gt;"));
            break;
        case '"':
            kida_buf_put(buf, KIDA_S("&quot;"));
            break;
        case '\'':
            kida_buf_put(buf, KIDA_S("&#x27;"));
            break;
        default:
            kida_buf_byte(buf, text.ptr[i]);
        }
    }
}

/* ---- marking --------------------------------------------------------------------------------- */

static kida_status
f_escape(kida_call *call, kida_value self, kida_value *out)
{
    return kida_to_html(call, self, out);
}

/* safe: the text as it stands, trusted from here on. */
static kida_status
f_safe(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    *out = kida_safe(kida_as_str(self));
    return KIDA_OK;
}

static const kida_param safe_params[] = {
    { "reason", KIDA_IN_ANY, "none" }, /* for readers of the template only */
    { 0 },
};

/* striptags: deletes from each < to the next >; without one the < stays. */
static kida_status
f_striptags(kida_call *call, kida_value self, kida_value *out)
{
    kida_str text = kd_text(self);
    const char *p = text.ptr;
    const char *end = p + text.len;
    kida_buf buf;

    kida_buf_init(&buf, call);
    while (p < end) {
        const char *open = memchr(p, '<', (size_t)(end - p));
        const char *close = open != NULL ? memchr(open, '>', (size_t)(end - open)) : NULL;
        if (close == NULL)
            break;
        kida_buf_put(&buf, span(p, open));
        p = close + 1;
    }
    kida_buf_put(&buf, span(p, end));
    return kida_buf_finish(&buf, out);
}

/* urlencode: all bytes but the unreserved ones as %XX. */
static kida_status
f_urlencode(kida_call *call, kida_value self, kida_value *out)
{
    static const char digits[] = "0123456789ABCDEF";
    kida_str text = kida_as_str(self);
    kida_buf buf;

    if (!kida_utf8_valid(text)) /* an escape in a literal can make half a surrogate pair */
        return kida_fail_kind(call, KIDA_E_RUNTIME, "UnicodeEncodeError",
                              "urlencode() got half of a surrogate pair");
    kida_buf_init(&buf, call);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            c == '_' || c == '.' || c == '-' || c == '~') {
            kida_buf_byte(&buf, (char)c);
        } else {
            const char escaped[3] = { '%', digits[c >> 4], digits[c & 15] };
            kida_buf_put(&buf, (kida_str){ escaped, sizeof(escaped) });
        }
    }
    return kida_buf_finish(&buf, out);
}

/* ---- attributes ------------------------------------------------------------------------------ */

static kida_status
check_attribute_name(kida_call *call, kida_value key)
{
    static const char refused[] = " \t\n\r\f\"'>/="; /* and NUL: the literal's own end */
    kida_str name = kida_as_str(key);
    bool good = name.len > 0;

    if (kida_kind_of(key) != KIDA_STRING)
        return kida_fail_kind(call, KIDA_E_TYPE, "TypeError",
                              "xmlattr() wants texts as attribute names");
    for (size_t i = 0; i < name.len && good; i++)
        good = memchr(refused, name.ptr[i], sizeof(refused)) == NULL;
    if (!good)
        return kd_fail_value(call, "xmlattr() got a key that can't name an attribute");
    return KIDA_OK;
}

/* xmlattr: a dict as attributes of a tag; entries that are none are left out. */
static kida_status
f_xmlattr(kida_call *call, kida_value self, kida_value *out)
{
    kida_value key, item;
    kida_str text;
    kida_buf buf;

    if (kida_kind_of(self) != KIDA_DICT)
        return kida_fail_kind(call, KIDA_E_ATTRIBUTE, "AttributeError",
                              "xmlattr() wants a dict, not %s", kida_kind_name(self));
    kida_buf_init(&buf, call);
    for (size_t i = 0; kida_dict_entry(self, i, &key, &item); i++) {
        if (kida_kind_of(item) == KIDA_NONE)
            continue;
        kida_status st = check_attribute_name(call, key);
        if (st == KIDA_OK)
            st = kida_to_str(call, item, &text);
        if (st != KIDA_OK)
            return st;
        if (kida_buf_str(&buf).len > 0)
            kida_buf_byte(&buf, ' ');
        kida_buf_put(&buf, kida_as_str(key));
        kida_buf_put(&buf, KIDA_S("=\""));
        kida_buf_html(&buf, text); /* safe markup too: an attribute holds text */
        kida_buf_byte(&buf, '"');
    }
    return kida_buf_finish_safe(&buf, out);
}

/* Appends a class if it is truthy. */
static kida_status
put_class(kida_call *call, kida_buf *buf, kida_value v)
{
    kida_str text;
    bool wanted;
    kida_status st = kida_truth(call, v, &wanted);

    if (st != KIDA_OK || !wanted)
        return st;
    st = kida_to_str(call, v, &text);
    if (st != KIDA_OK)
        return st;
    if (kida_buf_str(buf).len > 0)
        kida_buf_byte(buf, ' ');
    kida_buf_put(buf, text);
    return KIDA_OK;
}

/* classes: truthy items, those of inner lists included, separated by spaces. */
static kida_status
f_classes(kida_call *call, kida_value self, kida_value *out)
{
    kida_buf buf;
    kida_iter iter;
    kida_value item;

    kida_buf_init(&buf, call);
    if (!kida_is_iterable(self)) {
        if (kida_kind_of(self) != KIDA_NONE)
            kida_buf_value(&buf, self);
        return kida_buf_finish(&buf, out);
    }
    kida_status st = kida_iter_init(call, &iter, self);
    while (st == KIDA_OK) {
        st = kida_iter_next(call, &iter, &item);
        if (st != KIDA_OK || kida_kind_of(item) == KIDA_ABSENT)
            break;
        if (kida_kind_of(item) != KIDA_LIST && kida_kind_of(item) != KIDA_TUPLE) {
            st = put_class(call, &buf, item);
            continue;
        }
        size_t count = kida_length(item);
        st = kida_spend(call, count);
        for (size_t i = 0; i < count && st == KIDA_OK; i++)
            st = put_class(call, &buf, kida_item_at(item, i));
    }
    return st == KIDA_OK ? kida_buf_finish(&buf, out) : st;
}

/* ---- nonces ---------------------------------------------------------------------------------- */

/* Moves *p behind name if that is what stands there, in letters of any size. */
static bool
skip_name(const char **p, const char *end, kida_str name)
{
    if ((size_t)(end - *p) < name.len)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        if (((*p)[i] | 0x20) != name.ptr[i])
            return false;
    }
    *p += name.len;
    return true;
}

static void
skip_spaces(const char **p, const char *end)
{
    while (*p < end) {
        const char *next = *p;
        if (!kida_unicode_is_space(kida_utf8_next(&next, end)))
            break;
        *p = next;
    }
}

/* Whether attributes have the word nonce with a value, be it the end of another name. */
static bool
has_nonce(const char *p, const char *end)
{
    bool in_word = false;
    while (p < end) {
        const char *after = p;
        if (!in_word && skip_name(&after, end, KIDA_S("nonce"))) {
            skip_spaces(&after, end);
            if (after < end && *after == '=')
                return true;
        }
        in_word = kida_unicode_is_word(kida_utf8_next(&p, end));
    }
    return false;
}

/* The > of the opening script or style tag at p, which is a <; NULL if there is no such tag. A >
 * stands somewhere before end. *attributes is where those of the tag begin. */
static const char *
tag_close(const char *p, const char *end, const char **attributes)
{
    p++;
    skip_spaces(&p, end);
    if (!skip_name(&p, end, KIDA_S("script")) && !skip_name(&p, end, KIDA_S("style")))
        return NULL;
    *attributes = p;
    skip_spaces(&p, end);
    if (p == *attributes && *p != '>')
        return NULL;
    return memchr(p, '>', (size_t)(end - p));
}

/* Copies markup with the nonce put into each tag that may carry one. */
static void
put_with_nonce(kida_buf *buf, kida_str markup, kida_str nonce)
{
    const char *p = markup.ptr;
    const char *end = p + markup.len;
    const char *last = memrchr(p, '>', markup.len);
    const char *copied = p;
    const char *attributes;

    /* Nothing closes behind the last >; so every search for one succeeds. */
    while (last != NULL && p < last && (p = memchr(p, '<', (size_t)(last - p))) != NULL) {
        const char *close = tag_close(p, last + 1, &attributes);
        if (close == NULL) {
            p++;
            continue;
        }
        if (!has_nonce(attributes, close)) {
            kida_buf_put(buf, span(copied, close));
            kida_buf_put(buf, KIDA_S(" nonce=\""));
            kd_html_attribute(buf, nonce);
            kida_buf_byte(buf, '"');
            copied = close;
        }
        p = close + 1;
    }
    kida_buf_put(buf, span(copied, end));
}

/* csp_nonce: lets the scripts and styles of markup pass a Content-Security-Policy. */
static kida_status
f_csp_nonce(kida_call *call, kida_value self, kida_value *out)
{
    kida_value nonce = kida_arg(call, 0);
    bool given;
    kida_buf buf;

    if (kida_kind_of(nonce) == KIDA_NONE) {
        nonce = kida_call_meta(call, KIDA_S("csp_nonce"));
        if (kida_kind_of(nonce) != KIDA_STRING)
            nonce = kida_none();
    }
    kida_status st = kida_truth(call, nonce, &given);
    if (st != KIDA_OK)
        return st;
    if (!given) {
        *out = kida_safe(kida_as_str(self));
        return KIDA_OK;
    }
    if (kida_kind_of(nonce) != KIDA_STRING)
        return kida_fail_kind(call, KIDA_E_ATTRIBUTE, "AttributeError",
                              "csp_nonce() wants a text as nonce, not %s", kida_kind_name(nonce));
    kida_buf_init(&buf, call);
    put_with_nonce(&buf, kd_text(self), kida_as_str(nonce));
    return kida_buf_finish_safe(&buf, out);
}

static const kida_param csp_nonce_params[] = { { "nonce", KIDA_IN_ANY, "none" }, { 0 } };

#define TEXT (KIDA_PURE | KIDA_TEXT_IN)

const kida_filter kd_filters_html[] = {
    { "escape", f_escape, NULL, KIDA_PURE | KIDA_SAFE_OUT, "HTML-escaped, unless safe already" },
    { "e", f_escape, NULL, KIDA_PURE | KIDA_SAFE_OUT, "same as escape" },
    { "safe", f_safe, safe_params, TEXT | KIDA_SAFE_OUT, "marked as HTML that needs no escaping" },
    { "striptags", f_striptags, NULL, TEXT, "without tags" },
    { "urlencode", f_urlencode, NULL, TEXT, "as part of a URL" },
    { "xmlattr", f_xmlattr, NULL, KIDA_SAFE_OUT, "a dict as attributes of a tag" },
    { "classes", f_classes, NULL, 0, "the truthy items as a class attribute" },
    { "csp_nonce", f_csp_nonce, csp_nonce_params, KIDA_TEXT_IN | KIDA_SAFE_OUT,
      "scripts and styles with the nonce of the request" },
};
const size_t kd_filters_html_count = sizeof(kd_filters_html) / sizeof(kd_filters_html[0]);
