/* SPDX-License-Identifier: MIT */
/*
 * fuzz_connection.c - bytes to a connection of an app, whole and cut anywhere, with the end of the
 * stream behind them: the same answers, all of them well-formed.
 *
 * Input: a byte that seeds the cuts, then what the client sends.
 */
#define _GNU_SOURCE
#include "values.h"

#include <string.h>

#include <chirp/chirp.h>

/* Length and sum stand for a text, so that bodies hold no bytes of the client's. */
static unsigned
sum(kida_str text)
{
    unsigned total = (unsigned)text.len;
    for (size_t i = 0; i < text.len; i++)
        total = total * 31 + (unsigned char)text.ptr[i];
    return total;
}

static chirp_reply *
echo(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_textf(req, "%u", sum(chirp_body(req)));
}

static chirp_reply *
show(chirp_request *req, void *user)
{
    (void)user;
    kida_str value = chirp_query(req, "a");
    chirp_reply *reply =
        chirp_reply_textf(req, "%u %u", sum(chirp_host(req)), sum(chirp_path(req)));
    char copy[64] = "none";
    if (value.len > 0 && value.len < sizeof(copy) && memchr(value.ptr, 0, value.len) == NULL) {
        memcpy(copy, value.ptr, value.len);
        copy[value.len] = '\0';
    }
    return chirp_reply_add_header(reply, "X-Value", copy);
}

/* Appends all that came, but for the lines that differ from answer to answer. */
static void
take(kida_buf *out, kida_str raw)
{
    for (size_t at = 0; at < raw.len;) {
        const char *end = memchr(raw.ptr + at, '\n', raw.len - at);
        size_t len = end ? (size_t)(end - raw.ptr) + 1 - at : raw.len - at;
        kida_str line = { raw.ptr + at, len };
        if (memmem(line.ptr, line.len, "date: ", 6) != line.ptr &&
            memmem(line.ptr, line.len, "x-request-id: ", 14) != line.ptr)
            kida_buf_put(out, line);
        at += len;
    }
}

static void
converse(chirp_test_client *client, kida_str bytes, unsigned seed, kida_buf *out)
{
    chirp_answer answer = { 0 };
    kida_buf raw;
    size_t seen = 0;
    kida_buf_init_heap(&raw, NULL, 64u << 20);
    for (size_t at = 0; at < bytes.len && !answer.closed;) {
        size_t piece = seed == 0 ? bytes.len : seed % 11 + 1;
        piece = piece > bytes.len - at ? bytes.len - at : piece;
        FUZZ_CHECK(chirp_test_raw(client, (kida_str){ bytes.ptr + at, piece }, &answer) == KIDA_OK);
        kida_buf_put(&raw, answer.raw);
        at += piece;
        seed = seed * 1103515245u % 2147483647u;
    }
    if (!answer.closed && bytes.len > 0) {
        seen = answer.raw.len;
        chirp_test_leave(client, false);
        (void)!chirp_test_wait(client, NULL, 1000, &answer);
        kida_buf_put(&raw, (kida_str){ answer.raw.ptr + seen, answer.raw.len - seen });
    }
    chirp_test_leave(client, true);
    take(out, kida_buf_str(&raw));
    kida_buf_free(&raw);
    kida_str text = kida_buf_str(out);
    FUZZ_CHECK(text.len == 0 || (text.len > 12 && memcmp(text.ptr, "HTTP/1.1 ", 9) == 0));
    FUZZ_CHECK(!fuzz_holds(text, "\nX-Injected"));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    kida_buf whole, cut;
    kida_error err;
    chirp_config config;
    fuzz_input in = { data, size };
    unsigned seed = fuzz_byte(&in) + 1u;
    kida_str bytes = { (const char *)in.data, in.size };
    chirp_config_init(&config);
    config.access_log = config.lifecycle_logging = false;
    config.log_level = CHIRP_LEVEL_ERROR;
    config.static_dir = config.template_dir = "";
    config.max_body = 4096;
    config.max_target = config.max_header_line = 256;
    config.max_header_size = 1024;
    config.max_headers = 16;
    chirp_app *app = chirp_app_new(&config, &err);
    FUZZ_CHECK(app != NULL);
    chirp_route(app, "GET", "/", show, NULL);
    chirp_route(app, "GET", "/s/{rest:path}", show, NULL);
    chirp_route(app, "POST", "/p", echo, NULL);
    chirp_test_client *client = chirp_test_new(app, &err);
    FUZZ_CHECK(client != NULL);
    kida_buf_init_heap(&whole, NULL, 64u << 20);
    kida_buf_init_heap(&cut, NULL, 64u << 20);
    converse(client, bytes, 0, &whole);
    converse(client, bytes, seed, &cut);
    /* Whether 100 is sent depends on whether the body has come along. */
    if (!fuzz_holds(kida_buf_str(&cut), "HTTP/1.1 100 "))
        FUZZ_CHECK(kida_str_equal(kida_buf_str(&whole), kida_buf_str(&cut)));
    kida_buf_free(&whole);
    kida_buf_free(&cut);
    chirp_test_free(client);
    chirp_app_free(app);
    return 0;
}
