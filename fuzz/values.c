/* SPDX-License-Identifier: MIT */
/* values.c - see values.h. Nothing is kept from one input to the next. */
#define _GNU_SOURCE
#include "values.h"

#include <math.h>
#include <string.h>

/* ---- bytes --------------------------------------------------------------------------------- */

uint8_t
fuzz_byte(fuzz_input *in)
{
    if (in->size == 0)
        return 0;
    in->size--;
    return *in->data++;
}

size_t
fuzz_below(fuzz_input *in, size_t below)
{
    return fuzz_byte(in) % below;
}

kida_str
fuzz_bytes(fuzz_input *in, size_t max)
{
    size_t len = fuzz_byte(in);
    len = len > max ? max : len;
    len = len > in->size ? in->size : len;
    kida_str text = { (const char *)in->data, len };
    in->data += len;
    in->size -= len;
    return text;
}

kida_str
fuzz_until(fuzz_input *in, uint8_t mark)
{
    const uint8_t *end = in->size > 0 ? memchr(in->data, mark, in->size) : NULL;
    kida_str text = { (const char *)in->data, end ? (size_t)(end - in->data) : in->size };
    size_t used = text.len + (end != NULL);
    in->data += used;
    in->size -= used;
    return text;
}

bool
fuzz_holds(kida_str text, const char *word)
{
    return text.len > 0 && memmem(text.ptr, text.len, word, strlen(word)) != NULL;
}

/* ---- host objects and iterators ------------------------------------------------------------- */

typedef struct host {
    uint8_t ways; /* which functions fail or lie */
    kida_value inner;
} host;

static kida_status
host_attribute(kida_call *call, void *self, kida_str name, kida_value *out)
{
    host *h = self;
    if (h->ways & 1)
        return kida_fail(call, KIDA_E_TYPE, "no attribute today");
    if (name.len > 1)
        *out = name.len % 2 ? h->inner : kida_string(KIDA_S("<attr>"));
    return KIDA_OK;
}

static kida_status
host_item(kida_call *call, void *self, kida_value key, kida_value *out)
{
    host *h = self;
    if (h->ways & 2)
        return kida_fail(call, KIDA_E_KEY, "no item today");
    if (kida_kind_of(key) == KIDA_INT && kida_as_int(key) < 3)
        *out = h->inner;
    return KIDA_OK;
}

static kida_status
host_length(kida_call *call, void *self, size_t *out)
{
    host *h = self;
    (void)call;
    *out = h->ways & 4 ? SIZE_MAX : 3;
    return KIDA_OK;
}

static kida_status
host_next(kida_call *call, void *self, kida_iter *iter, kida_value *out)
{
    host *h = self;
    if (iter->at_ == 3 && (h->ways & 8))
        return kida_fail(call, KIDA_E_RUNTIME, "no more today");
    /* A walk that changes what is walked. */
    if ((h->ways & 16) && kida_kind_of(h->inner) == KIDA_LIST &&
        kida_list_push(h->inner, kida_int(1)) != KIDA_OK)
        return KIDA_E_NOMEM;
    if (iter->at_++ < 4)
        *out = h->inner;
    return KIDA_OK;
}

static kida_status
host_iterate(kida_call *call, void *self, kida_iter *iter)
{
    (void)call;
    (void)self;
    iter->at_ = 0;
    return KIDA_OK;
}

static kida_status
host_text(kida_call *call, void *self, kida_value *out)
{
    host *h = self;
    *out = h->ways & 32 ? h->inner : kida_string(KIDA_S("<host>"));
    return h->ways & 64 ? kida_fail(call, KIDA_E_RUNTIME, "no text today") : KIDA_OK;
}

static kida_status
host_invoke(kida_call *call, void *self, kida_value *out)
{
    host *h = self;
    (void)call;
    *out = h->inner;
    return KIDA_OK;
}

static const kida_object_type host_type = { .size = sizeof(kida_object_type),
                                            .name = "host",
                                            .attribute = host_attribute,
                                            .item = host_item,
                                            .length = host_length,
                                            .iterate = host_iterate,
                                            .next = host_next,
                                            .invoke = host_invoke,
                                            .text = host_text };

static kida_status
once_next(kida_call *call, void *state, kida_value *out)
{
    host *h = state;
    (void)call;
    if (h->ways > 0)
        *out = h->inner;
    h->ways = h->ways > 4 ? 4 : (uint8_t)(h->ways - (h->ways > 0));
    return KIDA_OK;
}

