/* SPDX-License-Identifier: MIT */
/* report.c - the findings of `kida check` as text, JSON and SARIF 2.1.0. */
#include "check.h"

#include <string.h>

#define ERROR_ROOM 8192

/* Calls that do not fit, for instance, are errors, though they don't stop a compilation. */
static bool
is_warning(const finding *f)
{
    return !f->is_error;
}

static size_t
count_of(const findings *f, phase which)
{
    size_t count = 0;
    for (size_t i = 0; i < f->count; i++)
        count += f->items[i]->phase == which ? 1 : 0;
    return count;
}

static size_t
count_warnings(const findings *f)
{
    size_t count = 0;
    for (size_t i = 0; i < f->count; i++)
        count += is_warning(f->items[i]) ? 1 : 0;
    return count;
}

/* ---- text ------------------------------------------------------------------------------------ */

static void
print_finding(const finding *f)
{
    char text[ERROR_ROOM];
    if (f->phase == PHASE_LOAD) {
        unsigned flags = cli_is_colored(stderr) ? KIDA_FORMAT_COLOR : KIDA_FORMAT_PLAIN;
        size_t len = kida_error_format(&f->err, flags, text, sizeof(text));
        bool ended = len > 0 && len < sizeof(text) && text[len - 1] == '\n';
        fprintf(stderr, "%s: %s%s", f->path, text, ended ? "" : "\n");
        return;
    }
    const char *name = f->phase == PHASE_WARNING ? f->err.code : f->rule;
    const char *grade = f->phase < PHASE_TYPED ? "" : is_warning(f) ? " [WARNING]" : " [ERROR]";
    fprintf(stderr, "%s:%u: %s%s: %s\n", f->path, (unsigned)f->err.line, name, grade,
            f->err.message);
    if (f->err.hint[0] != '\0')
        fprintf(stderr, "  Hint: %s\n", f->err.hint);
}

/* "kida check: strict: 3 unified closing tag(s)" */
static void
print_count(const char *const words[2], size_t count)
{
    fprintf(stderr, "kida check: %s%zu %s\n", words[0], count, words[1]);
}

/* How a phase counts its findings; NULL: not at all. */
static const char *const counted_as[PHASE_COUNT][2] = {
    [PHASE_STRICT] = { "strict: ", "unified closing tag(s)" },
    [PHASE_CALL] = { "", "call-site issue(s)" },
    [PHASE_TYPES] = { "", "argument type issue(s)" },
    [PHASE_TYPED] = { "type: ", "issue(s)" },
    [PHASE_PATHS] = { "lint: ", "fragile path(s)" },
    [PHASE_A11Y] = { "a11y: ", "issue(s)" },
};

