/* SPDX-License-Identifier: MIT */
/* counter.c - a host object: what templates do with it is answered by functions. */
#include "extend.h"

/* {{ c.from }}, {{ c.sum }}: out stays absent for names that it does not have. */
static kida_status
attribute(kida_call *call, void *self, kida_str name, kida_value *out)
{
    const counter *c = self;
    (void)call;
    if (kida_str_equal(name, KIDA_S("from")))
        *out = kida_int(c->from);
    else if (kida_str_equal(name, KIDA_S("to")))
        *out = kida_int(c->to);
    else if (kida_str_equal(name, KIDA_S("sum")))
        *out = kida_int((c->from + c->to) * (c->to - c->from + 1) / 2);
    return KIDA_OK;
}

/* {{ c[0] }} */
static kida_status
item(kida_call *call, void *self, kida_value key, kida_value *out)
{
    const counter *c = self;
    int64_t index = kida_as_int(key);
    if (kida_kind_of(key) != KIDA_INT)
        return kida_fail_type(call, key, "a counter is indexed by numbers");
    if (index >= 0 && index <= c->to - c->from)
        *out = kida_int(c->from + index);
    return KIDA_OK;
}

static kida_status
length(kida_call *call, void *self, size_t *out)
{
    const counter *c = self;
    (void)call;
    *out = (size_t)(c->to - c->from + 1);
    return KIDA_OK;
}

/* {% for n in c %}: the walk's position is in the iterator, so several may be under way. */
static kida_status
next(kida_call *call, void *self, kida_iter *iter, kida_value *out)
{
    const counter *c = self;
    (void)call;
    if (c->from + (int64_t)iter->at_ <= c->to)
        *out = kida_int(c->from + (int64_t)iter->at_++);
    return KIDA_OK;
}

/* {{ c(10) }}: positional arguments of a call are those of kida_rest. */
static kida_status
invoke(kida_call *call, void *self, kida_value *out)
{
    const counter *c = self;
    if (kida_rest_count(call) != 1)
        return kida_fail(call, KIDA_E_TYPE, "a counter is called with one number");
    return kida_arith(call, '*', kida_int(c->from), kida_rest(call, 0), out);
}

/* {{ c }} */
static kida_status
text(kida_call *call, void *self, kida_value *out)
{
    const counter *c = self;
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_buf_int(&buf, c->from);
    kida_buf_put(&buf, KIDA_S("…"));
    kida_buf_int(&buf, c->to);
    return kida_buf_finish(&buf, out);
}

static const kida_object_type counter_type = {
    .size = sizeof(kida_object_type),
    .name = "counter",
    .attribute = attribute,
    .item = item,
    .length = length,
    .next = next,
    .invoke = invoke,
    .text = text,
};

kida_value
counter_value(counter *c)
{
    return kida_object(&counter_type, c);
}
