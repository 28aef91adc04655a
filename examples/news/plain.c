/* SPDX-License-Identifier: MIT */
/* plain.c - `{{ node.text | plain }}`: what HTML of others says, without its markup. The result is
 * ordinary text, which the template escapes like any other. */
#include <chirp/chirp.h>

#include <stdlib.h>
#include <string.h>

#include "news.h"

static const struct {
    kida_str name;
    const char *text;
} entities[] = {
    { KIDA_S_INIT("&amp;"), "&" },  { KIDA_S_INIT("&lt;"), "<" },    { KIDA_S_INIT("&gt;"), ">" },
    { KIDA_S_INIT("&quot;"), "\"" }, { KIDA_S_INIT("&#x27;"), "'" }, { KIDA_S_INIT("&#x2F;"), "/" },
    { KIDA_S_INIT("&nbsp;"), " " },
};

static bool
begins_with(kida_str text, size_t at, kida_str lead)
{
    return text.len - at >= lead.len && memcmp(text.ptr + at, lead.ptr, lead.len) == 0;
}

/* Bytes of the entity at `at`, whose text goes into buf; 0 for none that is known. */
static size_t
put_entity(kida_buf *buf, kida_str text, size_t at)
{
    for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
        if (begins_with(text, at, entities[i].name)) {
            kida_buf_put(buf, kida_str_from(entities[i].text));
            return entities[i].name.len;
        }
    }
    return 0;
}

static kida_status
plain(kida_call *call, kida_value self, kida_value *out)
{
    kida_buf buf;
    kida_str text = kida_as_str(self);
    kida_buf_init(&buf, call);
    for (size_t at = 0; at < text.len;) {
        size_t skip = 0;
        if (text.ptr[at] == '&')
            skip = put_entity(&buf, text, at);
        if (text.ptr[at] == '<') {
            if (begins_with(text, at, KIDA_S("<p>")))
                kida_buf_put(&buf, KIDA_S("\n\n"));
            while (at + skip < text.len && text.ptr[at + skip] != '>')
                skip++;
            skip += at + skip < text.len;
        }
        if (skip == 0) {
            kida_buf_byte(&buf, text.ptr[at]);
            skip = 1;
        }
        at += skip;
    }
    return kida_buf_finish(&buf, out);
}

static const kida_filter row = { "plain", plain, NULL, KIDA_PURE, "the text of HTML" };

void
plain_add(chirp_app *app)
{
    chirp_template_filter(app, &row, NULL, NULL);
}
