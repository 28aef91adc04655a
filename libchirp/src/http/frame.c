/* SPDX-License-Identifier: MIT */
/* frame.c - host, length, transfer coding and connection of a request; sections 3 and 4 of the
 * robustness rules. One pass finds the fields that matter, then each is judged. */
#include "http/frame.h"

#include <string.h>

#include "config/text.h"

/* Fields that decide about the message, as met. */
typedef struct facts {
    kida_str host;
    kida_str length;
    kida_str coding;
    size_t hosts;
    size_t lengths;
    size_t codings;
    size_t cookies; /* pairs, at most */
    bool wants_close;
    bool wants_keep_alive;
    bool expects_continue;
} facts;

static void
look_at(facts *found, const ch_pair *field)
{
    kida_str name = field->name, value = field->value;
    if (ch_str_iequal(name, KIDA_S("host"))) {
        found->host = value;
        found->hosts++;
    } else if (ch_str_iequal(name, KIDA_S("cookie"))) {
        found->cookies += ch_str_count(value, ';') + 1;
    } else if (ch_str_iequal(name, KIDA_S("expect"))) {
        found->expects_continue = ch_str_iequal(value, KIDA_S("100-continue"));
    } else if (ch_str_iequal(name, KIDA_S("connection"))) {
        found->wants_close = found->wants_close || ch_list_has(value, KIDA_S("close"));
        found->wants_keep_alive =
            found->wants_keep_alive || ch_list_has(value, KIDA_S("keep-alive"));
    } else if (ch_str_iequal(name, KIDA_S("content-length"))) {
        found->length = value;
        found->lengths++;
    } else if (ch_str_iequal(name, KIDA_S("transfer-encoding"))) {
        found->coding = value;
        found->codings++;
    }
}

/* HO-1 to HO-5; the authority of an absolute target replaces the field (RL-14). */
static ch_reject
decide_host(chirp_request *req, const facts *found, kida_str authority)
{
    if (found->hosts > 1 || (found->hosts == 0 && !req->is_http10))
        return CH_REJECT_HOST;
    ch_reject reason = CH_REJECT_NONE;
    if (found->hosts == 1)
        reason = ch_host_parse(&req->arena, found->host, &req->host, &req->port);
    else
        req->host = kida_str_from(req->config->default_host);
    if (reason == CH_REJECT_NONE && authority.ptr != NULL)
        reason = ch_host_parse(&req->arena, authority, &req->host, &req->port);
    return reason;
}

/* CL-1 to CL-5, TE-1 to TE-5. Chunked alone is known; every other coding is refused. */
static ch_reject
decide_body(chirp_request *req, const facts *found)
{
    if (found->codings > 0) {
        if (found->lengths > 0)
            return CH_REJECT_CL_TE;
        if (req->is_http10 || found->codings > 1 ||
            !ch_str_iequal(found->coding, KIDA_S("chunked")))
            return CH_REJECT_TRANSFER_ENCODING;
        req->is_chunked = true;
        req->has_body = true;
        return CH_REJECT_NONE;
    }
    if (found->lengths == 0)
        return CH_REJECT_NONE;
    uint64_t length;
    if (found->lengths > 1 || !ch_parse_uint(found->length, INT64_MAX, &length))
        return CH_REJECT_CONTENT_LENGTH;
    req->has_length = true;
    req->content_length = length;
    req->has_body = length > 0;
    return CH_REJECT_NONE;
}

/* Path and query as one text; a slice of the target but for `http://host?x`, which has no slash. */
static ch_reject
decide_url(chirp_request *req)
{
    kida_str path = req->raw_path, mark = req->raw_query;
    req->url = path;
    if (mark.ptr == NULL)
        return CH_REJECT_NONE;
    if (path.ptr + path.len + 1 == mark.ptr) {
        req->url.len += 1 + mark.len;
        return CH_REJECT_NONE;
    }
    char *url = ch_arena_alloc(&req->arena, mark.len + 2);
    if (url == NULL)
        return CH_REJECT_MEMORY;
    url[0] = '/';
    url[1] = '?';
    memcpy(url + 2, mark.ptr, mark.len);
    req->url.ptr = url;
    req->url.len = mark.len + 2;
    return CH_REJECT_NONE;
}

ch_reject
ch_frame_decide(chirp_request *req, kida_str target)
{
    ch_target parts;
    ch_reject reason = ch_target_parse(target, req->method == CH_METHOD_OPTIONS, &parts);
    if (reason != CH_REJECT_NONE)
        return reason;
    req->target = target;
    req->raw_path = parts.path;
    req->raw_query = parts.query;
    req->is_asterisk = parts.is_asterisk;
    reason = decide_url(req);
    if (reason == CH_REJECT_NONE)
        reason = ch_path_parse(&req->arena, parts.path, &req->path);
    if (reason != CH_REJECT_NONE)
        return reason;

    facts found = { 0 };
    for (size_t i = 0; i < req->headers.count; i++)
        look_at(&found, &req->headers.items[i]);
    reason = decide_host(req, &found, parts.authority);
    if (reason == CH_REJECT_NONE)
        reason = decide_body(req, &found);
    if (reason != CH_REJECT_NONE)
        return reason;

    if (found.cookies > req->config->max_cookies ||
        (parts.query.len > 0 &&
         ch_str_count(parts.query, '&') >= req->config->max_query_pairs))
        return CH_REJECT_TOO_MANY;
    req->keep_alive =
        !found.wants_close && (req->is_http10 ? found.wants_keep_alive : true);
    req->expects_continue = found.expects_continue && !req->is_http10 && req->has_body;
    return CH_REJECT_NONE;
}
