/* SPDX-License-Identifier: MIT */
/* repr.c - quoted text of values, as it stands inside containers; cycles print as dots. */
#include <string.h>

#include "memory/num.h"
#include "memory/unicode.h"
#include "value/big.h"
#include "value/host.h"
#include "value/ops.h"

/* The containers around the value that is being printed. */
typedef struct trail {
    const struct trail *up;
    const void *container;
    unsigned depth;
} trail;

static kida_status repr_at(kida_call *call, kida_buf *buf, kida_value v, const trail *around);

static void
put(kida_buf *buf, const char *text)
{
    kida_buf_put(buf, kida_str_from(text));
}

static void
put_escape(kida_buf *buf, uint32_t cp)
{
    static const char hex[] = "0123456789abcdef";
    char text[10] = { '\\', cp < 0x100 ? 'x' : cp < 0x10000 ? 'u' : 'U' };
    size_t digits = cp < 0x100 ? 2 : cp < 0x10000 ? 4 : 8;
    for (size_t i = 0; i < digits; i++)
        text[2 + i] = hex[cp >> (4 * (digits - 1 - i)) & 15];
    kida_buf_put(buf, (kida_str){ text, 2 + digits });
}

static void
put_quoted(kida_buf *buf, kida_str s)
{
    bool single = s.len && memchr(s.ptr, '\'', s.len), twice = s.len && memchr(s.ptr, '"', s.len);
    char quote = single && !twice ? '"' : '\'';
    const char *at = s.ptr, *end = s.ptr + s.len, *run = at;

    kida_buf_byte(buf, quote);
    while (at < end) {
        const char *start = at;
        uint32_t cp = kd_utf8_next(&at, end);
        char short_form = cp == '\n' ? 'n' : cp == '\r' ? 'r' : cp == '\t' ? 't' : 0;
        if (cp == (unsigned char)quote || cp == '\\')
            short_form = (char)cp;
        if (!short_form && kd_unicode_is_printable(cp))
            continue;
        kida_buf_put(buf, (kida_str){ run, (size_t)(start - run) });
        if (short_form) {
            kida_buf_byte(buf, '\\');
            kida_buf_byte(buf, short_form);
        } else {
            put_escape(buf, cp);
        }
        run = at;
    }
    kida_buf_put(buf, (kida_str){ run, (size_t)(end - run) });
    kida_buf_byte(buf, quote);
}

static kida_status
put_items(kida_call *call, kida_buf *buf, const kida_value *items, size_t count,
          const trail *around)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            put(buf, ", ");
        kida_status st = repr_at(call, buf, items[i], around);
        if (st != KIDA_OK)
            return st;
    }
    return kida_buf_status(buf);
}

static kida_status
put_entries(kida_call *call, kida_buf *buf, const kd_dict *dict, bool pairs, const trail *around)
{
    size_t at = 0, count = 0;
    kd_entry *entry;
    while ((entry = kd_dict_entry_at(dict, &at)) != NULL) {
        kida_value item = entry->item; /* a host's repr may move the entries */
        if (count++ > 0)
            put(buf, ", ");
        kida_status st = repr_at(call, buf, entry->key, around);
        if (st == KIDA_OK && pairs) {
            put(buf, ": ");
            st = repr_at(call, buf, item, around);
        }
        if (st != KIDA_OK)
            return st;
    }
    return kida_buf_status(buf);
}

static kida_status
put_view(kida_call *call, kida_buf *buf, const kd_view *view, const trail *around)
{
    size_t at = 0, count = 0;
    kd_entry *entry;
    while ((entry = kd_dict_entry_at(view->dict, &at)) != NULL) {
        kida_value pair[2] = { entry->key, entry->item };
        if (count++ > 0)
            put(buf, ", ");
        kida_status st;
        if (view->kind == KD_VIEW_ITEMS) {
            kida_buf_byte(buf, '(');
            st = put_items(call, buf, pair, 2, around);
            kida_buf_byte(buf, ')');
        } else {
            st = repr_at(call, buf, pair[view->kind == KD_VIEW_VALUES], around);
        }
        if (st != KIDA_OK)
            return st;
    }
    return kida_buf_status(buf);
}

static kida_status
put_set(kida_call *call, kida_buf *buf, kida_value v, const trail *around)
{
    bool frozen = (v.head_ & KIDA_FLAG_FROZEN_) != 0;
    if (kd_dict_of(v)->count == 0) {
        put(buf, frozen ? "frozenset()" : "set()");
        return kida_buf_status(buf);
    }
    put(buf, frozen ? "frozenset({" : "{");
    kida_status st = put_entries(call, buf, kd_dict_of(v), false, around);
    put(buf, frozen ? "})" : "}");
    return st;
}

