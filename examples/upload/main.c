/* SPDX-License-Identifier: MIT */
/* main.c - upload: files go from the socket to the disk, with a progress bar and limits.
 *
 * Shows: a multipart form read part by part while it comes (no file is ever in memory), names that
 * clients give made safe, files that appear only when they are whole, limits as errors that one can
 * read, downloads that browsers never run.
 *
 * Build and run, in this folder: cmake -B build && cmake --build build && build/upload
 * Files are kept in ./uploads, or where UPLOAD_DIR says.
 */
#define _DEFAULT_SOURCE /* scandir, mkstemp */
#include <chirp/chirp.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FILE (4u << 20)
#define MAX_BODY (12u << 20)

/* One upload under way. */
typedef struct upload {
    chirp_request *req;
    const char *folder;
    kida_value outcome; /* list of {text, kept} */
    size_t refused;
    /* the present file; fd is -1 between files */
    int fd;
    kida_str name;
    char path[512];
    size_t size;
    kida_str piece; /* to be written on a helper thread */
    int error;      /* errno of it */
} upload;

/* ---- what became of each file -------------------------------------------------------------- */

static kida_status
note(upload *up, bool kept, const char *what)
{
    kida_buf *text = chirp_buffer(up->req);
    kida_value line;
    if (!text)
        return KIDA_E_NOMEM;
    kida_buf_format(text, "%.*s%s", (int)up->name.len, up->name.ptr, what);
    up->refused += !kept;
    kida_status st = kida_context(chirp_pool(up->req), &line, "text",
                                  kida_string(kida_buf_str(text)), "kept", kida_bool(kept), NULL);
    return st == KIDA_OK ? kida_list_push(up->outcome, line) : st;
}

/* ---- the parts of the form, as they come --------------------------------------------------- */

static kida_status
begin_part(void *user, const chirp_part *part)
{
    upload *up = user;
    if (!chirp_given(part->filename) || part->filename.len == 0)
        return KIDA_OK; /* a field, or an input where nothing was chosen */
    chirp_upload as_sent = { .filename = part->filename };
    up->name = chirp_upload_name(up->req, &as_sent);
    up->size = 0;
    up->error = 0;
    snprintf(up->path, sizeof(up->path), "%s/.upload-XXXXXX", up->folder);
    up->fd = mkstemp(up->path);
    return up->fd >= 0 ? KIDA_OK : KIDA_E_IO;
}

static void
write_piece(void *arg)
{
    upload *up = arg;
    for (size_t done = 0; done < up->piece.len && up->error == 0;) {
        ssize_t n = write(up->fd, up->piece.ptr + done, up->piece.len - done);
        if (n >= 0)
            done += (size_t)n;
        else if (errno != EINTR)
            up->error = errno;
    }
}

/* What is too large is read to its end nevertheless, so that the answer is seen. */
static kida_status
take_piece(void *user, kida_str piece)
{
    upload *up = user;
    if (up->fd < 0)
        return KIDA_OK;
    up->size += piece.len;
    up->piece = piece;
    return up->size <= MAX_FILE && up->error == 0 ? chirp_offload(up->req, write_piece, up)
                                                  : KIDA_OK;
}

static void
drop_file(upload *up)
{
    if (up->fd < 0)
        return;
    close(up->fd);
    unlink(up->path);
    up->fd = -1;
}

static kida_status
end_part(void *user)
{
    upload *up = user;
    char path[1024];
    if (up->fd < 0)
        return KIDA_OK;
    bool kept = false;
    const char *what = " has been kept";
    snprintf(path, sizeof(path), "%s/%.*s", up->folder, (int)up->name.len, up->name.ptr);
    if (up->size > MAX_FILE)
        what = " is too large";
    else if (up->error == 0 && link(up->path, path) == 0)
        kept = true;
    else
        what = up->error == 0 && errno == EEXIST ? " is there already" : " could not be kept";
    drop_file(up); /* its other name */
    return note(up, kept, what);
}

/* ---- pages --------------------------------------------------------------------------------- */

