/* SPDX-License-Identifier: MIT */
/* sse.h - events as bytes, for streams and hubs. */
#ifndef CH_SSE_SSE_H
#define CH_SSE_SSE_H

#include <chirp/sse.h>

/* Appends an event as it goes over the wire. Errors: KIDA_E_USAGE for names and ids that must not
 * be sent (ES-4), KIDA_E_NOMEM. */
kida_status ch_event_write(kida_buf *out, const chirp_event *event);

/* Appends `<div id="target" hx-swap-oob="true">html</div>`. */
void ch_event_wrap(kida_buf *out, kida_str target, kida_str html);

/* Sends bytes that ch_event_write has made. Thread: waits */
kida_status ch_sse_put(chirp_sse *sse, kida_str bytes);

/* Bytes of the event that chirp_hub_next has returned last. */
kida_str ch_hub_bytes(const chirp_subscription *subscription);

/* Its topic. */
kida_str ch_hub_topic(const chirp_subscription *subscription);

/* chirp_sse_fragment, as an event of another name than the target's. Thread: waits */
kida_status ch_sse_fragment(chirp_sse *sse, kida_str name, kida_str block, kida_str event,
                            kida_str target, kida_value context);

#endif
