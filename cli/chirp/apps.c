/* SPDX-License-Identifier: MIT */
/* apps.c - settings from everywhere, and applications from modules. */
#include "chirp_cli.h"

#include <string.h>

/* Settings of the file .env in this folder, if there is one. Their texts stay to the end of the
 * process, as those of the environment do. */
static bool
take_env_file(chirp_config *config, kida_error *err)
{
    static kida_buf text;
    kida_buf_init_heap(&text, NULL, (size_t)1 << 17);
    kida_status st = chirp_config_from_file(config, ".env", NULL, &text, err);
    return st == KIDA_OK || st == KIDA_E_NOT_FOUND;
}

bool
app_config(cli *c, const app_options *options, chirp_config *config)
{
    kida_error err;
    kida_error_init(&err);
    chirp_config_init(config);
    if (!take_env_file(config, &err) || chirp_config_from_env(config, NULL, &err) != KIDA_OK) {
        cli_say(c, "%s", err.message);
        if (err.hint[0] != '\0')
            fprintf(stderr, "  Hint: %s\n", err.hint);
        return false;
    }
    if (options->host != NULL)
        config->host = options->host;
    if (options->port >= 0)
        config->port = (uint32_t)options->port;
    if (options->workers >= 0)
        config->workers = (uint32_t)options->workers;
    if (options->debug)
        config->debug = true;
    return true;
}

bool
app_option_gave(const app_options *options, const char *name)
{
    return (options->host != NULL && strcmp(name, "host") == 0) ||
           (options->port >= 0 && strcmp(name, "port") == 0) ||
           (options->workers >= 0 && strcmp(name, "workers") == 0) ||
           (options->debug && strcmp(name, "debug") == 0);
}

chirp_app *
app_load(cli *c, const char *path, const chirp_config *config)
{
    kida_error err;
    kida_error_init(&err);
    chirp_app *app = chirp_module_load(path, config, &err);
    if (app == NULL) {
        cli_say(c, "%s", err.message);
        if (err.hint[0] != '\0')
            fprintf(stderr, "  Hint: %s\n", err.hint);
    }
    return app;
}
