/* SPDX-License-Identifier: MIT */
/* main.c - the `chirp` command: which commands there are. */
#include "chirp_cli.h"

static const cli_command commands[] = {
    { "new", chirp_cli_new, "make a project that builds and runs" },
    { "run", chirp_cli_run, "serve an application; with --reload while you change it" },
    { "check", chirp_cli_check, "compare the routes of an application with its templates" },
    { "routes", chirp_cli_routes, "list the routes of an application" },
    { "config", chirp_cli_config, "list all settings and where they come from" },
    { NULL, NULL, NULL },
};

int
main(int argc, char **argv)
{
    static const cli_program program = {
        "chirp", commands,
        "Exit codes: 0 all is well, 1 the app failed or there are findings, 2 wrong use.\n",
        true,
    };
    return cli_main(&program, argc, argv);
}
