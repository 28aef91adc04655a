/* SPDX-License-Identifier: MIT */
/* run.c - `chirp run`: serves an application, in development behind a supervisor. */
#include "chirp_cli.h"

#include <stdlib.h>
#include <string.h>

/* The folder that a path is in. */
static const char *
folder_of(cli *c, const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? cli_format(c, "%.*s", (int)(slash - path), path) : ".";
}

/* A project that CMake builds is built by it, unless another command is given. */
static const char *
build_command(cli *c, const char *given, const char *module)
{
    const char *variable = getenv("CHIRP_BUILD");
    if (given != NULL)
        return given[0] != '\0' ? given : NULL;
    if (variable != NULL && variable[0] != '\0')
        return variable;
    const char *folder = folder_of(c, module);
    if (!cli_is_file("CMakeLists.txt") || strchr(folder, '\'') != NULL)
        return NULL;
    if (cli_is_file(cli_format(c, "%s/CMakeCache.txt", folder)))
        return cli_format(c, "cmake --build '%s'", folder);
    return cli_format(c, "cmake -S . -B '%s' && cmake --build '%s'", folder, folder);
}

static int
serve(cli *c, const char *module, const chirp_config *config)
{
    kida_error err;
    kida_error_init(&err);
    chirp_app *app = app_load(c, module, config);
    if (app == NULL)
        return CLI_FAILED;
    kida_status st = chirp_run(app, &err);
    if (st != KIDA_OK) {
        fprintf(stderr, "Error: %s\n", err.message[0] ? err.message : kida_status_text(st));
        if (err.hint[0] != '\0')
            fprintf(stderr, "  Hint: %s\n", err.hint);
    }
    chirp_app_free(app);
    return st == KIDA_OK ? CLI_DONE : CLI_FAILED;
}

/* Serves with the supervisor. */
static int
develop(cli *c, const app_options *given, dev_options *dev, const char *build,
        chirp_config *config)
{
    config->debug = true;
    if (given->workers < 0 && getenv("CHIRP_WORKERS") == NULL)
        config->workers = 1;
    dev->build = build_command(c, build, dev->module);
    return dev_serve(c, config, dev);
}

#define DEV_OPTIONS(dev, build)                                                               \
    { "build", 'b', CLI_TEXT, &(build), "COMMAND",                                            \
      "what builds APP.so (default: CMake, where there\nis a CMakeLists.txt); '': nothing",   \
      0, 0 },                                                                                 \
    { "watch", 0, CLI_LIST, &(dev).watch, "DIR", "C sources to watch besides this folder", 0, 0 }

int
chirp_cli_dev(cli *c, int argc, char **argv)
{
    static const cli_usage usage = {
        "[APP.so]", 0, 1,
        "The same as chirp run --reload: builds the application, serves it in debug mode, and\n"
        "does both again when something changes.\n",
        "  chirp dev\n  chirp dev build/app.so --port 8080 --build 'ninja -C build'\n",
    };
    app_options app_opts = APP_OPTIONS_INIT;
    cli_list arguments = { NULL, 0 };
    dev_options dev = { NULL, NULL, { NULL, 0 } };
    const char *build = NULL;
    int code;
    const cli_option options[] = {
        APP_OPTIONS(app_opts),
        DEV_OPTIONS(dev, build),
        { NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0 },
    };
    chirp_config config;
    if (!cli_parse(c, &usage, options, argc, argv, &arguments, &code))
        return code;
    if (!app_config(c, &app_opts, &config))
        return CLI_FAILED;
    dev.module = arguments.count > 0 ? arguments.items[0] : "build/app.so";
    return develop(c, &app_opts, &dev, build, &config);
}

int
chirp_cli_run(cli *c, int argc, char **argv)
{
    static const cli_usage usage = {
        "[APP.so]", 0, 1,
        "Serves the application until Ctrl-C; APP.so is build/app.so where it is not named.\n"
        "With --reload it builds first, and again when a source changes; the new one takes over\n"
        "the open socket, so that no request fails, and open pages reload by themselves.\n",
        "  chirp run build/app.so --port 8080 --workers 4\n"
        "  chirp run --reload\n"
        "  chirp run app.so --reload --build 'make -s' --watch src --watch ../common\n",
    };
    app_options app_opts = APP_OPTIONS_INIT;
    cli_list arguments = { NULL, 0 };
    dev_options dev = { NULL, NULL, { NULL, 0 } };
    const char *build = NULL;
    bool reload = false, production = false, metrics = false, limit = false;
    int code;
    const cli_option options[] = {
        APP_OPTIONS(app_opts),
        { "reload", 'r', CLI_FLAG, &reload, "", "build, watch and reload; with --debug", 0, 0 },
        DEV_OPTIONS(dev, build),
        { "production", 0, CLI_FLAG, &production, "", "with env production, without debug", 0, 0 },
        { "metrics", 0, CLI_FLAG, &metrics, "", "figures at metrics_path", 0, 0 },
        { "rate-limit", 0, CLI_FLAG, &limit, "", "a limit of requests for each client", 0, 0 },
        { NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0 },
    };
    chirp_config config;
    if (!cli_parse(c, &usage, options, argc, argv, &arguments, &code))
        return code;
    if (!app_config(c, &app_opts, &config))
        return CLI_FAILED;
    dev.module = arguments.count > 0 ? arguments.items[0] : "build/app.so";
    if (reload && production)
        return cli_misuse(c, "--reload is for development, not with --production");
    config.metrics_enabled |= metrics;
    config.rate_limit_enabled |= limit;
    if (production) {
        config.env = "production";
        config.debug = false;
    }
    return reload ? develop(c, &app_opts, &dev, build, &config) : serve(c, dev.module, &config);
}
