/* SPDX-License-Identifier: MIT */
/* format.c - the format mini-language: specs, and the fields of str.format. */
#include "value/format.h"

#include <string.h>

#include "value/big.h"
#include "value/host.h"
#include "value/ops.h"

static kida_status
fail_pattern(kida_call *call, const char *what)
{
    return kida_fail_kind(call, KIDA_E_RUNTIME, "ValueError", "bad format: %s", what);
}

/* ---- specs ----------------------------------------------------------------------------------- */

static bool
is_digit(const char *at, const char *end)
{
    return at < end && *at >= '0' && *at <= '9';
}

/* Decimal digits from *at; false if the number is beyond all reason. */
static bool
read_number(const char **at, const char *end, uint64_t *out)
{
    uint64_t n = 0;
    for (; is_digit(*at, end); (*at)++) {
        n = n * 10 + (uint64_t)(**at - '0');
        if (n > KD_FORMAT_SIZE_MAX)
            return false;
    }
    *out = n;
    return true;
}

static bool
is_align(char c)
{
    return c == '<' || c == '>' || c == '^' || c == '=';
}

static void
read_alignment(const char **at, const char *end, kd_spec *spec)
{
    const char *behind = *at;
    if (behind == end)
        return;
    uint32_t fill = kd_utf8_next(&behind, end);
    if (behind < end && is_align(*behind)) {
        spec->fill = fill;
        spec->align = *behind;
        *at = behind + 1;
    } else if (is_align(**at)) {
        spec->align = **at;
        *at += 1;
    }
}

static bool
take(const char **at, const char *end, char c)
{
    if (*at == end || **at != c)
        return false;
    (*at)++;
    return true;
}

/* numeric: alignment of zero padding is behind the sign. */
static kida_status
read_spec(kida_call *call, kida_str text, bool numeric, kd_spec *spec)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    *spec = (kd_spec){ .fill = ' ' };
    read_alignment(&at, end, spec);
    bool filled = spec->align && at - text.ptr > 1;
    if (at < end && (*at == '+' || *at == '-' || *at == ' '))
        spec->sign = *at++;
    spec->positive_zero = take(&at, end, 'z');
    spec->alternate = take(&at, end, '#');
    if (!filled && take(&at, end, '0')) {
        spec->fill = '0';
        if (!spec->align && numeric)
            spec->align = '=';
    }
    if (!read_number(&at, end, &spec->width))
        return fail_pattern(call, "the width is too large");
    if (at < end && (*at == ',' || *at == '_'))
        spec->grouping = *at++;
    if (at < end && (*at == ',' || *at == '_'))
        return fail_pattern(call, "there can be one kind of grouping only");
    if (take(&at, end, '.')) {
        spec->has_precision = is_digit(at, end);
        if (!spec->has_precision)
            return fail_pattern(call, "the precision is missing");
        if (!read_number(&at, end, &spec->precision))
            return fail_pattern(call, "the precision is too large");
    }
    if (at < end)
        spec->type = kd_utf8_next(&at, end);
    return at == end ? KIDA_OK : fail_pattern(call, "the spec can't be read");
}

static kida_status
format_string(kida_call *call, kida_buf *buf, kida_str text, const kd_spec *spec)
{
    if (spec->type != 0 && spec->type != 's')
        return fail_pattern(call, "unknown type for a text");
    if (spec->sign || spec->positive_zero || spec->alternate || spec->grouping)
        return fail_pattern(call, "a text has no sign, #, z or grouping");
    if (spec->align == '=')
        return fail_pattern(call, "a text can't be aligned by '='");
    kd_format_padded(buf, text, spec, '<');
    return kida_buf_status(buf);
}

static kida_status
format_by_host(kida_call *call, kida_buf *buf, kida_value v, kida_str spec)
{
    kida_value text;
    kida_status st = kida_format_object(call, v, spec, &text);
    if (st != KIDA_OK)
        return st;
    if (kd_is_absent(text))
        return kida_fail_type(call, v, "a format spec wants a text or a number");
    return kd_append_str(call, buf, text);
}

