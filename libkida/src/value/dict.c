/* SPDX-License-Identifier: MIT */
/* dict.c - insertion-ordered hash tables: dicts, and sets as dicts without items.
 * Entries stand in one array in order; an index of slots is added when there are more than a few.
 * The index holds live entries only: deleting closes the gap in the probe sequence. */
#include "value/dict.h"

#include <string.h>

#include "value/detached.h"
#include "value/ops.h"

#define MIN_ROOM 4
#define MAX_SLOTS 0x7fffffffu /* slots are 32-bit numbers, and the index is twice as long */

/* ---- index ----------------------------------------------------------------------------------- */

static void
index_add(kd_dict *dict, uint32_t hash, size_t slot)
{
    size_t i = hash & dict->mask;
    while (dict->index[i] != 0)
        i = (i + 1) & dict->mask;
    dict->index[i] = (uint32_t)slot + 1;
}

static void
index_fill(kd_dict *dict)
{
    memset(dict->index, 0, (dict->mask + 1) * sizeof(*dict->index));
    for (size_t i = 0; i < dict->used; i++) {
        if (!kd_is_absent(dict->entries[i].key))
            index_add(dict, dict->entries[i].hash, i);
    }
}

/* Takes slot out of the index and moves later members of its probe sequence up. */
static void
index_remove(kd_dict *dict, uint32_t hash, size_t slot)
{
    size_t mask = dict->mask;
    size_t gap = hash & mask;
    while (dict->index[gap] != slot + 1)
        gap = (gap + 1) & mask;
    for (size_t i = (gap + 1) & mask; dict->index[i] != 0; i = (i + 1) & mask) {
        size_t home = dict->entries[dict->index[i] - 1].hash & mask;
        if (((i - home) & mask) >= ((i - gap) & mask)) {
            dict->index[gap] = dict->index[i];
            gap = i;
        }
    }
    dict->index[gap] = 0;
}

/* Makes the index of a dict with room entries: at most half full. */
static bool
index_make(kd_dict *dict, size_t room)
{
    size_t size = 32;
    while (size < room * 2)
        size *= 2;
    uint32_t *index = kd_arena_array(dict->pool, size, sizeof(*index));
    if (index == NULL)
        return false;
    dict->index = index;
    dict->mask = size - 1;
    index_fill(dict);
    return true;
}

/* ---- growing and packing --------------------------------------------------------------------- */

/* Closes the holes that deleted entries left. */
static void
pack(kd_dict *dict)
{
    size_t to = 0;
    for (size_t i = 0; i < dict->used; i++) {
        if (kd_is_absent(dict->entries[i].key))
            continue;
        if (to != i)
            dict->entries[to] = dict->entries[i];
        to++;
    }
    dict->used = to;
    if (dict->index != NULL)
        index_fill(dict);
}

static bool
set_room(kd_dict *dict, size_t room)
{
    size_t bytes;
    if (room > MAX_SLOTS || !kd_size_mul(room, sizeof(kd_entry), &bytes))
        return false;
    kd_entry *entries = dict->entries == NULL
                            ? kd_arena_alloc(dict->pool, bytes)
                            : kd_arena_resize(dict->pool, dict->entries,
                                              dict->room * sizeof(kd_entry), bytes);
    if (entries == NULL)
        return false;
    dict->entries = entries;
    dict->room = room;
    return room <= KD_DICT_SMALL || index_make(dict, room);
}

/* Room for one more entry. */
static bool
make_room(kd_dict *dict)
{
    if (KD_LIKELY(dict->used < dict->room))
        return true;
    if (dict->used - dict->count > dict->used / 4) {
        pack(dict);
        return true;
    }
    return set_room(dict, dict->room == 0 ? MIN_ROOM : dict->room * 2);
}

static bool
append(kd_dict *dict, kida_value key, kida_value item, uint32_t hash)
{
    if (!make_room(dict))
        return false;
    kd_entry *e = &dict->entries[dict->used];
    e->key = key;
    e->item = item;
    e->hash = hash;
    if (dict->index != NULL)
        index_add(dict, hash, dict->used);
    dict->used++;
    dict->count++;
    return true;
}

static kida_value
table_make(kida_pool *pool, size_t room, kida_kind kind, uint64_t flags)
{
    kd_dict *dict = kd_arena_alloc(pool, sizeof(*dict));
    if (dict == NULL)
        return kd_absent();
    *dict = (kd_dict){ .pool = pool, .seed = kd_hash_seed() };
    if (room > 0 && !set_room(dict, room))
        return kd_absent();
    return kd_pointer(kind, dict, 0, flags);
}

kida_value
kd_dict_make(kida_pool *pool, size_t room)
{
    return table_make(pool, room, KIDA_DICT, 0);
}

kida_value
kd_set_make(kida_pool *pool, size_t room, bool frozen)
{
    return table_make(pool, room, KIDA_SET, frozen ? KIDA_FLAG_FROZEN_ : 0);
}

/* ---- looking up ------------------------------------------------------------------------------ */

