/* SPDX-License-Identifier: MIT */
/* multipart.c - see multipart.h.
 *
 * CR stands at the start of the delimiter and nowhere else in it, so after a mismatch no part of
 * what had matched can be the beginning of another match: every byte is looked at twice at most. */
#include "http/multipart.h"

#include <string.h>

#include "config/text.h"
#include "http/headers.h"

/* ---- the boundary --------------------------------------------------------------------------- */

static bool
boundary_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || ch_is_digit(c) ||
           (c != '\0' && memchr("'()+_,-./:=? ", c, 13) != NULL);
}

static bool
boundary_is_valid(kida_str boundary)
{
    if (boundary.len == 0 || boundary.len > CH_BOUNDARY_MAX ||
        boundary.ptr[boundary.len - 1] == ' ')
        return false;
    for (size_t i = 0; i < boundary.len; i++) {
        if (!boundary_char(boundary.ptr[i]))
            return false;
    }
    return true;
}

static kida_str
unquoted(kida_str value)
{
    if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
        return ch_str_slice(value, 1, value.len - 1);
    return value;
}

kida_status
ch_multipart_boundary(kida_str content_type, kida_str *boundary)
{
    size_t pos = 0;
    size_t count = 0;
    kida_str part;
    if (!ch_str_next(content_type, ';', &pos, &part) ||
        !ch_str_iequal(part, KIDA_S("multipart/form-data")))
        return KIDA_E_UNSUPPORTED;
    while (ch_str_next(content_type, ';', &pos, &part)) {
        size_t equals = ch_str_find(part, '=', 0);
        if (!ch_str_iequal(ch_str_slice(part, 0, equals), KIDA_S("boundary")))
            continue;
        count++;
        *boundary = equals < part.len ? unquoted(ch_str_slice(part, equals + 1, part.len))
                                      : KIDA_S("");
    }
    return count == 1 && boundary_is_valid(*boundary) ? KIDA_OK : KIDA_E_PARSE;
}

void
ch_multipart_init(ch_multipart *m, kida_str boundary, size_t parts_max,
                  const ch_multipart_calls *calls, void *user)
{
    memset(m, 0, offsetof(ch_multipart, head));
    m->calls = calls;
    m->user = user;
    m->parts_max = parts_max;
    memcpy(m->delimiter, "\r\n--", 4);
    memcpy(m->delimiter + 4, boundary.ptr, boundary.len);
    m->delimiter_len = boundary.len + 4;
    m->matched = 2; /* a boundary at the very start needs no line end before it */
}

static kida_status
bad(ch_multipart *m, const char *problem)
{
    m->state = CH_MULTIPART_BAD;
    m->problem = problem;
    return KIDA_E_PARSE;
}

static kida_status
too_much(ch_multipart *m, const char *problem)
{
    (void)bad(m, problem);
    return KIDA_E_LIMIT_MEMORY;
}

/* ---- the head of a part --------------------------------------------------------------------- */

/* Copies a quoted text inside of itself without its backslashes before quotes; browsers send other
 * backslashes as they are. False if it does not end. *at stands behind the opening quote. */
static bool
read_quoted(char *head, size_t end, size_t *at, kida_str *out)
{
    size_t from = *at, to = *at;
    for (; from < end && head[from] != '"'; from++) {
        if (head[from] == '\\' && from + 1 < end && head[from + 1] == '"')
            from++;
        head[to++] = head[from];
    }
    *out = (kida_str){ head + *at, to - *at };
    *at = from + 1;
    return from < end;
}

/* One `; name=value` of Content-Disposition. False if it is malformed. */
static bool
read_parameter(char *head, size_t end, size_t *at, kida_str *name, kida_str *value)
{
    size_t i = *at;
    while (i < end && (head[i] == ' ' || head[i] == '\t'))
        i++;
    size_t start = i;
    while (i < end && ch_token_char(head[i]))
        i++;
    *name = (kida_str){ head + start, i - start };
    if (name->len == 0 || i == end || head[i] != '=')
        return false;
    i++;
    if (i < end && head[i] == '"') {
        i++;
        if (!read_quoted(head, end, &i, value))
            return false;
    } else {
        start = i;
        while (i < end && ch_token_char(head[i]))
            i++;
        *value = (kida_str){ head + start, i - start };
    }
    while (i < end && (head[i] == ' ' || head[i] == '\t'))
        i++;
    *at = i;
    return true;
}

