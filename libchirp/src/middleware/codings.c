/* SPDX-License-Identifier: MIT */
/* codings.c - the one user of the compression libraries. Their memory comes from the app's
 * allocator where they let us. */
#include "codings.h"

#include <pthread.h>

#include "config/alloc.h"

#ifdef CHIRP_WITH_BROTLI
#include <brotli/encode.h>
#endif
#ifdef CHIRP_WITH_ZLIB
#define ZLIB_CONST
#include <zlib.h>
#endif
#ifdef CHIRP_WITH_ZSTD
#include <zstd.h>
#endif

#define PIECE ((size_t)16 << 10)

/* Streams last, and there are many: their windows are smaller than those of whole bodies. */
#define STREAM_WINDOW 16

struct ch_encoders {
    kida_allocator allocator;
    void *zlib;   /* z_stream */
    void *zstd;   /* ZSTD_CCtx */
    void *brotli; /* BrotliEncoderState */
    bool is_out;  /* brotli has the reserve: nothing may be made of this text any more */
    unsigned zlib_level;
};

const ch_coding ch_codings[] = {
#ifdef CHIRP_WITH_BROTLI
    { CH_CODING_BROTLI, "br" },
#endif
#ifdef CHIRP_WITH_ZSTD
    { CH_CODING_ZSTD, "zstd" },
#endif
#ifdef CHIRP_WITH_ZLIB
    { CH_CODING_GZIP, "gzip" },
#endif
    { CH_CODING_GZIP, NULL },
};

#if defined(CHIRP_WITH_ZLIB) || defined(CHIRP_WITH_BROTLI)

/* Blocks remember their size in front, as these libraries do not tell it when they free. */
#define SIZE_ROOM ((size_t)16)

static void *
sized_alloc(const kida_allocator *allocator, size_t size)
{
    size_t whole;
    if (!ch_size_add(size, SIZE_ROOM, &whole))
        return NULL;
    char *block = ch_realloc(allocator, NULL, 0, whole);
    if (!block)
        return NULL;
    *(size_t *)(void *)block = whole;
    return block + SIZE_ROOM;
}

static void
sized_free(const kida_allocator *allocator, void *ptr)
{
    if (!ptr)
        return;
    char *block = (char *)ptr - SIZE_ROOM;
    ch_free(allocator, block, *(size_t *)(void *)block);
}

#endif

/* What stands for a coding that the build lacks; ch_codings does not list it. */
#define NO_CODING(name)                                                                            \
    static kida_status begin_##name(ch_encoders *encoders, unsigned level, bool is_stream)         \
    {                                                                                              \
        (void)encoders, (void)level, (void)is_stream;                                              \
        return KIDA_E_UNSUPPORTED;                                                                 \
    }                                                                                              \
    static kida_status piece_##name(ch_encoders *encoders, ch_encode_until until, kida_str bytes,  \
                                    kida_buf *out)                                                 \
    {                                                                                              \
        (void)encoders, (void)until, (void)bytes, (void)out;                                       \
        return KIDA_E_UNSUPPORTED;                                                                 \
    }

/* ---- gzip ------------------------------------------------------------------------------------ */

#ifdef CHIRP_WITH_ZLIB

static voidpf
zlib_alloc(voidpf user, uInt count, uInt size)
{
    size_t bytes;
    return ch_size_mul(count, size, &bytes) ? sized_alloc(user, bytes) : NULL;
}

static void
zlib_free(voidpf user, voidpf ptr)
{
    sized_free(user, ptr);
}

