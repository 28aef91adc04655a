/* SPDX-License-Identifier: MIT */
/* bus.c - changes as events of a hub: the origin and each path are a line of the data. */
#include <chirp/reactive.h>

#include "config/alloc.h"
#include "config/text.h"
#include "sse.h"

#define CHANGE_MAX ((size_t)1 << 20)

struct chirp_bus {
    kida_allocator allocator;
    chirp_hub *hub;
};

/* Lives in the memory of its request. */
struct chirp_listener {
    chirp_subscription *subscription;
    chirp_change change;              /* handed out last */
    kida_str paths[CHIRP_PATHS_MAX];
};

chirp_bus *
chirp_bus_new(const kida_allocator *allocator)
{
    static const kida_allocator plain = { 0 };
    chirp_hub_options options = { .slow = CHIRP_SLOW_SKIP };
    options.allocator = allocator ? *allocator : plain;
    chirp_bus *bus = ch_calloc(&options.allocator, sizeof(*bus));
    if (!bus)
        return NULL;
    bus->allocator = options.allocator;
    bus->hub = chirp_hub_new(&options);
    if (bus->hub)
        return bus;
    ch_free(&options.allocator, bus, sizeof(*bus));
    return NULL;
}

void
chirp_bus_free(chirp_bus *bus)
{
    if (!bus)
        return;
    chirp_hub_free(bus->hub);
    kida_allocator allocator = bus->allocator;
    ch_free(&allocator, bus, sizeof(*bus));
}

static bool
is_one_line(kida_str text)
{
    return ch_str_find(text, '\n', 0) == text.len && ch_str_find(text, '\r', 0) == text.len;
}

kida_status
chirp_bus_emit(chirp_bus *bus, const chirp_change *change)
{
    bool fits = change->path_count <= CHIRP_PATHS_MAX && is_one_line(change->origin);
    for (size_t i = 0; fits && i < change->path_count; i++)
        fits = is_one_line(change->paths[i]);
    if (!fits)
        return KIDA_E_USAGE;
    kida_buf text;
    kida_buf_init_heap(&text, &bus->allocator, CHANGE_MAX);
    kida_buf_put(&text, change->origin);
    for (size_t i = 0; i < change->path_count; i++) {
        kida_buf_byte(&text, '\n');
        kida_buf_put(&text, change->paths[i]);
    }
    kida_status st = kida_buf_status(&text);
    chirp_event event = { .data = kida_buf_str(&text) };
    if (st == KIDA_OK)
        st = chirp_hub_publish(bus->hub, change->scope, &event);
    kida_buf_free(&text);
    return st;
}

kida_status
chirp_bus_close(chirp_bus *bus, kida_str scope)
{
    return chirp_hub_close(bus->hub, scope);
}

size_t
chirp_bus_count(chirp_bus *bus)
{
    return chirp_hub_count(bus->hub);
}

chirp_listener *
chirp_bus_join(chirp_request *req, chirp_bus *bus, kida_str scope)
{
    chirp_listener *listener = chirp_alloc(req, sizeof(*listener));
    if (!listener)
        return NULL;
    listener->subscription = chirp_hub_join(req, bus->hub, scope);
    return listener->subscription ? listener : NULL;
}

void
chirp_bus_leave(chirp_listener *listener)
{
    if (listener)
        chirp_hub_leave(listener->subscription);
}

kida_status
chirp_bus_next(chirp_listener *listener, const chirp_change **change)
{
    const chirp_event *event;
    kida_status st = chirp_hub_next(listener->subscription, &event);
    if (st != KIDA_OK)
        return st;
    kida_str text = event->data;
    size_t end = ch_str_find(text, '\n', 0);
    chirp_change *made = &listener->change;
    *made = (chirp_change){ .scope = ch_hub_topic(listener->subscription),
                            .paths = listener->paths, .origin = ch_str_slice(text, 0, end) };
    while (end < text.len && made->path_count < CHIRP_PATHS_MAX) {
        size_t start = end + 1;
        end = ch_str_find(text, '\n', start);
        listener->paths[made->path_count++] = ch_str_slice(text, start, end);
    }
    *change = made;
    return KIDA_OK;
}
