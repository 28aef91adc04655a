/* SPDX-License-Identifier: MIT */
/* bind.c - between the fields of a request, a C struct, and what templates see of a form. */
#include <chirp/forms.h>

#include <stdio.h>
#include <string.h>

#include "config/fail.h"
#include "config/text.h"
#include "rules.h"

static kida_status
mistake(chirp_form_data *form, kida_status st, const char *text, const char *field)
{
    kida_error err;
    ch_fail(&err, st, text, field);
    return ch_form_fail(form, &err);
}

static const kida_field *
find_field(const kida_struct *type, const char *name)
{
    for (const kida_field *field = type->fields; field->name; field++) {
        if (kida_str_equal(kida_str_from(field->name), kida_str_from(name)))
            return field;
    }
    return NULL;
}

static void
set_present(char *record, const kida_field *field, bool is_there)
{
    if (field->present_offset != KIDA_NOWHERE)
        memcpy(record + field->present_offset, &is_there, sizeof(is_there));
}

/* ---- text into a field --------------------------------------------------------------------- */

static bool
put_integer(void *at, const kida_field *field, int64_t number)
{
    unsigned bits = (unsigned)field->size * 8;
    bool is_signed = field->kind != KIDA_FIELD_UINT;
    if (!is_signed && number < 0)
        return false;
    if (bits < 64) {
        int64_t top = (int64_t)1 << (is_signed ? bits - 1 : bits);
        if (number >= top || (is_signed && number < -top))
            return false;
    }
    /* Little or big endian, the compiler stores each width as it is. */
    if (field->size == 1)
        memcpy(at, &(uint8_t){ (uint8_t)number }, 1);
    else if (field->size == 2)
        memcpy(at, &(uint16_t){ (uint16_t)number }, 2);
    else if (field->size == 4)
        memcpy(at, &(uint32_t){ (uint32_t)number }, 4);
    else if (field->size == 8)
        memcpy(at, &number, 8);
    else
        return false;
    return true;
}

/* NULL: stored; else what is wrong. */
static const char *
put_number(void *at, const kida_field *field, kida_str text)
{
    double number;
    int64_t whole;
    if (field->kind == KIDA_FIELD_INT || field->kind == KIDA_FIELD_UINT) {
        if (!ch_parse_int(text, &whole))
            return "Must be a whole number";
        return put_integer(at, field, whole) ? NULL : "Is out of range";
    }
    if (field->kind == KIDA_FIELD_TIME) {
        if (!ch_parse_time(text, &whole))
            return "Must be a date";
        memcpy(at, &whole, sizeof(whole));
        return NULL;
    }
    if (!ch_rules_number(text, &number))
        return "Must be a number";
    if (field->kind == KIDA_FIELD_FLOAT)
        memcpy(at, &(float){ (float)number }, sizeof(float));
    else
        memcpy(at, &number, sizeof(number));
    return NULL;
}

static kida_status
put_text(chirp_request *req, void *at, const kida_field *field, kida_str text,
         const char **wrong)
{
    if (field->kind != KIDA_FIELD_STR && ch_str_find(text, '\0', 0) < text.len) {
        *wrong = "Must be text";
        return KIDA_OK;
    }
    if (field->kind == KIDA_FIELD_CHARS) {
        if (text.len > field->size) {
            *wrong = "Is too long";
            return KIDA_OK;
        }
        memset(at, 0, field->size);
        if (text.len > 0)
            memcpy(at, text.ptr, text.len);
        return KIDA_OK;
    }
    if (field->kind == KIDA_FIELD_STR) {
        memcpy(at, &text, sizeof(text));
        return KIDA_OK;
    }
    kida_str copy = chirp_copy(req, text); /* ended by a NUL */
    if (!copy.ptr)
        return KIDA_E_NOMEM;
    memcpy(at, &copy.ptr, sizeof(copy.ptr));
    return KIDA_OK;
}

static kida_status
put_enum(chirp_form_data *form, void *at, const kida_field *field, kida_str text)
{
    int index = 0;
    for (; field->names[index]; index++) {
        if (kida_str_equal(kida_str_from(field->names[index]), text)) {
            memcpy(at, &index, sizeof(index));
            return KIDA_OK;
        }
    }
    return ch_rules_say_choices(form, field->name, field->names);
}

