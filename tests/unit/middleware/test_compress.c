/* SPDX-License-Identifier: MIT */
/* test_compress.c - compression (17.6, SF-21) and kept answers (15). */
#define _GNU_SOURCE
#include "mw.h"

#include "middleware/codings.h"

static char *page;
static size_t page_len;
static unsigned runs;

static int
make_page(void **state)
{
    (void)state;
    page_len = 300000;
    page = malloc(page_len);
    for (size_t i = 0; i < page_len; i++)
        page[i] = "<li>item number nine</li>\n"[i % 26];
    return 0;
}

static int
drop_page(void **state)
{
    (void)state;
    free(page);
    return 0;
}

/* Answers ?n= bytes of ?type=, with whatever else is asked for. */
static chirp_reply *
answer(chirp_request *req, void *user)
{
    (void)user;
    runs++;
    size_t len = (size_t)chirp_query_int(req, "n", 1000);
    kida_str type = chirp_query(req, "type"), cache = chirp_query(req, "cache");
    chirp_reply *reply = chirp_reply_bytes(req, (kida_str){ page, len },
                                           "text/html; charset=utf-8");
    if (chirp_given(type))
        chirp_reply_set_type(reply, chirp_copy(req, type).ptr);
    if (chirp_given(cache))
        chirp_reply_set_header(reply, "cache-control", chirp_copy(req, cache).ptr);
    if (chirp_given(chirp_query(req, "tag")))
        chirp_reply_set_header(reply, "etag", "\"abc\"");
    if (chirp_given(chirp_query(req, "coded")))
        chirp_reply_set_header(reply, "content-encoding", "gzip");
    if (chirp_given(chirp_query(req, "cookie")))
        chirp_reply_set_cookie(reply, "a", "b", NULL);
    if (chirp_given(chirp_query(req, "vary")))
        chirp_reply_vary(reply, chirp_copy(req, chirp_query(req, "vary")).ptr);
    if (chirp_given(chirp_query(req, "fail")))
        return chirp_reply_fail(req, 404, "nothing");
    return reply;
}

static bool
has_coding(const char *name)
{
    for (const ch_coding *at = ch_codings; at->name; at++) {
        if (strcmp(at->name, name) == 0)
            return true;
    }
    return false;
}

static void
check_coding(mw *fx, const char *target, const char *accept, const char *want)
{
    chirp_answer *got = mw_send(fx, "GET", target, MW_HEADERS("Accept-Encoding", accept), "");
    if (!CHIRP_CHECK_HEADER(got, "content-encoding", want))
        fail_msg("%s for %s", target, accept);
}

static void
row_17_6_which_answers_are_compressed(void **state)
{
    mw *fx = *state;
    chirp_route(mw_app(fx), "GET", "/", answer, NULL);
    if (!has_coding("gzip"))
        skip();
    check_coding(fx, "/", "gzip", "gzip");
    assert_true(CHIRP_CHECK_HEADER(&fx->answer, "vary", "Accept-Encoding"));
    assert_true(fx->answer.body.len < 500);
    assert_memory_equal(fx->answer.body.ptr, "\x1f\x8b", 2);
    check_coding(fx, "/?n=499", "gzip", NULL);
    assert_true(CHIRP_CHECK_HEADER(&fx->answer, "vary", NULL));
    check_coding(fx, "/?type=image/png", "gzip", NULL);
    check_coding(fx, "/?type=text/event-stream", "gzip", NULL);
    check_coding(fx, "/?type=application/json", "gzip", "gzip");
    check_coding(fx, "/?type=image/svg%2Bxml", "gzip", "gzip");
    check_coding(fx, "/?coded=1", "identity", "gzip");
    check_coding(fx, "/?cache=no-transform", "gzip", NULL);
    check_coding(fx, "/", "gzip;q=0", NULL);
    check_coding(fx, "/", "", NULL);
    check_coding(fx, "/", "identity;q=0", NULL);
    assert_true(CHIRP_CHECK_HEADER(mw_get(fx, "/"), "vary", "Accept-Encoding"));
    mw_send(fx, "HEAD", "/", MW_HEADERS("Accept-Encoding", "gzip"), "");
    assert_true(CHIRP_CHECK_HEADER(&fx->answer, "content-encoding", NULL));
    assert_true(CHIRP_CHECK_HEADER(&fx->answer, "vary", "Accept-Encoding"));
    check_coding(fx, "/?tag=1", "gzip", "gzip");
    assert_true(CHIRP_CHECK_HEADER(&fx->answer, "etag", "W/\"abc\""));
}

