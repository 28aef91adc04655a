/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
/* Settings: defaults, environment, ranges, copies; numbers read without locale. */
#include "t.h"

#include <stdlib.h>

#include "config/config.h"
#include "config/text.h"

static void
defaults_are_valid(void **state)
{
    (void)state;
    chirp_config config;
    kida_error err;
    chirp_config_init(&config);
    if (chirp_config_check(&config, &err) != KIDA_OK)
        fail_msg("%s", err.message);
    assert_string_equal(config.host, "127.0.0.1");
    assert_int_equal(config.port, 8000);
    assert_int_equal(config.max_body, 16 << 20);
    assert_true(config.autoescape && config.auto_head && config.access_log && !config.debug);
    assert_true(ch_config_allows_host(&config, KIDA_S("anything")));
}

static void
ranges_are_checked(void **state)
{
    (void)state;
    chirp_config config;
    kida_error err;
    chirp_config_init(&config);
    config.port = 65536;
    assert_int_equal(chirp_config_check(&config, &err), KIDA_E_USAGE);
    assert_string_equal(err.message, "port must be from 0 to 65535, not 65536");
    chirp_config_init(&config);
    config.max_headers = 0;
    assert_int_equal(chirp_config_check(&config, &err), KIDA_E_USAGE);
    assert_string_equal(err.message, "max_headers must be from 1 to 10000, not 0");
    chirp_config_init(&config);
    config.max_header_line = 40000;
    assert_int_equal(chirp_config_check(&config, &err), KIDA_E_USAGE);
    chirp_config_init(&config);
    config.env = "prod";
    assert_int_equal(chirp_config_check(&config, &err), KIDA_E_USAGE);
    assert_string_equal(err.message, "env must be development or production, not 'prod'");
    config.env = "production";
    config.secret_key = "short";
    assert_int_equal(chirp_config_check(&config, &err), KIDA_E_USAGE);
    chirp_config_init(&config);
    config.server_header = "a\r\nb: c";
    assert_int_equal(chirp_config_check(&config, &err), KIDA_E_USAGE);
    config.server_header = NULL;
    assert_int_equal(chirp_config_check(&config, &err), KIDA_E_USAGE);
    memset(&config, 0, sizeof(config));
    assert_int_equal(chirp_config_check(&config, &err), KIDA_E_USAGE);
}

static void
the_environment_changes_settings(void **state)
{
    (void)state;
    chirp_config config;
    kida_error err;
    chirp_config_init(&config);
    setenv("T_PORT", "9000", 1);
    setenv("T_HOST", "0.0.0.0", 1);
    setenv("T_DEBUG", "Yes", 1);
    setenv("T_LOG_FORMAT", "JSON", 1);
    setenv("T_FEATURE_NEW_CART", "on", 1);
    setenv("T_FEATURE_OLD", "0", 1);
    assert_int_equal(chirp_config_from_env(&config, "T", &err), KIDA_OK);
    assert_int_equal(config.port, 9000);
    assert_string_equal(config.host, "0.0.0.0");
    assert_true(config.debug);
    assert_int_equal(config.log_format, CHIRP_LOG_JSON);
    assert_true(chirp_config_feature(&config, "new-cart"));
    assert_false(chirp_config_feature(&config, "old"));
    assert_false(chirp_config_feature(&config, ""));

    static const char *const bad[][2] = { { "T_PORT", "80x" },     { "T_PORT", "-1" },
                                          { "T_PORT", "70000" },   { "T_DEBUG", "maybe" },
                                          { "T_LOG_LEVEL", "all" } };
    for (size_t i = 0; i < T_COUNT(bad); i++) {
        chirp_config before = config;
        setenv(bad[i][0], bad[i][1], 1);
        assert_int_equal(chirp_config_from_env(&config, "T", &err), KIDA_E_USAGE);
        assert_non_null(strstr(err.message, bad[i][0]));
        assert_memory_equal(&before, &config, sizeof(config));
        unsetenv(bad[i][0]);
    }
}

/* Holds: a copy shares nothing with what it was made from. */
static void
copies_are_deep(void **state)
{
    (void)state;
    char host[] = "10.0.0.1", rule[] = ".example.com";
    const char *rules[] = { rule, "other", NULL };
    chirp_config config, copy;
    chirp_config_init(&config);
    config.host = host;
    config.allowed_hosts = rules;
    ch_arena arena;
    ch_arena_init(&arena, NULL, 1024, 1 << 16);
    assert_int_equal(ch_config_copy(&arena, &config, &copy), KIDA_OK);
    host[0] = 'X';
    rule[1] = 'X';
    rules[1] = NULL;
    assert_string_equal(copy.host, "10.0.0.1");
    assert_true(ch_config_allows_host(&copy, KIDA_S("OTHER")));
    assert_true(ch_config_allows_host(&copy, KIDA_S("www.Example.com")));
    assert_true(ch_config_allows_host(&copy, KIDA_S("example.com")));
    assert_false(ch_config_allows_host(&copy, KIDA_S("wwwexample.com")));
    assert_false(ch_config_allows_host(&copy, KIDA_S("example.com.evil")));
    ch_arena_clear(&arena);
    ch_arena_init(&arena, NULL, 16, 64);
    assert_int_equal(ch_config_copy(&arena, &config, &copy), KIDA_E_NOMEM);
    ch_arena_clear(&arena);
}

/* Holds: FM-13: no wrap, no sign where none may be, no other digits. */
static void
numbers_are_read_strictly(void **state)
{
    (void)state;
    int64_t number = 0;
    uint64_t natural = 0;
    double real = 0;
    assert_true(ch_parse_int(KIDA_S("-9223372036854775808"), &number) && number == INT64_MIN);
    assert_true(ch_parse_int(KIDA_S("+9223372036854775807"), &number) && number == INT64_MAX);
    static const char *const bad[] = { "", "-", "+", "1e3", "0x1", "NaN", " 1", "1 ", "--1",
                                       "9223372036854775808", "-9223372036854775809", "1_0" };
    for (size_t i = 0; i < T_COUNT(bad); i++)
        assert_false(ch_parse_int(kida_str_from(bad[i]), &number));
    assert_true(ch_parse_uint(KIDA_S("18446744073709551615"), UINT64_MAX, &natural));
    assert_false(ch_parse_uint(KIDA_S("18446744073709551616"), UINT64_MAX, &natural));
    assert_false(ch_parse_uint(KIDA_S("11"), 10, &natural));
    assert_true(ch_parse_float(KIDA_S("0.1"), &real) && real == 0.1);
    assert_true(ch_parse_float(KIDA_S("12345.678"), &real) && real == 12345.678);
    assert_true(ch_parse_float(KIDA_S("0.00000000000000000000000000001"), &real));
    static const char *const no_floats[] = { "", ".", "1.", ".5", "-1", "1e5", "1.2.3", "inf" };
    for (size_t i = 0; i < T_COUNT(no_floats); i++)
        assert_false(ch_parse_float(kida_str_from(no_floats[i]), &real));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_valid),
        cmocka_unit_test(ranges_are_checked),
        cmocka_unit_test(the_environment_changes_settings),
        cmocka_unit_test(copies_are_deep),
        cmocka_unit_test(numbers_are_read_strictly),
    };
    return cmocka_run_group_tests_name("config/config", tests, NULL, NULL);
}