kida_status
kd_format_value(kida_call *call, kida_buf *buf, kida_value v, kida_str text)
{
    if (text.len == 0)
        return kd_append_str(call, buf, v);
    bool numeric = kd_is_number(v);
    if (!numeric && !kd_is(v, KIDA_STRING))
        return format_by_host(call, buf, v, text);
    kd_spec spec;
    kida_status st = read_spec(call, text, numeric, &spec);
    if (st != KIDA_OK)
        return st;
    if (kd_is(v, KIDA_FLOAT))
        return kd_format_float(call, buf, v.u_.d, &spec);
    if (numeric)
        return kd_format_int(call, buf, v, &spec);
    return format_string(call, buf, kida_as_str(v), &spec);
}

kida_status
kida_format_object(kida_call *call, kida_value v, kida_str pattern, kida_value *out)
{
    const kida_object_type *type = kd_host_type(v);
    *out = kd_absent();
    if (!type || !type->format)
        return KIDA_OK;
    kida_status st = kd_host_enter(call);
    if (st != KIDA_OK)
        return st;
    st = type->format(call, v.u_.p, pattern, out);
    kd_host_leave(call);
    return st;
}

kida_status
kida_format_spec(kida_call *call, kida_value v, kida_str spec, kida_value *out)
{
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_status st = kd_format_value(call, &buf, v, spec);
    return st == KIDA_OK ? kida_buf_finish(&buf, out) : st;
}

/* ---- conversions ----------------------------------------------------------------------------- */

kida_status
kd_append_ascii(kida_call *call, kida_buf *buf, kida_value v)
{
    kida_str text;
    kida_status st = kida_to_repr(call, v, &text);
    if (st != KIDA_OK)
        return st;
    const char *at = text.ptr, *end = text.ptr + text.len;
    while (at < end) {
        uint32_t cp = kd_utf8_next(&at, end);
        if (cp < 128)
            kida_buf_byte(buf, (char)cp);
        else if (cp < 0x100)
            kida_buf_format(buf, "\\x%02x", (unsigned)cp);
        else if (cp < 0x10000)
            kida_buf_format(buf, "\\u%04x", (unsigned)cp);
        else
            kida_buf_format(buf, "\\U%08x", (unsigned)cp);
    }
    return kida_buf_status(buf);
}

static kida_status
convert(kida_call *call, char how, kida_value *v)
{
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_status st;
    if (how == 's')
        st = kd_append_str(call, &buf, *v);
    else if (how == 'r')
        st = kd_append_repr(call, &buf, *v, 0);
    else if (how == 'a')
        st = kd_append_ascii(call, &buf, *v);
    else
        return fail_pattern(call, "a conversion is one of !r, !s and !a");
    return st == KIDA_OK ? kida_buf_finish(&buf, v) : st;
}

kida_status
kd_format_argument(kida_call *call, bool safe, kida_value v, kida_value *out)
{
    *out = v;
    if (!safe || !kd_is(v, KIDA_STRING) || kida_is_safe(v) || !kd_needs_escape(kida_as_str(v)))
        return KIDA_OK;
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_buf_html(&buf, kida_as_str(v));
    return kida_buf_finish(&buf, out);
}

/* ---- fields ---------------------------------------------------------------------------------- */

typedef struct formatter {
    kida_call *call;
    kida_value mapping; /* absent: the keywords of the call */
    bool safe;
    bool automatic, numbered; /* which numbering was used so far */
    size_t next;
} formatter;

/* One replacement field, cut into its parts. */
typedef struct field {
    kida_str name;
    char conversion; /* 0: none */
    kida_str spec;
    bool nested; /* the spec holds fields */
} field;

