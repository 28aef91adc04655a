/* SPDX-License-Identifier: MIT */
/* program.c - a program made of commands: finds the one asked for, explains them. */
#include "common.h"

#include <string.h>

static const char *const own_commands[][2] = {
    { "help", "explain a command" },
    { "version", "print the version" },
};

static void
print_usage(const cli_program *program, FILE *out)
{
    int width = 9;
    for (const cli_command *at = program->commands; at->name != NULL; at++)
        width = (int)strlen(at->name) > width ? (int)strlen(at->name) : width;
    fprintf(out, "usage: %s COMMAND …\n\nCommands:\n", program->name);
    for (const cli_command *at = program->commands; at->name != NULL; at++)
        fprintf(out, "  %-*s %s\n", width, at->name, at->summary);
    for (size_t i = 0; i < CLI_COUNT(own_commands); i++)
        fprintf(out, "  %-*s %s\n", width, own_commands[i][0], own_commands[i][1]);
    fprintf(out, "\n`%s help COMMAND` shows the options and examples of a command.\n%s",
            program->name, program->exit_codes);
}

static const cli_command *
find_command(const cli_program *program, const char *name)
{
    const cli_command *at = program->commands;
    while (at->name != NULL && strcmp(at->name, name) != 0)
        at++;
    return at->name != NULL ? at : NULL;
}

static int
unknown_command(const cli_program *program, const char *name)
{
    cli_nearest near = { name, NULL, 0 };
    for (const cli_command *at = program->commands; at->name != NULL; at++)
        cli_nearest_offer(&near, at->name);
    for (size_t i = 0; i < CLI_COUNT(own_commands); i++)
        cli_nearest_offer(&near, own_commands[i][0]);
    fprintf(stderr, "%s: there is no command '%s'", program->name, name);
    if (near.best != NULL)
        fprintf(stderr, "; did you mean '%s'?", near.best);
    fputs("\n\n", stderr);
    print_usage(program, stderr);
    return CLI_USAGE;
}

static int
explain(const cli_program *program, cli *c, const char *name)
{
    static char flag[] = "--help";
    for (size_t i = 0; i < CLI_COUNT(own_commands); i++) {
        if (strcmp(own_commands[i][0], name) == 0) {
            printf("%s %s: %s\n", program->name, name, own_commands[i][1]);
            return CLI_DONE;
        }
    }
    const cli_command *found = find_command(program, name);
    if (found == NULL)
        return unknown_command(program, name);
    char *line[] = { flag, flag, NULL };
    c->command = found->name;
    return found->run(c, 2, line);
}

static int
run(const cli_program *program, cli *c, int argc, char **argv)
{
    if (argc < 2) {
        print_usage(program, program->help_alone ? stdout : stderr);
        return program->help_alone ? CLI_DONE : CLI_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        if (argc > 2)
            return explain(program, c, argv[2]);
        print_usage(program, stdout);
        return CLI_DONE;
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "version") == 0) {
        printf("%s %s\n", program->name, kida_version());
        return CLI_DONE;
    }
    const cli_command *found = find_command(program, name);
    if (found == NULL)
        return unknown_command(program, name);
    c->command = found->name;
    return found->run(c, argc - 1, argv + 1);
}

int
cli_main(const cli_program *program, int argc, char **argv)
{
    cli c = { program->name, "", kida_pool_new(NULL, 0) };
    if (c.pool == NULL) {
        fprintf(stderr, "%s: out of memory\n", program->name);
        return CLI_FAILED;
    }
    int code = run(program, &c, argc, argv);
    kida_pool_free(c.pool);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "%s: standard output can't be written\n", program->name);
        return code != CLI_DONE ? code : CLI_FAILED;
    }
    return code;
}
