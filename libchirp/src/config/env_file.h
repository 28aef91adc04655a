/* SPDX-License-Identifier: MIT */
/* env_file.h - files of lines NAME=value. */
#ifndef CH_CONFIG_ENV_FILE_H
#define CH_CONFIG_ENV_FILE_H

#include <kida/kida.h>

/* Appends the entries of a file, NAME=value, each ended by NUL. Errors: KIDA_E_NOT_FOUND, _IO,
 * _PARSE with the line, _NOMEM. */
kida_status ch_env_file_read(const char *path, kida_buf *out, kida_error *err);

/* The same for a text; path is for messages. */
kida_status ch_env_file_parse(const char *path, kida_str text, kida_buf *out, kida_error *err);

#endif
