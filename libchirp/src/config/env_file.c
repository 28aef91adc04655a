/* SPDX-License-Identifier: MIT */
/* env_file.c - files of lines NAME=value, as shells and other tools read them: no line goes on in
 * the next, nothing is put in for $NAME. */
#define _GNU_SOURCE
#include "env_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "text.h"

#define FILE_MAX ((size_t)64 << 10)

static bool
is_name(kida_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = ch_lower(text.ptr[i]);
        if (!(c >= 'a' && c <= 'z') && c != '_' && !(i > 0 && ch_is_digit(c)))
            return false;
    }
    return text.len > 0;
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Whether nothing but a comment is left. */
static bool
is_rest(kida_str text)
{
    text = ch_str_trim(text);
    return text.len == 0 || text.ptr[0] == '#';
}

/* A value between quotes; false if they don't close, or if something follows. */
static bool
put_quoted(kida_str text, kida_buf *out)
{
    char quote = text.ptr[0];
    size_t at = 1;
    for (; at < text.len && text.ptr[at] != quote; at++) {
        char c = text.ptr[at];
        if (quote == '"' && c == '\\' && at + 1 < text.len) {
            c = text.ptr[++at];
            if (c == 'n')
                c = '\n';
            else if (c != '"' && c != '\\')
                kida_buf_byte(out, '\\'); /* no escape: both stay */
        }
        kida_buf_byte(out, c);
    }
    return at < text.len && is_rest(ch_str_slice(text, at + 1, text.len));
}

static void
put_plain(kida_str text, kida_buf *out)
{
    size_t end = 0;
    while (end < text.len &&
           !(text.ptr[end] == '#' && (end == 0 || is_blank(text.ptr[end - 1]))))
        end++;
    kida_buf_put(out, ch_str_trim(ch_str_slice(text, 0, end)));
}

/* One line that is neither empty nor a comment. False if it is no NAME=value. */
static bool
put_line(kida_str line, kida_buf *out)
{
    kida_str lead = KIDA_S("export");
    if (line.len > lead.len && is_blank(line.ptr[lead.len]) &&
        kida_str_equal(ch_str_slice(line, 0, lead.len), lead))
        line = ch_str_trim(ch_str_slice(line, lead.len, line.len));
    size_t equals = ch_str_find(line, '=', 0);
    kida_str name = ch_str_trim(ch_str_slice(line, 0, equals));
    if (equals == line.len || !is_name(name))
        return false;
    kida_buf_put(out, name);
    kida_buf_byte(out, '=');
    kida_str value = ch_str_trim(ch_str_slice(line, equals + 1, line.len));
    bool fine = true;
    if (value.len > 0 && (value.ptr[0] == '"' || value.ptr[0] == '\''))
        fine = put_quoted(value, out);
    else
        put_plain(value, out);
    kida_buf_byte(out, '\0');
    return fine;
}

kida_status
ch_env_file_parse(const char *path, kida_str text, kida_buf *out, kida_error *err)
{
    unsigned number = 1;
    for (size_t at = 0; at < text.len; number++) {
        size_t end = ch_str_find(text, '\n', at);
        size_t len = end > at && text.ptr[end - 1] == '\r' ? end - 1 : end;
        kida_str line = ch_str_trim(ch_str_slice(text, at, len));
        at = end + 1;
        if (is_rest(line))
            continue;
        if (ch_str_find(line, '\0', 0) < line.len || !put_line(line, out))
            return ch_fail(err, KIDA_E_PARSE, "%.200s, line %u: not NAME=value", path, number);
    }
    if (kida_buf_status(out) != KIDA_OK)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for %.200s", path);
    return KIDA_OK;
}

/* All bytes of an open file; KIDA_E_IO with errno 0 if there are too many. */
static kida_status
read_all(int fd, kida_buf *out)
{
    char piece[4096];
    ssize_t got;
    while ((got = read(fd, piece, sizeof(piece))) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return KIDA_E_IO;
        kida_buf_put(out, (kida_str){ piece, (size_t)got });
        if (kida_buf_str(out).len > FILE_MAX) {
            errno = EFBIG;
            return KIDA_E_IO;
        }
    }
    return kida_buf_status(out) == KIDA_OK ? KIDA_OK : KIDA_E_NOMEM;
}

kida_status
ch_env_file_read(const char *path, kida_buf *out, kida_error *err)
{
    char reason[128];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return ch_fail(err, KIDA_E_NOT_FOUND, "there is no file '%.200s'", path);
    kida_buf text;
    kida_buf_init_heap(&text, NULL, FILE_MAX + 8192);
    kida_status st = fd >= 0 ? read_all(fd, &text) : KIDA_E_IO;
    if (st == KIDA_E_IO)
        (void)ch_fail(err, st, "can't read '%.200s': %s", path,
                      strerror_r(errno, reason, sizeof(reason)));
    else if (st != KIDA_OK)
        (void)ch_fail(err, st, "no memory for %.200s", path);
    else
        st = ch_env_file_parse(path, kida_buf_str(&text), out, err);
    kida_buf_free(&text);
    if (fd >= 0)
        close(fd);
    return st;
}
