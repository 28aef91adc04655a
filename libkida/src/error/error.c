/* SPDX-License-Identifier: MIT */
/* error.c - what a status is called: codes, texts, classes and host kinds, all from codes.def. */
#include <string.h>

#include "error/fail.h"
#include "memory/sizes.h"

typedef struct code_row {
    kida_status status;
    kida_error_class family;
    const char *code;
    const char *text;
} code_row;

static const code_row rows[] = {
#define KIDA_CODE(name, value, code, class_, text) { value, KIDA_CLASS_##class_, code, text },
#include <kida/codes.def>
#undef KIDA_CODE
};

static const code_row *
row_of(kida_status status)
{
    for (size_t i = 0; i < KD_COUNT(rows); i++) {
        if (rows[i].status == status)
            return &rows[i];
    }
    return NULL;
}

void
kida_error_init(kida_error *err)
{
    /* Without the rooms of the texts, some kilobytes: records are made for every request. */
    err->status = KIDA_OK;
    err->code = "";
    err->kind = "";
    err->line = err->column = err->end_column = 0;
    err->template_name[0] = err->message[0] = err->hint[0] = '\0';
    err->excerpt_first = err->excerpt_count = 0;
    err->stack_count = err->stack_total = 0;
}

const char *
kida_status_code(kida_status status)
{
    const code_row *row = row_of(status);
    return row ? row->code : "";
}

const char *
kida_status_text(kida_status status)
{
    const code_row *row = row_of(status);
    if (row)
        return row->text;
    return status == KIDA_OK ? "success" : "unknown failure";
}

kida_error_class
kida_status_class(kida_status status)
{
    const code_row *row = row_of(status);
    return row ? row->family : KIDA_CLASS_HOST;
}

/* Statuses whose host kind differs from that of their class. */
static const struct {
    kida_status status;
    const char *kind;
} kinds[] = {
    { KIDA_E_NOMEM, "MemoryError" },
    { KIDA_E_IO, "OSError" },
    { KIDA_E_JSON, "ValueError" },
    { KIDA_E_UTF8, "UnicodeDecodeError" },
    { KIDA_E_REQUIRED, "RequiredValueError" },
    { KIDA_E_NONE, "TypeError" },
    { KIDA_E_KEY, "KeyError" },
    { KIDA_E_ATTRIBUTE, "AttributeError" },
    { KIDA_E_ZERO_DIVISION, "ZeroDivisionError" },
    { KIDA_E_TYPE, "TypeError" },
    { KIDA_E_ITERATE_DEF, "TypeError" },
};

const char *
kd_status_kind(kida_status status)
{
    for (size_t i = 0; i < KD_COUNT(kinds); i++) {
        if (kinds[i].status == status)
            return kinds[i].kind;
    }
    switch (kida_status_class(status)) {
    case KIDA_CLASS_SYNTAX:
        return "TemplateSyntaxError";
    case KIDA_CLASS_NOT_FOUND:
        return "TemplateNotFoundError";
    case KIDA_CLASS_UNDEFINED:
        return "UndefinedError";
    case KIDA_CLASS_SECURITY:
        return "SecurityError";
    case KIDA_CLASS_WARNING:
        return "TemplateWarning";
    case KIDA_CLASS_HOST:
    case KIDA_CLASS_LIMIT:
    case KIDA_CLASS_RUNTIME:
        break;
    }
    return "TemplateRuntimeError";
}
