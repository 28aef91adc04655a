/* SPDX-License-Identifier: MIT */
/* check.c - `kida check`: compiles every template of a folder and gathers what is wrong. */
#include "check.h"

#include <string.h>

#define FINDINGS_MAX 5000 /* more help nobody; the count goes on in the exit code */

static phase
phase_of(const kida_error *err, const char *rule)
{
    static const struct {
        const char *head;
        phase phase;
    } rules[] = {
        { "strict", PHASE_STRICT },     { "K-CMP-001", PHASE_CALL }, { "K-CMP-002", PHASE_TYPES },
        { "type/", PHASE_TYPED },       { "lint/", PHASE_PATHS },    { "a11y/", PHASE_A11Y },
    };
    for (size_t i = 0; rule != NULL && i < CLI_COUNT(rules); i++) {
        if (strncmp(rule, rules[i].head, kida_str_from(rules[i].head).len) == 0)
            return rules[i].phase;
    }
    return kida_status_class(err->status) == KIDA_CLASS_WARNING ? PHASE_WARNING : PHASE_LOAD;
}

static void
add_finding(findings *f, const char *path, const kida_error *err, const char *rule, bool is_error)
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
    new->phase = phase_of(err, rule);
    new->path = path;
    new->rule = rule;
    new->is_error = is_error;
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
    add_finding(w->findings, w->path, warning, NULL, false);
}

static void
note_finding(void *arg, const kida_finding *found)
{
    watcher *w = arg;
    add_finding(w->findings, w->path, &found->error, found->rule,
                found->severity == KIDA_SEVERITY_ERROR);
}

/* Compiles one template, and runs the checks that were asked for over its source. */
static void
check_one(watcher *w, kida_env *env, unsigned checks)
{
    kida_error err;
    kida_error_init(&err);
    kida_template *tpl = kida_env_get(env, kida_str_from(w->path), &err);
    kida_status st = tpl != NULL ? KIDA_OK : err.status;
    if (tpl != NULL && checks != 0)
        st = kida_check(env, kida_str_from(w->path), checks, note_finding, w, &err);
    if (st != KIDA_OK)
        add_finding(w->findings, w->path, &err, NULL, true);
    kida_template_drop(tpl);
}

static const cli_usage usage = {
    "DIR",
    1,
    1,
    "Compiles every *.html and *.kida below DIR and reports what is wrong: on stderr as text, on\n"
    "standard output as JSON or SARIF. Says nothing when all is well. Warnings count.\n",
    "  kida check templates\n"
    "  kida check templates --validate-calls --a11y --typed\n"
    "  kida check templates --format json | jq '.summary'\n",
};

int
cli_check(cli *c, int argc, char **argv)
{
    int format = REPORT_TEXT, code;
    bool strict = false, validate = false, a11y = false, typed = false, fragile = false;
    cli_list modules = { NULL, 0 }, folders = { NULL, 0 }, paths = { NULL, 0 };
    const cli_option options[] = {
        { "format", 'f', CLI_CHOICE, &format, "text|json|sarif",
          "form of the report (default text)", 0, 0 },
        { "strict", 0, CLI_FLAG, &strict, "", "also report {% end %}: write {% endif %}, …", 0, 0 },
        { "validate-calls", 0, CLI_FLAG, &validate, "",
          "also check calls of defs against their parameters", 0, 0 },
        { "a11y", 0, CLI_FLAG, &a11y, "", "also check the accessibility of the HTML", 0, 0 },
        { "typed", 0, CLI_FLAG, &typed, "",
          "also check the names used against {% template %}", 0, 0 },
        { "lint-fragile-paths", 0, CLI_FLAG, &fragile, "",
          "also report names that should be relative: ./x.html", 0, 0 },
        { "module", 'm', CLI_LIST, &modules, "M.so",
          "load filters from a module, or `markdown` (repeatable)", 0, 0 },
        { NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0 },
    };
    if (!cli_parse(c, &usage, options, argc, argv, &folders, &code))
        return code;
    const unsigned checks = (strict ? KIDA_CHECK_STRICT : 0u) |
                            (validate ? KIDA_CHECK_CALLS : 0u) |
                            (typed ? KIDA_CHECK_TYPED : 0u) | (fragile ? KIDA_CHECK_PATHS : 0u) |
                            (a11y ? KIDA_CHECK_A11Y : 0u);
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
    config.warn = note_warning;
    config.warn_user = &w;
    kida_env *env = cli_env(c, &config, folders, modules);
    if (env == NULL)
        return CLI_USAGE;
    for (size_t i = 0; i < paths.count; i++) {
        w.path = paths.items[i];
        check_one(&w, env, checks);
    }
    kida_env_free(env);
    code = f.count > 0 ? CLI_FAILED : CLI_DONE;
    report(&f, (report_format)format, code);
    return code;
}
