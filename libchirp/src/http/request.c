/* SPDX-License-Identifier: MIT */
/* request.c - the request's life, its memory, body and state. What headers and forms say is in
 * access.c. */
#include "http/request.h"

#include <string.h>

#include "config/alloc.h"
#include "config/text.h"

#define REQUEST_BLOCK 8192

/* One thing kept for the request: a pointer with its destructor, or a value. */
struct ch_g_entry {
    struct ch_g_entry *next;
    kida_str name;
    void *ptr;
    void (*destroy)(void *ptr);
    kida_value value;
    bool is_kept; /* false: deleted */
};

void
ch_request_init(chirp_request *req, const chirp_config *config)
{
    memset(req, 0, sizeof(*req));
    req->config = config;
    req->allocator = config->allocator;
    req->body_max = config->max_body;
    ch_arena_init(&req->arena, &config->allocator, REQUEST_BLOCK, config->request_memory);
}

/* Newest first, and each once: a destructor may still read what was set before it. */
static void
destroy_state(chirp_request *req)
{
    struct ch_g_entry *entry = req->g;
    while (entry != NULL) {
        struct ch_g_entry *next = entry->next;
        req->g = next;
        if (entry->is_kept && entry->destroy != NULL)
            entry->destroy(entry->ptr);
        /* What a destructor sets is newer than the rest and must go as well. */
        entry = req->g != NULL ? req->g : next;
    }
    req->g = NULL;
}

void
ch_request_reset(chirp_request *req)
{
    destroy_state(req);
    if (req->body_started)
        kida_buf_free(&req->body);
    ch_spool_close(&req->spool);
    if (req->pool != NULL)
        kida_pool_reset(req->pool);
    if (req->scratch != NULL)
        kida_pool_reset(req->scratch);
    ch_arena_reset(&req->arena);
    size_t start = offsetof(chirp_request, method), end = offsetof(chirp_request, params);
    memset((char *)req + start, 0, end - start);
    req->body_max = req->config->max_body;
}

void
ch_request_clear(chirp_request *req)
{
    ch_request_reset(req);
    ch_arena_clear(&req->arena);
    kida_pool_free(req->pool);
    kida_pool_free(req->scratch);
    req->pool = req->scratch = NULL;
}

/* What has come so far moves to a file, and the rest follows it there. */
static kida_status
begin_spool(chirp_request *req)
{
    kida_status st = ch_spool_open(&req->spool, req->config->spool_dir);
    if (st == KIDA_OK && req->body_started) {
        st = ch_spool_add(&req->spool, kida_buf_str(&req->body));
        kida_buf_free(&req->body);
        req->body_started = false;
    }
    return st;
}

kida_status
ch_request_add_body(chirp_request *req, kida_str piece)
{
    size_t have = req->body_started ? kida_buf_str(&req->body).len : (size_t)req->spool.len;
    if (have > req->body_max || piece.len > req->body_max - have)
        return KIDA_E_LIMIT_MEMORY;
    if (!req->spool.is_open && have + piece.len > req->config->max_body_memory) {
        kida_status st = begin_spool(req);
        if (st != KIDA_OK)
            return st;
    }
    if (req->spool.is_open)
        return ch_spool_add(&req->spool, piece);
    if (!req->body_started) {
        kida_buf_init_heap(&req->body, &req->allocator, req->body_max);
        req->body_started = true;
    }
    kida_buf_put(&req->body, piece);
    return kida_buf_status(&req->body);
}

kida_status
ch_request_end_body(chirp_request *req)
{
    return !req->spool.is_open || ch_spool_text(&req->spool).ptr ? KIDA_OK : KIDA_E_IO;
}

void
ch_request_set_client(chirp_request *req, kida_str address, uint32_t port)
{
    req->client_len = address.len < CH_CLIENT_MAX ? address.len : CH_CLIENT_MAX;
    memcpy(req->client, address.ptr, req->client_len);
    req->client_port = port;
}

