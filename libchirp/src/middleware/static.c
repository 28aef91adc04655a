/* SPDX-License-Identifier: MIT */
/* static.c - files of a directory. What is opened is what is measured and sent; what a client asks
 * for is split into segments before it is decoded, so that no escape makes a slash (SF-1, SF-3). */
#define _GNU_SOURCE
#include <chirp/middleware.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/fail.h"
#include "config/text.h"
#include "http/conditional.h"
#include "http/date.h"
#include "layer.h"
#include "static.h"
#include "types.h"

#define PATH_ROOM 4096
#define SUFFIX_ROOM 8
#define PREFIX_SEGMENTS_MAX 16

typedef struct static_layer {
    ch_layer_memory memory;
    int root;
    kida_str prefix[PREFIX_SEGMENTS_MAX];
    size_t prefix_count;
    kida_str index;
    kida_str not_found_page;
    const char *cache_control;
    bool follow_links;
    bool precompressed;
    bool download;
} static_layer;

/* The path of a request below the directory. */
typedef struct wanted {
    char path[PATH_ROOM];
    size_t len;
    bool is_folder; /* asked for with a slash at the end */
} wanted;

/* An open regular file and what is told of it. */
typedef struct found {
    int fd; /* negative: none, a negated errno */
    bool is_folder;
    uint64_t length;
    int64_t modified;
    const char *coding; /* NULL: as it is */
    const ch_type *type;
    char tag[80];
} found;

typedef struct variant {
    const char *suffix;
    const char *coding;
} variant;

/* Best first, among codings that the client likes as much. */
static const variant variants[] = { { ".br", "br" }, { ".zst", "zstd" }, { ".gz", "gzip" } };

#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

/* ---- the path -------------------------------------------------------------------------------- */

/* Whether a segment can name a file that is served (SF-8, SF-9). */
static bool
is_served(kida_str segment)
{
    return segment.len > 0 && memchr(segment.ptr, '/', segment.len) == NULL &&
           memchr(segment.ptr, '\0', segment.len) == NULL &&
           (segment.ptr[0] != '.' || kida_str_equal(segment, KIDA_S(".well-known")));
}

/* Turns the path of a request into one below the directory; false if it can't be ours. */
static bool
take_path(const static_layer *layer, const ch_path *path, wanted *out)
{
    if (path->count < layer->prefix_count || path->text.len == 0)
        return false;
    size_t whole = 0;
    out->len = 0;
    for (size_t i = 0; i < path->count; i++) {
        kida_str segment = path->segments[i];
        whole += segment.len + 1;
        if (i < layer->prefix_count) {
            if (!kida_str_equal(segment, layer->prefix[i]))
                return false;
            continue;
        }
        if (!is_served(segment) || segment.len + 2 + SUFFIX_ROOM > PATH_ROOM - out->len)
            return false;
        if (out->len > 0)
            out->path[out->len++] = '/';
        memcpy(out->path + out->len, segment.ptr, segment.len);
        out->len += segment.len;
    }
    out->path[out->len] = '\0';
    out->is_folder = path->text.ptr[path->text.len - 1] == '/';
    /* Empty segments are another path than the one without them, and no file's. */
    return path->text.len == whole + (out->is_folder ? 1 : 0);
}

/* ---- the file -------------------------------------------------------------------------------- */

static void
describe(found *file, const struct stat *info)
{
    file->length = (uint64_t)info->st_size;
    file->modified = (int64_t)info->st_mtim.tv_sec;
    /* Nanoseconds and the inode tell two files of equal size within one second apart (SF-15). */
    snprintf(file->tag, sizeof(file->tag), "\"%llx%08lx-%llx-%llx\"",
             (unsigned long long)info->st_mtim.tv_sec, info->st_mtim.tv_nsec,
             (unsigned long long)info->st_size, (unsigned long long)info->st_ino);
}

static void
close_file(found *file)
{
    if (file->fd >= 0)
        (void)close(file->fd);
    file->fd = -ENOENT;
}

