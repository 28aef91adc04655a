/* SPDX-License-Identifier: MIT */
/*
 * fuzz_api.c - calls of the public interface of libchirp in any order, with allocations that fail
 * (robustness FZ-12): every call succeeds or says why not, set-up ends with the freeze, and in the
 * end nothing is left.
 *
 * Input: two bytes that say which allocation fails (0: none) and whether all behind it do; then
 * calls, each a byte and what it takes.
 */
#include "values.h"

#include <string.h>

#include <chirp/chirp.h>

enum { CALLS_MAX = 40, TEXT_MAX = 200 };

/* ---- memory ---------------------------------------------------------------------------------- */

typedef struct meter {
    size_t live;
    size_t number;
    size_t fail_at; /* 0: never */
    bool for_all;
} meter;

static void *
metered(void *user, void *ptr, size_t old_size, size_t new_size)
{
    meter *self = user;
    if (new_size == 0) {
        self->live -= ptr ? old_size : 0;
        free(ptr);
        return NULL;
    }
    self->number++;
    if (self->fail_at != 0 && (self->for_all ? self->number >= self->fail_at
                                             : self->number == self->fail_at))
        return NULL;
    void *fresh = realloc(ptr, new_size);
    if (fresh)
        self->live += new_size - (ptr ? old_size : 0);
    return fresh;
}

/* ---- an app ---------------------------------------------------------------------------------- */

typedef struct world {
    meter memory;
    chirp_app *app;
    chirp_test_client *client;
    bool is_frozen;
} world;

static chirp_reply *
handle(chirp_request *req, void *user)
{
    kida_error err;
    kida_value value;
    (void)user;
    switch (chirp_query_string(req).len % 6) {
    case 0:
        return chirp_reply_text(req, chirp_body(req));
    case 1:
        return chirp_reply_redirect(req, "/a");
    case 2:
        return chirp_json(req, &value, &err) == KIDA_OK ? chirp_reply_json(req, value)
                                                        : chirp_reply_bad_form(req, &err);
    case 3:
        return chirp_form_read(req, &err) == KIDA_OK ? chirp_reply_text(req, chirp_form(req, "a"))
                                                     : chirp_reply_bad_form(req, &err);
    case 4:
        return chirp_reply_set_cookie(chirp_reply_text(req, chirp_path(req)), "a", "b", NULL);
    default:
        return NULL;
    }
}

static chirp_reply *
layer(chirp_request *req, chirp_next *next, void *user)
{
    (void)user;
    return chirp_proceed(next, req);
}

/* What the input gives, as a text of C. */
static const char *
text_of(fuzz_input *in, char *out)
{
    kida_str bytes = fuzz_bytes(in, TEXT_MAX - 1);
    size_t len = 0;
    for (; len < bytes.len && bytes.ptr[len] != '\0'; len++)
        out[len] = bytes.ptr[len];
    out[len] = '\0';
    return out;
}

/* ---- calls ----------------------------------------------------------------------------------- */

/* A registration: refused as frozen just when the app is. Out of memory marks the app as failed,
 * which the freeze tells. */
static void
check_setup(const world *self, kida_status st)
{
    FUZZ_CHECK((st == KIDA_E_FROZEN) == self->is_frozen || st == KIDA_E_NOMEM ||
               self->memory.fail_at != 0);
}

static void
set_up(world *self, fuzz_input *in, unsigned what)
{
    char a[TEXT_MAX];
    kida_error err;
    kida_error_init(&err);
    if (what == 0) {
        check_setup(self, chirp_route(self->app, "GET, POST", text_of(in, a), handle, NULL));
    } else if (what == 1) {
        check_setup(self, chirp_use(self->app, layer, NULL, NULL));
    } else if (what == 2) {
        chirp_cors_options cors;
        chirp_cors_options_init(&cors);
        check_setup(self, chirp_use_cors(self->app, &cors, &err));
    } else {
        chirp_limit_options limit;
        chirp_limit_options_init(&limit);
        check_setup(self, chirp_use_limit(self->app, &limit, &err));
    }
}

static void
freeze(world *self)
{
    kida_error err;
    kida_error_init(&err);
    bool was_frozen = chirp_app_is_frozen(self->app);
    kida_status st = chirp_app_freeze(self->app, &err);
    FUZZ_CHECK(st == KIDA_OK || (err.status == st && err.message[0] != '\0'));
    FUZZ_CHECK(chirp_app_is_frozen(self->app) == (st == KIDA_OK));
    FUZZ_CHECK(!was_frozen || st == KIDA_OK);
    self->is_frozen = true; /* a failed freeze ends set-up too */
}

static void
talk(world *self, fuzz_input *in, bool is_raw)
{
    char target[TEXT_MAX];
    chirp_answer answer = { 0 };
    kida_error err;
    kida_error_init(&err);
    if (!self->client) {
        self->client = chirp_test_new(self->app, &err);
        FUZZ_CHECK(self->client || err.message[0] != '\0');
        self->is_frozen = true;
    }
    if (!self->client)
        return;
    if (is_raw)
        (void)!chirp_test_raw(self->client, fuzz_bytes(in, TEXT_MAX), &answer);
    else if (chirp_test_post(self->client, text_of(in, target), "a=1", &answer) == KIDA_OK)
        FUZZ_CHECK(answer.status >= 200 && answer.status < 600);
    chirp_test_leave(self->client, true);
}

static void
call(world *self, fuzz_input *in)
{
    unsigned what = fuzz_byte(in) % 10;
    char name[TEXT_MAX];
    kida_error err;
    if (what < 4) {
        set_up(self, in, what);
    } else if (what == 4) {
        freeze(self);
    } else if (what < 8) {
        talk(self, in, what == 7);
    } else if (what == 8) {
        chirp_test_free(self->client);
        self->client = NULL;
    } else {
        kida_error_init(&err);
        kida_str source = fuzz_bytes(in, TEXT_MAX);
        kida_status st = kida_env_add_source(chirp_app_templates(self->app),
                                             kida_str_from(text_of(in, name)), source, &err);
        FUZZ_CHECK(st == KIDA_OK || err.message[0] != '\0');
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = { data, size };
    world self = { 0 };
    chirp_config config;
    kida_error err;
    unsigned at = fuzz_byte(&in);
    uint8_t how = fuzz_byte(&in);
    self.memory.for_all = how & 1;
    chirp_config_init(&config);
    config.allocator = (kida_allocator){ metered, &self.memory };
    config.access_log = config.lifecycle_logging = false;
    config.log_level = CHIRP_LEVEL_ERROR;
    config.template_dir = config.static_dir = "";
    config.debug = how & 2;
    self.memory.fail_at = at == 0 ? 0 : at + (how >> 2) * 16u;
    kida_error_init(&err);
    self.app = chirp_app_new(&config, &err);
    FUZZ_CHECK(self.app || err.message[0] != '\0');
    for (int i = 0; self.app && in.size > 0 && i < CALLS_MAX; i++)
        call(&self, &in);
    chirp_test_free(self.client);
    chirp_app_free(self.app);
    FUZZ_CHECK(self.memory.live == 0);
    return 0;
}
