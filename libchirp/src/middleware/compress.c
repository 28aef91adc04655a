/* SPDX-License-Identifier: MIT */
/* compress.c - which answers are compressed (row 17.6, SF-21); how is in codings.c. */
#include <chirp/stream.h>

#include "codings.h"
#include "config/fail.h"
#include "config/text.h"
#include "http/conditional.h"
#include "layer.h"
#include "types.h"

#define WORKER_NAME "chirp.encoders"
#define INLINE_MAX ((size_t)128 << 10) /* longer bodies go to a helper thread */

typedef struct compress_layer {
    ch_layer_memory memory;
    kida_allocator allocator;
    size_t min_size;
    size_t max_size;
    unsigned levels[3]; /* by ch_coding_kind; 0: off */
} compress_layer;

/* One body on its way through an encoder, here or on a helper thread. */
typedef struct job {
    ch_encoders *encoders;
    ch_coding_kind kind;
    unsigned level;
    kida_str bytes;
    kida_buf *out;
    kida_status status;
} job;

static void
run_job(void *arg)
{
    job *self = arg;
    self->status = ch_encode(self->encoders, self->kind, self->level, self->bytes, self->out);
}

/* ---- which ----------------------------------------------------------------------------------- */

static bool
is_eligible(const compress_layer *layer, const chirp_reply *reply)
{
    unsigned status = chirp_reply_status(reply);
    size_t len = chirp_reply_body(reply).len;
    bool fits = chirp_reply_is_stream(reply) ||
                (chirp_reply_is_whole(reply) && len >= layer->min_size && len <= layer->max_size);
    return fits && !ch_status_is_bodiless(status) && status != 206 &&
           !chirp_given(chirp_reply_header(reply, "content-encoding")) &&
           ch_type_is_compressible(chirp_reply_header(reply, "content-type")) &&
           !ch_list_has(chirp_reply_header(reply, "cache-control"), KIDA_S("no-transform"));
}

/* Whether another site has this sent with the user's cookies: it might try many texts and look at
 * the lengths until they tell what else is in the page (BREACH). */
static bool
is_probing(const chirp_request *req)
{
    return ch_str_iequal(chirp_header(req, "sec-fetch-site"), KIDA_S("cross-site")) &&
           chirp_given(chirp_header(req, "cookie"));
}

/* The coding that the client likes best; of equals the first. NULL: none. */
static const ch_coding *
choose(const compress_layer *layer, const chirp_request *req)
{
    const ch_coding *best = NULL;
    unsigned best_weight = 0;
    for (const ch_coding *at = ch_codings; at->name; at++) {
        unsigned weight = ch_coding_weight(req, kida_str_from(at->name));
        if (layer->levels[at->kind] > 0 && weight > best_weight) {
            best = at;
            best_weight = weight;
        }
    }
    return best;
}

/* ---- how ------------------------------------------------------------------------------------- */

/* Encoders of this worker; NULL when out of memory. */
static ch_encoders *
own_encoders(const compress_layer *layer, chirp_request *req)
{
    chirp_worker *worker = chirp_worker_of(req);
    ch_encoders *encoders = chirp_worker_get(worker, WORKER_NAME);
    if (encoders)
        return encoders;
    encoders = ch_encoders_new(&layer->allocator);
    if (encoders && chirp_worker_set(worker, WORKER_NAME, encoders, ch_encoders_free) != KIDA_OK)
        return NULL;
    return encoders;
}

/* Fills self->out; other requests of this worker go on while a helper thread has a long body. */
static kida_status
encode(const compress_layer *layer, chirp_request *req, job *self)
{
    if (self->bytes.len <= INLINE_MAX) {
        self->encoders = own_encoders(layer, req);
        if (!self->encoders)
            return KIDA_E_NOMEM;
        run_job(self);
        return self->status;
    }
    self->encoders = ch_encoders_new(&layer->allocator);
    if (!self->encoders)
        return KIDA_E_NOMEM;
    kida_status st = chirp_offload(req, run_job, self);
    ch_encoders_free(self->encoders);
    return st == KIDA_OK ? self->status : st;
}

/* The bytes are others now, so a strong tag would lie. */
static void
weaken_tag(chirp_request *req, chirp_reply *reply)
{
    kida_str tag = chirp_reply_header(reply, "etag");
    if (tag.len == 0 || tag.ptr[0] != '"')
        return;
    const char *weak = ch_request_format(req, "W/%.*s", (int)tag.len, tag.ptr);
    if (weak)
        chirp_reply_set_header(reply, "etag", weak);
}

static chirp_reply *
compress(const compress_layer *layer, chirp_request *req, chirp_reply *reply,
         const ch_coding *coding)
{
    job self = { .kind = coding->kind, .level = layer->levels[coding->kind],
                 .bytes = chirp_reply_body(reply), .out = chirp_buffer(req) };
    /* Without memory or helpers the plain body is as good. */
    if (!self.out || encode(layer, req, &self) != KIDA_OK ||
        kida_buf_str(self.out).len >= self.bytes.len)
        return reply;
    weaken_tag(req, reply);
    chirp_reply_set_body(reply, kida_buf_str(self.out));
    return chirp_reply_set_header(reply, "content-encoding", coding->name);
}

static chirp_reply *
apply_compression(chirp_request *req, chirp_next *next, void *user)
{
    const compress_layer *layer = user;
    chirp_reply *reply = chirp_proceed(next, req);
    if (!is_eligible(layer, reply))
        return reply;
    chirp_reply_vary(reply, "Accept-Encoding");
    if (req->method == CH_METHOD_HEAD || is_probing(req))
        return reply;
    const ch_coding *coding = choose(layer, req);
    if (coding && chirp_reply_is_stream(reply)) {
        weaken_tag(req, reply);
        ch_stream_set_coding(reply, coding, layer->levels[coding->kind]);
        return reply;
    }
    return coding ? compress(layer, req, reply, coding) : reply;
}

void
chirp_compress_options_init(chirp_compress_options *options)
{
    *options = (chirp_compress_options){
        .size = sizeof(*options),
        .min_size = 500,
        .max_size = (size_t)8 << 20,
        .gzip_level = 5,
        .brotli_level = 4,
        .zstd_level = 3,
    };
}

kida_status
chirp_use_compression(chirp_app *app, const chirp_compress_options *options, kida_error *err)
{
    kida_error local;
    err = ch_error_or(err, &local);
    chirp_compress_options defaults;
    if (!options) {
        chirp_compress_options_init(&defaults);
        options = &defaults;
    }
    kida_status st = ch_options_check(options->size, sizeof(*options), err);
    if (st == KIDA_OK && (options->gzip_level > 9 || options->brotli_level > 11 ||
                          options->zstd_level > 19))
        st = ch_fail(err, KIDA_E_USAGE, "levels end at 9 for gzip, 11 for brotli, 19 for zstd");
    compress_layer *layer = st == KIDA_OK ? ch_layer_new(app, sizeof(*layer)) : NULL;
    if (!layer)
        return ch_layer_failed(app, st, err);
    layer->allocator = chirp_app_config(app)->allocator;
    layer->min_size = options->min_size;
    layer->max_size = options->max_size;
    layer->levels[CH_CODING_GZIP] = options->gzip_level;
    layer->levels[CH_CODING_BROTLI] = options->brotli_level;
    layer->levels[CH_CODING_ZSTD] = options->zstd_level;
    return chirp_use(app, apply_compression, layer, ch_layer_free);
}
