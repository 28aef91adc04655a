/* SPDX-License-Identifier: MIT */
/* check.h - the findings of `kida check`, between what finds them and what prints them. */
#ifndef KIDA_CLI_CHECK_H
#define KIDA_CLI_CHECK_H

#include "cli.h"

/* In the order in which findings are printed. */
typedef enum phase {
    PHASE_LOAD,
    PHASE_WARNING,
    PHASE_STRICT,
    PHASE_CALL,
    PHASE_TYPES, /* of arguments */
    PHASE_TYPED, /* declared variables */
    PHASE_PATHS,
    PHASE_A11Y,
    PHASE_COUNT
} phase;

typedef struct finding {
    phase phase;
    const char *path; /* relative to the folder */
    const char *rule; /* kida_finding.rule, NULL for what compiling says */
    bool is_error;
    kida_error err;
} finding;

typedef struct findings {
    cli *c;
    const char *folder;
    finding **items;
    size_t count, room;
} findings;

typedef enum report_format { REPORT_TEXT, REPORT_JSON, REPORT_SARIF } report_format;

void report(const findings *f, report_format format, int exit_code);

#endif
