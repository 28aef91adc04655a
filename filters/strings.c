/* SPDX-License-Identifier: MIT */
/* strings.c - filters from text to text: case, trimming, padding, replacing, words. */
#define _GNU_SOURCE /* memmem, memrchr */
#include <string.h>

#include <kida/unicode.h>

#include "builtins.h"
#include "text.h"

static kida_value
slice(const char *from, const char *to)
{
    return kida_string((kida_str){ from, (size_t)(to - from) });
}

/* ---- case ------------------------------------------------------------------------------------ */

static kida_status
mapped(kida_call *call, kida_value self, void (*map)(kida_buf *, kida_str), kida_value *out)
{
    kida_buf buf;
    kida_buf_init(&buf, call);
    map(&buf, kd_text(self));
    return kida_buf_finish(&buf, out);
}

static kida_status
f_upper(kida_call *call, kida_value self, kida_value *out)
{
    return mapped(call, self, kida_unicode_upper, out);
}

static kida_status
f_lower(kida_call *call, kida_value self, kida_value *out)
{
    return mapped(call, self, kida_unicode_lower, out);
}

static kida_status
f_title(kida_call *call, kida_value self, kida_value *out)
{
    return mapped(call, self, kida_unicode_title, out);
}

static kida_status
f_capitalize(kida_call *call, kida_value self, kida_value *out)
{
    return mapped(call, self, kida_unicode_capitalize, out);
}

/* string: the text itself; the engine has turned self into plain text already. */
static kida_status
f_string(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    *out = self;
    return KIDA_OK;
}

/* ---- trimming -------------------------------------------------------------------------------- */

/* Whether the character in [p, next) is one of chars: text is UTF-8, so a search of its bytes does
 * not find anything else. */
static bool
is_one_of(const char *p, const char *next, kida_str chars)
{
    return memmem(chars.ptr, chars.len, p, (size_t)(next - p)) != NULL;
}

/* Cuts characters of chars off both ends. Every look costs in proportion to chars. */
static kida_status
trim_chars(kida_call *call, kida_str text, kida_str chars, kida_value *out)
{
    const char *start = text.ptr;
    const char *end = text.ptr + text.len;
    kida_status st = KIDA_OK;

    while (start < end && st == KIDA_OK) {
        const char *next = start;
        kida_utf8_next(&next, end);
        if (!is_one_of(start, next, chars))
            break;
        start = next;
        st = kd_text_spend(call, chars);
    }
    while (start < end && st == KIDA_OK) {
        const char *last = end - 1;
        while (last > start && ((unsigned char)*last & 0xc0) == 0x80)
            last--;
        if (!is_one_of(last, end, chars))
            break;
        end = last;
        st = kd_text_spend(call, chars);
    }
    *out = slice(start, end);
    return st;
}

/* trim, strip: spaces, or all characters that chars holds, off both ends. */
static kida_status
f_trim(kida_call *call, kida_value self, kida_value *out)
{
    kida_value chars = kida_arg(call, 0);
    kida_str text = kd_text(self);

    if (kida_kind_of(chars) == KIDA_STRING)
        return trim_chars(call, text, kd_text(chars), out);
    *out = kida_string(kd_text_trim(text));
    return KIDA_OK;
}

static const kida_param trim_params[] = {
    { "chars", KIDA_IN_STR | KIDA_IN_NONE, "none" },
    { 0 },
};

/* ---- padding --------------------------------------------------------------------------------- */

/* center: pads with spaces on both sides, counting code points. */
static kida_status
f_center(kida_call *call, kida_value self, kida_value *out)
{
    kida_str text = kd_text(self);
    int64_t width = kida_arg_int(call, 0);
    kida_status st = kd_text_spend(call, text);
    if (st != KIDA_OK)
        return st;

    size_t used = kida_utf8_count(text);
    if (width <= 0 || (uint64_t)width <= used) {
        *out = self;
        return KIDA_OK;
    }
    /* The odd space goes to the left only when the width is odd too. */
    uint64_t pad = (uint64_t)width - used;
    uint64_t left = pad / 2 + (pad & (uint64_t)width & 1);
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_buf_fill(&buf, ' ', left);
    kida_buf_put(&buf, text);
    kida_buf_fill(&buf, ' ', pad - left);
    return kida_buf_finish(&buf, out);
}

