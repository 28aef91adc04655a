/* SPDX-License-Identifier: MIT */
/* filters.c - the filters and functions that templates of every app have beside kida's own. Written
 * against kida's public interface alone, as an application would write its own. */
#define _GNU_SOURCE
#include <string.h>
#include <time.h>

#include "app.h"
#include "config/text.h"
#include "filters.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- shared by several ---------------------------------------------------------------------- */

static kida_status
check_attribute_name(kida_call *call, kida_str name)
{
    bool good = name.len > 0;
    for (size_t i = 0; good && i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        good = c > ' ' && c != '"' && c != '\'' && c != '>' && c != '<' && c != '/' && c != '=';
    }
    return good ? KIDA_OK
                : kida_fail_kind(call, KIDA_E_RUNTIME, "ValueError",
                                 "'%.*s' can't name an attribute",
                                 (int)(name.len < 60 ? name.len : 60), name.ptr);
}

/* ` name="value"`, escaped, also what was marked safe: an attribute holds text. */
static void
put_attribute(kida_buf *buf, kida_str name, kida_str value)
{
    kida_buf_byte(buf, ' ');
    kida_buf_put(buf, name);
    kida_buf_put(buf, KIDA_S("=\""));
    kida_buf_html(buf, value);
    kida_buf_byte(buf, '"');
}

/* What kida writes as \u00XX for the sake of scripts, by its last two digits; 0: something else. */
static char
plain_of(kida_str json, size_t at)
{
    static const struct {
        const char *digits;
        char plain;
    } known[] = { { "003c", '<' }, { "003e", '>' }, { "0026", '&' }, { "0027", '\'' } };
    for (size_t i = 0; i < COUNT(known); i++) {
        if (at + 6 <= json.len && memcmp(json.ptr + at + 2, known[i].digits, 4) == 0)
            return known[i].plain;
    }
    return 0;
}

/* A value as JSON without blanks between its parts, ASCII only, for an attribute: whoever puts it
 * out escapes it. */
static kida_status
compact_json(kida_call *call, kida_value value, kida_str *out)
{
    kida_value made;
    kida_status st = kida_apply_filter(call, KIDA_S("tojson"), value, NULL, 0, &made);
    if (st != KIDA_OK)
        return st;
    kida_str json = kida_as_str(made);
    kida_buf buf;
    kida_buf_init(&buf, call);
    bool in_text = false;
    for (size_t i = 0; i < json.len; i++) {
        char c = json.ptr[i];
        if (c == '\\' && i + 1 < json.len) {
            char plain = json.ptr[i + 1] == 'u' ? plain_of(json, i) : 0;
            if (plain) {
                kida_buf_byte(&buf, plain);
                i += 5;
            } else {
                kida_buf_put(&buf, ch_str_slice(json, i, i + 2));
                i++;
            }
            continue;
        }
        in_text ^= c == '"';
        if (in_text || c != ' ')
            kida_buf_byte(&buf, c);
    }
    st = kida_buf_finish(&buf, &made);
    *out = kida_as_str(made);
    return st;
}

/* ---- attributes ----------------------------------------------------------------------------- */

static kida_status
f_attr(kida_call *call, kida_value self, kida_value *out)
{
    bool wanted;
    kida_str text, name = kida_arg_str(call, 0);
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_status st = kida_truth(call, self, &wanted);
    if (st == KIDA_OK)
        st = check_attribute_name(call, name);
    if (st == KIDA_OK && wanted) {
        st = kida_to_str(call, self, &text);
        if (st == KIDA_OK)
            put_attribute(&buf, name, text);
    }
    return st == KIDA_OK ? kida_buf_finish_safe(&buf, out) : st;
}

static kida_status
put_entry(kida_call *call, kida_buf *buf, kida_value key, kida_value item)
{
    kida_str name, text;
    kida_kind kind = kida_kind_of(item);
    kida_status st = kida_to_str(call, key, &name);
    if (st == KIDA_OK)
        st = check_attribute_name(call, name);
    if (st != KIDA_OK || kind == KIDA_NONE || (kind == KIDA_BOOL && kida_as_int(item) == 0))
        return st;
    if (kind == KIDA_BOOL) {
        kida_buf_byte(buf, ' ');
        kida_buf_put(buf, name);
        return KIDA_OK;
    }
    bool is_data = kind == KIDA_DICT || kind == KIDA_LIST || kind == KIDA_TUPLE;
    st = is_data ? compact_json(call, item, &text) : kida_to_str(call, item, &text);
    if (st == KIDA_OK)
        put_attribute(buf, name, text);
    return st;
}

