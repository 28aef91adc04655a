/* SPDX-License-Identifier: MIT */
/* forms.h - forms: one table of rules binds the fields of a request to a C struct, checks them and
 * gives templates what they need to show the form again.
 *
 *     static const chirp_rule note_rules[] = {
 *         CHIRP_RULE("title", CHIRP_REQUIRED, .message = "A note needs a title"),
 *         CHIRP_RULE("title", CHIRP_MAX_LENGTH, .number = 120),
 *         CHIRP_RULE("body", CHIRP_OPTIONAL),
 *         CHIRP_RULES_END,
 *     };
 *     static const chirp_form_type note_form = { &note_type, note_rules };
 *
 *     chirp_form_data form;
 *     note draft = { 0 };
 *     if (!chirp_form_bind(req, &note_form, &draft, &form))
 *         return chirp_reply_form(req, "notes.html", "form", &form, context);
 */
#ifndef CHIRP_FORMS_H
#define CHIRP_FORMS_H

#include "reply.h"

KIDA_BEGIN_DECLS

/** What a row of rules asks for. Without a message of its own it has the one in brackets. */
typedef enum chirp_rule_kind {
    CHIRP_RULES_END_KIND = 0,
    CHIRP_OPTIONAL,   /* a blank field is fine and passes by the rules that follow */
    CHIRP_REQUIRED,   /* not blank [This field is required]; ends the rules of the field */
    CHIRP_MIN_LENGTH, /* number code points [Must be at least n characters] */
    CHIRP_MAX_LENGTH, /* number code points [Must be at most n characters] */
    CHIRP_EMAIL,      /* [Must be a valid email address] */
    CHIRP_WEB_URL,    /* http or https [Must be a valid URL] */
    CHIRP_MATCHES,    /* text, a regular expression of PCRE2, anchored at the start only
                         [Must match pattern: text] */
    CHIRP_ONE_OF,     /* choices, ended by NULL [Must be one of: a, b] */
    CHIRP_INTEGER,    /* [Must be a whole number]; fields for integers imply it */
    CHIRP_NUMBER,     /* [Must be a number]; fields for floats imply it */
    CHIRP_MIN,        /* a number of at least number [Must be at least n] */
    CHIRP_MAX,        /* a number of at most number [Must be at most n] */
    CHIRP_CHECK,      /* check says what is wrong */
    CHIRP_KEEP_SPACE  /* blanks at both ends are kept: passwords */
} chirp_rule_kind;

/** NULL: the value is fine; else what is wrong with it: static, or in the request's memory. */
typedef const char *chirp_check_fn(kida_str value, void *user);

/** One rule of one field; rows of a field are checked in order and all failures collected. */
typedef struct chirp_rule {
    const char *field; /* NULL ends the table */
    chirp_rule_kind kind;
    double number;
    const char *text;
    const char *const *choices;
    chirp_check_fn *check;
    void *user;
    const char *message; /* NULL: the kind's own */
} chirp_rule;

/** A row: the field, the kind, then members that it needs, as .number = 3. */
#define CHIRP_RULE(name, ...) { .field = name, .kind = __VA_ARGS__ }
#define CHIRP_RULES_END { NULL, CHIRP_RULES_END_KIND, 0, NULL, NULL, NULL, NULL, NULL }

/**
 * A form: the struct and its rules. Only fields that a rule names are read from the request, so a
 * client can't set others.
 */
typedef struct chirp_form_type {
    const kida_struct *record;
    const chirp_rule *rules;
} chirp_form_type;

/** A form as it was sent, or is to be shown. */
typedef struct chirp_form_data {
    bool is_valid;
    kida_value values;  /* dict: field to text as sent, bools as bool, value fields as list */
    kida_value errors;  /* dict: field to list of messages; only fields with errors */
    kida_status status; /* not KIDA_OK: the body is no form that can be read, or a mistake in the
                           tables; errors is empty then */
    char detail[160];   /* of status */
    kida_pool *pool_;
    int source_;
    kida_value json_;
} chirp_form_data;

/**
 * Reads a form into record and checks it; true if all is well. A field that failed or is blank
 * keeps what record held. Text is trimmed; an absent checkbox is false; fields of kind
 * KIDA_FIELD_VALUE take all values of the name as a list.
 *
 * Owner:  texts in record live as long as the request.
 * Errors: see status and detail; chirp_reply_form answers 415, 400 or 500 for them.
 * Thread: owner
 */
CHIRP_API CHIRP_MUST_USE bool chirp_form_bind(chirp_request *req, const chirp_form_type *type,
                                              void *record, chirp_form_data *out);

/**
 * As chirp_form_bind, from whatever the request carries: the query of GET and HEAD, else a JSON
 * object when the content type is JSON, else a form. Values of JSON are taken as the text that they
 * are written with, lists for fields of several values.
 *
 * Errors: as chirp_form_bind; KIDA_E_JSON for a body that is no JSON, KIDA_E_TYPE for one that is
 *         no object.
 * Thread: owner
 */
CHIRP_API CHIRP_MUST_USE bool chirp_bind(chirp_request *req, const chirp_form_type *type,
                                         void *record, chirp_form_data *out);

/** A form to be shown with what record holds, without errors. Errors: KIDA_E_NOMEM. */
CHIRP_API CHIRP_MUST_USE kida_status chirp_form_fill(chirp_request *req,
                                                     const chirp_form_type *type,
                                                     const void *record, chirp_form_data *out);

/** Adds an error that no rule can find; message is copied. Thread: owner */
CHIRP_API void chirp_form_error(chirp_form_data *form, const char *field, const char *message);

/**
 * Checks a dict by rules, without a struct: values holds the entries that passed, untouched; an
 * absent one counts as empty text.
 *
 * Errors: false, with errors, or with status.
 * Thread: owner of the pool
 */
CHIRP_API CHIRP_MUST_USE bool chirp_validate(kida_pool *pool, const chirp_rule *rules,
                                             kida_value mapping, chirp_form_data *out);

/**
 * The form again, with 422: its block for htmx, the whole template for browsers. The context (a
 * dict, or none) gets `form`, the values, and `errors`.
 */
CHIRP_API chirp_reply *chirp_reply_form(chirp_request *req, const char *name, const char *block,
                                        const chirp_form_data *form, kida_value context);

/** Adds `form` and `errors` to a context, for pages that show a form at first. Errors:
 *  KIDA_E_NOMEM, KIDA_E_USAGE for a context that is no dict. Thread: owner */
CHIRP_API CHIRP_MUST_USE kida_status chirp_form_context(const chirp_form_data *form,
                                                        kida_value *context);

KIDA_END_DECLS

#endif