static kida_status
put_container(kida_call *call, kida_buf *buf, kida_value v, const trail *around)
{
    kida_status st;
    if (kd_is(v, KIDA_LIST)) {
        kida_buf_byte(buf, '[');
        st = put_items(call, buf, kd_list_of(v)->items, kd_list_of(v)->count, around);
        kida_buf_byte(buf, ']');
    } else if (kd_is(v, KIDA_TUPLE)) {
        kida_buf_byte(buf, '(');
        st = put_items(call, buf, kd_tuple_items(v), kd_tuple_count(v), around);
        put(buf, kd_tuple_count(v) == 1 ? ",)" : ")");
    } else if (kd_is(v, KIDA_DICT)) {
        kida_buf_byte(buf, '{');
        st = put_entries(call, buf, kd_dict_of(v), true, around);
        kida_buf_byte(buf, '}');
    } else if (kd_is(v, KIDA_VIEW)) {
        put(buf, kida_kind_name(v));
        put(buf, "([");
        st = put_view(call, buf, v.u_.p, around);
        put(buf, "])");
    } else {
        st = put_set(call, buf, v, around);
    }
    return st != KIDA_OK ? st : kida_buf_status(buf);
}

static const char *
dots_of(kida_value v)
{
    if (kd_is(v, KIDA_LIST))
        return "[...]";
    if (kd_is(v, KIDA_TUPLE))
        return "(...)";
    return kd_is(v, KIDA_VIEW) ? "..." : "{...}";
}

static kida_status
repr_container(kida_call *call, kida_buf *buf, kida_value v, const trail *around)
{
    const void *container = kd_is(v, KIDA_VIEW) ? ((const kd_view *)v.u_.p)->dict : v.u_.p;
    for (const trail *t = around; t; t = t->up) {
        if (t->container == container && !(kd_is(v, KIDA_TUPLE) && kd_tuple_count(v) == 0)) {
            put(buf, dots_of(v));
            return kida_buf_status(buf);
        }
    }
    trail here = { around, container, around ? around->depth + 1 : 1 };
    if (here.depth > KD_NESTING_MAX)
        return kida_fail(call, KIDA_E_LIMIT_DEPTH, "containers are nested more than %d deep",
                         KD_NESTING_MAX);
    return put_container(call, buf, v, &here);
}

static kida_status
repr_object(kida_call *call, kida_buf *buf, kida_value v)
{
    const kida_object_type *type = kd_host_type(v);
    if (!type || !type->repr)
        return kd_append_str(call, buf, v);
    kida_value text = kd_absent();
    kida_status st = kd_host_enter(call);
    if (st != KIDA_OK)
        return st;
    st = type->repr(call, v.u_.p, &text);
    kd_host_leave(call);
    if (st == KIDA_OK)
        kida_buf_put(buf, kida_as_str(text));
    return st != KIDA_OK ? st : kida_buf_status(buf);
}

static kida_status
repr_string(kida_buf *buf, kida_value v)
{
    const char *mark = kida_is_safe(v)     ? "Markup("
                       : kida_is_styled(v) ? "Styled("
                       : kida_is_marked(v) ? "Marked("
                                           : NULL;
    if (mark)
        put(buf, mark);
    put_quoted(buf, kida_as_str(v));
    if (mark)
        kida_buf_byte(buf, ')');
    return kida_buf_status(buf);
}

static kida_status
repr_at(kida_call *call, kida_buf *buf, kida_value v, const trail *around)
{
    switch (kida_kind_of(v)) {
    case KIDA_STRING:
        return repr_string(buf, v);
    case KIDA_ABSENT:
    case KIDA_UNDEFINED:
        put(buf, "Undefined");
        return kida_buf_status(buf);
    case KIDA_LIST:
    case KIDA_TUPLE:
    case KIDA_DICT:
    case KIDA_SET:
    case KIDA_VIEW:
        return repr_container(call, buf, v, around);
    case KIDA_OBJECT:
        return repr_object(call, buf, v);
    case KIDA_NONE:
    case KIDA_BOOL:
    case KIDA_INT:
    case KIDA_BIGINT:
    case KIDA_FLOAT:
    case KIDA_RANGE:
    case KIDA_ITERATOR:
    case KIDA_CALLABLE:
        break;
    }
    return kd_append_str(call, buf, v);
}

kida_status
kd_append_repr(kida_call *call, kida_buf *buf, kida_value v, unsigned depth)
{
    trail around = { NULL, NULL, depth };
    return repr_at(call, buf, v, depth ? &around : NULL);
}

kida_status
kida_to_repr(kida_call *call, kida_value v, kida_str *out)
{
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_status st = kd_append_repr(call, &buf, v, 0);
    if (st == KIDA_OK)
        st = kida_buf_status(&buf);
    if (st == KIDA_OK)
        *out = kida_buf_str(&buf);
    return st;
}