static kida_status
f_html_attrs(kida_call *call, kida_value self, kida_value *out)
{
    kida_buf buf;
    kida_value key, item;
    kida_kind kind = kida_kind_of(self);
    kida_status st = KIDA_OK;
    kida_buf_init(&buf, call);
    if (kind == KIDA_DICT) {
        for (size_t i = 0; st == KIDA_OK && kida_dict_entry(self, i, &key, &item); i++)
            st = put_entry(call, &buf, key, item);
    } else if (kind == KIDA_STRING) {
        kida_str text = ch_str_trim(kida_as_str(self));
        if (text.len > 0) {
            kida_buf_byte(&buf, ' ');
            kida_buf_put(&buf, text);
        }
    } else if (kind != KIDA_NONE && !(kind == KIDA_BOOL && kida_as_int(self) == 0)) {
        return kida_fail_type(call, self, "html_attrs wants a dict or a text");
    }
    return st == KIDA_OK ? kida_buf_finish_safe(&buf, out) : st;
}

/* ---- classes, texts ------------------------------------------------------------------------- */

static kida_status
f_bem(kida_call *call, kida_value self, kida_value *out)
{
    kida_str block = kida_as_str(self), cls = kida_arg_str(call, 2);
    kida_buf buf;
    if (kida_kind_of(self) != KIDA_STRING)
        return kida_fail_type(call, self, "bem wants the name of a block");
    kida_buf_init(&buf, call);
    kida_buf_put(&buf, KIDA_S("chirpui-"));
    kida_buf_put(&buf, block);
    for (size_t i = 0; i < 2; i++) {
        if (kida_arg_str(call, i).len == 0)
            continue;
        kida_buf_put(&buf, KIDA_S(" chirpui-"));
        kida_buf_put(&buf, block);
        kida_buf_put(&buf, KIDA_S("--"));
        kida_buf_put(&buf, kida_arg_str(call, i));
    }
    if (cls.len > 0) {
        kida_buf_byte(&buf, ' ');
        kida_buf_put(&buf, cls);
    }
    return kida_buf_finish(&buf, out);
}

static kida_status
f_field_errors(kida_call *call, kida_value self, kida_value *out)
{
    kida_value found = kida_kind_of(self) == KIDA_DICT
                           ? kida_dict_get(self, kida_arg_str(call, 0)) : kida_none();
    kida_kind kind = kida_kind_of(found);
    if (kind == KIDA_LIST || kind == KIDA_TUPLE) {
        *out = found;
        return KIDA_OK;
    }
    kida_value list;
    kida_status st = kida_list_new(kida_call_pool(call), 1, &list);
    if (st == KIDA_OK && kind == KIDA_STRING)
        st = kida_list_push(list, found);
    if (st != KIDA_OK)
        return kida_fail(call, st, "no memory for the messages");
    *out = list;
    return KIDA_OK;
}

static kida_status
f_pluralize(kida_call *call, kida_value self, kida_value *out)
{
    kida_value count;
    bool known;
    kida_buf buf;
    kida_status st = kida_to_int(call, self, &count, &known);
    if (st != KIDA_OK)
        return st;
    if (!known)
        return kida_fail_type(call, self, "pluralize wants a number");
    bool is_one = kida_kind_of(count) == KIDA_INT && kida_as_int(count) == 1;
    kida_buf_init(&buf, call);
    kida_buf_value(&buf, count);
    kida_buf_byte(&buf, ' ');
    if (is_one || kida_arg_str(call, 1).len == 0) {
        kida_buf_put(&buf, kida_arg_str(call, 0));
        if (!is_one)
            kida_buf_byte(&buf, 's');
    } else {
        kida_buf_put(&buf, kida_arg_str(call, 1));
    }
    return kida_buf_finish(&buf, out);
}

