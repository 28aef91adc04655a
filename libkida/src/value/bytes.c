/* SPDX-License-Identifier: MIT */
/* bytes.c - the little that templates can do with bytes: str.encode and int.to_bytes make them,
 * decode() turns them back. They are host objects of a type of our own. */
#include <string.h>

#include "memory/str.h"
#include "value/big.h"
#include "value/methods.h"

static const kida_object_type bytes_type;

static kida_status
make_bytes(kida_call *call, kida_str data, kida_value *out)
{
    kida_str *bytes = kd_arena_alloc(call->rt->pool, sizeof(*bytes));
    if (bytes == NULL)
        return kd_fail_memory(call);
    *bytes = data;
    *out = kida_object(&bytes_type, bytes);
    return KIDA_OK;
}

static kida_status
fail_kind(kida_call *call, const char *kind, const char *what)
{
    return kida_fail_kind(call, KIDA_E_RUNTIME, kind, "%s", what);
}

/* ---- encodings ------------------------------------------------------------------------------- */

typedef enum encoding { UTF_8, ASCII, LATIN_1 } encoding;
typedef enum on_error { STRICT, IGNORE, REPLACE } on_error;

/* Compares names of encodings: letters in any case, "_" and " " as "-". */
static bool
is_called(kida_str name, const char *known)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c + 32);
        else if (c == '_' || c == ' ')
            c = '-';
        if (known[i] == '\0' || known[i] != c)
            return false;
    }
    return known[name.len] == '\0';
}

static kida_status
read_names(kida_call *call, encoding *enc, on_error *errors)
{
    static const struct {
        const char *name;
        encoding is;
    } names[] = {
        { "utf-8", UTF_8 },      { "utf8", UTF_8 },       { "ascii", ASCII },
        { "us-ascii", ASCII },   { "latin-1", LATIN_1 },  { "latin1", LATIN_1 },
        { "l1", LATIN_1 },       { "iso-8859-1", LATIN_1 },
    };
    static const struct {
        const char *name;
        on_error is;
    } ways[] = { { "strict", STRICT }, { "ignore", IGNORE }, { "replace", REPLACE } };
    kida_str name, way;
    kida_status st = kd_text_arg(call, kida_arg(call, 0), "the encoding", true, &name);
    if (st == KIDA_OK)
        st = kd_text_arg(call, kida_arg(call, 1), "the handling of errors", true, &way);
    if (st != KIDA_OK)
        return st;
    bool known = false;
    for (size_t i = 0; i < KD_COUNT(names); i++) {
        if (is_called(name, names[i].name)) {
            *enc = names[i].is;
            known = true;
        }
    }
    if (!known)
        return fail_kind(call, "LookupError", "the encoding is not known");
    for (size_t i = 0; i < KD_COUNT(ways); i++) {
        if (is_called(way, ways[i].name)) {
            *errors = ways[i].is;
            return KIDA_OK;
        }
    }
    return fail_kind(call, "LookupError", "the handling of errors is not known");
}

static kida_status
str_encode(kida_call *call, kida_value self, kida_value *out)
{
    kida_str text = kida_as_str(self);
    encoding enc;
    on_error errors;
    kida_status st = read_names(call, &enc, &errors);
    if (st != KIDA_OK)
        return st;
    if (enc == UTF_8 && kida_utf8_valid(text))
        return make_bytes(call, text, out);
    kida_buf buf;
    kida_buf_init(&buf, call);
    const char *end = text.ptr + text.len;
    for (const char *at = text.ptr; at < end;) {
        const char *from = at;
        uint32_t cp = kd_utf8_next(&at, end);
        bool half = cp >= 0xd800 && cp < 0xe000; /* from an escape in a literal */
        if (enc == UTF_8 && !half)
            kida_buf_put(&buf, (kida_str){ from, (size_t)(at - from) });
        else if (enc != UTF_8 && cp < (enc == ASCII ? 0x80u : 0x100u))
            kida_buf_byte(&buf, (char)cp);
        else if (errors == STRICT)
            return fail_kind(call, "UnicodeEncodeError", "a character does not fit the encoding");
        else if (errors == REPLACE)
            kida_buf_byte(&buf, '?');
    }
    st = kida_buf_status(&buf);
    return st == KIDA_OK ? make_bytes(call, kida_buf_str(&buf), out) : st;
}

/* Appends one sound UTF-8 sequence at data[at]; returns its bytes, 0: there is none. */
static size_t
put_sound(kida_buf *buf, kida_str data, size_t at)
{
    for (size_t len = 1; len <= 4 && at + len <= data.len; len++) {
        kida_str part = kd_str_sub(data, at, at + len);
        if (kida_utf8_valid(part)) {
            kida_buf_put(buf, part);
            return len;
        }
    }
    return 0;
}

