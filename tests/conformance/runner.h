/* SPDX-License-Identifier: MIT */
/* runner.h - what the files of the conformance runner share. */
#ifndef CONFORMANCE_RUNNER_H
#define CONFORMANCE_RUNNER_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>
#include <kida/kida.h>

#define DETAIL_MAX 16384

/** One case: slices of the file's text, which stays in memory. */
typedef struct conf_case {
    kida_str id;
    kida_str text;    /* the whole object */
    const char *file; /* base name */
    size_t line;
} conf_case;

typedef struct conf_cases {
    conf_case *items;
    size_t count;
    size_t room;
    void *blocks[256]; /* texts and names that the cases point into */
    size_t block_count;
} conf_cases;

typedef struct conf_options {
    const char *only;             /* text inside the id, or a pattern; NULL: all */
    const char *expected_failures;/* file; NULL: none */
    bool verbose;
    bool list_failures;
    bool isolate;
    bool no_optimize;
    bool modes;                   /* compare the ways of rendering with each other */
} conf_options;

/** What came of a case. detail says why it failed, in lines that end in '\n'. */
typedef struct conf_result {
    bool passed;
    size_t len;
    char detail[DETAIL_MAX];
} conf_result;

/* cases.c: reading. Both print what is wrong and return false. */
bool conf_load(conf_cases *cases, const char *path);
void conf_free(conf_cases *cases);

/** Raw text of a member of a JSON object; an empty slice with NULL ptr if there is none. */
kida_str conf_member(kida_str object, const char *name);

enum { CONF_BLOCKS_MAX = 16 };

/** The small members of a case, parsed, and what its mode asks of a render. */
typedef struct conf_request {
    json_t *entry;
    json_t *mode;
    json_t *block;
    json_t *blocks;
    json_t *expect;
    kida_block_html given[CONF_BLOCKS_MAX];
    kida_render_options render;
} conf_request;

/* run.c: rendering and comparing. */
bool conf_request_read(conf_request *req, const conf_case *item); /* false: no such mode */
void conf_request_free(conf_request *req);
kida_status conf_render(const conf_case *item, const conf_request *req, kida_env *env,
                        kida_buf *out, kida_error *err);
void conf_run(const conf_case *item, const conf_options *options, conf_result *result);

/* modes.c: passes if every way of rendering the case gives the same. */
void conf_run_modes(const conf_case *item, const conf_options *options, conf_result *result);

/* settings.c: an environment as a case describes it, or NULL with the reason in the result. */
kida_env *conf_env(const conf_case *item, const conf_options *options, conf_result *result,
                   kida_error *err);

/* isolate.c: as conf_run, in a process of its own, so that a crash is one failure. */
void conf_run_isolated(const conf_case *item, const conf_options *options, conf_result *result);

/** Names the case on stderr should a sanitizer end the process while it runs. */
void conf_announce(const conf_case *item);

/* report.c: text of a result. */
void conf_note(conf_result *result, const char *format, ...) KIDA_PRINTF(2, 3);

/** Appends the place where two texts part, with a little of both. */
void conf_note_difference(conf_result *result, kida_str want, kida_str got);

/** Appends text with line breaks and control bytes made visible, at most max bytes of it. */
void conf_note_text(conf_result *result, kida_str text, size_t max);

#endif
