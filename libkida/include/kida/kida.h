/* SPDX-License-Identifier: MIT */
/*
 * kida.h - the whole interface of libkida.
 *
 * An environment (env.h) is set up by one thread and then frozen: from then on any number of
 * threads fetch templates and render (render.h). Values (value.h) are 16 bytes and never freed;
 * C structs and host objects (object.h) are read in place; filters, tests and functions in C
 * (filter.h) are rows of tables. Every call that can fail returns a kida_status and fills in the
 * caller's kida_error (error.h).
 *
 * Each function says on which thread it may be called: any, setup (one thread, before freeze),
 * owner (the thread that made the object).
 */
#ifndef KIDA_KIDA_H
#define KIDA_KIDA_H

#include "base.h"
#include "error.h"
#include "value.h"
#include "object.h"
#include "filter.h"
#include "unicode.h"
#include "env.h"
#include "render.h"
#include "inspect.h"
#include "markdown.h"

#endif