/* A text that has passed all rules. */
static kida_status
put(chirp_request *req, chirp_form_data *form, char *record, const kida_field *field,
    kida_str text)
{
    void *at = record + field->offset;
    const char *wrong = NULL;
    kida_status st = KIDA_OK;
    bool is_text = field->kind == KIDA_FIELD_STR || field->kind == KIDA_FIELD_CSTRING ||
                   field->kind == KIDA_FIELD_CHARS;
    if (text.len == 0 && !is_text) {
        set_present(record, field, false);
        return KIDA_OK;
    }
    if (is_text)
        st = put_text(req, at, field, text, &wrong);
    else if (field->kind == KIDA_FIELD_ENUM && field->names)
        return put_enum(form, at, field, text);
    else
        wrong = put_number(at, field, text);
    if (wrong)
        chirp_form_error(form, field->name, wrong);
    else if (st == KIDA_OK)
        set_present(record, field, text.len > 0);
    return st == KIDA_OK ? form->status : mistake(form, st, "no memory for '%s'", field->name);
}

/* ---- where values come from ----------------------------------------------------------------- */

enum { FROM_FORM, FROM_QUERY, FROM_JSON };

/* A JSON value as a client would have typed it; missing for none, and for what has no such form. */
static kida_str
json_text(chirp_request *req, kida_value value)
{
    char text[64];
    int len = 0;
    kida_kind kind = kida_kind_of(value);
    if (kind == KIDA_STRING)
        return kida_as_str(value);
    if (kind == KIDA_BOOL)
        return kida_as_int(value) != 0 ? KIDA_S("true") : KIDA_S("false");
    if (kind == KIDA_INT)
        len = snprintf(text, sizeof(text), "%lld", (long long)kida_as_int(value));
    else if (kind == KIDA_FLOAT)
        len = snprintf(text, sizeof(text), "%.17g", kida_as_float(value));
    return len > 0 ? chirp_copy(req, (kida_str){ text, (size_t)len }) : (kida_str){ NULL, 0 };
}

/* Whether a field of one value can take what JSON says. */
static bool
is_fitting(const chirp_form_data *form, const char *name)
{
    if (form->source_ != FROM_JSON)
        return true;
    kida_kind kind = kida_kind_of(kida_dict_get(form->json_, kida_str_from(name)));
    return kind == KIDA_ABSENT || kind == KIDA_NONE || kind == KIDA_BOOL || kind == KIDA_INT ||
           kind == KIDA_FLOAT || kind == KIDA_STRING;
}

static kida_str
sent_value(chirp_request *req, const chirp_form_data *form, const char *name, size_t index)
{
    if (form->source_ == FROM_FORM)
        return chirp_form_nth(req, name, index);
    if (form->source_ == FROM_QUERY)
        return chirp_query_nth(req, name, index);
    kida_value value = kida_dict_get(form->json_, kida_str_from(name));
    if (kida_kind_of(value) == KIDA_LIST)
        return index < kida_length(value) ? json_text(req, kida_item_at(value, index))
                                          : (kida_str){ NULL, 0 };
    return index == 0 ? json_text(req, value) : (kida_str){ NULL, 0 };
}

/* ---- one field of the request -------------------------------------------------------------- */

static kida_status
keep_value(chirp_form_data *form, const kida_field *field, kida_value value)
{
    kida_status st = kida_dict_set(form->values, kida_string(kida_str_from(field->name)), value);
    return st == KIDA_OK ? st : mistake(form, st, "no memory for '%s'", field->name);
}

static kida_status
bind_bool(chirp_form_data *form, const chirp_rule *rules, char *record, const kida_field *field,
          kida_str sent)
{
    bool passed;
    bool is_on = chirp_given(sent) && ch_parse_bool(ch_str_trim(sent));
    kida_status st = keep_value(form, field, kida_bool(is_on));
    if (st == KIDA_OK) /* `required` means a box that must be ticked */
        st = ch_rules_check(form, rules, field->name, is_on ? KIDA_S("true") : KIDA_S(""), &passed);
    if (st == KIDA_OK && passed) {
        memcpy(record + field->offset, &is_on, sizeof(is_on));
        set_present(record, field, true);
    }
    return st;
}

