/* SPDX-License-Identifier: MIT */
#include <chirp/chirp.h>
#include <pthread.h>
#include <stdlib.h>

#define ITEMS_MAX 100
#define TITLE_MAX 80

/* All of the app's own state, and the lock that guards it. */
typedef struct store {
    pthread_mutex_t lock;
    size_t count;
    char titles[ITEMS_MAX][TITLE_MAX + 1];
} store;

static void
add_item(store *s, kida_str title)
{
    pthread_mutex_lock(&s->lock);
    if (s->count < ITEMS_MAX) {
        size_t len = title.len < TITLE_MAX ? title.len : TITLE_MAX;
        for (size_t i = 0; i < len; i++)
            s->titles[s->count][i] = title.ptr[i];
        s->titles[s->count++][len] = '\0';
    }
    pthread_mutex_unlock(&s->lock);
}

/* {items: [title, …]}, copied out under the lock. */
static kida_status
items_context(chirp_request *req, store *s, kida_value *out)
{
    kida_pool *pool = chirp_pool(req);
    kida_value items;
    kida_status st = kida_list_new(pool, ITEMS_MAX, &items);
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; st == KIDA_OK && i < s->count; i++) {
        kida_value title;
        st = kida_string_copy(pool, kida_str_from(s->titles[i]), &title);
        if (st == KIDA_OK)
            st = kida_list_push(items, title);
    }
    pthread_mutex_unlock(&s->lock);
    return st == KIDA_OK ? kida_context(pool, out, "items", items, NULL) : st;
}

static chirp_reply *
home(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_template(req, "home.html", kida_none());
}

static chirp_reply *
list_items(chirp_request *req, void *user)
{
    kida_value context;
    if (items_context(req, user, &context) != KIDA_OK)
        return NULL;
    /* The whole page for browsers, the block for htmx. */
    return chirp_reply_page(req, "items.html", "item_list", context);
}

static chirp_reply *
create_item(chirp_request *req, void *user)
{
    kida_error err;
    if (chirp_form_read(req, &err) != KIDA_OK)
        return chirp_reply_bad_form(req, &err);
    kida_str title = chirp_form(req, "title");
    if (title.len > 0 && kida_utf8_valid(title))
        add_item(user, title);
    return chirp_is_fragment(req) ? list_items(req, user) : chirp_reply_done(req, "/items");
}

static void
free_store(void *user)
{
    store *s = user;
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static chirp_app *
create(const chirp_config *config, kida_error *err)
{
    store *s = calloc(1, sizeof(*s));
    chirp_app *app = s != NULL ? chirp_app_new(config, err) : NULL;
    if (app == NULL) {
        free(s);
        return NULL;
    }
    pthread_mutex_init(&s->lock, NULL);
    const chirp_route_def routes[] = {
        { .path = "/", .handler = home, .name = "home", .template_name = "home.html" },
        { .path = "/items", .handler = list_items, .user = s, .name = "items",
          .template_name = "items.html", .block = "item_list", .free_user = free_store },
        { .methods = "POST", .path = "/items", .handler = create_item, .user = s },
    };
    /* A registration that fails is reported when the app starts. */
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
        (void)chirp_route_add(app, &routes[i], NULL);
    (void)chirp_use_security_headers(app, NULL, NULL);
    return app;
}

CHIRP_MODULE(create)
