/* SPDX-License-Identifier: MIT */
/* error.h - status codes and the error record that the caller owns. */
#ifndef KIDA_ERROR_H
#define KIDA_ERROR_H

#include "base.h"

KIDA_BEGIN_DECLS

/**
 * Outcome of every call that can fail: 0 is success, failures are negative.
 *
 * Each failure has a stable code ("K-RUN-001"); see kida_status_code and docs/errors.md.
 */
typedef enum kida_status {
    KIDA_OK = 0,
#define KIDA_CODE(name, value, code, class_, text) KIDA_E_##name = (value),
#include "codes.def"
#undef KIDA_CODE
} kida_status;

/** Family of an error: decides what `try` catches and how a host may answer. */
typedef enum kida_error_class {
    KIDA_CLASS_HOST,      /* usage, memory, input and output: no fault of the template */
    KIDA_CLASS_LIMIT,     /* a limit of the render was reached */
    KIDA_CLASS_SYNTAX,    /* the template does not compile */
    KIDA_CLASS_NOT_FOUND, /* a template is missing */
    KIDA_CLASS_UNDEFINED, /* an undefined name, attribute or key */
    KIDA_CLASS_RUNTIME,   /* anything else that went wrong while rendering */
    KIDA_CLASS_SECURITY,  /* refused by the sandbox */
    KIDA_CLASS_WARNING    /* a finding that does not stop anything */
} kida_error_class;

#define KIDA_ERROR_NAME_MAX 128
#define KIDA_ERROR_TEXT_MAX 400
#define KIDA_ERROR_LINE_MAX 160
#define KIDA_ERROR_EXCERPT_LINES 5
#define KIDA_ERROR_STACK_MAX 8

/** How a template or component came to run: one entry of the stack in an error. */
typedef struct kida_error_frame {
    char what[12];          /* "include", "extends", "import", "call", "block", … */
    char name[64];          /* def or block, empty where there is none */
    char template_name[64]; /* template that holds the tag, cut to fit */
    uint32_t line;          /* line of the tag */
} kida_error_frame;

/**
 * What went wrong and where. Lives in the caller's storage and needs no memory of its own, so
 * that running out of memory can be reported too. Texts are NUL-ended and cut to fit.
 *
 * Owner:  the caller; start it with kida_error_init or { 0 }.
 * Thread: owner
 */
typedef struct kida_error {
    kida_status status;
    const char *code;    /* "K-RUN-001"; static */
    const char *kind;    /* finer kind: "TypeError", "KeyError"; static */
    uint32_t line;       /* from 1; 0: not known */
    uint32_t column;     /* in code points, from 0 */
    uint32_t end_column; /* one behind the last; 0: not known */
    char template_name[KIDA_ERROR_NAME_MAX];
    char message[KIDA_ERROR_TEXT_MAX];
    char hint[KIDA_ERROR_TEXT_MAX]; /* what to do; may be empty */
    uint32_t excerpt_first;         /* line number of excerpt[0] */
    uint32_t excerpt_count;
    char excerpt[KIDA_ERROR_EXCERPT_LINES][KIDA_ERROR_LINE_MAX];
    uint32_t stack_count; /* entries in stack, innermost first */
    uint32_t stack_total; /* how many there were */
    kida_error_frame stack[KIDA_ERROR_STACK_MAX];
} kida_error;

/** Empties an error record. Thread: owner */
KIDA_API void kida_error_init(kida_error *err);

/** Stable code of a status, "K-RUN-001"; "" for success. Owner: static. Thread: any */
KIDA_API const char *kida_status_code(kida_status status);

/** Default text of a status. Owner: static. Thread: any */
KIDA_API const char *kida_status_text(kida_status status);

/** Family of a status. Thread: any */
KIDA_API kida_error_class kida_status_class(kida_status status);

enum {
    KIDA_FORMAT_PLAIN = 0,
    KIDA_FORMAT_COLOR = 1,  /* with terminal colours */
    KIDA_FORMAT_COMPACT = 2 /* one line: "page.html:3:5: error[K-RUN-001]: message" */
};

/**
 * Lays an error out like a modern compiler: header, place, excerpt with the span marked, stack,
 * hint. Writes at most size bytes with the NUL and returns the length it wanted.
 *
 * Thread: owner
 */
KIDA_API size_t kida_error_format(const kida_error *err, unsigned flags, char *out, size_t size);

KIDA_END_DECLS

#endif
