/* SPDX-License-Identifier: MIT */
/* password.c - passwords as slow hashes, worked out on helper threads (row 14). */
#include <chirp/app.h>
#include <chirp/password.h>

#include <string.h>

#include "config/fail.h"
#include "config/secret.h"
#include "config/text.h"

/* What a stored hash may demand: who can write one must not be able to stop the server by it. */
#define ARGON2_PASSES_MAX 16
#define ARGON2_KIB_MIN 8
#define ARGON2_KIB_MAX 262144
#define ARGON2_LANES_MAX 16
#define SCRYPT_BYTES_MAX ((uint64_t)128 << 20)
#define SCRYPT_R_MAX 64
#define SCRYPT_P_MAX 16
#define SCRYPT_SALT_MAX 64
#define HASH_TEXT_MAX 512

_Static_assert(CHIRP_PASSWORD_ROOM >= CH_ARGON2_ROOM, "room for the text of a password");

static const chirp_password_cost usual_cost = { 3, 65536 };

static kida_status
check_cost(const chirp_password_cost *cost, kida_error *err)
{
    if (cost->passes < 1 || cost->passes > ARGON2_PASSES_MAX || cost->memory_kib < ARGON2_KIB_MIN ||
        cost->memory_kib > ARGON2_KIB_MAX)
        return ch_fail(err, KIDA_E_USAGE,
                       "a password hash takes 1 to %d passes and %d to %d KiB of memory",
                       ARGON2_PASSES_MAX, ARGON2_KIB_MIN, ARGON2_KIB_MAX);
    return KIDA_OK;
}

/* Runs work on a helper thread, or right here where nothing can wait. */
static kida_status
run(chirp_request *req, void (*work)(void *arg), void *arg, kida_error *err)
{
    kida_status st = chirp_offload(req, work, arg);
    if (st == KIDA_E_USAGE) {
        work(arg);
        return KIDA_OK;
    }
    return st == KIDA_OK ? st : ch_fail(err, st, "no helper thread for a password");
}

/* ---- making ---------------------------------------------------------------------------------- */

typedef struct make_job {
    kida_str password;
    const chirp_password_cost *cost;
    char *out;
    bool is_done;
} make_job;

static void
make(void *arg)
{
    make_job *job = arg;
    char text[CH_ARGON2_ROOM];
    job->is_done = ch_argon2_write(job->password, job->cost->passes,
                                   (size_t)job->cost->memory_kib << 10, text);
    if (job->is_done)
        memcpy(job->out, text, sizeof(text));
}

kida_status
chirp_password_hash(chirp_request *req, kida_str password, const chirp_password_cost *cost,
                    char out[CHIRP_PASSWORD_ROOM], kida_error *err)
{
    if (!cost)
        cost = &usual_cost;
    kida_status st = check_cost(cost, err);
    if (st == KIDA_OK && (password.len == 0 || password.len > CHIRP_PASSWORD_MAX))
        st = ch_fail(err, KIDA_E_USAGE, "a password has 1 to %d bytes", CHIRP_PASSWORD_MAX);
    if (st == KIDA_OK)
        st = ch_secret_init(err);
    make_job job = { password, cost, out, false };
    if (st == KIDA_OK)
        st = run(req, make, &job, err);
    if (st == KIDA_OK && !job.is_done)
        st = ch_fail(err, KIDA_E_NOMEM, "no memory to hash a password");
    return st;
}

/* ---- reading the text of a hash -------------------------------------------------------------- */

static bool
take_text(kida_str *rest, kida_str prefix)
{
    if (rest->len < prefix.len || memcmp(rest->ptr, prefix.ptr, prefix.len) != 0)
        return false;
    *rest = ch_str_slice(*rest, prefix.len, rest->len);
    return true;
}

/* Takes a number behind a name, "m=65536". */
static bool
take_number(kida_str *rest, kida_str name, uint64_t *out)
{
    size_t len = 0;
    if (!take_text(rest, name))
        return false;
    while (len < rest->len && ch_is_digit(rest->ptr[len]))
        len++;
    if (!ch_parse_uint(ch_str_slice(*rest, 0, len), UINT32_MAX, out))
        return false;
    *rest = ch_str_slice(*rest, len, rest->len);
    return true;
}

typedef struct argon2_cost {
    bool is_id; /* Argon2id, else Argon2i */
    uint64_t memory_kib;
    uint64_t passes;
    uint64_t lanes;
} argon2_cost;

/* The cost in `$argon2id$v=19$m=65536,t=3,p=1$…`; false for any other text. */
static bool
read_argon2(kida_str hash, argon2_cost *out)
{
    out->is_id = take_text(&hash, KIDA_S("$argon2id$"));
    if (!out->is_id && !take_text(&hash, KIDA_S("$argon2i$")))
        return false;
    return take_text(&hash, KIDA_S("v=19$")) &&
           take_number(&hash, KIDA_S("m="), &out->memory_kib) &&
           take_number(&hash, KIDA_S(",t="), &out->passes) &&
           take_number(&hash, KIDA_S(",p="), &out->lanes) && take_text(&hash, KIDA_S("$"));
}

typedef struct scrypt_text {
    uint64_t n, r, p;
    unsigned char salt[SCRYPT_SALT_MAX];
    size_t salt_len;
    unsigned char key[CH_SCRYPT_KEY_MAX];
    size_t key_len;
} scrypt_text;

