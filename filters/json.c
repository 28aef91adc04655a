/* SPDX-License-Identifier: MIT */
/* json.c - tojson: any value as ASCII-only JSON that is safe inside a script or an attribute. */
#define _GNU_SOURCE /* memmem */
#include <math.h>
#include <string.h>

#include <kida/unicode.h>

#include "builtins.h"
#include "text.h"

/* A value nested more deeply contains itself, or is as bad. */
#define DEPTH_MAX 1000
#define DEPTH_START 16

/* A container of which some items are still to be written. */
typedef struct frame {
    kida_value over;
    size_t at;
    size_t count;
    bool dict;
} frame;

typedef struct writer {
    kida_call *call;
    kida_buf buf;
    frame *frames; /* the containers around, innermost last */
    size_t depth;
    size_t room;
    bool lines;    /* one item a line */
    kida_str unit; /* indentation of one level; where empty, so many spaces: */
    uint64_t spaces;
} writer;

/* ---- strings --------------------------------------------------------------------------------- */

static void
put_unit16(kida_buf *buf, uint32_t unit)
{
    static const char digits[] = "0123456789abcdef";
    const char text[6] = { '\\',
                           'u',
                           digits[unit >> 12 & 15],
                           digits[unit >> 8 & 15],
                           digits[unit >> 4 & 15],
                           digits[unit & 15] };
    kida_buf_put(buf, (kida_str){ text, sizeof(text) });
}

static void
put_escaped(kida_buf *buf, uint32_t cp)
{
    static const char plain[] = "\"\\\n\r\t\b\f";
    static const char letters[] = "\"\\nrtbf";
    const char *hit = cp != 0 && cp < 0x80 ? memchr(plain, (int)cp, sizeof(plain) - 1) : NULL;

    if (hit != NULL) {
        kida_buf_byte(buf, '\\');
        kida_buf_byte(buf, letters[hit - plain]);
    } else if (cp >= 0x10000) {
        put_unit16(buf, 0xd800 + ((cp - 0x10000) >> 10));
        put_unit16(buf, 0xdc00 + ((cp - 0x10000) & 0x3ff));
    } else {
        put_unit16(buf, cp);
    }
}

static void
put_string(kida_buf *buf, kida_str text)
{
    const char *p = text.ptr;
    const char *end = p + text.len;
    const char *run = p;

    kida_buf_byte(buf, '"');
    while (p < end) {
        if (*p >= ' ' && *p < 0x7f && *p != '"' && *p != '\\') {
            p++;
            continue;
        }
        kida_buf_put(buf, (kida_str){ run, (size_t)(p - run) });
        put_escaped(buf, kida_utf8_next(&p, end));
        run = p;
    }
    kida_buf_put(buf, (kida_str){ run, (size_t)(end - run) });
    kida_buf_byte(buf, '"');
}

/* ---- values ---------------------------------------------------------------------------------- */

static kida_status
put_number(writer *w, kida_value v)
{
    kida_str text;
    double d = kida_kind_of(v) == KIDA_FLOAT ? kida_as_float(v) : 0;

    if (isnan(d)) {
        kida_buf_put(&w->buf, KIDA_S("NaN"));
        return KIDA_OK;
    }
    if (isinf(d)) {
        kida_buf_put(&w->buf, d > 0 ? KIDA_S("Infinity") : KIDA_S("-Infinity"));
        return KIDA_OK;
    }
    kida_status st = kida_to_str(w->call, v, &text);
    if (st == KIDA_OK)
        kida_buf_put(&w->buf, text);
    return st;
}

/* What is neither list, tuple nor dict; kinds that JSON does not know become their text. */
static kida_status
put_scalar(writer *w, kida_value v)
{
    kida_str text;
    kida_kind kind = kida_kind_of(v);

    if (kind == KIDA_NONE) {
        kida_buf_put(&w->buf, KIDA_S("null"));
        return KIDA_OK;
    }
    if (kind == KIDA_BOOL) {
        kida_buf_put(&w->buf, kida_as_int(v) != 0 ? KIDA_S("true") : KIDA_S("false"));
        return KIDA_OK;
    }
    if (kind == KIDA_INT || kind == KIDA_BIGINT || kind == KIDA_FLOAT)
        return put_number(w, v);
    kida_status st = kida_to_str(w->call, v, &text);
    if (st == KIDA_OK)
        put_string(&w->buf, text.len > 0 ? text : KIDA_S(""));
    return st;
}

static kida_status
put_key(writer *w, kida_value key)
{
    kida_kind kind = kida_kind_of(key);

    if (kind == KIDA_STRING)
        return put_scalar(w, key);
    if (kind != KIDA_NONE && kind != KIDA_BOOL && kind != KIDA_INT && kind != KIDA_BIGINT &&
        kind != KIDA_FLOAT)
        return kida_fail_kind(w->call, KIDA_E_TYPE, "TypeError",
                              "tojson() wants keys that are texts, numbers, bools or none, not %s",
                              kida_kind_name(key));
    kida_buf_byte(&w->buf, '"');
    kida_status st = put_scalar(w, key);
    kida_buf_byte(&w->buf, '"');
    return st;
}

static void
put_new_line(writer *w)
{
    if (!w->lines)
        return;
    kida_buf_byte(&w->buf, '\n');
    for (size_t i = 0; i < w->depth && w->spaces + w->unit.len > 0; i++) {
        kida_buf_fill(&w->buf, ' ', w->spaces);
        kida_buf_put(&w->buf, w->unit);
    }
}

