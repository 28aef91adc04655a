/* SPDX-License-Identifier: MIT */
/* rules.h - one value against the rules of its field. */
#ifndef CH_FORMS_RULES_H
#define CH_FORMS_RULES_H

#include <chirp/forms.h>

/* Empties out and makes its dicts. Errors: KIDA_E_NOMEM, kept in out. */
kida_status ch_form_begin(chirp_form_data *out, kida_pool *pool);

/* Keeps a failure that is not the fault of a value; returns its status. */
kida_status ch_form_fail(chirp_form_data *form, const kida_error *err);

/* Checks value by all rules of field; its errors go into form. *passed: there were none. *is_blank:
 * the field is optional and blank, or passed by blank. Errors: kept in form. */
kida_status ch_rules_check(chirp_form_data *form, const chirp_rule *rules, const char *field,
                           kida_str value, bool *passed);

/* Whether a rule of that kind is there for field. */
bool ch_rules_have(const chirp_rule *rules, const char *field, chirp_rule_kind kind);

/* Whether this row is the first of its field. */
bool ch_rules_is_first(const chirp_rule *rules, const chirp_rule *row);

/* Adds "Must be one of: …", sorted. choices is ended by NULL. */
kida_status ch_rules_say_choices(chirp_form_data *form, const char *field,
                                 const char *const *choices);

/* A number with sign and fraction, whatever the locale; no exponent. */
bool ch_rules_number(kida_str text, double *out);

/* Whether there is nothing but white space. */
bool ch_rules_is_blank(kida_str text);

#endif
