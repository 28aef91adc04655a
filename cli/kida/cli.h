/* SPDX-License-Identifier: MIT */
/* cli.h - what the commands of `kida` share beside common.h: environments. */
#ifndef KIDA_CLI_H
#define KIDA_CLI_H

#include "common.h"

/* ---- environments (setup.c) ------------------------------------------------------------------ */

/* Where a template is looked up, and under which name. */
typedef struct cli_place {
    cli_list folders;
    const char *name;
} cli_place;

/* Finds FILE: in its own folder, or in the folders given. False, with a message, if not there. */
bool cli_locate(cli *c, const char *file, cli_list folders, cli_place *out);
/* An environment with folders and modules; warnings go to stderr. NULL, with a message. */
kida_env *cli_env(cli *c, kida_config *config, cli_list folders, cli_list modules);

/* ---- commands -------------------------------------------------------------------------------- */

int cli_render(cli *c, int argc, char **argv);
int cli_compile(cli *c, int argc, char **argv);
int cli_check(cli *c, int argc, char **argv);
int cli_fmt(cli *c, int argc, char **argv);
int cli_filters(cli *c, int argc, char **argv);
int cli_tests(cli *c, int argc, char **argv);
int cli_globals(cli *c, int argc, char **argv);

#endif
