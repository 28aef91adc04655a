/* SPDX-License-Identifier: MIT */
/* log.c - access and event lines, as text or JSON (LG-1 to LG-4). */
#define _GNU_SOURCE
#include "log.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "config/text.h"
#include "http/parse.h"

#define LINE_MAX_BYTES ((size_t)4096) /* a pipe takes this much at once or not at all */
#define TARGET_MAX ((size_t)1024)     /* longer targets are cut in the log */
#define REJECTS_A_SECOND 100

/* ---- building lines ------------------------------------------------------------------------ */

/* A line in the making, in the free part of the buffer. */
typedef struct line {
    char *at;
    char *end;
} line;

static void
put(line *out, kida_str text)
{
    size_t room = (size_t)(out->end - out->at);
    size_t len = text.len < room ? text.len : room;
    memcpy(out->at, text.ptr, len);
    out->at += len;
}

static void
put_number(line *out, uint64_t number)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    put(out, (kida_str){ digits + at, sizeof(digits) - at });
}

/* Milliseconds with one decimal from nanoseconds. */
static void
put_duration(line *out, uint64_t nanoseconds)
{
    uint64_t tenths = (nanoseconds + 50000) / 100000;
    put_number(out, tenths / 10);
    char tail[2] = { '.', (char)('0' + tenths % 10) };
    put(out, (kida_str){ tail, 2 });
}

/* Whether a byte can stand in a quoted text of either format as it is. */
static bool
is_plain(char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* Bytes that could end the line or the quotes, or move a terminal's cursor, become escapes. */
static void
put_escaped(line *out, kida_str text, bool is_json)
{
    static const char hex[] = "0123456789abcdef";
    size_t start = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (is_plain(text.ptr[i]))
            continue;
        put(out, ch_str_slice(text, start, i));
        unsigned char c = (unsigned char)text.ptr[i];
        put(out, is_json ? KIDA_S("\\u00") : KIDA_S("\\x"));
        char digits[2] = { hex[c >> 4], hex[c & 15] };
        put(out, (kida_str){ digits, 2 });
        start = i + 1;
    }
    put(out, ch_str_slice(text, start, text.len));
}

static void
put_time(line *out)
{
    struct timespec now;
    struct tm parts;
    clock_gettime(CLOCK_REALTIME, &now);
    if (!gmtime_r(&now.tv_sec, &parts))
        return;
    char text[40];
    int len = snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ",
                       parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
                       parts.tm_min, parts.tm_sec, now.tv_nsec / 1000000);
    if (len > 0 && (size_t)len < sizeof(text))
        put(out, (kida_str){ text, (size_t)len });
}

/* Begins a line; false if there is no room, which counts it as lost. */
static bool
begin_line(ch_log *log, line *out)
{
    if (CH_LOG_SIZE - log->len < LINE_MAX_BYTES)
        ch_log_flush(log);
    if (CH_LOG_SIZE - log->len < LINE_MAX_BYTES) {
        log->dropped++;
        return false;
    }
    out->at = log->data + log->len;
    out->end = out->at + LINE_MAX_BYTES - 4; /* room for what closes the line */
    return true;
}

static void
end_line(ch_log *log, line *out, kida_str closing)
{
    out->end += 4;
    put(out, closing);
    log->len = (size_t)(out->at - log->data);
}

/* ---- lines --------------------------------------------------------------------------------- */

void
ch_log_init(ch_log *log, const chirp_config *config, int fd)
{
    log->fd = fd;
    log->len = 0;
    log->dropped = 0;
    log->rejects_second = 0;
    memset(log->rejects, 0, sizeof(log->rejects));
    log->with_query = config->log_query;
    log->level = config->log_level;
    log->is_json = config->log_format == CHIRP_LOG_JSON;
    if (config->log_format == CHIRP_LOG_AUTO)
        log->is_json = !isatty(fd);
}

static void
put_client(line *out, const chirp_request *req)
{
    put(out, chirp_client(req));
    put(out, KIDA_S(":"));
    put_number(out, chirp_client_port(req));
}

static kida_str
target_of(const ch_log *log, const chirp_request *req)
{
    kida_str target = log->with_query ? req->target : req->raw_path;
    if (!target.ptr)
        target = (kida_str){ "", 0 };
    if (target.len > TARGET_MAX)
        target.len = TARGET_MAX;
    return target;
}

static void
access_text(ch_log *log, line *out, const chirp_request *req, unsigned status, uint64_t bytes,
            uint64_t nanoseconds)
{
    put_client(out, req);
    put(out, KIDA_S(" - \""));
    put(out, ch_method_text(req->method));
    put(out, KIDA_S(" "));
    put_escaped(out, target_of(log, req), false);
    put(out, req->is_http10 ? KIDA_S(" HTTP/1.0\" ") : KIDA_S(" HTTP/1.1\" "));
    put_number(out, status);
    put(out, KIDA_S(" "));
    put_number(out, bytes);
    put(out, KIDA_S(" "));
    put_duration(out, nanoseconds);
    put(out, KIDA_S("ms"));
    if (req->request_id.len > 0) {
        size_t len = req->request_id.len < 12 ? req->request_id.len : 12;
        put(out, KIDA_S(" "));
        put(out, ch_str_slice(req->request_id, 0, len));
    }
}

