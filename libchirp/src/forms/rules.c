/* SPDX-License-Identifier: MIT */
/* rules.c - the rules of the public header, one function each, and the messages they give. */
#include "rules.h"

#include <stdio.h>
#include <string.h>

#include "config/fail.h"
#include "config/text.h"
#include "regex.h"

#define MESSAGE_MAX ((size_t)4096)

/* ---- form data ----------------------------------------------------------------------------- */

kida_status
ch_form_fail(chirp_form_data *form, const kida_error *err)
{
    form->is_valid = false;
    form->status = err->status;
    snprintf(form->detail, sizeof(form->detail), "%.159s", err->message);
    return err->status;
}

static kida_status
no_memory(chirp_form_data *form)
{
    kida_error err;
    ch_fail(&err, KIDA_E_NOMEM, "no memory for a form");
    return ch_form_fail(form, &err);
}

kida_status
ch_form_begin(chirp_form_data *out, kida_pool *pool)
{
    memset(out, 0, sizeof(*out));
    out->is_valid = true;
    out->values = out->errors = kida_none();
    out->pool_ = pool;
    if (!pool || kida_dict_new(pool, 8, &out->values) != KIDA_OK ||
        kida_dict_new(pool, 4, &out->errors) != KIDA_OK)
        return no_memory(out);
    return KIDA_OK;
}

/* Appends one message to those of a field. */
static kida_status
say(chirp_form_data *form, const char *field, kida_str message)
{
    kida_value list = kida_dict_get(form->errors, kida_str_from(field));
    kida_value text;
    form->is_valid = false;
    if (kida_kind_of(list) == KIDA_ABSENT &&
        (kida_list_new(form->pool_, 2, &list) != KIDA_OK ||
         kida_dict_set(form->errors, kida_string(kida_str_from(field)), list) != KIDA_OK))
        return no_memory(form);
    if (kida_string_copy(form->pool_, message, &text) != KIDA_OK ||
        kida_list_push(list, text) != KIDA_OK)
        return no_memory(form);
    return KIDA_OK;
}

void
chirp_form_error(chirp_form_data *form, const char *field, const char *message)
{
    kida_value name;
    form->is_valid = false;
    if (form->status != KIDA_OK)
        return;
    /* The name becomes a key, which must live as long as the form. */
    if (kida_string_copy(form->pool_, (kida_str){ field, kida_str_from(field).len + 1 }, &name) !=
        KIDA_OK)
        no_memory(form);
    else
        say(form, kida_as_str(name).ptr, kida_str_from(message));
}

/* ---- single questions ---------------------------------------------------------------------- */

static bool
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool
ch_rules_is_blank(kida_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_space(text.ptr[i]))
            return false;
    }
    return true;
}

/* local@domain.tld in the bytes that Chirp's pattern allows. */
static bool
is_email(kida_str text)
{
    size_t at = ch_str_find(text, '@', 0);
    size_t dot = 0;
    if (at == 0 || at == text.len)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool in_local = c == '_' || c == '%' || c == '+';
        if (i == at)
            continue;
        if (!is_letter(c) && !ch_is_digit(c) && c != '.' && c != '-' && !(in_local && i < at))
            return false;
        if (c == '.' && i > at)
            dot = i;
    }
    if (dot <= at + 1 || text.len - dot < 3)
        return false;
    for (size_t i = dot + 1; i < text.len; i++) {
        if (!is_letter(text.ptr[i]))
            return false;
    }
    return true;
}

static bool
is_web_url(kida_str text)
{
    static const kida_str schemes[] = { KIDA_S_INIT("http://"), KIDA_S_INIT("https://") };
    size_t at = 0;
    for (size_t i = 0; i < 2; i++) {
        kida_str scheme = schemes[i];
        if (text.len > scheme.len && ch_str_iequal(ch_str_slice(text, 0, scheme.len), scheme))
            at = scheme.len;
    }
    if (at == 0 || text.len < at + 2 || text.ptr[at + 1] == '\n')
        return false;
    for (size_t i = at; i < text.len; i++) {
        if (is_space(text.ptr[i]) && i != at + 1)
            return false;
    }
    return memchr("/$.?#", text.ptr[at], 5) == NULL;
}

