/* SPDX-License-Identifier: MIT */
/* chirp_cli.h - what the commands of `chirp` share: settings and applications. */
#ifndef CHIRP_CLI_H
#define CHIRP_CLI_H

#include <chirp/chirp.h>

#include "common.h"

/* Options that set a field of the config; those not given leave it alone. */
typedef struct app_options {
    const char *host;
    double port;    /* below 0: not given */
    double workers; /* likewise */
    bool debug;
} app_options;

#define APP_OPTIONS_INIT { NULL, -1, -1, false }
#define APP_OPTIONS(o)                                                                        \
    { "host", 0, CLI_TEXT, &(o).host, "ADDRESS", "address to listen on", 0, 0 },              \
    { "port", 'p', CLI_NUMBER, &(o).port, "N", "port; 0: any free one", 0, 65535 },           \
    { "workers", 'w', CLI_NUMBER, &(o).workers, "N", "threads; 0: one for each CPU", 0, 1024 }, \
    { "debug", 'd', CLI_FLAG, &(o).debug, "", "error pages with sources, templates reloaded", 0, 0 }

/* Defaults, then CHIRP_… variables, then options. False, with a message. */
bool app_config(cli *c, const app_options *options, chirp_config *config);

/* Whether an option gave this setting. */
bool app_option_gave(const app_options *options, const char *name);

/* The app of a module; NULL, with a message. */
chirp_app *app_load(cli *c, const char *path, const chirp_config *config);

/* Development: a snippet that reloads the page, and the stream that tells it to. generation is
 * shared with the supervisor and grows with every change. False, with a message. */
bool dev_attach(cli *c, chirp_app *app, const unsigned *generation);

/* Serves with a supervisor that watches files and swaps the serving process. */
typedef struct dev_options {
    const char *module;
    const char *build;  /* command; NULL: none */
    cli_list watch;     /* files and folders besides the module and the config's */
} dev_options;

int dev_serve(cli *c, chirp_config *config, const dev_options *options);

/* Counts changes of files below folders. */
typedef struct watch watch;

enum { WATCH_NONE = 0, WATCH_PAGES = 1, WATCH_CODE = 2, WATCH_MODULE = 4 };

watch *watch_new(cli *c);
void watch_add(watch *w, const char *path, int kind);
/* The kinds of all that has changed since the last call. */
int watch_poll(watch *w);

int chirp_cli_new(cli *c, int argc, char **argv);
int chirp_cli_run(cli *c, int argc, char **argv);
int chirp_cli_dev(cli *c, int argc, char **argv);
int chirp_cli_security(cli *c, int argc, char **argv);
int chirp_cli_check(cli *c, int argc, char **argv);
int chirp_cli_routes(cli *c, int argc, char **argv);
int chirp_cli_makemigrations(cli *c, int argc, char **argv);
int chirp_cli_config(cli *c, int argc, char **argv);

#endif