/* All values of one name; every one must pass the rules. */
static kida_status
bind_list(chirp_request *req, chirp_form_data *form, const chirp_rule *rules, char *record,
          const kida_field *field)
{
    kida_value list;
    kida_status st = kida_list_new(form->pool_, 4, &list);
    bool all = true;
    size_t count = 0;
    kida_str sent;
    while (st == KIDA_OK && chirp_given(sent = sent_value(req, form, field->name, count))) {
        bool passed = true;
        count++;
        if (!kida_utf8_valid(sent)) {
            chirp_form_error(form, field->name, "Must be text");
            return form->status;
        }
        if (all && ch_rules_check(form, rules, field->name, sent, &passed) != KIDA_OK)
            return form->status;
        all = all && passed;
        st = kida_list_push(list, kida_string(sent));
    }
    if (st != KIDA_OK)
        return mistake(form, st, "no memory for '%s'", field->name);
    if (count == 0 && ch_rules_check(form, rules, field->name, KIDA_S(""), &all) != KIDA_OK)
        return form->status;
    if (all) {
        memcpy(record + field->offset, &list, sizeof(list));
        set_present(record, field, count > 0);
    }
    return keep_value(form, field, list);
}

static kida_status
bind_field(chirp_request *req, chirp_form_data *form, const chirp_rule *rules, char *record,
           const kida_field *field)
{
    bool passed;
    kida_str sent = sent_value(req, form, field->name, 0);
    if (field->kind != KIDA_FIELD_VALUE && !is_fitting(form, field->name)) {
        chirp_form_error(form, field->name, "Must be text or a number");
        return form->status;
    }
    if (field->kind == KIDA_FIELD_BOOL)
        return bind_bool(form, rules, record, field, sent);
    if (field->kind == KIDA_FIELD_VALUE)
        return bind_list(req, form, rules, record, field);
    if (!chirp_given(sent))
        sent = KIDA_S("");
    bool is_valid = kida_utf8_valid(sent);
    kida_status st = keep_value(form, field, kida_string(is_valid ? sent : KIDA_S("")));
    if (st != KIDA_OK)
        return st;
    if (!is_valid) {
        chirp_form_error(form, field->name, "Must be text");
        return form->status;
    }
    if (!ch_rules_have(rules, field->name, CHIRP_KEEP_SPACE)) {
        while (sent.len > 0 && ch_rules_is_blank(ch_str_slice(sent, 0, 1)))
            sent = ch_str_slice(sent, 1, sent.len);
        while (sent.len > 0 && ch_rules_is_blank(ch_str_slice(sent, sent.len - 1, sent.len)))
            sent.len--;
    }
    st = ch_rules_check(form, rules, field->name, sent, &passed);
    return st == KIDA_OK && passed ? put(req, form, record, field, sent) : st;
}

static bool
can_bind(const kida_field *field)
{
    switch (field->kind) {
    case KIDA_FIELD_BOOL:
    case KIDA_FIELD_INT:
    case KIDA_FIELD_UINT:
    case KIDA_FIELD_DOUBLE:
    case KIDA_FIELD_FLOAT:
    case KIDA_FIELD_CSTRING:
    case KIDA_FIELD_CHARS:
    case KIDA_FIELD_STR:
    case KIDA_FIELD_VALUE:
    case KIDA_FIELD_TIME: return true;
    case KIDA_FIELD_ENUM: return field->names != NULL;
    case KIDA_FIELD_END:
    case KIDA_FIELD_STRUCT:
    case KIDA_FIELD_POINTER:
    case KIDA_FIELD_ARRAY:
    case KIDA_FIELD_SLICE:
    case KIDA_FIELD_POINTERS: break;
    }
    return false;
}

static bool
bind_all(chirp_request *req, const chirp_form_type *type, void *record, chirp_form_data *out,
         kida_status st)
{
    for (const chirp_rule *rule = type->rules; st == KIDA_OK && rule->field; rule++) {
        if (!ch_rules_is_first(type->rules, rule))
            continue;
        const kida_field *field = find_field(type->record, rule->field);
        st = field && can_bind(field)
                 ? bind_field(req, out, type->rules, record, field)
                 : mistake(out, KIDA_E_USAGE, "the form has no field '%s' that it could fill",
                           rule->field);
    }
    return st == KIDA_OK && out->is_valid;
}