static kida_status
read_field(kida_call *call, const char **at, const char *end, field *f)
{
    const char *start = *at;
    *f = (field){ .spec = { "", 0 } };
    while (*at < end && **at != '}' && **at != ':' && **at != '!') {
        if (**at == '{')
            return fail_pattern(call, "unexpected '{' in a field");
        const char *close = **at == '[' ? memchr(*at, ']', (size_t)(end - *at)) : *at;
        *at = close ? close + 1 : end;
    }
    f->name = (kida_str){ start, (size_t)(*at - start) };
    if (take(at, end, '}'))
        return KIDA_OK;
    if (take(at, end, '!')) {
        if (*at == end)
            return fail_pattern(call, "the conversion is missing");
        f->conversion = *(*at)++;
        if (take(at, end, '}'))
            return KIDA_OK;
        if (*at < end && **at != ':')
            return fail_pattern(call, "a conversion is one letter, with ':' or '}' behind it");
    }
    if (!take(at, end, ':'))
        return fail_pattern(call, "a field is never closed");
    start = *at;
    for (unsigned depth = 1; *at < end; (*at)++) {
        if (**at == '{') {
            depth++;
            f->nested = true;
        } else if (**at == '}' && --depth == 0) {
            f->spec = (kida_str){ start, (size_t)(*at - start) };
            (*at)++;
            return KIDA_OK;
        }
    }
    return fail_pattern(call, "a field is never closed");
}

static bool
all_digits(kida_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
    }
    return s.len > 0;
}

static kida_status
field_by_number(formatter *f, kida_str digits, kida_value *out)
{
    kida_call *call = f->call;
    uint64_t index = 0;
    const char *at = digits.ptr;
    bool automatic = digits.len == 0;
    if (automatic ? f->numbered : f->automatic)
        return fail_pattern(call, "fields are numbered either by hand or automatically");
    *(automatic ? &f->automatic : &f->numbered) = true;
    if (automatic)
        index = f->next++;
    else if (!read_number(&at, digits.ptr + digits.len, &index))
        return fail_pattern(call, "the number of a field is too large");
    if (!kd_is_absent(f->mapping))
        return fail_pattern(call, "format_map has named fields only");
    if (index >= call->rest_count)
        return kida_fail_kind(call, KIDA_E_RUNTIME, "IndexError",
                              "the format has a field for argument %llu, but there are %llu",
                              (unsigned long long)index, (unsigned long long)call->rest_count);
    *out = call->rest[index];
    return KIDA_OK;
}

static kida_status
field_by_name(formatter *f, kida_str name, kida_value *out)
{
    kida_call *call = f->call;
    if (!kd_is_absent(f->mapping))
        return kd_get_item(call, f->mapping, kida_string(name), out);
    for (size_t i = 0; i < call->keyword_count; i++) {
        if (kida_str_equal(call->keyword_names[i], name)) {
            *out = call->keywords[i];
            return KIDA_OK;
        }
    }
    return kida_fail(call, KIDA_E_KEY, "there is no argument for the field '%.*s' of the format",
                     (int)(name.len < 100 ? name.len : 100), name.ptr);
}

/* .name of a field: attributes and methods; the keys of a dict do not count. */
static kida_status
read_attribute(kida_call *call, kida_value v, kida_str name, kida_value *out)
{
    const kd_upcalls *up = call->rt->up;
    kida_status st = up && up->check_attribute ? up->check_attribute(call, v, name) : KIDA_OK;
    if (st != KIDA_OK)
        return st;
    *out = kd_absent();
    if (kd_is(v, KIDA_DICT)) {
        const kd_signature *signature = NULL;
        const kd_method *method = kd_method_find(v, name, &signature);
        if (method)
            return kd_bind_method(call, v, method, signature, out);
    } else if (!kd_is_nothing(v)) {
        st = kd_get_attr(call, v, name, kd_hash_str(name), out);
        if (st != KIDA_OK)
            return st;
    }
    if (!kd_is_absent(*out))
        return KIDA_OK;
    return kida_fail(call, KIDA_E_ATTRIBUTE, "'%s' has no attribute '%.*s'", kida_kind_name(v),
                     (int)(name.len < 100 ? name.len : 100), name.ptr);
}

static kida_status
read_index(kida_call *call, kida_value v, kida_str text, kida_value *out)
{
    if (!all_digits(text))
        return kd_get_item(call, v, kida_string(text), out);
    kida_value index;
    kida_status st = kd_int_from_digits(call, call->rt->pool, text, false, &index);
    return st == KIDA_OK ? kd_get_item(call, v, index, out) : st;
}

