/* SPDX-License-Identifier: MIT */
/* render.h - making and using a vm; the environment wraps it into kida_renderer. */
#ifndef KD_RENDER_H
#define KD_RENDER_H

#include "vm/vm.h"

extern const kd_upcalls kd_render_upcalls;
extern const kd_upcalls kd_sandbox_upcalls;

/* NULL: out of memory. host must outlive it. */
kd_vm *kd_vm_new(const kd_host *host, const kida_allocator *allocator);
void kd_vm_free(kd_vm *vm);

/* One render. context and options live until it returns; the vm's pool is emptied at its end. */
kida_status kd_render(kd_vm *vm, kida_template *tpl, kida_value context,
                      const kida_render_options *options, kida_sink_fn *sink, void *user,
                      kida_error *err);

/* The same for a template that the vm finds, and keeps, by its name. */
kida_status kd_render_named(kd_vm *vm, kida_str name, kida_value context,
                            const kida_render_options *options, kida_sink_fn *sink, void *user,
                            kida_error *err);

#endif
