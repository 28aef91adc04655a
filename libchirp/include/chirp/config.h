/* SPDX-License-Identifier: MIT */
/* config.h - settings of an application: defaults, the environment, validation. */
#ifndef CHIRP_CONFIG_H
#define CHIRP_CONFIG_H

#include <kida/kida.h>

#define CHIRP_API KIDA_API
#define CHIRP_MUST_USE KIDA_MUST_USE

KIDA_BEGIN_DECLS

/** Shape of log lines. */
typedef enum chirp_log_format {
    CHIRP_LOG_AUTO = 0, /* text with colours on a terminal, JSON otherwise */
    CHIRP_LOG_TEXT,
    CHIRP_LOG_JSON
} chirp_log_format;

/** Least level that is logged. */
typedef enum chirp_log_level {
    CHIRP_LEVEL_DEBUG = 0,
    CHIRP_LEVEL_INFO,
    CHIRP_LEVEL_WARNING,
    CHIRP_LEVEL_ERROR
} chirp_log_level;

#define CHIRP_FEATURES_MAX 512
#define CHIRP_LISTS 5

/**
 * Settings of an application; fill with chirp_config_init, then change what differs. Lists are
 * arrays of text ended by NULL; a NULL list is empty. Times are milliseconds, sizes are bytes.
 *
 * Owner:  texts and lists are borrowed; chirp_app_new makes a copy of everything.
 * Limits: each number has a range (chirp_config_check); there is no unlimited setting.
 */
typedef struct chirp_config {
    size_t size; /* of this struct, set by chirp_config_init */

    /* the server */
    const char *host;                  /* address to bind, "127.0.0.1" */
    uint32_t port;                     /* 8000; 0: any free port */
    uint32_t workers;                  /* 0: as many as CPUs */
    uint32_t backlog;                  /* 2048 */
    int listen_fd;                     /* a bound socket to serve from instead of host and port; it
                                          stays open. -1: none */
    bool worker_failure_stops;         /* a failing worker start-up hook stops the server */
    const char *const *allowed_hosts;  /* exact, ".suffix" or "*"; default "*" */
    const char *default_host;          /* for HTTP/1.0 without Host, "localhost" */
    const char *const *trusted_proxies;
    uint32_t forwarded_hops;           /* entries from the right that are believed, 1 */
    const char *forwarded_header;      /* "x-forwarded-for" and its kin, or "forwarded" */
    const char *server_header;         /* "chirp"; "": not sent */

    /* the application */
    bool debug;
    const char *env;                   /* "development" or "production" */
    const char *secret_key;
    const char *template_dir;          /* "templates" */
    const char *const *component_dirs;
    bool autoescape;                   /* true */
    bool trim_blocks;                  /* true */
    bool lstrip_blocks;                /* true */
    const char *static_dir;            /* "static"; "": none */
    const char *static_url;            /* "/static" */
    const char *database_url;          /* for chirp_use_db, "sqlite:///app.db"; "": none */
    const char *migrations_dir;        /* for chirp_use_db; "": none */
    bool auto_head;                    /* HEAD from the GET handler, true */
    bool auto_options;                 /* OPTIONS answers 204 with Allow, true */
    bool skip_contract_checks;
    const char *const *feature_flags;

    /* layers that are added at freeze */
    bool csp_nonce_enabled;                /* Content-Security-Policy with a nonce */
    const char *strict_transport_security; /* header over TLS; "": in production two years */

    bool safe_target;                      /* script in every page, true */
    bool sse_lifecycle;                    /* script in every page, true */
    const char *view_transitions;          /* "off", "htmx" (its swaps), "full" (pages too) */
    const char *speculation_rules;         /* pages that browsers fetch before they are asked for:
                                              "off", "conservative", "moderate", "eager" */
    bool compression;                      /* true */
    bool abort_failed_streams;             /* a stream that fails breaks off, so that it does not
                                              look whole, true; else it ends as if it were */
    uint32_t compression_min_size;         /* 500 bytes */
    bool rate_limit_enabled;               /* per client */
    uint32_t rate_limit_requests_per_second; /* 100 */
    uint32_t rate_limit_burst;             /* 200 */
    uint32_t rate_limit_max_tracked_ips;   /* 100 000 */
    bool metrics_enabled;
    const char *metrics_path;              /* "/metrics" */
    const char *health_check_path;         /* "/health", say, with /live and /ready; "": none */
    const char *cache_backend;             /* of chirp_app_cache: "memory", or "null", which keeps
                                              nothing */
    bool cache_middleware_enabled;         /* answers are kept in it */
    uint32_t cache_default_ttl;            /* 300 seconds */
    size_t cache_max_bytes;                /* 64 MiB */

    bool i18n_enabled;                     /* pages in the language of who reads them */
    const char *i18n_default_locale;       /* "en" */
    const char *const *i18n_supported_locales; /* NULL: the default alone */
    const char *i18n_directory;            /* of the catalogs, "locales" */
    const char *i18n_cookie_name;          /* holds a chosen locale, "chirp_locale" */
    bool i18n_url_prefix;                  /* "/de/…" is in German, false */

    /* logs */
    bool access_log;                   /* true */
    bool log_query;                    /* targets are logged with their query, true */
    bool lifecycle_logging;            /* at level debug also a line when a connection opens, ends
                                          and why, a request starts, is answered, loses its client;
                                          true */
    uint32_t slow_request_time;        /* answers that took longer are warned of, streams apart;
                                          5 s, 0: none */
    chirp_log_format log_format;
    chirp_log_level log_level;         /* CHIRP_LEVEL_INFO */
    const char *audit_sink;            /* "log" or "none" */
    const char *traceback;             /* of internal failures: "minimal" is one line, "compact"
                                          shows the lines of templates, "full" everything */
    const char *editor;                /* links of the debug page: "vscode", "cursor", "sublime",
                                          "textmate", "idea", "pycharm", or a URL with __FILE__ and
                                          __LINE__; "": none */

    /* limits of one request */
    uint32_t max_target;               /* request target, 8 KiB */
    uint32_t max_header_size;          /* header section, 32 KiB */
    uint32_t max_header_line;          /* one header line, 16 KiB */
    uint32_t max_headers;              /* header fields, 100 */
    uint32_t max_query_pairs;          /* 1000 */
    uint32_t max_cookies;              /* 100 */
    uint32_t max_form_fields;          /* 1000 */
    uint32_t max_form_files;           /* 100 */
    size_t max_form_field;             /* one field of a multipart form, 64 KiB */
    uint32_t max_json_depth;           /* 64 */
    uint32_t max_json_nodes;           /* 100 000 */
    size_t max_body;                   /* 16 MiB */
    size_t max_body_memory;            /* larger bodies go to a file without a name, 1 MiB */
    const char *spool_dir;             /* where; "": that of TMPDIR, or /tmp */
    size_t request_memory;             /* arena of a request, body apart, 4 MiB */

    /* limits of the process */
    uint32_t max_connections;          /* 1000, split over the workers */
    uint32_t max_client_connections;   /* of one client, an IPv4 address or an IPv6 network of 64
                                          bits, trusted proxies apart; others are answered 503.
                                          10 000 000: as good as none */
    bool request_queue_enabled;        /* false; true: a worker that has request_queue_max_depth */
    uint32_t request_queue_max_depth;  /* requests in hand answers 503 to more, 1000 */
    uint32_t max_connection_requests;  /* on one connection, 10 000 */
    size_t max_queued_output;          /* unsent bytes of a connection, 256 KiB */
    size_t stack_size;                 /* of a handler's coroutine, 256 KiB, which is the least;
                                          2 MiB in builds without optimisation or with sanitizers,
                                          whose frames are larger */

    /* time-outs */
    uint32_t header_timeout;           /* whole header, 10 s */
    uint32_t keep_alive_timeout;       /* idle between requests, 5 s */
    uint32_t body_timeout;             /* no byte of a body, 10 s */
    uint32_t body_rate;                /* bytes a second of a body, on average; 240 */
    uint32_t body_rate_after;          /* from when on that is asked for, 20 s */
    uint32_t write_timeout;            /* peer takes no byte, 30 s */
    uint32_t handler_timeout;          /* handler without a first byte, 30 s */
    uint32_t linger_timeout;           /* closing after a refusal, 2 s */
    uint32_t startup_timeout;          /* start-up hooks, 30 s */
    uint32_t shutdown_timeout;         /* draining, 30 s */
    uint32_t watchdog_timeout;         /* a worker whose loop makes no turn ends the process, 30 s;
                                          it is logged after a sixth of that. Not in debug mode */

    kida_allocator allocator;          /* zeroed: the C library's */

    /* events: what chirp_sse_options leaves open */
    uint32_t sse_heartbeat_interval;   /* without an event until a comment is sent, 15 s */
    uint32_t sse_retry_ms;             /* told to the client first; 0: not */
    const char *sse_close_event;       /* sent when a stream ends; "": none */

    char features_[CHIRP_FEATURES_MAX]; /* feature flags found in the environment */
    const char *lists_[CHIRP_LISTS];    /* lists found there, as texts */
} chirp_config;

