/* SPDX-License-Identifier: MIT */
/* layer.c - memory and options of the library's layers. */
#include "layer.h"

#include <stdio.h>
#include <string.h>

#include "config/fail.h"
#include "config/text.h"
#include "http/request.h"

#define LAYER_BLOCK ((size_t)1024)
#define LAYER_MAX ((size_t)64 << 20)

void *
ch_layer_new(const chirp_app *app, size_t size)
{
    ch_arena arena;
    ch_arena_init(&arena, &chirp_app_config(app)->allocator, LAYER_BLOCK, LAYER_MAX);
    ch_layer_memory *layer = ch_arena_array(&arena, 1, size);
    if (!layer) {
        ch_arena_clear(&arena);
        return NULL;
    }
    layer->arena = arena;
    return layer;
}

void
ch_layer_free(void *layer)
{
    if (!layer)
        return;
    /* The arena lies in its own memory. */
    ch_arena arena = ((ch_layer_memory *)layer)->arena;
    ch_arena_clear(&arena);
}

kida_str
ch_layer_text(void *layer, const char *text)
{
    return ch_arena_copy(&((ch_layer_memory *)layer)->arena, kida_str_from(text));
}

bool
ch_layer_list(void *layer, const char *const *list, const kida_str **out, size_t *count)
{
    size_t len = 0;
    while (list && list[len])
        len++;
    kida_str *items = ch_arena_array(&((ch_layer_memory *)layer)->arena, len + 1, sizeof(*items));
    for (size_t i = 0; items && i < len; i++) {
        items[i] = ch_layer_text(layer, list[i]);
        if (!items[i].ptr)
            return false;
    }
    *out = items;
    *count = len;
    return items != NULL;
}

const char *
ch_layer_join(void *layer, const kida_str *items, size_t count)
{
    size_t len = 0, at = 0;
    for (size_t i = 0; i < count; i++)
        len += items[i].len + 2;
    char *text = ch_arena_alloc(&((ch_layer_memory *)layer)->arena, len + 1);
    if (!text)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            text[at++] = ',';
            text[at++] = ' ';
        }
        memcpy(text + at, items[i].ptr, items[i].len);
        at += items[i].len;
    }
    text[at] = '\0';
    return text;
}

bool
ch_listed(const kida_str *items, size_t count, kida_str text)
{
    for (size_t i = 0; i < count; i++) {
        if (kida_str_equal(items[i], text))
            return true;
    }
    return false;
}

kida_status
ch_layer_failed(chirp_app *app, kida_status st, kida_error *err)
{
    if (st == KIDA_OK)
        st = ch_fail(err, KIDA_E_NOMEM, "no memory for a middleware");
    err->status = st;
    chirp_app_fail(app, err);
    return st;
}

kida_error *
ch_error_or(kida_error *err, kida_error *local)
{
    kida_error_init(local);
    return err ? err : local;
}

kida_status
ch_options_check(size_t size, size_t want, kida_error *err)
{
    if (size == want)
        return KIDA_OK;
    return ch_fail(err, KIDA_E_USAGE, "the options were not filled by their init function");
}

const char *
ch_request_format(chirp_request *req, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = len < 0 ? NULL : ch_arena_alloc(&req->arena, (size_t)len + 1);
    if (text)
        vsnprintf(text, (size_t)len + 1, format, args);
    va_end(args);
    return text;
}

const char *
ch_request_text(chirp_request *req, kida_str text)
{
    return ch_arena_copy(&req->arena, text).ptr;
}

bool
ch_reply_type_is(const chirp_reply *reply, kida_str type)
{
    kida_str given = chirp_reply_header(reply, "content-type");
    return ch_str_iequal(ch_str_trim(ch_str_slice(given, 0, ch_str_find(given, ';', 0))), type);
}

bool
ch_is_read(const chirp_request *req)
{
    return req->method == CH_METHOD_GET || req->method == CH_METHOD_HEAD;
}