/* ---- times ---------------------------------------------------------------------------------- */

/* Seconds since 1970; *empty for what is none, "" or 0. */
static kida_status
read_seconds(kida_call *call, kida_value self, const char *what, int64_t *out, bool *empty)
{
    double seconds = 0;
    bool known, truth;
    kida_status st = kida_truth(call, self, &truth);
    *empty = !truth;
    if (st != KIDA_OK || *empty)
        return st;
    st = kida_to_float(call, self, &seconds, &known);
    if (st != KIDA_OK)
        return st;
    if (!known || !(seconds > -1e15 && seconds < 1e15))
        return kida_fail_type(call, self, what);
    *out = (int64_t)seconds;
    if ((double)*out > seconds)
        --*out;
    return KIDA_OK;
}

static kida_status
f_format_time(kida_call *call, kida_value self, kida_value *out)
{
    int64_t at = 0;
    bool empty;
    kida_buf buf;
    kida_status st = read_seconds(call, self, "format_time wants seconds since 1970", &at, &empty);
    if (st != KIDA_OK)
        return st;
    unsigned day = (unsigned)((at % 86400 + 86400) % 86400);
    kida_buf_init(&buf, call);
    if (kida_kind_of(self) != KIDA_NONE && kida_kind_of(self) != KIDA_STRING)
        empty = false; /* 0 is a time */
    if (!empty)
        kida_buf_format(&buf, "%02u:%02u:%02u", day / 3600, day / 60 % 60, day % 60);
    return kida_buf_finish(&buf, out);
}

static kida_status
f_timeago(kida_call *call, kida_value self, kida_value *out)
{
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = { { 86400, "day" }, { 3600, "hour" }, { 60, "minute" } };
    int64_t at = 0;
    bool empty;
    kida_buf buf;
    kida_status st = read_seconds(call, self, "timeago wants seconds since 1970", &at, &empty);
    if (st != KIDA_OK)
        return st;
    kida_buf_init(&buf, call);
    int64_t age = (int64_t)time(NULL) - at;
    for (size_t i = 0; !empty && i < COUNT(units); i++) {
        int64_t count = age / units[i].seconds;
        if (count < 1)
            continue;
        kida_buf_int(&buf, count);
        kida_buf_format(&buf, " %s%s ago", units[i].name, count == 1 ? "" : "s");
        return kida_buf_finish(&buf, out);
    }
    if (!empty)
        kida_buf_put(&buf, KIDA_S("just now"));
    return kida_buf_finish(&buf, out);
}

/* ---- URLs ----------------------------------------------------------------------------------- */

static void
put_percent(kida_buf *buf, kida_str text)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        char low = ch_lower((char)c);
        if ((low >= 'a' && low <= 'z') || ch_is_digit((char)c) || (c && strchr("-._~", c))) {
            kida_buf_byte(buf, (char)c);
        } else {
            const char escaped[] = { '%', digits[c >> 4], digits[c & 15] };
            kida_buf_put(buf, (kida_str){ escaped, sizeof(escaped) });
        }
    }
}

static kida_status
f_qs(kida_call *call, kida_value self, kida_value *out)
{
    kida_str base, name, text;
    kida_buf buf;
    kida_status st = kida_to_str(call, self, &base);
    if (st != KIDA_OK)
        return st;
    bool has_query = ch_str_find(base, '?', 0) < base.len;
    kida_buf_init(&buf, call);
    kida_buf_put(&buf, base);
    for (size_t i = 0; i < kida_keyword_count(call); i++) {
        bool wanted;
        kida_value value = kida_keyword(call, i, &name);
        st = kida_truth(call, value, &wanted);
        if (st == KIDA_OK && wanted)
            st = kida_to_str(call, value, &text);
        if (st != KIDA_OK)
            return st;
        if (!wanted)
            continue;
        kida_buf_byte(&buf, has_query ? '&' : '?');
        has_query = true;
        put_percent(&buf, name);
        kida_buf_byte(&buf, '=');
        put_percent(&buf, text);
    }
    return kida_buf_finish(&buf, out);
}

