/* SPDX-License-Identifier: MIT */
/* methods_text.c - methods of texts that make another text: pad, replace, join, format. */
#include "memory/str.h"
#include "value/methods.h"

/* ---- padding --------------------------------------------------------------------------------- */

static const kida_param pad_params[] = {
    { "width", KIDA_IN_POSITION, NULL },
    { "fillchar", KIDA_IN_POSITION, "' '" },
    { 0 },
};

static void
put_fill(kida_buf *buf, kida_str fill, size_t count)
{
    if (fill.len == 1) {
        kida_buf_fill(buf, fill.ptr[0], count);
        return;
    }
    for (size_t i = 0; i < count && kida_buf_status(buf) == KIDA_OK; i++)
        kida_buf_put(buf, fill);
}

/* How many code points are missing up to the width asked for. */
static kida_status
missing(kida_call *call, kida_value self, size_t *out, int64_t *width)
{
    kida_status st = kd_index_arg(call, kida_arg(call, 0), "the width", width);
    if (st != KIDA_OK)
        return st;
    size_t count = kd_text_count(self);
    *out = *width > 0 && (uint64_t)*width > count ? (size_t)*width - count : 0;
    return *out > call->rt->max_text ? kd_fail_size(call) : KIDA_OK;
}

/* share: how many of the missing go to the left. */
static kida_status
pad(kida_call *call, kida_value self, size_t (*share)(size_t pad, int64_t width), kida_value *out)
{
    size_t count;
    int64_t width;
    kida_str fill;
    kida_status st = missing(call, self, &count, &width);
    if (st == KIDA_OK)
        st = kd_text_arg(call, kida_arg(call, 1), "the fill character", false, &fill);
    if (st == KIDA_OK && kida_utf8_count(fill) != 1)
        st = kida_fail(call, KIDA_E_TYPE, "the fill character must be a single character");
    if (st != KIDA_OK)
        return st;
    if (count == 0) {
        *out = kd_unmarked(self);
        return KIDA_OK;
    }
    size_t left = share(count, width);
    kida_buf buf;
    kida_buf_init(&buf, call);
    put_fill(&buf, fill, left);
    kida_buf_put(&buf, kida_as_str(self));
    put_fill(&buf, fill, count - left);
    return kd_finish_like(&buf, self, out);
}

/* Python gives the odd space to the left only where the width is odd too. */
static size_t
share_center(size_t count, int64_t width)
{
    return count / 2 + (count & (uint64_t)width & 1);
}

static size_t
share_all(size_t count, int64_t width)
{
    (void)width;
    return count;
}

static size_t
share_none(size_t count, int64_t width)
{
    (void)count;
    (void)width;
    return 0;
}

static kida_status
str_center(kida_call *call, kida_value self, kida_value *out)
{
    return pad(call, self, share_center, out);
}

static kida_status
str_ljust(kida_call *call, kida_value self, kida_value *out)
{
    return pad(call, self, share_none, out);
}

static kida_status
str_rjust(kida_call *call, kida_value self, kida_value *out)
{
    return pad(call, self, share_all, out);
}

static const kida_param width_params[] = { { "width", KIDA_IN_POSITION, NULL }, { 0 } };

static kida_status
str_zfill(kida_call *call, kida_value self, kida_value *out)
{
    kida_str text = kida_as_str(self);
    size_t count;
    int64_t width;
    kida_status st = missing(call, self, &count, &width);
    if (st != KIDA_OK)
        return st;
    bool sign = text.len > 0 && (text.ptr[0] == '+' || text.ptr[0] == '-');
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_buf_put(&buf, kd_str_sub(text, 0, sign));
    kida_buf_fill(&buf, '0', count);
    kida_buf_put(&buf, kd_str_sub(text, sign, text.len));
    return kd_finish_like(&buf, self, out);
}

static const kida_param tab_params[] = { { "tabsize", 0, "8" }, { 0 } };

static kida_status
str_expandtabs(kida_call *call, kida_value self, kida_value *out)
{
    kida_str text = kida_as_str(self);
    int64_t size;
    kida_status st = kd_index_arg(call, kida_arg(call, 0), "the tab size", &size);
    if (st != KIDA_OK)
        return st;
    kida_buf buf;
    kida_buf_init(&buf, call);
    uint64_t column = 0; /* modulo size */
    uint64_t every = size > 0 ? (uint64_t)size : 1;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '\t') {
            if (size > 0)
                kida_buf_fill(&buf, ' ', every - column);
            column = 0;
            continue;
        }
        kida_buf_byte(&buf, c);
        if (c == '\n' || c == '\r')
            column = 0;
        else if (((unsigned char)c & 0xc0) != 0x80) /* once per code point */
            column = (column + 1) % every;
    }
    return kd_finish_like(&buf, self, out);
}

/* ---- replacing ------------------------------------------------------------------------------- */

