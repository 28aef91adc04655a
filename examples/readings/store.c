/* SPDX-License-Identifier: MIT */
/* store.c - shared state the way every application should hold it: work out the new value from a
 * copy, without the lock, then take the lock only to store it. */
#include "store.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct store {
    pthread_mutex_t lock;
    sensor sensors[STORE_SENSORS]; /* guarded by lock */
};

/* ---- how templates and JSON see them ------------------------------------------------------- */

static const kida_field point_fields[] = {
    KIDA_DOUBLE_FIELD(point, value),
    KIDA_INT_FIELD(point, at),
    KIDA_FIELDS_END,
};
const kida_struct point_type = { "point", sizeof(point), point_fields, NULL };

static const kida_field sensor_fields[] = {
    KIDA_INT_FIELD(sensor, id),
    KIDA_CSTRING_FIELD(sensor, name),
    KIDA_CSTRING_FIELD(sensor, place),
    KIDA_CSTRING_FIELD(sensor, unit),
    KIDA_DOUBLE_FIELD(sensor, low),
    KIDA_DOUBLE_FIELD(sensor, high),
    KIDA_DOUBLE_FIELD(sensor, value),
    KIDA_DOUBLE_FIELD(sensor, change),
    KIDA_BOOL_FIELD(sensor, is_alarm),
    { "history", KIDA_FIELD_ARRAY, offsetof(sensor, history), STORE_HISTORY, &point_type,
      offsetof(sensor, count), KIDA_NOWHERE, NULL },
    KIDA_FIELDS_END,
};
const kida_struct sensor_type = { "sensor", sizeof(sensor), sensor_fields, "name" };

/* ---- life ---------------------------------------------------------------------------------- */

static const sensor initial[STORE_SENSORS] = {
    { .id = 1,
      .name = "Boiler",
      .place = "Basement",
      .unit = "°C",
      .low = 55,
      .high = 75,
      .value = 64.0 },
    { .id = 2,
      .name = "Office",
      .place = "First floor",
      .unit = "°C",
      .low = 19,
      .high = 24,
      .value = 21.5 },
    { .id = 3,
      .name = "Server room",
      .place = "Basement",
      .unit = "°C",
      .low = 16,
      .high = 27,
      .value = 23.2 },
    { .id = 4,
      .name = "Humidity",
      .place = "Archive",
      .unit = "%",
      .low = 35,
      .high = 55,
      .value = 44.0 },
    { .id = 5,
      .name = "Air",
      .place = "Meeting room",
      .unit = "ppm",
      .low = 400,
      .high = 1000,
      .value = 620.0 },
    { .id = 6,
      .name = "Mains",
      .place = "Cabinet A",
      .unit = "V",
      .low = 220,
      .high = 240,
      .value = 231.0 },
};

store *
store_new(void)
{
    store *shared = calloc(1, sizeof(*shared));
    if (!shared)
        return NULL;
    if (pthread_mutex_init(&shared->lock, NULL) != 0) {
        free(shared);
        return NULL;
    }
    memcpy(shared->sensors, initial, sizeof(initial));
    return shared;
}

void
store_free(store *shared)
{
    if (!shared)
        return;
    pthread_mutex_destroy(&shared->lock);
    free(shared);
}

/* ---- reading ------------------------------------------------------------------------------- */

void
store_read(store *shared, sensor out[STORE_SENSORS])
{
    pthread_mutex_lock(&shared->lock);
    memcpy(out, shared->sensors, sizeof(shared->sensors));
    pthread_mutex_unlock(&shared->lock);
}

bool
store_find(store *shared, int64_t id, sensor *out)
{
    if (id < 1 || id > STORE_SENSORS)
        return false;
    pthread_mutex_lock(&shared->lock);
    *out = shared->sensors[id - 1];
    pthread_mutex_unlock(&shared->lock);
    return true;
}

/* ---- writing ------------------------------------------------------------------------------- */

/* The sensor as it will be with one more reading. */
static void
append(sensor *own, double value, int64_t now)
{
    if (own->count == STORE_HISTORY) {
        memmove(own->history, own->history + 1, (STORE_HISTORY - 1) * sizeof(point));
        own->count--;
    }
    own->history[own->count++] = (point){ value, now };
    own->change = value - own->value;
    own->value = value;
    own->is_alarm = value < own->low || value > own->high;
}

bool
store_add(store *shared, int64_t id, double value, int64_t now)
{
    sensor own;
    if (!store_find(shared, id, &own))
        return false;
    append(&own, value, now); /* outside of the lock */
    pthread_mutex_lock(&shared->lock);
    shared->sensors[id - 1] = own;
    pthread_mutex_unlock(&shared->lock);
    return true;
}

static double
between_zero_and_one(uint64_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return (double)(*random >> 11) / 9007199254740992.0;
}

/* A step back to the middle of what is normal, and a larger one anywhere. */
static double
next_value(const sensor *own, uint64_t *random)
{
    double span = own->high - own->low;
    double middle = own->low + span / 2;
    double step = (between_zero_and_one(random) - 0.5) * span * 0.22;
    return own->value + (middle - own->value) * 0.06 + step;
}

void
store_measure(store *shared, uint64_t *random, int64_t now)
{
    sensor all[STORE_SENSORS];
    store_read(shared, all);
    for (size_t i = 0; i < STORE_SENSORS; i++) {
        sensor *own = &all[i];
        if (own->count > 0 && own->history[own->count - 1].at >= now)
            continue;
        append(own, next_value(own, random), now);
        pthread_mutex_lock(&shared->lock);
        shared->sensors[i] = *own;
        pthread_mutex_unlock(&shared->lock);
    }
}
