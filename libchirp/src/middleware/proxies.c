/* SPDX-License-Identifier: MIT */
/* proxies.c - trusted proxies and the fields they set. Lists are read from the right, as far as the
 * configured number of hops: what stands further left is the client's own invention. */
#define _GNU_SOURCE
#include "proxies.h"

#include <arpa/inet.h>
#include <string.h>

#include "config/fail.h"
#include "config/text.h"

#define REQUEST_ID_MAX 64

/* ---- addresses ------------------------------------------------------------------------------- */

/* Reads an address of either family; 12 fixed bytes stand before the four of IPv4. */
static bool
parse_address(kida_str text, unsigned char out[16], bool *is_four)
{
    static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    char name[INET6_ADDRSTRLEN + 1];
    if (text.len == 0 || text.len >= sizeof(name) || memchr(text.ptr, '\0', text.len))
        return false;
    memcpy(name, text.ptr, text.len);
    name[text.len] = '\0';
    *is_four = inet_pton(AF_INET, name, out + 12) == 1;
    if (*is_four)
        memcpy(out, mapped, sizeof(mapped));
    return *is_four || inet_pton(AF_INET6, name, out) == 1;
}

bool
ch_network_parse(kida_str text, ch_network *out)
{
    size_t slash = ch_str_find(text, '/', 0);
    bool is_four;
    if (!parse_address(ch_str_slice(text, 0, slash), out->address, &is_four))
        return false;
    uint64_t bits = is_four ? 32 : 128;
    if (slash < text.len &&
        !ch_parse_uint(ch_str_slice(text, slash + 1, text.len), bits, &bits))
        return false;
    out->bits = (unsigned)bits + (is_four ? 96 : 0);
    return true;
}

static bool
holds(const ch_network *network, const unsigned char address[16])
{
    size_t bytes = network->bits / 8;
    unsigned rest = network->bits % 8;
    if (memcmp(network->address, address, bytes) != 0)
        return false;
    unsigned mask = rest == 0 ? 0 : (0xffu << (8 - rest)) & 0xffu;
    return rest == 0 || ((network->address[bytes] ^ address[bytes]) & mask) == 0;
}

bool
ch_network_holds(const ch_network *network, const ch_network *other)
{
    return holds(network, other->address);
}

kida_status
ch_proxies_init(ch_proxies *proxies, const chirp_config *config, ch_arena *arena, kida_error *err)
{
    size_t count = 0;
    *proxies = (ch_proxies){ .hops = config->forwarded_hops };
    proxies->is_standard = ch_str_iequal(kida_str_from(config->forwarded_header),
                                         KIDA_S("forwarded"));
    while (config->trusted_proxies && config->trusted_proxies[count])
        count++;
    proxies->networks = ch_arena_array(arena, count, sizeof(*proxies->networks));
    if (!proxies->networks)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for the trusted proxies");
    for (size_t i = 0; i < count; i++) {
        kida_str entry = kida_str_from(config->trusted_proxies[i]);
        if (kida_str_equal(entry, KIDA_S("*")))
            proxies->has_any = true;
        else if (!ch_network_parse(entry, &proxies->networks[proxies->count++]))
            return ch_fail(err, KIDA_E_USAGE, "trusted_proxies: '%.60s' is no address or network",
                           entry.ptr);
    }
    return KIDA_OK;
}

bool
ch_proxies_trust(const ch_proxies *proxies, const chirp_request *req)
{
    unsigned char address[16];
    bool is_four;
    if (proxies->has_any)
        return true;
    kida_str client = { req->client, req->client_len };
    if (proxies->count == 0 || !parse_address(client, address, &is_four))
        return false;
    for (size_t i = 0; i < proxies->count; i++) {
        if (holds(&proxies->networks[i], address))
            return true;
    }
    return false;
}

/* ---- fields ---------------------------------------------------------------------------------- */

/* Whether only a proxy may set this field. */
static bool
is_of_proxies(kida_str name)
{
    kida_str lead = KIDA_S("x-forwarded-");
    if (name.len < 9 || (ch_lower(name.ptr[0]) != 'x' && ch_lower(name.ptr[0]) != 'f'))
        return false;
    return (name.len > lead.len && ch_str_iequal(ch_str_slice(name, 0, lead.len), lead)) ||
           ch_str_iequal(name, KIDA_S("forwarded")) || ch_str_iequal(name, KIDA_S("x-real-ip")) ||
           ch_str_iequal(name, KIDA_S("x-request-id"));
}

static void
remove_fields(ch_headers *headers)
{
    size_t kept = 0;
    for (size_t i = 0; i < headers->count; i++) {
        if (!is_of_proxies(headers->items[i].name))
            headers->items[kept++] = headers->items[i];
    }
    headers->count = kept;
}

