/* SPDX-License-Identifier: MIT */
/* test_defaults.c - every layer can be had with NULL for its options. */
#include "t.h"

#include <chirp/chirp.h>

/* Holds: no options means the defaults; what can't do without a setting says so. */
static void
no_options_are_the_defaults(void **state)
{
    (void)state;
    kida_error err;
    kida_error_init(&err);
    chirp_app *app = chirp_app_new(NULL, &err);
    assert_non_null(app);
    const kida_status all[] = {
        chirp_use_cors(app, NULL, &err),           chirp_use_security_headers(app, NULL, &err),
        chirp_use_csp_nonce(app, NULL, &err),      chirp_use_limit(app, NULL, &err),
        chirp_use_auth_limit(app, NULL, &err),     chirp_use_compression(app, NULL, &err),
        chirp_use_cache(app, NULL, &err),          chirp_use_health(app, NULL, &err),
        chirp_use_metrics(app, NULL, &err),        chirp_use_static(app, NULL, &err),
        chirp_use_sessions(app, NULL, &err),       chirp_use_csrf(app, NULL, &err),
        chirp_use_inject(app, NULL, &err),
    };
    for (size_t i = 0; i < T_COUNT(all); i++)
        assert_true(all[i] == KIDA_OK || all[i] == KIDA_E_USAGE || all[i] == KIDA_E_IO);
    chirp_app_free(app);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_options_are_the_defaults),
    };
    return cmocka_run_group_tests_name("middleware/defaults", tests, NULL, NULL);
}
