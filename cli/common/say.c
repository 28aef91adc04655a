/* SPDX-License-Identifier: MIT */
/* say.c - messages, texts in the pool, and the name that was probably meant. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* fileno */
#endif
#include "common.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ERROR_ROOM 8192
#define NEAR_MAX 48 /* letters of a name that is compared */

void *
cli_alloc(cli *c, size_t size)
{
    void *got = kida_pool_alloc(c->pool, size > 0 ? size : 1);
    if (got == NULL) {
        fprintf(stderr, "%s: out of memory\n", c->program);
        exit(CLI_FAILED);
    }
    return got;
}

const char *
cli_format(cli *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0)
        return "";
    char *text = cli_alloc(c, (size_t)len + 1);
    va_start(args, format);
    (void)vsnprintf(text, (size_t)len + 1, format, args);
    va_end(args);
    return text;
}

static void
say(const cli *c, const char *format, va_list args)
{
    fprintf(stderr, "%s %s: ", c->program, c->command);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
}

void
cli_say(const cli *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(c, format, args);
    va_end(args);
}

int
cli_misuse(const cli *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(c, format, args);
    va_end(args);
    fprintf(stderr, "`%s help %s` shows how it is used.\n", c->program, c->command);
    return CLI_USAGE;
}

bool
cli_is_colored(FILE *file)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(fileno(file)) && (no_color == NULL || no_color[0] == '\0') && term != NULL &&
           strcmp(term, "dumb") != 0;
}

void
cli_show(const kida_error *err)
{
    char text[ERROR_ROOM];
    unsigned flags = cli_is_colored(stderr) ? KIDA_FORMAT_COLOR : KIDA_FORMAT_PLAIN;
    size_t len = kida_error_format(err, flags, text, sizeof(text));
    fputs(text, stderr);
    if (len == 0 || len >= sizeof(text) || text[len - 1] != '\n')
        fputc('\n', stderr);
}

void
cli_json_text(FILE *out, const char *text)
{
    bool valid = kida_utf8_valid(kida_str_from(text)); /* JSON is UTF-8, paths need not be */
    fputc('"', out);
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\')
            fprintf(out, "\\%c", byte);
        else if (byte == '\n')
            fputs("\\n", out);
        else if (byte < 0x20 || byte == 0x7f)
            fprintf(out, "\\u%04x", byte);
        else
            fputc(byte < 0x80 || valid ? byte : '?', out);
    }
    fputc('"', out);
}

/* ---- the name that was meant ----------------------------------------------------------------- */

static size_t
least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many letters must be added, dropped, changed or swapped with their neighbour. */
static size_t
distance_of(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t rows[3][NEAR_MAX + 1];
    size_t *before = rows[0], *last = rows[1], *now = rows[2];
    for (size_t j = 0; j <= b_len; j++)
        last[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        now[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t changed = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            now[j] = least(least(last[j], now[j - 1]) + 1, changed);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], before[j - 2] + 1);
        }
        size_t *free_row = before;
        before = last;
        last = now;
        now = free_row;
    }
    return last[b_len];
}

void
cli_nearest_offer(cli_nearest *n, const char *name)
{
    size_t wanted_len = strlen(n->wanted), name_len = strlen(name);
    if (wanted_len == 0 || wanted_len > NEAR_MAX || name_len > NEAR_MAX)
        return;
    size_t distance = distance_of(n->wanted, wanted_len, name, name_len);
    if (distance > 1 + wanted_len / 4 || distance >= wanted_len)
        return;
    if (n->best == NULL || distance < n->distance) {
        n->best = name;
        n->distance = distance;
    }
}
