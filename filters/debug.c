/* SPDX-License-Identifier: MIT */
/* debug.c - filters about the presence and kind of values: default, require, typeof, debug. */
#include <stdio.h>

#include "builtins.h"
#include "text.h"

/* ---- presence -------------------------------------------------------------------------------- */

/* default as an ordinary filter, behind |> and ?|: replaces empty text too. Behind | the language
 * has its own, which guards against undefined names. */
static kida_status
f_default(kida_call *call, kida_value self, kida_value *out)
{
    kida_kind kind = kida_kind_of(self);
    bool missing = kind == KIDA_NONE || kind == KIDA_UNDEFINED || kind == KIDA_ABSENT ||
                   (kind == KIDA_STRING && kida_as_str(self).len == 0);
    bool truth;

    if (!missing && kida_arg_bool(call, 1)) {
        kida_status st = kida_truth(call, self, &truth);
        if (st != KIDA_OK)
            return st;
        missing = !truth;
    }
    *out = missing ? kida_arg(call, 0) : self;
    return KIDA_OK;
}

static const kida_param default_params[] = {
    { "default", KIDA_IN_ANY, "''" },
    { "boolean", KIDA_IN_BOOL, "false" },
    { 0 },
};

/* Bytes of a text that a message has room for. */
static int
shown(kida_str text)
{
    return (int)kd_text_offset(text, KIDA_ERROR_TEXT_MAX / 4);
}

/* require: fails on none, and on nothing else. */
static kida_status
f_require(kida_call *call, kida_value self, kida_value *out)
{
    kida_value message = kida_arg(call, 0);
    kida_value field = kida_arg(call, 1);
    kida_str text;
    bool named = kida_kind_of(message) == KIDA_NONE || kida_kind_of(message) == KIDA_UNDEFINED ||
                 (kida_kind_of(message) == KIDA_STRING && kida_as_str(message).len == 0);

    if (kida_kind_of(self) != KIDA_NONE) {
        *out = self;
        return KIDA_OK;
    }
    if (named && kida_kind_of(field) == KIDA_NONE)
        field = kida_string(KIDA_S("value"));
    kida_status st = kida_to_str(call, named ? field : message, &text);
    if (st != KIDA_OK)
        return st;
    return kida_fail_kind(call, KIDA_E_REQUIRED, "RequiredValueError",
                          named ? "required value '%.*s' is none" : "%.*s", shown(text), text.ptr);
}

static const kida_param require_params[] = {
    { "message", KIDA_IN_ANY, "none" },
    { "field_name", KIDA_IN_ANY, "none" },
    { 0 },
};

/* ---- kinds ----------------------------------------------------------------------------------- */

static kida_status
f_typeof(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    if (kida_kind_of(self) == KIDA_NONE)
        *out = kida_string(KIDA_S("none"));
    else if (kida_kind_of(self) == KIDA_UNDEFINED)
        *out = kida_string(KIDA_S("_Undefined"));
    else
        *out = kida_string(kida_str_from(kida_kind_name(self)));
    return KIDA_OK;
}

/* ---- debug ----------------------------------------------------------------------------------- */

/* An item's quoted text is cut to so many code points, the dots included. */
#define ITEM_MAX 60
#define DOTS "..."

static kida_status
put_item(kida_call *call, kida_buf *buf, kida_value v)
{
    kida_str text;
    kida_status st = kida_to_repr(call, v, &text);

    if (st != KIDA_OK)
        return st;
    bool cut = kd_text_offset(text, ITEM_MAX) < text.len;
    if (cut)
        text.len = kd_text_offset(text, ITEM_MAX - (sizeof(DOTS) - 1));
    kida_buf_put(buf, text);
    if (cut)
        kida_buf_put(buf, KIDA_S(DOTS));
    return KIDA_OK;
}

static void
put_more(kida_buf *buf, size_t total, size_t shown_count, const char *what)
{
    if (total > shown_count)
        kida_buf_format(buf, "  ... (%zu more %s)\n", total - shown_count, what);
}