static const kida_param center_params[] = { { "width", KIDA_IN_INT, "80" }, { 0 } };

/* indent: spaces in front of every line but the first, blank ones included. */
static kida_status
f_indent(kida_call *call, kida_value self, kida_value *out)
{
    kida_str rest = kd_text(self);
    int64_t width = kida_arg_int(call, 0);
    bool now = kida_arg_bool(call, 1);
    kida_buf buf;

    if (width <= 0) {
        *out = self;
        return KIDA_OK;
    }
    kida_buf_init(&buf, call);
    while (rest.len > 0) {
        if (now)
            kida_buf_fill(&buf, ' ', (uint64_t)width);
        kida_buf_put(&buf, kd_text_take_line(&rest));
        now = true;
    }
    return kida_buf_finish(&buf, out);
}

static const kida_param indent_params[] = {
    { "width", KIDA_IN_INT, "4" },
    { "first", KIDA_IN_BOOL, "false" },
    { 0 },
};

/* ---- replace --------------------------------------------------------------------------------- */

/* How often to replace: none and negative numbers stand for "always". */
static kida_status
replace_count(kida_call *call, kida_value v, uint64_t *out)
{
    kida_value number;
    bool known;

    *out = UINT64_MAX;
    if (kida_kind_of(v) == KIDA_NONE)
        return KIDA_OK;
    kida_status st = kida_to_int(call, v, &number, &known);
    if (st != KIDA_OK)
        return st;
    if (!known)
        return kd_fail_value(call, "replace() wants a number as 'count'");
    if (kida_kind_of(number) != KIDA_BIGINT && kida_as_int(number) >= 0)
        *out = (uint64_t)kida_as_int(number);
    return KIDA_OK;
}

/* Puts text with the insert in front of each character and at the end, count times at most. */
static void
put_spread(kida_buf *buf, kida_str text, kida_str insert, uint64_t count)
{
    const char *p = text.ptr;
    const char *end = p + text.len;

    while (p < end && count > 0) {
        const char *next = p;
        kida_utf8_next(&next, end);
        kida_buf_put(buf, insert);
        kida_buf_put(buf, (kida_str){ p, (size_t)(next - p) });
        p = next;
        count--;
    }
    kida_buf_put(buf, (kida_str){ p, (size_t)(end - p) });
    if (count > 0)
        kida_buf_put(buf, insert);
}

static void
put_replaced(kida_buf *buf, kida_str text, kida_str old, kida_str insert, uint64_t count)
{
    const char *p = text.ptr;
    const char *end = p + text.len;

    while (count > 0) {
        const char *hit = memmem(p, (size_t)(end - p), old.ptr, old.len);
        if (hit == NULL)
            break;
        kida_buf_put(buf, (kida_str){ p, (size_t)(hit - p) });
        kida_buf_put(buf, insert);
        p = hit + old.len;
        count--;
    }
    kida_buf_put(buf, (kida_str){ p, (size_t)(end - p) });
}

static kida_status
f_replace(kida_call *call, kida_value self, kida_value *out)
{
    kida_value old = kida_arg(call, 0);
    kida_value insert = kida_arg(call, 1);
    uint64_t count;
    kida_buf buf;

    /* Here none is a wrong kind like any other: K-RUN-012, not K-RUN-005. */
    if (kida_kind_of(old) != KIDA_STRING || kida_kind_of(insert) != KIDA_STRING)
        return kida_fail_kind(call, KIDA_E_TYPE, "TypeError",
                              "replace() wants texts as 'old' and 'new'");
    kida_status st = replace_count(call, kida_arg(call, 2), &count);
    if (st != KIDA_OK)
        return st;

    kida_buf_init(&buf, call);
    if (kd_text(old).len == 0)
        put_spread(&buf, kd_text(self), kd_text(insert), count);
    else
        put_replaced(&buf, kd_text(self), kd_text(old), kd_text(insert), count);
    return kida_buf_finish(&buf, out);
}

static const kida_param replace_params[] = {
    { "old", KIDA_IN_ANY, NULL },
    { "new", KIDA_IN_ANY, NULL },
    { "count", KIDA_IN_ANY, "-1" },
    { 0 },
};