static kida_status
read_disposition(ch_multipart *m, char *value, size_t end, ch_part *part)
{
    size_t at = 0;
    while (at < end && value[at] != ';')
        at++;
    kida_str kind = ch_str_trim((kida_str){ value, at });
    if (part->name.ptr || !ch_str_iequal(kind, KIDA_S("form-data")))
        return bad(m, "a part is no form-data");
    while (at < end) {
        kida_str name, text;
        at++; /* the semicolon */
        if (!read_parameter(value, end, &at, &name, &text) || (at < end && value[at] != ';'))
            return bad(m, "a Content-Disposition is malformed");
        bool is_name = ch_str_iequal(name, KIDA_S("name"));
        bool is_file = ch_str_iequal(name, KIDA_S("filename"));
        kida_str *to = is_name ? &part->name : is_file ? &part->filename : NULL;
        if (to && to->ptr)
            return bad(m, "a Content-Disposition gives a name twice");
        if (to)
            *to = text;
    }
    if (!part->name.ptr)
        return bad(m, "a part has no name");
    if (part->name.len > CH_PART_NAME_MAX || part->filename.len > CH_PART_FILE_MAX)
        return too_much(m, "the name of a part is too long");
    return KIDA_OK;
}

/* A line of the head, without its line end. */
static kida_status
read_line(ch_multipart *m, size_t start, size_t end, ch_part *part)
{
    kida_str line = { m->head + start, end - start };
    if (line.ptr[0] == ' ' || line.ptr[0] == '\t')
        return bad(m, "a header of a part is folded");
    size_t colon = ch_str_find(line, ':', 0);
    kida_str name = ch_str_slice(line, 0, colon);
    if (colon == line.len || !ch_token_is_valid(name))
        return bad(m, "a header of a part is malformed");
    kida_str value = ch_str_slice(line, colon + 1, line.len);
    if (!ch_field_value_is_valid(value))
        return bad(m, "a header of a part holds a control byte");
    if (ch_str_iequal(name, KIDA_S("content-disposition")))
        return read_disposition(m, m->head + start + colon + 1, value.len, part);
    if (ch_str_iequal(name, KIDA_S("content-type")))
        part->content_type = ch_str_trim(value);
    return KIDA_OK;
}

static kida_status
read_head(ch_multipart *m)
{
    ch_part part = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
    size_t start = 0;
    size_t lines = 0;
    kida_status st = KIDA_OK;
    while (st == KIDA_OK && m->head[start] != '\r') {
        size_t end = start;
        while (m->head[end] != '\r')
            end++;
        if (++lines > CH_PART_LINES_MAX)
            return too_much(m, "a part has too many header lines");
        st = read_line(m, start, end, &part);
        start = end + 2;
    }
    if (st != KIDA_OK)
        return st;
    if (!part.name.ptr)
        return bad(m, "a part has no name");
    if (++m->parts > m->parts_max)
        return too_much(m, "the form has too many parts");
    m->state = CH_MULTIPART_CONTENT;
    m->head_len = 0;
    m->matched = 0;
    return m->calls->part(m->user, &part);
}

/* One byte of a head; it ends with an empty line. */
static kida_status
head_byte(ch_multipart *m, char c)
{
    char before = m->head_len > 0 ? m->head[m->head_len - 1] : '\0';
    if ((c == '\n') != (before == '\r'))
        return bad(m, "a line of a part does not end with CR LF");
    if (m->head_len == CH_PART_HEAD_MAX)
        return too_much(m, "the header of a part is too long");
    m->head[m->head_len++] = c;
    if (c != '\n')
        return KIDA_OK;
    bool is_empty = m->head_len == 2 || (m->head_len >= 4 && m->head[m->head_len - 4] == '\r');
    return is_empty ? read_head(m) : KIDA_OK;
}

