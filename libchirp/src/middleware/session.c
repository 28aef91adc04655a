/* SPDX-License-Identifier: MIT */
/* session.c - sessions: read when first asked for, written when changed (SE-1 to SE-6, SH-4). */
#define _GNU_SOURCE
#include "session.h"

#include <string.h>
#include <time.h>

#include "config/fail.h"
#include "config/secret.h"
#include "config/text.h"
#include "http/form.h"
#include "http/request.h"
#include "layer.h"
#include "signed.h"

#define STATE_NAME "chirp.session"
#define NAMES_MAX 128 /* a power of two */
#define COOKIE_MAX 4093
#define ID_BYTES 24
#define ID_LEN (CH_BASE64_ROOM(ID_BYTES) - 1)
#define KEY_LEN_MIN 32
#define STORE_PREFIX "session:"
#define DEPTH_MAX 32
#define NODES_MAX 10000

static const kida_str created_name = KIDA_S_INIT("__created_at");
static const kida_str seen_name = KIDA_S_INIT("__last_seen_at");

typedef struct session_layer {
    ch_layer_memory memory;
    ch_signer signer;
    const char *cookie_name;
    chirp_cookie_options cookie;
    chirp_secure secure;
    bool is_production;
    uint32_t max_age;
    uint32_t idle_timeout;
    uint32_t absolute_timeout;
    chirp_cache *store;
} session_layer;

typedef struct entry {
    kida_str name;
    kida_value value;
} entry;

/* The session of one request, in its memory. */
typedef struct session {
    const session_layer *layer;
    int64_t now;
    bool is_loaded;  /* asked for: the answer depends on it */
    bool is_changed;
    bool had_cookie;
    char id[ID_LEN + 1];     /* in the store; "": none yet */
    char old_id[ID_LEN + 1]; /* to be removed from the store; "": none */
    int64_t signed_at;
    ch_arena *arena;
    entry *entries;
    size_t count;
    size_t room;
} session;

static int64_t
clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec;
}

/* ---- entries --------------------------------------------------------------------------------- */

static entry *
find(session *self, kida_str name)
{
    for (size_t i = 0; i < self->count; i++) {
        if (kida_str_equal(self->entries[i].name, name))
            return &self->entries[i];
    }
    return NULL;
}

static kida_status
make_room(session *self)
{
    if (self->count < self->room)
        return KIDA_OK;
    if (self->room == NAMES_MAX)
        return KIDA_E_LIMIT_MEMORY;
    size_t room = self->room == 0 ? 8 : self->room * 2;
    entry *grown = ch_arena_grow(self->arena, self->entries, self->room * sizeof(entry),
                                 room * sizeof(entry));
    if (!grown)
        return KIDA_E_NOMEM;
    self->entries = grown;
    self->room = room;
    return KIDA_OK;
}

static kida_status
put(session *self, kida_str name, kida_value value)
{
    entry *place = find(self, name);
    if (!place) {
        kida_status st = make_room(self);
        if (st != KIDA_OK)
            return st;
        place = &self->entries[self->count++];
    }
    *place = (entry){ name, value };
    return KIDA_OK;
}

static int64_t
time_of(session *self, kida_str name)
{
    const entry *place = find(self, name);
    return place && kida_kind_of(place->value) == KIDA_INT ? kida_as_int(place->value) : -1;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Takes the members of a JSON object; false, with nothing taken, for anything else. */
static bool
take_json(session *self, chirp_request *req, kida_str text)
{
    kida_value object, key, value;
    kida_pool *pool = chirp_pool(req);
    if (!pool || !ch_json_is_bounded(text, DEPTH_MAX, NODES_MAX) ||
        kida_json_parse(pool, text, &object, NULL) != KIDA_OK ||
        kida_kind_of(object) != KIDA_DICT)
        return false;
    for (size_t i = 0; kida_dict_entry(object, i, &key, &value); i++) {
        if (put(self, kida_as_str(key), value) != KIDA_OK) {
            self->count = 0;
            return false;
        }
    }
    return true;
}

/* Whether the session is younger than its limits; those without a time of theirs are not (SE-2). */
static bool
is_in_time(session *self)
{
    const session_layer *layer = self->layer;
    int64_t created = time_of(self, created_name), seen = time_of(self, seen_name);
    if (layer->idle_timeout > 0 &&
        (seen < 0 || seen > self->now || self->now - seen > (int64_t)layer->idle_timeout))
        return false;
    return layer->absolute_timeout == 0 ||
           (created >= 0 && created <= self->now &&
            self->now - created <= (int64_t)layer->absolute_timeout);
}

static bool
load_cookie(session *self, chirp_request *req, kida_str value)
{
    const session_layer *layer = self->layer;
    kida_str text;
    if (value.len > COOKIE_MAX ||
        !ch_unsign(&layer->signer, &req->arena, value, &text, &self->signed_at)) {
        ch_request_note(req, CH_REJECT_SESSION_BAD);
        return false;
    }
    int64_t age = self->now - self->signed_at;
    return age >= 0 && age <= (int64_t)layer->max_age && take_json(self, req, text);
}

static bool
is_id(kida_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = ch_lower(text.ptr[i]);
        if (!(c >= 'a' && c <= 'z') && !ch_is_digit(c) && c != '-' && c != '_')
            return false;
    }
    return text.len == ID_LEN;
}

