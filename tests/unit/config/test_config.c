/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
/* Settings: defaults, environment, ranges, copies; numbers read without locale. */
#include "t.h"

#include <chirp/inspect.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/config.h"
#include "config/text.h"

static void
row_2_defaults(void **state)
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
row_2_ranges_are_checked(void **state)
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
row_2_the_environment(void **state)
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

static bool
allows(const chirp_config *config, const char *host)
{
    return ch_config_allows_host(config, kida_str_from(host));
}

/* Holds: lists are read from variables, blanks around items and empty ones dropped; a list that the
 * program sets itself counts instead; copies of the struct stay whole. */
static void
row_2_lists_from_the_environment(void **state)
{
    (void)state;
    static const char *const own[] = { "own.example", NULL };
    chirp_config config, copy, kept;
    kida_error err;
    ch_arena arena;
    chirp_config_init(&config);
    setenv("T_ALLOWED_HOSTS", " a.example, .b.example ,,", 1);
    setenv("T_TRUSTED_PROXIES", "10.0.0.0/8,::1", 1);
    setenv("T_COMPONENT_DIRS", "parts", 1);
    assert_int_equal(chirp_config_from_env(&config, "T", &err), KIDA_OK);
    assert_int_equal(chirp_config_check(&config, &err), KIDA_OK);
    copy = config;
    ch_arena_init(&arena, NULL, 1024, 1 << 16);
    assert_int_equal(ch_config_copy(&arena, &copy, &kept), KIDA_OK);
    setenv("T_ALLOWED_HOSTS", "x", 1);
    assert_true(allows(&kept, "a.example") && allows(&kept, "www.b.example"));
    assert_false(allows(&kept, "c.example"));
    assert_string_equal(kept.trusted_proxies[0], "10.0.0.0/8");
    assert_string_equal(kept.trusted_proxies[1], "::1");
    assert_null(kept.trusted_proxies[2]);
    assert_string_equal(kept.component_dirs[0], "parts");

    config.allowed_hosts = own;
    assert_int_equal(ch_config_copy(&arena, &config, &kept), KIDA_OK);
    assert_true(allows(&kept, "own.example"));
    assert_false(allows(&kept, "a.example"));
    ch_arena_clear(&arena);
    setenv("T_ALLOWED_HOSTS", "a\r\nb", 1);
    chirp_config_init(&config);
    assert_int_equal(chirp_config_from_env(&config, "T", &err), KIDA_OK);
    assert_int_equal(chirp_config_check(&config, &err), KIDA_E_USAGE);
    assert_string_equal(err.message, "allowed_hosts must not hold control bytes");
    unsetenv("T_ALLOWED_HOSTS");
    unsetenv("T_TRUSTED_PROXIES");
    unsetenv("T_COMPONENT_DIRS");
}

/* Holds: a stack that the engine may overrun is refused, with a text that says so. */
static void
row_2_stacks_have_a_least_size(void **state)
{
    (void)state;
    chirp_config config;
    kida_error err;
    chirp_config_init(&config);
    assert_true(config.stack_size >= 262144);
    config.stack_size = 262143;
    assert_int_equal(chirp_config_check(&config, &err), KIDA_E_USAGE);
    assert_non_null(strstr(err.message, "stack_size must be from "));
    assert_non_null(strstr(err.message, ", not 262143"));
}

typedef struct listing {
    size_t count;
    char names[4000];
} listing;

static void
keep_name(void *arg, const chirp_setting *setting)
{
    listing *seen = arg;
    size_t used = strlen(seen->names);
    snprintf(seen->names + used, sizeof(seen->names) - used, "%s=%s;", setting->name,
             setting->value);
    seen->count++;
}

