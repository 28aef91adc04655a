/* SPDX-License-Identifier: MIT */
/* list.c - `kida filters`, `kida tests`, `kida globals`: what templates can use. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

#define NAME_COLUMN 34
#define ROWS_MAX 4096

/* What a filter, a test and a function have in common. */
typedef struct row {
    const char *name;
    const kida_param *params;
    unsigned flags; /* KIDA_PURE and so on */
    const char *help;
} row;

/* What is listed, and what is left out. */
typedef struct lister {
    cli *c;
    const char *word; /* only names that hold it; NULL: all */
    bool names_only, as_json, as_markdown, with_parentheses;
    row *rows;
    size_t count;
} lister;

/* "center(width=80)"; a filter or test without parameters is written without parentheses. */
static const char *
signature_of(cli *c, const char *name, const kida_param *params, bool is_function)
{
    const char *text = "";
    const char *separator = "";
    bool starred = false; /* what follows is given by keyword */
    for (; params != NULL && params->name != NULL; params++) {
        bool keyword = !starred && (params->accepts & KIDA_IN_KEYWORD) != 0;
        text = cli_format(c, "%s%s%s%s%s%s", text, separator, keyword ? "*, " : "", params->name,
                          params->fallback != NULL ? "=" : "",
                          params->fallback != NULL ? params->fallback : "");
        separator = ", ";
        starred = starred || keyword || params->name[0] == '*';
    }
    return text[0] != '\0' || is_function ? cli_format(c, "%s(%s)", name, text) : name;
}

static void
print_text(const char *signature, const char *help)
{
    int width = printf("%s", signature);
    if (help == NULL || help[0] == '\0') {
        putchar('\n');
        return;
    }
    if (width + 2 > NAME_COLUMN) {
        putchar('\n');
        width = 0;
    }
    printf("%*s%s\n", NAME_COLUMN - width, "", help);
}

static void
print_json(const row *r, bool is_first)
{
    fputs(is_first ? "\n  {\"name\": " : ",\n  {\"name\": ", stdout);
    cli_json_text(stdout, r->name);
    fputs(", \"params\": [", stdout);
    for (const kida_param *p = r->params; p != NULL && p->name != NULL; p++) {
        fputs(p != r->params ? ", {\"name\": " : "{\"name\": ", stdout);
        cli_json_text(stdout, p->name);
        fputs(", \"default\": ", stdout);
        if (p->fallback != NULL)
            cli_json_text(stdout, p->fallback);
        else
            fputs("null", stdout);
        fputs("}", stdout);
    }
    fputs("], \"help\": ", stdout);
    cli_json_text(stdout, r->help != NULL ? r->help : "");
    fputs("}", stdout);
}

/* Text of a table cell. */
static void
put_cell(const char *text)
{
    for (; text != NULL && *text != '\0'; text++)
        printf(*text == '|' ? "\\|" : "%c", *text);
}

/* A row of a Markdown table; marks: P pure, M gives markup, I differs from call to call. */
static void
print_markdown(const row *r, const char *signature)
{
    fputs("| `", stdout);
    put_cell(signature);
    fputs("` | ", stdout);
    put_cell(r->help);
    printf(" | %s%s%s |\n", r->flags & KIDA_PURE ? "P" : "", r->flags & KIDA_SAFE_OUT ? "M" : "",
           r->flags & KIDA_IMPURE ? "I" : "");
}

static void
add_row(lister *l, row added)
{
    if (l->count < ROWS_MAX && (l->word == NULL || strstr(added.name, l->word) != NULL))
        l->rows[l->count++] = added;
}

static void
add_filter(void *arg, const kida_filter *f)
{
    add_row(arg, (row){ f->name, f->params, f->flags, f->help });
}

static void
add_test(void *arg, const kida_test *t)
{
    add_row(arg, (row){ t->name, t->params, t->flags, t->help });
}

static void
add_function(void *arg, const kida_function *f)
{
    add_row(arg, (row){ f->name, f->params, f->flags, f->help });
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(((const row *)a)->name, ((const row *)b)->name);
}

static void
print_rows(lister *l)
{
    qsort(l->rows, l->count, sizeof(*l->rows), by_name);
    if (l->as_json)
        fputs("[", stdout);
    else if (l->as_markdown)
        fputs("| name | what it is for | |\n| --- | --- | --- |\n", stdout);
    for (size_t i = 0; i < l->count; i++) {
        const row *r = &l->rows[i];
        if (l->as_json)
            print_json(r, i == 0);
        else if (l->as_markdown)
            print_markdown(r, signature_of(l->c, r->name, r->params, l->with_parentheses));
        else if (l->names_only)
            printf("%s\n", r->name);
        else
            print_text(signature_of(l->c, r->name, r->params, l->with_parentheses), r->help);
    }
    if (l->as_json)
        fputs(l->count > 0 ? "\n]\n" : "]\n", stdout);
}

typedef enum subject { FILTERS, TESTS, FUNCTIONS } subject;

static void
gather(lister *l, const kida_env *env, subject what)
{
    switch (what) {
    case FILTERS:
        kida_env_each_filter(env, add_filter, l);
        break;
    case TESTS:
        kida_env_each_test(env, add_test, l);
        break;
    case FUNCTIONS:
        kida_env_each_function(env, add_function, l);
        break;
    }
}

static int
run_list(cli *c, int argc, char **argv, subject what, const char *examples)
{
    const cli_usage usage = {
        "[WORD]", 0, 1,
        "Lists names with their parameters and what they are for; with WORD, those that hold it.\n",
        examples,
    };
    lister l = { .c = c, .with_parentheses = what == FUNCTIONS };
    cli_list modules = { NULL, 0 }, words = { NULL, 0 }, none = { NULL, 0 };
    const cli_option options[] = {
        { "names", 0, CLI_FLAG, &l.names_only, "", "names alone, one a line", 0, 0 },
        { "json", 0, CLI_FLAG, &l.as_json, "", "as JSON", 0, 0 },
        { "markdown", 0, CLI_FLAG, &l.as_markdown, "", "as a table for documentation", 0, 0 },
        { "module", 'm', CLI_LIST, &modules, "M.so",
          "also what a module brings (may be repeated)", 0, 0 },
        { NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0 },
    };
    kida_config config;
    int code;

    if (!cli_parse(c, &usage, options, argc, argv, &words, &code))
        return code;
    l.word = words.count > 0 ? words.items[0] : NULL;
    kida_config_init(&config);
    kida_env *env = cli_env(c, &config, none, modules);
    if (env == NULL)
        return CLI_USAGE;
    l.rows = cli_alloc(c, ROWS_MAX * sizeof(*l.rows));
    gather(&l, env, what);
    print_rows(&l);
    kida_env_free(env);
    if (l.word != NULL && l.count == 0) {
        cli_say(c, "no name holds '%s'", l.word);
        return CLI_FAILED;
    }
    return CLI_DONE;
}

int
cli_filters(cli *c, int argc, char **argv)
{
    return run_list(c, argc, argv, FILTERS, "  kida filters\n  kida filters sort\n");
}

int
cli_tests(cli *c, int argc, char **argv)
{
    return run_list(c, argc, argv, TESTS, "  kida tests\n  kida tests even\n");
}

int
cli_globals(cli *c, int argc, char **argv)
{
    return run_list(c, argc, argv, FUNCTIONS, "  kida globals\n  kida globals range\n");
}
