/* SPDX-License-Identifier: MIT */
/* test_coded.c - chirp.md 17.6: streams that are compressed on their way; what may not be. */
#define _GNU_SOURCE
#include "app.h"

#ifdef T_WITH_ZLIB
#include <zlib.h>
#endif
#ifdef T_WITH_ZSTD
#include <zstd.h>
#endif
#ifdef T_WITH_BROTLI
#include <brotli/decode.h>
#endif

enum { TEXT_MAX = 1 << 20 };

static char text[TEXT_MAX + 1];
static size_t text_len;

/* ---- reading back: whatever there is so far ------------------------------------------------- */

#ifdef T_WITH_ZLIB

static void
read_gzip(kida_str bytes)
{
    z_stream stream = { .next_in = (unsigned char *)(uintptr_t)bytes.ptr,
                        .avail_in = (unsigned)bytes.len,
                        .next_out = (unsigned char *)text,
                        .avail_out = TEXT_MAX };
    assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
    (void)inflate(&stream, Z_SYNC_FLUSH);
    text_len = TEXT_MAX - stream.avail_out;
    inflateEnd(&stream);
}

#endif

#ifdef T_WITH_ZSTD

static void
read_zstd(kida_str bytes)
{
    ZSTD_DCtx *context = ZSTD_createDCtx();
    ZSTD_inBuffer in = { bytes.ptr, bytes.len, 0 };
    ZSTD_outBuffer out = { text, TEXT_MAX, 0 };
    size_t before;
    do {
        before = in.pos + out.pos;
        assert_false(ZSTD_isError(ZSTD_decompressStream(context, &out, &in)));
    } while (in.pos + out.pos != before);
    text_len = out.pos;
    ZSTD_freeDCtx(context);
}

#endif

#ifdef T_WITH_BROTLI

static void
read_brotli(kida_str bytes)
{
    BrotliDecoderState *state = BrotliDecoderCreateInstance(NULL, NULL, NULL);
    const uint8_t *in = (const uint8_t *)bytes.ptr;
    uint8_t *out = (uint8_t *)text;
    size_t left = bytes.len, room = TEXT_MAX;
    assert_int_not_equal(BrotliDecoderDecompressStream(state, &left, &in, &room, &out, NULL),
                         BROTLI_DECODER_RESULT_ERROR);
    text_len = TEXT_MAX - room;
    BrotliDecoderDestroyInstance(state);
}

#endif

static const struct {
    const char *name;
    void (*read)(kida_str bytes);
} codings[] = {
#ifdef T_WITH_ZLIB
    { "gzip", read_gzip },
#endif
#ifdef T_WITH_ZSTD
    { "zstd", read_zstd },
#endif
#ifdef T_WITH_BROTLI
    { "br", read_brotli },
#endif
    { NULL, NULL },
};

static void
read_back(size_t i, kida_str bytes)
{
    text_len = 0;
    codings[i].read(bytes);
    text[text_len] = 0;
}

/* ---- streams -------------------------------------------------------------------------------- */

static char big[200000];

static kida_status
many_sizes(chirp_stream *stream, void *user)
{
    (void)user;
    kida_status st = chirp_stream_write(stream, KIDA_S("begin|"));
    for (size_t len = 1; len <= sizeof(big) && st == KIDA_OK; len *= 7)
        st = chirp_stream_write(stream, (kida_str){ big, len });
    chirp_sleep(chirp_stream_request(stream), 1);
    if (st == KIDA_OK)
        st = chirp_stream_write(stream, (kida_str){ big, sizeof(big) });
    return st == KIDA_OK ? chirp_stream_write(stream, KIDA_S("|end")) : st;
}

static kida_status
flushes(chirp_stream *stream, void *user)
{
    (void)user;
    chirp_request *req = chirp_stream_request(stream);
    chirp_stream_write(stream, KIDA_S("first "));
    chirp_stream_write(stream, KIDA_S("second "));
    chirp_stream_flush(stream);
    chirp_sleep(req, 1);
    chirp_stream_write(stream, KIDA_S("third")); /* waiting sends it, too */
    return chirp_sleep(req, 60000);
}

