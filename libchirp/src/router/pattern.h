/* SPDX-License-Identifier: MIT */
/* pattern.h - path patterns such as /users/{id:int} and their converters. */
#ifndef CH_ROUTER_PATTERN_H
#define CH_ROUTER_PATTERN_H

#include "http/headers.h"

#define CH_PATTERN_PARAMS_MAX 16
#define CH_PATTERN_SEGMENTS_MAX 32

/* What a segment takes; the order is that of trying. */
typedef enum ch_convert {
    CH_CONVERT_STATIC,
    CH_CONVERT_INT,   /* digits */
    CH_CONVERT_FLOAT, /* digits, perhaps a point and digits */
    CH_CONVERT_UUID,  /* 8-4-4-4-12 hex digits */
    CH_CONVERT_STR,   /* one segment */
    CH_CONVERT_PATH,  /* all the rest, at least one segment */
    CH_CONVERT_COUNT
} ch_convert;

typedef struct ch_segment {
    ch_convert convert;
    kida_str text; /* static text, or the parameter's name */
} ch_segment;

typedef struct ch_pattern {
    size_t count;
    size_t param_count;
    ch_segment segments[CH_PATTERN_SEGMENTS_MAX];
} ch_pattern;

/* Splits a pattern; segments point into text. Errors: KIDA_E_USAGE saying what is wrong. */
kida_status ch_pattern_parse(kida_str text, ch_pattern *out, kida_error *err);

/* Whether a converter takes a decoded segment. */
bool ch_convert_accepts(ch_convert convert, kida_str segment);

/* Name in patterns: "int"; "" for static text. */
kida_str ch_convert_name(ch_convert convert);

#endif
