/* SPDX-License-Identifier: MIT */
/* test_password.c - hashes of passwords, and lockout (row 14). */
#define _GNU_SOURCE
#include "mw.h"

static const chirp_password_cost cheap = { 1, 8 };

/* "correct horse" with the salt 0123456789abcdef, by the argon2 command. */
#define ARGON2ID                                                                                   \
    "$argon2id$v=19$m=65536,t=3,p=4$MDEyMzQ1Njc4OWFiY2RlZg$"                                       \
    "L1b1NjppUoj/KIEORq1pof4waLxklM0mqKZzt9nCsKI"
#define ARGON2ID_SMALL                                                                             \
    "$argon2id$v=19$m=64,t=1,p=2$MDEyMzQ1Njc4OWFiY2RlZg$"                                          \
    "voQDpD+sYPaW8jE747xdIyIqWQX6hQKyhBsyt5EJ+Qg"
#define ARGON2I                                                                                    \
    "$argon2i$v=19$m=64,t=3,p=1$MDEyMzQ1Njc4OWFiY2RlZg$"                                           \
    "7Zy9kRR2ckYcS9drlqdGtg040mnL7Y32VUHzoNugrHM"
#define SCRYPT                                                                                     \
    "$scrypt$n=65536,r=8,p=1$AAECAwQFBgcICQoLDA0ODw==$AEdilbUUghuzO9l/XjztzHn0E0plniwgnETbi2"      \
    "/m6IPgoWITcQrIriZI7fQeSwEI5GlAgFiIR5TEgWvrIxQYqg=="

static kida_status
verify(const char *password, const char *hash, bool *matches)
{
    kida_error err;
    kida_error_init(&err);
    *matches = false;
    return chirp_password_verify(NULL, kida_str_from(password), kida_str_from(hash), matches, &err);
}

/* Holds: what is made is recognised, two of one password differ, another password fails. */
static void
row_14_a_password_is_recognised(void **state)
{
    (void)state;
    kida_error err;
    char hash[CHIRP_PASSWORD_ROOM], again[CHIRP_PASSWORD_ROOM];
    bool matches;
    assert_int_equal(chirp_password_hash(NULL, KIDA_S("s3cret"), &cheap, hash, &err), KIDA_OK);
    assert_int_equal(chirp_password_hash(NULL, KIDA_S("s3cret"), &cheap, again, &err), KIDA_OK);
    assert_memory_equal(hash, "$argon2id$v=19$m=8,t=1,p=1$", 27);
    assert_string_not_equal(hash, again);
    assert_int_equal(verify("s3cret", hash, &matches), KIDA_OK);
    assert_true(matches);
    assert_int_equal(verify("s3cres", hash, &matches), KIDA_OK);
    assert_false(matches);
    assert_int_equal(verify("", hash, &matches), KIDA_OK);
    assert_false(matches);
}

static void
row_14_hashes_of_others(void **state)
{
    (void)state;
    static const struct {
        const char *label, *password, *hash;
        bool matches;
    } cases[] = {
        { "argon2id of the usual cost", "correct horse", ARGON2ID, true },
        { "two lanes", "correct horse", ARGON2ID_SMALL, true },
        { "argon2i", "correct horse", ARGON2I, true },
        { "scrypt", "correct horse", SCRYPT, true },
        { "argon2id, another password", "correct house", ARGON2ID_SMALL, false },
        { "scrypt, another password", "correct house", SCRYPT, false },
        { "no hash", "correct horse", "", false },
        { "no password", "", ARGON2ID_SMALL, false },
    };
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        bool matches;
        kida_status st = verify(cases[i].password, cases[i].hash, &matches);
        if (st != KIDA_OK || matches != cases[i].matches)
            fail_msg("%s: %s, %d", cases[i].label, kida_status_text(st), matches);
    }
}

