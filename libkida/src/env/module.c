/* SPDX-License-Identifier: MIT */
/* module.c - filter modules: shared objects that install their own filters. */
#define _GNU_SOURCE
#include "env/env.h"

#include <dlfcn.h>

static void
close_module(void *handle)
{
    dlclose(handle);
}

kida_status
kida_env_load_module(kida_env *env, const char *path, kida_error *err)
{
    kida_status st = kd_env_check_setup(env, err);
    if (st != KIDA_OK)
        return st;
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        return kd_error_set(err, KIDA_E_MODULE, "can't load the module: %s", dlerror());
    const kida_module *module = dlsym(handle, "kida_this_module");
    if (!module || module->abi != KIDA_ABI) {
        kd_error_set(err, KIDA_E_MODULE, module ? "the module '%s' was built for another version"
                                                : "'%s' is no filter module", path);
        kd_error_hint(err, "a module defines `const kida_module kida_this_module`, with KIDA_ABI");
        dlclose(handle);
        return KIDA_E_MODULE;
    }
    st = kd_env_keep(env, handle, close_module, err); /* closed with the environment */
    return st == KIDA_OK ? module->install(env, err) : st;
}
