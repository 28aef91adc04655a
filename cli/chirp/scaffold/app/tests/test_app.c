/* SPDX-License-Identifier: MIT */
/* Requests to the app without a socket. */
#include "../src/app.c"

static bool
test_pages(chirp_test_client *client)
{
    chirp_answer got;
    return chirp_test_get(client, "/", &got) == KIDA_OK && CHIRP_CHECK_STATUS(&got, 200) &&
           CHIRP_CHECK_CONTAINS(&got, "It works") &&
           chirp_test_get(client, "/no", &got) == KIDA_OK && CHIRP_CHECK_STATUS(&got, 404);
}

static bool
test_items(chirp_test_client *client)
{
    chirp_answer got;
    return chirp_test_post(client, "/items", "title=Milk", &got) == KIDA_OK &&
           CHIRP_CHECK_STATUS(&got, 303) && chirp_test_get(client, "/items", &got) == KIDA_OK &&
           CHIRP_CHECK_CONTAINS(&got, "Milk") &&
           chirp_test_fragment(client, "/items", &got) == KIDA_OK && CHIRP_CHECK_FRAGMENT(&got);
}

int
main(void)
{
    chirp_config config;
    kida_error err;
    kida_error_init(&err);
    chirp_config_init(&config);
    config.access_log = false;
    chirp_app *app = create(&config, &err);
    chirp_test_client *client = app != NULL ? chirp_test_new(app, &err) : NULL;
    bool good = client != NULL && test_pages(client) && test_items(client);
    chirp_test_free(client);
    chirp_app_free(app);
    return good ? 0 : 1;
}