/* Walks over the items of all fields of a name, from the last item of the last field. */
typedef struct backwards {
    const ch_headers *headers;
    kida_str name;
    size_t field; /* index behind the next field to look at */
    kida_str rest; /* of the current field; ptr NULL: none */
} backwards;

static bool
previous_item(backwards *walk, kida_str *item)
{
    while (walk->rest.ptr == NULL) {
        if (walk->field == 0)
            return false;
        const ch_pair *field = &walk->headers->items[--walk->field];
        if (ch_str_iequal(field->name, walk->name))
            walk->rest = field->value;
    }
    size_t start = walk->rest.len;
    while (start > 0 && walk->rest.ptr[start - 1] != ',')
        start--;
    *item = ch_str_trim(ch_str_slice(walk->rest, start, walk->rest.len));
    if (start > 0)
        walk->rest.len = start - 1;
    else
        walk->rest.ptr = NULL;
    return true;
}

static backwards
from_the_end(const chirp_request *req, kida_str name)
{
    return (backwards){ &req->headers, name, req->headers.count, { NULL, 0 } };
}

/* Value of one parameter of an element of Forwarded, without its quotes; ptr NULL: none. */
static kida_str
parameter(kida_str element, kida_str name)
{
    size_t pos = 0;
    kida_str pair, missing = { NULL, 0 };
    while (ch_str_next(element, ';', &pos, &pair)) {
        size_t equals = ch_str_find(pair, '=', 0);
        if (equals == pair.len || !ch_str_iequal(ch_str_slice(pair, 0, equals), name))
            continue;
        kida_str value = ch_str_slice(pair, equals + 1, pair.len);
        if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
            value = ch_str_slice(value, 1, value.len - 1);
        return value;
    }
    return missing;
}

/* The address in "1.2.3.4", "1.2.3.4:80", "::1" or "[::1]:80"; empty for anything else. */
static kida_str
address_of(kida_str text)
{
    unsigned char ignored[16];
    bool is_four;
    kida_str out = text;
    if (text.len > 0 && text.ptr[0] == '[')
        out = ch_str_slice(text, 1, ch_str_find(text, ']', 0) < text.len
                                        ? ch_str_find(text, ']', 0) : text.len);
    else if (ch_str_count(text, ':') == 1)
        out = ch_str_slice(text, 0, ch_str_find(text, ':', 0));
    return parse_address(out, ignored, &is_four) ? out : KIDA_S("");
}

/* The client: as many hops from the right as are trusted; junk ends the walk (PX-2). */
static void
take_client(const ch_proxies *proxies, chirp_request *req)
{
    backwards walk = from_the_end(req, proxies->is_standard ? KIDA_S("forwarded")
                                                            : KIDA_S("x-forwarded-for"));
    kida_str item;
    for (uint32_t i = 0; i < proxies->hops && previous_item(&walk, &item); i++) {
        kida_str address = address_of(proxies->is_standard ? parameter(item, KIDA_S("for")) : item);
        if (address.len == 0)
            return;
        req->forwarded_client = address;
    }
}

/* The last value: that of the proxy which speaks to us. */
static kida_str
last_value(const ch_proxies *proxies, const chirp_request *req, kida_str name, kida_str standard)
{
    backwards walk = from_the_end(req, proxies->is_standard ? KIDA_S("forwarded") : name);
    kida_str item, missing = { NULL, 0 };
    if (!previous_item(&walk, &item))
        return missing;
    return proxies->is_standard ? parameter(item, standard) : item;
}

static void
take_scheme_and_host(const ch_proxies *proxies, chirp_request *req)
{
    kida_str scheme = last_value(proxies, req, KIDA_S("x-forwarded-proto"), KIDA_S("proto"));
    if (ch_str_iequal(scheme, KIDA_S("https")))
        req->forwarded_scheme = KIDA_S("https");
    else if (ch_str_iequal(scheme, KIDA_S("http")))
        req->forwarded_scheme = KIDA_S("http");

    kida_str name = last_value(proxies, req, KIDA_S("x-forwarded-host"), KIDA_S("host"));
    kida_str host;
    uint32_t port;
    if (name.len > 0 && ch_host_parse(&req->arena, name, &host, &port) == CH_REJECT_NONE) {
        req->host = host;
        req->port = port;
    }
}

static bool
is_request_id(kida_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = ch_lower(text.ptr[i]);
        if (!(c >= 'a' && c <= 'z') && !ch_is_digit(c) && c != '-' && c != '_' && c != '.')
            return false;
    }
    return text.len > 0 && text.len <= REQUEST_ID_MAX;
}

void
ch_proxies_apply(const ch_proxies *proxies, chirp_request *req)
{
    if (!ch_proxies_trust(proxies, req)) {
        remove_fields(&req->headers);
        return;
    }
    take_client(proxies, req);
    take_scheme_and_host(proxies, req);
    kida_str id = ch_headers_get(&req->headers, KIDA_S("x-request-id"), 0);
    if (is_request_id(id))
        req->request_id = id;
}