/* Key of a session in the store. */
static kida_str
store_key(const char *id, char out[sizeof(STORE_PREFIX) + ID_LEN])
{
    memcpy(out, STORE_PREFIX, sizeof(STORE_PREFIX) - 1);
    memcpy(out + sizeof(STORE_PREFIX) - 1, id, ID_LEN);
    return (kida_str){ out, sizeof(STORE_PREFIX) - 1 + ID_LEN };
}

/* An id that the store does not know is the client's invention and is not kept (SE-4). */
static bool
load_stored(session *self, chirp_request *req, kida_str value)
{
    chirp_cache *store = self->layer->store;
    char key[sizeof(STORE_PREFIX) + ID_LEN];
    kida_buf *text = chirp_buffer(req);
    if (!text)
        return false;
    if (!is_id(value) || store->get(store, store_key(value.ptr, key), text) != KIDA_OK) {
        ch_request_note(req, CH_REJECT_SESSION_BAD);
        return false;
    }
    if (!take_json(self, req, kida_buf_str(text)))
        return false;
    memcpy(self->id, value.ptr, ID_LEN);
    return true;
}

static void
load(session *self, chirp_request *req)
{
    const session_layer *layer = self->layer;
    self->is_loaded = req->asked_session = true;
    kida_str value = chirp_cookie(req, layer->cookie_name);
    self->had_cookie = value.len > 0;
    if (!self->had_cookie)
        return;
    bool ok = layer->store ? load_stored(self, req, value) : load_cookie(self, req, value);
    if (ok && is_in_time(self))
        return;
    self->count = 0;
    self->signed_at = 0;
    memcpy(self->old_id, self->id, sizeof(self->id));
    self->id[0] = '\0';
}