static kida_status
bytes_decode(kida_call *call, kida_value *out)
{
    const kida_str *data = kida_call_user(call);
    encoding enc;
    on_error errors;
    kida_status st = read_names(call, &enc, &errors);
    if (st != KIDA_OK)
        return st;
    kida_buf buf;
    kida_buf_init(&buf, call);
    for (size_t at = 0; at < data->len;) {
        unsigned char c = (unsigned char)data->ptr[at];
        size_t took = 1;
        if (enc == LATIN_1 || c < 0x80)
            kida_buf_code_point(&buf, c);
        else
            took = enc == UTF_8 ? put_sound(&buf, *data, at) : 0;
        if (took == 0 && errors == STRICT)
            return fail_kind(call, "UnicodeDecodeError", "the bytes are no text in the encoding");
        if (took == 0 && errors == REPLACE)
            kida_buf_code_point(&buf, 0xfffd);
        at += took != 0 ? took : 1;
    }
    return kida_buf_finish(&buf, out);
}

/* ---- the object ------------------------------------------------------------------------------ */

static kida_status
bytes_length(kida_call *call, void *self, size_t *out)
{
    (void)call;
    *out = ((kida_str *)self)->len;
    return KIDA_OK;
}

static kida_status
bytes_item(kida_call *call, void *self, kida_value key, kida_value *out)
{
    const kida_str *data = self;
    int64_t i;
    kida_status st = kd_index_arg(call, key, "an index", &i);
    if (st != KIDA_OK)
        return st;
    if (i < 0)
        i += (int64_t)data->len;
    if (i < 0 || (uint64_t)i >= data->len)
        return fail_kind(call, "IndexError", "the index is out of range of the bytes");
    *out = kida_int((unsigned char)data->ptr[i]);
    return KIDA_OK;
}

static kida_status
bytes_repr(kida_call *call, void *self, kida_value *out)
{
    const kida_str data = *(kida_str *)self;
    bool apostrophe = data.len > 0 && memchr(data.ptr, '\'', data.len) != NULL;
    bool quotes = data.len > 0 && memchr(data.ptr, '"', data.len) != NULL;
    char quote = apostrophe && !quotes ? '"' : '\'';
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_buf_byte(&buf, 'b');
    kida_buf_byte(&buf, quote);
    for (size_t i = 0; i < data.len; i++) {
        unsigned char c = (unsigned char)data.ptr[i];
        if (c == (unsigned char)quote || c == '\\')
            kida_buf_byte(&buf, '\\');
        if (c == '\n')
            kida_buf_put(&buf, KIDA_S("\\n"));
        else if (c == '\r')
            kida_buf_put(&buf, KIDA_S("\\r"));
        else if (c == '\t')
            kida_buf_put(&buf, KIDA_S("\\t"));
        else if (c < 0x20 || c > 0x7e)
            kida_buf_format(&buf, "\\x%02x", (unsigned)c);
        else
            kida_buf_byte(&buf, (char)c);
    }
    kida_buf_byte(&buf, quote);
    return kida_buf_finish(&buf, out);
}

static kida_status
bytes_equal(kida_call *call, void *self, kida_value other, bool *out)
{
    (void)call;
    const kida_str *data = kida_object_memory(other, &bytes_type);
    *out = data != NULL && kida_str_equal(*data, *(kida_str *)self);
    return KIDA_OK;
}

static kida_status
bytes_hex(kida_call *call, kida_value *out)
{
    const kida_str *data = kida_call_user(call);
    kida_buf buf;
    kida_buf_init(&buf, call);
    for (size_t i = 0; i < data->len; i++) {
        kida_buf_byte(&buf, "0123456789abcdef"[(unsigned char)data->ptr[i] >> 4]);
        kida_buf_byte(&buf, "0123456789abcdef"[(unsigned char)data->ptr[i] & 15]);
    }
    return kida_buf_finish(&buf, out);
}

static const kida_param encode_params[] = {
    { "encoding", 0, "'utf-8'" },
    { "errors", 0, "'strict'" },
    { 0 },
};

static kida_status
bytes_attribute(kida_call *call, void *self, kida_str name, kida_value *out)
{
    static const kida_function functions[] = {
        { "decode", bytes_decode, encode_params, KIDA_PURE, "the text that the bytes stand for" },
        { "hex", bytes_hex, NULL, KIDA_PURE, "two hexadecimal digits for each byte" },
    };
    for (size_t i = 0; i < KD_COUNT(functions); i++) {
        if (!kida_str_equal(kida_str_from(functions[i].name), name))
            continue;
        if (kida_function_value(call->rt->pool, &functions[i], self, out) != KIDA_OK)
            return kd_fail_memory(call);
        ((kd_function *)out->u_.p)->trusted = true;
    }
    return KIDA_OK;
}

static const kida_object_type bytes_type = {
    .size = sizeof(kida_object_type),
    .name = "bytes",
    .attribute = bytes_attribute,
    .item = bytes_item,
    .length = bytes_length,
    .text = bytes_repr,
    .repr = bytes_repr,
    .equal = bytes_equal,
};

/* ---- ints ------------------------------------------------------------------------------------ */

static const kida_param to_bytes_params[] = {
    { "length", 0, "1" },
    { "byteorder", 0, "'big'" },
    { "signed", KIDA_IN_KEYWORD | KIDA_IN_BOOL, "false" },
    { 0 },
};