static void
access_json(ch_log *log, line *out, const chirp_request *req, unsigned status, uint64_t bytes,
            uint64_t nanoseconds)
{
    put(out, KIDA_S("{\"timestamp\":\""));
    put_time(out);
    put(out, status >= 500 ? KIDA_S("\",\"level\":\"warning\"") : KIDA_S("\",\"level\":\"info\""));
    put(out, KIDA_S(",\"logger\":\"chirp.access\",\"method\":\""));
    put(out, ch_method_text(req->method));
    put(out, KIDA_S("\",\"path\":\""));
    put_escaped(out, target_of(log, req), true);
    put(out, req->is_http10 ? KIDA_S("\",\"http_version\":\"1.0\",\"status\":")
                            : KIDA_S("\",\"http_version\":\"1.1\",\"status\":"));
    put_number(out, status);
    put(out, KIDA_S(",\"bytes_sent\":"));
    put_number(out, bytes);
    put(out, KIDA_S(",\"duration_ms\":"));
    put_duration(out, nanoseconds);
    put(out, KIDA_S(",\"client\":\""));
    put_client(out, req);
    put(out, KIDA_S("\",\"request_id\":\""));
    if (req->request_id.ptr)
        put_escaped(out, req->request_id, true);
    put(out, KIDA_S("\""));
}

void
ch_log_access(ch_log *log, const chirp_request *req, unsigned status, uint64_t bytes,
              uint64_t nanoseconds)
{
    chirp_log_level level = status >= 500 ? CHIRP_LEVEL_WARNING : CHIRP_LEVEL_INFO;
    line out;
    if (level < log->level || !begin_line(log, &out))
        return;
    if (log->is_json)
        access_json(log, &out, req, status, bytes, nanoseconds);
    else
        access_text(log, &out, req, status, bytes, nanoseconds);
    end_line(log, &out, log->is_json ? KIDA_S("}\n") : KIDA_S("\n"));
}

static const char *const level_names[] = { "debug", "info", "warning", "error" };

/* Each line by itself, so that nothing but LF passes. */
static void
put_lines(line *out, kida_str text)
{
    for (size_t at = 0; at <= text.len;) {
        size_t end = ch_str_find(text, '\n', at);
        put_escaped(out, ch_str_slice(text, at, end), false);
        if (end < text.len)
            put(out, KIDA_S("\n"));
        at = end + 1;
    }
}

static void
record(ch_log *log, chirp_log_level level, kida_str message, bool is_block)
{
    kida_str name = kida_str_from(level_names[level]);
    line out;
    if (level < log->level || !begin_line(log, &out))
        return;
    if (!log->is_json) {
        put(&out, KIDA_S("chirp: "));
        put(&out, name);
        put(&out, KIDA_S(": "));
        if (is_block)
            put_lines(&out, message);
        else
            put_escaped(&out, message, false);
        end_line(log, &out, KIDA_S("\n"));
        return;
    }
    put(&out, KIDA_S("{\"timestamp\":\""));
    put_time(&out);
    put(&out, KIDA_S("\",\"level\":\""));
    put(&out, name);
    put(&out, KIDA_S("\",\"logger\":\"chirp\",\"message\":\""));
    put_escaped(&out, message, true);
    end_line(log, &out, KIDA_S("\"}\n"));
}

static size_t
room_of(const line *out)
{
    return (size_t)(out->end - out->at);
}

/* JSON in ASCII: a text stays the same text for who reads it; in what is no UTF-8 each byte stands
 * for itself (LG-1). No half escapes where the line is full. */
static void
put_json(line *out, kida_str text)
{
    bool is_utf8 = text.ptr && kida_utf8_valid(text);
    const char *at = text.ptr, *end = text.ptr ? text.ptr + text.len : at;
    while (at < end) {
        uint32_t c = is_utf8 ? kida_utf8_next(&at, end) : (unsigned char)*at++;
        char unit[16] = { (char)c };
        int len = 1;
        if (c >= 0x10000)
            len = snprintf(unit, sizeof(unit), "\\u%04x\\u%04x", (unsigned)(0xd7c0 + (c >> 10)),
                           (unsigned)(0xdc00 + (c & 0x3ff)));
        else if (c >= 0x80 || !is_plain((char)c))
            len = snprintf(unit, sizeof(unit), "\\u%04x", (unsigned)c);
        if (room_of(out) < (size_t)len)
            return;
        put(out, (kida_str){ unit, (size_t)len });
    }
}

static void
event_text(line *out, kida_str message, const chirp_log_field *fields, size_t count)
{
    put_escaped(out, message, false);
    for (size_t i = 0; i < count; i++) {
        put(out, KIDA_S(" "));
        put_escaped(out, kida_str_from(fields[i].name), false);
        put(out, KIDA_S("=\""));
        if (fields[i].value.ptr)
            put_escaped(out, fields[i].value, false);
        put(out, KIDA_S("\""));
    }
}