bool
ch_url_is_safe(kida_str url)
{
    static const kida_str schemes[] = { KIDA_S_INIT("http"), KIDA_S_INIT("https"),
                                        KIDA_S_INIT("mailto"), KIDA_S_INIT("tel") };
    char scheme[8];
    size_t len = 0, i = 0;
    while (i < url.len && (unsigned char)url.ptr[i] <= ' ')
        i++; /* browsers skip these */
    for (; i < url.len; i++) {
        unsigned char c = (unsigned char)url.ptr[i];
        if (c == '\t' || c == '\n' || c == '\r')
            continue; /* and these, wherever they are */
        if (c < ' ' || c == 0x7f)
            return false;
        if (c == '/' || c == '?' || c == '#' || c == '\\')
            return true; /* no scheme: stays on this site, or on one by http */
        if (c == ':')
            break;
        if (len < sizeof(scheme))
            scheme[len] = ch_lower((char)c);
        len++;
    }
    if (i == url.len)
        return true;
    for (size_t k = 0; k < COUNT(schemes); k++) {
        if (len <= sizeof(scheme) && kida_str_equal(schemes[k], (kida_str){ scheme, len }))
            return true;
    }
    return false;
}

static kida_status
f_url(kida_call *call, kida_value self, kida_value *out)
{
    kida_str text = KIDA_S("");
    kida_kind kind = kida_kind_of(self);
    kida_status st = KIDA_OK;
    if (kind != KIDA_NONE)
        st = kida_to_str(call, self, &text);
    if (st != KIDA_OK)
        return st;
    bool good = kind != KIDA_NONE && ch_url_is_safe(text);
    return kida_return_str(call, good ? text : kida_arg_str(call, 0), out);
}

/* ---- islands -------------------------------------------------------------------------------- */

static kida_status
f_island_props(kida_call *call, kida_value self, kida_value *out)
{
    kida_str json;
    kida_buf buf;
    kida_status st = compact_json(call, self, &json);
    if (st != KIDA_OK)
        return st;
    kida_buf_init(&buf, call);
    kida_buf_html(&buf, json);
    return kida_buf_finish_safe(&buf, out);
}

/* Props with the name of the primitive among them. */
static kida_status
with_primitive(kida_call *call, kida_value props, kida_str primitive, kida_value *out)
{
    kida_value key, item;
    kida_status st = kida_dict_new(kida_call_pool(call), 8, out);
    if (st != KIDA_OK)
        return kida_fail(call, st, "no memory for the props");
    for (size_t i = 0; st == KIDA_OK && kida_dict_entry(props, i, &key, &item); i++)
        st = kida_dict_put(call, *out, key, item);
    return st == KIDA_OK ? kida_dict_put(call, *out, kida_string(KIDA_S("primitive")),
                                         kida_string(primitive))
                         : st;
}

static kida_status
put_island(kida_call *call, bool is_primitive, kida_value *out)
{
    static const char *const names[] = { " id=\"", " data-island-src=\"", " class=\"" };
    static const size_t given[] = { 2, 4, 5 };
    kida_str name = kida_arg_str(call, 0), json;
    kida_value props = kida_arg(call, 1);
    kida_status st = KIDA_OK;
    kida_buf buf;
    if (name.len == 0)
        return kida_fail_kind(call, KIDA_E_RUNTIME, "ValueError", "an island needs a name");
    if (!ch_url_is_safe(kida_arg_str(call, 4)))
        return kida_fail_kind(call, KIDA_E_RUNTIME, "ValueError", "the src of an island is no URL");
    if (is_primitive)
        st = with_primitive(call, props, name, &props);
    kida_buf_init(&buf, call);
    put_attribute(&buf, KIDA_S("data-island"), name);
    put_attribute(&buf, KIDA_S("data-island-version"), kida_arg_str(call, 3));
    for (size_t i = 0; i < COUNT(given); i++) {
        kida_str text = kida_arg_str(call, given[i]);
        if (text.len == 0)
            continue;
        kida_buf_put(&buf, kida_str_from(names[i]));
        kida_buf_html(&buf, text);
        kida_buf_byte(&buf, '"');
    }
    if (st == KIDA_OK && kida_kind_of(props) != KIDA_NONE) {
        st = compact_json(call, props, &json);
        if (st == KIDA_OK)
            put_attribute(&buf, KIDA_S("data-island-props"), json);
    }
    if (is_primitive)
        put_attribute(&buf, KIDA_S("data-island-primitive"), name);
    return st == KIDA_OK ? kida_buf_finish_safe(&buf, out) : st;
}

