/* SPDX-License-Identifier: MIT */
/* builtins.c - what a standard environment has: the list of all tables. */
#include <stdio.h>

#include "builtins.h"
#include "components.h"
#include "terminal.h"

typedef struct filter_family {
    const kida_filter *table;
    const size_t *count;
} filter_family;

typedef struct function_family {
    const kida_function *table;
    const size_t *count;
    bool htmx; /* only where the environment has the request helpers */
} function_family;

static const filter_family filter_families[] = {
    { kd_filters_strings, &kd_filters_strings_count },
    { kd_filters_wrap, &kd_filters_wrap_count },
    { kd_filters_numbers, &kd_filters_numbers_count },
    { kd_filters_html, &kd_filters_html_count },
    { kd_filters_json, &kd_filters_json_count },
    { kd_filters_dates, &kd_filters_dates_count },
    { kd_filters_debug, &kd_filters_debug_count },
    { kd_filters_pprint, &kd_filters_pprint_count },
    { kd_filters_sequences, &kd_filters_sequences_count },
    { kd_filters_select, &kd_filters_select_count },
};

static const function_family function_families[] = {
    { kd_functions_builtin, &kd_functions_builtin_count, false },
    { kd_functions_gettext, &kd_functions_gettext_count, false },
    { kd_functions_request, &kd_functions_request_count, true },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

void *
kd_new_for_env(kida_env *env, size_t size, kida_error *err)
{
    void *memory = kida_pool_alloc(kida_env_pool(env), size);

    if (memory == NULL && err != NULL) {
        kida_error_init(err);
        err->status = KIDA_E_NOMEM;
        err->code = kida_status_code(KIDA_E_NOMEM);
        (void)snprintf(err->message, sizeof(err->message), "%s", kida_status_text(KIDA_E_NOMEM));
    }
    return memory;
}

static kida_status
install_markdown(kida_env *env, kida_error *err)
{
    kida_status st = kida_env_add_filters(env, kd_filters_markdown, kd_filters_markdown_count, err);

    if (st == KIDA_OK)
        st = kida_env_add_global(env, KIDA_S("output_format"), kida_string(KIDA_S("markdown")),
                                 err);
    return st == KIDA_OK ? kd_add_components(env, &kd_markdown_components, err) : st;
}

kida_status
kida_install_std(kida_env *env, kida_error *err)
{
    kida_status st = KIDA_OK;
    bool htmx = kida_env_config(env)->htmx_helpers;

    for (size_t i = 0; i < COUNT(filter_families) && st == KIDA_OK; i++) {
        const filter_family *family = &filter_families[i];
        st = kida_env_add_filters(env, family->table, *family->count, err);
    }
    if (st == KIDA_OK)
        st = kida_env_add_tests(env, kd_tests_builtin, kd_tests_builtin_count, err);
    for (size_t i = 0; i < COUNT(function_families) && st == KIDA_OK; i++) {
        const function_family *family = &function_families[i];
        if (htmx || !family->htmx)
            st = kida_env_add_functions(env, family->table, *family->count, err);
    }
    if (st == KIDA_OK && kida_env_config(env)->autoescape == KIDA_ESCAPE_MARKDOWN)
        st = install_markdown(env, err);
    if (st == KIDA_OK && kida_env_config(env)->autoescape == KIDA_ESCAPE_TERMINAL)
        st = kd_terminal_install(env, err);
    return st;
}

kida_env *
kida_env_new_std(const kida_config *config, kida_error *err)
{
    kida_env *env = kida_env_new(config, err);
    if (env != NULL && kida_install_std(env, err) != KIDA_OK) {
        kida_env_free(env);
        env = NULL;
    }
    return env;
}