/* Holds: a .env is read as shells read it, the environment wins, what is no line is told. */
static void
row_2_settings_from_a_file(void **state)
{
    (void)state;
    static const char good[] = "# a comment\n\n"
                               "export U_HOST=0.0.0.0   # of all\n"
                               " U_PORT = 9001\r\n"
                               "U_SECRET_KEY='a # \"b\" \\n'\n"
                               "U_EDITOR=\"a \\\"b\\\" \\\\ \\x\" # more\n"
                               "U_ENV=\nU_ENV=production\n"
                               "U_ALLOWED_HOSTS=a.example,b#c\n"
                               "U_FEATURE_NEW_CART=1\nU_FEATURE_GONE=1\n"
                               "DATABASE=elsewhere";
    static const struct {
        const char *text, *message;
    } bad[] = {
        { "U_PORT=1\nU_PORT", "line 2: not NAME=value" },
        { "1U=2", "line 1" },
        { "=2", "line 1" },
        { "U_HOST='a", "line 1" },
        { "U_HOST=\"a\" b", "line 1" },
        { "U_PORT=x", "U_PORT must be a number" },
    };
    char path[] = "/tmp/chirp-env-XXXXXX";
    chirp_config config;
    kida_error err;
    kida_buf text;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, good, sizeof(good) - 1), sizeof(good) - 1);
    chirp_config_init(&config);
    kida_buf_init_heap(&text, NULL, 1 << 17);
    kida_error_init(&err);
    setenv("U_PORT", "9002", 1);
    setenv("U_FEATURE_GONE", "0", 1);
    if (chirp_config_from_file(&config, path, "U", &text, &err) != KIDA_OK)
        fail_msg("%s", err.message);
    assert_int_equal(config.port, 9001);
    assert_true(chirp_config_feature(&config, "gone"));
    assert_int_equal(chirp_config_from_env(&config, "U", &err), KIDA_OK);
    assert_int_equal(config.port, 9002);
    assert_string_equal(config.host, "0.0.0.0");
    assert_string_equal(config.secret_key, "a # \"b\" \\n");
    assert_string_equal(config.editor, "a \"b\" \\ \\x");
    assert_string_equal(config.env, "production");
    assert_string_equal(config.lists_[0], "a.example,b#c");
    assert_true(chirp_config_feature(&config, "new-cart"));
    assert_false(chirp_config_feature(&config, "gone"));
    for (size_t i = 0; i < T_COUNT(bad); i++) {
        chirp_config before = config;
        assert_int_equal(ftruncate(fd, 0), 0);
        assert_int_equal(pwrite(fd, bad[i].text, strlen(bad[i].text), 0), strlen(bad[i].text));
        assert_int_not_equal(chirp_config_from_file(&config, path, "U", &text, &err), KIDA_OK);
        if (!strstr(err.message, bad[i].message))
            fail_msg("[%s]: %s", bad[i].text, err.message);
        assert_memory_equal(&before, &config, sizeof(config));
    }
    close(fd);
    unlink(path);
    assert_int_equal(chirp_config_from_file(&config, path, "U", &text, &err), KIDA_E_NOT_FOUND);
    assert_int_equal(chirp_config_from_file(&config, "/", "U", &text, &err), KIDA_E_IO);
    kida_buf_free(&text);
}

/* Holds: every row of the table is a setting that is listed, under its name or the one given. */
static void
row_2_all_settings_are_listed(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "host=127.0.0.1;", "port=8000;", "debug=false;", "secret_key=;", "allowed_hosts=*;",
        "csp_nonce_enabled=false;", "strict_transport_security=;", "template_dir=templates;",
        "component_dirs=;", "autoescape=true;", "trim_blocks=true;", "lstrip_blocks=true;",
        "static_dir=static;", "static_url=/static;", "sse_heartbeat_interval=15000;",
        "sse_retry_ms=0;", "sse_close_event=;", "safe_target=true;", "sse_lifecycle=true;",
        "max_body=16777216;", "workers=0;", "metrics_enabled=false;", "metrics_path=/metrics;",
        "rate_limit_enabled=false;", "rate_limit_requests_per_second=100;", "rate_limit_burst=200;",
        "lifecycle_logging=true;", "log_format=auto;", "log_level=info;", "max_connections=1000;",
        "backlog=2048;", "keep_alive_timeout=5000;", "body_timeout=10000;",
        "cache_default_ttl=300;", "cache_middleware_enabled=false;", "env=development;",
        "audit_sink=log;", "feature_flags=;", "skip_contract_checks=false;",
        "cache_backend=memory;",
        "i18n_enabled=false;", "i18n_default_locale=en;", "i18n_supported_locales=;",
        "i18n_directory=locales;", "i18n_cookie_name=chirp_locale;", "i18n_url_prefix=false;",
        "request_queue_enabled=false;", "request_queue_max_depth=1000;",
        "trusted_proxies=;", "forwarded_hops=1;", "rate_limit_max_tracked_ips=100000;",
        "traceback=compact;", "editor=;",
    };
    static listing seen;
    chirp_config config;
    chirp_config_init(&config);
    chirp_config_each(&config, keep_name, &seen);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        if (!strstr(seen.names, rows[i]))
            fail_msg("no %s in %s", rows[i], seen.names);
    }
}

/* Holds: a copy shares nothing with what it was made from. */
static void
row_2_copies_are_deep(void **state)
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
        cmocka_unit_test(row_2_defaults),
        cmocka_unit_test(row_2_ranges_are_checked),
        cmocka_unit_test(row_2_the_environment),
        cmocka_unit_test(row_2_copies_are_deep),
        cmocka_unit_test(row_2_lists_from_the_environment),
        cmocka_unit_test(row_2_settings_from_a_file),
        cmocka_unit_test(row_2_stacks_have_a_least_size),
        cmocka_unit_test(row_2_all_settings_are_listed),
        cmocka_unit_test(numbers_are_read_strictly),
    };
    return cmocka_run_group_tests_name("config/config", tests, NULL, NULL);
}
