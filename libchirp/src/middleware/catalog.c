/* SPDX-License-Identifier: MIT */
/* catalog.c - messages from JSON and from the files of msgfmt. Files come with the application, but
 * nothing is believed of them: each offset is checked, each text is valid UTF-8. */
#define _GNU_SOURCE
#include "catalog.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/alloc.h"
#include "config/fail.h"
#include "config/text.h"

#define MO_MAGIC UINT32_C(0x950412de)
#define MO_MAGIC_SWAPPED UINT32_C(0xde120495)
#define MO_HEADER ((size_t)20) /* up to the offsets of both tables */
#define RULES_MAX 64
#define ROOM_FIRST ((size_t)64)

void
ch_catalog_init(ch_catalog *catalog, ch_arena *arena)
{
    *catalog = (ch_catalog){ .arena = arena };
}

/* ---- the table ------------------------------------------------------------------------------- */

static uint64_t
hash_of(kida_str key)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < key.len; i++)
        hash = (hash ^ (unsigned char)key.ptr[i]) * UINT64_C(0x100000001b3);
    return hash ^ (hash >> 29);
}

/* Place of a key, or the free one where it belongs; the table is never full. */
static ch_message *
place_of(ch_message *messages, size_t room, kida_str key)
{
    size_t at = (size_t)hash_of(key) & (room - 1);
    while (messages[at].key.ptr && !kida_str_equal(messages[at].key, key))
        at = (at + 1) & (room - 1);
    return &messages[at];
}

static kida_status
grow(ch_catalog *catalog)
{
    size_t room = catalog->room == 0 ? ROOM_FIRST : catalog->room * 2;
    ch_message *grown = ch_arena_array(catalog->arena, room, sizeof(*grown));
    if (!grown)
        return KIDA_E_NOMEM;
    for (size_t i = 0; i < catalog->room; i++) {
        if (catalog->messages[i].key.ptr)
            *place_of(grown, room, catalog->messages[i].key) = catalog->messages[i];
    }
    catalog->messages = grown; /* the old table stays in the arena: all of them are no larger */
    catalog->room = room;
    return KIDA_OK;
}

static kida_status
put(ch_catalog *catalog, const ch_message *message, kida_error *err)
{
    kida_status st = KIDA_OK;
    if (catalog->count >= CH_CATALOG_MESSAGES_MAX)
        return ch_fail(err, KIDA_E_LIMIT_MEMORY, "a language has at most %zu messages",
                       CH_CATALOG_MESSAGES_MAX);
    if ((catalog->count + 1) * 4 > catalog->room * 3)
        st = grow(catalog);
    kida_str key = st == KIDA_OK ? ch_arena_copy(catalog->arena, message->key) : message->key;
    if (st != KIDA_OK || !key.ptr)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for messages");
    ch_message *place = place_of(catalog->messages, catalog->room, key);
    catalog->count += place->key.ptr == NULL;
    *place = *message;
    place->key = key;
    return KIDA_OK;
}

static const ch_message *
find(const ch_catalog *catalog, kida_str key)
{
    const ch_message *place =
        catalog->room > 0 ? place_of(catalog->messages, catalog->room, key) : NULL;
    return place && place->key.ptr ? place : NULL;
}

kida_str
ch_catalog_text(const ch_catalog *catalog, kida_str key)
{
    const ch_message *found = find(catalog, key);
    return found ? found->forms[0] : (kida_str){ NULL, 0 };
}

kida_str
ch_catalog_plural(const ch_catalog *catalog, kida_str key, int64_t count)
{
    const ch_message *found = find(catalog, key);
    if (!found)
        return (kida_str){ NULL, 0 };
    uint32_t form = ch_plural_form(&catalog->rules[found->rule], count);
    return found->forms[form < found->form_count ? form : 0];
}

/* A new rule, that of two forms until it is read; UINT32_MAX when there is no room. */
static uint32_t
new_rule(ch_catalog *catalog)
{
    if (catalog->rule_count == catalog->rule_room) {
        uint32_t room = catalog->rule_room == 0 ? 2 : catalog->rule_room * 2;
        ch_plural *grown = room > RULES_MAX
                               ? NULL
                               : ch_arena_grow(catalog->arena, catalog->rules,
                                               catalog->rule_room * sizeof(*grown),
                                               room * sizeof(*grown));
        if (!grown)
            return UINT32_MAX;
        catalog->rules = grown;
        catalog->rule_room = room;
    }
    catalog->rules[catalog->rule_count] = (ch_plural){ .forms = 0 };
    return catalog->rule_count++;
}

/* ---- files of msgfmt ------------------------------------------------------------------------- */

typedef struct mo {
    kida_str bytes;
    bool is_swapped;
    ch_catalog *catalog;
    uint32_t rule;
    kida_error *err;
} mo;