/* Holds: a stored text can neither stop the server nor be taken for another kind. */
static void
row_14_bad_hashes(void **state)
{
    (void)state;
    static const struct {
        const char *label, *hash;
        kida_status want;
    } cases[] = {
        { "plain text", "s3cret", KIDA_E_USAGE },
        { "bcrypt", "$2b$12$KIXQe", KIDA_E_USAGE },
        { "argon2d", "$argon2d$v=19$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$voQD", KIDA_E_USAGE },
        { "prefix only", "$argon2id$", KIDA_OK },
        { "old version", "$argon2id$v=16$m=64,t=1,p=1$c2FsdHNhbHQ$AAAA", KIDA_OK },
        { "huge memory", "$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHQ$AAAA",
          KIDA_E_LIMIT_MEMORY },
        { "many passes", "$argon2id$v=19$m=64,t=100000,p=1$c2FsdHNhbHQ$AAAA",
          KIDA_E_LIMIT_MEMORY },
        { "many lanes", "$argon2id$v=19$m=64000,t=1,p=1000$c2FsdHNhbHQ$AAAA",
          KIDA_E_LIMIT_MEMORY },
        { "number over 32 bits", "$argon2id$v=19$m=99999999999,t=1,p=1$c2FsdHNhbHQ$AA", KIDA_OK },
        { "cut", "$argon2id$v=19$m=64,t=1,p=2$MDEyMzQ1Njc4OWFiY2RlZg", KIDA_OK },
        { "scrypt, huge", "$scrypt$n=1073741824,r=8,p=1$AAECAwQFBgcICQoLDA0ODw==$AEdilbUUghuzO9"
                          "l/XjztzA==", KIDA_E_LIMIT_MEMORY },
        { "scrypt, r too large", "$scrypt$n=2,r=4294967295,p=1$AAECAwQFBgcICQoLDA0ODw==$AEdilbUU"
                                 "ghuzO9l/XjztzA==", KIDA_E_LIMIT_MEMORY },
        { "scrypt, no power of two", "$scrypt$n=1000,r=8,p=1$AAECAwQFBgcICQoLDA0ODw==$AEdilbUUgh"
                                     "uzO9l/XjztzA==", KIDA_OK },
        { "scrypt, n of 0", "$scrypt$n=0,r=8,p=1$AAECAwQFBgcICQoLDA0ODw==$AEdilbUUghuzO9l/Xjztz"
                            "A==", KIDA_OK },
        { "scrypt, short key", "$scrypt$n=16,r=1,p=1$AAECAwQFBgcICQoLDA0ODw==$AEdi", KIDA_OK },
        { "scrypt, no key", "$scrypt$n=16,r=1,p=1$AAECAwQFBgcICQoLDA0ODw==", KIDA_OK },
        { "scrypt, bad base64", "$scrypt$n=16,r=1,p=1$@@@@$AEdilbUUghuzO9l/XjztzA==", KIDA_OK },
    };
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        bool matches;
        kida_status st = verify("correct horse", cases[i].hash, &matches);
        if (st != cases[i].want || matches)
            fail_msg("%s: %s, %d", cases[i].label, kida_status_text(st), matches);
    }
}

static void
row_14_bounds_of_a_hash(void **state)
{
    (void)state;
    static const chirp_password_cost bad[] = { { 0, 8 }, { 17, 8 }, { 1, 7 }, { 1, 262145 } };
    static char large[CHIRP_PASSWORD_MAX + 1];
    char hash[CHIRP_PASSWORD_ROOM];
    kida_error err;
    for (size_t i = 0; i < T_COUNT(bad); i++)
        assert_int_equal(chirp_password_hash(NULL, KIDA_S("x"), &bad[i], hash, &err), KIDA_E_USAGE);
    memset(large, 'x', sizeof(large));
    kida_str text = { large, sizeof(large) };
    assert_int_equal(chirp_password_hash(NULL, text, &cheap, hash, &err), KIDA_E_USAGE);
    assert_int_equal(chirp_password_hash(NULL, KIDA_S(""), &cheap, hash, &err), KIDA_E_USAGE);
    text.len--;
    assert_int_equal(chirp_password_hash(NULL, text, &cheap, hash, &err), KIDA_OK);
    /* A NUL is a byte like any other. */
    bool matches = true;
    assert_int_equal(chirp_password_hash(NULL, (kida_str){ "a\0b", 3 }, &cheap, hash, &err),
                     KIDA_OK);
    assert_int_equal(verify("a", hash, &matches), KIDA_OK);
    assert_false(matches);
}

static void
row_14_needs_rehash(void **state)
{
    (void)state;
    kida_error err;
    char hash[CHIRP_PASSWORD_ROOM];
    assert_int_equal(chirp_password_hash(NULL, KIDA_S("x"), &cheap, hash, &err), KIDA_OK);
    assert_false(chirp_password_needs_rehash(kida_str_from(hash), &cheap));
    assert_true(chirp_password_needs_rehash(kida_str_from(hash), NULL));
    assert_true(chirp_password_needs_rehash(KIDA_S(ARGON2I), &cheap));
    assert_true(chirp_password_needs_rehash(KIDA_S(SCRYPT), NULL));
    assert_true(chirp_password_needs_rehash(KIDA_S(""), NULL));
}

static chirp_reply *
hash_and_verify(chirp_request *req, void *user)
{
    (void)user;
    char hash[CHIRP_PASSWORD_ROOM];
    bool matches = false;
    kida_error err;
    kida_error_init(&err);
    kida_str given = chirp_query(req, "p");
    if (chirp_password_hash(req, KIDA_S("s3cret"), &cheap, hash, &err) != KIDA_OK ||
        chirp_password_verify(req, given, kida_str_from(hash), &matches, &err) != KIDA_OK)
        return chirp_reply_error(req, &err);
    return chirp_reply_text(req, matches ? KIDA_S("yes") : KIDA_S("no"));
}