/* Opens a regular file; a directory is told but not kept open. */
static void
open_file(const static_layer *layer, const char *path, found *out)
{
    struct stat info;
    out->is_folder = false;
    out->coding = NULL;
    out->fd = kida_open_beneath(layer->root, path, layer->follow_links ? 0 : KIDA_BENEATH_NO_LINKS);
    if (out->fd < 0)
        return;
    if (fstat(out->fd, &info) != 0) {
        close_file(out);
    } else if (S_ISREG(info.st_mode)) {
        describe(out, &info);
    } else {
        out->is_folder = S_ISDIR(info.st_mode);
        close_file(out);
    }
}

/* Appends to a path; false if there is no room. */
static bool
append(wanted *want, kida_str text)
{
    if (text.len + 1 + SUFFIX_ROOM > PATH_ROOM - want->len)
        return false;
    memcpy(want->path + want->len, text.ptr, text.len);
    want->len += text.len;
    want->path[want->len] = '\0';
    return true;
}

/* Replaces file by its variant in that coding, unless there is none or it is older. */
static bool
open_variant(const static_layer *layer, wanted *want, const variant *form, found *file)
{
    found other;
    kida_str suffix = kida_str_from(form->suffix);
    memcpy(want->path + want->len, suffix.ptr, suffix.len + 1);
    open_file(layer, want->path, &other);
    want->path[want->len] = '\0';
    if (other.fd < 0 || other.modified < file->modified) {
        close_file(&other);
        return false;
    }
    other.type = file->type;
    other.coding = form->coding;
    close_file(file);
    *file = other;
    return true;
}

/* Takes the variant that the client likes best (SF-21). */
static void
choose_variant(const static_layer *layer, const chirp_request *req, wanted *want, found *file)
{
    unsigned weights[VARIANTS];
    for (size_t i = 0; i < VARIANTS; i++)
        weights[i] = ch_coding_weight(req, kida_str_from(variants[i].coding));
    for (size_t tries = 0; tries < VARIANTS; tries++) {
        size_t best = 0;
        for (size_t i = 1; i < VARIANTS; i++) {
            if (weights[i] > weights[best])
                best = i;
        }
        if (weights[best] == 0 || open_variant(layer, want, &variants[best], file))
            return;
        weights[best] = 0;
    }
}

/* ---- answers --------------------------------------------------------------------------------- */

static chirp_reply *
with_validators(const static_layer *layer, const found *file, chirp_reply *reply)
{
    char date[CH_DATE_LEN + 1];
    ch_date_format(file->modified, date);
    chirp_reply_set_header(reply, "etag", file->tag);
    chirp_reply_set_header(reply, "last-modified", date);
    if (layer->cache_control[0] != '\0')
        chirp_reply_set_header(reply, "cache-control", layer->cache_control);
    if (layer->precompressed)
        chirp_reply_vary(reply, "Accept-Encoding");
    return reply;
}

static chirp_reply *
beyond(chirp_request *req, found *file)
{
    chirp_reply *reply = chirp_reply_fail(req, 416, "Range Not Satisfiable");
    const char *range = ch_request_format(req, "bytes */%llu", (unsigned long long)file->length);
    close_file(file);
    return range ? chirp_reply_set_header(reply, "content-range", range) : NULL;
}

/* The file, or the part that was asked for; takes over its descriptor. */
static chirp_reply *
send_file(const static_layer *layer, chirp_request *req, found *file, unsigned status)
{
    uint64_t start = 0, length = file->length;
    ch_range_kind kind = CH_RANGE_WHOLE;
    if (status == 200 && req->method == CH_METHOD_GET &&
        ch_if_range_holds(req, kida_str_from(file->tag), file->modified))
        kind = ch_range_parse(chirp_header(req, "range"), file->length, &start, &length);
    if (kind == CH_RANGE_BEYOND)
        return beyond(req, file);

    chirp_reply *reply = chirp_reply_fd(req, file->fd, start, length, file->type->type);
    file->fd = -ENOENT;
    chirp_reply_set_status(reply, kind == CH_RANGE_PART ? 206 : status);
    if (kind == CH_RANGE_PART) {
        const char *range = ch_request_format(
            req, "bytes %llu-%llu/%llu", (unsigned long long)start,
            (unsigned long long)(start + length - 1), (unsigned long long)file->length);
        reply = range ? chirp_reply_set_header(reply, "content-range", range) : NULL;
    }
    if (file->coding)
        chirp_reply_set_header(reply, "content-encoding", file->coding);
    chirp_reply_set_header(reply, "x-content-type-options", "nosniff");
    chirp_reply_set_header(reply, "accept-ranges", "bytes");
    if (layer->download)
        chirp_reply_set_header(reply, "content-disposition", "attachment");
    return status == 200 ? with_validators(layer, file, reply) : reply;
}

