/* SPDX-License-Identifier: MIT */
/* call.h - what a C function called from a template works with: the runtime, bound arguments. */
#ifndef KD_CALL_H
#define KD_CALL_H

#include "error/fail.h"
#include "value/value.h"

typedef struct kd_runtime kd_runtime;

/* Calls that go right in the tree of dependencies: from values into the vm and the environment. */
typedef struct kd_upcalls {
    kida_status (*invoke)(kida_call *call, kd_callable *callee, const kida_value *args,
                          size_t arg_count, const kida_str *names, const kida_value *named,
                          size_t named_count, kida_value *out); /* KD_CALL_DEF and above */
    kida_status (*apply_filter)(kida_call *call, kida_str name, kida_value self,
                                const kida_value *args, size_t count, kida_value *out);
    kida_status (*apply_test)(kida_call *call, kida_str name, kida_value self,
                              const kida_value *args, size_t count, bool *out);
    /* Sandbox gate of every path that turns a text into an attribute; NULL: no sandbox. */
    kida_status (*check_attribute)(kida_call *call, kida_value v, kida_str name);
    /* Sandbox gate before a call; NULL: no sandbox. */
    kida_status (*check_call)(kida_call *call, kida_value callee);
    kida_value (*meta)(kida_call *call, kida_str name);
    /* steps_left does not cover count: takes more from the render's budget, or fails. */
    kida_status (*more_steps)(kida_call *call, uint64_t count);
    /* attribute of a callable that belongs to the vm; absent: none */
    kida_status (*callable_attribute)(kida_call *call, kd_callable *callee, kida_str name,
                                      kida_value *out);
} kd_upcalls;

/* State of one render that values need. The vm's render state begins with it. */
struct kd_runtime {
    kida_pool *pool;
    kida_error *err;           /* where failures are written; never NULL during a render */
    const kd_upcalls *up;
    void *host;                /* kida_render_options.host */
    uint64_t steps_left;       /* budget */
    size_t max_text;           /* longest text or repetition that may be built, bytes */
    uint32_t depth;            /* nested calls */
    uint32_t max_depth;
    uint64_t max_range;        /* sandbox: longest range; 0: no bound */
    bool strict_undefined;
    bool strict_none;
    bool sandbox;
    uint64_t random;           /* state of random and shuffle */
};

/* One call of a C body: made on the C stack by the vm or by kida_invoke. */
struct kida_call {
    kd_runtime *rt;
    const kd_signature *signature;
    const kida_value *args;    /* by parameter; absent: not given */
    size_t arg_count;
    const kida_value *rest;
    size_t rest_count;
    const kida_str *keyword_names;
    const kida_value *keywords;
    size_t keyword_count;
    void *user;
};

/* Prepares a parameter table: parses the fallbacks into pool. Errors: KIDA_E_PARSE. */
kida_status kd_signature_init(kd_signature *out, const kida_param *params, kida_pool *pool,
                              kida_error *err);

/* Binds arguments by Python's rules into *call, of which all but rt and user is set here, and
 * checks kinds. what names the
 * function in messages. Errors: K-RUN-012; K-RUN-005 where none is given for a kind. */
kida_status kd_bind(kida_call *call, const kd_signature *signature, const char *what,
                    const kida_value *args, size_t arg_count, const kida_str *names,
                    const kida_value *named, size_t named_count);

/* Calls any callable value with positional and named arguments. */
kida_status kd_invoke(kida_call *call, kida_value callee, const kida_value *args, size_t arg_count,
                      const kida_str *names, const kida_value *named, size_t named_count,
                      kida_value *out);

/* Out of the render's memory: reports K-LIM-004. */
kida_status kd_fail_memory(kida_call *call);
/* Text or sequence would be too large: reports K-RUN-007, kind OverflowError or K-LIM-004. */
kida_status kd_fail_size(kida_call *call);

#endif