static uint32_t
number_at(const mo *file, size_t at)
{
    uint32_t number;
    memcpy(&number, file->bytes.ptr + at, sizeof(number));
    return file->is_swapped ? __builtin_bswap32(number) : number;
}

static kida_status
broken(const mo *file, const char *what)
{
    return ch_fail(file->err, KIDA_E_PARSE, "the catalog is broken: %s", what);
}

/* Text of an entry of a table: its length and offset, and the NUL that ends it. */
static kida_status
text_at(const mo *file, size_t entry, kida_str *out)
{
    uint32_t len = number_at(file, entry), at = number_at(file, entry + 4);
    size_t size = file->bytes.len;
    if (at >= size || len >= size - at)
        return broken(file, "a text lies outside of the file");
    if (file->bytes.ptr[at + len] != '\0')
        return broken(file, "a text does not end where it should");
    *out = ch_str_slice(file->bytes, at, (size_t)at + len);
    if (!kida_utf8_valid(*out))
        return ch_fail(file->err, KIDA_E_UTF8, "the catalog is broken: a text is not UTF-8");
    return KIDA_OK;
}

/* The line of a header that begins with a name; empty if there is none. */
static kida_str
header_line(kida_str header, kida_str name)
{
    size_t at = 0;
    kida_str line;
    while (ch_str_next(header, '\n', &at, &line)) {
        if (line.len >= name.len && ch_str_iequal(ch_str_slice(line, 0, name.len), name))
            return ch_str_trim(ch_str_slice(line, name.len, line.len));
    }
    return KIDA_S("");
}

static kida_status
read_header(const mo *file, kida_str header)
{
    kida_str type = header_line(header, KIDA_S("content-type:"));
    size_t at = 0;
    kida_str part;
    while (ch_str_next(type, ';', &at, &part)) {
        kida_str name = KIDA_S("charset=");
        if (part.len < name.len || !ch_str_iequal(ch_str_slice(part, 0, name.len), name))
            continue;
        kida_str charset = ch_str_slice(part, name.len, part.len);
        if (!ch_str_iequal(charset, KIDA_S("utf-8")) && !ch_str_iequal(charset, KIDA_S("utf8")) &&
            !ch_str_iequal(charset, KIDA_S("us-ascii")))
            return broken(file, "its charset is not UTF-8");
    }
    kida_str rule = header_line(header, KIDA_S("plural-forms:"));
    return rule.len == 0 ? KIDA_OK
                         : ch_plural_parse(rule, &file->catalog->rules[file->rule], file->err);
}

/* The forms of a translation: pieces between NULs. */
static kida_status
split_forms(const mo *file, kida_str text, ch_message *out)
{
    ch_arena *arena = file->catalog->arena;
    size_t count = ch_str_count(text, '\0') + 1, start = 0;
    if (count > CH_PLURAL_FORMS_MAX)
        return broken(file, "a message has too many forms");
    kida_str *forms = ch_arena_array(arena, count, sizeof(*forms));
    for (size_t i = 0; forms && i < count; i++) {
        size_t end = ch_str_find(text, '\0', start);
        forms[i] = ch_arena_copy(arena, ch_str_slice(text, start, end));
        if (!forms[i].ptr)
            forms = NULL;
        start = end + 1;
    }
    if (!forms)
        return ch_fail(file->err, KIDA_E_NOMEM, "no memory for messages");
    out->forms = forms;
    out->form_count = (uint32_t)count;
    return KIDA_OK;
}

static kida_status
add_entry(const mo *file, kida_str id, kida_str text)
{
    if (id.len == 0)
        return read_header(file, text);
    if (text.len == 0)
        return KIDA_OK; /* not translated */
    ch_message message = { .key = ch_str_slice(id, 0, ch_str_find(id, '\0', 0)),
                           .rule = file->rule };
    kida_status st = split_forms(file, text, &message);
    return st == KIDA_OK ? put(file->catalog, &message, file->err) : st;
}

