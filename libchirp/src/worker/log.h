/* SPDX-License-Identifier: MIT */
/* log.h - log lines of one worker: gathered in a buffer, written without ever blocking the loop. */
#ifndef CH_WORKER_LOG_H
#define CH_WORKER_LOG_H

#include <chirp/log.h>

#include "http/reject.h"
#include "http/request.h"

#define CH_LOG_SIZE ((size_t)64 << 10)

typedef struct ch_log {
    int fd;
    bool is_json;
    bool with_query;
    chirp_log_level level;
    size_t len;
    uint64_t dropped;          /* lines lost because the target took nothing */
    uint64_t rejects_second;   /* LG-4: the second that is counted, */
    uint32_t rejects[CH_REJECT_COUNT]; /* and the refusals in it */
    char data[CH_LOG_SIZE];
} ch_log;

void ch_log_init(ch_log *log, const chirp_config *config, int fd);

/* One line for an answered request. */
void ch_log_access(ch_log *log, const chirp_request *req, unsigned status, uint64_t bytes,
                   uint64_t nanoseconds);

/* One line for a refused request (R0), with how it began; at most 100 a second and reason, then a
 * summary. */
void ch_log_reject(ch_log *log, const chirp_request *req, kida_str input, ch_reject reason,
                   uint64_t now_ms);

/* Tells how many refusals of the last second were left out, once it is over. */
void ch_log_sum_up(ch_log *log, uint64_t now_ms);

/* Several lines, as one record: LF stands as it is in the text form. Whoever calls takes care that
 * no line comes from a request. */
void ch_log_block(ch_log *log, chirp_log_level level, kida_str text);

/* One line of text; control bytes are escaped. */
void ch_log_line(ch_log *log, chirp_log_level level, const char *format, ...) KIDA_PRINTF(3, 4);

/* One line with further members, in their order, each text escaped. */
void ch_log_event(ch_log *log, chirp_log_level level, kida_str message,
                  const chirp_log_field *fields, size_t count);

/* Hands whole lines to the target, as many as it takes at once. */
void ch_log_flush(ch_log *log);

#endif
