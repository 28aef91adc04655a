/* SPDX-License-Identifier: MIT */
/* fresh.c - entity tags for what is generated, and single files. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chirp/hypermedia.h>

#include "config/fail.h"
#include "http/conditional.h"
#include "http/date.h"
#include "reply.h"

#define TAG_BYTES 16

static bool
is_read(const chirp_request *req)
{
    return req->method == CH_METHOD_GET || req->method == CH_METHOD_HEAD;
}

chirp_reply *
chirp_reply_fresh(chirp_reply *reply)
{
    if (!reply)
        return NULL;
    chirp_request *req = reply->req;
    reply = ch_reply_settle(req, reply);
    if (!reply || reply->status != 200 || reply->is_failure || !chirp_reply_is_whole(reply) ||
        !is_read(req))
        return reply;
    unsigned char hash[TAG_BYTES];
    char tag[TAG_BYTES * 2 + 5] = "W/\"";
    crypto_generichash(hash, sizeof(hash), (const unsigned char *)reply->body.ptr,
                       reply->body.len, NULL, 0);
    for (size_t i = 0; i < TAG_BYTES; i++)
        snprintf(tag + 3 + i * 2, sizeof(tag) - 3 - i * 2, "%02x", hash[i]);
    tag[TAG_BYTES * 2 + 3] = '"';
    chirp_reply_set_header(reply, "etag", tag);
    if (!ch_is_not_modified(req, kida_str_from(tag), -1))
        return reply;
    chirp_reply_set_body(reply, KIDA_S(""));
    reply->content_type = KIDA_S("");
    return chirp_reply_set_status(reply, 304);
}

/* ---- files ---------------------------------------------------------------------------------- */

typedef struct file_facts {
    int fd;
    uint64_t length;
    int64_t modified;
    char tag[64];
    char date[64];
} file_facts;

static bool
open_file(const char *path, file_facts *out)
{
    struct stat info;
    out->fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (out->fd < 0)
        return false;
    if (fstat(out->fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        close(out->fd);
        return false;
    }
    out->length = (uint64_t)info.st_size;
    out->modified = (int64_t)info.st_mtim.tv_sec;
    snprintf(out->tag, sizeof(out->tag), "\"%llx-%llx-%lx-%llx\"",
             (unsigned long long)info.st_size, (unsigned long long)info.st_mtim.tv_sec,
             (unsigned long)info.st_mtim.tv_nsec, (unsigned long long)info.st_ino);
    return true;
}

static chirp_reply *
with_validators(chirp_reply *reply, const file_facts *file)
{
    char date[CH_DATE_LEN + 1];
    ch_date_format(file->modified, date);
    date[CH_DATE_LEN] = '\0';
    chirp_reply_set_header(reply, "etag", file->tag);
    chirp_reply_set_header(reply, "last-modified", date);
    return chirp_reply_set_header(reply, "accept-ranges", "bytes");
}

static chirp_reply *
send_part(chirp_request *req, const file_facts *file, const char *type)
{
    uint64_t start = 0, length = file->length;
    ch_range_kind kind = CH_RANGE_WHOLE;
    char text[80];
    if (req->method == CH_METHOD_GET &&
        ch_if_range_holds(req, kida_str_from(file->tag), file->modified))
        kind = ch_range_parse(chirp_header(req, "range"), file->length, &start, &length);
    if (kind == CH_RANGE_BEYOND) {
        close(file->fd);
        snprintf(text, sizeof(text), "bytes */%llu", (unsigned long long)file->length);
        return chirp_reply_set_header(chirp_reply_empty(req, 416), "content-range", text);
    }
    chirp_reply *reply = chirp_reply_fd(req, file->fd, start, length, type);
    if (kind != CH_RANGE_PART)
        return reply;
    snprintf(text, sizeof(text), "bytes %llu-%llu/%llu", (unsigned long long)start,
             (unsigned long long)(start + length - 1), (unsigned long long)file->length);
    return chirp_reply_set_status(chirp_reply_set_header(reply, "content-range", text), 206);
}

chirp_reply *
chirp_reply_file(chirp_request *req, const char *path, const char *content_type)
{
    file_facts file;
    if (!open_file(path, &file))
        return errno == EMFILE || errno == ENFILE || errno == ENOMEM
                   ? chirp_reply_fail(req, 503, "Service Unavailable")
                   : chirp_reply_fail(req, 404, "Not Found");
    if (is_read(req) && ch_is_not_modified(req, kida_str_from(file.tag), file.modified)) {
        close(file.fd);
        return with_validators(chirp_reply_empty(req, 304), &file);
    }
    return with_validators(send_part(req, &file, content_type), &file);
}
