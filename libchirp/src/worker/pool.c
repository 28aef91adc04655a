/* SPDX-License-Identifier: MIT */
/* pool.c - output buffers and renderers, lent to requests. */
#include "pool.h"

#include "config/alloc.h"

#define BUFFER_MAX ((size_t)80 << 20) /* beyond any output limit of a render */
#define BUFFER_KEEP ((size_t)128 << 10)
#define BUFFERS_IDLE_MAX 64
#define RENDERERS_IDLE_MAX 16

/* ---- buffers ------------------------------------------------------------------------------- */

void
ch_buffer_pool_init(ch_buffer_pool *pool, const kida_allocator *allocator)
{
    *pool = (ch_buffer_pool){ .allocator = *allocator };
}

static void
free_buffer(ch_buffer_pool *pool, ch_buffer *buffer)
{
    kida_buf_free(&buffer->text);
    ch_free(&pool->allocator, buffer, sizeof(*buffer));
}

void
ch_buffer_pool_clear(ch_buffer_pool *pool)
{
    while (pool->idle) {
        ch_buffer *buffer = pool->idle;
        pool->idle = buffer->next;
        free_buffer(pool, buffer);
    }
    pool->idle_count = 0;
}

ch_buffer *
ch_buffer_take(ch_buffer_pool *pool)
{
    ch_buffer *buffer = pool->idle;
    if (buffer) {
        pool->idle = buffer->next;
        pool->idle_count--;
        return buffer;
    }
    buffer = ch_calloc(&pool->allocator, sizeof(*buffer));
    if (buffer)
        kida_buf_init_heap(&buffer->text, &pool->allocator, BUFFER_MAX);
    return buffer;
}

/* The public interface has no call for this yet: the two members are set by hand here only. */
void
ch_buffer_cut(ch_buffer *buffer, size_t len)
{
    if (len < buffer->text.len_)
        buffer->text.len_ = len;
    buffer->text.status_ = KIDA_OK;
}

char *
ch_buffer_room(ch_buffer *buffer, size_t len)
{
    size_t before = kida_buf_str(&buffer->text).len;
    kida_buf_fill(&buffer->text, 0, len);
    if (kida_buf_status(&buffer->text) != KIDA_OK) {
        ch_buffer_cut(buffer, before);
        return NULL;
    }
    return (char *)(uintptr_t)kida_buf_str(&buffer->text).ptr + before;
}

void
ch_buffer_rewind(ch_buffer *buffer)
{
    ch_buffer_cut(buffer, 0);
}

void
ch_buffer_give(ch_buffer_pool *pool, ch_buffer *buffer)
{
    if (!buffer)
        return;
    if (pool->idle_count >= BUFFERS_IDLE_MAX || buffer->text.room_ > BUFFER_KEEP) {
        free_buffer(pool, buffer);
        return;
    }
    ch_buffer_rewind(buffer);
    buffer->next = pool->idle;
    pool->idle = buffer;
    pool->idle_count++;
}

/* ---- renderers ----------------------------------------------------------------------------- */

void
ch_renderer_pool_init(ch_renderer_pool *pool, const kida_allocator *allocator)
{
    *pool = (ch_renderer_pool){ .allocator = *allocator };
}

static void
free_renderer(ch_renderer_pool *pool, ch_renderer *renderer)
{
    kida_renderer_free(renderer->renderer);
    ch_free(&pool->allocator, renderer, sizeof(*renderer));
}

void
ch_renderer_pool_clear(ch_renderer_pool *pool)
{
    while (pool->idle) {
        ch_renderer *renderer = pool->idle;
        pool->idle = renderer->next;
        free_renderer(pool, renderer);
    }
    pool->idle_count = 0;
}

ch_renderer *
ch_renderer_take(ch_renderer_pool *pool, kida_env *env)
{
    ch_renderer *renderer = pool->idle;
    if (renderer) {
        pool->idle = renderer->next;
        pool->idle_count--;
        return renderer;
    }
    renderer = ch_calloc(&pool->allocator, sizeof(*renderer));
    if (!renderer)
        return NULL;
    renderer->renderer = kida_renderer_new(env);
    if (!renderer->renderer) {
        ch_free(&pool->allocator, renderer, sizeof(*renderer));
        return NULL;
    }
    return renderer;
}

void
ch_renderer_give(ch_renderer_pool *pool, ch_renderer *renderer)
{
    if (!renderer)
        return;
    if (pool->idle_count >= RENDERERS_IDLE_MAX) {
        free_renderer(pool, renderer);
        return;
    }
    renderer->next = pool->idle;
    pool->idle = renderer;
    pool->idle_count++;
}
