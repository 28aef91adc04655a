/* SPDX-License-Identifier: MIT */
/* password.h - passwords: kept as slow hashes, and hard to guess one by one. */
#ifndef CHIRP_PASSWORD_H
#define CHIRP_PASSWORD_H

#include "request.h"

KIDA_BEGIN_DECLS

/** Room for the text of a hash with its NUL, and the longest password in bytes. */
#define CHIRP_PASSWORD_ROOM 128
#define CHIRP_PASSWORD_MAX 1024

/** What one hash costs. A try takes that long, also those of whoever has stolen the hashes. */
typedef struct chirp_password_cost {
    uint32_t passes;     /* 1 to 16; 3 */
    uint32_t memory_kib; /* 8 to 262144; 65536: 64 MiB, for as long as it is worked on */
} chirp_password_cost;

/**
 * Makes the text under which a password is kept: Argon2id with a salt of its own.
 *
 * Works on a helper thread while the request waits. With req NULL, and outside of handlers, it
 * works on the calling thread: for tools and start-up hooks.
 *
 * Owner:  cost NULL: the defaults.
 * Errors: KIDA_E_USAGE for an empty password, one over CHIRP_PASSWORD_MAX, or a cost out of range;
 *         KIDA_E_NOMEM; those of chirp_offload (answer 503).
 * Thread: waits
 */
CHIRP_API CHIRP_MUST_USE kida_status chirp_password_hash(chirp_request *req, kida_str password,
                                                         const chirp_password_cost *cost,
                                                         char out[CHIRP_PASSWORD_ROOM],
                                                         kida_error *err);

/**
 * *matches: whether a password is the one of a hash. Knows Argon2id, Argon2i and
 * `$scrypt$n=…,r=…,p=…$salt$key`. Give an empty hash for a user who does not exist: that takes as
 * long as one who does, and is false.
 *
 * Errors: KIDA_E_USAGE for a hash of another kind; KIDA_E_LIMIT_MEMORY for one that asks for more
 *         than 256 MiB, 16 passes, or 128 MiB of scrypt; those of chirp_password_hash. A hash that
 *         is cut or altered is no failure: *matches is false.
 * Thread: waits, as chirp_password_hash
 */
CHIRP_API CHIRP_MUST_USE kida_status chirp_password_verify(chirp_request *req, kida_str password,
                                                           kida_str hash, bool *matches,
                                                           kida_error *err);

/** Whether a hash is not Argon2id of just this cost (NULL: the defaults): make a new one when the
 *  next login succeeds. Thread: any */
CHIRP_API bool chirp_password_needs_rehash(kida_str hash, const chirp_password_cost *cost);

/* ---- lockout ------------------------------------------------------------------------------- */

/** How many failed logins one account may have. */
typedef struct chirp_lockout_options {
    size_t size;            /* of this struct */
    uint32_t max_failures;  /* 5: this one locks */
    uint32_t window;        /* seconds since the first failure, 900; then they are forgotten */
    uint32_t lock;          /* seconds, 300 */
    double backoff;         /* 1 to 100, 1: how much longer each further failure locks */
    uint32_t max_lock;      /* seconds, 3600 */
    uint32_t max_keys;      /* remembered at once, 100 000; those that are locked stay longest */
} chirp_lockout_options;

CHIRP_API void chirp_lockout_options_init(chirp_lockout_options *options);

/** Failed logins by account. */
typedef struct chirp_lockout chirp_lockout;

/**
 * Makes a lockout, in the memory of this process.
 *
 * Owner:  end it with chirp_lockout_free; allocator is copied, NULL: the C library's.
 * Errors: NULL, with err: KIDA_E_USAGE for options out of range, KIDA_E_NOMEM, KIDA_E_IO.
 * Thread: any
 */
CHIRP_API CHIRP_MUST_USE chirp_lockout *
chirp_lockout_new(const kida_allocator *allocator, const chirp_lockout_options *options,
                  kida_error *err);

/** NULL is fine. Thread: owner */
CHIRP_API void chirp_lockout_free(chirp_lockout *lockout);

/**
 * Seconds that a key (the name of an account, or name and address) is still locked, at least 1; 0:
 * it is not. Ask before the password is looked at. Thread: any
 */
CHIRP_API uint32_t chirp_lockout_wait(chirp_lockout *lockout, kida_str key);

/** Counts a failed login, unless the key is locked; the answer is that of chirp_lockout_wait. */
CHIRP_API uint32_t chirp_lockout_failed(chirp_lockout *lockout, kida_str key);

/** Forgets the failures of a key. Thread: any */
CHIRP_API void chirp_lockout_passed(chirp_lockout *lockout, kida_str key);

KIDA_END_DECLS

#endif
