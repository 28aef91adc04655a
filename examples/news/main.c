/* SPDX-License-Identifier: MIT */
/* main.c - news: a reader over an upstream JSON API.
 *
 * Shows: an HTTP client per worker, waiting for another server without holding a thread, what to
 * say when it is not there, scores that change by themselves (Server-Sent Events), comments of
 * comments by a def that calls itself, a filter in C.
 *
 * Build and run, in this folder: cmake -B build && cmake --build build && build/news --demo
 *
 *     news [--port N] [--workers N] [--dir FOLDER] [--upstream URL | --demo]
 */
#include <chirp/chirp.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "news.h"

typedef struct options {
    uint32_t port;
    uint32_t workers;
    const char *folder; /* with templates/ and static/ */
    const char *upstream;
    bool demo;
} options;

static bool
parse_options(int argc, char **argv, options *out)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--demo") == 0) {
            out->demo = true;
            continue;
        }
        if (i + 1 == argc)
            return false;
        const char *value = argv[i + 1];
        if (strcmp(argv[i], "--port") == 0)
            out->port = (uint32_t)strtoul(value, NULL, 10);
        else if (strcmp(argv[i], "--workers") == 0)
            out->workers = (uint32_t)strtoul(value, NULL, 10);
        else if (strcmp(argv[i], "--dir") == 0)
            out->folder = value;
        else if (strcmp(argv[i], "--upstream") == 0)
            out->upstream = value;
        else
            return false;
        i++;
    }
    return true;
}

static int
report(const kida_error *err)
{
    fprintf(stderr, "news: %s\n", err->message);
    return 1;
}

int
main(int argc, char **argv)
{
    options opts = { .port = 8000, .folder = ".",
                     .upstream = "https://hn.algolia.com/api/v1" };
    if (!parse_options(argc, argv, &opts)) {
        fprintf(stderr, "usage: news [--port N] [--workers N] [--dir FOLDER] "
                        "[--upstream URL | --demo]\n");
        return 2;
    }
    char templates[1024], assets[1024];
    snprintf(templates, sizeof(templates), "%s/templates", opts.folder);
    snprintf(assets, sizeof(assets), "%s/static", opts.folder);

    kida_error err;
    kida_error_init(&err);
    chirp_config config;
    chirp_config_init(&config);
    if (chirp_config_from_env(&config, NULL, &err) != KIDA_OK)
        return report(&err);
    config.port = opts.port;
    config.workers = opts.workers;
    config.template_dir = templates;
    config.static_dir = "";
    chirp_app *app = chirp_app_new(&config, &err);
    if (!app)
        return report(&err);

    news_source source = { opts.demo ? NULL : opts.upstream, opts.demo ? 1 : 20 };
    chirp_static_options files;
    chirp_static_options_init(&files);
    files.directory = assets;
    chirp_use_static(app, &files, NULL);
    news_add(app, &source);
    if (opts.demo)
        demo_add(app);
    kida_status st = chirp_run(app, &err);
    chirp_app_free(app);
    return st == KIDA_OK ? 0 : report(&err);
}