void
ch_request_set_match(chirp_request *req, const void *route, const kida_str *names,
                     const kida_str *values, size_t count)
{
    req->route = route;
    req->param_count = count < CH_PARAMS_MAX ? count : CH_PARAMS_MAX;
    for (size_t i = 0; i < req->param_count; i++) {
        req->params[i].name = names[i];
        req->params[i].value = values[i];
    }
}

/* ---- memory ---------------------------------------------------------------------------------- */

void *
chirp_alloc(chirp_request *req, size_t size)
{
    return ch_arena_alloc(&req->arena, size);
}

kida_str
chirp_copy(chirp_request *req, kida_str text)
{
    return ch_arena_copy(&req->arena, text);
}

kida_pool *
chirp_pool(chirp_request *req)
{
    if (req->pool == NULL)
        req->pool = kida_pool_new(&req->allocator, req->config->request_memory);
    return req->pool;
}

kida_pool *
chirp_scratch(chirp_request *req)
{
    if (req->scratch == NULL)
        req->scratch = kida_pool_new(&req->allocator, req->config->request_memory);
    else
        kida_pool_reset(req->scratch);
    return req->scratch;
}

/* ---- state ----------------------------------------------------------------------------------- */

static struct ch_g_entry *
find_entry(const chirp_request *req, const char *name)
{
    kida_str wanted = kida_str_from(name);
    for (struct ch_g_entry *entry = req->g; entry != NULL; entry = entry->next) {
        if (entry->is_kept && kida_str_equal(entry->name, wanted))
            return entry;
    }
    return NULL;
}

/* Forgets an entry; its destructor runs after it can no longer be found. */
static void
drop_entry(struct ch_g_entry *entry)
{
    if (entry == NULL)
        return;
    void (*destroy)(void *) = entry->destroy;
    entry->is_kept = false;
    entry->destroy = NULL;
    if (destroy != NULL)
        destroy(entry->ptr);
}

static struct ch_g_entry *
new_entry(chirp_request *req, const char *name)
{
    struct ch_g_entry *entry = ch_arena_array(&req->arena, 1, sizeof(*entry));
    if (entry == NULL)
        return NULL;
    entry->name = ch_arena_copy(&req->arena, kida_str_from(name));
    return entry->name.ptr == NULL ? NULL : entry;
}

static void
keep_entry(chirp_request *req, struct ch_g_entry *entry)
{
    drop_entry(find_entry(req, entry->name.ptr));
    entry->is_kept = true;
    entry->next = req->g;
    req->g = entry;
}

kida_status
chirp_g_set(chirp_request *req, const char *name, void *ptr, void (*destroy)(void *ptr))
{
    struct ch_g_entry *entry = new_entry(req, name);
    if (entry == NULL) {
        if (destroy != NULL)
            destroy(ptr);
        return KIDA_E_NOMEM;
    }
    entry->ptr = ptr;
    entry->destroy = destroy;
    keep_entry(req, entry);
    return KIDA_OK;
}

void *
chirp_g_get(const chirp_request *req, const char *name)
{
    const struct ch_g_entry *entry = find_entry(req, name);
    return entry == NULL ? NULL : entry->ptr;
}

kida_status
chirp_g_set_value(chirp_request *req, const char *name, kida_value value)
{
    struct ch_g_entry *entry = new_entry(req, name);
    if (entry == NULL)
        return KIDA_E_NOMEM;
    entry->value = value;
    keep_entry(req, entry);
    return KIDA_OK;
}

kida_value
chirp_g_get_value(const chirp_request *req, const char *name)
{
    const struct ch_g_entry *entry = find_entry(req, name);
    kida_value absent = { KIDA_ABSENT, { 0 } };
    return entry == NULL ? absent : entry->value;
}

bool
chirp_g_has(const chirp_request *req, const char *name)
{
    return find_entry(req, name) != NULL;
}

void
chirp_g_delete(chirp_request *req, const char *name)
{
    drop_entry(find_entry(req, name));
}
