/* SPDX-License-Identifier: MIT */
/*
 * fuzz_multipart.c - forms with files, whole or cut anywhere, give the same parts and the same
 * refusal; a boundary that a Content-Type names has only bytes that may stand in one.
 *
 * Input: a byte that seeds the cuts, a Content-Type up to a byte 0, then the body.
 */
#include "values.h"

#include "http/multipart.h"

typedef struct seen {
    uint64_t hash;
    size_t parts, ended, bytes;
} seen;

static void
mix(seen *s, kida_str text, bool with_length)
{
    for (size_t i = 0; i < text.len; i++)
        s->hash = (s->hash ^ (unsigned char)text.ptr[i]) * 0x100000001b3u;
    if (with_length)
        s->hash = (s->hash ^ text.len) * 0x100000001b3u;
}

static kida_status
on_part(void *user, const ch_part *part)
{
    seen *s = user;
    FUZZ_CHECK(s->parts == s->ended && part->name.len <= CH_PART_NAME_MAX);
    FUZZ_CHECK(part->filename.ptr == NULL || part->filename.len <= CH_PART_FILE_MAX);
    s->parts++;
    mix(s, part->name, true);
    mix(s, part->filename, true);
    mix(s, part->content_type, true);
    return KIDA_OK;
}

static kida_status
on_data(void *user, kida_str piece)
{
    seen *s = user;
    FUZZ_CHECK(s->parts == s->ended + 1 && piece.len > 0);
    s->bytes += piece.len;
    mix(s, piece, false);
    return KIDA_OK;
}

static kida_status
on_end(void *user)
{
    seen *s = user;
    s->ended++;
    return KIDA_OK;
}

static kida_status
run(kida_str boundary, kida_str body, unsigned seed, seen *s)
{
    static const ch_multipart_calls calls = { on_part, on_data, on_end };
    static ch_multipart m; /* large; every run begins with init */
    kida_status st = KIDA_OK;
    *s = (seen){ 1, 0, 0, 0 };
    ch_multipart_init(&m, boundary, 4, &calls, s);
    for (size_t at = 0; at < body.len && st == KIDA_OK;) {
        size_t piece = seed == 0 ? body.len : seed % 7 + 1;
        piece = piece > body.len - at ? body.len - at : piece;
        st = ch_multipart_feed(&m, (kida_str){ body.ptr + at, piece });
        at += piece;
        seed = seed * 1103515245u % 2147483647u;
    }
    st = st == KIDA_OK ? ch_multipart_finish(&m) : st;
    FUZZ_CHECK(st == KIDA_OK || m.problem != NULL);
    FUZZ_CHECK(st != KIDA_OK || s->parts == s->ended);
    return st;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = { data, size };
    unsigned cuts = fuzz_byte(&in) + 1u;
    kida_str type = fuzz_until(&in, 0), boundary = KIDA_S("B"), named;
    if (ch_multipart_boundary(type, &named) == KIDA_OK) {
        FUZZ_CHECK(named.len > 0 && named.len <= CH_BOUNDARY_MAX);
        FUZZ_CHECK(!fuzz_holds(named, "\r") && !fuzz_holds(named, "\n"));
        boundary = named;
    }
    seen whole, cut;
    kida_str body = { (const char *)in.data, in.size };
    kida_status a = run(boundary, body, 0, &whole), b = run(boundary, body, cuts, &cut);
    FUZZ_CHECK(a == b && whole.parts == cut.parts && whole.ended == cut.ended);
    FUZZ_CHECK(whole.bytes == cut.bytes && whole.hash == cut.hash);
    return 0;
}