/* .a[b].c behind the name of a field. */
static kida_status
follow(kida_call *call, kida_str path, kida_value *v)
{
    const char *at = path.ptr, *end = path.ptr + path.len;
    while (at < end) {
        bool attribute = *at == '.';
        if (!attribute && *at != '[')
            return fail_pattern(call, "only '.' or '[' may stand behind ']' in a field");
        at++;
        const char *start = at;
        while (at < end && (attribute ? *at != '.' && *at != '[' : *at != ']'))
            at++;
        kida_str part = { start, (size_t)(at - start) };
        if (!attribute && !take(&at, end, ']'))
            return fail_pattern(call, "']' is missing in a field");
        if (part.len == 0)
            return fail_pattern(call, "a part of a field's name is empty");
        kida_value next;
        kida_status st = attribute ? read_attribute(call, *v, part, &next)
                                   : read_index(call, *v, part, &next);
        if (st != KIDA_OK)
            return st;
        *v = next;
    }
    return KIDA_OK;
}

static kida_status
field_value(formatter *f, kida_str name, kida_value *out)
{
    size_t first = 0;
    while (first < name.len && name.ptr[first] != '.' && name.ptr[first] != '[')
        first++;
    kida_str head = kd_str_sub(name, 0, first);
    kida_status st = head.len == 0 || all_digits(head) ? field_by_number(f, head, out)
                                                       : field_by_name(f, head, out);
    if (st == KIDA_OK)
        st = follow(f->call, kd_str_sub(name, first, name.len), out);
    return st == KIDA_OK ? kd_format_argument(f->call, f->safe, *out, out) : st;
}

static kida_status format_pattern(formatter *f, kida_buf *buf, kida_str pattern, unsigned depth);

static kida_status
put_field(formatter *f, kida_buf *buf, const field *part, unsigned depth)
{
    kida_value v;
    kida_status st = field_value(f, part->name, &v);
    if (st == KIDA_OK && part->conversion)
        st = convert(f->call, part->conversion, &v);
    if (st != KIDA_OK)
        return st;
    if (!part->nested)
        return kd_format_value(f->call, buf, v, part->spec);
    kida_buf spec;
    kida_buf_init(&spec, f->call);
    st = format_pattern(f, &spec, part->spec, depth + 1);
    if (st == KIDA_OK)
        st = kida_buf_status(&spec);
    return st == KIDA_OK ? kd_format_value(f->call, buf, v, kida_buf_str(&spec)) : st;
}

static kida_status
format_pattern(formatter *f, kida_buf *buf, kida_str pattern, unsigned depth)
{
    const char *at = pattern.ptr, *end = pattern.ptr + pattern.len, *run = at;
    if (depth > 1)
        return fail_pattern(f->call, "fields are nested too deeply");
    while (at < end) {
        if (*at != '{' && *at != '}') {
            at++;
            continue;
        }
        char brace = *at++;
        if (take(&at, end, brace)) { /* a doubled brace: the first of the two stays */
            kida_buf_put(buf, (kida_str){ run, (size_t)(at - 1 - run) });
            run = at;
            continue;
        }
        if (brace == '}')
            return fail_pattern(f->call, "a single '}'");
        if (at == end)
            return fail_pattern(f->call, "a single '{'");
        kida_buf_put(buf, (kida_str){ run, (size_t)(at - 1 - run) });
        field part;
        kida_status st = read_field(f->call, &at, end, &part);
        if (st == KIDA_OK)
            st = put_field(f, buf, &part, depth);
        if (st != KIDA_OK)
            return st;
        run = at;
    }
    kida_buf_put(buf, (kida_str){ run, (size_t)(end - run) });
    return kida_buf_status(buf);
}

kida_status
kd_format_text(kida_call *call, kida_value pattern, kida_value mapping, kida_value *out)
{
    formatter f = { .call = call, .mapping = mapping, .safe = kida_is_safe(pattern) };
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_status st = format_pattern(&f, &buf, kida_as_str(pattern), 0);
    if (st != KIDA_OK)
        return st;
    return f.safe ? kida_buf_finish_safe(&buf, out) : kida_buf_finish(&buf, out);
}

kida_status
kida_format_str(kida_call *call, kida_str pattern, kida_value *out)
{
    return kd_format_text(call, kida_string(pattern), kd_absent(), out);
}