static chirp_reply *
answer_file(const static_layer *layer, chirp_request *req, wanted *want, found *file)
{
    size_t slash = want->len;
    while (slash > 0 && want->path[slash - 1] != '/')
        slash--;
    file->type = ch_type_find((kida_str){ want->path + slash, want->len - slash });
    if (layer->precompressed && !file->type->is_dense)
        choose_variant(layer, req, want, file);
    if (ch_is_not_modified(req, kida_str_from(file->tag), file->modified)) {
        close_file(file);
        return with_validators(layer, file, chirp_reply_empty(req, 304));
    }
    return send_file(layer, req, file, 200);
}

/* To the same path with a slash behind it. There are no empty segments, so it can't begin with two
 * slashes, which would name another host (SF-6). */
static chirp_reply *
add_slash(chirp_request *req)
{
    kida_buf *url = chirp_buffer(req);
    if (!url)
        return NULL;
    for (size_t i = 0; i < req->path.count; i++) {
        kida_buf_byte(url, '/');
        ch_percent_encode(url, req->path.segments[i], false);
    }
    kida_buf_byte(url, '/');
    kida_str query = chirp_query_string(req);
    if (chirp_given(query)) {
        kida_buf_byte(url, '?');
        kida_buf_put(url, query);
    }
    const char *text =
        kida_buf_status(url) == KIDA_OK ? ch_request_text(req, kida_buf_str(url)) : NULL;
    return text ? chirp_reply_set_status(chirp_reply_redirect(req, text), 301) : NULL;
}

/* ---- the layer ------------------------------------------------------------------------------- */

/* Opens what is wanted; for a directory its index. Sets *redirect where a slash is missing. */
static void
find_file(const static_layer *layer, wanted *want, found *file, bool *redirect)
{
    *redirect = false;
    open_file(layer, want->len > 0 ? want->path : ".", file);
    if (file->fd >= 0 && want->is_folder)
        close_file(file); /* a file has nothing below it */
    if (!file->is_folder || layer->index.len == 0)
        return;
    if ((want->len > 0 && !append(want, KIDA_S("/"))) || !append(want, layer->index))
        return;
    open_file(layer, want->path, file);
    file->is_folder = false;
    if (file->fd >= 0 && !want->is_folder) {
        close_file(file);
        *redirect = true;
    }
}

static chirp_reply *
not_found_page(const static_layer *layer, chirp_request *req, chirp_reply *reply)
{
    if (layer->not_found_page.len == 0 || !chirp_reply_is_failure(reply) ||
        chirp_reply_status(reply) != 404)
        return reply;
    found file;
    open_file(layer, layer->not_found_page.ptr, &file);
    if (file.fd < 0)
        return reply;
    file.type = ch_type_find(layer->not_found_page);
    return send_file(layer, req, &file, 404);
}

static chirp_reply *
read_file(const static_layer *layer, chirp_request *req, chirp_next *next, wanted *want)
{
    found file;
    bool redirect;
    find_file(layer, want, &file, &redirect);
    if (redirect)
        return add_slash(req);
    if (file.fd >= 0)
        return answer_file(layer, req, want, &file);
    if (file.fd == -EXDEV || file.fd == -ELOOP)
        return chirp_reply_fail(req, 403, "Forbidden");
    if (file.fd == -EMFILE || file.fd == -ENFILE || file.fd == -ENOMEM)
        return chirp_reply_fail(req, 503, "Service Unavailable");
    return not_found_page(layer, req, chirp_proceed(next, req));
}

/* Other methods belong to the routes; where there is none, the file says what it takes (SF-11). */
static chirp_reply *
other_method(const static_layer *layer, chirp_request *req, chirp_next *next, wanted *want)
{
    chirp_reply *reply = chirp_proceed(next, req);
    if (!chirp_reply_is_failure(reply) || chirp_reply_status(reply) != 404)
        return reply;
    found file;
    bool redirect;
    find_file(layer, want, &file, &redirect);
    bool is_there = file.fd >= 0 || redirect;
    close_file(&file);
    if (!is_there)
        return reply;
    reply = req->method == CH_METHOD_OPTIONS ? chirp_reply_empty(req, 204)
                                             : chirp_reply_fail(req, 405, "Method Not Allowed");
    return chirp_reply_set_header(reply, "allow", "GET, HEAD, OPTIONS");
}