kd_entry *
kd_dict_find_hashed(const kd_dict *dict, kida_str key, uint32_t hash)
{
    if (KD_LIKELY(dict->index == NULL)) {
        for (size_t i = 0; i < dict->used; i++) {
            if (kd_entry_is(&dict->entries[i], key, hash))
                return &dict->entries[i];
        }
        return NULL;
    }
    for (size_t i = hash & dict->mask; dict->index[i] != 0; i = (i + 1) & dict->mask) {
        kd_entry *e = &dict->entries[dict->index[i] - 1];
        if (kd_entry_is(e, key, hash))
            return e;
    }
    return NULL;
}

static bool
is_small_number(kida_value v)
{
    return kd_is(v, KIDA_INT) || kd_is(v, KIDA_BOOL);
}

/* Whether a key of equal hash is the one sought: itself or equal to it. */
static kida_status
is_key(kida_call *call, kida_value have, kida_value want, bool *out)
{
    if (kd_is(want, KIDA_STRING)) {
        *out = kd_is(have, KIDA_STRING) && kd_str_equal(kida_as_str(have), kida_as_str(want));
        return KIDA_OK;
    }
    if (is_small_number(have) && is_small_number(want)) {
        *out = have.u_.i == want.u_.i;
        return KIDA_OK;
    }
    if (kd_identical(have, want)) {
        *out = true;
        return KIDA_OK;
    }
    return kd_equal(call, have, want, out);
}

static kida_status
find_value(kida_call *call, const kd_dict *dict, kida_value key, uint32_t hash, kd_entry **out)
{
    size_t count = dict->index == NULL ? dict->used : dict->mask + 1;
    size_t at = dict->index == NULL ? 0 : hash & dict->mask;
    *out = NULL;
    for (size_t n = 0; n < count; n++) {
        kd_entry *e;
        if (dict->index == NULL) {
            e = &dict->entries[n];
        } else {
            if (dict->index[at] == 0)
                return KIDA_OK;
            e = &dict->entries[dict->index[at] - 1];
            at = (at + 1) & dict->mask;
        }
        if (e->hash != hash || kd_is_absent(e->key))
            continue;
        bool same = false;
        kida_status st = is_key(call, e->key, key, &same);
        if (st != KIDA_OK)
            return st;
        if (same) {
            *out = e;
            return KIDA_OK;
        }
    }
    return KIDA_OK;
}

/* For hosts, who have no call: comparing keys of the rarer kinds wants one. */
static __attribute__((noinline)) kida_status
find_detached(const kd_dict *dict, kida_value key, uint32_t hash, kd_entry **out)
{
    kd_detached d;
    return find_value(kd_detach(&d, dict->pool), dict, key, hash, out);
}

kida_status
kd_dict_find_value(kida_call *call, const kd_dict *dict, kida_value key, uint32_t hash,
                   kd_entry **out)
{
    if (kd_is(key, KIDA_STRING)) {
        *out = kd_dict_find_hashed(dict, kida_as_str(key), hash);
        return KIDA_OK;
    }
    return call != NULL ? find_value(call, dict, key, hash, out)
                        : find_detached(dict, key, hash, out);
}

kida_status
kd_dict_find(kida_call *call, const kd_dict *dict, kida_value key, kd_entry **out)
{
    uint32_t hash;
    kida_status st = kd_hash(call, key, dict->seed, &hash, 0);
    return st != KIDA_OK ? st : kd_dict_find_value(call, dict, key, hash, out);
}

/* ---- changing -------------------------------------------------------------------------------- */

kida_status
kd_dict_put_hashed(kida_call *call, kd_dict *dict, kida_value key, kida_value item, uint32_t hash)
{
    kd_entry *e;
    kida_status st = kd_dict_find_value(call, dict, key, hash, &e);
    if (st != KIDA_OK)
        return st;
    if (e != NULL) {
        e->item = item;
        return KIDA_OK;
    }
    if (append(dict, key, item, hash))
        return KIDA_OK;
    return call != NULL ? kd_fail_memory(call) : KIDA_E_NOMEM;
}

kida_status
kd_dict_put(kida_call *call, kd_dict *dict, kida_value key, kida_value item)
{
    uint32_t hash;
    kida_status st = kd_hash(call, key, dict->seed, &hash, 0);
    return st != KIDA_OK ? st : kd_dict_put_hashed(call, dict, key, item, hash);
}

bool
kd_dict_put_str(kd_dict *dict, kida_str key, kida_value item)
{
    uint32_t hash = kd_hash_bytes(key.ptr, key.len, dict->seed);
    kd_entry *e = kd_dict_find_hashed(dict, key, hash);
    if (e != NULL) {
        e->item = item;
        return true;
    }
    return append(dict, kida_string(key), item, hash);
}