static kida_status
broken_late(chirp_stream *stream, void *user)
{
    (void)user;
    chirp_stream_write(stream, KIDA_S("<p>half"));
    chirp_stream_write(stream, KIDA_S(" and more"));
    return KIDA_E_IO;
}

static kida_status
broken_early(chirp_stream *stream, void *user)
{
    (void)stream;
    (void)user;
    return KIDA_E_IO;
}

static kida_status
nothing(chirp_stream *stream, void *user)
{
    (void)stream;
    (void)user;
    return KIDA_OK;
}

static chirp_reply *
of_function(chirp_request *req, void *user)
{
    chirp_stream_fn *fn = NULL;
    memcpy(&fn, &user, sizeof(fn));
    kida_str type = chirp_query(req, "type");
    chirp_reply *reply = chirp_reply_stream(
        req, chirp_given(type) ? chirp_copy(req, type).ptr : NULL, fn, NULL);
    if (chirp_given(chirp_query(req, "kept")))
        chirp_reply_set_header(reply, "cache-control", "no-transform");
    if (chirp_given(chirp_query(req, "coded")))
        chirp_reply_set_header(reply, "content-encoding", "identity");
    if (chirp_given(chirp_query(req, "tag")))
        chirp_reply_set_header(reply, "etag", "\"abc\"");
    return reply;
}

static kida_status
one_event(chirp_sse *sse, void *user)
{
    (void)user;
    return chirp_sse_data(sse, KIDA_S("plain"));
}

static chirp_reply *
events(chirp_request *req, void *user)
{
    return chirp_reply_sse(req, one_event, user, NULL);
}

static chirp_reply *
of_template(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_template_stream(req, "page.html", kida_none());
}

static kida_status
work(void *arg, kida_pool *pool, kida_value *out, kida_error *err)
{
    (void)arg;
    (void)pool;
    (void)err;
    *out = kida_int(5);
    return KIDA_OK;
}

static chirp_reply *
late(chirp_request *req, void *user)
{
    (void)user;
    const chirp_deferred deferred = { .name = "n", .work = work };
    return chirp_reply_suspense(req, "late.html", kida_none(), &deferred, 1);
}

static void
route(t_app *fx, const char *path, chirp_stream_fn *fn)
{
    void *user = NULL;
    memcpy(&user, &fn, sizeof(fn));
    chirp_route(fx->app, "GET", path, of_function, user);
}

static int
setup(void **state)
{
    static t_app fx;
    for (size_t i = 0; i < sizeof(big); i++)
        big[i] = "<li>number one</li>\n"[i % 20];
    t_app_init(&fx);
    t_app_open(&fx);
    t_app_template(&fx, "page.html", "<h1>{{ 1 }}</h1>{% flush %}<p>end</p>");
    t_app_template(&fx, "late.html", "<i id=b>{% block b %}{{ n ?? '...' }}{% end %}</i>");
    route(&fx, "/sizes", many_sizes);
    route(&fx, "/flushes", flushes);
    route(&fx, "/late", broken_late);
    route(&fx, "/early", broken_early);
    route(&fx, "/nothing", nothing);
    chirp_route(fx.app, "GET", "/events", events, NULL);
    chirp_route(fx.app, "GET", "/template", of_template, NULL);
    chirp_route(fx.app, "GET", "/suspense", late, NULL);
    *state = &fx;
    return 0;
}

static int
teardown(void **state)
{
    t_app_close(*state);
    return 0;
}

static kida_status
get(t_app *fx, const char *target, size_t coding, chirp_answer *answer)
{
    const char *headers[] = { "Accept-Encoding", codings[coding].name, NULL };
    return chirp_test_request(t_client(fx), "GET", target, headers, KIDA_S(""), answer);
}

