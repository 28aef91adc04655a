/* SPDX-License-Identifier: MIT */
/* html_scan.h - tags and attributes in the source of a template, in order. What the template works
 * out is skipped, and values that hold any of it are marked. No HTML parser: it never fails. */
#ifndef CH_APP_HTML_SCAN_H
#define CH_APP_HTML_SCAN_H

#include <kida/kida.h>

#define CH_SCAN_ATTRS_MAX 48

/* One attribute. Slices of the source. */
typedef struct ch_attr {
    kida_str name;
    kida_str value;
    uint32_t line;
    bool has_value;
    bool is_dynamic; /* the value holds {{ or {% */
    bool is_quoted;
} ch_attr;

/* One start or end tag, or an expression between {{ }} or {% %}. */
typedef struct ch_tag {
    enum { CH_TAG_START, CH_TAG_END, CH_TAG_CODE } kind;
    kida_str name; /* of the tag; for CODE all of the text inside */
    bool is_output; /* CODE: between {{ }} */
    bool in_script; /* CODE: in the text of a script */
    uint32_t line;
    size_t attr_count;
    ch_attr attrs[CH_SCAN_ATTRS_MAX];
} ch_tag;

typedef void ch_tag_fn(void *arg, const ch_tag *tag);

/* Calls each for every tag and every expression. */
void ch_html_scan(kida_str source, ch_tag_fn *each, void *arg);

/* The attribute of that name, or NULL. */
const ch_attr *ch_tag_attr(const ch_tag *tag, const char *name);

bool ch_tag_is(const ch_tag *tag, const char *name);

#endif
