/* SPDX-License-Identifier: MIT */
/* report.h - checks over a tree: each walks it once and reports what it finds. */
#ifndef KD_REPORT_H
#define KD_REPORT_H

#include <kida/inspect.h>

#include "analysis/known.h"

/* A finding, without the fixed storage of an error record. */
typedef struct kd_note {
    kida_status status;
    kida_severity severity;
    const char *rule;
    kd_place place;
    kida_str message;
    kida_str hint;
} kd_note;

/* Findings gathered so far, and what the checks look at. */
typedef struct kd_report {
    const kd_tree *tree;
    const kd_known *known;
    kida_pool *scratch;
    kida_pool *pool;     /* of the texts of the notes */
    kida_autoescape escape;
    kd_rows notes;       /* kd_note, in scratch */
    size_t max;          /* how many are kept: more help nobody */
    bool failed;         /* out of memory */
} kd_report;

/* Reports one; hint may be NULL. rule is static. */
void kd_find(kd_report *r, kida_status status, kida_severity severity, const char *rule,
             kd_place place, const char *hint, const char *format, ...) KIDA_PRINTF(7, 8);

/* Sorts the notes from number from on by line and column; equal places stay as they are. */
void kd_report_sort(kd_report *r, size_t from);

/* The error record of a note about a template. */
void kd_note_fill(const kd_note *note, kida_str name, kida_str source, kida_error *out);

/* Place of a byte of the source. */
kd_place kd_place_of(const kd_tree *tree, const char *at);

void kd_check_coalesce(kd_report *r);  /* K-WARN-001 */
void kd_check_branch_set(kd_report *r);/* K-WARN-002 */
void kd_check_strict(kd_report *r);    /* K-PAR-007 */
void kd_check_calls(kd_report *r);     /* K-CMP-001, -002 */
void kd_check_typed(kd_report *r);     /* K-TYP-* */
void kd_check_fragile(kd_report *r);   /* K-PATH-001 */
void kd_check_a11y(kd_report *r);      /* K-A11Y-* */
void kd_check_escapes(kd_report *r);   /* K-ESC-* */
void kd_check_privacy(kd_report *r);   /* K-PRI-* */

#endif