void
kd_dict_drop(kd_dict *dict, kd_entry *entry)
{
    size_t slot = (size_t)(entry - dict->entries);
    if (dict->index != NULL)
        index_remove(dict, entry->hash, slot);
    entry->key = kd_absent();
    entry->item = kd_absent();
    entry->hash = 0;
    dict->count--;
    while (dict->used > 0 && kd_is_absent(dict->entries[dict->used - 1].key))
        dict->used--;
}

kida_status
kd_dict_delete(kida_call *call, kd_dict *dict, kida_value key, kida_value *old)
{
    kd_entry *e;
    kida_status st = kd_dict_find(call, dict, key, &e);
    if (st != KIDA_OK)
        return st;
    *old = kd_absent();
    if (e != NULL) {
        /* a member of a set has no item: it stands for itself */
        *old = kd_is_absent(e->item) ? e->key : e->item;
        kd_dict_drop(dict, e);
    }
    return KIDA_OK;
}

void
kd_dict_clear(kd_dict *dict)
{
    dict->used = 0;
    dict->count = 0;
    if (dict->index != NULL)
        index_fill(dict);
}

kd_entry *
kd_dict_entry_at(const kd_dict *dict, size_t *at)
{
    while (*at < dict->used) {
        kd_entry *e = &dict->entries[(*at)++];
        if (!kd_is_absent(e->key))
            return e;
    }
    return NULL;
}

kida_status
kd_dict_merge(kida_call *call, kd_dict *dict, const kd_dict *from)
{
    kida_status st = kida_spend(call, from->count);
    size_t at = 0;
    for (kd_entry *e; st == KIDA_OK && (e = kd_dict_entry_at(from, &at)) != NULL;)
        st = kd_dict_put_hashed(call, dict, e->key, e->item, e->hash);
    return st;
}

/* ---- public ---------------------------------------------------------------------------------- */

kida_status
kida_dict_new(kida_pool *pool, size_t capacity, kida_value *out)
{
    if (pool == NULL)
        return KIDA_E_NOMEM;
    kida_value dict = kd_dict_make(pool, capacity);
    if (kd_is_absent(dict))
        return KIDA_E_NOMEM;
    *out = dict;
    return KIDA_OK;
}

kida_status
kida_set_new(kida_pool *pool, size_t capacity, kida_value *out)
{
    if (pool == NULL)
        return KIDA_E_NOMEM;
    kida_value set = kd_set_make(pool, capacity, false);
    if (kd_is_absent(set))
        return KIDA_E_NOMEM;
    *out = set;
    return KIDA_OK;
}

/* For bodies of filters: a wrong kind of container is their mistake, not the template's. */
static kida_status
put_reported(kida_call *call, kida_value table, kida_kind kind, kida_value key, kida_value item)
{
    if (!kd_is(table, kind) || kd_is_absent(key))
        return kida_fail(call, KIDA_E_USAGE, "the container to fill is of another kind");
    kd_dict *dict = kd_dict_of(table);
    kida_status st = kd_check_mutable(call, dict->pool, "put");
    return st == KIDA_OK ? kd_dict_put(call, dict, key, item) : st;
}

kida_status
kida_dict_put(kida_call *call, kida_value dict, kida_value key, kida_value item)
{
    return put_reported(call, dict, KIDA_DICT, key, item);
}

kida_status
kida_set_put(kida_call *call, kida_value set, kida_value member)
{
    return put_reported(call, set, KIDA_SET, member, kd_absent());
}

kida_status
kida_dict_find(kida_call *call, kida_value dict, kida_value key, kida_value *out)
{
    kd_entry *e = NULL;
    kida_status st = KIDA_OK;
    if (kd_is(dict, KIDA_DICT))
        st = kd_dict_find(call, kd_dict_of(dict), key, &e);
    *out = e != NULL ? e->item : kd_absent();
    return st;
}

kida_status
kida_dict_set(kida_value dict, kida_value key, kida_value item)
{
    if (!kd_is(dict, KIDA_DICT) || kd_dict_of(dict)->pool->sealed || kd_is_absent(key))
        return KIDA_E_USAGE;
    return kd_dict_put(NULL, kd_dict_of(dict), key, item);
}

kida_value
kida_dict_get(kida_value dict, kida_str key)
{
    if (!kd_is(dict, KIDA_DICT))
        return kd_absent();
    const kd_dict *d = kd_dict_of(dict);
    kd_entry *e = kd_dict_find_hashed(d, key, kd_hash_bytes(key.ptr, key.len, d->seed));
    return e != NULL ? e->item : kd_absent();
}

bool
kida_dict_entry(kida_value dict, size_t index, kida_value *key, kida_value *item)
{
    if (!kd_is(dict, KIDA_DICT))
        return false;
    const kd_dict *d = kd_dict_of(dict);
    if (index >= d->count)
        return false;
    kd_entry *e = NULL;
    if (d->count == d->used) { /* no holes: the usual case */
        e = &d->entries[index];
    } else {
        size_t at = 0;
        for (size_t n = 0; n <= index; n++)
            e = kd_dict_entry_at(d, &at);
    }
    *key = e->key;
    *item = e->item;
    return true;
}
