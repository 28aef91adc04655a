/* SPDX-License-Identifier: MIT */
/* builtins.h - the tables of standard filters, tests and functions, one pair per family. */
#ifndef KD_BUILTINS_H
#define KD_BUILTINS_H

#include <kida/env.h>
#include <kida/filter.h>

extern const kida_filter kd_filters_strings[]; /* strings.c */
extern const size_t kd_filters_strings_count;
extern const kida_filter kd_filters_wrap[]; /* wrap.c */
extern const size_t kd_filters_wrap_count;
extern const kida_filter kd_filters_numbers[]; /* numbers.c */
extern const size_t kd_filters_numbers_count;
extern const kida_filter kd_filters_html[]; /* html.c */
extern const size_t kd_filters_html_count;
extern const kida_filter kd_filters_json[]; /* json.c */
extern const size_t kd_filters_json_count;
extern const kida_filter kd_filters_dates[]; /* dates.c */
extern const size_t kd_filters_dates_count;
extern const kida_filter kd_filters_debug[]; /* debug.c */
extern const size_t kd_filters_debug_count;
extern const kida_filter kd_filters_pprint[]; /* pprint.c */
extern const size_t kd_filters_pprint_count;
extern const kida_filter kd_filters_sequences[]; /* sequences.c */
extern const size_t kd_filters_sequences_count;
extern const kida_filter kd_filters_select[]; /* select.c */
extern const size_t kd_filters_select_count;

extern const kida_filter kd_filters_markdown[]; /* markdown.c: only on that surface */
extern const size_t kd_filters_markdown_count;

extern const kida_test kd_tests_builtin[]; /* is_tests.c */
extern const size_t kd_tests_builtin_count;

extern const kida_function kd_functions_builtin[]; /* globals.c */
extern const size_t kd_functions_builtin_count;
extern const kida_function kd_functions_gettext[]; /* request.c */
extern const size_t kd_functions_gettext_count;
extern const kida_function kd_functions_request[]; /* request.c: only with htmx_helpers */
extern const size_t kd_functions_request_count;

/* Memory that lives as long as env; NULL: there is none, as err says. */
void *kd_new_for_env(kida_env *env, size_t size, kida_error *err);

#endif
