/* SPDX-License-Identifier: MIT */
/*
 * fuzz_catalog.c - any bytes as a catalog of messages: read or refused with a reason; what was read
 * is valid text, and each count has a form.
 *
 * Input: a byte (0: a rule of plural forms, 1: JSON, else a file of msgfmt), the bytes.
 */
#include "fuzz.h"

#include "http/form.h"
#include "middleware/catalog.h"

static void
check_rule(kida_str text)
{
    static ch_plural rule;
    static const int64_t counts[] = { 0, 1, 2, 11, 100, -1, INT64_MAX, INT64_MIN };
    kida_error err;
    kida_error_init(&err);
    if (ch_plural_parse(text, &rule, &err) != KIDA_OK) {
        FUZZ_CHECK(err.message[0] != '\0');
        return;
    }
    FUZZ_CHECK(rule.forms > 0);
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        FUZZ_CHECK(ch_plural_form(&rule, counts[i]) < rule.forms);
}

static void
check_messages(const ch_catalog *catalog)
{
    for (size_t i = 0; i < catalog->room; i++) {
        const ch_message *message = &catalog->messages[i];
        if (message->key.ptr == NULL)
            continue;
        kida_str text = ch_catalog_text(catalog, message->key);
        FUZZ_CHECK(text.ptr != NULL && kida_utf8_valid(text) && kida_utf8_valid(message->key));
        text = ch_catalog_plural(catalog, message->key, (int64_t)i);
        FUZZ_CHECK(text.ptr != NULL && kida_utf8_valid(text));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    kida_str bytes = { (const char *)data + 1, size - 1 };
    if (data[0] == 0) {
        check_rule(bytes);
        return 0;
    }
    ch_arena arena;
    ch_catalog catalog;
    kida_error err;
    kida_error_init(&err);
    ch_arena_init(&arena, NULL, 1024, (size_t)16 << 20);
    ch_catalog_init(&catalog, &arena);
    kida_status st = data[0] == 1 ? ch_catalog_add_json(&catalog, bytes, &err)
                                  : ch_catalog_add_mo(&catalog, bytes, &err);
    FUZZ_CHECK(st == KIDA_OK || err.message[0] != '\0');
    check_messages(&catalog);
    ch_arena_clear(&arena);
    return 0;
}