static const kida_param replace_params[] = {
    { "old", KIDA_IN_POSITION, NULL },
    { "new", KIDA_IN_POSITION, NULL },
    { "count", 0, "-1" },
    { 0 },
};

/* Puts with between the code points: what replacing the empty text means. */
static void
interleave(kida_buf *buf, kida_str text, kida_str with, uint64_t most)
{
    const char *end = text.ptr + text.len;
    const char *at = text.ptr;
    for (; most > 0; most--) {
        kida_buf_put(buf, with);
        if (at == end)
            break;
        const char *from = at;
        (void)kd_utf8_next(&at, end);
        kida_buf_put(buf, (kida_str){ from, (size_t)(at - from) });
    }
    kida_buf_put(buf, (kida_str){ at, (size_t)(end - at) });
}

static kida_status
str_replace(kida_call *call, kida_value self, kida_value *out)
{
    kida_str text = kida_as_str(self);
    kida_str old, with;
    int64_t count;
    kida_status st = kd_text_arg(call, kida_arg(call, 0), "the text to replace", true, &old);
    if (st == KIDA_OK)
        st = kd_text_arg(call, kida_arg(call, 1), "the replacement", true, &with);
    if (st == KIDA_OK)
        st = kd_index_arg(call, kida_arg(call, 2), "the count of replace()", &count);
    if (st != KIDA_OK)
        return st;
    uint64_t most = count < 0 ? UINT64_MAX : (uint64_t)count;
    kida_buf buf;
    kida_buf_init(&buf, call);
    if (old.len == 0) {
        interleave(&buf, text, with, most);
        return kd_finish_like(&buf, self, out);
    }
    size_t from = 0;
    for (; most > 0; most--) {
        size_t at = kd_str_find(text, old, from);
        if (at == SIZE_MAX)
            break;
        kida_buf_put(&buf, kd_str_sub(text, from, at));
        kida_buf_put(&buf, with);
        from = at + old.len;
    }
    if (from == 0 && most != 0) { /* nothing found: the text itself will do */
        *out = kd_unmarked(self);
        return KIDA_OK;
    }
    kida_buf_put(&buf, kd_str_sub(text, from, text.len));
    return kd_finish_like(&buf, self, out);
}

/* ---- joining --------------------------------------------------------------------------------- */

static const kida_param join_params[] = { { "iterable", KIDA_IN_POSITION, NULL }, { 0 } };

static kida_status
str_join(kida_call *call, kida_value self, kida_value *out)
{
    kida_value over = kida_arg(call, 0);
    bool safe = kida_is_safe(self);
    /* Python does not name the type here, so null is an ordinary wrong type */
    if (kd_is(over, KIDA_NONE))
        return kida_fail(call, KIDA_E_TYPE, "join() wants something to iterate, not none");
    kida_iter iter;
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_status st = kd_iter_init(call, &iter, over);
    for (bool first = true; st == KIDA_OK; first = false) {
        kida_value item;
        kida_str text;
        st = kd_iter_next(call, &iter, &item);
        if (st != KIDA_OK || kd_is_absent(item))
            break;
        st = kd_text_arg(call, item, "an item of join()", false, &text);
        if (st != KIDA_OK)
            break;
        if (!first)
            kida_buf_put(&buf, kida_as_str(self));
        if (safe && !kida_is_safe(item))
            kida_buf_html(&buf, text);
        else
            kida_buf_put(&buf, text);
    }
    return st == KIDA_OK ? kd_finish_like(&buf, self, out) : st;
}

/* ---- translating ----------------------------------------------------------------------------- */

static const kida_param table_params[] = { { "table", KIDA_IN_POSITION, NULL }, { 0 } };

/* What the table says about one code point: text, number, none to delete; absent: nothing. */
static kida_status
put_translated(kida_call *call, kida_buf *buf, kida_value to, kida_str as_is)
{
    if (kd_is_absent(to)) {
        kida_buf_put(buf, as_is);
    } else if (kd_is(to, KIDA_STRING)) {
        kida_buf_put(buf, kida_as_str(to));
    } else if (kd_is(to, KIDA_INT) || kd_is(to, KIDA_BOOL)) {
        if (to.u_.i < 0 || to.u_.i > 0x10ffff || (to.u_.i >= 0xd800 && to.u_.i < 0xe000))
            return kida_fail_kind(call, KIDA_E_RUNTIME, "ValueError",
                                  "the table of translate() holds a number that is no character");
        kida_buf_code_point(buf, (uint32_t)to.u_.i);
    } else if (!kd_is(to, KIDA_NONE)) {
        return kida_fail(call, KIDA_E_TYPE, "the table of translate() must hold texts, integers "
                                            "or none");
    }
    return KIDA_OK;
}