static bool
read_scrypt(kida_str hash, scrypt_text *out)
{
    if (!take_text(&hash, KIDA_S("$scrypt$")) || !take_number(&hash, KIDA_S("n="), &out->n) ||
        !take_number(&hash, KIDA_S(",r="), &out->r) ||
        !take_number(&hash, KIDA_S(",p="), &out->p) || !take_text(&hash, KIDA_S("$")))
        return false;
    size_t end = ch_str_find(hash, '$', 0);
    return end < hash.len &&
           ch_base64_read_padded(ch_str_slice(hash, 0, end), out->salt, sizeof(out->salt),
                                 &out->salt_len) &&
           ch_base64_read_padded(ch_str_slice(hash, end + 1, hash.len), out->key,
                                 sizeof(out->key), &out->key_len) &&
           out->key_len >= 16;
}

/* ---- checking -------------------------------------------------------------------------------- */

typedef struct check_job {
    kida_str password;
    char argon2[HASH_TEXT_MAX];
    scrypt_text scrypt;
    enum { CHECK_NOTHING, CHECK_ARGON2, CHECK_SCRYPT } kind;
    bool matches;
} check_job;

static void
check(void *arg)
{
    check_job *job = arg;
    kida_str salt = { (const char *)job->scrypt.salt, job->scrypt.salt_len };
    kida_str key = { (const char *)job->scrypt.key, job->scrypt.key_len };
    char unused[CH_ARGON2_ROOM];
    if (job->kind == CHECK_ARGON2)
        job->matches = ch_argon2_check(job->password, job->argon2);
    else if (job->kind == CHECK_SCRYPT)
        job->matches = ch_scrypt_check(job->password, salt, key, job->scrypt.n,
                                       (uint32_t)job->scrypt.r, (uint32_t)job->scrypt.p);
    else /* the time tells nobody whether there is such a user */
        (void)ch_argon2_write(job->password, usual_cost.passes,
                              (size_t)usual_cost.memory_kib << 10, unused);
}

static kida_status
too_costly(kida_error *err)
{
    return ch_fail(err, KIDA_E_LIMIT_MEMORY, "the hash of a password asks for too much work");
}

static kida_status
prepare_argon2(check_job *job, kida_str hash, bool *worth_it, kida_error *err)
{
    argon2_cost cost;
    *worth_it = read_argon2(hash, &cost) && hash.len < sizeof(job->argon2) &&
                !memchr(hash.ptr, '\0', hash.len);
    if (!*worth_it)
        return KIDA_OK;
    if (cost.passes > ARGON2_PASSES_MAX || cost.memory_kib > ARGON2_KIB_MAX ||
        cost.lanes > ARGON2_LANES_MAX)
        return too_costly(err);
    job->kind = CHECK_ARGON2;
    memcpy(job->argon2, hash.ptr, hash.len);
    job->argon2[hash.len] = '\0';
    return KIDA_OK;
}

static kida_status
prepare_scrypt(check_job *job, kida_str hash, bool *worth_it, kida_error *err)
{
    scrypt_text *scrypt = &job->scrypt;
    *worth_it = read_scrypt(hash, scrypt) && scrypt->n > 1 && (scrypt->n & (scrypt->n - 1)) == 0 &&
                scrypt->r > 0 && scrypt->p > 0;
    if (!*worth_it)
        return KIDA_OK;
    if (scrypt->r > SCRYPT_R_MAX || scrypt->p > SCRYPT_P_MAX ||
        scrypt->n > SCRYPT_BYTES_MAX / 128 / scrypt->r)
        return too_costly(err);
    job->kind = CHECK_SCRYPT;
    return KIDA_OK;
}

/* Looks what a hash is; *worth_it: whether there is anything to work out. */
static kida_status
prepare(check_job *job, kida_str hash, bool *worth_it, kida_error *err)
{
    kida_str rest = hash;
    *worth_it = true;
    if (hash.len == 0)
        return KIDA_OK;
    if (take_text(&rest, KIDA_S("$scrypt$")))
        return prepare_scrypt(job, hash, worth_it, err);
    if (take_text(&rest, KIDA_S("$argon2id$")) || take_text(&rest, KIDA_S("$argon2i$")))
        return prepare_argon2(job, hash, worth_it, err);
    return ch_fail(err, KIDA_E_USAGE, "the hash of a password is neither Argon2 nor scrypt");
}

kida_status
chirp_password_verify(chirp_request *req, kida_str password, kida_str hash, bool *matches,
                      kida_error *err)
{
    check_job job = { .password = password };
    bool worth_it;
    kida_status st = prepare(&job, hash, &worth_it, err);
    if (st == KIDA_OK)
        st = ch_secret_init(err);
    if (st == KIDA_OK && worth_it && password.len > 0 && password.len <= CHIRP_PASSWORD_MAX)
        st = run(req, check, &job, err);
    if (st == KIDA_OK)
        *matches = job.matches;
    return st;
}

bool
chirp_password_needs_rehash(kida_str hash, const chirp_password_cost *cost)
{
    argon2_cost is;
    if (!cost)
        cost = &usual_cost;
    return !read_argon2(hash, &is) || !is.is_id || is.passes != cost->passes ||
           is.memory_kib != cost->memory_kib || is.lanes != 1;
}