/* ---- content and boundaries ----------------------------------------------------------------- */

static kida_status
give(ch_multipart *m, const char *data, size_t len)
{
    if (len == 0 || m->state != CH_MULTIPART_CONTENT)
        return KIDA_OK;
    return m->calls->data(m->user, (kida_str){ data, len });
}

static kida_status
found_delimiter(ch_multipart *m)
{
    bool was_content = m->state == CH_MULTIPART_CONTENT;
    m->state = CH_MULTIPART_BOUNDARY;
    m->tail_len = 0;
    m->matched = 0;
    return was_content ? m->calls->end(m->user) : KIDA_OK;
}

/* Takes content up to the delimiter; returns how many bytes it took in *used. */
static kida_status
content(ch_multipart *m, kida_str piece, size_t *used)
{
    size_t start = 0; /* content that is not given yet */
    size_t i = 0;
    uint64_t base = m->at;
    kida_status st = KIDA_OK;
    while (i < piece.len && st == KIDA_OK) {
        if (m->matched == 0) {
            const char *cr = memchr(piece.ptr + i, '\r', piece.len - i);
            if (!cr) {
                i = piece.len;
                break;
            }
            i = (size_t)(cr - piece.ptr);
            st = give(m, piece.ptr + start, i - start);
            start = ++i;
            m->matched = 1;
        } else if (piece.ptr[i] == m->delimiter[m->matched]) {
            start = ++i;
            if (++m->matched == m->delimiter_len) {
                m->at = base + i;
                *used = i;
                return found_delimiter(m);
            }
        } else {
            st = give(m, m->delimiter, m->matched); /* it was content after all */
            m->matched = 0;
            start = i;
        }
    }
    if (st == KIDA_OK)
        st = give(m, piece.ptr + start, i - start);
    *used = i;
    m->at = base + i;
    return st;
}

static kida_status
boundary_byte(ch_multipart *m, char c)
{
    m->tail[m->tail_len++] = c;
    if (m->tail_len < 2)
        return KIDA_OK;
    if (memcmp(m->tail, "\r\n", 2) == 0)
        m->state = CH_MULTIPART_HEAD;
    else if (memcmp(m->tail, "--", 2) == 0)
        m->state = CH_MULTIPART_LAST;
    else
        return bad(m, "a boundary is followed by something else");
    m->tail_len = 0;
    return KIDA_OK;
}

static kida_status
last_byte(ch_multipart *m, char c)
{
    if (m->tail_len >= 2 || c != "\r\n"[m->tail_len])
        return bad(m, "something follows the last boundary");
    m->tail_len++;
    return KIDA_OK;
}

kida_status
ch_multipart_feed(ch_multipart *m, kida_str piece)
{
    kida_status st = KIDA_OK;
    while (piece.len > 0 && st == KIDA_OK) {
        size_t used = 1;
        if (m->state == CH_MULTIPART_BAD)
            return KIDA_E_PARSE;
        if (m->state == CH_MULTIPART_CONTENT || m->state == CH_MULTIPART_PREAMBLE) {
            st = content(m, piece, &used);
        } else {
            m->at++;
            if (m->state == CH_MULTIPART_HEAD)
                st = head_byte(m, piece.ptr[0]);
            else if (m->state == CH_MULTIPART_BOUNDARY)
                st = boundary_byte(m, piece.ptr[0]);
            else
                st = last_byte(m, piece.ptr[0]);
        }
        piece.ptr += used;
        piece.len -= used;
    }
    return st;
}

kida_status
ch_multipart_finish(ch_multipart *m)
{
    if (m->state == CH_MULTIPART_LAST && m->tail_len != 1)
        return KIDA_OK;
    if (m->state == CH_MULTIPART_BAD)
        return KIDA_E_PARSE;
    return bad(m, "the last boundary is missing");
}