static void
row_17_6_the_client_chooses(void **state)
{
    mw *fx = *state;
    chirp_route(mw_app(fx), "GET", "/", answer, NULL);
    if (!has_coding("gzip") || !has_coding("br") || !has_coding("zstd"))
        skip();
    check_coding(fx, "/", "gzip, br, zstd", "br");
    check_coding(fx, "/", "gzip, zstd", "zstd");
    check_coding(fx, "/", "gzip;q=1, br;q=0.9", "gzip");
    check_coding(fx, "/", "*", "br");
    check_coding(fx, "/", "br;q=0, zstd;q=0, *;q=0.1", "gzip");
}

/* Bodies read back through gzip's own program, short ones and those of the helper thread. */
static void
row_17_6_bodies_come_back_whole(void **state)
{
    static const size_t lengths[] = { 500, 20000, 131072, 131073, 300000 };
    mw *fx = *state;
    chirp_route(mw_app(fx), "GET", "/", answer, NULL);
    if (!has_coding("gzip"))
        skip();
    char folder[64], command[200], name[100];
    mw_folder(folder);
    snprintf(name, sizeof(name), "%s/b.gz", folder);
    snprintf(command, sizeof(command), "gzip -dc '%s'", name);
    for (size_t i = 0; i < T_COUNT(lengths); i++) {
        char target[40];
        snprintf(target, sizeof(target), "/?n=%zu", lengths[i]);
        check_coding(fx, target, "gzip", "gzip");
        mw_write(folder, "b.gz", fx->answer.body.ptr, fx->answer.body.len);
        FILE *pipe = popen(command, "r");
        assert_non_null(pipe);
        char *back = calloc(1, page_len + 1);
        size_t got = fread(back, 1, page_len + 1, pipe);
        assert_int_equal(pclose(pipe), 0);
        assert_int_equal(got, lengths[i]);
        assert_memory_equal(back, page, got);
        free(back);
    }
    unlink(name);
    rmdir(folder);
}

/* Holds: BREACH. Many requests of another site with the user's cookies tell nothing by length. */
static void
row_17_6_requests_of_other_sites_with_cookies_are_not_compressed(void **state)
{
    mw *fx = *state;
    chirp_route(mw_app(fx), "GET", "/", answer, NULL);
    mw_send(fx, "GET", "/", MW_HEADERS("Accept-Encoding", "gzip", "Sec-Fetch-Site", "cross-site",
                                       "Cookie", "a=b"), "");
    assert_true(CHIRP_CHECK_HEADER(&fx->answer, "content-encoding", NULL));
}

/* Allocations of ten requests, after some that warm up. */
static size_t
allocations(mw *fx, bool with_layers)
{
    mw_close(fx);
    fx->config.compression = fx->config.csp_nonce_enabled = with_layers;
    fx->config.safe_target = fx->config.sse_lifecycle = with_layers;
    fx->config.rate_limit_enabled = fx->config.metrics_enabled = with_layers;
    fx->config.env = with_layers ? "production" : "development";
    chirp_route(mw_app(fx), "GET", "/", answer, NULL);
    size_t before = 0;
    for (size_t i = 0; i < 20; i++) {
        if (i == 10)
            before = fx->counter.requests;
        mw_send(fx, "GET", "/?n=2000", MW_HEADERS("Accept-Encoding", "gzip"), "");
        assert_true(CHIRP_CHECK_STATUS(&fx->answer, 200));
    }
    return fx->counter.requests - before;
}

/* Holds: in steady state layers take memory from pools; what is counted is the client's own. */
static void
layers_allocate_nothing_in_steady_state(void **state)
{
    mw *fx = *state;
    size_t plain = allocations(fx, false), layered = allocations(fx, true);
    if (layered > plain)
        fail_msg("%zu allocations with layers, %zu without", layered, plain);
}

/* ---- kept answers ---------------------------------------------------------------------------- */

/* Sends twice; whether the second came from the cache. */
static bool
is_kept(mw *fx, const char *target, const char *const *headers)
{
    mw_send(fx, "GET", target, headers, "");
    unsigned before = runs;
    mw_send(fx, "GET", target, headers, "");
    return runs == before;
}

