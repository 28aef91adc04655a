/* SPDX-License-Identifier: MIT */
/* layout.h - the formatter of `kida fmt`: text to text. */
#ifndef KIDA_CLI_LAYOUT_H
#define KIDA_CLI_LAYOUT_H

#include <kida/kida.h>

/* Appends text, laid out with step blanks a level, to out (heap). Errors: those of the buffer. */
kida_status layout(kida_str text, size_t step, kida_buf *out);

#endif
