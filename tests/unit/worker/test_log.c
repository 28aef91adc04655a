/* SPDX-License-Identifier: MIT */
/* test_log.c - log lines: R0, LG-1 to LG-4. */
#define _GNU_SOURCE
#include "t.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/parse.h"
#include "worker/log.h"

static struct {
    chirp_config config;
    chirp_request req;
    int ends[2];
    ch_log log;
    char text[1 << 18];
} fx;

static int
setup(void **state)
{
    (void)state;
    memset(&fx, 0, sizeof(fx));
    chirp_config_init(&fx.config);
    fx.config.log_format = CHIRP_LOG_TEXT;
    ch_request_init(&fx.req, &fx.config);
    ch_request_set_client(&fx.req, KIDA_S("192.0.2.1"), 1234);
    return pipe2(fx.ends, O_NONBLOCK | O_CLOEXEC);
}

static int
teardown(void **state)
{
    (void)state;
    ch_request_clear(&fx.req);
    close(fx.ends[0]);
    close(fx.ends[1]);
    return 0;
}

/* Everything that was logged since the last call. */
static const char *
logged(void)
{
    size_t len = 0;
    ssize_t got;
    ch_log_flush(&fx.log);
    while ((got = read(fx.ends[0], fx.text + len, sizeof(fx.text) - 1 - len)) > 0)
        len += (size_t)got;
    fx.text[len] = '\0';
    return fx.text;
}

static size_t
lines(const char *text)
{
    size_t count = 0;
    for (; (text = strchr(text, '\n')) != NULL; text++)
        count++;
    return count;
}

/* Holds: R0, LG-1: one line with peer, reason and how it began, escaped. */
static void
r0_a_refusal_is_one_line(void **state)
{
    static const char odd[] = "GET /\x1b[2J\r\n\"\\\0\xff\x7f";
    (void)state;
    ch_log_init(&fx.log, &fx.config, fx.ends[1]);
    ch_log_reject(&fx.log, &fx.req, (kida_str){ odd, sizeof(odd) - 1 }, CH_REJECT_TARGET, 1000);
    assert_string_equal(logged(), "chirp: info: refused 192.0.2.1:1234 400 target "
                                  "GET /\\x1b[2J\\x0d\\x0a\\x22\\x5c\\x00\\xff\\x7f\n");
    ch_log_reject(&fx.log, &fx.req, KIDA_S(""), CH_REJECT_CUT, 1000);
    assert_string_equal(logged(), "chirp: info: refused 192.0.2.1:1234 400 cut\n");
}

/* Holds: LG-1, LG-2: JSON stays JSON, and a query that is not to be logged is not logged here
 * either. */
static void
lg_1_json_lines_stay_json(void **state)
{
    (void)state;
    fx.config.log_format = CHIRP_LOG_JSON;
    fx.config.log_query = false;
    ch_log_init(&fx.log, &fx.config, fx.ends[1]);
    kida_str input = KIDA_S("GET /\"\\\n\x01\xff?token=secret");
    ch_log_reject(&fx.log, &fx.req, input, CH_REJECT_TARGET, 1000);
    const char *text = logged();
    assert_non_null(strstr(text, "GET /\\u0022\\u005c\\u000a\\u0001\\u00ff\"}\n"));
    assert_null(strstr(text, "secret"));
    kida_pool *pool = kida_pool_new(NULL, 1u << 20);
    kida_value value;
    kida_error err;
    assert_int_equal(kida_json_parse(pool, kida_str_from(text), &value, &err), KIDA_OK);
    kida_pool_free(pool);
}

/* Holds: R0: no more than the first bytes of the request line, whatever follows it. */
static void
r0_the_parser_keeps_the_beginning(void **state)
{
    static const char bytes[] = "GET /01234567890123456789012345678901234567890123456789"
                                "01234567890123456789 HTTP/9\r\nCookie: secret\r\n\r\n";
    size_t used;
    (void)state;
    for (size_t step = 1; step < sizeof(bytes); step += 7) {
        ch_parser *parser = ch_parser_new(&fx.config);
        ch_parser_begin(parser, &fx.req);
        for (size_t at = 0; at + step < sizeof(bytes); at += step)
            (void)ch_parser_feed(parser, bytes + at, step, &used);
        kida_str seen = ch_parser_seen(parser);
        assert_true(seen.len <= CH_SEEN_MAX && seen.len >= step % CH_SEEN_MAX);
        assert_memory_equal(seen.ptr, bytes, seen.len);
        ch_parser_free(parser);
        ch_request_clear(&fx.req);
        ch_request_set_client(&fx.req, KIDA_S("192.0.2.1"), 1234);
    }
}