/* ---- truncate -------------------------------------------------------------------------------- */

/* Cuts head at its last space, unless that would leave nothing, and what is blank at its end. */
static kida_str
whole_words(kida_str head)
{
    const char *space = head.len > 0 ? memrchr(head.ptr, ' ', head.len) : NULL;
    if (space != NULL && space > head.ptr)
        head.len = (size_t)(space - head.ptr);
    return kd_text_trim_end(head);
}

/* truncate: at most length code points, the end mark included. */
static kida_status
f_truncate(kida_call *call, kida_value self, kida_value *out)
{
    kida_str text = kd_text(self);
    int64_t length = kida_arg_int(call, 0);
    kida_value end = kida_arg(call, 2);
    kida_status st = kd_text_spend(call, text);
    if (st != KIDA_OK)
        return st;

    if (length >= 0 && kida_utf8_count(text) <= (uint64_t)length) {
        *out = self;
        return KIDA_OK;
    }
    if (kida_kind_of(end) != KIDA_STRING)
        return kida_fail_type(call, end, "truncate() wants a text as 'end'");
    if (length <= 0) {
        *out = kida_string(KIDA_S(""));
        return KIDA_OK;
    }
    kida_str mark = kd_text(end);
    size_t mark_count = kida_utf8_count(mark);
    if ((uint64_t)length <= mark_count) {
        mark.len = kd_text_offset(mark, (uint64_t)length);
        *out = kida_string(mark);
        return KIDA_OK;
    }
    kida_str head = { text.ptr, kd_text_offset(text, (uint64_t)length - mark_count) };
    if (!kida_arg_bool(call, 1))
        head = whole_words(head);
    return kida_arith(call, '+', kida_string(head), end, out); /* a safe mark escapes the head */
}

static const kida_param truncate_params[] = {
    { "length", KIDA_IN_INT, "255" },
    { "killwords", KIDA_IN_BOOL, "false" },
    { "end", KIDA_IN_ANY, "'...'" },
    { "leeway", KIDA_IN_ANY, "none" }, /* accepted and unused */
    { 0 },
};

/* ---- words ----------------------------------------------------------------------------------- */

static kida_status
f_wordcount(kida_call *call, kida_value self, kida_value *out)
{
    kida_str text = kd_text(self);
    const char *p = text.ptr;
    const char *end = p + text.len;
    int64_t words = 0;
    bool inside = false;
    kida_status st = kd_text_spend(call, text);

    while (p < end) {
        bool space = kida_unicode_is_space(kida_utf8_next(&p, end));
        if (!space && !inside)
            words++;
        inside = !space;
    }
    *out = kida_int(words);
    return st;
}

/* slug: runs of anything but ASCII letters and digits become one hyphen. */
static kida_status
f_slug(kida_call *call, kida_value self, kida_value *out)
{
    kida_str text = { "", 0 };
    kida_buf lower, buf;
    bool gap = false;

    if (kida_kind_of(self) != KIDA_NONE) {
        kida_status st = kida_to_str(call, self, &text);
        if (st != KIDA_OK)
            return st;
    }
    kida_buf_init(&lower, call);
    kida_unicode_lower(&lower, text);
    text = kida_buf_str(&lower);

    kida_buf_init(&buf, call);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) {
            gap = true;
            continue;
        }
        if (gap && kida_buf_str(&buf).len > 0)
            kida_buf_byte(&buf, '-');
        gap = false;
        kida_buf_byte(&buf, c);
    }
    return kida_buf_status(&lower) != KIDA_OK ? kida_buf_finish(&lower, out)
                                              : kida_buf_finish(&buf, out);
}

/* Part number index of suffix, cut at commas, without spaces around it; safe if suffix is. */
static kida_value
suffix_part(kida_value suffix, unsigned index)
{
    kida_str rest = kd_text(suffix);
    const char *comma = rest.len > 0 ? memchr(rest.ptr, ',', rest.len) : NULL;

    if (comma == NULL)
        return index == 0 ? kida_string(KIDA_S("")) : suffix;
    if (index > 0) {
        rest.len -= (size_t)(comma + 1 - rest.ptr);
        rest.ptr = comma + 1;
        comma = rest.len > 0 ? memchr(rest.ptr, ',', rest.len) : NULL;
    }
    if (comma != NULL)
        rest.len = (size_t)(comma - rest.ptr);
    rest = kd_text_trim(rest);
    return kida_is_safe(suffix) ? kida_safe(rest) : kida_string(rest);
}

