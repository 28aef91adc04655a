/* SPDX-License-Identifier: MIT */
/* main.c - the `kida` command: which commands there are, and help. */
#include "cli.h"

#include <string.h>

static int run_help(cli *c, int argc, char **argv);
static int run_version(cli *c, int argc, char **argv);

typedef struct command {
    const char *name;
    int (*run)(cli *c, int argc, char **argv);
    const char *summary;
} command;

static const command commands[] = {
    { "render", cli_render, "render a template with data from JSON" },
    { "check", cli_check, "compile every template of a folder, report what is wrong" },
    { "compile", cli_compile, "compile a template, show its bytecode" },
    { "fmt", cli_fmt, "indent templates and tidy their tags" },
    { "filters", cli_filters, "list the filters and their parameters" },
    { "tests", cli_tests, "list the tests (`is …`) and their parameters" },
    { "globals", cli_globals, "list the functions that every template can call" },
    { "help", run_help, "explain a command" },
    { "version", run_version, "print the version" },
};

static void
print_usage(FILE *out)
{
    fputs("usage: kida COMMAND …\n\nCommands:\n", out);
    for (size_t i = 0; i < CLI_COUNT(commands); i++)
        fprintf(out, "  %-9s %s\n", commands[i].name, commands[i].summary);
    fputs("\n`kida help COMMAND` shows the options and examples of a command.\n"
          "Exit codes: 0 all is well, 1 the template failed or there are findings, 2 wrong use.\n",
          out);
}

static const command *
find_command(const char *name)
{
    for (size_t i = 0; i < CLI_COUNT(commands); i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

static int
unknown_command(const char *name)
{
    cli_nearest near = { name, NULL, 0 };
    for (size_t i = 0; i < CLI_COUNT(commands); i++)
        cli_nearest_offer(&near, commands[i].name);
    fprintf(stderr, "kida: there is no command '%s'", name);
    if (near.best != NULL)
        fprintf(stderr, "; did you mean '%s'?", near.best);
    fputs("\n\n", stderr);
    print_usage(stderr);
    return CLI_USAGE;
}

static int
run_help(cli *c, int argc, char **argv)
{
    static char flag[] = "--help";
    if (argc < 2 || argv[1][0] == '-') {
        print_usage(stdout);
        return CLI_DONE;
    }
    const command *found = find_command(argv[1]);
    if (found == NULL)
        return unknown_command(argv[1]);
    if (found->run == run_help || found->run == run_version) {
        printf("kida %s: %s\n", found->name, found->summary);
        return CLI_DONE;
    }
    char *line[] = { argv[1], flag, NULL };
    c->command = found->name;
    return found->run(c, 2, line);
}

static int
run_version(cli *c, int argc, char **argv)
{
    (void)c;
    (void)argc;
    (void)argv;
    printf("kida %s\n", kida_version());
    return CLI_DONE;
}

static int
run(cli *c, int argc, char **argv)
{
    if (argc < 2) {
        print_usage(stderr);
        return CLI_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    else if (strcmp(name, "--version") == 0)
        name = "version";
    const command *found = find_command(name);
    if (found == NULL)
        return unknown_command(name);
    c->command = found->name;
    return found->run(c, argc - 1, argv + 1);
}

int
main(int argc, char **argv)
{
    cli c = { "", kida_pool_new(NULL, 0) };
    if (c.pool == NULL) {
        fputs("kida: out of memory\n", stderr);
        return CLI_FAILED;
    }
    int code = run(&c, argc, argv);
    kida_pool_free(c.pool);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs("kida: standard output can't be written\n", stderr);
        return code != CLI_DONE ? code : CLI_FAILED;
    }
    return code;
}