static kida_value
make_host(fuzz_input *in, kida_pool *pool, bool once, unsigned depth)
{
    host *h = kida_pool_alloc(pool, sizeof(*h));
    kida_value v = kida_none();
    FUZZ_CHECK(h != NULL);
    h->ways = fuzz_byte(in);
    h->inner = fuzz_value(in, pool, depth + 1);
    if (!once)
        return kida_object(&host_type, h);
    FUZZ_CHECK(kida_iterator_new(pool, "once", once_next, h, &v) == KIDA_OK);
    return v;
}

/* ---- values -------------------------------------------------------------------------------- */

static kida_value
make_text(fuzz_input *in)
{
    static const char *const texts[] = { "<b>x</b>",         "a & b",      "'\"`",   "%s {0.a}",
                                         "\xc3\x9f\xc4\xb0", "2024-02-29", "-1e999", "javascript:x",
                                         "{{ x }}" };
    size_t pick = fuzz_below(in, 16);
    kida_str text = fuzz_bytes(in, 24);
    if (pick < sizeof(texts) / sizeof(texts[0]))
        text = kida_str_from(texts[pick]);
    else if (!kida_utf8_valid(text))
        text = KIDA_S("\0nul");
    return kida_string(text);
}

static kida_value
make_number(fuzz_input *in, kida_pool *pool)
{
    static const char *const big[] = { "9223372036854775808",
                                       "-170141183460469231731687303715884105728",
                                       "1000000000000000000000000000000000000000000000000" };
    static const double doubles[] = { 0.0, -0.0, 0.1, 1e308, -1e-320, 2.5 };
    static const int64_t ints[] = { 0, 1, -1, 10, INT64_MAX, INT64_MIN, 1000000, INT32_MIN };
    kida_value v = kida_float(NAN);
    kida_error err;
    switch (fuzz_below(in, 5)) {
    case 0:
        return kida_int(ints[fuzz_below(in, 8)]);
    case 1:
        return kida_int((int8_t)fuzz_byte(in));
    case 2:
        return kida_float(doubles[fuzz_below(in, 6)]);
    case 3:
        FUZZ_CHECK(kida_json_parse(pool, kida_str_from(big[fuzz_below(in, 3)]), &v, &err) ==
                   KIDA_OK);
        return v;
    }
    return fuzz_byte(in) & 1 ? kida_float((double)INFINITY) : v;
}

/* A list, tuple, dict or set; an odd first byte makes the list or dict hold itself. */
static kida_value
make_container(fuzz_input *in, kida_pool *pool, size_t kind, unsigned depth)
{
    kida_value v = kida_none(), items[8];
    size_t count = fuzz_below(in, 8), made = 0;
    bool cyclic = fuzz_byte(in) % 32 == 31;
    for (; made < count; made++)
        items[made] = fuzz_value(in, pool, depth + 1);
    if (kind == 0) {
        FUZZ_CHECK(kida_tuple_new(pool, items, count, &v) == KIDA_OK);
    } else if (kind == 1) {
        FUZZ_CHECK(kida_list_new(pool, count, &v) == KIDA_OK);
        for (size_t i = 0; i < count; i++)
            FUZZ_CHECK(kida_list_push(v, items[i]) == KIDA_OK);
        FUZZ_CHECK(!cyclic || kida_list_push(v, v) == KIDA_OK);
    } else if (kind == 2) {
        static const char *const keys[] = { "a", "b", "id", "name", "items", "<k>" };
        FUZZ_CHECK(kida_dict_new(pool, count, &v) == KIDA_OK);
        for (size_t i = 0; i < count; i++) {
            kida_value key = kida_string(kida_str_from(keys[fuzz_below(in, 6)]));
            kida_status st =
                kida_dict_set(v, fuzz_byte(in) % 8 ? key : items[count - i - 1], items[i]);
            FUZZ_CHECK(st == KIDA_OK || st == KIDA_E_TYPE);
        }
        FUZZ_CHECK(!cyclic || kida_dict_set(v, kida_string(KIDA_S("self")), v) == KIDA_OK);
    } else {
        FUZZ_CHECK(kida_set_new(pool, count, &v) == KIDA_OK);
    }
    return v;
}

