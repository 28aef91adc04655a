/* SPDX-License-Identifier: MIT */
/* servers.c - the libchirp application and the raw epoll loop that it is compared with. */
#define _GNU_SOURCE
#include <chirp/chirp.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "servers.h"
#if defined(BENCH_HAND)
#include "../render/yardstick.h"
#endif

/* ---- libchirp -------------------------------------------------------------------------------- */

typedef struct fortune {
    int64_t id;
    const char *message;
} fortune;

static const kida_field fortune_fields[] = {
    KIDA_INT_FIELD(fortune, id), KIDA_CSTRING_FIELD(fortune, message), KIDA_FIELDS_END
};
static const kida_struct fortune_type = { "fortune", sizeof(fortune), fortune_fields, NULL };

typedef struct page {
    const fortune *fortunes;
    size_t count;
} page;

static const kida_field page_fields[] = {
    KIDA_SLICE_FIELD(page, fortunes, count, &fortune_type), KIDA_FIELDS_END
};
static const kida_struct page_type = { "page", sizeof(page), page_fields, NULL };

static fortune fortunes[64];
static page fortune_page = { fortunes, 0 };

static chirp_reply *
plaintext(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_text(req, KIDA_S("Hello, World!"));
}

static chirp_reply *
json(chirp_request *req, void *user)
{
    (void)user;
    kida_value v;
    if (kida_context(chirp_pool(req), &v, "message", kida_string(KIDA_S("Hello, World!")),
                     NULL) != KIDA_OK)
        return chirp_reply_empty(req, 500);
    return chirp_reply_json(req, v);
}

static chirp_reply *
fortunes_handler(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_template(req, "fortunes.html", kida_from_struct(&page_type, &fortune_page));
}

/* The rows of the kit's data, so that both servers send the same page. */
static void
load_fortunes(const char *dir)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/data/fortunes.json", dir);
    FILE *f = fopen(path, "r");
    static char text[64 << 10];
    size_t len = f ? fread(text, 1, sizeof(text), f) : 0;
    if (f)
        fclose(f);
    kida_pool *pool = kida_pool_new(NULL, 0);
    kida_value all;
    kida_str source = { text, len };
    if (!pool || kida_json_parse(pool, source, &all, NULL) != KIDA_OK)
        exit(1);
    kida_value list = kida_dict_get(all, KIDA_S("fortunes"));
    for (size_t i = 0; i < kida_length(list) && i < 64; i++) {
        kida_value row = kida_item_at(list, i);
        kida_str message = kida_as_str(kida_dict_get(row, KIDA_S("message")));
        fortunes[i].id = kida_as_int(kida_dict_get(row, KIDA_S("id")));
        fortunes[i].message = strndup(message.ptr, message.len);
        fortune_page.count++;
    }
    kida_pool_free(pool);
}

static kida_status
tell_port(chirp_app *app, void *user, kida_error *err)
{
    (void)err;
    uint32_t port = chirp_port(app);
    return write(*(int *)user, &port, sizeof(port)) == sizeof(port) ? KIDA_OK : KIDA_E_IO;
}

void
serve_chirp(int fd, const char *bench_dir)
{
    char templates[512];
    snprintf(templates, sizeof(templates), "%s/templates", bench_dir);
    load_fortunes(bench_dir);
    chirp_config config;
    chirp_config_init(&config);
    config.port = 0;
    config.workers = 1;
    config.access_log = false;
    config.max_connection_requests = 100000000; /* as the nginx of this comparison */
    config.safe_target = false; /* the page alone: the peers send no scripts */
    config.sse_lifecycle = false;
    config.template_dir = templates;
    kida_error err;
    kida_error_init(&err);
    chirp_app *app = chirp_app_new(&config, &err);
    if (app) {
        chirp_route(app, "GET", "/plaintext", plaintext, NULL);
        chirp_route(app, "GET", "/json", json, NULL);
        chirp_route(app, "GET", "/fortunes", fortunes_handler, NULL);
        chirp_on_ready(app, tell_port, &fd);
        if (chirp_run(app, &err) == KIDA_OK)
            exit(0);
    }
    char text[4096];
    kida_error_format(&err, KIDA_FORMAT_PLAIN, text, sizeof(text));
    fprintf(stderr, "%s\n", text);
    exit(1);
}

/* ---- the raw loop ---------------------------------------------------------------------------- */

static int
listen_on(uint32_t *port)
{
    struct sockaddr_in at = { .sin_family = AF_INET };
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    socklen_t size = sizeof(at);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, size) != 0 || listen(fd, 512) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &size) != 0)
        exit(1);
    *port = ntohs(at.sin_port);
    return fd;
}

static size_t
fill(char *out, const char *response, size_t len, size_t head, int by_hand)
{
#if defined(BENCH_HAND)
    if (by_hand) {
        const char *body;
        size_t body_len = yardstick_render(&body);
        memcpy(out, response, head);
        memcpy(out + head, body, body_len);
        return head + body_len;
    }
#endif
    (void)head;
    (void)by_hand;
    memcpy(out, response, len);
    return len;
}

static void
serve_one(int fd, const char *response, size_t len, size_t head, int by_hand)
{
    char in[8192];
    static char out[1 << 20];
    ssize_t n = read(fd, in, sizeof(in) - 1);
    if (n <= 0) {
        close(fd);
        return;
    }
    in[n] = '\0';
    for (char *at = in; (at = strstr(at, "\r\n\r\n")) != NULL; at += 4) {
        size_t size = fill(out, response, len, head, by_hand);
        if (write(fd, out, size) != (ssize_t)size)
            close(fd);
    }
}

void
serve_raw(int fd, const char *response, size_t len, const char *bench_dir, int by_hand)
{
    uint32_t port;
    int listener = listen_on(&port);
    int poll = epoll_create1(EPOLL_CLOEXEC);
    const char *end = strstr(response, "\r\n\r\n");
    size_t head = end ? (size_t)(end + 4 - response) : len;
    struct epoll_event ev = { .events = EPOLLIN, .data.fd = listener };
#if defined(BENCH_HAND)
    if (by_hand)
        yardstick_load("fortunes", bench_dir);
#endif
    (void)bench_dir;
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &ev);
    if (write(fd, &port, sizeof(port)) != sizeof(port))
        exit(1);
    for (;;) {
        struct epoll_event ready[256];
        int n = epoll_wait(poll, ready, 256, -1);
        for (int i = 0; i < n; i++) {
            if (ready[i].data.fd != listener) {
                serve_one(ready[i].data.fd, response, len, head, by_hand);
                continue;
            }
            int got = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
            int one = 1;
            setsockopt(got, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
            ev = (struct epoll_event){ .events = EPOLLIN, .data.fd = got };
            epoll_ctl(poll, EPOLL_CTL_ADD, got, &ev);
        }
    }
}
