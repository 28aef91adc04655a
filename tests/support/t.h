/* SPDX-License-Identifier: MIT */
/*
 * t.h - what every test needs: cmocka with its prerequisites, a counting allocator, and a fixture
 * that renders. A fixture's teardown fails when a byte is left.
 */
#ifndef T_SUPPORT_H
#define T_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <kida/kida.h>

#define T_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/** Counts what is allocated; can refuse the n-th request. Safe on several threads. */
typedef struct t_counter {
    size_t live_bytes;  /* atomic */
    size_t live_blocks; /* atomic */
    size_t requests;    /* atomic: allocations and resizes so far */
    size_t fail_at;     /* fixed while in use: number of the request that gets NULL, and all after
                           it; 0: none */
} t_counter;

/** An allocator over the C library that reports to counter, which must outlive it. */
kida_allocator t_counting_allocator(t_counter *counter);

/** One environment and what renders need. Members are for tests to read and change. */
typedef struct t_fixture {
    t_counter counter;
    kida_config config; /* change it before the first render */
    kida_env *env;      /* made by the first render, or by t_env */
    kida_error err;     /* of the last render */
    kida_status status; /* of the last render */
    kida_buf out;       /* of the last render, NUL-ended */
} t_fixture;

/** cmocka set-up: *state becomes a fixture with the default settings and a fixed hash seed. */
int t_setup(void **state);

/** cmocka teardown: frees the fixture; fails if memory is left. */
int t_teardown(void **state);

/** The environment, made with the standard filters if it was not yet. */
kida_env *t_env(t_fixture *fx);

/** Forgets the environment, so that the next render makes one from the changed config. */
void t_reset(t_fixture *fx);

/** Adds a template that sources may extend, include or import. Before the first render. */
void t_add(t_fixture *fx, const char *name, const char *source);

/**
 * Renders a source with a context given as JSON text (NULL: none). Returns the text, which lives
 * until the next render, or "K-…" with the code of the failure; details are in fx->err.
 */
const char *t_render(t_fixture *fx, const char *source, const char *json_context);

/** As t_render, for a template added by t_add and a context value. */
const char *t_render_named(t_fixture *fx, const char *name, kida_value context);

/** Sets up and tears down a fixture around one test of a cmocka table. */
#define t_test(function) cmocka_unit_test_setup_teardown(function, t_setup, t_teardown)

#endif
