/* SPDX-License-Identifier: MIT */
/* fuzz_multipart.c - any bytes as a multipart body: whole or cut anywhere they give the same parts,
 * and what is accepted keeps the limits. */
#include "fuzz.h"

#include "http/multipart.h"

#define PARTS_MAX 20

typedef struct seen {
    uint64_t hash;
    size_t parts;
    size_t ends;
} seen;

static void
mix(seen *to, kida_str text)
{
    for (size_t i = 0; i < text.len; i++)
        to->hash = (to->hash ^ (unsigned char)text.ptr[i]) * 1099511628211u;
}

static kida_status
on_part(void *user, const ch_part *part)
{
    seen *to = user;
    FUZZ_CHECK(to->parts == to->ends && ++to->parts <= PARTS_MAX);
    FUZZ_CHECK(part->name.ptr && part->name.len <= CH_PART_NAME_MAX);
    FUZZ_CHECK(part->filename.len <= CH_PART_FILE_MAX);
    mix(to, part->name);
    mix(to, part->filename);
    mix(to, part->content_type);
    mix(to, KIDA_S(">"));
    return KIDA_OK;
}

static kida_status
on_data(void *user, kida_str piece)
{
    FUZZ_CHECK(piece.len > 0);
    mix(user, piece);
    return KIDA_OK;
}

static kida_status
on_end(void *user)
{
    seen *to = user;
    to->ends++;
    mix(to, KIDA_S(";"));
    return KIDA_OK;
}

/* Feeds pieces of 1 to 9 bytes as seed has it, or everything at once (0). */
static kida_status
run(kida_str text, unsigned seed, seen *to)
{
    static const ch_multipart_calls calls = { on_part, on_data, on_end };
    static ch_multipart m;
    *to = (seen){ .hash = 14695981039346656037u };
    ch_multipart_init(&m, KIDA_S("b"), PARTS_MAX, &calls, to);
    kida_status st = KIDA_OK;
    while (text.len > 0 && st == KIDA_OK) {
        size_t len = seed == 0 ? text.len : 1 + (seed = seed * 1103515245 + 12345) / 65536 % 9;
        if (len > text.len)
            len = text.len;
        st = ch_multipart_feed(&m, (kida_str){ text.ptr, len });
        text.ptr += len;
        text.len -= len;
    }
    st = st == KIDA_OK ? ch_multipart_finish(&m) : st;
    FUZZ_CHECK(st == KIDA_OK || m.problem);
    FUZZ_CHECK(st != KIDA_OK || to->parts == to->ends);
    return st;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    seen whole, cut;
    kida_str text = { (const char *)data, size };
    kida_status first = run(text, 0, &whole);
    kida_status second = run(text, (unsigned)size + 1, &cut);
    FUZZ_CHECK(first == second && whole.parts == cut.parts && whole.ends == cut.ends);
    FUZZ_CHECK(first != KIDA_OK || whole.hash == cut.hash);
    return 0;
}