kida_value
fuzz_value(fuzz_input *in, kida_pool *pool, unsigned depth)
{
    kida_value v;
    size_t kind = fuzz_below(in, depth > 6 ? 6 : 14);
    switch (kind) {
    case 0:
        return kida_none();
    case 1:
        return kida_bool(fuzz_byte(in) & 1);
    case 2:
        return make_number(in, pool);
    case 3:
        return make_text(in);
    case 4:
        return kida_safe(kida_as_str(make_text(in)));
    case 5:
        return kida_undefined();
    case 10:
        return make_host(in, pool, false, depth);
    case 11:
        return make_host(in, pool, true, depth);
    case 12:
        FUZZ_CHECK(kida_from_time(pool, (int64_t)fuzz_byte(in) << fuzz_below(in, 40), &v) ==
                   KIDA_OK);
        return v;
    case 13:
        return make_text(in);
    }
    return make_container(in, pool, kind - 6, depth);
}

kida_value
fuzz_context(fuzz_input in, kida_pool *pool)
{
    static const char *const names[] = { "x", "s", "n", "d", "xs", "rows", "items", "user", "f" };
    kida_value context, first = kida_none();
    FUZZ_CHECK(kida_dict_new(pool, 8, &context) == KIDA_OK);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        kida_value v = fuzz_byte(&in) % 16 == 15 ? first : fuzz_value(&in, pool, 0);
        first = i == 0 ? v : first;
        FUZZ_CHECK(kida_dict_set(context, kida_string(kida_str_from(names[i])), v) == KIDA_OK);
    }
    return context;
}

/* ---- renders ------------------------------------------------------------------------------- */

void
fuzz_config(kida_config *cfg)
{
    kida_config_init(cfg);
    cfg->hash_seed = 1;
    cfg->limits.steps = 20000;
    cfg->limits.arena = 8u << 20;
    cfg->limits.output = FUZZ_OUT_MAX;
    cfg->limits.depth = 50;
}

kida_env *
fuzz_env(const kida_config *cfg, kida_str source)
{
    static const char *const sources[][2] = {
        { "part.html", "[{{ x }}]" },
        { "base.html", "<{% block b %}{{ s }}{% end %}|{% block c %}{% end %}>" },
        { "defs.html", "{% def card(a, b=1) %}<i>{{ a }}{{ b }}{% slot %}</i>{% end %}"
                       "{% def f(a=1) %}{{ caller() if caller is defined }}{{ a }}{% end %}" },
    };
    kida_error err;
    kida_error_init(&err);
    kida_env *env = kida_env_new_std(cfg, &err);
    if (env == NULL)
        fprintf(stderr, "no environment: %s\n", err.message);
    FUZZ_CHECK(env != NULL);
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
        FUZZ_CHECK(kida_env_add_source(env, kida_str_from(sources[i][0]),
                                       kida_str_from(sources[i][1]), &err) == KIDA_OK);
    if (kida_env_add_source(env, KIDA_S("fuzz.html"), source, &err) != KIDA_OK) {
        kida_env_free(env);
        return NULL;
    }
    return env;
}

kida_status
fuzz_sink(void *user, const char *data, size_t len)
{
    fuzz_outcome *out = user;
    out->total += len;
    for (size_t i = 0; i < len; i++)
        out->hash = (out->hash ^ (unsigned char)data[i]) * 0x100000001b3u;
    return KIDA_OK;
}

void
fuzz_render(kida_env *env, fuzz_input values, const kida_render_options *options, fuzz_outcome *out)
{
    *out = (fuzz_outcome){ .hash = 0xcbf29ce484222325u };
    kida_error_init(&out->err);
    kida_pool *pool = kida_pool_new(NULL, 0);
    FUZZ_CHECK(pool != NULL);
    kida_template *tpl = kida_env_get(env, KIDA_S("fuzz.html"), &out->err);
    out->status = out->err.status;
    if (tpl != NULL)
        out->status =
            kida_render(tpl, fuzz_context(values, pool), options, fuzz_sink, out, &out->err);
    out->line = out->err.line;
    FUZZ_CHECK(out->total <= FUZZ_OUT_MAX);
    FUZZ_CHECK(out->status == out->err.status || out->status == KIDA_OK);
    FUZZ_CHECK(out->status == KIDA_OK || (out->err.code[0] == 'K' && out->err.message[0] != '\0'));
    FUZZ_CHECK(kida_utf8_valid(kida_str_from(out->err.message)));
    kida_template_drop(tpl);
    kida_pool_free(pool);
}

bool
fuzz_is_limit(kida_status status)
{
    return status == KIDA_E_NOMEM || kida_status_class(status) == KIDA_CLASS_LIMIT;
}
