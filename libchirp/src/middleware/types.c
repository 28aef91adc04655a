/* SPDX-License-Identifier: MIT */
/* types.c - looks media types up in types.def. */
#include "types.h"

#include "config/text.h"

static const ch_type types[] = {
#define CH_TYPE(extension, type, dense) { extension, type, dense },
#include "types.def"
#undef CH_TYPE
};

static const ch_type unknown = { "", "application/octet-stream", true };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Below, at or above 0 as the extension sorts before, with or behind that of the row. */
static int
compare(kida_str extension, const char *row)
{
    for (size_t i = 0; i < extension.len; i++) {
        int difference = (unsigned char)ch_lower(extension.ptr[i]) - (unsigned char)row[i];
        if (difference != 0)
            return difference;
    }
    return row[extension.len] == '\0' ? 0 : -1;
}

const ch_type *
ch_type_find(kida_str name)
{
    size_t dot = name.len;
    while (dot > 0 && name.ptr[dot - 1] != '.')
        dot--;
    if (dot == 0 || dot == name.len)
        return &unknown;
    kida_str extension = ch_str_slice(name, dot, name.len);
    size_t low = 0, high = COUNT(types);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(extension, types[middle].extension);
        if (order == 0)
            return &types[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return &unknown;
}

static bool
ends_with(kida_str text, kida_str end)
{
    return text.len >= end.len &&
           ch_str_iequal(ch_str_slice(text, text.len - end.len, text.len), end);
}

bool
ch_type_is_compressible(kida_str type)
{
    static const kida_str plain[] = {
        KIDA_S_INIT("application/json"),       KIDA_S_INIT("application/javascript"),
        KIDA_S_INIT("application/xml"),        KIDA_S_INIT("application/wasm"),
        KIDA_S_INIT("application/yaml"),       KIDA_S_INIT("application/x-ndjson"),
    };
    kida_str media = ch_str_trim(ch_str_slice(type, 0, ch_str_find(type, ';', 0)));
    if (ch_str_iequal(media, KIDA_S("text/event-stream")))
        return false;
    if (media.len > 5 && ch_str_iequal(ch_str_slice(media, 0, 5), KIDA_S("text/")))
        return true;
    for (size_t i = 0; i < COUNT(plain); i++) {
        if (ch_str_iequal(media, plain[i]))
            return true;
    }
    return ends_with(media, KIDA_S("+xml")) || ends_with(media, KIDA_S("+json"));
}