static kida_status
put_sequence(kida_call *call, kida_buf *buf, kida_value v, size_t count)
{
    kida_status st = KIDA_OK;

    for (size_t i = 0; i < count && st == KIDA_OK; i++) {
        kida_buf_format(buf, "  [%zu] ", i);
        st = put_item(call, buf, kida_item_at(v, i));
        kida_buf_byte(buf, '\n');
    }
    put_more(buf, kida_length(v), count, "items");
    return st;
}

static kida_status
put_dict(kida_call *call, kida_buf *buf, kida_value v, size_t count)
{
    kida_value key, item;
    kida_status st = KIDA_OK;

    for (size_t i = 0; i < count && st == KIDA_OK && kida_dict_entry(v, i, &key, &item); i++) {
        kida_buf_put(buf, KIDA_S("  "));
        st = put_item(call, buf, key);
        kida_buf_put(buf, KIDA_S(": "));
        if (st == KIDA_OK)
            st = put_item(call, buf, item);
        kida_buf_put(buf, kida_kind_of(item) == KIDA_NONE ? KIDA_S(" <-- None!\n") : KIDA_S("\n"));
    }
    put_more(buf, kida_length(v), count, "keys");
    return st;
}

static kida_status
put_report(kida_call *call, kida_buf *buf, kida_value v)
{
    kida_kind kind = kida_kind_of(v);
    int64_t most = kida_arg_int(call, 1);
    size_t count = kida_length(v);
    size_t some = most < 0 ? 0 : (uint64_t)most < count ? (size_t)most : count;

    if (kind == KIDA_LIST || kind == KIDA_TUPLE) {
        kida_buf_format(buf, "<%s[%zu]>\n", kida_kind_name(v), count);
        return put_sequence(call, buf, v, some);
    }
    if (kind == KIDA_DICT) {
        kida_buf_format(buf, "<dict[%zu keys]>\n", count);
        return put_dict(call, buf, v, some);
    }
    if (kind == KIDA_OBJECT) {
        kida_buf_format(buf, "<%s>\n", kida_kind_name(v));
        return KIDA_OK;
    }
    kida_status st = put_item(call, buf, v);
    if (kind != KIDA_NONE)
        kida_buf_format(buf, " (%s)", kida_kind_name(v));
    kida_buf_byte(buf, '\n');
    return st;
}

/* debug: passes self on and describes it on the standard error stream, quoted, so that a value
 * can't forge lines of a log. */
static kida_status
f_debug(kida_call *call, kida_value self, kida_value *out)
{
    kida_value label = kida_arg(call, 0);
    kida_value text;
    kida_buf buf;
    kida_status st = KIDA_OK;

    kida_buf_init(&buf, call);
    kida_buf_put(&buf, KIDA_S("DEBUG"));
    if (kida_kind_of(label) != KIDA_NONE) {
        kida_buf_put(&buf, KIDA_S(" ["));
        st = put_item(call, &buf, label);
        kida_buf_byte(&buf, ']');
    }
    kida_buf_put(&buf, KIDA_S(": "));
    if (st == KIDA_OK)
        st = put_report(call, &buf, self);
    if (st == KIDA_OK)
        st = kida_buf_finish(&buf, &text);
    if (st != KIDA_OK)
        return st;
    fwrite(kida_as_str(text).ptr, 1, kida_as_str(text).len, stderr);
    *out = self;
    return KIDA_OK;
}

static const kida_param debug_params[] = {
    { "label", KIDA_IN_ANY, "none" },
    { "max_items", KIDA_IN_INT, "5" },
    { 0 },
};

const kida_filter kd_filters_debug[] = {
    { "default", f_default, default_params, KIDA_PURE, "another value where this one is missing" },
    { "d", f_default, default_params, KIDA_PURE, "same as default" },
    { "require", f_require, require_params, 0, "the value, which must not be none" },
    { "typeof", f_typeof, NULL, 0, "name of the value's kind" },
    { "debug", f_debug, debug_params, KIDA_IMPURE, "the value, described on standard error" },
};
const size_t kd_filters_debug_count = sizeof(kd_filters_debug) / sizeof(kd_filters_debug[0]);