static void
row_15_what_is_kept(void **state)
{
    static const struct { const char *target; bool kept; } cases[] = {
        { "/?n=10", true }, { "/?n=10&type=application/json", true },
        { "/?n=10&cookie=1", false }, { "/?n=10&cache=private", false },
        { "/?n=10&cache=no-store", false }, { "/?n=10&cache=max-age=5,+no-cache", false },
        { "/?n=10&cache=s-maxage=0", false }, { "/?n=10&cache=public,+s-maxage=60", true },
        { "/?n=10&vary=Accept-Language", false }, { "/?n=10&vary=*", false },
        { "/?n=10&vary=HX-Request", true }, { "/?n=10&fail=1", false },
        { "/?n=10&vary=Cookie", false },
    };
    mw *fx = *state;
    fx->config.cache_middleware_enabled = true;
    chirp_route(mw_app(fx), "GET|POST", "/", answer, NULL);
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        if (is_kept(fx, cases[i].target, NULL) != cases[i].kept)
            fail_msg("%s", cases[i].target);
    }
    assert_false(is_kept(fx, "/?n=11", MW_HEADERS("Cookie", "a=b")));
    assert_false(is_kept(fx, "/?n=11", MW_HEADERS("Authorization", "Bearer x")));
}

static void
row_15_the_answer_comes_back_as_it_was(void **state)
{
    mw *fx = *state;
    fx->config.cache_middleware_enabled = true;
    chirp_route(mw_app(fx), "GET", "/", answer, NULL);
    assert_true(is_kept(fx, "/?n=20&type=application/json&tag=1&cache=public", NULL));
    assert_true(CHIRP_CHECK_STATUS(&fx->answer, 200));
    assert_true(CHIRP_CHECK_HEADER(&fx->answer, "content-type", "application/json"));
    assert_true(CHIRP_CHECK_HEADER(&fx->answer, "etag", "\"abc\""));
    assert_true(CHIRP_CHECK_HEADER(&fx->answer, "cache-control", "public"));
    assert_true(CHIRP_CHECK_HEADER(&fx->answer, "age", "0"));
    assert_int_equal(fx->answer.body.len, 20);
    assert_memory_equal(fx->answer.body.ptr, page, 20);
    mw_send(fx, "HEAD", "/?n=20&type=application/json&tag=1&cache=public", NULL, "");
    assert_true(CHIRP_CHECK_HEADER(&fx->answer, "content-length", "20"));
}

/* Holds: nobody gets what was made for another question. */
static void
row_15_keys_tell_requests_apart(void **state)
{
    mw *fx = *state;
    fx->config.cache_middleware_enabled = true;
    chirp_route(mw_app(fx), "GET", "/", answer, NULL);
    mw_get(fx, "/?n=30&a=1");
    static const struct { const char *target, *name, *value; bool same; } cases[] = {
        { "/?n=30&a=1", NULL, NULL, true }, { "/?a=1&n=30", NULL, NULL, true },
        { "/?n=30&a=2", NULL, NULL, false }, { "/?n=30", NULL, NULL, false },
        { "/?n=30&a=1", "HX-Request", "true", false }, { "/?n=30&a=1", "HX-Target", "x", false },
        { "/?n=30&a=1", "HX-Boosted", "true", false }, { "/?n=30&a=1", "Host", "other", false },
        { "/?n=30&a=1", "Host", "testserver:81", false },
        { "/?n=30&a=1", "HX-History-Restore-Request", "true", false },
    };
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        unsigned before = runs;
        mw_send(fx, "GET", cases[i].target, MW_HEADERS(cases[i].name, cases[i].value), "");
        if ((runs == before) != cases[i].same)
            fail_msg("case %zu", i);
    }
}

static chirp_reply *
greet(chirp_request *req, void *user)
{
    (void)user;
    runs++;
    kida_str name = chirp_session_text(req, "name");
    return chirp_reply_textf(req, "hello %.*s", (int)name.len, name.ptr ? name.ptr : "");
}

/* Holds: what a session was asked for is not kept, not even for those who have none yet: a token of
 * a form may be in it, and the layer that says so stands further out. */
static void
row_15_sessions_are_not_kept(void **state)
{
    mw *fx = *state;
    chirp_session_options options;
    fx->config.cache_middleware_enabled = true;
    fx->config.secret_key = "0123456789abcdef0123456789abcdef";
    chirp_session_options_init(&options);
    assert_int_equal(chirp_use_sessions(mw_app(fx), &options, &fx->err), KIDA_OK);
    chirp_route(mw_app(fx), "GET", "/", greet, NULL);
    assert_false(is_kept(fx, "/", NULL));
    assert_false(is_kept(fx, "/", MW_HEADERS("Cookie", "chirp_session=x")));
    assert_false(is_kept(fx, "/", NULL));
}

static chirp_reply *
speak(chirp_request *req, void *user)
{
    (void)user;
    runs++;
    return chirp_reply_text(req, chirp_locale(req));
}