/* Holds: in a handler the work is done on a helper thread, and the handler goes on afterwards. */
static void
row_14_a_handler_waits_for_it(void **state)
{
    mw *fx = *state;
    chirp_route(mw_app(fx), "GET", "/", hash_and_verify, NULL);
    assert_true(CHIRP_CHECK_BODY(mw_get(fx, "/?p=s3cret"), "yes"));
    assert_true(CHIRP_CHECK_BODY(mw_get(fx, "/?p=secret"), "no"));
}

/* ---- lockout --------------------------------------------------------------------------------- */

static chirp_lockout *
lockout_of(mw *fx, chirp_lockout_options *options)
{
    chirp_lockout *lockout = chirp_lockout_new(&fx->config.allocator, options, &fx->err);
    if (!lockout)
        fail_msg("no lockout: %s", fx->err.message);
    return lockout;
}

static void
row_14_the_fifth_failure_locks(void **state)
{
    mw *fx = *state;
    chirp_lockout *lockout = lockout_of(fx, NULL);
    assert_int_equal(chirp_lockout_wait(lockout, KIDA_S("ann")), 0);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(chirp_lockout_failed(lockout, KIDA_S("ann")), 0);
    assert_int_equal(chirp_lockout_failed(lockout, KIDA_S("ann")), 300);
    uint32_t left = chirp_lockout_wait(lockout, KIDA_S("ann"));
    assert_true(left > 0 && left <= 300);
    left = chirp_lockout_failed(lockout, KIDA_S("ann")); /* not counted */
    assert_true(left > 0 && left <= 300);
    assert_int_equal(chirp_lockout_wait(lockout, KIDA_S("bob")), 0);
    chirp_lockout_passed(lockout, KIDA_S("ann"));
    assert_int_equal(chirp_lockout_wait(lockout, KIDA_S("ann")), 0);
    assert_int_equal(chirp_lockout_failed(lockout, KIDA_S("ann")), 0);
    chirp_lockout_free(lockout);
    chirp_lockout_free(NULL);
}

/* Holds: each failure behind the last lock makes the next one longer, up to the bound. The lock of
 * one second is waited out. */
static void
row_14_locks_grow(void **state)
{
    mw *fx = *state;
    chirp_lockout_options options;
    chirp_lockout_options_init(&options);
    options.max_failures = 1;
    options.lock = 1;
    options.backoff = 50;
    options.max_lock = 40;
    chirp_lockout *lockout = lockout_of(fx, &options);
    assert_int_equal(chirp_lockout_failed(lockout, KIDA_S("ann")), 1);
    while (chirp_lockout_wait(lockout, KIDA_S("ann")) > 0)
        usleep(10000);
    assert_int_equal(chirp_lockout_failed(lockout, KIDA_S("ann")), 40);
    chirp_lockout_free(lockout);
}

/* Holds: a flood of names costs no memory, and does not open what is locked. */
static void
row_14_a_flood_of_names(void **state)
{
    mw *fx = *state;
    chirp_lockout_options options;
    chirp_lockout_options_init(&options);
    options.max_keys = 64;
    chirp_lockout *lockout = lockout_of(fx, &options);
    size_t before = fx->counter.live_bytes;
    for (size_t i = 0; i < 5; i++)
        (void)chirp_lockout_failed(lockout, KIDA_S("ann"));
    for (unsigned i = 0; i < 20000; i++) {
        char name[32];
        int len = snprintf(name, sizeof(name), "nobody-%u", i);
        assert_int_equal(chirp_lockout_failed(lockout, (kida_str){ name, (size_t)len }), 0);
    }
    assert_true(chirp_lockout_wait(lockout, KIDA_S("ann")) > 0);
    assert_int_equal(fx->counter.live_bytes, before);
    chirp_lockout_free(lockout);
}

static void
row_14_bad_lockouts(void **state)
{
    mw *fx = *state;
    chirp_lockout_options options;
    for (size_t i = 0; i < 6; i++) {
        chirp_lockout_options_init(&options);
        if (i == 0)
            options.size = 1;
        else if (i == 1)
            options.max_failures = 0;
        else if (i == 2)
            options.max_lock = options.lock - 1;
        else if (i == 3)
            options.backoff = 0.5;
        else if (i == 4)
            options.max_keys = 0;
        else
            options.max_keys = 1000001;
        assert_null(chirp_lockout_new(&fx->config.allocator, &options, &fx->err));
        assert_int_equal(fx->err.status, KIDA_E_USAGE);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(row_14_a_password_is_recognised),
        cmocka_unit_test(row_14_hashes_of_others),
        cmocka_unit_test(row_14_bad_hashes),
        cmocka_unit_test(row_14_bounds_of_a_hash),
        cmocka_unit_test(row_14_needs_rehash),
        mw_test(row_14_a_handler_waits_for_it),
        mw_test(row_14_the_fifth_failure_locks),
        mw_test(row_14_locks_grow),
        mw_test(row_14_a_flood_of_names),
        mw_test(row_14_bad_lockouts),
    };
    return cmocka_run_group_tests_name("middleware/password", tests, NULL, NULL);
}