static kida_status
str_translate(kida_call *call, kida_value self, kida_value *out)
{
    kida_value table = kida_arg(call, 0);
    kida_str text = kida_as_str(self);
    if (!kd_is(table, KIDA_DICT))
        return kida_fail_type(call, table, "translate() wants a dict");
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_status st = KIDA_OK;
    const char *end = text.ptr + text.len;
    for (const char *at = text.ptr; st == KIDA_OK && at < end;) {
        const char *from = at;
        uint32_t cp = kd_utf8_next(&at, end);
        kd_entry *e;
        st = kd_dict_find(call, kd_dict_of(table), kida_int(cp), &e);
        if (st == KIDA_OK)
            st = put_translated(call, &buf, e != NULL ? e->item : kd_absent(),
                                (kida_str){ from, (size_t)(at - from) });
    }
    return st == KIDA_OK ? kida_buf_finish(&buf, out) : st;
}

static const kida_param maketrans_params[] = {
    { "x", KIDA_IN_POSITION, NULL },
    { "y", KIDA_IN_POSITION, "none" },
    { "z", KIDA_IN_POSITION, "none" },
    { 0 },
};

/* maketrans({…}): keys become numbers. */
static kida_status
maketrans_dict(kida_call *call, kd_dict *made, const kd_dict *from)
{
    kida_status st = kida_spend(call, from->count);
    size_t at = 0;
    for (kd_entry *e; st == KIDA_OK && (e = kd_dict_entry_at(from, &at)) != NULL;) {
        kida_value key = e->key;
        if (kd_is(key, KIDA_STRING)) {
            kida_str text = kida_as_str(key);
            const char *start = text.ptr;
            if (kida_utf8_count(text) != 1)
                return kida_fail_kind(call, KIDA_E_RUNTIME, "ValueError",
                                      "a key of maketrans() must be a single character");
            key = kida_int(kd_utf8_next(&start, text.ptr + text.len));
        } else if (!kd_is(key, KIDA_INT) && !kd_is(key, KIDA_BOOL)) {
            return kida_fail(call, KIDA_E_TYPE,
                             "the keys of maketrans() must be characters or integers");
        }
        st = kd_dict_put(call, made, key, e->item);
    }
    return st;
}

/* Every character of from becomes the one in the same place of to; none where to is NULL. */
static kida_status
maketrans_pairs(kida_call *call, kd_dict *made, kida_str from, const kida_str *to)
{
    kida_status st = KIDA_OK;
    const char *end = from.ptr + from.len;
    const char *other = to != NULL ? to->ptr : NULL;
    for (const char *at = from.ptr; st == KIDA_OK && at < end;) {
        kida_value key = kida_int(kd_utf8_next(&at, end));
        kida_value item = kida_none();
        if (to != NULL)
            item = kida_int(kd_utf8_next(&other, to->ptr + to->len));
        st = kd_dict_put(call, made, key, item);
    }
    return st;
}

static kida_status
str_maketrans(kida_call *call, kida_value self, kida_value *out)
{
    (void)self;
    kida_value x = kida_arg(call, 0);
    kida_str from, to, gone;
    *out = kd_dict_make(call->rt->pool, 0);
    if (kd_is_absent(*out))
        return kd_fail_memory(call);
    if (!kida_arg_given(call, 1)) {
        if (!kd_is(x, KIDA_DICT))
            return kida_fail(call, KIDA_E_TYPE, "maketrans() with one argument wants a dict");
        return maketrans_dict(call, kd_dict_of(*out), kd_dict_of(x));
    }
    kida_status st = kd_text_arg(call, x, "the first argument of maketrans()", true, &from);
    if (st == KIDA_OK)
        st = kd_text_arg(call, kida_arg(call, 1), "the second argument of maketrans()", true, &to);
    if (st == KIDA_OK && kida_utf8_count(from) != kida_utf8_count(to))
        st = kida_fail_kind(call, KIDA_E_RUNTIME, "ValueError",
                            "the first two arguments of maketrans() must be of equal length");
    if (st == KIDA_OK)
        st = maketrans_pairs(call, kd_dict_of(*out), from, &to);
    if (st == KIDA_OK && kida_arg_given(call, 2)) {
        st = kd_text_arg(call, kida_arg(call, 2), "the third argument of maketrans()", true, &gone);
        if (st == KIDA_OK)
            st = maketrans_pairs(call, kd_dict_of(*out), gone, NULL);
    }
    return st;
}

static const kd_method rows[] = {
    { "center", str_center, pad_params, 0 },
    { "ljust", str_ljust, pad_params, 0 },
    { "rjust", str_rjust, pad_params, 0 },
    { "zfill", str_zfill, width_params, 0 },
    { "expandtabs", str_expandtabs, tab_params, 0 },
    { "replace", str_replace, replace_params, 0 },
    { "join", str_join, join_params, 0 },
    { "translate", str_translate, table_params, 0 },
    { "maketrans", str_maketrans, maketrans_params, 0 },
};

const kd_method_table kd_str_make_methods = { rows, KD_COUNT(rows) };
