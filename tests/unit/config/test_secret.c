/* SPDX-License-Identifier: MIT */
/* test_secret.c - a system without random bytes: robustness SE-7, FI-9. */
#include "t.h"

#include <chirp/chirp.h>

/* Stands before that of libsodium, in which it would look for the kernel's source. */
int sodium_init(void);

int
sodium_init(void)
{
    return -1;
}

/* Holds: SE-7: whatever needs random bytes is refused at set-up, and the app does not start. */
static void
se_7_without_random_bytes_nothing_starts(void **state)
{
    chirp_config config;
    kida_error err;
    (void)state;
    chirp_config_init(&config);
    config.template_dir = config.static_dir = "";
    config.secret_key = "0123456789abcdef0123456789abcdef";
    for (int i = 0; i < 4; i++) {
        chirp_app *app = chirp_app_new(&config, &err);
        assert_non_null(app);
        kida_status st = i == 0   ? chirp_use_sessions(app, NULL, &err)
                         : i == 1 ? chirp_use_csp_nonce(app, NULL, &err)
                         : i == 2 ? chirp_use_limit(app, NULL, &err)
                                  : chirp_use_auth_limit(app, NULL, &err);
        assert_int_equal(st, KIDA_E_IO);
        assert_string_equal(err.message, "there is no source of random bytes");
        kida_error_init(&err);
        assert_int_equal(chirp_app_freeze(app, &err), KIDA_E_IO);
        assert_string_equal(err.message, "there is no source of random bytes");
        chirp_app_free(app);
    }
    assert_null(chirp_cache_memory(NULL, 1 << 20));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(se_7_without_random_bytes_nothing_starts),
    };
    return cmocka_run_group_tests_name("config/secret", tests, NULL, NULL);
}
