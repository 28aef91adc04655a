/* SPDX-License-Identifier: MIT */
/* translate.c - the catalog of the environment, for filters and functions in C. */
#include "env/env.h"

static kida_status
give(kida_call *call, kida_str text, kida_value *out)
{
    *out = kd_absent();
    return text.len ? kd_text_copy(call, text, false, out) : KIDA_OK;
}

kida_status
kida_translate(kida_call *call, kida_str message, kida_value *out)
{
    const kida_catalog *c = kd_vm_of(call)->host->catalog;
    kida_str text = { NULL, 0 };
    if (c && c->text)
        text = c->text(c->user, call, message);
    return give(call, text, out);
}

kida_status
kida_translate_plural(kida_call *call, kida_str one, kida_str many, int64_t count, kida_value *out)
{
    const kida_catalog *c = kd_vm_of(call)->host->catalog;
    kida_str text = { NULL, 0 };
    if (c && c->plural)
        text = c->plural(c->user, call, one, many, count);
    return give(call, text, out);
}
