/* SPDX-License-Identifier: MIT */
/* check.c - `kida check`: compiles every template of a folder and gathers what is wrong. */
#include "check.h"

#include <string.h>

#define FINDINGS_MAX 5000 /* more help nobody; the count goes on in the exit code */

static phase
phase_of(const kida_error *err)
{
    if (err->status == KIDA_E_CALL_ARGUMENTS || err->status == KIDA_E_CALL_TYPES)
        return PHASE_CALL;
    return kida_status_class(err->status) == KIDA_CLASS_WARNING ? PHASE_WARNING : PHASE_LOAD;
}

static void
add_finding(findings *f, const char *path, const kida_error *err)
{
    if (f->count == FINDINGS_MAX)
        return;
    if (f->count == f->room) {
        size_t room = f->room > 0 ? f->room * 2 : 16;
        finding **items = cli_alloc(f->c, room * sizeof(*items));
        if (f->count > 0)
            memcpy(items, f->items, f->count * sizeof(*items));
        f->items = items;
        f->room = room;
    }
    finding *new = cli_alloc(f->c, sizeof(*new));
    new->phase = phase_of(err);
    new->path = path;
    new->err = *err;
    f->items[f->count++] = new;
}

/* The template that is being compiled, for warnings. */
typedef struct watcher {
    findings *findings;
    const char *path;
} watcher;

static void
note_warning(void *user, const kida_error *warning)
{
    watcher *w = user;
    add_finding(w->findings, w->path, warning);
}

static const cli_usage usage = {
    "DIR",
    1,
    1,
    "Compiles every *.html and *.kida below DIR and reports what is wrong: on stderr as text, on\n"
    "standard output as JSON or SARIF. Says nothing when all is well. Warnings count.\n",
    "  kida check templates\n"
    "  kida check templates --validate-calls\n"
    "  kida check templates --format json | jq '.summary'\n",
};

int
cli_check(cli *c, int argc, char **argv)
{
    int format = REPORT_TEXT, code;
    bool validate = false;
    cli_list modules = { NULL, 0 }, folders = { NULL, 0 }, paths = { NULL, 0 };
    const cli_option options[] = {
        { "format", 'f', CLI_CHOICE, &format, "text|json|sarif",
          "form of the report (default text)", 0, 0 },
        { "validate-calls", 0, CLI_FLAG, &validate, "",
          "also check calls of defs against their parameters", 0, 0 },
        { "module", 'm', CLI_LIST, &modules, "M.so",
          "load filters from a module (may be repeated)", 0, 0 },
        { NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0 },
    };
    if (!cli_parse(c, &usage, options, argc, argv, &folders, &code))
        return code;
    findings f = { c, folders.items[0], NULL, 0, 0 };
    watcher w = { &f, "" };
    if (!cli_is_folder(f.folder)) {
        cli_say(c, "there is no folder '%s'", f.folder);
        return CLI_USAGE;
    }
    if (!cli_find_templates(c, f.folder, &paths))
        return CLI_USAGE;

    kida_config config;
    kida_config_init(&config);
    config.validate_calls = validate;
    config.warn = note_warning;
    config.warn_user = &w;
    kida_env *env = cli_env(c, &config, folders, modules);
    if (env == NULL)
        return CLI_USAGE;
    for (size_t i = 0; i < paths.count; i++) {
        kida_error err;
        kida_error_init(&err);
        w.path = paths.items[i];
        kida_template *tpl = kida_env_get(env, kida_str_from(w.path), &err);
        if (tpl == NULL)
            add_finding(&f, w.path, &err);
        kida_template_drop(tpl);
    }
    kida_env_free(env);
    code = f.count > 0 ? CLI_FAILED : CLI_DONE;
    report(&f, (report_format)format, code);
    return code;
}
