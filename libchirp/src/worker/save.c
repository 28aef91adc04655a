/* SPDX-License-Identifier: MIT */
/* save.c - writes an uploaded file where nothing is yet, on a helper thread (FM-7, FM-8). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <uv.h>

#include <chirp/app.h>

#include "config/fail.h"
#include "config/text.h"

typedef struct save_job {
    const char *directory;
    const char *name;
    kida_str data;
    int problem; /* errno; 0: done */
} save_job;

static int
write_all(int fd, kida_str data)
{
    while (data.len > 0) {
        ssize_t done = write(fd, data.ptr, data.len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return done < 0 ? errno : EIO;
        data.ptr += done;
        data.len -= (size_t)done;
    }
    return 0;
}

/* On a helper thread. */
static void
save(void *arg)
{
    save_job *job = arg;
    int dir = open(job->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) {
        job->problem = errno;
        return;
    }
    int fd = openat(dir, job->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        job->problem = errno;
    } else {
        job->problem = write_all(fd, job->data);
        if (close(fd) != 0 && job->problem == 0)
            job->problem = errno;
        if (job->problem != 0)
            (void)unlinkat(dir, job->name, 0);
    }
    close(dir);
}

kida_status
chirp_upload_save(chirp_request *req, const chirp_upload *upload, const char *directory,
                  const char *name, kida_error *err)
{
    kida_str own = name ? kida_str_from(name) : chirp_upload_name(req, upload);
    if (!own.ptr)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for a file name");
    bool is_dots = kida_str_equal(own, KIDA_S(".")) || kida_str_equal(own, KIDA_S(".."));
    if (own.len == 0 || is_dots || ch_str_find(own, '/', 0) < own.len)
        return ch_fail(err, KIDA_E_USAGE, "a file name must be one component of a path");
    save_job job = { .directory = directory, .name = own.ptr, .data = upload->data };
    kida_status st = chirp_offload(req, save, &job);
    if (st != KIDA_OK)
        return ch_fail(err, st, "the file was not written");
    if (job.problem != 0)
        return ch_fail(err, KIDA_E_IO, "can't write '%s': %s", own.ptr,
                       uv_strerror(uv_translate_sys_error(job.problem)));
    return KIDA_OK;
}
