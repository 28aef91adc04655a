/* SPDX-License-Identifier: MIT */
/* switch.h - the machine's part of a stack switch. */
#ifndef CH_WORKER_SWITCH_H
#define CH_WORKER_SWITCH_H

#include <stddef.h>

#if !defined(CHIRP_WITH_UCONTEXT) && (defined(__x86_64__) || defined(__aarch64__))
#define CH_SWITCH_NATIVE 1
#else
#define CH_SWITCH_NATIVE 0
#endif

/* A place to go on. */
#if CH_SWITCH_NATIVE
typedef struct ch_context {
    void *sp;
} ch_context;
#else
#include <ucontext.h>
typedef struct ch_context {
    ucontext_t state;
} ch_context;
#endif

/* Prepares a stack so that the first switch to it calls entry(), which must never return. */
void ch_context_make(ch_context *context, char *stack, size_t size, void (*entry)(void));

/* Saves the running place in from and goes to `to`. */
void ch_context_switch(ch_context *from, ch_context *to);

#endif