static void
event_json(line *out, kida_str message, const chirp_log_field *fields, size_t count)
{
    put_json(out, message);
    for (size_t i = 0; i < count; i++) {
        kida_str name = kida_str_from(fields[i].name);
        if (room_of(out) < name.len * 6 + 6)
            return; /* what closes the line still fits */
        put(out, KIDA_S("\",\""));
        put_json(out, name);
        put(out, KIDA_S("\":\""));
        put_json(out, fields[i].value);
    }
}

void
ch_log_event(ch_log *log, chirp_log_level level, kida_str message, const chirp_log_field *fields,
             size_t count)
{
    line out;
    if (level < log->level || !begin_line(log, &out))
        return;
    kida_str name = kida_str_from(level_names[level]);
    if (!log->is_json) {
        put(&out, KIDA_S("chirp: "));
        put(&out, name);
        put(&out, KIDA_S(": "));
        event_text(&out, message, fields, count);
        end_line(log, &out, KIDA_S("\n"));
        return;
    }
    put(&out, KIDA_S("{\"timestamp\":\""));
    put_time(&out);
    put(&out, KIDA_S("\",\"level\":\""));
    put(&out, name);
    put(&out, KIDA_S("\",\"logger\":\"chirp\",\"message\":\""));
    event_json(&out, message, fields, count);
    end_line(log, &out, KIDA_S("\"}\n"));
}

void
ch_log_block(ch_log *log, chirp_log_level level, kida_str text)
{
    record(log, level, text, true);
}

void
ch_log_line(ch_log *log, chirp_log_level level, const char *format, ...)
{
    char text[2048];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    size_t used = len < 0 ? 0 : (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1;
    record(log, level, (kida_str){ text, used }, false);
}

void
ch_log_sum_up(ch_log *log, uint64_t now_ms)
{
    uint64_t second = now_ms / 1000;
    if (second == log->rejects_second)
        return;
    log->rejects_second = second;
    for (size_t i = 0; i < CH_REJECT_COUNT; i++) {
        uint32_t count = log->rejects[i];
        log->rejects[i] = 0;
        if (count <= REJECTS_A_SECOND)
            continue;
        kida_str token = ch_reject_token((ch_reject)i);
        ch_log_line(log, CHIRP_LEVEL_WARNING, "refused %u more: %.*s",
                    (unsigned)(count - REJECTS_A_SECOND), (int)token.len, token.ptr);
    }
}

void
ch_log_reject(ch_log *log, const chirp_request *req, kida_str input, ch_reject reason,
              uint64_t now_ms)
{
    ch_log_sum_up(log, now_ms);
    if (log->rejects[reason] < UINT32_MAX)
        log->rejects[reason]++;
    if (log->rejects[reason] > REJECTS_A_SECOND)
        return;
    kida_str token = ch_reject_token(reason), peer = chirp_client(req);
    if (!log->with_query)
        input = ch_str_slice(input, 0, ch_str_find(input, '?', 0));
    char text[256];
    int len = snprintf(text, sizeof(text) - CH_SEEN_MAX, "refused %.*s:%u %u %.*s ", (int)peer.len,
                       peer.ptr, (unsigned)chirp_client_port(req), ch_reject_status(reason),
                       (int)token.len, token.ptr);
    if (len < 0 || (size_t)len >= sizeof(text) - CH_SEEN_MAX || input.len > CH_SEEN_MAX)
        return;
    if (input.len > 0)
        memcpy(text + len, input.ptr, input.len);
    else
        len--; /* the space */
    record(log, CHIRP_LEVEL_INFO, (kida_str){ text, (size_t)len + input.len }, false);
}

/* ---- writing ------------------------------------------------------------------------------- */

/* Length of the longest run of whole lines within one piece. */
static size_t
piece_length(const char *data, size_t len)
{
    if (len <= LINE_MAX_BYTES)
        return len;
    const char *last = memrchr(data, '\n', LINE_MAX_BYTES);
    return last ? (size_t)(last - data) + 1 : LINE_MAX_BYTES;
}

static bool
can_write(int fd)
{
    struct pollfd entry = { .fd = fd, .events = POLLOUT };
    return poll(&entry, 1, 0) == 1 && (entry.revents & POLLOUT) != 0;
}

static uint64_t
count_lines(const char *data, size_t len)
{
    return ch_str_count((kida_str){ data, len }, '\n');
}

void
ch_log_flush(ch_log *log)
{
    size_t at = 0;
    while (at < log->len) {
        size_t piece = piece_length(log->data + at, log->len - at);
        /* Ready for output means room for a whole piece, so this write does not block (LG-3). */
        if (!can_write(log->fd))
            break;
        ssize_t done = write(log->fd, log->data + at, piece);
        if (done < 0)
            break;
        at += (size_t)done;
    }
    /* A target that takes nothing costs lines, never memory or time. */
    log->dropped += count_lines(log->data + at, log->len - at);
    log->len = 0;
}
