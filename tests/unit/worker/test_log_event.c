/* SPDX-License-Identifier: MIT */
/* test_log_event.c - lines of the application, and what can not break them (16.6, LG-1). */
#define _GNU_SOURCE
#include "t.h"

#include "worker/log.h"

#include <unistd.h>

static ch_log log_;
static char written[8192];

/* What one event writes. */
static const char *
write_event(chirp_log_format format, chirp_log_level level, kida_str message,
            const chirp_log_field *fields, size_t count)
{
    int ends[2];
    chirp_config config;
    chirp_config_init(&config);
    config.log_format = format;
    assert_int_equal(pipe(ends), 0);
    ch_log_init(&log_, &config, ends[1]);
    ch_log_event(&log_, level, message, fields, count);
    ch_log_flush(&log_);
    close(ends[1]);
    size_t len = 0;
    ssize_t got;
    while ((got = read(ends[0], written + len, sizeof(written) - 1 - len)) > 0)
        len += (size_t)got;
    close(ends[0]);
    written[len] = '\0';
    return written;
}

/* The line without its time. */
static const char *
behind_time(const char *line)
{
    const char *at = strstr(line, "\",");
    return at ? at + 2 : line;
}

static void
row_16_6_members_of_a_line(void **state)
{
    (void)state;
    const chirp_log_field fields[] = {
        { "order", KIDA_S("17") },
        { "request_id", KIDA_S("abc") },
        { "missing", { NULL, 0 } },
    };
    const char *line = write_event(CHIRP_LOG_JSON, CHIRP_LEVEL_INFO, KIDA_S("paid"), fields, 3);
    assert_string_equal(behind_time(line),
                        "\"level\":\"info\",\"logger\":\"chirp\",\"message\":\"paid\","
                        "\"order\":\"17\",\"request_id\":\"abc\",\"missing\":\"\"}\n");
    line = write_event(CHIRP_LOG_TEXT, CHIRP_LEVEL_WARNING, KIDA_S("paid"), fields, 2);
    assert_string_equal(line, "chirp: warning: paid order=\"17\" request_id=\"abc\"\n");
    line = write_event(CHIRP_LOG_TEXT, CHIRP_LEVEL_DEBUG, KIDA_S("paid"), fields, 2);
    assert_string_equal(line, "");
}

static void
lg_1_bytes_that_could_break_a_line(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        kida_str value;
        const char *json, *text;
    } cases[] = {
        { "line ends", KIDA_S_INIT("a\r\nb"), "a\\u000d\\u000ab", "a\\x0d\\x0ab" },
        { "quotes", KIDA_S_INIT("a\"b\\c"), "a\\u0022b\\u005cc", "a\\x22b\\x5cc" },
        { "escape sequence", KIDA_S_INIT("\x1b[31m"), "\\u001b[31m", "\\x1b[31m" },
        { "text", KIDA_S_INIT("\xc3\xa9"), "\\u00e9", "\\xc3\\xa9" },
        { "beyond 16 bits", KIDA_S_INIT("\xf0\x9f\x98\x80"), "\\ud83d\\ude00",
          "\\xf0\\x9f\\x98\\x80" },
        { "no UTF-8", KIDA_S_INIT("\xff\xc3"), "\\u00ff\\u00c3", "\\xff\\xc3" },
        { "NUL", KIDA_S_INIT("a\0b"), "a\\u0000b", "a\\x00b" },
    };
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        chirp_log_field field = { "f", cases[i].value };
        char want[256];
        snprintf(want, sizeof(want), ",\"f\":\"%s\"}\n", cases[i].json);
        const char *line = write_event(CHIRP_LOG_JSON, CHIRP_LEVEL_INFO, KIDA_S("m"), &field, 1);
        if (!strstr(line, want))
            fail_msg("%s: %s", cases[i].label, line);
        snprintf(want, sizeof(want), " f=\"%s\"\n", cases[i].text);
        line = write_event(CHIRP_LOG_TEXT, CHIRP_LEVEL_INFO, KIDA_S("m"), &field, 1);
        if (!strstr(line, want))
            fail_msg("%s: %s", cases[i].label, line);
    }
}

/* Holds: however long the texts are, the line is one JSON object with closed quotes. */
static void
row_16_6_long_lines_are_cut(void **state)
{
    (void)state;
    static char large[5000];
    chirp_log_field fields[3] = { { .name = "a" }, { .name = "b" }, { .name = "c" } };
    for (size_t len = 0; len < sizeof(large); len += 37) {
        memset(large, '\n', len); /* six bytes each */
        for (size_t i = 0; i < 3; i++)
            fields[i].value = (kida_str){ large, len };
        const char *line = write_event(CHIRP_LOG_JSON, CHIRP_LEVEL_INFO,
                                       (kida_str){ large, len / 2 }, fields, 3);
        size_t end = strlen(line);
        assert_true(end > 3 && end <= 4096);
        assert_string_equal(line + end - 3, "\"}\n");
        kida_value value;
        kida_pool *pool = kida_pool_new(NULL, 0);
        assert_int_equal(kida_json_parse(pool, kida_str_from(line), &value, NULL), KIDA_OK);
        kida_pool_free(pool);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(row_16_6_members_of_a_line),
        cmocka_unit_test(lg_1_bytes_that_could_break_a_line),
        cmocka_unit_test(row_16_6_long_lines_are_cut),
    };
    return cmocka_run_group_tests_name("worker/log_event", tests, NULL, NULL);
}
