/* SPDX-License-Identifier: MIT */
/* main.c - the `kida` command: which commands there are. */
#include "cli.h"

static const cli_command commands[] = {
    { "render", cli_render, "render a template with data from JSON" },
    { "check", cli_check, "compile every template of a folder, report what is wrong" },
    { "compile", cli_compile, "compile a template, show its bytecode" },
    { "fmt", cli_fmt, "indent templates and tidy their tags" },
    { "filters", cli_filters, "list the filters and their parameters" },
    { "tests", cli_tests, "list the tests (`is …`) and their parameters" },
    { "globals", cli_globals, "list the functions that every template can call" },
    { NULL, NULL, NULL },
};

int
main(int argc, char **argv)
{
    static const cli_program program = {
        "kida", commands,
        "Exit codes: 0 all is well, 1 the template failed or there are findings, 2 wrong use.\n",
        false,
    };
    return cli_main(&program, argc, argv);
}