/* Holds: LG-4: a flood of one reason does not hide another, and is summed up. */
static void
lg_4_floods_are_summed_up(void **state)
{
    (void)state;
    ch_log_init(&fx.log, &fx.config, fx.ends[1]);
    for (int i = 0; i < 1000; i++)
        ch_log_reject(&fx.log, &fx.req, KIDA_S("x"), CH_REJECT_TARGET, 1000);
    ch_log_reject(&fx.log, &fx.req, KIDA_S("x"), CH_REJECT_HOST, 1500);
    const char *text = logged();
    assert_int_equal(lines(text), 101);
    assert_non_null(strstr(text, " host x\n"));
    ch_log_sum_up(&fx.log, 1999);
    assert_string_equal(logged(), "");
    ch_log_sum_up(&fx.log, 2000);
    assert_string_equal(logged(), "chirp: warning: refused 900 more: target\n");
    ch_log_reject(&fx.log, &fx.req, KIDA_S("x"), CH_REJECT_TARGET, 2000);
    assert_int_equal(lines(logged()), 1);
}

/* Holds: LG-3: a target that nobody reads, or that is gone, costs lines and is counted; no call
 * blocks. */
static void
lg_3_a_target_that_takes_nothing(void **state)
{
    (void)state;
    assert_int_equal(fcntl(fx.ends[1], F_SETFL, 0), 0); /* as a terminal's: writing would block */
    ch_log_init(&fx.log, &fx.config, fx.ends[1]);
    for (int i = 0; i < 20000; i++)
        ch_log_line(&fx.log, CHIRP_LEVEL_ERROR, "line %d of many", i);
    ch_log_flush(&fx.log);
    assert_true(fx.log.dropped > 0);
    const char *text = logged();
    assert_true(lines(text) + fx.log.dropped >= 20000 && text[strlen(text) - 1] == '\n');
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    uint64_t before = fx.log.dropped;
    fx.log.fd = full;
    ch_log_line(&fx.log, CHIRP_LEVEL_ERROR, "nowhere");
    ch_log_flush(&fx.log);
    assert_int_equal(fx.log.dropped, before + 1);
    close(full);
    fx.log.fd = -1;
    ch_log_line(&fx.log, CHIRP_LEVEL_ERROR, "nowhere");
    ch_log_flush(&fx.log);
    assert_int_equal(fx.log.dropped, before + 2);
}

/* Holds: 17.12: on a terminal `auto` is text with colours, unless NO_COLOR is set; text that was
 * asked for has none. */
static void
row_17_12_colours_on_a_terminal(void **state)
{
    static const struct {
        chirp_log_format format;
        const char *no_colour, *want;
    } cases[] = {
        { CHIRP_LOG_AUTO, "", "chirp: \x1b[33mwarning\x1b[0m: x\r\n" },
        { CHIRP_LOG_AUTO, "1", "chirp: warning: x\r\n" },
        { CHIRP_LOG_TEXT, "", "chirp: warning: x\r\n" },
    };
    (void)state;
    int host = posix_openpt(O_RDWR | O_NOCTTY);
    if (host < 0 && (errno == ENODEV || errno == ENOENT)) {
        print_message("no pseudo terminals here\n");
        skip();
    }
    assert_true(host >= 0 && grantpt(host) == 0 && unlockpt(host) == 0);
    int terminal = open(ptsname(host), O_RDWR | O_NOCTTY);
    assert_true(terminal >= 0);
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        char text[200];
        size_t len = 0;
        setenv("NO_COLOR", cases[i].no_colour, 1);
        fx.config.log_format = cases[i].format;
        ch_log_init(&fx.log, &fx.config, terminal);
        ch_log_line(&fx.log, CHIRP_LEVEL_WARNING, "x");
        ch_log_flush(&fx.log);
        while (len < sizeof(text) - 1 && (len == 0 || text[len - 1] != '\n')) {
            ssize_t got = read(host, text + len, sizeof(text) - 1 - len);
            assert_true(got > 0);
            len += (size_t)got;
        }
        text[len] = '\0';
        assert_string_equal(text, cases[i].want);
    }
    unsetenv("NO_COLOR");
    fx.log.fd = terminal;
    fx.log.has_colour = true;
    fx.req.method = CH_METHOD_GET;
    fx.req.target = KIDA_S("/");
    ch_log_access(&fx.log, &fx.req, 404, 1, 1000);
    ch_log_flush(&fx.log);
    ssize_t got = read(host, fx.text, sizeof(fx.text) - 1);
    assert_true(got > 0);
    fx.text[got] = '\0';
    assert_non_null(strstr(fx.text, "HTTP/1.1\" \x1b[33m404\x1b[0m 1 0.0ms"));
    close(terminal);
    close(host);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(r0_a_refusal_is_one_line, setup, teardown),
        cmocka_unit_test_setup_teardown(lg_1_json_lines_stay_json, setup, teardown),
        cmocka_unit_test_setup_teardown(r0_the_parser_keeps_the_beginning, setup, teardown),
        cmocka_unit_test_setup_teardown(lg_4_floods_are_summed_up, setup, teardown),
        cmocka_unit_test_setup_teardown(row_17_12_colours_on_a_terminal, setup, teardown),
        cmocka_unit_test_setup_teardown(lg_3_a_target_that_takes_nothing, setup, teardown),
    };
    return cmocka_run_group_tests_name("worker/log", tests, NULL, NULL);
}