/** Fills in the defaults. Thread: any */
CHIRP_API void chirp_config_init(chirp_config *config);

/**
 * Takes settings from environment variables PREFIX_HOST, PREFIX_PORT, … (prefix NULL: "CHIRP").
 * Variables that are not set change nothing.
 *
 * Lists are parted by commas: CHIRP_ALLOWED_HOSTS=example.com,.example.org. Their fields stay NULL
 * until chirp_app_new; one that is set afterwards counts instead.
 *
 * Owner:  texts point into the environment, so make the app before it changes.
 * Errors: KIDA_E_USAGE naming the variable whose value can't be read; config is unchanged.
 * Thread: any, while nobody changes the environment
 * Compat: the reference ignores values that it can't read.
 */
CHIRP_API CHIRP_MUST_USE kida_status chirp_config_from_env(chirp_config *config, const char *prefix,
                                                           kida_error *err);

/**
 * Takes settings from a file of lines NAME=value, as a `.env` is: the names of the environment,
 * and others, which are passed over. Call it before chirp_config_from_env, which then wins.
 *
 * A line may begin with `export`; a value may stand in single quotes, as it is, or in double
 * quotes, with \n, \" and \\. A `#` begins a comment, at the start of a line or behind a blank.
 *
 * Owner:  texts point into text, made by kida_buf_init_heap, which must live until chirp_app_new
 *         and grow no more.
 * Errors: KIDA_E_NOT_FOUND if there is no such file; KIDA_E_IO; KIDA_E_PARSE with the line;
 *         KIDA_E_USAGE as chirp_config_from_env. On failure config is unchanged.
 * Limits: 64 KiB.
 * Thread: any
 */
CHIRP_API CHIRP_MUST_USE kida_status chirp_config_from_file(chirp_config *config, const char *path,
                                                            const char *prefix, kida_buf *text,
                                                            kida_error *err);

/**
 * Looks whether every setting is in its range and fits the others.
 *
 * Errors: KIDA_E_USAGE naming the field and its range.
 * Thread: any
 */
CHIRP_API CHIRP_MUST_USE kida_status chirp_config_check(const chirp_config *config,
                                                        kida_error *err);

/** Whether a feature flag is set. Thread: any */
CHIRP_API bool chirp_config_feature(const chirp_config *config, const char *name);

KIDA_END_DECLS

#endif