static kida_status
begin_form(chirp_request *req, chirp_form_data *out)
{
    kida_error err;
    kida_status st = ch_form_begin(out, chirp_pool(req));
    out->source_ = FROM_FORM;
    if (st == KIDA_OK && chirp_form_read(req, &err) != KIDA_OK)
        st = ch_form_fail(out, &err);
    return st;
}

static kida_status
begin_json(chirp_request *req, chirp_form_data *out)
{
    kida_error err;
    kida_status st = ch_form_begin(out, chirp_pool(req));
    out->source_ = FROM_JSON;
    if (st != KIDA_OK)
        return st;
    st = chirp_json(req, &out->json_, &err);
    if (st == KIDA_OK && kida_kind_of(out->json_) != KIDA_DICT)
        st = ch_fail(&err, KIDA_E_TYPE, "the JSON text must be an object");
    return st == KIDA_OK ? st : ch_form_fail(out, &err);
}

bool
chirp_form_bind(chirp_request *req, const chirp_form_type *type, void *record,
                chirp_form_data *out)
{
    return bind_all(req, type, record, out, begin_form(req, out));
}

bool
chirp_bind(chirp_request *req, const chirp_form_type *type, void *record, chirp_form_data *out)
{
    kida_str method = chirp_method(req), content_type = chirp_content_type(req);
    if (kida_str_equal(method, KIDA_S("GET")) || kida_str_equal(method, KIDA_S("HEAD"))) {
        kida_status st = ch_form_begin(out, chirp_pool(req));
        out->source_ = FROM_QUERY;
        return bind_all(req, type, record, out, st);
    }
    bool is_json = false;
    for (size_t i = 0; !is_json && i + 4 <= content_type.len; i++)
        is_json = ch_str_iequal(ch_str_slice(content_type, i, i + 4), KIDA_S("json"));
    return bind_all(req, type, record, out, is_json ? begin_json(req, out) : begin_form(req, out));
}

/* ---- from a struct ------------------------------------------------------------------------- */

/* What an input of type date or datetime-local wants. */
static kida_status
time_text(kida_pool *pool, int64_t seconds, kida_value *out)
{
    int64_t days = seconds / 86400 - (seconds % 86400 < 0);
    int64_t left = seconds - days * 86400;
    /* Days since 0000-03-01, so that leap days come last; eras of 400 years. */
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t of_era = z - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t part = (5 * of_year + 2) / 153;
    int64_t day = of_year - (153 * part + 2) / 5 + 1;
    int64_t month = part < 10 ? part + 3 : part - 9;
    char text[80];
    int len = snprintf(text, sizeof(text), "%04lld-%02lld-%02lld",
                       (long long)(year + era * 400 + (month <= 2)), (long long)month,
                       (long long)day);
    if (left != 0)
        len += snprintf(text + len, sizeof(text) - (size_t)len, "T%02lld:%02lld",
                        (long long)(left / 3600), (long long)(left / 60 % 60));
    return kida_string_copy(pool, (kida_str){ text, (size_t)len }, out);
}

static int64_t
read_integer(const void *at, const kida_field *field)
{
    int64_t wide = 0;
    bool is_signed = field->kind != KIDA_FIELD_UINT;
    if (field->size == 1) {
        uint8_t n;
        memcpy(&n, at, 1);
        wide = is_signed ? (int64_t)(int8_t)n : (int64_t)n;
    } else if (field->size == 2) {
        uint16_t n;
        memcpy(&n, at, 2);
        wide = is_signed ? (int64_t)(int16_t)n : (int64_t)n;
    } else if (field->size == 4) {
        uint32_t n;
        memcpy(&n, at, 4);
        wide = is_signed ? (int64_t)(int32_t)n : (int64_t)n;
    } else if (field->size == 8) {
        memcpy(&wide, at, 8);
    }
    return wide;
}

