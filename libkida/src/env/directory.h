/* SPDX-License-Identifier: MIT */
/* directory.h - templates as files of a directory, read so that a text is of one moment. */
#ifndef KD_DIRECTORY_H
#define KD_DIRECTORY_H

#include <kida/env.h>

typedef struct kd_directory kd_directory;

/* Opens the directory; prefix may be empty. Errors: NULL, with err: K-SYS-002, K-USE-001, NOMEM. */
kd_directory *kd_directory_new(const kida_allocator *allocator, kida_str path, kida_str prefix,
                               kida_error *err);
void kd_directory_free(void *user);

/* The functions of a kida_loader, with a kd_directory as user. */
kida_status kd_directory_load(void *user, kida_str name, const kida_allocator *allocator,
                              kida_source *out, kida_error *err);
kida_status kd_directory_list(void *user, kida_status (*each)(void *arg, kida_str name), void *arg);
kida_status kd_directory_version(void *user, kida_str name, uint64_t *out);

#endif