static chirp_reply *
serve_static(chirp_request *req, chirp_next *next, void *user)
{
    const static_layer *layer = user;
    wanted want;
    if (!take_path(layer, &req->path, &want))
        return chirp_proceed(next, req);
    return ch_is_read(req) ? read_file(layer, req, next, &want)
                           : other_method(layer, req, next, &want);
}

/* ---- making it ------------------------------------------------------------------------------- */

void
chirp_static_options_init(chirp_static_options *options)
{
    *options = (chirp_static_options){
        .size = sizeof(*options),
        .prefix = "/static",
        .index = "index.html",
        .cache_control = "public, max-age=3600",
        .follow_links = true,
        .precompressed = true,
    };
}

static kida_status
split_prefix(static_layer *layer, const char *prefix, kida_error *err)
{
    kida_str text = ch_layer_text(layer, prefix), segment;
    size_t pos = 0;
    if (!text.ptr)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for static files");
    if (text.len == 0 || text.ptr[0] != '/')
        return ch_fail(err, KIDA_E_USAGE, "the prefix of static files must begin with '/'");
    while (ch_str_next(text, '/', &pos, &segment)) {
        if (segment.len == 0)
            continue;
        if (layer->prefix_count == PREFIX_SEGMENTS_MAX)
            return ch_fail(err, KIDA_E_USAGE, "the prefix of static files has too many segments");
        layer->prefix[layer->prefix_count++] = segment;
    }
    return KIDA_OK;
}

static kida_status
fill(static_layer *layer, const chirp_static_options *options, kida_error *err)
{
    kida_status st = split_prefix(layer, options->prefix, err);
    if (st != KIDA_OK)
        return st;
    layer->index = ch_layer_text(layer, options->index);
    layer->not_found_page = ch_layer_text(layer, options->not_found_page);
    layer->cache_control = ch_layer_text(layer, options->cache_control).ptr;
    if (!layer->index.ptr || !layer->not_found_page.ptr || !layer->cache_control)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for static files");
    layer->follow_links = options->follow_links;
    layer->precompressed = options->precompressed;
    layer->download = options->download;
    layer->root = open(options->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (layer->root < 0)
        return ch_fail(err, KIDA_E_IO, "the static directory '%.200s' can't be opened",
                       options->directory);
    return KIDA_OK;
}

static void
free_static(void *user)
{
    static_layer *layer = user;
    if (layer->root >= 0)
        (void)close(layer->root);
    ch_layer_free(layer);
}

ch_static_look
ch_static_find(const ch_link *link, const ch_path *path)
{
    const static_layer *layer = link->user;
    wanted want;
    struct stat info;
    if (link->layer != serve_static || !take_path(layer, path, &want))
        return CH_STATIC_ELSEWHERE;
    if (fstatat(layer->root, want.len > 0 ? want.path : ".", &info, 0) == 0)
        return CH_STATIC_FILE;
    return layer->prefix_count > 0 ? CH_STATIC_MISSING : CH_STATIC_ELSEWHERE;
}

kida_status
chirp_use_static(chirp_app *app, const chirp_static_options *options, kida_error *err)
{
    kida_error local;
    err = ch_error_or(err, &local);
    chirp_static_options defaults;
    if (!options) {
        chirp_static_options_init(&defaults);
        options = &defaults;
    }
    kida_status st = ch_options_check(options->size, sizeof(*options), err);
    if (st == KIDA_OK && !options->directory)
        st = ch_fail(err, KIDA_E_USAGE, "static files need a directory");
    static_layer *layer = st == KIDA_OK ? ch_layer_new(app, sizeof(*layer)) : NULL;
    if (!layer)
        return ch_layer_failed(app, st, err);
    layer->root = -1;
    st = fill(layer, options, err);
    if (st != KIDA_OK) {
        free_static(layer);
        return ch_layer_failed(app, st, err);
    }
    return chirp_use(app, serve_static, layer, free_static);
}