/* What is there as a value that prints as the control wants it. */
static kida_status
show(kida_pool *pool, const char *record, const kida_field *field, kida_value *out)
{
    const void *at = record + field->offset;
    double number;
    float narrow;
    bool is_on;
    const char *text;
    kida_str slice;
    *out = kida_string(KIDA_S(""));
    if (field->present_offset != KIDA_NOWHERE && !record[field->present_offset])
        return KIDA_OK;
    switch (field->kind) {
    case KIDA_FIELD_BOOL:
        memcpy(&is_on, at, sizeof(is_on));
        *out = kida_bool(is_on);
        return KIDA_OK;
    case KIDA_FIELD_INT:
    case KIDA_FIELD_UINT: *out = kida_int(read_integer(at, field)); return KIDA_OK;
    case KIDA_FIELD_TIME: return time_text(pool, read_integer(at, field), out);
    case KIDA_FIELD_ENUM: {
        int64_t chosen = read_integer(at, field);
        for (int64_t i = 0; field->names[i]; i++) {
            if (i == chosen)
                *out = kida_string(kida_str_from(field->names[i]));
        }
        return KIDA_OK;
    }
    case KIDA_FIELD_DOUBLE:
        memcpy(&number, at, sizeof(number));
        *out = kida_float(number);
        return KIDA_OK;
    case KIDA_FIELD_FLOAT:
        memcpy(&narrow, at, sizeof(narrow));
        *out = kida_float((double)narrow);
        return KIDA_OK;
    case KIDA_FIELD_CSTRING:
        memcpy(&text, at, sizeof(text));
        return kida_string_copy(pool, kida_str_from(text), out);
    case KIDA_FIELD_CHARS:
        slice = (kida_str){ at, field->size };
        slice.len = ch_str_find(slice, '\0', 0);
        return kida_string_copy(pool, slice, out);
    case KIDA_FIELD_STR:
        memcpy(&slice, at, sizeof(slice));
        return kida_string_copy(pool, slice.ptr ? slice : KIDA_S(""), out);
    case KIDA_FIELD_VALUE: memcpy(out, at, sizeof(*out)); return KIDA_OK;
    case KIDA_FIELD_END:
    case KIDA_FIELD_STRUCT:
    case KIDA_FIELD_POINTER:
    case KIDA_FIELD_ARRAY:
    case KIDA_FIELD_SLICE:
    case KIDA_FIELD_POINTERS: break;
    }
    return KIDA_OK;
}

kida_status
chirp_form_fill(chirp_request *req, const chirp_form_type *type, const void *record,
                chirp_form_data *out)
{
    kida_status st = ch_form_begin(out, chirp_pool(req));
    for (const chirp_rule *rule = type->rules; st == KIDA_OK && rule->field; rule++) {
        kida_value value;
        if (!ch_rules_is_first(type->rules, rule))
            continue;
        const kida_field *field = find_field(type->record, rule->field);
        if (!field || !can_bind(field))
            return mistake(out, KIDA_E_USAGE, "the form has no field '%s'", rule->field);
        st = show(out->pool_, record, field, &value);
        if (st == KIDA_OK)
            st = keep_value(out, field, value);
    }
    return st;
}

/* ---- answers ------------------------------------------------------------------------------- */

kida_status
chirp_form_context(const chirp_form_data *form, kida_value *context)
{
    kida_kind kind = kida_kind_of(*context);
    if (form->status != KIDA_OK)
        return form->status;
    if (kind == KIDA_NONE || kind == KIDA_ABSENT)
        return kida_context(form->pool_, context, "form", form->values, "errors", form->errors,
                            NULL);
    if (kind != KIDA_DICT)
        return KIDA_E_USAGE;
    kida_status st = kida_dict_set(*context, kida_string(KIDA_S("form")), form->values);
    return st == KIDA_OK ? kida_dict_set(*context, kida_string(KIDA_S("errors")), form->errors)
                         : st;
}

/* A body that is no form, or a mistake in the tables. */
static chirp_reply *
refuse(chirp_request *req, const chirp_form_data *form)
{
    kida_error err;
    ch_fail(&err, form->status, "%s", form->detail);
    return form->status == KIDA_E_USAGE ? chirp_reply_error(req, &err)
                                        : chirp_reply_bad_form(req, &err);
}

chirp_reply *
chirp_reply_form(chirp_request *req, const char *name, const char *block,
                 const chirp_form_data *form, kida_value context)
{
    kida_error err;
    if (form->status != KIDA_OK)
        return refuse(req, form);
    kida_status st = chirp_form_context(form, &context);
    if (st != KIDA_OK) {
        ch_fail(&err, st, "the context of a form must be a dict that can be changed");
        return chirp_reply_error(req, &err);
    }
    return chirp_reply_set_status(chirp_reply_page(req, name, block, context), 422);
}
