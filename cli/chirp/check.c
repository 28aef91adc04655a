/* SPDX-License-Identifier: MIT */
/* check.c - `chirp check`: routes against templates, as text and JSON. */
#include "chirp_cli.h"

/* One issue, kept until all are known: errors are printed first. */
typedef struct kept_issue {
    struct kept_issue *next;
    chirp_issue issue;
} kept_issue;

typedef struct check_report {
    cli *c;
    int form;
    bool colored;
    size_t printed;
    kept_issue *issues;
    kept_issue **end;
} check_report;

enum { FORM_TEXT, FORM_JSON };

static const struct {
    const char *name, *icon, *color;
} grades[] = {
    [KIDA_SEVERITY_ERROR] = { "error", "✗", "\033[31m" },
    [KIDA_SEVERITY_WARNING] = { "warning", "▲", "\033[33m" },
    [KIDA_SEVERITY_INFO] = { "info", "·", "\033[36m" },
};

static const char *const rule_line =
    "─────────────────────────────────────────────────────────────────";

static void
print_issue(const check_report *r, const chirp_issue *issue)
{
    printf("  %s%s%s  %s: %s\n", r->colored ? grades[issue->severity].color : "",
           grades[issue->severity].icon, r->colored ? "\033[0m" : "", issue->rule, issue->message);
    if (issue->file.len > 0 && issue->line > 0)
        printf("     in %.*s:%u\n", (int)issue->file.len, issue->file.ptr, (unsigned)issue->line);
    else if (issue->file.len > 0)
        printf("     in %.*s\n", (int)issue->file.len, issue->file.ptr);
    if (issue->route.len > 0)
        printf("     route %.*s\n", (int)issue->route.len, issue->route.ptr);
    if (issue->hint[0] != '\0')
        printf("     hint: %s\n", issue->hint);
    putchar('\n');
}

static void
put_text(cli *c, const char *name, kida_str text)
{
    printf(", \"%s\": ", name);
    if (text.len == 0)
        fputs("null", stdout);
    else
        cli_json_text(stdout, cli_format(c, "%.*s", (int)text.len, text.ptr));
}

static kida_str
keep_text(cli *c, kida_str text)
{
    return kida_str_from(cli_format(c, "%.*s", (int)text.len, text.ptr != NULL ? text.ptr : ""));
}

static void
on_issue(void *arg, const chirp_issue *issue)
{
    check_report *r = arg;
    kept_issue *kept = cli_alloc(r->c, sizeof(*kept));
    kept->next = NULL;
    kept->issue = *issue;
    kept->issue.file = keep_text(r->c, issue->file);
    kept->issue.route = keep_text(r->c, issue->route);
    kept->issue.message = cli_format(r->c, "%s", issue->message);
    kept->issue.hint = cli_format(r->c, "%s", issue->hint);
    *r->end = kept;
    r->end = &kept->next;
}

static void
put_issue(check_report *r, const chirp_issue *issue)
{
    r->printed++;
    if (r->form == FORM_TEXT) {
        print_issue(r, issue);
        return;
    }
    printf("%s\n    {\"severity\": \"%s\", \"rule\": \"%s\"", r->printed > 1 ? "," : "",
           grades[issue->severity].name, issue->rule);
    put_text(r->c, "file", issue->file);
    if (issue->line > 0)
        printf(", \"line\": %u", (unsigned)issue->line);
    else
        fputs(", \"line\": null", stdout);
    put_text(r->c, "route", issue->route);
    put_text(r->c, "message", kida_str_from(issue->message));
    put_text(r->c, "hint", kida_str_from(issue->hint));
    putchar('}');
}

static const char *
plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static void
print_start(const check_report *r, const chirp_check_counts *n)
{
    if (r->form == FORM_JSON)
        fputs("{\n  \"issues\": [", stdout);
    else
        printf("\n  ── chirp check ─%.*s\n\n  %zu route%s · %zu template%s\n\n", 48 * 3, rule_line,
               n->routes, plural(n->routes), n->templates, plural(n->templates));
}

static void
print_end(const check_report *r, const chirp_check_counts *n)
{
    if (r->form == FORM_JSON) {
        printf("%s],\n  \"summary\": {\"routes\": %zu, \"templates\": %zu, \"errors\": %zu, "
               "\"warnings\": %zu, \"infos\": %zu}\n}\n",
               r->printed > 0 ? "\n  " : "", n->routes, n->templates, n->errors, n->warnings,
               n->infos);
        return;
    }
    if (n->errors == 0 && n->warnings == 0)
        puts("  ✓  All clear");
    else if (n->errors == 0)
        printf("  ✓  No errors · %zu warning%s\n", n->warnings, plural(n->warnings));
    else
        printf("  ✗  %zu error%s · %zu warning%s\n", n->errors, plural(n->errors), n->warnings,
               plural(n->warnings));
    printf("\n  %s\n\n", rule_line);
}

static int
run_check(check_report *r, chirp_app *app, bool strict)
{
    static const kida_severity order[] = { KIDA_SEVERITY_ERROR, KIDA_SEVERITY_WARNING,
                                           KIDA_SEVERITY_INFO };
    chirp_check_counts counts = { 0, 0, 0, 0, 0 };
    kida_error err;
    kida_error_init(&err);
    if (chirp_check(app, on_issue, r, &counts, &err) != KIDA_OK) {
        cli_show(&err);
        return CLI_FAILED;
    }
    print_start(r, &counts);
    for (size_t i = 0; i < CLI_COUNT(order); i++) {
        for (const kept_issue *kept = r->issues; kept != NULL; kept = kept->next) {
            if (kept->issue.severity == order[i])
                put_issue(r, &kept->issue);
        }
    }
    print_end(r, &counts);
    return counts.errors > 0 || (strict && counts.warnings > 0) ? CLI_FAILED : CLI_DONE;
}

int
chirp_cli_check(cli *c, int argc, char **argv)
{
    static const cli_usage usage = {
        "APP.so", 1, 1,
        "Looks for what does not fit: URLs of htmx, links and forms against the routes and their\n"
        "methods, targets against ids, blocks and templates that routes name, includes that are\n"
        "not there, calls of components, accessibility. The rules are in docs/checks.md.\n",
        "  chirp check build/app.so\n"
        "  chirp check build/app.so --warnings-as-errors --format json >issues.json\n",
    };
    check_report r = { c, FORM_TEXT, cli_is_colored(stdout), 0, NULL, NULL };
    r.end = &r.issues;
    bool strict = false;
    app_options app_opts = APP_OPTIONS_INIT;
    cli_list arguments = { NULL, 0 };
    int code;
    const cli_option options[] = {
        { "format", 'f', CLI_CHOICE, &r.form, "text|json", "form of the report (default text)",
          0, 0 },
        { "warnings-as-errors", 'W', CLI_FLAG, &strict, "", "end with 1 for warnings, too", 0, 0 },
        { NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0 },
    };
    chirp_config config;
    if (!cli_parse(c, &usage, options, argc, argv, &arguments, &code))
        return code;
    if (!app_config(c, &app_opts, &config))
        return CLI_FAILED;
    config.skip_contract_checks = true; /* the report is this command's own */
    chirp_app *app = app_load(c, arguments.items[0], &config);
    if (app == NULL)
        return CLI_FAILED;
    code = run_check(&r, app, strict);
    chirp_app_free(app);
    return code;
}
