/* SPDX-License-Identifier: MIT */
/* store.h - the readings of a few sensors, shared by all workers behind one lock. */
#ifndef READINGS_STORE_H
#define READINGS_STORE_H

#include <kida/kida.h>

#define STORE_SENSORS 6
#define STORE_HISTORY 32

/** One measured value. */
typedef struct point {
    double value;
    int64_t at; /* seconds since 1970 */
} point;

/** One sensor with its newest readings, oldest first. */
typedef struct sensor {
    int64_t id;
    const char *name;
    const char *place;
    const char *unit;
    double low;  /* what is normal */
    double high;
    double value; /* the newest */
    double change; /* since the one before */
    bool is_alarm; /* outside of what is normal */
    size_t count;
    point history[STORE_HISTORY];
} sensor;

typedef struct store store;

extern const kida_struct point_type;
extern const kida_struct sensor_type;

/** Owner: free it with store_free. Errors: NULL when out of memory. */
store *store_new(void);
void store_free(store *shared);

/** Copies all sensors. Thread: any */
void store_read(store *shared, sensor out[STORE_SENSORS]);

/** Copies one sensor; false if there is none with that id. Thread: any */
bool store_find(store *shared, int64_t id, sensor *out);

/** Adds a reading; false if there is no such sensor. Thread: any */
bool store_add(store *shared, int64_t id, double value, int64_t now);

/** Lets the sensors that have been silent for a second measure again. Thread: any */
void store_measure(store *shared, uint64_t *random, int64_t now);

#endif