kida_status
ch_catalog_add_mo(ch_catalog *catalog, kida_str bytes, kida_error *err)
{
    mo file = { .bytes = bytes, .catalog = catalog, .err = err };
    if (bytes.len < MO_HEADER)
        return broken(&file, "it is shorter than its header");
    uint32_t magic = number_at(&file, 0);
    file.is_swapped = magic == MO_MAGIC_SWAPPED;
    if (magic != MO_MAGIC && !file.is_swapped)
        return broken(&file, "it was not made by msgfmt");
    if (number_at(&file, 4) >> 16 > 1)
        return broken(&file, "its version is not known");
    uint32_t count = number_at(&file, 8), ids = number_at(&file, 12), texts = number_at(&file, 16);
    size_t table = (size_t)count * 8;
    if (count > CH_CATALOG_MESSAGES_MAX || ids > bytes.len || texts > bytes.len ||
        table > bytes.len - ids || table > bytes.len - texts)
        return broken(&file, "its tables lie outside of it");
    file.rule = new_rule(catalog);
    if (file.rule == UINT32_MAX)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for messages, or too many files");
    kida_status st = KIDA_OK;
    for (size_t i = 0; st == KIDA_OK && i < count; i++) {
        kida_str id, text;
        st = text_at(&file, ids + i * 8, &id);
        if (st == KIDA_OK)
            st = text_at(&file, texts + i * 8, &text);
        if (st == KIDA_OK)
            st = add_entry(&file, id, text);
    }
    return st;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static kida_status
add_pair(ch_catalog *catalog, uint32_t rule, kida_value key, kida_value value, kida_error *err)
{
    kida_str name = kida_as_str(key);
    if (kida_kind_of(value) != KIDA_STRING)
        return ch_fail(err, KIDA_E_PARSE, "'%.*s' of the catalog is no text",
                       (int)(name.len < 60 ? name.len : 60), name.ptr);
    kida_str *form = ch_arena_array(catalog->arena, 1, sizeof(*form));
    if (form)
        *form = ch_arena_copy(catalog->arena, kida_as_str(value));
    if (!form || !form->ptr)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for messages");
    ch_message message = { name, 1, form, rule };
    return put(catalog, &message, err);
}

kida_status
ch_catalog_add_json(ch_catalog *catalog, kida_str bytes, kida_error *err)
{
    uint32_t rule = new_rule(catalog);
    if (rule == UINT32_MAX)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for messages, or too many files");
    kida_pool *pool = kida_pool_new(&catalog->arena->allocator, CH_CATALOG_FILE_MAX * 8);
    kida_value object, key, value;
    kida_status st = kida_json_parse(pool, bytes, &object, err);
    if (st == KIDA_OK && kida_kind_of(object) != KIDA_DICT)
        st = ch_fail(err, KIDA_E_PARSE, "the catalog is no JSON object");
    for (size_t i = 0; st == KIDA_OK && kida_dict_entry(object, i, &key, &value); i++)
        st = add_pair(catalog, rule, key, value, err);
    kida_pool_free(pool);
    return st;
}

/* ---- files ----------------------------------------------------------------------------------- */

static kida_status
read_all(int fd, char *room, size_t size, kida_error *err)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got = read(fd, room + done, size - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return ch_fail(err, KIDA_E_IO, "it can't be read");
        done += (size_t)got;
    }
    return KIDA_OK;
}

static kida_status
add_bytes(ch_catalog *catalog, const char *path, kida_str bytes, kida_error *err)
{
    kida_str name = kida_str_from(path), ending = KIDA_S(".json");
    bool is_json = name.len >= ending.len &&
                   kida_str_equal(ch_str_slice(name, name.len - ending.len, name.len), ending);
    return is_json ? ch_catalog_add_json(catalog, bytes, err)
                   : ch_catalog_add_mo(catalog, bytes, err);
}

static kida_status
add_open_file(ch_catalog *catalog, const char *path, int fd, kida_error *err)
{
    const kida_allocator *allocator = &catalog->arena->allocator;
    struct stat info;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
        return ch_fail(err, KIDA_E_IO, "it is no file");
    if (info.st_size < 0 || (uint64_t)info.st_size > CH_CATALOG_FILE_MAX)
        return ch_fail(err, KIDA_E_LIMIT_MEMORY, "it is over %zu bytes", CH_CATALOG_FILE_MAX);
    size_t size = (size_t)info.st_size;
    char *bytes = ch_realloc(allocator, NULL, 0, size + 1);
    if (!bytes)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for messages");
    kida_status st = read_all(fd, bytes, size, err);
    if (st == KIDA_OK)
        st = add_bytes(catalog, path, (kida_str){ bytes, size }, err);
    ch_free(allocator, bytes, size + 1);
    return st;
}

kida_status
ch_catalog_add_file(ch_catalog *catalog, const char *path, bool *found, kida_error *err)
{
    kida_error inner;
    kida_error_init(&inner);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return KIDA_OK;
    kida_status st = fd < 0 ? ch_fail(&inner, KIDA_E_IO, "it can't be opened")
                            : add_open_file(catalog, path, fd, &inner);
    if (fd >= 0)
        close(fd);
    *found = *found || st == KIDA_OK;
    if (st == KIDA_OK)
        return st;
    if (inner.line > 0)
        return ch_fail(err, st, "%s, line %u: %s", path, (unsigned)inner.line, inner.message);
    return ch_fail(err, st, "%s: %s", path, inner.message);
}
