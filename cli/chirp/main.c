/* SPDX-License-Identifier: MIT */
/* main.c - the `chirp` command: which commands there are. */
#include "chirp_cli.h"

static const cli_command commands[] = {
    { "new", chirp_cli_new, "make a project that builds and runs" },
    { "dev", chirp_cli_dev, "serve an application while you change it" },
    { "run", chirp_cli_run, "serve an application" },
    { "check", chirp_cli_check, "compare the routes of an application with its templates" },
    { "routes", chirp_cli_routes, "list the routes of an application" },
    { "security-check", chirp_cli_security, "look whether an application is fit to be public" },
    { "makemigrations", chirp_cli_makemigrations, "compare a database with a schema in SQL" },
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
