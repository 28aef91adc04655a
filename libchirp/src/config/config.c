/* SPDX-License-Identifier: MIT */
/* config.c - settings: one table of numbers drives defaults, ranges and the environment. */
#include "config/config.h"

#include <chirp/inspect.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/env_file.h"
#include "config/fail.h"
#include "config/text.h"

#define MIB ((uint64_t)1 << 20)

/* Least stack of a coroutine. The engine alone takes up to 192 KiB of it, and 1 MiB without
 * optimisation; sanitizers put space around what is on a stack. */
#if !defined(__OPTIMIZE__) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STACK_MIN (2 * MIB)
#else
#define STACK_MIN (MIB / 4)
#endif

/* One numeric field. Sizes are size_t, all others uint32_t. */
typedef struct number_field {
    const char *name;
    const char *variable; /* without prefix */
    size_t offset;
    bool is_size;
    uint64_t fallback;
    uint64_t min;
    uint64_t max;
} number_field;

#define U32(field, variable, fallback, min, max) \
    { #field, variable, offsetof(chirp_config, field), false, fallback, min, max }
#define SIZE(field, variable, fallback, min, max) \
    { #field, variable, offsetof(chirp_config, field), true, fallback, min, max }

static const number_field numbers[] = {
    U32(port, "PORT", 8000, 0, 65535),
    U32(workers, "WORKERS", 0, 0, 1024),
    U32(backlog, "BACKLOG", 2048, 1, 65535),
    U32(forwarded_hops, "FORWARDED_HOPS", 1, 1, 64),
    U32(max_target, "MAX_TARGET", 8192, 64, 65536),
    U32(max_header_size, "MAX_HEADER_SIZE", 32768, 256, MIB),
    U32(max_header_line, "MAX_HEADER_LINE", 16384, 128, MIB),
    U32(max_headers, "MAX_HEADERS", 100, 1, 10000),
    U32(max_query_pairs, "MAX_QUERY_PAIRS", 1000, 1, 100000),
    U32(max_cookies, "MAX_COOKIES", 100, 1, 10000),
    U32(max_form_fields, "MAX_FORM_FIELDS", 1000, 1, 100000),
    U32(max_form_files, "MAX_FORM_FILES", 100, 0, 100000),
    SIZE(max_form_field, "MAX_FORM_FIELD", 65536, 1, 1024 * MIB),
    U32(max_json_depth, "MAX_JSON_DEPTH", 64, 1, 512),
    U32(max_json_nodes, "MAX_JSON_NODES", 100000, 1, 100000000),
    SIZE(max_body, "MAX_BODY", 16 * MIB, 0, 65536 * MIB),
    SIZE(max_body_memory, "MAX_BODY_MEMORY", MIB, 0, 65536 * MIB),
    SIZE(request_memory, "REQUEST_MEMORY", 4 * MIB, 131072, 65536 * MIB),
    U32(compression_min_size, "COMPRESSION_MIN_SIZE", 500, 0, 1073741824),
    U32(rate_limit_requests_per_second, "RATE_LIMIT_REQUESTS_PER_SECOND", 100, 1, 1000000),
    U32(rate_limit_burst, "RATE_LIMIT_BURST", 200, 1, 1000000),
    U32(rate_limit_max_tracked_ips, "RATE_LIMIT_MAX_TRACKED_IPS", 100000, 8, 1000000),
    U32(cache_default_ttl, "CACHE_DEFAULT_TTL", 300, 1, 31536000),
    SIZE(cache_max_bytes, "CACHE_MAX_BYTES", 64 * MIB, 65536, 65536 * MIB),
    U32(request_queue_max_depth, "REQUEST_QUEUE_MAX_DEPTH", 1000, 1, 1000000),
    U32(slow_request_time, "SLOW_REQUEST_TIME", 5000, 0, 86400000),
    U32(max_connections, "MAX_CONNECTIONS", 1000, 1, 10000000),
    U32(max_client_connections, "MAX_CLIENT_CONNECTIONS", 10000000, 1, 10000000),
    U32(max_connection_requests, "MAX_CONNECTION_REQUESTS", 10000, 1, 4294967295u),
    SIZE(max_queued_output, "MAX_QUEUED_OUTPUT", 262144, 16384, 1024 * MIB),
    SIZE(stack_size, "STACK_SIZE", STACK_MIN, STACK_MIN, 64 * MIB),
    U32(header_timeout, "HEADER_TIMEOUT", 10000, 1, 3600000),
    U32(keep_alive_timeout, "KEEP_ALIVE_TIMEOUT", 5000, 1, 3600000),
    U32(body_timeout, "BODY_TIMEOUT", 10000, 1, 3600000),
    U32(body_rate, "BODY_RATE", 240, 1, 1073741824),
    U32(body_rate_after, "BODY_RATE_AFTER", 20000, 1, 3600000),
    U32(write_timeout, "WRITE_TIMEOUT", 30000, 1, 3600000),
    U32(handler_timeout, "HANDLER_TIMEOUT", 30000, 1, 86400000),
    U32(linger_timeout, "LINGER_TIMEOUT", 2000, 1, 60000),
    U32(sse_heartbeat_interval, "SSE_HEARTBEAT_INTERVAL", 15000, 100, 3600000),
    U32(sse_retry_ms, "SSE_RETRY_MS", 0, 0, 86400000),
    U32(startup_timeout, "STARTUP_TIMEOUT", 30000, 1, 3600000),
    U32(shutdown_timeout, "SHUTDOWN_TIMEOUT", 30000, 1, 3600000),
    U32(watchdog_timeout, "WATCHDOG_TIMEOUT", 30000, 300, 86400000),
};

typedef struct bool_field {
    const char *name;
    const char *variable;
    size_t offset;
    bool fallback;
} bool_field;

#define BOOL(field, variable, fallback) \
    { #field, variable, offsetof(chirp_config, field), fallback }

static const bool_field bools[] = {
    BOOL(worker_failure_stops, "WORKER_FAILURE_STOPS", false),
    BOOL(debug, "DEBUG", false),
    BOOL(autoescape, "AUTOESCAPE", true),
    BOOL(trim_blocks, "TRIM_BLOCKS", true),
    BOOL(lstrip_blocks, "LSTRIP_BLOCKS", true),
    BOOL(auto_head, "AUTO_HEAD", true),
    BOOL(auto_options, "AUTO_OPTIONS", true),
    BOOL(skip_contract_checks, "SKIP_CONTRACT_CHECKS", false),
    BOOL(csp_nonce_enabled, "CSP_NONCE_ENABLED", false),
    BOOL(safe_target, "SAFE_TARGET", true),
    BOOL(sse_lifecycle, "SSE_LIFECYCLE", true),
    BOOL(compression, "COMPRESSION", true),
    BOOL(abort_failed_streams, "ABORT_FAILED_STREAMS", true),
    BOOL(rate_limit_enabled, "RATE_LIMIT_ENABLED", false),
    BOOL(metrics_enabled, "METRICS_ENABLED", false),
    BOOL(cache_middleware_enabled, "CACHE_MIDDLEWARE_ENABLED", false),
    BOOL(i18n_enabled, "I18N_ENABLED", false),
    BOOL(i18n_url_prefix, "I18N_URL_PREFIX", false),
    BOOL(request_queue_enabled, "REQUEST_QUEUE_ENABLED", false),
    BOOL(access_log, "ACCESS_LOG", true),
    BOOL(log_query, "LOG_QUERY", true),
    BOOL(lifecycle_logging, "LIFECYCLE_LOGGING", true),
};

typedef struct text_field {
    const char *name;
    const char *variable;
    size_t offset;
    const char *fallback;
} text_field;

#define TEXT(field, variable, fallback) \
    { #field, variable, offsetof(chirp_config, field), fallback }

static const text_field texts[] = {
    TEXT(host, "HOST", "127.0.0.1"),
    TEXT(default_host, "DEFAULT_HOST", "localhost"),
    TEXT(forwarded_header, "FORWARDED_HEADER", "x-forwarded-for"),
    TEXT(server_header, "SERVER_HEADER", "chirp"),
    TEXT(env, "ENV", "development"),
    TEXT(secret_key, "SECRET_KEY", ""),
    TEXT(template_dir, "TEMPLATE_DIR", "templates"),
    TEXT(static_dir, "STATIC_DIR", "static"),
    TEXT(static_url, "STATIC_URL", "/static"),
    TEXT(strict_transport_security, "STRICT_TRANSPORT_SECURITY", ""),
    TEXT(metrics_path, "METRICS_PATH", "/metrics"),
    TEXT(health_check_path, "HEALTH_CHECK_PATH", ""),
    TEXT(cache_backend, "CACHE_BACKEND", "memory"),
    TEXT(i18n_default_locale, "I18N_DEFAULT_LOCALE", "en"),
    TEXT(i18n_directory, "I18N_DIRECTORY", "locales"),
    TEXT(i18n_cookie_name, "I18N_COOKIE_NAME", "chirp_locale"),
    TEXT(spool_dir, "SPOOL_DIR", ""),
    TEXT(database_url, "DATABASE_URL", ""),
    TEXT(migrations_dir, "MIGRATIONS_DIR", ""),
    TEXT(audit_sink, "AUDIT_SINK", "log"),
    TEXT(traceback, "TRACEBACK", "compact"),
    TEXT(editor, "EDITOR", ""),
    TEXT(sse_close_event, "SSE_CLOSE_EVENT", ""),
    TEXT(view_transitions, "VIEW_TRANSITIONS", "off"),
    TEXT(speculation_rules, "SPECULATION_RULES", "off"),
};

typedef struct list_field {
    const char *name;
    const char *variable; /* "a, b"; NULL: none */
    size_t offset;
} list_field;

#define LIST(field, variable) { #field, variable, offsetof(chirp_config, field) }

static const list_field lists[] = {
    LIST(allowed_hosts, "ALLOWED_HOSTS"),
    LIST(trusted_proxies, "TRUSTED_PROXIES"),
    LIST(component_dirs, "COMPONENT_DIRS"),
    LIST(i18n_supported_locales, "I18N_SUPPORTED_LOCALES"),
    LIST(feature_flags, NULL), /* FEATURE_<NAME> each */
};

_Static_assert(sizeof(lists) / sizeof(lists[0]) == CHIRP_LISTS, "one text for each list");

static const char *const any_host[] = { "*", NULL };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
store_number(chirp_config *config, const number_field *field, uint64_t number)
{
    char *at = (char *)config + field->offset;
    if (field->is_size) {
        size_t wide = (size_t)number;
        memcpy(at, &wide, sizeof(wide));
    } else {
        uint32_t narrow = (uint32_t)number;
        memcpy(at, &narrow, sizeof(narrow));
    }
}

static uint64_t
load_number(const chirp_config *config, const number_field *field)
{
    const char *at = (const char *)config + field->offset;
    size_t wide;
    uint32_t narrow;
    if (field->is_size) {
        memcpy(&wide, at, sizeof(wide));
        return wide;
    }
    memcpy(&narrow, at, sizeof(narrow));
    return narrow;
}

static void
store_text(chirp_config *config, size_t offset, const char *text)
{
    memcpy((char *)config + offset, &text, sizeof(text));
}

static const char *
load_text(const chirp_config *config, size_t offset)
{
    const char *text;
    memcpy(&text, (const char *)config + offset, sizeof(text));
    return text;
}

static const char *const *
load_list(const chirp_config *config, size_t offset)
{
    const char *const *list;
    memcpy(&list, (const char *)config + offset, sizeof(list));
    return list;
}

void
chirp_config_init(chirp_config *config)
{
    memset(config, 0, sizeof(*config));
    config->size = sizeof(*config);
    for (size_t i = 0; i < COUNT(numbers); i++)
        store_number(config, &numbers[i], numbers[i].fallback);
    for (size_t i = 0; i < COUNT(bools); i++)
        *((char *)config + bools[i].offset) = bools[i].fallback;
    for (size_t i = 0; i < COUNT(texts); i++)
        store_text(config, texts[i].offset, texts[i].fallback);
    config->allowed_hosts = any_host;
    config->log_level = CHIRP_LEVEL_INFO;
    config->listen_fd = -1;
}

/* ---- the environment ------------------------------------------------------------------------ */

#define VARIABLE_MAX 96

extern char **environ;

/* Where variables come from: the environment, or the entries of a file. */
typedef struct source {
    const char *prefix;
    char **environment; /* NULL: the entries */
    kida_str entries;   /* NAME=value, each ended by NUL */
} source;

/* The next NAME=value; at is 0 for the first. NULL at the end. */
static const char *
next_entry(const source *from, size_t *at)
{
    if (from->environment)
        return from->environment[*at] ? from->environment[(*at)++] : NULL;
    if (*at >= from->entries.len)
        return NULL;
    const char *entry = from->entries.ptr + *at;
    *at += kida_str_from(entry).len + 1;
    return entry;
}

/* Value of a variable; of several the last. Its whole name goes to out. */
static const char *
variable(const source *from, const char *name, char out[VARIABLE_MAX])
{
    const char *entry, *value = NULL;
    size_t at = 0;
    int len = snprintf(out, VARIABLE_MAX, "%s_%s", from->prefix, name);
    if (len <= 0 || len >= VARIABLE_MAX)
        return NULL;
    if (from->environment)
        return getenv(out);
    while ((entry = next_entry(from, &at)) != NULL) {
        if (strncmp(entry, out, (size_t)len) == 0 && entry[len] == '=')
            value = entry + len + 1;
    }
    return value;
}

static kida_status
read_numbers(chirp_config *config, const source *from, kida_error *err)
{
    char name[VARIABLE_MAX];
    for (size_t i = 0; i < COUNT(numbers); i++) {
        const number_field *field = &numbers[i];
        const char *text = variable(from, field->variable, name);
        uint64_t number;
        if (text == NULL)
            continue;
        if (!ch_parse_uint(kida_str_from(text), field->max, &number) || number < field->min)
            return ch_fail(err, KIDA_E_USAGE, "%s must be a number from %llu to %llu, not '%.60s'",
                           name, (unsigned long long)field->min, (unsigned long long)field->max,
                           text);
        store_number(config, field, number);
    }
    return KIDA_OK;
}

static kida_status
read_bools(chirp_config *config, const source *from, kida_error *err)
{
    static const kida_str noes[] = { KIDA_S_INIT("0"), KIDA_S_INIT("false"), KIDA_S_INIT("no"),
                                     KIDA_S_INIT("off"), KIDA_S_INIT("") };
    char name[VARIABLE_MAX];
    for (size_t i = 0; i < COUNT(bools); i++) {
        const char *text = variable(from, bools[i].variable, name);
        if (text == NULL)
            continue;
        kida_str value = kida_str_from(text);
        bool yes = ch_parse_bool(value), no = false;
        for (size_t k = 0; k < COUNT(noes); k++)
            no = no || ch_str_iequal(value, noes[k]);
        if (!yes && !no)
            return ch_fail(err, KIDA_E_USAGE, "%s must be true or false, not '%.60s'", name, text);
        *((char *)config + bools[i].offset) = yes;
    }
    return KIDA_OK;
}

/* Finds text in names; the index, or count. */
static size_t
choice(const char *text, const kida_str *names, size_t count)
{
    size_t at = 0;
    while (at < count && !ch_str_iequal(kida_str_from(text), names[at]))
        at++;
    return at;
}

static kida_status
read_log_settings(chirp_config *config, const source *from, kida_error *err)
{
    static const kida_str formats[] = { KIDA_S_INIT("auto"), KIDA_S_INIT("text"),
                                        KIDA_S_INIT("json") };
    static const kida_str levels[] = { KIDA_S_INIT("debug"), KIDA_S_INIT("info"),
                                       KIDA_S_INIT("warning"), KIDA_S_INIT("error") };
    char name[VARIABLE_MAX];
    const char *text = variable(from, "LOG_FORMAT", name);
    if (text != NULL) {
        size_t at = choice(text, formats, COUNT(formats));
        if (at == COUNT(formats))
            return ch_fail(err, KIDA_E_USAGE, "%s must be auto, text or json, not '%.60s'", name,
                           text);
        config->log_format = (chirp_log_format)at;
    }
    text = variable(from, "LOG_LEVEL", name);
    if (text != NULL) {
        size_t at = choice(text, levels, COUNT(levels));
        if (at == COUNT(levels))
            return ch_fail(err, KIDA_E_USAGE,
                           "%s must be debug, info, warning or error, not '%.60s'", name, text);
        config->log_level = (chirp_log_level)at;
    }
    return KIDA_OK;
}

/* The flag of an entry PREFIX_FEATURE_NEW_CART=1, "new-cart"; its value goes to *is_set. Empty if
 * the entry is about something else. */
static kida_str
feature_of(const source *from, const char *text, char out[VARIABLE_MAX], bool *is_set)
{
    kida_str entry = kida_str_from(text), none = { "", 0 };
    char lead[VARIABLE_MAX];
    int lead_len = snprintf(lead, sizeof(lead), "%s_FEATURE_", from->prefix);
    size_t equals = ch_str_find(entry, '=', 0), start = lead_len < 0 ? 0 : (size_t)lead_len;
    if (start == 0 || start >= sizeof(lead) || equals <= start || equals == entry.len ||
        equals - start >= VARIABLE_MAX || memcmp(entry.ptr, lead, start) != 0)
        return none;
    for (size_t i = start; i < equals; i++)
        out[i - start] = entry.ptr[i] == '_' ? '-' : ch_lower(entry.ptr[i]);
    *is_set = ch_parse_bool(ch_str_slice(entry, equals + 1, entry.len));
    return (kida_str){ out, equals - start };
}

/* Whether an entry says anything about a flag. */
static bool
names_feature(const source *from, kida_str flag)
{
    const char *text;
    char room[VARIABLE_MAX];
    bool is_set;
    for (size_t at = 0; (text = next_entry(from, &at)) != NULL;) {
        if (kida_str_equal(feature_of(from, text, room, &is_set), flag))
            return true;
    }
    return false;
}

static bool
add_feature(char out[CHIRP_FEATURES_MAX], size_t *len, kida_str flag)
{
    if (flag.len + 2 > CHIRP_FEATURES_MAX - *len)
        return false;
    memcpy(out + *len, flag.ptr, flag.len);
    *len += flag.len;
    out[(*len)++] = ',';
    return true;
}

/* Flags are kept as "new-cart,other,": those of an earlier source that this one is silent about,
 * and its own. */
static kida_status
read_features(chirp_config *config, const source *from, kida_error *err)
{
    size_t len = 0, pos = 0;
    char out[CHIRP_FEATURES_MAX], room[VARIABLE_MAX];
    kida_str flag;
    bool fits = true, is_set;
    while (fits && ch_str_next(kida_str_from(config->features_), ',', &pos, &flag)) {
        if (flag.len > 0 && !names_feature(from, flag))
            fits = add_feature(out, &len, flag);
    }
    const char *text;
    for (size_t at = 0; fits && (text = next_entry(from, &at)) != NULL;) {
        flag = feature_of(from, text, room, &is_set);
        if (flag.len > 0 && is_set)
            fits = add_feature(out, &len, flag);
    }
    if (!fits)
        return ch_fail(err, KIDA_E_USAGE, "too many %s_FEATURE_… variables", from->prefix);
    out[len] = '\0';
    memcpy(config->features_, out, len + 1);
    return KIDA_OK;
}

/* Lists stay texts until the app copies them: a struct that is copied freely can't hold pointers to
 * its own storage. */
static void
read_lists(chirp_config *config, const source *from)
{
    static const char *const *const none = NULL;
    char name[VARIABLE_MAX];
    for (size_t i = 0; i < COUNT(lists); i++) {
        const char *text = lists[i].variable ? variable(from, lists[i].variable, name) : NULL;
        if (text == NULL)
            continue;
        config->lists_[i] = text;
        memcpy((char *)config + lists[i].offset, &none, sizeof(none));
    }
}

static kida_status
read_all(chirp_config *config, const source *from, kida_error *err)
{
    chirp_config changed = *config;
    char name[VARIABLE_MAX];
    for (size_t i = 0; i < COUNT(texts); i++) {
        const char *text = variable(from, texts[i].variable, name);
        if (text != NULL)
            store_text(&changed, texts[i].offset, text);
    }
    read_lists(&changed, from);
    kida_status st = read_numbers(&changed, from, err);
    if (st == KIDA_OK)
        st = read_bools(&changed, from, err);
    if (st == KIDA_OK)
        st = read_log_settings(&changed, from, err);
    if (st == KIDA_OK)
        st = read_features(&changed, from, err);
    if (st == KIDA_OK)
        *config = changed;
    return st;
}

kida_status
chirp_config_from_env(chirp_config *config, const char *prefix, kida_error *err)
{
    source from = { .prefix = prefix ? prefix : "CHIRP", .environment = environ };
    return environ ? read_all(config, &from, err) : KIDA_OK;
}

kida_status
chirp_config_from_file(chirp_config *config, const char *path, const char *prefix, kida_buf *text,
                       kida_error *err)
{
    source from = { .prefix = prefix ? prefix : "CHIRP" };
    size_t before = kida_buf_str(text).len;
    kida_status st = ch_env_file_read(path, text, err);
    if (st != KIDA_OK)
        return st;
    from.entries = ch_str_slice(kida_buf_str(text), before, kida_buf_str(text).len);
    st = read_all(config, &from, err);
    return st == KIDA_OK ? st : ch_fail_hint(err, st, "it is in %.200s", path);
}

/* ---- validation ------------------------------------------------------------------------------ */

static bool
is_printable(const char *text)
{
    while ((unsigned char)*text >= 0x20 && *text != 0x7f)
        text++;
    return *text == '\0';
}

/* Text fields that hold one of a few words. */
static const struct {
    size_t offset;
    const char *name;
    const char *words; /* split by blanks */
} word_fields[] = {
    { offsetof(chirp_config, audit_sink), "audit_sink", "log none" },
    { offsetof(chirp_config, cache_backend), "cache_backend", "memory null" },
    { offsetof(chirp_config, traceback), "traceback", "compact full minimal" },
    { offsetof(chirp_config, view_transitions), "view_transitions", "off htmx full" },
    { offsetof(chirp_config, speculation_rules), "speculation_rules",
      "off conservative moderate eager" },
};

static kida_status
check_words(const chirp_config *config, kida_error *err)
{
    for (size_t i = 0; i < COUNT(word_fields); i++) {
        kida_str text = kida_str_from(load_text(config, word_fields[i].offset)), word;
        size_t pos = 0;
        bool fits = false;
        while (!fits && ch_str_next(kida_str_from(word_fields[i].words), ' ', &pos, &word))
            fits = kida_str_equal(text, word);
        if (!fits)
            return ch_fail(err, KIDA_E_USAGE, "%s must be one of: %s; not '%.60s'",
                           word_fields[i].name, word_fields[i].words, text.ptr);
    }
    return KIDA_OK;
}

static kida_status
check_texts(const chirp_config *config, kida_error *err)
{
    for (size_t i = 0; i < COUNT(texts); i++) {
        const char *text = load_text(config, texts[i].offset);
        if (text == NULL)
            return ch_fail(err, KIDA_E_USAGE, "%s must not be NULL", texts[i].name);
        if (!is_printable(text))
            return ch_fail(err, KIDA_E_USAGE, "%s must not hold control bytes", texts[i].name);
    }
    if (config->host[0] == '\0')
        return ch_fail(err, KIDA_E_USAGE, "host must not be empty");
    if (config->default_host[0] == '\0')
        return ch_fail(err, KIDA_E_USAGE, "default_host must not be empty");
    if (config->static_url[0] != '/')
        return ch_fail(err, KIDA_E_USAGE, "static_url must begin with '/', not '%.60s'",
                       config->static_url);
    kida_str forwarded = kida_str_from(config->forwarded_header);
    if (!ch_str_iequal(forwarded, KIDA_S("x-forwarded-for")) &&
        !ch_str_iequal(forwarded, KIDA_S("forwarded")))
        return ch_fail(err, KIDA_E_USAGE, "forwarded_header must be x-forwarded-for or forwarded, "
                                          "not '%.60s'", config->forwarded_header);
    kida_str env = kida_str_from(config->env);
    bool production = kida_str_equal(env, KIDA_S("production"));
    if (!production && !kida_str_equal(env, KIDA_S("development")))
        return ch_fail(err, KIDA_E_USAGE, "env must be development or production, not '%.60s'",
                       config->env);
    size_t key = kida_str_from(config->secret_key).len;
    if (production && key > 0 && key < 32)
        return ch_fail(err, KIDA_E_USAGE, "secret_key must have at least 32 bytes in production");
    return check_words(config, err);
}

static kida_status
check_lists(const chirp_config *config, kida_error *err)
{
    for (size_t i = 0; i < COUNT(lists); i++) {
        const char *const *at = load_list(config, lists[i].offset);
        bool fine = config->lists_[i] == NULL || is_printable(config->lists_[i]);
        for (; at != NULL && *at != NULL; at++)
            fine = fine && is_printable(*at);
        if (!fine)
            return ch_fail(err, KIDA_E_USAGE, "%s must not hold control bytes", lists[i].name);
    }
    return KIDA_OK;
}

kida_status
chirp_config_check(const chirp_config *config, kida_error *err)
{
    if (config->size != sizeof(*config))
        return ch_fail(err, KIDA_E_USAGE, "the config was not filled by chirp_config_init");
    for (size_t i = 0; i < COUNT(numbers); i++) {
        const number_field *field = &numbers[i];
        uint64_t number = load_number(config, field);
        if (number < field->min || number > field->max)
            return ch_fail(err, KIDA_E_USAGE, "%s must be from %llu to %llu, not %llu", field->name,
                           (unsigned long long)field->min, (unsigned long long)field->max,
                           (unsigned long long)number);
    }
    if (config->max_header_line > config->max_header_size)
        return ch_fail(err, KIDA_E_USAGE, "max_header_line is %u, above max_header_size, %u",
                       config->max_header_line, config->max_header_size);
    /* The head and its index live in the request's memory. */
    uint64_t head = 4 * ((uint64_t)config->max_target + config->max_header_size) +
                    (uint64_t)config->max_headers * 64;
    if (config->request_memory < head)
        return ch_fail(err, KIDA_E_USAGE, "request_memory must be at least %llu for these limits",
                       (unsigned long long)head);
    if ((unsigned)config->log_format > CHIRP_LOG_JSON)
        return ch_fail(err, KIDA_E_USAGE, "log_format is no chirp_log_format");
    if ((unsigned)config->log_level > CHIRP_LEVEL_ERROR)
        return ch_fail(err, KIDA_E_USAGE, "log_level is no chirp_log_level");
    kida_status st = check_lists(config, err);
    return st == KIDA_OK ? check_texts(config, err) : st;
}

bool
chirp_config_feature(const chirp_config *config, const char *name)
{
    kida_str wanted = kida_str_from(name);
    for (const char *const *at = config->feature_flags; at != NULL && *at != NULL; at++) {
        if (kida_str_equal(kida_str_from(*at), wanted))
            return true;
    }
    size_t pos = 0;
    kida_str item;
    while (ch_str_next(kida_str_from(config->features_), ',', &pos, &item)) {
        if (item.len > 0 && kida_str_equal(item, wanted))
            return true;
    }
    return false;
}

/* ---- listing --------------------------------------------------------------------------------- */

static void
show_list(const chirp_config *config, const list_field *field,
          void (*each)(void *arg, const chirp_setting *setting), void *arg)
{
    char text[1024] = "";
    size_t len = 0;
    const char *const *at = load_list(config, field->offset);
    const char *unread = config->lists_[field - lists];
    if (at == NULL && unread != NULL)
        snprintf(text, sizeof(text), "%s", unread);
    for (; at != NULL && *at != NULL && len < sizeof(text); at++) {
        int more = snprintf(text + len, sizeof(text) - len, "%s%s", len > 0 ? ", " : "", *at);
        len += more > 0 ? (size_t)more : 0;
    }
    each(arg, &(chirp_setting){ field->name, field->variable, text, false });
}

void
chirp_config_each(const chirp_config *config,
                  void (*each)(void *arg, const chirp_setting *setting), void *arg)
{
    static const char *const formats[] = { "auto", "text", "json" };
    static const char *const levels[] = { "debug", "info", "warning", "error" };
    for (size_t i = 0; i < COUNT(texts); i++) {
        const char *text = load_text(config, texts[i].offset);
        bool is_secret = texts[i].offset == offsetof(chirp_config, secret_key);
        each(arg, &(chirp_setting){ texts[i].name, texts[i].variable, text, is_secret });
    }
    for (size_t i = 0; i < COUNT(numbers); i++) {
        char text[32];
        snprintf(text, sizeof(text), "%llu",
                 (unsigned long long)load_number(config, &numbers[i]));
        each(arg, &(chirp_setting){ numbers[i].name, numbers[i].variable, text, false });
    }
    for (size_t i = 0; i < COUNT(bools); i++) {
        bool yes = *((const char *)config + bools[i].offset) != 0;
        each(arg, &(chirp_setting){ bools[i].name, bools[i].variable, yes ? "true" : "false",
                                    false });
    }
    if ((unsigned)config->log_format < COUNT(formats))
        each(arg, &(chirp_setting){ "log_format", "LOG_FORMAT", formats[config->log_format],
                                    false });
    if ((unsigned)config->log_level < COUNT(levels))
        each(arg, &(chirp_setting){ "log_level", "LOG_LEVEL", levels[config->log_level], false });
    for (size_t i = 0; i < COUNT(lists); i++)
        show_list(config, &lists[i], each, arg);
}

/* ---- use by the rest of libchirp ------------------------------------------------------------- */

/* A list from the text of a variable. */
static bool
split_list(ch_arena *arena, chirp_config *to, size_t offset, kida_str text)
{
    size_t count = ch_str_count(text, ',') + 1, used = 0, pos = 0;
    kida_str item;
    const char **list = ch_arena_array(arena, count + 1, sizeof(*list));
    if (list == NULL)
        return false;
    while (ch_str_next(text, ',', &pos, &item)) {
        if (item.len == 0)
            continue;
        list[used] = ch_arena_copy(arena, item).ptr;
        if (list[used++] == NULL)
            return false;
    }
    memcpy((char *)to + offset, &list, sizeof(list));
    return true;
}

static bool
copy_list(ch_arena *arena, chirp_config *to, size_t index)
{
    size_t offset = lists[index].offset;
    const char *const *from = load_list(to, offset);
    if (from == NULL && to->lists_[index] != NULL)
        return split_list(arena, to, offset, kida_str_from(to->lists_[index]));
    if (from == NULL)
        return true;
    size_t count = 0;
    while (from[count] != NULL)
        count++;
    const char **list = ch_arena_array(arena, count + 1, sizeof(*list));
    if (list == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        list[i] = ch_arena_copy(arena, kida_str_from(from[i])).ptr;
        if (list[i] == NULL)
            return false;
    }
    memcpy((char *)to + offset, &list, sizeof(list));
    return true;
}

kida_status
ch_config_copy(ch_arena *arena, const chirp_config *from, chirp_config *to)
{
    chirp_config copy = *from;
    for (size_t i = 0; i < COUNT(texts); i++) {
        const char *text = load_text(from, texts[i].offset);
        kida_str kept = ch_arena_copy(arena, kida_str_from(text));
        if (kept.ptr == NULL)
            return KIDA_E_NOMEM;
        store_text(&copy, texts[i].offset, kept.ptr);
    }
    for (size_t i = 0; i < COUNT(lists); i++) {
        if (!copy_list(arena, &copy, i))
            return KIDA_E_NOMEM;
        copy.lists_[i] = NULL;
    }
    *to = copy;
    return KIDA_OK;
}

bool
ch_config_allows_host(const chirp_config *config, kida_str host)
{
    for (const char *const *at = config->allowed_hosts; at != NULL && *at != NULL; at++) {
        kida_str rule = kida_str_from(*at);
        if (kida_str_equal(rule, KIDA_S("*")) || ch_str_iequal(rule, host))
            return true;
        /* ".example.com" is the domain itself and everything below it. */
        if (rule.len > 1 && rule.ptr[0] == '.' &&
            (ch_str_iequal(ch_str_slice(rule, 1, rule.len), host) ||
             (host.len > rule.len &&
              ch_str_iequal(rule, ch_str_slice(host, host.len - rule.len, host.len)))))
            return true;
    }
    return false;
}