static kida_status
push_frame(writer *w, const frame *f)
{
    if (w->depth == DEPTH_MAX)
        return kd_fail_value(w->call,
                             "tojson() got a value that contains itself or is nested too deeply");
    if (w->depth == w->room) {
        size_t room = w->room > 0 ? w->room * 2 : DEPTH_START;
        frame *frames = kida_pool_alloc(kida_call_pool(w->call), room * sizeof(frame));
        if (frames == NULL)
            return kida_fail(w->call, KIDA_E_LIMIT_MEMORY, "the render needs too much memory");
        if (w->depth > 0)
            memcpy(frames, w->frames, w->depth * sizeof(frame));
        w->frames = frames;
        w->room = room;
    }
    w->frames[w->depth++] = *f;
    return kida_spend(w->call, f->count);
}

/* Writes a value, but of a container with items only the bracket that opens it. */
static kida_status
open_value(writer *w, kida_value v)
{
    kida_kind kind = kida_kind_of(v);
    frame f = { v, 0, kida_length(v), kind == KIDA_DICT };

    if (kind != KIDA_LIST && kind != KIDA_TUPLE && kind != KIDA_DICT)
        return put_scalar(w, v);
    if (f.count == 0) {
        kida_buf_put(&w->buf, f.dict ? KIDA_S("{}") : KIDA_S("[]"));
        return KIDA_OK;
    }
    kida_buf_byte(&w->buf, f.dict ? '{' : '[');
    return push_frame(w, &f);
}

/* Writes the next item of the innermost container, or what closes it. */
static kida_status
step(writer *w)
{
    frame *f = &w->frames[w->depth - 1];
    kida_value key = { 0 }, item = { 0 };
    kida_status st = KIDA_OK;
    bool more;

    if (f->dict) {
        more = kida_dict_entry(f->over, f->at, &key, &item);
    } else {
        item = kida_item_at(f->over, f->at);
        more = kida_kind_of(item) != KIDA_ABSENT;
    }
    if (!more) {
        bool dict = f->dict;
        w->depth--;
        put_new_line(w);
        kida_buf_byte(&w->buf, dict ? '}' : ']');
        return KIDA_OK;
    }
    if (f->at > 0)
        kida_buf_put(&w->buf, w->lines ? KIDA_S(",") : KIDA_S(", "));
    put_new_line(w);
    f->at++;
    if (f->dict) {
        st = put_key(w, key);
        kida_buf_put(&w->buf, KIDA_S(": "));
    }
    return st == KIDA_OK ? open_value(w, item) : st;
}

/* ---- the filter ------------------------------------------------------------------------------ */

/* Finishes text so that no "</" is left in it, which could close a script. */
static kida_status
finish_for_script(writer *w, kida_value *out)
{
    kida_str text = kida_buf_str(&w->buf);
    const char *p = text.ptr;
    const char *end = p + text.len;
    const char *hit;
    kida_buf buf;

    if (kida_buf_status(&w->buf) != KIDA_OK || memmem(p, text.len, "</", 2) == NULL)
        return kida_buf_finish_safe(&w->buf, out);
    kida_buf_init(&buf, w->call);
    while ((hit = memmem(p, (size_t)(end - p), "</", 2)) != NULL) {
        kida_buf_put(&buf, (kida_str){ p, (size_t)(hit - p) });
        kida_buf_put(&buf, KIDA_S("\\u003c/"));
        p = hit + 2;
    }
    kida_buf_put(&buf, (kida_str){ p, (size_t)(end - p) });
    return kida_buf_finish_safe(&buf, out);
}

static kida_status
f_tojson(kida_call *call, kida_value self, kida_value *out)
{
    writer w = { .call = call, .unit = KIDA_S("") };
    kida_value indent = kida_arg(call, 0);
    bool attribute = kida_arg_bool(call, 1);
    kida_buf html;

    w.lines = kida_kind_of(indent) != KIDA_NONE;
    if (kida_kind_of(indent) == KIDA_STRING)
        w.unit = kida_as_str(indent);
    else if (w.lines && kida_arg_int(call, 0) > 0)
        w.spaces = (uint64_t)kida_arg_int(call, 0);

    kida_buf_init(&w.buf, call);
    kida_status st = open_value(&w, self);
    while (st == KIDA_OK && w.depth > 0 && kida_buf_status(&w.buf) == KIDA_OK)
        st = step(&w);
    if (st != KIDA_OK)
        return st;
    if (!attribute || kida_buf_status(&w.buf) != KIDA_OK)
        return finish_for_script(&w, out);
    kida_buf_init(&html, call);
    kida_buf_html(&html, kida_buf_str(&w.buf));
    return kida_buf_finish_safe(&html, out);
}

static const kida_param tojson_params[] = {
    { "indent", KIDA_IN_INT | KIDA_IN_STR | KIDA_IN_NONE, "none" },
    { "attr", KIDA_IN_BOOL | KIDA_IN_KEYWORD, "false" },
    { 0 },
};

const kida_filter kd_filters_json[] = {
    { "tojson", f_tojson, tojson_params, KIDA_PURE | KIDA_SAFE_OUT,
      "JSON, safe in scripts; attr=true: safe in attributes" },
};
const size_t kd_filters_json_count = sizeof(kd_filters_json) / sizeof(kd_filters_json[0]);
