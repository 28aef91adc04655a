/* SPDX-License-Identifier: MIT */
/* codings.c - the one user of the compression libraries. Their memory comes from the app's
 * allocator where they let us. */
#include "codings.h"

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

struct ch_encoders {
    kida_allocator allocator;
    void *zlib; /* z_stream */
    void *zstd; /* ZSTD_CCtx */
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

/* The stream, ready for a new text; NULL when out of memory. */
static z_stream *
zlib_stream(ch_encoders *encoders, unsigned level)
{
    z_stream *stream = encoders->zlib;
    if (stream && encoders->zlib_level == level)
        return deflateReset(stream) == Z_OK ? stream : NULL;
    if (stream)
        return NULL;
    stream = ch_calloc(&encoders->allocator, sizeof(*stream));
    if (!stream)
        return NULL;
    stream->zalloc = zlib_alloc;
    stream->zfree = zlib_free;
    stream->opaque = &encoders->allocator;
    if (deflateInit2(stream, (int)level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        ch_free(&encoders->allocator, stream, sizeof(*stream));
        return NULL;
    }
    encoders->zlib = stream;
    encoders->zlib_level = level;
    return stream;
}

static kida_status
encode_gzip(ch_encoders *encoders, unsigned level, kida_str bytes, kida_buf *out)
{
    z_stream *stream = zlib_stream(encoders, level);
    if (!stream || bytes.len > UINT32_MAX)
        return KIDA_E_NOMEM;
    unsigned char piece[PIECE];
    stream->next_in = (const unsigned char *)bytes.ptr;
    stream->avail_in = (uInt)bytes.len;
    int st = Z_OK;
    while (st == Z_OK) {
        stream->next_out = piece;
        stream->avail_out = (uInt)sizeof(piece);
        st = deflate(stream, Z_FINISH);
        kida_buf_put(out, (kida_str){ (const char *)piece, sizeof(piece) - stream->avail_out });
    }
    return st == Z_STREAM_END ? kida_buf_status(out) : KIDA_E_NOMEM;
}

static void
free_zlib(ch_encoders *encoders)
{
    if (encoders->zlib)
        (void)deflateEnd(encoders->zlib);
    ch_free(&encoders->allocator, encoders->zlib, sizeof(z_stream));
}

#else

static kida_status
encode_gzip(ch_encoders *encoders, unsigned level, kida_str bytes, kida_buf *out)
{
    (void)encoders, (void)level, (void)bytes, (void)out;
    return KIDA_E_UNSUPPORTED;
}

static void
free_zlib(ch_encoders *encoders)
{
    (void)encoders;
}

#endif

/* ---- brotli ---------------------------------------------------------------------------------- */

#ifdef CHIRP_WITH_BROTLI

static void *
brotli_alloc(void *user, size_t size)
{
    return sized_alloc(user, size);
}

static void
brotli_free(void *user, void *ptr)
{
    sized_free(user, ptr);
}

static kida_status
run_brotli(BrotliEncoderState *state, kida_str bytes, kida_buf *out)
{
    const uint8_t *in = (const uint8_t *)bytes.ptr;
    size_t left = bytes.len;
    while (!BrotliEncoderIsFinished(state)) {
        uint8_t piece[PIECE], *at = piece;
        size_t room = sizeof(piece);
        if (!BrotliEncoderCompressStream(state, BROTLI_OPERATION_FINISH, &left, &in, &room, &at,
                                         NULL))
            return KIDA_E_NOMEM;
        kida_buf_put(out, (kida_str){ (const char *)piece, sizeof(piece) - room });
    }
    return kida_buf_status(out);
}

/* There is no way to use an encoder twice. */
static kida_status
encode_brotli(ch_encoders *encoders, unsigned level, kida_str bytes, kida_buf *out)
{
    BrotliEncoderState *state = BrotliEncoderCreateInstance(brotli_alloc, brotli_free,
                                                            &encoders->allocator);
    if (!state)
        return KIDA_E_NOMEM;
    kida_status st = KIDA_E_NOMEM;
    uint32_t hint = bytes.len < UINT32_MAX ? (uint32_t)bytes.len : UINT32_MAX;
    if (BrotliEncoderSetParameter(state, BROTLI_PARAM_QUALITY, level) &&
        BrotliEncoderSetParameter(state, BROTLI_PARAM_LGWIN, 18) &&
        BrotliEncoderSetParameter(state, BROTLI_PARAM_SIZE_HINT, hint))
        st = run_brotli(state, bytes, out);
    BrotliEncoderDestroyInstance(state);
    return st;
}

#else

static kida_status
encode_brotli(ch_encoders *encoders, unsigned level, kida_str bytes, kida_buf *out)
{
    (void)encoders, (void)level, (void)bytes, (void)out;
    return KIDA_E_UNSUPPORTED;
}

#endif

/* ---- zstd ------------------------------------------------------------------------------------ */

#ifdef CHIRP_WITH_ZSTD

static kida_status
encode_zstd(ch_encoders *encoders, unsigned level, kida_str bytes, kida_buf *out)
{
    if (!encoders->zstd)
        encoders->zstd = ZSTD_createCCtx();
    ZSTD_CCtx *context = encoders->zstd;
    if (!context || ZSTD_isError(ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, (int)level)))
        return KIDA_E_NOMEM;
    char piece[PIECE];
    ZSTD_inBuffer in = { bytes.ptr, bytes.len, 0 };
    size_t left = 1;
    while (left > 0) {
        ZSTD_outBuffer result = { piece, sizeof(piece), 0 };
        left = ZSTD_compressStream2(context, &result, &in, ZSTD_e_end);
        if (ZSTD_isError(left))
            return KIDA_E_NOMEM;
        kida_buf_put(out, (kida_str){ piece, result.pos });
    }
    return kida_buf_status(out);
}

static void
free_zstd(ch_encoders *encoders)
{
    (void)ZSTD_freeCCtx(encoders->zstd);
}

#else

static kida_status
encode_zstd(ch_encoders *encoders, unsigned level, kida_str bytes, kida_buf *out)
{
    (void)encoders, (void)level, (void)bytes, (void)out;
    return KIDA_E_UNSUPPORTED;
}

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
    free_zstd(encoders);
    kida_allocator allocator = encoders->allocator;
    ch_free(&allocator, encoders, sizeof(*encoders));
}

kida_status
ch_encode(ch_encoders *encoders, ch_coding_kind kind, unsigned level, kida_str bytes,
          kida_buf *out)
{
    if (kind == CH_CODING_BROTLI)
        return encode_brotli(encoders, level, bytes, out);
    return kind == CH_CODING_ZSTD ? encode_zstd(encoders, level, bytes, out)
                                  : encode_gzip(encoders, level, bytes, out);
}