/* pluralize: the singular or the plural ending, as the number asks for. */
static kida_status
f_pluralize(kida_call *call, kida_value self, kida_value *out)
{
    kida_value suffix = kida_arg(call, 0);
    kida_value number;
    bool known;

    if (kida_kind_of(self) == KIDA_NONE) {
        *out = suffix;
        return KIDA_OK;
    }
    kida_status st = kida_to_int(call, self, &number, &known);
    if (st != KIDA_OK)
        return st;
    if (!known)
        return kd_fail_value(call, "pluralize() wants a number");
    if (kida_kind_of(suffix) != KIDA_STRING)
        return kida_fail_type(call, suffix, "pluralize() wants a text as 'suffix'");
    *out = suffix_part(suffix, kida_as_int(number) == 1 ? 0 : 1);
    return KIDA_OK;
}

static const kida_param pluralize_params[] = { { "suffix", KIDA_IN_ANY, "'s'" }, { 0 } };

/* ---- format ---------------------------------------------------------------------------------- */

/* Whether text holds what looks like a printf conversion: % [digits] [.] [digits] letter. */
static bool
has_conversion(kida_str text)
{
    static const char letters[] = "sdfioxXeEgGcr";
    const char *p = text.ptr;
    const char *end = p + text.len;

    while ((p = memchr(p, '%', (size_t)(end - p))) != NULL) {
        p++;
        while (p < end && *p >= '0' && *p <= '9')
            p++;
        if (p < end && *p == '.')
            p++;
        while (p < end && *p >= '0' && *p <= '9')
            p++;
        if (p < end && memchr(letters, *p, sizeof(letters) - 1) != NULL)
            return true;
    }
    return false;
}

/* format: fills {fields}; refuses printf patterns, which would come out unchanged. */
static kida_status
f_format(kida_call *call, kida_value self, kida_value *out)
{
    kida_str text = kd_text(self);
    bool given = kida_rest_count(call) > 0 || kida_keyword_count(call) > 0;

    if (given && memchr(text.ptr, '{', text.len) == NULL && has_conversion(text)) {
        (void)kd_fail_value(call, "format() fills {} fields, not % conversions");
        return kida_fail_hint(call, "write '{:.2f}' | format(x), or '%%.2f' %% x");
    }
    return kida_format_str(call, text, out);
}

static const kida_param format_params[] = {
    { "*args", KIDA_IN_ANY, NULL },
    { "**kwargs", KIDA_IN_ANY, NULL },
    { 0 },
};

#define TEXT (KIDA_PURE | KIDA_TEXT_IN)

const kida_filter kd_filters_strings[] = {
    { "upper", f_upper, NULL, TEXT, "text in capital letters" },
    { "lower", f_lower, NULL, TEXT, "text in small letters" },
    { "title", f_title, NULL, TEXT, "every word with a capital letter" },
    { "capitalize", f_capitalize, NULL, TEXT, "first character capital, the rest small" },
    { "trim", f_trim, trim_params, TEXT, "without spaces, or the given characters, at both ends" },
    { "strip", f_trim, trim_params, TEXT, "same as trim" },
    { "string", f_string, NULL, TEXT, "plain text of any value" },
    { "center", f_center, center_params, TEXT, "padded with spaces on both sides" },
    { "indent", f_indent, indent_params, TEXT, "lines moved to the right" },
    { "replace", f_replace, replace_params, TEXT, "one text replaced by another" },
    { "truncate", f_truncate, truncate_params, TEXT, "cut to a length, at a word" },
    { "wordcount", f_wordcount, NULL, TEXT, "number of words" },
    { "format", f_format, format_params, TEXT, "{} fields filled with the arguments" },
    { "slug", f_slug, NULL, KIDA_PURE, "small ASCII letters, digits and hyphens, for addresses" },
    { "pluralize", f_pluralize, pluralize_params, KIDA_PURE, "ending for a number of things" },
};
const size_t kd_filters_strings_count = sizeof(kd_filters_strings) / sizeof(kd_filters_strings[0]);
