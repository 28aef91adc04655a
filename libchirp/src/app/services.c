/* SPDX-License-Identifier: MIT */
/* services.c - what factories make for a request, once each (4.8). */
#include "app.h"

#include <stdio.h>

#include "config/fail.h"
#include "http/request.h"

#define KEY_MAX 160

static const ch_provider *
find_provider(const chirp_request *req, kida_str name)
{
    const ch_provider *provider = req->frozen->providers;
    while (provider && !kida_str_equal(provider->name, name))
        provider = provider->next;
    return provider;
}

/* The mark says that the factory runs, so that services that need each other are found out. It is
 * taken away before the service is kept: what it needs must outlive it. */
static void *
make(chirp_request *req, const ch_provider *provider, const char *key, kida_error *err)
{
    void *service = NULL;
    if (chirp_g_has(req, key)) {
        ch_fail(err, KIDA_E_USAGE, "service '%s' needs itself", provider->name.ptr);
        return NULL;
    }
    kida_status st = chirp_g_set_value(req, key, kida_bool(true));
    if (st != KIDA_OK) {
        ch_fail(err, st, "no memory for service '%s'", provider->name.ptr);
        return NULL;
    }
    st = provider->factory(req, provider->user, &service, err);
    chirp_g_delete(req, key);
    if (st != KIDA_OK || !service) {
        st = st == KIDA_OK ? KIDA_E_USAGE : st;
        if (err->message[0] == '\0')
            ch_fail(err, st, "the factory of service '%s' failed: %s", provider->name.ptr,
                    kida_status_text(st));
        err->status = st;
        return NULL;
    }
    st = chirp_g_set(req, key, service, provider->destroy);
    if (st != KIDA_OK)
        ch_fail(err, st, "no memory for service '%s'", provider->name.ptr);
    return st == KIDA_OK ? service : NULL;
}

void *
chirp_service(chirp_request *req, const char *name, kida_error *err)
{
    char key[KEY_MAX];
    kida_error local;
    if (!err)
        err = &local;
    kida_error_init(err);
    const ch_provider *provider = find_provider(req, kida_str_from(name));
    if (!provider) {
        ch_fail(err, KIDA_E_KEY, "no factory for service '%.60s'", name);
        return NULL;
    }
    snprintf(key, sizeof(key), "chirp.service.%s", provider->name.ptr);
    void *service = chirp_g_get(req, key);
    return service ? service : make(req, provider, key, err);
}