static kida_status
f_island_attrs(kida_call *call, kida_value *out)
{
    return put_island(call, false, out);
}

static kida_status
f_primitive_attrs(kida_call *call, kida_value *out)
{
    return put_island(call, true, out);
}

/* ---- tables --------------------------------------------------------------------------------- */

#define TEXT KIDA_IN_STR
#define TEXT_OR_NONE (KIDA_IN_STR | KIDA_IN_NONE)

static const kida_param attr_params[] = { { "name", TEXT, NULL }, { 0 } };
static const kida_param bem_params[] = {
    { "variant", TEXT_OR_NONE, "''" }, { "modifier", TEXT_OR_NONE, "''" },
    { "cls", TEXT_OR_NONE, "''" }, { 0 },
};
static const kida_param field_params[] = { { "name", TEXT, NULL }, { 0 } };
static const kida_param pluralize_params[] = {
    { "singular", TEXT, NULL }, { "plural", TEXT_OR_NONE, "none" }, { 0 },
};
static const kida_param qs_params[] = { { "**params", KIDA_IN_ANY, NULL }, { 0 } };
static const kida_param url_params[] = { { "fallback", TEXT, "'#'" }, { 0 } };
static const kida_param island_params[] = {
    { "name", TEXT, NULL },
    { "props", KIDA_IN_DICT | KIDA_IN_NONE, "none" },
    { "mount_id", TEXT_OR_NONE, "none" },
    { "version", TEXT, "'1'" },
    { "src", TEXT_OR_NONE, "none" },
    { "cls", TEXT_OR_NONE, "none" },
    { 0 },
};
static const kida_param primitive_params[] = {
    { "primitive", TEXT, NULL },
    { "props", KIDA_IN_DICT | KIDA_IN_NONE, "none" },
    { "mount_id", TEXT_OR_NONE, "none" },
    { "version", TEXT, "'1'" },
    { "src", TEXT_OR_NONE, "none" },
    { "cls", TEXT_OR_NONE, "none" },
    { 0 },
};

#define SAFE (KIDA_PURE | KIDA_SAFE_OUT)

static const kida_filter filters[] = {
    { "attr", f_attr, attr_params, SAFE, "an attribute of that name, if the value is truthy" },
    { "bem", f_bem, bem_params, KIDA_PURE, "classes of a block, its variant and modifier" },
    { "field_errors", f_field_errors, field_params, 0, "messages about one field of a form" },
    { "format_time", f_format_time, NULL, KIDA_PURE, "seconds since 1970 as HH:MM:SS, UTC" },
    { "html_attrs", f_html_attrs, NULL, SAFE, "attributes from a dict" },
    { "island_props", f_island_props, NULL, SAFE, "a value as JSON for an attribute" },
    { "pluralize", f_pluralize, pluralize_params, KIDA_PURE, "a number and its noun" },
    { "qs", f_qs, qs_params, KIDA_PURE, "a URL with a query" },
    { "timeago", f_timeago, NULL, KIDA_IMPURE, "how long ago that was" },
    { "url", f_url, url_params, KIDA_PURE, "the URL if it is safe to follow, else the fallback" },
};

static const kida_function functions[] = {
    { "island_attrs", f_island_attrs, island_params, SAFE, "attributes of an island" },
    { "primitive_attrs", f_primitive_attrs, primitive_params, SAFE,
      "attributes of an island that is a primitive" },
};

kida_status
ch_filters_add(kida_env *env, kida_error *err)
{
    kida_status st = kida_env_add_filters(env, filters, COUNT(filters), err);
    if (st == KIDA_OK)
        st = kida_env_add_functions(env, functions, COUNT(functions), err);
    /* Layouts ask for it whether or not there is one. */
    return st == KIDA_OK
               ? kida_env_add_global(env, KIDA_S("shell_actions"), kida_none(), err)
               : st;
}
