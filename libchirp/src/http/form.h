/* SPDX-License-Identifier: MIT */
/* form.h - pairs in query strings and urlencoded bodies, cookies of a request, a look at JSON. */
#ifndef CH_HTTP_FORM_H
#define CH_HTTP_FORM_H

#include <chirp/request.h>

#include "headers.h"

/* Reads key=value pairs split at `&`, `+` as space, both sides decoded; appends to list.
 * Errors: KIDA_E_LIMIT_MEMORY beyond the list's max, KIDA_E_NOMEM. */
kida_status ch_pairs_parse(ch_headers *list, kida_str text);

/* Reads a multipart body into req->form and req->uploads; says why it can't in req->form_problem.
 * Errors: KIDA_E_UNSUPPORTED, KIDA_E_PARSE, KIDA_E_LIMIT_MEMORY, KIDA_E_NOMEM. */
kida_status ch_multipart_form(chirp_request *req);

/* Reads a Cookie header's value: split at `;` and the first `=`, trimmed, nothing decoded, pairs
 * without `=` or without a name skipped (CO-1). Errors as ch_pairs_parse. */
kida_status ch_cookies_parse(ch_headers *list, kida_str value);

/* Whether JSON text stays within a depth and a number of nodes (LM-11); says nothing of syntax. */
bool ch_json_is_bounded(kida_str text, uint32_t max_depth, uint32_t max_nodes);

#endif
