/* SPDX-License-Identifier: MIT */
/* event.c - one event as text. */
#include "sse.h"

static bool
has_any(kida_str text, char a, char b, char c)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == a || text.ptr[i] == b || text.ptr[i] == c)
            return true;
    }
    return false;
}

static void
put_field(kida_buf *out, kida_str name, kida_str value)
{
    kida_buf_put(out, name);
    kida_buf_put(out, value);
    kida_buf_byte(out, '\n');
}

/* One line for each line of the data, whichever way it ends (ES-3). */
static void
put_data(kida_buf *out, kida_str data)
{
    size_t start = 0;
    for (size_t i = 0; i < data.len; i++) {
        if (data.ptr[i] != '\r' && data.ptr[i] != '\n')
            continue;
        put_field(out, KIDA_S("data: "), (kida_str){ data.ptr + start, i - start });
        if (data.ptr[i] == '\r' && i + 1 < data.len && data.ptr[i + 1] == '\n')
            i++;
        start = i + 1;
    }
    put_field(out, KIDA_S("data: "), (kida_str){ data.ptr + start, data.len - start });
}

kida_status
ch_event_write(kida_buf *out, const chirp_event *event)
{
    if (has_any(event->event, '\r', '\n', '\0') || has_any(event->id, '\r', '\n', '\0'))
        return KIDA_E_USAGE;
    if (event->event.len > 0)
        put_field(out, KIDA_S("event: "), event->event);
    if (event->id.ptr)
        put_field(out, KIDA_S("id: "), event->id);
    if (event->retry > 0)
        kida_buf_format(out, "retry: %u\n", (unsigned)event->retry);
    put_data(out, event->data);
    kida_buf_byte(out, '\n');
    return kida_buf_status(out);
}

void
ch_event_wrap(kida_buf *out, kida_str target, kida_str html)
{
    kida_buf_put(out, KIDA_S("<div id=\""));
    kida_buf_html(out, target);
    kida_buf_put(out, KIDA_S("\" hx-swap-oob=\"true\">"));
    kida_buf_put(out, html);
    kida_buf_put(out, KIDA_S("</div>"));
}