static void
report_text(const findings *f)
{
    for (int which = 0; which < PHASE_COUNT; which++) {
        for (size_t i = 0; i < f->count; i++) {
            if (f->items[i]->phase == (phase)which)
                print_finding(f->items[i]);
        }
        size_t count = count_of(f, (phase)which);
        if (counted_as[which][0] != NULL && count > 0)
            print_count(counted_as[which], count);
    }
    if (f->count > 0)
        fprintf(stderr, "kida check: %zu problem(s)\n", f->count);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static const char *
category_of(const finding *f)
{
    static const char *const names[PHASE_COUNT] = {
        "load", "compile-warning", "strict", "component-call", "component-type", "type",
        "fragile-path", "accessibility",
    };
    return names[f->phase];
}

static void
put_member(const char *name, const char *text)
{
    printf("      \"%s\": ", name);
    if (text != NULL && text[0] != '\0')
        cli_json_text(stdout, text);
    else
        fputs("null", stdout);
    fputs(",\n", stdout);
}

static void
put_position(const char *name, uint32_t line, uint32_t column, bool has_column)
{
    printf("        \"%s\": ", name);
    if (line == 0)
        fputs("null", stdout);
    else if (has_column)
        printf("{\n          \"column\": %u,\n          \"line\": %u\n        }", (unsigned)column,
               (unsigned)line);
    else
        printf("{\n          \"column\": null,\n          \"line\": %u\n        }", (unsigned)line);
}

/* The lines of the excerpt as one text. */
static const char *
snippet_of(cli *c, const kida_error *err)
{
    const char *text = "";
    for (uint32_t i = 0; i < err->excerpt_count; i++)
        text = cli_format(c, "%s%s%s", text, i > 0 ? "\n" : "", err->excerpt[i]);
    return text;
}

static void
put_diagnostic(cli *c, const finding *f)
{
    const kida_error *err = &f->err;
    bool has_end = err->end_column > 0;
    fputs("    {\n", stdout);
    put_member("category", category_of(f));
    put_member("code", err->code);
    put_member("confidence", "certain");
    put_member("documentation_url", NULL);
    put_member("kind", err->kind);
    put_member("message", err->message);
    fputs("      \"metadata\": {},\n      \"notes\": [],\n", stdout);
    put_member("path", f->path);
    fputs("      \"range\": {\n", stdout);
    put_position("end", has_end ? err->line : 0, err->end_column, true);
    fputs(",\n", stdout);
    put_position("start", err->line, err->column, err->column > 0 || has_end);
    fputs("\n      },\n      \"related_locations\": [],\n      \"safe_edit\": null,\n", stdout);
    put_member("severity", is_warning(f) ? "warning" : "error");
    put_member("source_snippet", snippet_of(c, err));
    put_member("suggestion", err->hint);
    fputs("      \"title\": ", stdout);
    cli_json_text(stdout, kida_status_text(err->status));
    fputs("\n    }", stdout);
}

static void
report_json(const findings *f, int exit_code)
{
    size_t warnings = count_warnings(f);
    fputs("{\n  \"diagnostics\": [", stdout);
    for (size_t i = 0; i < f->count; i++) {
        fputs(i > 0 ? ",\n" : "\n", stdout);
        put_diagnostic(f->c, f->items[i]);
    }
    printf("%s],\n  \"exit_code\": %d,\n  \"partial\": false,\n  \"root\": ",
           f->count > 0 ? "\n  " : "", exit_code);
    cli_json_text(stdout, f->folder);
    printf(",\n  \"schema_version\": 1,\n  \"summary\": {\n    \"errors\": %zu,\n"
           "    \"info\": 0,\n    \"total\": %zu,\n    \"warnings\": %zu\n  }\n}\n",
           f->count - warnings, f->count, warnings);
}

/* ---- SARIF ----------------------------------------------------------------------------------- */

/* A path as the URI reference that SARIF wants. */
static void
put_uri(const char *path)
{
    putchar('"');
    for (; *path != '\0'; path++) {
        unsigned char byte = (unsigned char)*path;
        bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                     (byte >= '0' && byte <= '9') || strchr("/._~-", byte) != NULL;
        printf(plain ? "%c" : "%%%02X", byte);
    }
    putchar('"');
}

static void
put_result(const finding *f)
{
    const kida_error *err = &f->err;
    fputs("        {\n          \"ruleId\": ", stdout);
    cli_json_text(stdout, err->code);
    printf(",\n          \"level\": \"%s\",\n          \"message\": {\"text\": ",
           is_warning(f) ? "warning" : "error");
    cli_json_text(stdout, err->message);
    fputs("},\n          \"locations\": [{\"physicalLocation\": {\"artifactLocation\": {\"uri\": ",
          stdout);
    put_uri(f->path);
    putchar('}');
    if (err->line > 0) {
        printf(", \"region\": {\"startLine\": %u", (unsigned)err->line);
        if (err->column > 0 || err->end_column > 0)
            printf(", \"startColumn\": %u", (unsigned)err->column + 1);
        if (err->end_column > err->column)
            printf(", \"endColumn\": %u", (unsigned)err->end_column + 1);
        putchar('}');
    }
    fputs("}}]\n        }", stdout);
}

static bool
is_first_of_code(const findings *f, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (f->items[i]->err.status == f->items[index]->err.status)
            return false;
    }
    return true;
}

static void
report_sarif(const findings *f)
{
    printf("{\n  \"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n"
           "  \"version\": \"2.1.0\",\n  \"runs\": [\n    {\n"
           "      \"tool\": {\"driver\": {\"name\": \"kida\", \"version\": \"%s\", \"rules\": [",
           kida_version());
    const char *separator = "\n";
    for (size_t i = 0; i < f->count; i++) {
        if (!is_first_of_code(f, i))
            continue;
        printf("%s        {\"id\": ", separator);
        cli_json_text(stdout, f->items[i]->err.code);
        fputs(", \"shortDescription\": {\"text\": ", stdout);
        cli_json_text(stdout, kida_status_text(f->items[i]->err.status));
        fputs("}}", stdout);
        separator = ",\n";
    }
    printf("%s]}},\n      \"columnKind\": \"unicodeCodePoints\",\n      \"results\": [",
           f->count > 0 ? "\n      " : "");
    for (size_t i = 0; i < f->count; i++) {
        fputs(i > 0 ? ",\n" : "\n", stdout);
        put_result(f->items[i]);
    }
    printf("%s]\n    }\n  ]\n}\n", f->count > 0 ? "\n      " : "");
}

void
report(const findings *f, report_format format, int exit_code)
{
    switch (format) {
    case REPORT_TEXT:
        report_text(f);
        break;
    case REPORT_JSON:
        report_json(f, exit_code);
        break;
    case REPORT_SARIF:
        report_sarif(f);
        break;
    }
}