/* Makes the stream ready for a new text. */
static kida_status
begin_gzip(ch_encoders *encoders, unsigned level, bool is_stream)
{
    z_stream *stream = encoders->zlib;
    if (stream)
        return encoders->zlib_level == level && deflateReset(stream) == Z_OK ? KIDA_OK
                                                                            : KIDA_E_NOMEM;
    stream = ch_calloc(&encoders->allocator, sizeof(*stream));
    if (!stream)
        return KIDA_E_NOMEM;
    stream->zalloc = zlib_alloc;
    stream->zfree = zlib_free;
    stream->opaque = &encoders->allocator;
    int window = is_stream ? STREAM_WINDOW - 2 : 15;
    if (deflateInit2(stream, (int)level, Z_DEFLATED, window + 16, is_stream ? 7 : 8,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        ch_free(&encoders->allocator, stream, sizeof(*stream));
        return KIDA_E_NOMEM;
    }
    encoders->zlib = stream;
    encoders->zlib_level = level;
    return KIDA_OK;
}

static kida_status
piece_gzip(ch_encoders *encoders, ch_encode_until until, kida_str bytes, kida_buf *out)
{
    z_stream *stream = encoders->zlib;
    if (bytes.len > UINT32_MAX)
        return KIDA_E_NOMEM;
    unsigned char piece[PIECE];
    int how = until == CH_ENCODE_END ? Z_FINISH : until == CH_ENCODE_FLUSH ? Z_SYNC_FLUSH
                                                                           : Z_NO_FLUSH;
    stream->next_in = (const unsigned char *)bytes.ptr;
    stream->avail_in = (uInt)bytes.len;
    int st = Z_OK;
    do {
        stream->next_out = piece;
        stream->avail_out = (uInt)sizeof(piece);
        st = deflate(stream, how); /* Z_BUF_ERROR: there was nothing to do */
        if (st == Z_STREAM_ERROR)
            return KIDA_E_NOMEM;
        kida_buf_put(out, (kida_str){ (const char *)piece, sizeof(piece) - stream->avail_out });
    } while (stream->avail_out == 0);
    return until != CH_ENCODE_END || st == Z_STREAM_END ? kida_buf_status(out) : KIDA_E_NOMEM;
}

static void
free_zlib(ch_encoders *encoders)
{
    if (encoders->zlib)
        (void)deflateEnd(encoders->zlib);
    ch_free(&encoders->allocator, encoders->zlib, sizeof(z_stream));
}

#else

NO_CODING(gzip)

static void
free_zlib(ch_encoders *encoders)
{
    (void)encoders;
}

#endif

/* ---- brotli ---------------------------------------------------------------------------------- */

#ifdef CHIRP_WITH_BROTLI

/* Some builds of brotli end the process when an allocation fails. So it never sees a failure: it
 * gets memory of this reserve up to the end of the call, is ended right then, and gives it back.
 * The pages of the reserve cost nothing before. */
#define RESERVE_SIZE ((size_t)32 << 20)
#define AT_ONCE ((size_t)64 << 10) /* what one call may be given: bounds what it takes */

static struct {
    pthread_mutex_t lock; /* held by the encoders that are out */
    size_t used;
    _Alignas(16) char bytes[RESERVE_SIZE];
} reserve = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void *
brotli_alloc(void *user, size_t size)
{
    ch_encoders *encoders = user;
    void *block = encoders->is_out ? NULL : sized_alloc(&encoders->allocator, size);
    if (block)
        return block;
    if (!encoders->is_out)
        pthread_mutex_lock(&reserve.lock);
    encoders->is_out = true;
    if (size > RESERVE_SIZE - 16 - reserve.used)
        return NULL;
    block = reserve.bytes + reserve.used;
    reserve.used += (size + 15) / 16 * 16;
    return block;
}

static void
brotli_free(void *user, void *ptr)
{
    ch_encoders *encoders = user;
    uintptr_t at = (uintptr_t)ptr, start = (uintptr_t)reserve.bytes;
    if (at < start || at >= start + RESERVE_SIZE)
        sized_free(&encoders->allocator, ptr);
}

static void
free_brotli(ch_encoders *encoders)
{
    if (encoders->brotli)
        BrotliEncoderDestroyInstance(encoders->brotli);
    encoders->brotli = NULL;
    if (encoders->is_out) {
        reserve.used = 0;
        encoders->is_out = false;
        pthread_mutex_unlock(&reserve.lock);
    }
}

static kida_status
brotli_failed(ch_encoders *encoders)
{
    free_brotli(encoders);
    return KIDA_E_NOMEM;
}

/* There is no way to use an encoder twice. */
static kida_status
begin_brotli(ch_encoders *encoders, unsigned level, bool is_stream)
{
    free_brotli(encoders);
    BrotliEncoderState *state = BrotliEncoderCreateInstance(brotli_alloc, brotli_free, encoders);
    encoders->brotli = state;
    bool is_set = state && BrotliEncoderSetParameter(state, BROTLI_PARAM_QUALITY, level) &&
                  BrotliEncoderSetParameter(state, BROTLI_PARAM_LGWIN,
                                            is_stream ? STREAM_WINDOW : 18);
    return is_set && !encoders->is_out ? KIDA_OK : brotli_failed(encoders);
}

static kida_status
run_brotli(ch_encoders *encoders, BrotliEncoderOperation how, kida_str bytes, kida_buf *out)
{
    BrotliEncoderState *state = encoders->brotli;
    const uint8_t *in = (const uint8_t *)bytes.ptr;
    size_t left = bytes.len;
    if (!state)
        return KIDA_E_NOMEM;
    do {
        uint8_t piece[PIECE], *at = piece;
        size_t room = sizeof(piece);
        if (!BrotliEncoderCompressStream(state, how, &left, &in, &room, &at, NULL) ||
            encoders->is_out)
            return brotli_failed(encoders);
        kida_buf_put(out, (kida_str){ (const char *)piece, sizeof(piece) - room });
    } while (left > 0 || BrotliEncoderHasMoreOutput(state));
    return kida_buf_status(out);
}

static kida_status
piece_brotli(ch_encoders *encoders, ch_encode_until until, kida_str bytes, kida_buf *out)
{
    BrotliEncoderOperation how = until == CH_ENCODE_END     ? BROTLI_OPERATION_FINISH
                                 : until == CH_ENCODE_FLUSH ? BROTLI_OPERATION_FLUSH
                                                            : BROTLI_OPERATION_PROCESS;
    kida_status st = KIDA_OK;
    while (bytes.len > AT_ONCE && st == KIDA_OK) {
        st = run_brotli(encoders, BROTLI_OPERATION_PROCESS, (kida_str){ bytes.ptr, AT_ONCE }, out);
        bytes.ptr += AT_ONCE;
        bytes.len -= AT_ONCE;
    }
    if (st == KIDA_OK)
        st = run_brotli(encoders, how, bytes, out);
    if (until == CH_ENCODE_END)
        free_brotli(encoders); /* large, and of no further use */
    return st;
}

#else

NO_CODING(brotli)

static void
free_brotli(ch_encoders *encoders)
{
    (void)encoders;
}

#endif

/* ---- zstd ------------------------------------------------------------------------------------ */

#ifdef CHIRP_WITH_ZSTD

static kida_status
begin_zstd(ch_encoders *encoders, unsigned level, bool is_stream)
{
    if (!encoders->zstd)
        encoders->zstd = ZSTD_createCCtx();
    ZSTD_CCtx *context = encoders->zstd;
    if (!context || ZSTD_isError(ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, (int)level)))
        return KIDA_E_NOMEM;
    if (is_stream && ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog,
                                                         STREAM_WINDOW)))
        return KIDA_E_NOMEM;
    return KIDA_OK;
}