static int
is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static kida_status
list_files(chirp_request *req, const char *folder, kida_value *out)
{
    struct dirent **entries = NULL;
    kida_status st = kida_list_new(chirp_pool(req), 16, out);
    int count = scandir(folder, &entries, is_shown, alphasort);
    for (int i = 0; i < count; i++) {
        struct stat info;
        char path[1024];
        kida_value file, name;
        snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
        if (st == KIDA_OK && stat(path, &info) == 0)
            st = kida_string_copy(chirp_pool(req), kida_str_from(entries[i]->d_name), &name);
        if (st == KIDA_OK)
            st = kida_context(chirp_pool(req), &file, "name", name, "size", kida_int(info.st_size),
                              NULL);
        if (st == KIDA_OK)
            st = kida_list_push(*out, file);
        free(entries[i]);
    }
    free(entries);
    return st;
}

static kida_status
page_context(chirp_request *req, const char *folder, kida_value outcome, kida_value *out)
{
    kida_value files;
    kida_status st = list_files(req, folder, &files);
    return st == KIDA_OK ? kida_context(chirp_pool(req), out, "files", files, "outcome", outcome,
                                        "max_file", kida_int(MAX_FILE), "max_body",
                                        kida_int(MAX_BODY), NULL)
                         : st;
}

static chirp_reply *
home(chirp_request *req, void *user)
{
    kida_value context;
    if (page_context(req, user, kida_none(), &context) != KIDA_OK)
        return NULL;
    return chirp_reply_page(req, "index.html", "list", context);
}

static chirp_reply *
take_upload(chirp_request *req, void *user)
{
    static const chirp_part_calls calls = { begin_part, take_piece, end_part };
    upload up = { .req = req, .folder = user, .fd = -1 };
    kida_value context;
    kida_error err = { 0 };
    kida_status st = kida_list_new(chirp_pool(req), 4, &up.outcome);
    if (st == KIDA_OK)
        st = chirp_form_stream(req, &calls, &up, &err);
    drop_file(&up); /* one that was cut off */
    if (st == KIDA_E_STOPPED)
        return NULL; /* gone, too slow, too much: that has been answered */
    if (st == KIDA_E_UNSUPPORTED || st == KIDA_E_PARSE || st == KIDA_E_LIMIT_MEMORY)
        return chirp_reply_bad_form(req, &err);
    if (st == KIDA_OK && kida_length(up.outcome) == 0)
        st = note(&up, false, "Choose a file");
    if (st != KIDA_OK || page_context(req, user, up.outcome, &context) != KIDA_OK)
        return NULL;
    if (up.refused == 0 && !chirp_is_fragment(req))
        return chirp_reply_done(req, "/");
    chirp_reply *reply = chirp_is_fragment(req)
                             ? chirp_reply_fragment(req, "index.html", "outcome", context)
                             : chirp_reply_template(req, "index.html", context);
    chirp_reply_set_status(reply, up.refused > 0 ? 422 : 200);
    const chirp_fragment list = { .name = "index.html", .block = "list", .context = context,
                                  .swap = "innerHTML" };
    return chirp_reply_oob(req, reply, &list, chirp_is_fragment(req) ? 1 : 0);
}

int
main(void)
{
    kida_error err;
    chirp_config config;
    chirp_app *app = NULL;
    char *folder = getenv("UPLOAD_DIR");
    folder = folder ? folder : "uploads";
    mkdir(folder, 0700); /* is there already, or chirp_use_static says why not */
    kida_error_init(&err);
    chirp_config_init(&config);
    if (chirp_config_from_env(&config, NULL, &err) == KIDA_OK)
        app = chirp_app_new(&config, &err);
    if (app) {
        chirp_static_options files;
        chirp_static_options_init(&files);
        files.directory = folder;
        files.prefix = "/files";
        files.cache_control = "no-cache";
        files.download = true;
        const chirp_route_def upload_route = { .methods = "POST", .path = "/upload",
                                               .handler = take_upload, .user = folder,
                                               .max_body = MAX_BODY, .stream_body = true };
        chirp_use_static(app, &files, NULL);
        chirp_route(app, "GET", "/", home, folder);
        (void)chirp_route_add(app, &upload_route, NULL);
    }
    if (!app || chirp_run(app, &err) != KIDA_OK)
        fprintf(stderr, "upload: %s\n", err.message);
    chirp_app_free(app);
    return err.status == KIDA_OK ? 0 : 1;
}
