/* SPDX-License-Identifier: MIT */
/* fuzz_request.c - any bytes of a connection, whole or cut anywhere, give the same events; what is
 * accepted keeps the limits and holds nothing that could start another header. */
#include "fuzz.h"

#include "http/parse.h"

#define BODY_MAX 4096

/* A running hash over all that the parser said. */
static uint64_t
mix(uint64_t hash, kida_str text)
{
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.ptr[i]) * 1099511628211u;
    return (hash ^ text.len) * 1099511628211u;
}

static uint64_t
mix_fields(uint64_t hash, const ch_headers *fields)
{
    for (size_t i = 0; i < fields->count; i++) {
        const ch_pair *field = &fields->items[i];
        FUZZ_CHECK(ch_token_is_valid(field->name) && ch_field_value_is_valid(field->value));
        hash = mix(mix(hash, field->name), field->value);
    }
    return hash;
}

static uint64_t
take(ch_parser *parser, chirp_request *req, ch_event event, uint64_t hash)
{
    if (event == CH_EVENT_HEAD) {
        FUZZ_CHECK(kida_utf8_valid(req->path.text));
        return mix_fields(mix(mix(hash, req->url), req->host), &req->headers);
    }
    if (event == CH_EVENT_BODY)
        FUZZ_CHECK(ch_request_add_body(req, ch_parser_body(parser)) == KIDA_OK);
    if (event == CH_EVENT_COMPLETE) {
        hash = mix(mix(hash, chirp_query(req, "a")), chirp_form(req, "a"));
        hash = mix_fields(mix(mix(hash, chirp_cookie(req, "a")), chirp_body(req)), &req->trailers);
        ch_request_reset(req);
        ch_parser_begin(parser, req);
    }
    if (event == CH_EVENT_REJECT) {
        ch_reject reason = ch_parser_reason(parser);
        /* The guard is the stricter one: llhttp never refuses what it has let through. */
        FUZZ_CHECK(ch_reject_status(reason) >= 400 && reason != CH_REJECT_PARSER);
        hash = mix(hash, ch_reject_token(reason));
    }
    return hash;
}

/* Feeds pieces of 1 to 9 bytes as seed has it, or everything at once (0). */
static uint64_t
run(const chirp_config *config, const char *data, size_t size, unsigned seed)
{
    chirp_request req;
    ch_request_init(&req, config);
    ch_parser *parser = ch_parser_new(config);
    FUZZ_CHECK(parser != NULL);
    ch_parser_begin(parser, &req);
    uint64_t hash = 14695981039346656037u;
    size_t at = 0, end = 0, used;
    ch_event event = CH_EVENT_MORE;
    while (event != CH_EVENT_REJECT && (event != CH_EVENT_MORE || at < size)) {
        if (event == CH_EVENT_MORE) {
            size_t piece = seed == 0 ? size : seed % 9 + 1;
            end = size - at < piece ? size : at + piece;
            seed = seed * 1103515245u % 2147483647u;
        }
        event = ch_parser_feed(parser, data + at, end - at, &used);
        FUZZ_CHECK(used <= end - at && (event != CH_EVENT_MORE || used == end - at));
        at += used;
        hash = take(parser, &req, event, hash);
    }
    if (event != CH_EVENT_REJECT && ch_parser_finish(parser) == CH_EVENT_REJECT)
        hash = mix(hash, KIDA_S("cut"));
    ch_parser_free(parser);
    ch_request_clear(&req);
    return hash;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    chirp_config config;
    chirp_config_init(&config);
    config.max_body = BODY_MAX;
    config.max_target = config.max_header_line = 256; /* small, so that short inputs reach them */
    config.max_header_size = 1024;
    config.max_headers = 16;
    const char *bytes = (const char *)data + 1;
    FUZZ_CHECK(run(&config, bytes, size - 1, 0) == run(&config, bytes, size - 1, data[0] + 1u));
    return 0;
}
