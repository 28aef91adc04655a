/* SPDX-License-Identifier: MIT */
/* snippets.h - scripts that the config may have put into every page (row 6.6). */
#ifndef CH_MIDDLEWARE_SNIPPETS_H
#define CH_MIDDLEWARE_SNIPPETS_H

/* Elements that act on events of others get themselves as target. */
extern const char ch_snippet_safe_target[];

/* State of event streams as an attribute and as events. */
extern const char ch_snippet_sse_lifecycle[];

/* htmx swaps within view transitions. */
extern const char ch_snippet_view_transitions[];

/* The same for navigation between pages: for the head. */
extern const char ch_snippet_transition_style[];

/* What a Content-Security-Policy says to let its style pass. */
extern const char ch_snippet_transition_source[];

#endif
