/* SPDX-License-Identifier: MIT */
/* buf.c - growing text in the pool of a render or in memory of its own; the first failure stays. */
#include <stdio.h>
#include <string.h>

#include "memory/alloc.h"
#include "memory/num.h"
#include "value/ops.h"

#define FIRST_ROOM 64
/* Escaping reserves the worst case, six bytes for one, so long text is escaped piece by piece. */
#define HTML_PIECE ((size_t)8 << 10)
/* Room may pass the maximum of the text by this much, for such worst cases. */
#define SLACK ((size_t)64 << 10)

void
kida_buf_init(kida_buf *buf, kida_call *call)
{
    memset(buf, 0, sizeof(*buf));
    buf->call_ = call;
    buf->pool_ = call->rt->pool;
    buf->max_ = call->rt->max_text ? call->rt->max_text : SIZE_MAX / 4;
}

void
kida_buf_init_heap(kida_buf *buf, const kida_allocator *allocator, size_t max)
{
    memset(buf, 0, sizeof(*buf));
    buf->allocator_ = kd_allocator_or_default(allocator);
    buf->max_ = max && max < SIZE_MAX / 4 ? max : SIZE_MAX / 4;
}

void
kida_buf_free(kida_buf *buf)
{
    if (!buf->pool_ && buf->allocator_.alloc)
        kd_free(&buf->allocator_, buf->data_, buf->room_);
    buf->data_ = NULL;
    buf->len_ = 0;
    buf->room_ = 0;
}

static void
fail_full(kida_buf *buf)
{
    buf->status_ = buf->call_ ? kd_fail_size(buf->call_) : KIDA_E_LIMIT_OUTPUT;
}

static void
fail_memory(kida_buf *buf)
{
    buf->status_ = buf->call_ ? kd_fail_memory(buf->call_) : KIDA_E_NOMEM;
}

/* More room than there is: at least need bytes behind what was put. */
static bool
grow(kida_buf *buf, size_t need)
{
    size_t wanted;
    if (buf->status_ != KIDA_OK)
        return false;
    if (!kd_size_add(buf->len_, need, &wanted) || wanted > buf->max_ + SLACK) {
        fail_full(buf);
        return false;
    }
    size_t room = buf->room_ < FIRST_ROOM / 2 ? FIRST_ROOM : buf->room_ * 2;
    if (room < wanted)
        room = wanted;
    void *data = buf->pool_ ? kd_arena_resize(buf->pool_, buf->data_, buf->room_, room)
                            : kd_realloc(&buf->allocator_, buf->data_, buf->room_, room);
    if (!data) {
        fail_memory(buf);
        return false;
    }
    buf->data_ = data;
    buf->room_ = room;
    return true;
}

/* Place for need more bytes (not 0); NULL after a failure. Room may pass the maximum. */
KD_INLINE char *
reserve(kida_buf *buf, size_t need)
{
    if (KD_UNLIKELY(buf->room_ - buf->len_ < need) && !grow(buf, need))
        return NULL;
    return buf->data_ + buf->len_;
}

KD_INLINE void
advance(kida_buf *buf, size_t len)
{
    if (KD_UNLIKELY(len > buf->max_ - buf->len_)) {
        if (buf->status_ == KIDA_OK)
            fail_full(buf);
        return;
    }
    buf->len_ += len;
}

/* Fails early, before memory is taken, when len more bytes would be too many. */
KD_INLINE bool
may_take(kida_buf *buf, uint64_t len)
{
    if (KD_UNLIKELY(buf->status_ != KIDA_OK))
        return false;
    if (KD_UNLIKELY(len > buf->max_ - buf->len_)) {
        fail_full(buf);
        return false;
    }
    return true;
}

char *
kd_buf_extend(kida_buf *buf, size_t len)
{
    char *at = len && may_take(buf, len) ? reserve(buf, len) : NULL;
    if (at)
        buf->len_ += len;
    return at;
}

void
kida_buf_put(kida_buf *buf, kida_str text)
{
    char *at = kd_buf_extend(buf, text.len);
    if (at)
        memcpy(at, text.ptr, text.len);
}

void
kida_buf_byte(kida_buf *buf, char byte)
{
    char *at = may_take(buf, 1) ? reserve(buf, 1) : NULL;
    if (at) {
        *at = byte;
        buf->len_++;
    }
}

void
kida_buf_fill(kida_buf *buf, char byte, uint64_t count)
{
    char *at = count && may_take(buf, count) ? reserve(buf, (size_t)count) : NULL;
    if (at) {
        memset(at, byte, (size_t)count);
        buf->len_ += (size_t)count;
    }
}

void
kida_buf_code_point(kida_buf *buf, uint32_t code_point)
{
    char *at = may_take(buf, 1) ? reserve(buf, 4) : NULL;
    if (at)
        advance(buf, kd_utf8_put(at, code_point));
}

void
kida_buf_int(kida_buf *buf, int64_t number)
{
    char *at = may_take(buf, 1) ? reserve(buf, KD_INT_TEXT_MAX) : NULL;
    if (at)
        advance(buf, kd_int_text(number, at));
}

void
kida_buf_html(kida_buf *buf, kida_str text)
{
    while (text.len > 0) {
        kida_str piece = text;
        if (piece.len > HTML_PIECE)
            piece.len = HTML_PIECE;
        char *at = may_take(buf, 0) ? reserve(buf, kd_escape_size(piece) + 32) : NULL;
        if (!at)
            return;
        advance(buf, kd_escape_html(at, piece));
        text.ptr += piece.len;
        text.len -= piece.len;
    }
}

void
kida_buf_format(kida_buf *buf, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    char small[256];
    int len = vsnprintf(small, sizeof(small), format, args);
    va_end(args);
    if (len >= 0 && (size_t)len < sizeof(small)) {
        kida_buf_put(buf, (kida_str){ small, (size_t)len });
    } else if (len >= 0 && may_take(buf, (uint64_t)len)) {
        char *at = reserve(buf, (size_t)len + 1);
        if (at) {
            (void)vsnprintf(at, (size_t)len + 1, format, again);
            buf->len_ += (size_t)len;
        }
    }
    va_end(again);
}

void
kida_buf_value(kida_buf *buf, kida_value v)
{
    if (!buf->call_) {
        if (buf->status_ == KIDA_OK)
            buf->status_ = KIDA_E_USAGE;
        return;
    }
    if (buf->status_ != KIDA_OK)
        return;
    kida_status st = kd_append_str(buf->call_, buf, v);
    if (st != KIDA_OK && buf->status_ == KIDA_OK)
        buf->status_ = st;
}

kida_str
kida_buf_str(const kida_buf *buf)
{
    kida_str text = { buf->data_ ? buf->data_ : "", buf->len_ };
    return text;
}

kida_status
kida_buf_finish(kida_buf *buf, kida_value *out)
{
    if (buf->status_ == KIDA_OK)
        *out = kida_string(kida_buf_str(buf));
    return buf->status_;
}

kida_status
kida_buf_finish_safe(kida_buf *buf, kida_value *out)
{
    if (buf->status_ == KIDA_OK)
        *out = kida_safe(kida_buf_str(buf));
    return buf->status_;
}

kida_status
kida_buf_status(const kida_buf *buf)
{
    return buf->status_;
}