/* The session of a request, loaded; NULL without the layer. */
static session *
session_of(chirp_request *req)
{
    session *self = chirp_g_get(req, STATE_NAME);
    if (self && !self->is_loaded)
        load(self, req);
    return self;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* The session as JSON into a buffer. */
static kida_status
write_json(session *self, kida_buf *out)
{
    kida_buf_byte(out, '{');
    for (size_t i = 0; i < self->count; i++) {
        if (i > 0)
            kida_buf_byte(out, ',');
        kida_status st = chirp_json_write(out, kida_string(self->entries[i].name));
        kida_buf_byte(out, ':');
        if (st == KIDA_OK)
            st = chirp_json_write(out, self->entries[i].value);
        if (st != KIDA_OK)
            return st;
    }
    kida_buf_byte(out, '}');
    return kida_buf_status(out);
}

static kida_status
note_times(session *self)
{
    const session_layer *layer = self->layer;
    if (self->count == 0 || (layer->idle_timeout == 0 && layer->absolute_timeout == 0))
        return KIDA_OK;
    kida_status st = KIDA_OK;
    if (time_of(self, created_name) < 0)
        st = put(self, created_name, kida_int(self->now));
    return st == KIDA_OK ? put(self, seen_name, kida_int(self->now)) : st;
}

/* Whether the cookie has to be written though nothing has changed: to stay alive. */
static bool
needs_renewal(session *self)
{
    const session_layer *layer = self->layer;
    if (self->count == 0)
        return false;
    int64_t seen = time_of(self, seen_name);
    if (layer->idle_timeout > 0 && self->now - seen > (int64_t)layer->idle_timeout / 8)
        return true;
    return !layer->store && self->now - self->signed_at > (int64_t)layer->max_age / 2;
}

static kida_status
store_session(session *self, kida_str text)
{
    chirp_cache *store = self->layer->store;
    char key[sizeof(STORE_PREFIX) + ID_LEN];
    unsigned char random[ID_BYTES];
    if (self->old_id[0] != '\0')
        store->remove(store, store_key(self->old_id, key));
    if (self->id[0] == '\0') {
        ch_random(random, sizeof(random));
        (void)ch_base64_write(random, sizeof(random), self->id, sizeof(self->id));
    }
    return store->set(store, store_key(self->id, key), text, self->layer->max_age);
}

static chirp_reply *
set_cookie(session *self, chirp_request *req, chirp_reply *reply, const char *value)
{
    const session_layer *layer = self->layer;
    chirp_cookie_options cookie = layer->cookie;
    cookie.secure = layer->secure == CHIRP_SECURE_ALWAYS ||
                    (layer->secure == CHIRP_SECURE_AUTO &&
                     (layer->is_production || kida_str_equal(chirp_scheme(req), KIDA_S("https"))));
    cookie.max_age = value[0] != '\0' ? layer->max_age : 0;
    return chirp_reply_set_cookie(reply, layer->cookie_name, value, &cookie);
}

/* A session that has become empty: its cookie and what the store has of it go. */
static chirp_reply *
forget(session *self, chirp_request *req, chirp_reply *reply)
{
    chirp_cache *store = self->layer->store;
    char key[sizeof(STORE_PREFIX) + ID_LEN];
    if (store && self->id[0] != '\0')
        store->remove(store, store_key(self->id, key));
    if (store && self->old_id[0] != '\0')
        store->remove(store, store_key(self->old_id, key));
    return self->had_cookie ? set_cookie(self, req, reply, "") : reply;
}

static chirp_reply *
failed(chirp_request *req, kida_status st, const char *why)
{
    kida_error err;
    kida_error_init(&err);
    ch_fail(&err, st, "the session can't be saved: %s", why ? why : kida_status_text(st));
    return chirp_reply_error(req, &err);
}

static chirp_reply *
save(session *self, chirp_request *req, chirp_reply *reply)
{
    if (self->count == 0)
        return forget(self, req, reply);
    kida_status st = note_times(self);
    kida_buf *text = chirp_buffer(req);
    if (!text)
        return NULL;
    if (st == KIDA_OK)
        st = write_json(self, text);
    if (st != KIDA_OK)
        return failed(req, st, NULL);
    if (self->layer->store) {
        st = store_session(self, kida_buf_str(text));
        return st == KIDA_OK ? set_cookie(self, req, reply, self->id) : failed(req, st, NULL);
    }
    kida_str value = ch_sign(&self->layer->signer, &req->arena, kida_buf_str(text), self->now);
    if (!value.ptr)
        return NULL;
    if (value.len > COOKIE_MAX)
        return failed(req, KIDA_E_LIMIT_OUTPUT, "it is over 4093 bytes; keep it in a store");
    return set_cookie(self, req, reply, value.ptr);
}

chirp_reply *
ch_session_layer(chirp_request *req, chirp_next *next, void *user)
{
    session *self = ch_arena_array(&req->arena, 1, sizeof(*self));
    if (!self)
        return NULL;
    self->arena = &req->arena;
    self->layer = user;
    self->now = clock_seconds();
    if (chirp_g_set(req, STATE_NAME, self, NULL) != KIDA_OK)
        return NULL;

    chirp_reply *reply = chirp_proceed(next, req);
    if (!self->is_loaded || !reply)
        return reply;
    if (self->is_changed || needs_renewal(self))
        reply = save(self, req, reply);
    if (!chirp_given(chirp_reply_header(reply, "cache-control")))
        chirp_reply_set_header(reply, "cache-control", "private");
    return chirp_reply_vary(reply, "Cookie");
}

/* ---- use ------------------------------------------------------------------------------------- */

kida_value
chirp_session_get(chirp_request *req, const char *name)
{
    session *self = session_of(req);
    const entry *place = self ? find(self, kida_str_from(name)) : NULL;
    kida_value absent = { KIDA_ABSENT, { 0 } };
    return place ? place->value : absent;
}

kida_str
chirp_session_text(chirp_request *req, const char *name)
{
    kida_value value = chirp_session_get(req, name);
    kida_str missing = { NULL, 0 };
    if (kida_kind_of(value) != KIDA_STRING)
        return missing;
    kida_str text = kida_as_str(value);
    return text.ptr ? text : KIDA_S("");
}

kida_status
chirp_session_set(chirp_request *req, const char *name, kida_value value)
{
    session *self = session_of(req);
    if (!self)
        return KIDA_E_USAGE;
    kida_str key = chirp_copy(req, kida_str_from(name));
    if (kida_kind_of(value) == KIDA_STRING) {
        kida_str text = chirp_copy(req, kida_as_str(value));
        if (!text.ptr)
            return KIDA_E_NOMEM;
        value = kida_string(text);
    }
    if (!key.ptr)
        return KIDA_E_NOMEM;
    kida_status st = put(self, key, value);
    self->is_changed = self->is_changed || st == KIDA_OK;
    return st;
}

void
chirp_session_delete(chirp_request *req, const char *name)
{
    session *self = session_of(req);
    entry *place = self ? find(self, kida_str_from(name)) : NULL;
    if (!place)
        return;
    size_t index = (size_t)(place - self->entries);
    self->count--;
    memmove(place, place + 1, (self->count - index) * sizeof(*place));
    self->is_changed = true;
}

void
chirp_session_clear(chirp_request *req)
{
    session *self = session_of(req);
    if (!self)
        return;
    self->is_changed = self->is_changed || self->count > 0;
    self->count = 0;
}

void
chirp_session_renew(chirp_request *req)
{
    session *self = session_of(req);
    if (!self)
        return;
    chirp_session_clear(req);
    self->is_changed = true;
    if (self->id[0] != '\0')
        memcpy(self->old_id, self->id, sizeof(self->id));
    self->id[0] = '\0';
}

/* ---- making it ------------------------------------------------------------------------------- */

void
chirp_session_options_init(chirp_session_options *options)
{
    *options = (chirp_session_options){
        .size = sizeof(*options),
        .cookie_name = "chirp_session",
        .path = "/",
        .max_age = 86400,
    };
}

static kida_status
add_key(session_layer *layer, const char *secret, kida_error *err)
{
    kida_str key = kida_str_from(secret);
    if (key.len == 0)
        return ch_fail(err, KIDA_E_USAGE, "secret_key of sessions must not be empty");
    if (key.len < KEY_LEN_MIN)
        return ch_fail(err, KIDA_E_USAGE, "secret_key of sessions must have at least %d bytes",
                       KEY_LEN_MIN);
    if (!ch_signer_add(&layer->signer, key, kida_str_from(layer->cookie_name)))
        return ch_fail(err, KIDA_E_USAGE, "sessions take at most %d keys", CH_SIGNING_KEYS_MAX);
    return KIDA_OK;
}

static kida_status
fill(session_layer *layer, const chirp_app *app, const chirp_session_options *options,
     kida_error *err)
{
    const chirp_config *config = chirp_app_config(app);
    layer->cookie_name = ch_layer_text(layer, options->cookie_name).ptr;
    layer->cookie = (chirp_cookie_options){
        .path = ch_layer_text(layer, options->path).ptr,
        .domain = options->domain ? ch_layer_text(layer, options->domain).ptr : NULL,
        .has_max_age = true,
        .script_visible = options->script_visible,
        .same_site = options->same_site,
    };
    if (!layer->cookie_name || !layer->cookie.path || (options->domain && !layer->cookie.domain))
        return ch_fail(err, KIDA_E_NOMEM, "no memory for sessions");
    if (options->max_age == 0)
        return ch_fail(err, KIDA_E_USAGE, "max_age of sessions must be above 0");
    layer->secure = options->secure;
    layer->is_production = kida_str_equal(kida_str_from(config->env), KIDA_S("production"));
    layer->max_age = options->max_age;
    layer->idle_timeout = options->idle_timeout;
    layer->absolute_timeout = options->absolute_timeout;
    layer->store = options->store;

    kida_status st = ch_secret_init(err);
    if (st == KIDA_OK)
        st = add_key(layer, options->secret_key ? options->secret_key : config->secret_key, err);
    for (const char *const *key = options->old_keys; st == KIDA_OK && key && *key; key++)
        st = add_key(layer, *key, err);
    return st;
}

static void
free_sessions(void *user)
{
    session_layer *layer = user;
    ch_wipe(&layer->signer, sizeof(layer->signer));
    ch_layer_free(layer);
}

kida_status
chirp_use_sessions(chirp_app *app, const chirp_session_options *options, kida_error *err)
{
    kida_error local;
    err = ch_error_or(err, &local);
    chirp_session_options defaults;
    if (!options) {
        chirp_session_options_init(&defaults);
        options = &defaults;
    }
    kida_status st = ch_options_check(options->size, sizeof(*options), err);
    session_layer *layer = st == KIDA_OK ? ch_layer_new(app, sizeof(*layer)) : NULL;
    if (!layer)
        return ch_layer_failed(app, st, err);
    st = fill(layer, app, options, err);
    if (st != KIDA_OK) {
        free_sessions(layer);
        return ch_layer_failed(app, st, err);
    }
    return chirp_use(app, ch_session_layer, layer, free_sessions);
}
