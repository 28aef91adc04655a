/* SPDX-License-Identifier: MIT */
/*
 * fuzz_fields.c - values of single fields (robustness FZ-6): no forged text counts as signed, a
 * range lies within its file, dates and hosts that are read come out again, and what a proxy says
 * of its client is an address or nothing.
 *
 * Input: values, one a line: range, date, host, signed text, entity tags, codings, cookies,
 * forwarded, X-Forwarded-For.
 */
#include "values.h"

#include <string.h>

#include "config/text.h"
#include "http/conditional.h"
#include "http/cookie.h"
#include "http/date.h"
#include "http/form.h"
#include "http/target.h"
#include "middleware/proxies.h"
#include "middleware/signed.h"

static void
try_range(kida_str text)
{
    static const uint64_t sizes[] = { 0, 1, 5, 1000, UINT64_MAX };
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint64_t start = 0, length = 0;
        if (ch_range_parse(text, sizes[i], &start, &length) == CH_RANGE_PART)
            FUZZ_CHECK(length > 0 && start < sizes[i] && length <= sizes[i] - start);
    }
}

static void
try_date(kida_str text)
{
    int64_t seconds;
    char again[CH_DATE_LEN + 1];
    if (!ch_date_parse(text, &seconds) || seconds < 0)
        return;
    ch_date_format(seconds, again);
    FUZZ_CHECK(kida_str_equal(text, (kida_str){ again, CH_DATE_LEN }));
}

/* A host that was understood is understood again, as itself. */
static void
try_host(ch_arena *arena, kida_str text)
{
    kida_str host, again;
    uint32_t port;
    if (ch_host_parse(arena, text, &host, &port) != CH_REJECT_NONE)
        return;
    FUZZ_CHECK(port <= 65535 && host.len > 0);
    FUZZ_CHECK(ch_host_parse(arena, host, &again, &port) == CH_REJECT_NONE);
    FUZZ_CHECK(port == 0 && kida_str_equal(host, again));
}

/* What was not signed is refused, as it is and as a change of what was. */
static void
try_signed(ch_arena *arena, kida_str text)
{
    static ch_signer signer;
    kida_str payload;
    int64_t when;
    if (signer.count == 0) {
        FUZZ_CHECK(ch_secret_init(NULL) == KIDA_OK);
        FUZZ_CHECK(ch_signer_add(&signer, KIDA_S("a secret of some length, only here"),
                                 KIDA_S("session")));
    }
    FUZZ_CHECK(!ch_unsign(&signer, arena, text, &payload, &when));
    kida_str good = ch_sign(&signer, arena, text, 1000);
    FUZZ_CHECK(good.ptr != NULL);
    FUZZ_CHECK(ch_unsign(&signer, arena, good, &payload, &when));
    FUZZ_CHECK(when == 1000 && kida_str_equal(payload, text));
    size_t place = text.len > 0 ? (unsigned char)text.ptr[0] * 7 % good.len : 0;
    char *bad = ch_arena_alloc(arena, good.len);
    FUZZ_CHECK(bad != NULL);
    memcpy(bad, good.ptr, good.len);
    bad[place] ^= 1;
    FUZZ_CHECK(!ch_unsign(&signer, arena, (kida_str){ bad, good.len }, &payload, &when));
    FUZZ_CHECK(!ch_unsign(&signer, arena, ch_str_slice(good, 0, place), &payload, &when));
}

static void
try_request(chirp_request *req, kida_str tags, kida_str codings, kida_str forwarded, kida_str list)
{
    static const char *const any[] = { "*", NULL };
    chirp_config config = *req->config;
    ch_proxies proxies;
    ch_headers *headers = &req->headers;
    ch_headers_init(headers, &req->arena, 10);
    (void)ch_headers_push(headers, KIDA_S("If-None-Match"), tags);
    (void)ch_headers_push(headers, KIDA_S("If-Range"), tags);
    (void)ch_headers_push(headers, KIDA_S("If-Modified-Since"), tags);
    (void)ch_headers_push(headers, KIDA_S("Accept-Encoding"), codings);
    (void)ch_headers_push(headers, KIDA_S("Forwarded"), forwarded);
    (void)ch_headers_push(headers, KIDA_S("X-Forwarded-For"), list);
    (void)ch_headers_push(headers, KIDA_S("X-Forwarded-Host"), forwarded);
    (void)ch_headers_push(headers, KIDA_S("X-Forwarded-Proto"), forwarded);
    FUZZ_CHECK(ch_coding_weight(req, KIDA_S("gzip")) <= 1000);
    (void)ch_is_not_modified(req, KIDA_S("\"a\""), 1000);
    if (!ch_if_range_holds(req, KIDA_S("\"a\""), 1000))
        FUZZ_CHECK(!kida_str_equal(tags, KIDA_S("\"a\"")));
    FUZZ_CHECK(!ch_etag_listed(KIDA_S(""), KIDA_S("\"a\"")));
    config.trusted_proxies = any;
    for (int standard = 0; standard < 2; standard++) {
        kida_error err;
        ch_network network;
        config.forwarded_header = standard ? "forwarded" : "x-forwarded-for";
        FUZZ_CHECK(ch_proxies_init(&proxies, &config, &req->arena, &err) == KIDA_OK);
        ch_proxies_apply(&proxies, req);
        FUZZ_CHECK(chirp_client(req).len == 0 || ch_network_parse(chirp_client(req), &network));
        kida_str host;
        uint32_t port;
        if (req->host.ptr)
            FUZZ_CHECK(ch_host_parse(&req->arena, req->host, &host, &port) == CH_REJECT_NONE);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = { data, size };
    chirp_config config;
    chirp_request req;
    kida_str values[9];
    if (size > 20000)
        return 0;
    chirp_config_init(&config);
    ch_request_init(&req, &config);
    ch_request_set_client(&req, KIDA_S("192.0.2.1"), 80);
    for (size_t i = 0; i < 9; i++)
        values[i] = fuzz_until(&in, '\n');
    try_range(values[0]);
    try_date(values[1]);
    try_host(&req.arena, values[2]);
    try_signed(&req.arena, values[3]);
    ch_headers cookies;
    ch_headers_init(&cookies, &req.arena, 100);
    (void)ch_cookies_parse(&cookies, values[6]);
    for (size_t i = 0; i < cookies.count; i++)
        FUZZ_CHECK(cookies.items[i].name.ptr && cookies.items[i].value.len <= values[6].len);
    try_request(&req, values[4], values[5], values[7], values[8]);
    ch_request_clear(&req);
    return 0;
}
