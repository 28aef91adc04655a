/* SPDX-License-Identifier: MIT */
/* version.c - which version of the library this is. */
#include <kida/base.h>

const char *
kida_version(void)
{
    return KIDA_VERSION;
}