static kida_status
read_order(kida_call *call, size_t index, bool *big)
{
    kida_str order;
    kida_status st = kd_text_arg(call, kida_arg(call, index), "the byte order", false, &order);
    if (st != KIDA_OK)
        return st;
    *big = kida_str_equal(order, KIDA_S("big"));
    if (!*big && !kida_str_equal(order, KIDA_S("little")))
        return fail_kind(call, "ValueError", "the byte order is 'little' or 'big'");
    return KIDA_OK;
}

/* Byte number i, lowest first, of the magnitude of an int. */
static uint8_t
byte_of(kida_value v, size_t i)
{
    if (kd_is(v, KIDA_BIGINT)) {
        const kd_big *big = v.u_.p;
        return (uint8_t)(i / 8 < big->count ? big->limbs[i / 8] >> i % 8 * 8 : 0);
    }
    uint64_t n = v.u_.i < 0 ? 0 - (uint64_t)v.u_.i : (uint64_t)v.u_.i;
    return (uint8_t)(i < 8 ? n >> i * 8 : 0);
}

static size_t
byte_count(kida_value v)
{
    size_t count = kd_is(v, KIDA_BIGINT) ? ((kd_big *)v.u_.p)->count * (size_t)8 : 8;
    while (count > 0 && byte_of(v, count - 1) == 0)
        count--;
    return count;
}

static kida_status
int_to_bytes(kida_call *call, kida_value self, kida_value *out)
{
    int64_t length;
    bool big;
    bool is_signed = kida_arg_bool(call, 2);
    bool negative = kd_big_is_negative(self);
    kida_status st = kd_index_arg(call, kida_arg(call, 0), "the length", &length);
    if (st == KIDA_OK)
        st = read_order(call, 1, &big);
    if (st != KIDA_OK)
        return st;
    if (length < 0)
        return fail_kind(call, "ValueError", "the length can't be negative");
    if ((uint64_t)length > call->rt->max_text)
        return kd_fail_size(call);
    size_t len = (size_t)length;
    if ((negative && !is_signed) || byte_count(self) > len)
        return fail_kind(call, "OverflowError", "the integer does not fit into the bytes");
    char *data = kd_arena_alloc(call->rt->pool, len + 1);
    if (data == NULL)
        return kd_fail_memory(call);
    unsigned carry = negative;
    uint8_t top = 0;
    for (size_t i = 0; i < len; i++) { /* two's complement: invert and add 1 */
        unsigned byte = negative ? (uint8_t)~byte_of(self, i) + carry : byte_of(self, i);
        carry = byte >> 8;
        top = (uint8_t)byte;
        data[big ? len - 1 - i : i] = (char)top;
    }
    if (is_signed && len > 0 && (top >> 7) != negative && byte_count(self) > 0)
        return fail_kind(call, "OverflowError", "the integer does not fit into the bytes");
    return make_bytes(call, (kida_str){ data, len }, out);
}

static const kida_param from_bytes_params[] = {
    { "bytes", 0, NULL },
    { "byteorder", 0, "'big'" },
    { "signed", KIDA_IN_KEYWORD | KIDA_IN_BOOL, "false" },
    { 0 },
};

static kida_status
int_from_bytes(kida_call *call, kida_value self, kida_value *out)
{
    (void)self;
    kida_value given = kida_arg(call, 0);
    const kida_str *data = kida_object_memory(given, &bytes_type);
    bool big;
    kida_status st = read_order(call, 1, &big);
    if (st == KIDA_OK && data == NULL)
        st = kida_fail_type(call, given, "from_bytes() wants bytes");
    if (st == KIDA_OK && data->len > 4096)
        st = kd_fail_size(call);
    kida_value sum = kida_int(0);
    kida_value weight = kida_int(1);
    size_t len = st == KIDA_OK ? data->len : 0;
    uint8_t top = 0;
    for (size_t i = 0; st == KIDA_OK && i < len; i++) {
        kida_value part;
        top = (uint8_t)data->ptr[big ? len - 1 - i : i];
        st = kd_int_arith(call, '*', weight, kida_int(top), &part);
        if (st == KIDA_OK)
            st = kd_int_arith(call, '+', sum, part, &sum);
        if (st == KIDA_OK)
            st = kd_int_arith(call, '*', weight, kida_int(256), &weight);
    }
    if (st == KIDA_OK && kida_arg_bool(call, 2) && top >= 0x80)
        st = kd_int_arith(call, '-', sum, weight, &sum);
    *out = sum;
    return st;
}

static const kd_method encode_rows[] = { { "encode", str_encode, encode_params, 0 } };
static const kd_method int_rows[] = {
    { "to_bytes", int_to_bytes, to_bytes_params, 0 },
    { "from_bytes", int_from_bytes, from_bytes_params, 0 },
};

const kd_method_table kd_str_bytes_methods = { encode_rows, KD_COUNT(encode_rows) };
const kd_method_table kd_int_bytes_methods = { int_rows, KD_COUNT(int_rows) };
