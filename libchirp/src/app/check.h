/* SPDX-License-Identifier: MIT */
/* check.h - one run of chirp_check: what it has gathered, and how its rules report. */
#ifndef CH_APP_CHECK_H
#define CH_APP_CHECK_H

#include <chirp/inspect.h>

#include "app.h"
#include "html_scan.h"

/* Rows of check_rules.def. */
typedef enum ch_rule {
#define CH_RULE(id, name, severity, finds, example, fix) CH_RULE_##id,
#include "check_rules.def"
#undef CH_RULE
    CH_RULE_COUNT
} ch_rule;

/* A template: its name, where it comes from, its text. */
typedef struct ch_source {
    struct ch_source *next;
    kida_str name;
    kida_str file;   /* for reports */
    kida_str text;   /* ptr NULL: could not be read */
    bool is_shared;  /* comes with the library */
    bool is_used;    /* a route, an extends, include, … names it */
    struct ch_source *parent;     /* that it extends by a literal name; NULL: none */
    struct ch_word *target_blocks; /* blocks inside of a broad target, of a broad selection */
    struct ch_word *select_blocks;
} ch_source;

typedef struct ch_word {
    struct ch_word *next;
    kida_str text;
} ch_word;

typedef struct ch_check {
    chirp_app *app;
    ch_arena arena;
    ch_source *sources;
    ch_source **sources_end;
    ch_word *ids;           /* every id that some template defines */
    ch_word *id_starts;     /* what stands before the first {{ of others */
    ch_word *linked;        /* paths that templates lead to */
    ch_word *heard;         /* events that templates listen to */
    ch_word *islands;       /* ids of elements with hx-disinherit */
    bool has_broad_target;
    bool is_partial;        /* a template does not compile: nothing is said to be unused */
    void (*each)(void *arg, const chirp_issue *issue);
    void *arg;
    chirp_check_counts counts;
    bool no_memory;
} ch_check;

/* Where an issue is. */
typedef struct ch_place {
    const ch_source *source; /* NULL: about a route */
    kida_str route;
    uint32_t line;
} ch_place;

/* Reports an issue; hint NULL or empty: what the table says to do. */
void ch_check_say(ch_check *check, ch_rule rule, const ch_place *place, const char *hint,
                  const char *format, ...) KIDA_PRINTF(5, 6);

bool ch_words_have(const ch_word *words, kida_str text);
void ch_words_add(ch_check *check, ch_word **words, kida_str text);
/* The nearest word by edit distance up to 3, or an empty text. */
kida_str ch_words_near(const ch_word *words, kida_str text);

/* The first pass over a template gathers ids; the second judges. */
void ch_check_gather(ch_check *check, const ch_source *source);
void ch_check_tags(ch_check *check, const ch_source *source);

/* Likewise, about what elements inherit from those around them. */
void ch_check_gather_scope(ch_check *check, ch_source *source);
void ch_check_scope(ch_check *check, ch_source *source);

/* About outputs where escaping for HTML is not enough (XE-2). */
void ch_check_outputs(ch_check *check, const ch_source *source);

/* About islands in a template. */
void ch_check_islands(ch_check *check, const ch_source *source);

/* About one route: what it declares against templates. */
void ch_check_route(ch_check *check, const ch_route *route);

/* The template of that name, or NULL. */
ch_source *ch_check_source(const ch_check *check, kida_str name);

#endif
