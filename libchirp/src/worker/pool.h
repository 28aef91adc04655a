/* SPDX-License-Identifier: MIT */
/* pool.h - things of one worker that requests borrow: output buffers and renderers. */
#ifndef CH_WORKER_POOL_H
#define CH_WORKER_POOL_H

#include <kida/kida.h>

/* A growing text from the pool. */
typedef struct ch_buffer {
    kida_buf text;
    struct ch_buffer *next;
} ch_buffer;

typedef struct ch_buffer_pool {
    kida_allocator allocator;
    ch_buffer *idle;
    size_t idle_count;
} ch_buffer_pool;

void ch_buffer_pool_init(ch_buffer_pool *pool, const kida_allocator *allocator);
void ch_buffer_pool_clear(ch_buffer_pool *pool);

/* An empty buffer; NULL when out of memory. */
ch_buffer *ch_buffer_take(ch_buffer_pool *pool);

/* Back to the pool; large ones give their memory back. NULL is fine. */
void ch_buffer_give(ch_buffer_pool *pool, ch_buffer *buffer);

/* Forgets what is in it and keeps the memory. */
void ch_buffer_rewind(ch_buffer *buffer);

/* Cuts the text back to len bytes. */
void ch_buffer_cut(ch_buffer *buffer, size_t len);

/* Adds len bytes at the end, to be overwritten by the caller; NULL when out of memory. */
char *ch_buffer_room(ch_buffer *buffer, size_t len);

typedef struct ch_renderer {
    kida_renderer *renderer;
    struct ch_renderer *next;
} ch_renderer;

typedef struct ch_renderer_pool {
    kida_allocator allocator;
    ch_renderer *idle;
    size_t idle_count;
} ch_renderer_pool;

void ch_renderer_pool_init(ch_renderer_pool *pool, const kida_allocator *allocator);
void ch_renderer_pool_clear(ch_renderer_pool *pool);

/* A renderer that nobody else uses until it is given back; NULL when out of memory. */
ch_renderer *ch_renderer_take(ch_renderer_pool *pool, kida_env *env);
void ch_renderer_give(ch_renderer_pool *pool, ch_renderer *renderer);

#endif
