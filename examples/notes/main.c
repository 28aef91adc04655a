/* SPDX-License-Identifier: MIT */
/* main.c - notes in SQLite: forms, validation, htmx where it is there.
 *
 * Shows: one table of fields for rows, templates and forms, rules, edits in place, search, an event
 * by which one part of the page tells another that there is news; htmx from a folder of one's own.
 *
 * Build and run, in this folder: cmake -B build && cmake --build build && build/notes
 *
 *     notes [--port N] [--dir FOLDER] [--db URL] [--vendor FOLDER]
 */
#include <chirp/chirp.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "notes.h"

typedef struct options {
    uint32_t port;
    const char *folder; /* with templates/, static/ and migrations/ */
    const char *db;
    const char *vendor; /* with htmx.min.js; NULL: the page does without */
} options;

static bool
parse_options(int argc, char **argv, options *out)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--port") == 0)
            out->port = (uint32_t)strtoul(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--dir") == 0)
            out->folder = argv[i + 1];
        else if (strcmp(argv[i], "--db") == 0)
            out->db = argv[i + 1];
        else if (strcmp(argv[i], "--vendor") == 0)
            out->vendor = argv[i + 1];
        else
            return false;
    }
    return argc % 2 == 1;
}

static int
report(const kida_error *err)
{
    char text[4096];
    kida_error_format(err, KIDA_FORMAT_PLAIN, text, sizeof(text));
    fprintf(stderr, "notes: %s\n", text);
    return 1;
}

/* Files of a folder below a path. */
static void
serve_files(chirp_app *app, const char *directory, const char *prefix)
{
    chirp_static_options files;
    chirp_static_options_init(&files);
    files.directory = directory;
    files.prefix = prefix;
    chirp_use_static(app, &files, NULL);
}

int
main(int argc, char **argv)
{
    options opts = { .port = 8000, .folder = ".", .db = "sqlite:///notes.db" };
    if (!parse_options(argc, argv, &opts)) {
        fprintf(stderr, "usage: notes [--port N] [--dir FOLDER] [--db URL] [--vendor FOLDER]\n");
        return 2;
    }
    char templates[1024], migrations[1024], assets[1024];
    snprintf(templates, sizeof(templates), "%s/templates", opts.folder);
    snprintf(migrations, sizeof(migrations), "%s/migrations", opts.folder);
    snprintf(assets, sizeof(assets), "%s/static", opts.folder);

    kida_error err;
    kida_error_init(&err);
    chirp_config config;
    chirp_config_init(&config);
    config.port = opts.port;
    config.template_dir = templates;
    config.static_dir = "";
    config.database_url = opts.db;
    config.migrations_dir = migrations;

    chirp_app *app = chirp_app_new(&config, &err);
    if (!app)
        return report(&err);
    chirp_use_db(app, NULL, NULL); /* a failure stops chirp_run */
    serve_files(app, assets, "/static");
    if (opts.vendor)
        serve_files(app, opts.vendor, "/vendor");
    notes_add(app);
    kida_status st = chirp_run(app, &err);
    chirp_app_free(app);
    return st == KIDA_OK ? 0 : report(&err);
}
