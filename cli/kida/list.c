/* SPDX-License-Identifier: MIT */
/* list.c - `kida filters`, `kida tests`, `kida globals`: what templates can use. */
#include "cli.h"

#include <string.h>

#define NAME_COLUMN 34

/* What is listed, and what is left out. */
typedef struct lister {
    cli *c;
    const char *word; /* only names that hold it; NULL: all */
    bool names_only, as_json;
    size_t count;
} lister;

/* "center(width=80)"; a filter or test without parameters is written without parentheses. */
static const char *
signature_of(cli *c, const char *name, const kida_param *params, bool is_function)
{
    const char *text = "";
    const char *separator = "";
    for (; params != NULL && params->name != NULL; params++) {
        bool keyword = (params->accepts & KIDA_IN_KEYWORD) != 0;
        text = cli_format(c, "%s%s%s%s%s%s", text, separator, keyword ? "*, " : "", params->name,
                          params->fallback != NULL ? "=" : "",
                          params->fallback != NULL ? params->fallback : "");
        separator = ", ";
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
print_json(const lister *l, const char *name, const kida_param *params, const char *help)
{
    fputs(l->count > 0 ? ",\n  {\"name\": " : "\n  {\"name\": ", stdout);
    cli_json_text(stdout, name);
    fputs(", \"params\": [", stdout);
    for (const kida_param *p = params; p != NULL && p->name != NULL; p++) {
        fputs(p != params ? ", {\"name\": " : "{\"name\": ", stdout);
        cli_json_text(stdout, p->name);
        fputs(", \"default\": ", stdout);
        if (p->fallback != NULL)
            cli_json_text(stdout, p->fallback);
        else
            fputs("null", stdout);
        fputs("}", stdout);
    }
    fputs("], \"help\": ", stdout);
    cli_json_text(stdout, help != NULL ? help : "");
    fputs("}", stdout);
}

static void
print_row(lister *l, const char *name, const kida_param *params, const char *help,
          bool is_function)
{
    if (l->word != NULL && strstr(name, l->word) == NULL)
        return;
    if (l->as_json)
        print_json(l, name, params, help);
    else if (l->names_only)
        printf("%s\n", name);
    else
        print_text(signature_of(l->c, name, params, is_function), help);
    l->count++;
}

static void
print_filter(void *arg, const kida_filter *row)
{
    print_row(arg, row->name, row->params, row->help, false);
}

static void
print_test(void *arg, const kida_test *row)
{
    print_row(arg, row->name, row->params, row->help, false);
}

static void
print_function(void *arg, const kida_function *row)
{
    print_row(arg, row->name, row->params, row->help, true);
}

typedef enum subject { FILTERS, TESTS, FUNCTIONS } subject;

static void
print_all(lister *l, const kida_env *env, subject what)
{
    if (l->as_json)
        fputs("[", stdout);
    switch (what) {
    case FILTERS:
        kida_env_each_filter(env, print_filter, l);
        break;
    case TESTS:
        kida_env_each_test(env, print_test, l);
        break;
    case FUNCTIONS:
        kida_env_each_function(env, print_function, l);
        break;
    }
    if (l->as_json)
        fputs(l->count > 0 ? "\n]\n" : "]\n", stdout);
}

static int
run_list(cli *c, int argc, char **argv, subject what, const char *examples)
{
    const cli_usage usage = {
        "[WORD]", 0, 1,
        "Lists names with their parameters and what they are for; with WORD, those that hold it.\n",
        examples,
    };
    lister l = { c, NULL, false, false, 0 };
    cli_list modules = { NULL, 0 }, words = { NULL, 0 }, none = { NULL, 0 };
    const cli_option options[] = {
        { "names", 0, CLI_FLAG, &l.names_only, "", "names alone, one a line", 0, 0 },
        { "json", 0, CLI_FLAG, &l.as_json, "", "as JSON", 0, 0 },
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
    print_all(&l, env, what);
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