bool
ch_rules_number(kida_str text, double *out)
{
    bool is_negative = text.len > 0 && text.ptr[0] == '-';
    size_t skip = text.len > 0 && (is_negative || text.ptr[0] == '+') ? 1 : 0;
    if (!ch_parse_float(ch_str_slice(text, skip, text.len), out))
        return false;
    *out = is_negative ? -*out : *out;
    return true;
}

static bool
is_one_of(const char *const *choices, kida_str value)
{
    for (; choices && *choices; choices++) {
        if (kida_str_equal(kida_str_from(*choices), value))
            return true;
    }
    return false;
}

/* ---- messages ------------------------------------------------------------------------------ */

static int
compare(kida_str a, kida_str b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len > 0 ? memcmp(a.ptr, b.ptr, len) : 0;
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* Puts the least choice above last; false when there is none. */
static bool
next_choice(const char *const *choices, kida_str *last, bool is_first)
{
    kida_str best = { NULL, 0 };
    for (; *choices; choices++) {
        kida_str text = kida_str_from(*choices);
        if ((is_first || compare(text, *last) > 0) && (!best.ptr || compare(text, best) < 0))
            best = text;
    }
    *last = best;
    return best.ptr != NULL;
}

kida_status
ch_rules_say_choices(chirp_form_data *form, const char *field, const char *const *choices)
{
    kida_buf buf;
    kida_str choice = { "", 0 };
    bool is_first = true;
    kida_buf_init_heap(&buf, NULL, MESSAGE_MAX);
    kida_buf_put(&buf, KIDA_S("Must be one of: "));
    for (; next_choice(choices, &choice, is_first); is_first = false) {
        if (!is_first)
            kida_buf_put(&buf, KIDA_S(", "));
        kida_buf_put(&buf, choice);
    }
    kida_str text = kida_buf_str(&buf);
    kida_status st = say(form, field, kida_buf_status(&buf) == KIDA_OK
                                          ? text
                                          : KIDA_S("Must be one of the choices"));
    kida_buf_free(&buf);
    return st;
}

/* A whole number without a fraction, others with as many digits as they need. */
static void
put_number(char *out, size_t size, const char *lead, double number, const char *end)
{
    if (number > -1e15 && number < 1e15 && (double)(int64_t)number == number)
        snprintf(out, size, "%s%lld%s", lead, (long long)number, end);
    else
        snprintf(out, size, "%s%.10g%s", lead, number, end);
}

static kida_status
say_rule(chirp_form_data *form, const chirp_rule *rule)
{
    static const char *const fixed[] = {
        [CHIRP_REQUIRED] = "This field is required",
        [CHIRP_EMAIL] = "Must be a valid email address",
        [CHIRP_WEB_URL] = "Must be a valid URL",
        [CHIRP_INTEGER] = "Must be a whole number",
        [CHIRP_NUMBER] = "Must be a number",
        [CHIRP_KEEP_SPACE] = NULL,
    };
    char text[240];
    if (rule->message)
        return say(form, rule->field, kida_str_from(rule->message));
    if (fixed[rule->kind])
        return say(form, rule->field, kida_str_from(fixed[rule->kind]));
    if (rule->kind == CHIRP_ONE_OF)
        return ch_rules_say_choices(form, rule->field, rule->choices);
    if (rule->kind == CHIRP_MIN_LENGTH)
        put_number(text, sizeof(text), "Must be at least ", rule->number, " characters");
    else if (rule->kind == CHIRP_MAX_LENGTH)
        put_number(text, sizeof(text), "Must be at most ", rule->number, " characters");
    else if (rule->kind == CHIRP_MIN)
        put_number(text, sizeof(text), "Must be at least ", rule->number, "");
    else if (rule->kind == CHIRP_MAX)
        put_number(text, sizeof(text), "Must be at most ", rule->number, "");
    else
        snprintf(text, sizeof(text), "Must match pattern: %.200s", rule->text);
    return say(form, rule->field, kida_str_from(text));
}

/* ---- a field ------------------------------------------------------------------------------- */

static bool
holds_number(const chirp_rule *rule, kida_str value)
{
    double number;
    if (!ch_rules_number(value, &number))
        return false;
    return rule->kind == CHIRP_MIN ? number >= rule->number : number <= rule->number;
}

/* Whether value passes; kinds without a question of their own always do. */
static bool
holds(const chirp_rule *rule, kida_str value, kida_error *err)
{
    bool matches = false;
    int64_t whole;
    double number;
    switch (rule->kind) {
    case CHIRP_REQUIRED: return !ch_rules_is_blank(value);
    case CHIRP_MIN_LENGTH: return (double)kida_utf8_count(value) >= rule->number;
    case CHIRP_MAX_LENGTH: return (double)kida_utf8_count(value) <= rule->number;
    case CHIRP_EMAIL: return is_email(value);
    case CHIRP_WEB_URL: return is_web_url(value);
    case CHIRP_MATCHES:
        if (!rule->text)
            ch_fail(err, KIDA_E_USAGE, "a rule of '%s' has no pattern", rule->field);
        else
            ch_regex_match(kida_str_from(rule->text), value, &matches, err);
        return matches;
    case CHIRP_ONE_OF: return is_one_of(rule->choices, value);
    case CHIRP_INTEGER: return ch_parse_int(value, &whole);
    case CHIRP_NUMBER: return ch_rules_number(value, &number);
    case CHIRP_MIN:
    case CHIRP_MAX: return holds_number(rule, value);
    case CHIRP_CHECK:
    case CHIRP_OPTIONAL:
    case CHIRP_KEEP_SPACE:
    case CHIRP_RULES_END_KIND: return true;
    }
    return true;
}

static kida_status
check_one(chirp_form_data *form, const chirp_rule *rule, kida_str value, bool *passed)
{
    if (rule->kind == CHIRP_CHECK) {
        const char *wrong = rule->check ? rule->check(value, rule->user) : NULL;
        *passed = wrong == NULL;
        return wrong ? say(form, rule->field, kida_str_from(rule->message ? rule->message : wrong))
                     : KIDA_OK;
    }
    kida_error err;
    kida_error_init(&err);
    *passed = holds(rule, value, &err);
    if (err.status != KIDA_OK)
        return ch_form_fail(form, &err);
    if (!*passed && rule->kind == CHIRP_ONE_OF && !rule->choices) {
        ch_fail(&err, KIDA_E_USAGE, "a rule of '%s' has no choices", rule->field);
        return ch_form_fail(form, &err);
    }
    return *passed ? KIDA_OK : say_rule(form, rule);
}

static bool
is_of(const chirp_rule *rule, const char *field)
{
    return kida_str_equal(kida_str_from(rule->field), kida_str_from(field));
}

kida_status
ch_rules_check(chirp_form_data *form, const chirp_rule *rules, const char *field, kida_str value,
               bool *passed)
{
    *passed = true;
    for (const chirp_rule *rule = rules; rule->field; rule++) {
        bool one = true;
        if (!is_of(rule, field))
            continue;
        if (rule->kind == CHIRP_OPTIONAL && ch_rules_is_blank(value))
            break;
        kida_status st = check_one(form, rule, value, &one);
        if (st != KIDA_OK)
            return st;
        *passed = *passed && one;
        if (!one && rule->kind == CHIRP_REQUIRED)
            break;
    }
    return KIDA_OK;
}

bool
ch_rules_have(const chirp_rule *rules, const char *field, chirp_rule_kind kind)
{
    for (; rules->field; rules++) {
        if (rules->kind == kind && is_of(rules, field))
            return true;
    }
    return false;
}

bool
ch_rules_is_first(const chirp_rule *rules, const chirp_rule *row)
{
    for (; rules != row; rules++) {
        if (is_of(rules, row->field))
            return false;
    }
    return true;
}

/* ---- without a struct ---------------------------------------------------------------------- */

bool
chirp_validate(kida_pool *pool, const chirp_rule *rules, kida_value mapping, chirp_form_data *out)
{
    kida_status st = ch_form_begin(out, pool);
    for (const chirp_rule *rule = rules; st == KIDA_OK && rule->field; rule++) {
        bool passed;
        kida_str name = kida_str_from(rule->field);
        kida_value value = kida_dict_get(mapping, name);
        if (!ch_rules_is_first(rules, rule))
            continue;
        if (kida_kind_of(value) == KIDA_ABSENT)
            value = kida_string(KIDA_S(""));
        st = ch_rules_check(out, rules, rule->field, kida_as_str(value), &passed);
        if (st == KIDA_OK && passed &&
            kida_dict_set(out->values, kida_string(name), value) != KIDA_OK)
            st = no_memory(out);
    }
    return st == KIDA_OK && out->is_valid;
}
