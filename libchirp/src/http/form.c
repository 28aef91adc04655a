/* SPDX-License-Identifier: MIT */
/* form.c - pairs of queries, urlencoded bodies and cookies. Linear in the text. */
#include "http/form.h"

#include "config/text.h"
#include "http/target.h"

kida_status
ch_pairs_parse(ch_headers *list, kida_str text)
{
    size_t start = 0;
    while (start < text.len) {
        size_t end = ch_str_find(text, '&', start);
        kida_str pair = ch_str_slice(text, start, end);
        start = end + 1;
        if (pair.len == 0)
            continue;
        size_t equals = ch_str_find(pair, '=', 0);
        size_t after = equals < pair.len ? equals + 1 : pair.len;
        kida_str name = ch_percent_decode(list->arena, ch_str_slice(pair, 0, equals), true);
        kida_str value = ch_percent_decode(list->arena, ch_str_slice(pair, after, pair.len), true);
        if (name.ptr == NULL || value.ptr == NULL)
            return KIDA_E_NOMEM;
        kida_status st = ch_headers_push(list, name, value);
        if (st != KIDA_OK)
            return st;
    }
    return KIDA_OK;
}

kida_status
ch_cookies_parse(ch_headers *list, kida_str value)
{
    size_t pos = 0;
    kida_str pair;
    while (ch_str_next(value, ';', &pos, &pair)) {
        size_t equals = ch_str_find(pair, '=', 0);
        if (equals == pair.len)
            continue;
        kida_str name = ch_str_trim(ch_str_slice(pair, 0, equals));
        if (name.len == 0)
            continue;
        kida_status st =
            ch_headers_push(list, name, ch_str_trim(ch_str_slice(pair, equals + 1, pair.len)));
        if (st != KIDA_OK)
            return st;
    }
    return KIDA_OK;
}

bool
ch_json_is_bounded(kida_str text, uint32_t max_depth, uint32_t max_nodes)
{
    uint32_t depth = 0, nodes = 1;
    bool in_string = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (depth++ == max_depth || nodes++ == max_nodes)
                return false;
        } else if (c == ']' || c == '}') {
            if (depth > 0)
                depth--;
        } else if (c == ',' && nodes++ == max_nodes) {
            return false;
        }
    }
    return true;
}
