/* SPDX-License-Identifier: MIT */
/* drivers.c - the drivers of this build, and what drivers share. */
#include "driver.h"

#include <stdio.h>
#include <string.h>

#include "config/fail.h"
#include "config/text.h"

const ch_driver *const ch_drivers[] = {
#if defined(CHIRP_WITH_SQLITE)
    &ch_driver_sqlite,
#endif
    NULL,
};

/* ---- parameters ---------------------------------------------------------------------------- */

static const kida_object_type blob_type = { .size = sizeof(kida_object_type), .name = "blob" };

kida_value
chirp_blob(const kida_str *bytes)
{
    return kida_object(&blob_type, (void *)(uintptr_t)bytes);
}

bool
ch_blob_bytes(kida_value value, kida_str *out)
{
    const kida_str *bytes = kida_object_memory(value, &blob_type);
    if (bytes)
        *out = *bytes;
    return bytes != NULL;
}

kida_str
ch_url_rest(const char *url)
{
    kida_str text = kida_str_from(url);
    size_t at = ch_str_find(text, ':', 0);
    for (size_t i = 0; i < 4 && at < text.len; i++)
        at++;
    return ch_str_slice(text, at, text.len);
}

/* ---- where a statement went wrong ---------------------------------------------------------- */

/* Bytes of text that fit into room - 1 bytes without cutting a code point. */
static size_t
fitting(kida_str text, size_t room)
{
    size_t len = text.len < room ? text.len : room - 1;
    while (len > 0 && len < text.len && ((unsigned char)text.ptr[len] & 0xc0) == 0x80)
        len--;
    return len;
}

static void
put_line(char out[KIDA_ERROR_LINE_MAX], kida_str line)
{
    size_t len = fitting(line, KIDA_ERROR_LINE_MAX);
    for (size_t i = 0; i < len; i++)
        out[i] = (unsigned char)line.ptr[i] < 0x20 ? ' ' : line.ptr[i];
    out[len] = '\0';
}

/* The statement on one line, runs of blanks as one. */
static void
put_hint(kida_error *err, kida_str sql)
{
    static const char lead[] = "the statement was: ";
    size_t len = sizeof(lead) - 1;
    memcpy(err->hint, lead, len);
    size_t end = fitting(sql, sizeof(err->hint) - len);
    for (size_t i = 0; i < end; i++) {
        char c = (unsigned char)sql.ptr[i] < 0x20 ? ' ' : sql.ptr[i];
        if (c != ' ' || err->hint[len - 1] != ' ')
            err->hint[len++] = c;
    }
    err->hint[len] = '\0';
}

kida_status
ch_sql_place(kida_error *err, kida_status status, kida_str sql, int64_t offset)
{
    if (!err)
        return status;
    put_hint(err, sql);
    if (offset < 0 || (uint64_t)offset > sql.len)
        return status;

    size_t at = (size_t)offset;
    size_t start = 0;
    uint32_t line = 1;
    for (size_t i = 0; i < at; i++) {
        if (sql.ptr[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    err->line = line;
    err->column = (uint32_t)kida_utf8_count(ch_str_slice(sql, start, at));
    err->end_column = err->column + 1;
    snprintf(err->template_name, sizeof(err->template_name), "SQL");
    err->excerpt_first = line;
    err->excerpt_count = 1;
    put_line(err->excerpt[0], ch_str_slice(sql, start, ch_str_find(sql, '\n', start)));
    return status;
}
