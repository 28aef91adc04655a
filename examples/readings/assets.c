/* SPDX-License-Identifier: MIT */
/* assets.c - a fixed list of files, read once at start. A request names one of the list, so there
 * is no path that could lead out of the folder. */
#include "assets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX ((size_t)1 << 20)

typedef struct asset {
    const char *name;
    const char *type;
    char *bytes;
    size_t len;
} asset;

struct assets {
    asset files[3];
};

enum { STYLE, ICON, HTMX, COUNT };

/* Stands in for htmx where it is not installed: the page still works, as plain links and forms. */
static const char without_htmx[] =
    "document.addEventListener('DOMContentLoaded',function(){"
    "var n=document.getElementById('no-htmx');if(n)n.hidden=false;});\n";

static bool
read_file(const char *path, asset *out)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    char *bytes = malloc(FILE_MAX);
    size_t len = bytes ? fread(bytes, 1, FILE_MAX, file) : 0;
    fclose(file);
    if (len == 0 || len == FILE_MAX) {
        free(bytes);
        return false;
    }
    out->bytes = bytes;
    out->len = len;
    return true;
}

static bool
read_from(const char *folder, const char *rest, asset *out)
{
    char path[1024];
    int len = snprintf(path, sizeof(path), "%s/%s", folder, rest);
    return len > 0 && (size_t)len < sizeof(path) && read_file(path, out);
}

assets *
assets_load(const char *folder, const char *htmx)
{
    assets *files = calloc(1, sizeof(*files));
    if (!files)
        return NULL;
    files->files[STYLE] = (asset){ .name = "style.css", .type = "text/css; charset=utf-8" };
    files->files[ICON] = (asset){ .name = "icon.svg", .type = "image/svg+xml" };
    files->files[HTMX] = (asset){ .name = "htmx.min.js", .type = "text/javascript; charset=utf-8" };
    read_from(folder, "static/style.css", &files->files[STYLE]);
    read_from(folder, "static/icon.svg", &files->files[ICON]);
    bool found = (htmx && read_file(htmx, &files->files[HTMX])) ||
                 read_from(folder, "static/htmx.min.js", &files->files[HTMX]) ||
                 read_from(folder, "../../build/vendor/htmx.min.js", &files->files[HTMX]);
    if (!found)
        fprintf(stderr, "readings: htmx is not installed, pages work without it; "
                        "see examples/readings/fetch-htmx\n");
    return files;
}

void
assets_free(assets *files)
{
    if (!files)
        return;
    for (size_t i = 0; i < COUNT; i++)
        free(files->files[i].bytes);
    free(files);
}

chirp_reply *
assets_serve(chirp_request *req, void *user)
{
    const assets *files = user;
    kida_str name = chirp_param(req, "name");
    for (size_t i = 0; i < COUNT; i++) {
        const asset *file = &files->files[i];
        if (!kida_str_equal(name, kida_str_from(file->name)))
            continue;
        kida_str bytes = { file->bytes, file->len };
        if (!file->bytes && i == HTMX)
            bytes = kida_str_from(without_htmx);
        else if (!file->bytes)
            break;
        chirp_reply *reply = chirp_reply_bytes(req, bytes, file->type);
        return chirp_reply_set_header(reply, "Cache-Control", "public, max-age=300");
    }
    return chirp_reply_fail(req, 404, "No such file");
}
