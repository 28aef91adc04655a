/* SPDX-License-Identifier: MIT */
/* module.c - applications in shared objects. */
#define _GNU_SOURCE
#include <chirp/module.h>

#include <dlfcn.h>
#include <stdio.h>

#include "config/fail.h"
#include "config/text.h"

#define PATH_ROOM 4096

static kida_status
check_module(const char *path, const chirp_module *module, kida_error *err)
{
    kida_status st = KIDA_OK;
    if (module->abi != CHIRP_ABI)
        st = ch_fail(err, KIDA_E_MODULE, "%.200s was built for version %u of the interface, not %u",
                     path, (unsigned)module->abi, (unsigned)CHIRP_ABI);
    else if (module->kida_abi != KIDA_ABI)
        st = ch_fail(err, KIDA_E_MODULE,
                     "%.200s was built for version %u of libkida's interface, not %u", path,
                     (unsigned)module->kida_abi, (unsigned)KIDA_ABI);
    else if (module->config_size != sizeof(chirp_config) || !module->create)
        st = ch_fail(err, KIDA_E_MODULE, "%.200s was built with other headers", path);
    if (st != KIDA_OK)
        return ch_fail_hint(err, st, "build it anew with the headers of this libchirp");
    return KIDA_OK;
}

static const chirp_module *
open_module(const char *path, kida_error *err)
{
    char room[PATH_ROOM];
    kida_str name = kida_str_from(path);
    /* Without a slash dlopen would search the system's folders. */
    if (ch_str_find(name, '/', 0) == name.len) {
        int len = snprintf(room, sizeof(room), "./%s", path);
        if (len > 0 && (size_t)len < sizeof(room))
            path = room;
    }
    /* Handlers and tables of the module are used until the process ends: it is never closed. */
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!handle) {
        const char *why = dlerror();
        (void)ch_fail(err, KIDA_E_MODULE, "can't load the app: %.300s", why ? why : path);
        return NULL;
    }
    const chirp_module *module = dlsym(handle, "chirp_module_entry");
    if (!module) {
        (void)ch_fail(err, KIDA_E_MODULE, "%.200s is no application: it exports no "
                                          "chirp_module_entry", path);
        (void)ch_fail_hint(err, KIDA_E_MODULE, "write CHIRP_MODULE(create) once, at file level");
        return NULL;
    }
    return check_module(path, module, err) == KIDA_OK ? module : NULL;
}

chirp_app *
chirp_module_load(const char *path, const chirp_config *config, kida_error *err)
{
    kida_error local;
    if (!err)
        err = &local;
    kida_error_init(err);
    const chirp_module *module = open_module(path, err);
    if (!module)
        return NULL;
    chirp_app *app = module->create(config, err);
    if (!app && err->status == KIDA_OK)
        (void)ch_fail(err, KIDA_E_MODULE, "%.200s made no app and gave no reason", path);
    return app;
}