/* Holds: a language found by a header that is not in the key is not kept for others. */
static void
row_15_languages_are_not_mixed(void **state)
{
    static const char *const locales[] = { "en", "de", NULL };
    static const char *const vary[] = { "Accept-Language", NULL };
    mw *fx = *state;
    for (int covered = 0; covered < 2; covered++) {
        chirp_i18n_options options;
        chirp_cache_options kept;
        chirp_i18n_options_init(&options);
        chirp_cache_options_init(&kept);
        options.locales = locales;
        options.cookie_name = "";
        kept.vary = covered ? vary : NULL;
        kept.cache = chirp_app_cache(mw_app(fx));
        assert_int_equal(chirp_use_i18n(fx->app, &options, &fx->err), KIDA_OK);
        assert_int_equal(chirp_use_cache(fx->app, &kept, &fx->err), KIDA_OK);
        chirp_route(fx->app, "GET", "/", speak, NULL);
        assert_int_equal(is_kept(fx, "/", MW_HEADERS("Accept-Language", "de")), covered);
        mw_send(fx, "GET", "/", MW_HEADERS("Accept-Language", "de"), "");
        assert_true(CHIRP_CHECK_BODY(&fx->answer, "de"));
        mw_send(fx, "GET", "/", MW_HEADERS("Accept-Language", "en"), "");
        assert_true(CHIRP_CHECK_BODY(&fx->answer, "en"));
        mw_close(fx);
    }
}

static int route_ends;

static void
end_route(void *user)
{
    (void)user;
    route_ends++;
}

/* Holds: one route alone is kept, by the same keys and rules, in the cache of the config. */
static void
row_15_cache_of_one_route(void **state)
{
    mw *fx = *state;
    chirp_route_def def = { .methods = "GET|POST", .path = "/kept", .handler = answer,
                            .free_user = end_route };
    chirp_cache_options options;
    chirp_cache_options_init(&options);
    route_ends = 0;
    chirp_route(mw_app(fx), "GET", "/", answer, NULL);
    assert_int_equal(chirp_route_cached(fx->app, &def, NULL, &fx->err), KIDA_OK);
    def.path = "/vary/{n}";
    static const char *const vary[] = { "Accept-Language", NULL };
    options.vary = vary;
    assert_int_equal(chirp_route_cached(fx->app, &def, &options, &fx->err), KIDA_OK);
    assert_false(is_kept(fx, "/?n=40", NULL));
    assert_true(is_kept(fx, "/kept?n=40", NULL));
    assert_int_equal(fx->answer.body.len, 40);
    assert_false(is_kept(fx, "/kept?n=41&cookie=1", NULL));
    assert_false(is_kept(fx, "/kept?n=41&fail=1", NULL));
    assert_true(CHIRP_CHECK_STATUS(&fx->answer, 404));
    assert_false(is_kept(fx, "/kept?n=42", MW_HEADERS("Cookie", "a=b")));
    assert_false(is_kept(fx, "/kept?n=42", MW_HEADERS("Authorization", "Bearer x")));
    unsigned before = runs;
    mw_send(fx, "POST", "/kept?n=40", NULL, "");
    assert_int_equal(runs, before + 1);
    mw_send(fx, "GET", "/kept?n=40", MW_HEADERS("HX-Request", "true"), "");
    assert_int_equal(runs, before + 2);
    mw_send(fx, "GET", "/vary/1?n=40", MW_HEADERS("Accept-Language", "de"), "");
    mw_send(fx, "GET", "/vary/1?n=40", MW_HEADERS("Accept-Language", "de"), "");
    assert_int_equal(runs, before + 3);
    mw_send(fx, "GET", "/vary/1?n=40", MW_HEADERS("Accept-Language", "en"), "");
    mw_send(fx, "GET", "/vary/2?n=40", MW_HEADERS("Accept-Language", "en"), "");
    assert_int_equal(runs, before + 5);
    chirp_app_cache(fx->app)->clear(chirp_app_cache(fx->app));
    assert_true(is_kept(fx, "/kept?n=40", NULL));
    mw_close(fx);
    assert_int_equal(route_ends, 2);
}

/* Holds: what is wrong is said, and the handler's data ends once. */
static void
row_15_bad_cached_routes(void **state)
{
    mw *fx = *state;
    chirp_route_def def = { .methods = "GET", .path = "/", .handler = answer,
                            .free_user = end_route };
    chirp_cache_options options;
    chirp_cache_options_init(&options);
    options.ttl = 0;
    route_ends = 0;
    assert_int_equal(chirp_route_cached(mw_app(fx), &def, &options, &fx->err), KIDA_E_USAGE);
    assert_int_equal(route_ends, 1);
    assert_int_equal(chirp_app_freeze(fx->app, NULL), KIDA_E_USAGE);
}