static kida_status
piece_zstd(ch_encoders *encoders, ch_encode_until until, kida_str bytes, kida_buf *out)
{
    char piece[PIECE];
    ZSTD_EndDirective how = until == CH_ENCODE_END     ? ZSTD_e_end
                            : until == CH_ENCODE_FLUSH ? ZSTD_e_flush
                                                       : ZSTD_e_continue;
    ZSTD_inBuffer in = { bytes.ptr, bytes.len, 0 };
    size_t left;
    do {
        ZSTD_outBuffer result = { piece, sizeof(piece), 0 };
        left = ZSTD_compressStream2(encoders->zstd, &result, &in, how);
        if (ZSTD_isError(left))
            return KIDA_E_NOMEM;
        kida_buf_put(out, (kida_str){ piece, result.pos });
    } while (until == CH_ENCODE_MORE ? in.pos < in.size : left > 0);
    return kida_buf_status(out);
}

static void
free_zstd(ch_encoders *encoders)
{
    (void)ZSTD_freeCCtx(encoders->zstd);
}

#else

NO_CODING(zstd)

static void
free_zstd(ch_encoders *encoders)
{
    (void)encoders;
}

#endif

/* ---- all ------------------------------------------------------------------------------------- */

ch_encoders *
ch_encoders_new(const kida_allocator *allocator)
{
    ch_encoders *encoders = ch_calloc(allocator, sizeof(*encoders));
    if (encoders)
        encoders->allocator = *allocator;
    return encoders;
}

void
ch_encoders_free(void *ptr)
{
    ch_encoders *encoders = ptr;
    if (!encoders)
        return;
    free_zlib(encoders);
    free_brotli(encoders);
    free_zstd(encoders);
    kida_allocator allocator = encoders->allocator;
    ch_free(&allocator, encoders, sizeof(*encoders));
}

static const struct {
    kida_status (*begin)(ch_encoders *encoders, unsigned level, bool is_stream);
    kida_status (*piece)(ch_encoders *encoders, ch_encode_until until, kida_str bytes,
                         kida_buf *out);
} kinds[] = {
    [CH_CODING_BROTLI] = { begin_brotli, piece_brotli },
    [CH_CODING_ZSTD] = { begin_zstd, piece_zstd },
    [CH_CODING_GZIP] = { begin_gzip, piece_gzip },
};

kida_status
ch_encode_begin(ch_encoders *encoders, ch_coding_kind kind, unsigned level)
{
    return kinds[kind].begin(encoders, level, true);
}

kida_status
ch_encode_piece(ch_encoders *encoders, ch_coding_kind kind, ch_encode_until until, kida_str bytes,
                kida_buf *out)
{
    return kinds[kind].piece(encoders, until, bytes, out);
}

kida_status
ch_encode(ch_encoders *encoders, ch_coding_kind kind, unsigned level, kida_str bytes,
          kida_buf *out)
{
    kida_status st = kinds[kind].begin(encoders, level, false);
    return st == KIDA_OK ? kinds[kind].piece(encoders, CH_ENCODE_END, bytes, out) : st;
}
