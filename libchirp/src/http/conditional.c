/* SPDX-License-Identifier: MIT */
/* conditional.c - reads what a client says of its copy of a resource. Junk never fails: it gives
 * the plain, whole answer. */
#include "http/conditional.h"

#include "config/text.h"
#include "http/date.h"

/* ---- entity tags ----------------------------------------------------------------------------- */

static bool
is_weak(kida_str tag)
{
    return tag.len >= 2 && tag.ptr[0] == 'W' && tag.ptr[1] == '/';
}

static kida_str
without_weakness(kida_str tag)
{
    return is_weak(tag) ? ch_str_slice(tag, 2, tag.len) : tag;
}

/* Next entity tag of a list; false at its end or where it is broken. A tag may hold a comma. */
static bool
next_tag(kida_str list, size_t *pos, kida_str *tag)
{
    size_t at = *pos;
    while (at < list.len && (list.ptr[at] == ' ' || list.ptr[at] == '\t' || list.ptr[at] == ','))
        at++;
    size_t start = at;
    if (list.len - at >= 2 && list.ptr[at] == 'W' && list.ptr[at + 1] == '/')
        at += 2;
    if (at >= list.len || list.ptr[at] != '"')
        return false;
    size_t end = ch_str_find(list, '"', at + 1);
    if (end == list.len)
        return false;
    *tag = ch_str_slice(list, start, end + 1);
    *pos = end + 1;
    return true;
}

bool
ch_etag_listed(kida_str list, kida_str tag)
{
    if (kida_str_equal(ch_str_trim(list), KIDA_S("*")))
        return true;
    kida_str wanted = without_weakness(tag), item;
    size_t pos = 0;
    while (next_tag(list, &pos, &item)) {
        if (kida_str_equal(without_weakness(item), wanted))
            return true;
    }
    return false;
}

bool
ch_is_not_modified(const chirp_request *req, kida_str tag, int64_t modified)
{
    kida_str value;
    bool listed = false, has_list = false;
    for (size_t i = 0; (value = chirp_header_nth(req, "if-none-match", i)).ptr != NULL; i++) {
        has_list = true;
        listed = listed || (tag.len > 0 && ch_etag_listed(value, tag));
    }
    if (has_list)
        return listed;
    int64_t since;
    return modified >= 0 && ch_date_parse(chirp_header(req, "if-modified-since"), &since) &&
           modified <= since;
}

bool
ch_if_range_holds(const chirp_request *req, kida_str tag, int64_t modified)
{
    kida_str value = ch_str_trim(chirp_header(req, "if-range"));
    if (!chirp_given(chirp_header(req, "if-range")))
        return true;
    int64_t date;
    if (ch_date_parse(value, &date))
        return date == modified;
    return !is_weak(tag) && kida_str_equal(value, tag);
}

/* ---- ranges ---------------------------------------------------------------------------------- */

/* Digits as a number that stops at the largest instead of wrapping; false for anything else. */
static bool
read_number(kida_str text, uint64_t *out)
{
    uint64_t number = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!ch_is_digit(text.ptr[i]))
            return false;
        uint64_t digit = (uint64_t)(text.ptr[i] - '0');
        number = number > (UINT64_MAX - digit) / 10 ? UINT64_MAX : number * 10 + digit;
    }
    *out = number;
    return text.len > 0;
}

ch_range_kind
ch_range_parse(kida_str value, uint64_t size, uint64_t *start, uint64_t *length)
{
    kida_str unit = KIDA_S("bytes=");
    if (value.len <= unit.len || !ch_str_iequal(ch_str_slice(value, 0, unit.len), unit))
        return CH_RANGE_WHOLE;
    kida_str range = ch_str_trim(ch_str_slice(value, unit.len, value.len));
    size_t dash = ch_str_find(range, '-', 0);
    if (ch_str_find(range, ',', 0) < range.len || dash == range.len)
        return CH_RANGE_WHOLE;

    kida_str head = ch_str_slice(range, 0, dash);
    kida_str tail = ch_str_slice(range, dash + 1, range.len);
    uint64_t first = 0, last = UINT64_MAX;
    if ((head.len > 0 && !read_number(head, &first)) ||
        (tail.len > 0 && !read_number(tail, &last)) || (head.len == 0 && tail.len == 0))
        return CH_RANGE_WHOLE;
    if (head.len == 0) {
        /* The last bytes. */
        if (last == 0 || size == 0)
            return CH_RANGE_BEYOND;
        *length = last < size ? last : size;
        *start = size - *length;
        return CH_RANGE_PART;
    }
    if (last < first)
        return CH_RANGE_WHOLE;
    if (first >= size)
        return CH_RANGE_BEYOND;
    *start = first;
    *length = (last < size - 1 ? last : size - 1) - first + 1;
    return CH_RANGE_PART;
}

/* ---- codings --------------------------------------------------------------------------------- */

/* q from the parameters of a list item, in thousandths; 1000 without one, 0 for junk. */
static unsigned
weight_of(kida_str parameters)
{
    size_t pos = 0;
    kida_str part;
    while (ch_str_next(parameters, ';', &pos, &part)) {
        if (part.len < 2 || ch_lower(part.ptr[0]) != 'q' || part.ptr[1] != '=')
            continue;
        double weight;
        if (part.len > 7 || !ch_parse_float(ch_str_slice(part, 2, part.len), &weight))
            return 0;
        return weight >= 1 ? 1000 : (unsigned)(weight * 1000 + 0.5);
    }
    return 1000;
}

unsigned
ch_coding_weight(const chirp_request *req, kida_str coding)
{
    unsigned any = 0;
    kida_str value, item;
    for (size_t i = 0; (value = chirp_header_nth(req, "accept-encoding", i)).ptr != NULL; i++) {
        size_t pos = 0;
        while (ch_str_next(value, ',', &pos, &item)) {
            size_t end = ch_str_find(item, ';', 0);
            kida_str name = ch_str_trim(ch_str_slice(item, 0, end));
            kida_str rest = end < item.len ? ch_str_slice(item, end + 1, item.len) : KIDA_S("");
            if (ch_str_iequal(name, coding))
                return weight_of(rest);
            if (kida_str_equal(name, KIDA_S("*")))
                any = weight_of(rest);
        }
    }
    return any;
}
