/* SPDX-License-Identifier: MIT */
/*
 * cases.c - reads .jsonl files. Members are cut out of the line as raw text, because contexts hold
 * integers of any size, which a general JSON library would refuse or round.
 */
#define _GNU_SOURCE
#include "runner.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static size_t
skip_space(kida_str text, size_t at)
{
    while (at < text.len && (text.ptr[at] == ' ' || text.ptr[at] == '\t'))
        at++;
    return at;
}

/* Position behind the string that starts at at. */
static size_t
skip_string(kida_str text, size_t at)
{
    for (at++; at < text.len && text.ptr[at] != '"'; at++) {
        if (text.ptr[at] == '\\')
            at++;
    }
    return at < text.len ? at + 1 : text.len;
}

/* Position behind the value that starts at at. */
static size_t
skip_value(kida_str text, size_t at)
{
    size_t depth = 0;

    while (at < text.len) {
        char c = text.ptr[at];
        if (c == '"') {
            at = skip_string(text, at);
            if (depth == 0)
                return at;
            continue;
        }
        if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            if (depth <= 1)
                return depth == 1 ? at + 1 : at;
            depth--;
        } else if (c == ',' && depth == 0) {
            return at;
        }
        at++;
    }
    return at;
}

kida_str
conf_member(kida_str object, const char *name)
{
    kida_str none = { NULL, 0 };
    size_t name_len = strlen(name);
    size_t at = skip_space(object, 0);

    if (at >= object.len || object.ptr[at] != '{')
        return none;
    at = skip_space(object, at + 1);
    while (at < object.len && object.ptr[at] == '"') {
        size_t key = at + 1;
        at = skip_string(object, at);
        size_t key_len = at - key - 1;
        at = skip_space(object, at);
        if (at >= object.len || object.ptr[at] != ':')
            return none;
        at = skip_space(object, at + 1);
        size_t end = skip_value(object, at);
        if (key_len == name_len && memcmp(object.ptr + key, name, name_len) == 0) {
            kida_str value = { object.ptr + at, end - at };
            return value;
        }
        at = skip_space(object, end);
        if (at < object.len && object.ptr[at] == ',')
            at = skip_space(object, at + 1);
    }
    return none;
}

static char *
read_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    struct stat info;

    if (file == NULL || fstat(fileno(file), &info) != 0 || info.st_size < 0)
        goto done;
    text = malloc((size_t)info.st_size + 1);
    if (text == NULL)
        goto done;
    *len = fread(text, 1, (size_t)info.st_size, file);
    text[*len] = '\0';
done:
    if (text == NULL)
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
    if (file != NULL)
        fclose(file);
    return text;
}

static bool
add_case(conf_cases *cases, kida_str line, const char *file, size_t number)
{
    kida_str id = conf_member(line, "id");
    if (id.len < 2) {
        fprintf(stderr, "%s:%zu: a case without an id\n", file, number);
        return false;
    }
    if (cases->count == cases->room) {
        size_t room = cases->room != 0 ? 2 * cases->room : 1024;
        conf_case *items = realloc(cases->items, room * sizeof(*items));
        if (items == NULL)
            return false;
        cases->items = items;
        cases->room = room;
    }
    conf_case *item = &cases->items[cases->count++];
    item->id.ptr = id.ptr + 1;
    item->id.len = id.len - 2;
    item->text = line;
    item->file = file;
    item->line = number;
    return true;
}

static bool
load_file(conf_cases *cases, const char *path)
{
    size_t len = 0;
    if (cases->block_count + 2 > sizeof(cases->blocks) / sizeof(cases->blocks[0])) {
        fprintf(stderr, "%s: too many files\n", path);
        return false;
    }
    char *text = read_file(path, &len);
    if (text == NULL)
        return false;
    cases->blocks[cases->block_count++] = text;

    const char *slash = strrchr(path, '/');
    char *file = strdup(slash != NULL ? slash + 1 : path);
    cases->blocks[cases->block_count++] = file;
    if (file == NULL)
        return false;
    size_t number = 1;
    for (size_t at = 0; at < len; number++) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t line_len = end != NULL ? (size_t)(end - text) - at : len - at;
        kida_str line = { text + at, line_len };
        if (line_len > 0 && !add_case(cases, line, file, number))
            return false;
        at += line_len + 1;
    }
    return true;
}

bool
conf_load(conf_cases *cases, const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode))
        return load_file(cases, path);

    char pattern[4096];
    glob_t found;
    snprintf(pattern, sizeof(pattern), "%s/*.jsonl", path);
    if (glob(pattern, 0, NULL, &found) != 0) {
        fprintf(stderr, "%s: no .jsonl file\n", path);
        return false;
    }
    bool ok = true;
    for (size_t i = 0; i < found.gl_pathc && ok; i++)
        ok = load_file(cases, found.gl_pathv[i]);
    globfree(&found);
    return ok;
}

void
conf_free(conf_cases *cases)
{
    for (size_t i = 0; i < cases->block_count; i++)
        free(cases->blocks[i]);
    cases->block_count = 0;
    free(cases->items);
    cases->items = NULL;
    cases->count = cases->room = 0;
}
