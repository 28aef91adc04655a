/* SPDX-License-Identifier: MIT */
/* A request to the app without a socket. */
#include <chirp/chirp.h>

extern const chirp_module chirp_module_entry; /* of src/app.c */

int
main(void)
{
    chirp_config config;
    kida_error err;
    chirp_answer got;
    kida_error_init(&err);
    chirp_config_init(&config);
    config.access_log = false;
    chirp_app *app = chirp_module_entry.create(&config, &err);
    chirp_test_client *client = app != NULL ? chirp_test_new(app, &err) : NULL;
    bool good = client != NULL && chirp_test_get(client, "/", &got) == KIDA_OK &&
                CHIRP_CHECK_STATUS(&got, 200) &&
                CHIRP_CHECK_CONTAINS(&got, "sse-connect=\"/stream\"");
    chirp_test_free(client);
    chirp_app_free(app);
    return good ? 0 : 1;
}
