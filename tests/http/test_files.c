/* SPDX-License-Identifier: MIT */
/* test_files.c - files over real sockets: robustness BP-1, SF-19, and all of the layers that the
 * config adds, on two workers. */
#define _GNU_SOURCE
#include "served.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>

#define LARGE ((size_t)64 << 20)

static char folder[64];

static void
put_large(void)
{
    char name[128];
    snprintf(folder, sizeof(folder), "/tmp/chirp-files-%ld", (long)getpid());
    assert_int_equal(mkdir(folder, 0700), 0);
    snprintf(name, sizeof(name), "%s/large.bin", folder);
    int fd = open(name, O_CREAT | O_WRONLY, 0600);
    assert_int_equal(ftruncate(fd, (off_t)LARGE), 0);
    assert_int_equal(pwrite(fd, "end", 3, (off_t)LARGE - 3), 3);
    close(fd);
}

static void
drop_large(void)
{
    char name[128];
    snprintf(name, sizeof(name), "%s/large.bin", folder);
    unlink(name);
    rmdir(folder);
}

static void
nap_ms(long ms)
{
    const struct timespec nap = { ms / 1000, ms % 1000 * 1000000 };
    nanosleep(&nap, NULL);
}

/* Holds: a peer that does not read costs no memory, and gets every byte once it does. */
static void
bp_1_sf_19_a_slow_reader_of_a_large_file(void **state)
{
    (void)state;
    t_served served;
    put_large();
    t_app_init(&served.base);
    served.base.config.static_dir = folder;
    served.base.config.static_url = "/files";
    served.base.config.port = 0;
    t_app_open(&served.base);
    t_serve(&served);
    int fd = t_connect(&served, 65536);
    t_send(fd, "GET /files/large.bin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    nap_ms(100);
    long before = t_resident();
    nap_ms(500);
    assert_true(t_resident() - before < 1024);

    /* Meanwhile others are served. */
    int other = t_connect(&served, 0);
    char text[4096];
    t_send(other, "HEAD /files/large.bin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    t_read(other, NULL, text, sizeof(text));
    assert_non_null(strstr(text, "content-length: 67108864\r\n"));
    close(other);

    static char piece[1 << 18];
    size_t total = 0, head = 0;
    char last[4] = "";
    for (ssize_t got; (got = recv(fd, piece, sizeof(piece), 0)) > 0; total += (size_t)got) {
        if (total == 0)
            head = (size_t)(strstr(piece, "\r\n\r\n") + 4 - piece);
        if (got >= 3)
            memcpy(last, piece + got - 3, 3);
    }
    assert_int_equal(total - head, LARGE);
    assert_string_equal(last, "end");
    assert_true(t_resident() - before < 2048);
    close(fd);
    t_serve_end(&served);
    drop_large();
}

static chirp_reply *
page(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_html(req, KIDA_S("<html><body>page</body></html>"));
}

typedef struct asker {
    const t_served *served;
    pthread_t thread;
    bool ok;
} asker;

static void *
ask(void *arg)
{
    asker *self = arg;
    char text[8192];
    self->ok = true;
    for (int i = 0; i < 50 && self->ok; i++) {
        int fd = t_connect(self->served, 0);
        t_send(fd, i % 2 ? "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                         : "GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n"
                           "Connection: close\r\n\r\n");
        t_read(fd, NULL, text, sizeof(text));
        self->ok = strncmp(text, "HTTP/1.1 200 ", 13) == 0;
        close(fd);
    }
    return NULL;
}

/* Holds: what workers share (limits, cache, counters) is safe; run it under ThreadSanitizer. */
static void
row_6_2_layers_of_the_config_on_two_workers(void **state)
{
    (void)state;
    t_served served;
    asker askers[4];
    t_app_init(&served.base);
    chirp_config *config = &served.base.config;
    config->workers = 2;
    config->port = 0;
    config->compression_min_size = 0;
    config->metrics_enabled = config->rate_limit_enabled = true;
    config->cache_middleware_enabled = config->csp_nonce_enabled = true;
    config->rate_limit_burst = 1000;
    t_app_open(&served.base);
    chirp_route(served.base.app, "GET", "/", page, NULL);
    t_serve(&served);
    for (size_t i = 0; i < T_COUNT(askers); i++) {
        askers[i].served = &served;
        assert_int_equal(pthread_create(&askers[i].thread, NULL, ask, &askers[i]), 0);
    }
    for (size_t i = 0; i < T_COUNT(askers); i++) {
        pthread_join(askers[i].thread, NULL);
        assert_true(askers[i].ok);
    }
    t_serve_end(&served);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bp_1_sf_19_a_slow_reader_of_a_large_file),
        cmocka_unit_test(row_6_2_layers_of_the_config_on_two_workers),
    };
    return cmocka_run_group_tests_name("http/files", tests, NULL, NULL);
}