/* Holds: what comes back is what was written, in pieces of any size, and smaller on the wire. */
static void
row_17_6_streams_come_back_whole(void **state)
{
    t_app *fx = *state;
    chirp_answer answer, plain;
    for (size_t i = 0; codings[i].name; i++) {
        assert_int_equal(chirp_test_get(t_client(fx), "/sizes", &plain), KIDA_OK);
        assert_true(CHIRP_CHECK_HEADER(&plain, "content-encoding", NULL));
        assert_true(CHIRP_CHECK_HEADER(&plain, "vary", "Accept-Encoding"));
        char *want = test_malloc(plain.body.len);
        size_t want_len = plain.body.len;
        memcpy(want, plain.body.ptr, want_len);

        assert_int_equal(get(fx, "/sizes?tag=1", i, &answer), KIDA_OK);
        assert_true(CHIRP_CHECK_HEADER(&answer, "content-encoding", codings[i].name));
        assert_true(CHIRP_CHECK_HEADER(&answer, "vary", "Accept-Encoding"));
        assert_true(CHIRP_CHECK_HEADER(&answer, "content-length", NULL));
        assert_true(CHIRP_CHECK_HEADER(&answer, "etag", "W/\"abc\""));
        assert_true(answer.body.len < want_len / 20);
        assert_false(answer.closed);
        read_back(i, answer.body);
        assert_int_equal(text_len, want_len);
        assert_memory_equal(text, want, want_len);
        test_free(want);
    }
}

/* Holds: what was written is on its way at each flush point and whenever the function waits. */
static void
row_17_6_flush_points_flush(void **state)
{
    t_app *fx = *state;
    for (size_t i = 0; codings[i].name; i++) {
        chirp_answer answer;
        const char *headers[] = { "Accept-Encoding", codings[i].name, NULL };
        assert_int_equal(chirp_test_open(t_client(fx), "GET", "/flushes", headers, KIDA_S(""),
                                         &answer), KIDA_OK);
        text[0] = 0;
        for (int turn = 0; turn < 1000 && strcmp(text, "first second third") != 0; turn++) {
            kida_status st = chirp_test_wait(t_client(fx), NULL, 10, &answer);
            assert_int_equal(st, KIDA_E_LIMIT_TIME);
            read_back(i, answer.body);
        }
        assert_string_equal(text, "first second third");
        chirp_test_leave(t_client(fx), i % 2 == 1);
    }
}

/* Holds: templates flush where they say so, late blocks as they come; empty bodies are valid. */
static void
row_17_6_all_kinds_of_streams(void **state)
{
    static const struct { const char *target, *want; } cases[] = {
        { "/template", "<h1>1</h1><p>end</p>" }, { "/nothing", "" },
        { "/suspense", "<i id=b>...</i><template id=\"_chirp_d_b\">5</template><script>" },
    };
    t_app *fx = *state;
    for (size_t i = 0; codings[i].name; i++) {
        for (size_t k = 0; k < T_COUNT(cases); k++) {
            chirp_answer answer;
            assert_int_equal(get(fx, cases[k].target, i, &answer), KIDA_OK);
            assert_true(CHIRP_CHECK_HEADER(&answer, "content-encoding", codings[i].name));
            assert_true(answer.body.len > 0);
            read_back(i, answer.body);
            if (strncmp(text, cases[k].want, strlen(cases[k].want)) != 0)
                fail_msg("%s %s: %s", codings[i].name, cases[k].target, text);
        }
    }
}

/* Holds: event streams never; nor HEAD, other types, what says so, probing requests (BREACH). */
static void
row_17_6_what_is_left_alone(void **state)
{
    static const struct { const char *method, *target, *vary, *own; } cases[] = {
        { "GET", "/events", NULL, NULL },
        { "GET", "/sizes?type=text/event-stream", NULL, NULL },
        { "GET", "/sizes?type=image/png", NULL, NULL },
        { "GET", "/sizes?kept=1", NULL, NULL },
        { "GET", "/sizes?coded=1", NULL, "identity" },
        { "HEAD", "/sizes", "Accept-Encoding", NULL },
    };
    t_app *fx = *state;
    chirp_answer answer;
    const char *headers[] = { "Accept-Encoding", "gzip, br, zstd", NULL };
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        assert_int_equal(chirp_test_request(t_client(fx), cases[i].method, cases[i].target,
                                            headers, KIDA_S(""), &answer), KIDA_OK);
        assert_true(CHIRP_CHECK_STATUS(&answer, 200));
        assert_true(CHIRP_CHECK_HEADER(&answer, "content-encoding", cases[i].own));
        assert_true(CHIRP_CHECK_HEADER(&answer, "vary", cases[i].vary));
    }
    const char *probing[] = { "Accept-Encoding", "gzip, br, zstd", "Sec-Fetch-Site", "cross-site",
                              "Cookie", "a=b", NULL };
    assert_int_equal(chirp_test_request(t_client(fx), "GET", "/sizes", probing, KIDA_S(""),
                                        &answer), KIDA_OK);
    assert_true(CHIRP_CHECK_HEADER(&answer, "content-encoding", NULL));
    assert_true(CHIRP_CHECK_HEADER(&answer, "vary", "Accept-Encoding"));
    assert_true(t_holds(answer.body, "begin|"));
}

