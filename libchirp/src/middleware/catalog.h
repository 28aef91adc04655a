/* SPDX-License-Identifier: MIT */
/* catalog.h - the messages of one language: read from files once, then looked up by any thread. */
#ifndef CH_MIDDLEWARE_CATALOG_H
#define CH_MIDDLEWARE_CATALOG_H

#include "config/arena.h"
#include "plural.h"

#define CH_CATALOG_FILE_MAX ((size_t)16 << 20)
#define CH_CATALOG_MESSAGES_MAX ((size_t)100000)

typedef struct ch_message {
    kida_str key;          /* ptr NULL: a free place */
    uint32_t form_count;
    const kida_str *forms; /* at least one */
    uint32_t rule;         /* number of the plural rule */
} ch_message;

typedef struct ch_catalog {
    ch_arena *arena;       /* of the messages; borrowed */
    ch_message *messages;  /* a hash table, a power of two */
    size_t room;
    size_t count;
    ch_plural *rules;      /* of the files, in the order read */
    uint32_t rule_count;
    uint32_t rule_room;
} ch_catalog;

/* An empty catalog whose memory is the arena's. */
void ch_catalog_init(ch_catalog *catalog, ch_arena *arena);

/*
 * Adds the messages of a file's bytes; a key that is there already gets the new text.
 *
 * Errors: KIDA_E_PARSE with what is wrong, KIDA_E_JSON, KIDA_E_UTF8, KIDA_E_LIMIT_MEMORY for too
 *         many messages, KIDA_E_NOMEM. Some messages may have been added.
 */
kida_status ch_catalog_add_mo(ch_catalog *catalog, kida_str bytes, kida_error *err);
kida_status ch_catalog_add_json(ch_catalog *catalog, kida_str bytes, kida_error *err);

/* Adds what a file holds by the ending of its name; *found: whether it is there. */
kida_status ch_catalog_add_file(ch_catalog *catalog, const char *path, bool *found,
                                kida_error *err);

/* Text of a message; ptr NULL if there is none. */
kida_str ch_catalog_text(const ch_catalog *catalog, kida_str key);

/* The form for a count, of the message whose singular is key; ptr NULL if there is none. */
kida_str ch_catalog_plural(const ch_catalog *catalog, kida_str key, int64_t count);

#endif