/* Holds: the backend "null" keeps nothing; the cache of the config is one, and is there for all. */
static void
row_15_the_null_cache(void **state)
{
    mw *fx = *state;
    kida_buf out;
    fx->config.cache_backend = "null";
    fx->config.cache_middleware_enabled = true;
    chirp_route(mw_app(fx), "GET", "/", answer, NULL);
    assert_false(is_kept(fx, "/?n=10", NULL));
    chirp_cache *cache = chirp_app_cache(fx->app);
    assert_ptr_equal(cache, chirp_cache_null());
    kida_buf_init_heap(&out, NULL, 100);
    assert_int_equal(cache->set(cache, KIDA_S("a"), KIDA_S("b"), 0), KIDA_OK);
    assert_int_equal(cache->get(cache, KIDA_S("a"), &out), KIDA_E_NOT_FOUND);
    cache->remove(cache, KIDA_S("a"));
    cache->clear(cache);
    mw_close(fx);
    fx->config.cache_backend = "redis";
    assert_null(chirp_app_new(&fx->config, &fx->err));
    assert_string_equal(fx->err.message, "cache_backend must be one of: memory null; not 'redis'");
    fx->config.cache_backend = "memory";
    fx->config.cache_middleware_enabled = false;
    cache = chirp_app_cache(mw_app(fx));
    assert_non_null(cache);
    assert_ptr_equal(cache, chirp_app_cache(fx->app));
    mw_close(fx);
    /* Nobody asked for it before freeze. */
    assert_int_equal(chirp_app_freeze(mw_app(fx), NULL), KIDA_OK);
    assert_null(chirp_app_cache(fx->app));
}

static void
row_15_the_memory_cache_is_bounded(void **state)
{
    mw *fx = *state;
    kida_allocator allocator = t_counting_allocator(&fx->counter);
    chirp_cache *cache = chirp_cache_memory(&allocator, 1 << 20);
    kida_buf out;
    kida_buf_init_heap(&out, &allocator, 1 << 20);
    size_t start = fx->counter.live_bytes;
    for (int i = 0; i < 20000; i++) {
        char key[32];
        snprintf(key, sizeof(key), "key%d", i);
        assert_int_equal(cache->set(cache, kida_str_from(key), (kida_str){ page, 400 }, 60),
                         KIDA_OK);
        /* One that is asked for all the time stays. */
        if (i > 0)
            assert_int_equal(cache->get(cache, KIDA_S("key0"), &out), KIDA_OK);
        kida_buf_free(&out);
        kida_buf_init_heap(&out, &allocator, 1 << 20);
    }
    assert_true(fx->counter.live_bytes - start <= (1 << 20));
    assert_int_equal(cache->get(cache, KIDA_S("key1"), &out), KIDA_E_NOT_FOUND);
    assert_int_equal(cache->set(cache, KIDA_S("big"), (kida_str){ page, 200000 }, 60),
                     KIDA_E_NOMEM);
    cache->remove(cache, KIDA_S("key0"));
    assert_int_equal(cache->get(cache, KIDA_S("key0"), &out), KIDA_E_NOT_FOUND);
    assert_int_equal(cache->set(cache, KIDA_S("short"), KIDA_S("x"), 1), KIDA_OK);
    usleep(2100000);
    assert_int_equal(cache->get(cache, KIDA_S("short"), &out), KIDA_E_NOT_FOUND);
    cache->clear(cache);
    kida_buf_free(&out);
    chirp_cache_free(cache);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        mw_test(row_17_6_which_answers_are_compressed),
        mw_test(row_17_6_the_client_chooses),
        mw_test(row_17_6_bodies_come_back_whole),
        mw_test(row_17_6_requests_of_other_sites_with_cookies_are_not_compressed),
        mw_test(layers_allocate_nothing_in_steady_state),
        mw_test(row_15_what_is_kept),
        mw_test(row_15_the_answer_comes_back_as_it_was),
        mw_test(row_15_keys_tell_requests_apart),
        mw_test(row_15_sessions_are_not_kept),
        mw_test(row_15_languages_are_not_mixed),
        mw_test(row_15_cache_of_one_route),
        mw_test(row_15_bad_cached_routes),
        mw_test(row_15_the_null_cache),
        mw_test(row_15_the_memory_cache_is_bounded),
    };
    return cmocka_run_group_tests_name("middleware/compress", tests, make_page, drop_page);
}