/* Holds: RS-7 with a coding: the mark can be read, and the body does not look whole; a failure in
 * front of it is an ordinary answer. */
static void
rs_7_broken_coded_streams(void **state)
{
    t_app *fx = *state;
    for (size_t i = 0; codings[i].name; i++) {
        chirp_answer answer;
        assert_int_equal(get(fx, "/late", i, &answer), KIDA_E_IO);
        assert_true(answer.closed);
        assert_false(t_holds(answer.raw, "\r\n0\r\n\r\n"));
        read_back(i, answer.body);
        assert_string_equal(text, "<p>half and more<!-- chirp: render error -->");
        assert_int_equal(get(fx, "/early", i, &answer), KIDA_OK);
        assert_true(CHIRP_CHECK_STATUS(&answer, 500));
        assert_true(CHIRP_CHECK_HEADER(&answer, "content-encoding", NULL));
        T_BODY(&answer, "Internal Server Error");
    }
}

/* Holds: 8.1: where the app wants it so, a failed stream ends in order behind its mark. */
static void
row_8_1_failed_streams_may_end(void **state)
{
    (void)state;
    t_app own;
    chirp_answer answer;
    t_app_init(&own);
    own.config.abort_failed_streams = false;
    t_app_open(&own);
    route(&own, "/late", broken_late);
    assert_int_equal(chirp_test_get(t_client(&own), "/late", &answer), KIDA_OK);
    T_BODY(&answer, "<p>half and more<!-- chirp: render error -->");
    assert_false(answer.closed);
    for (size_t i = 0; codings[i].name; i++) {
        assert_int_equal(get(&own, "/late", i, &answer), KIDA_OK);
        read_back(i, answer.body);
        assert_string_equal(text, "<p>half and more<!-- chirp: render error -->");
    }
    t_app_close(&own);
}

/* Holds: HTTP/1.0: the same bytes up to the end of the connection. */
static void
cn_2_close_delimited_and_coded(void **state)
{
    t_app *fx = *state;
    for (size_t i = 0; codings[i].name; i++) {
        chirp_answer answer;
        char request[128];
        int len = snprintf(request, sizeof(request),
                           "GET /template HTTP/1.0\r\nAccept-Encoding: %s\r\n\r\n",
                           codings[i].name);
        assert_int_equal(chirp_test_raw(t_client(fx), (kida_str){ request, (size_t)len }, &answer),
                         KIDA_OK);
        assert_true(answer.closed);
        read_back(i, answer.body);
        assert_string_equal(text, "<h1>1</h1><p>end</p>");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(row_17_6_streams_come_back_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(row_17_6_flush_points_flush, setup, teardown),
        cmocka_unit_test_setup_teardown(row_17_6_all_kinds_of_streams, setup, teardown),
        cmocka_unit_test_setup_teardown(row_17_6_what_is_left_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(rs_7_broken_coded_streams, setup, teardown),
        cmocka_unit_test_setup_teardown(row_8_1_failed_streams_may_end, setup, teardown),
        cmocka_unit_test_setup_teardown(cn_2_close_delimited_and_coded, setup, teardown),
    };
    return cmocka_run_group_tests_name("stream/coded", tests, NULL, NULL);
}
