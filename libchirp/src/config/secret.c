/* SPDX-License-Identifier: MIT */
/* secret.c - the few calls of libsodium that libchirp needs. */
#include "secret.h"

#include <sodium.h>
#include <string.h>

#include "fail.h"

_Static_assert(CH_MAC_LEN == crypto_auth_hmacsha256_BYTES, "a signature is one HMAC-SHA256");
_Static_assert(CH_ARGON2_ROOM == crypto_pwhash_STRBYTES, "room for the text of a password");
_Static_assert(crypto_shorthash_KEYBYTES == 16 && crypto_shorthash_BYTES == 8, "a hash is 64 bits");

kida_status
ch_secret_init(kida_error *err)
{
    return sodium_init() < 0 ? ch_fail(err, KIDA_E_IO, "there is no source of random bytes")
                             : KIDA_OK;
}

void
ch_random(void *out, size_t len)
{
    randombytes_buf(out, len);
}

void
ch_derive_key(kida_str secret, kida_str purpose, unsigned char key[CH_KEY_LEN])
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret.ptr, secret.len);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)purpose.ptr, purpose.len);
    crypto_auth_hmacsha256_final(&state, key);
    sodium_memzero(&state, sizeof(state));
}

void
ch_mac(const unsigned char key[CH_KEY_LEN], kida_str text, unsigned char mac[CH_MAC_LEN])
{
    (void)crypto_auth_hmacsha256(mac, (const unsigned char *)text.ptr, text.len, key);
}

bool
ch_secret_equal(kida_str a, kida_str b)
{
    return a.len == b.len && (a.len == 0 || sodium_memcmp(a.ptr, b.ptr, a.len) == 0);
}

void
ch_wipe(void *data, size_t len)
{
    sodium_memzero(data, len);
}

uint64_t
ch_hash(const unsigned char key[16], kida_str text)
{
    unsigned char out[8];
    uint64_t number;
    (void)crypto_shorthash(out, (const unsigned char *)text.ptr, text.len, key);
    memcpy(&number, out, sizeof(number));
    return number;
}

size_t
ch_base64_write(const void *data, size_t len, char *out, size_t room)
{
    if (room < CH_BASE64_ROOM(len))
        return 0;
    (void)sodium_bin2base64(out, room, data, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return CH_BASE64_ROOM(len) - 1;
}

/* libsodium takes some bytes above 127 for letters where char is signed. */
static bool
is_base64(kida_str text, const char *others)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
            (c == '\0' || !strchr(others, c)))
            return false;
    }
    return true;
}

static bool
read_base64(kida_str text, void *out, size_t room, size_t *len, int variant)
{
    const char *end = NULL;
    return sodium_base642bin(out, room, text.ptr, text.len, NULL, len, &end, variant) == 0 &&
           end == text.ptr + text.len;
}

bool
ch_base64_read(kida_str text, void *out, size_t room, size_t *len)
{
    return is_base64(text, "-_") &&
           read_base64(text, out, room, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool
ch_base64_read_padded(kida_str text, void *out, size_t room, size_t *len)
{
    return is_base64(text, "+/=") &&
           read_base64(text, out, room, len, sodium_base64_VARIANT_ORIGINAL);
}

void
ch_hex_write(const void *data, size_t len, char *out)
{
    (void)sodium_bin2hex(out, len * 2 + 1, data, len);
}

/* ---- passwords ------------------------------------------------------------------------------- */

bool
ch_argon2_write(kida_str password, uint64_t passes, size_t memory, char out[CH_ARGON2_ROOM])
{
    return crypto_pwhash_str_alg(out, password.ptr, password.len, passes, memory,
                                 crypto_pwhash_ALG_ARGON2ID13) == 0;
}

bool
ch_argon2_check(kida_str password, const char *hash)
{
    return crypto_pwhash_str_verify(hash, password.ptr, password.len) == 0;
}

#ifdef crypto_pwhash_scryptsalsa208sha256_BYTES_MIN
bool
ch_scrypt_check(kida_str password, kida_str salt, kida_str key, uint64_t n, uint32_t r, uint32_t p)
{
    unsigned char made[CH_SCRYPT_KEY_MAX];
    if (key.len == 0 || key.len > sizeof(made))
        return false;
    bool ok = crypto_pwhash_scryptsalsa208sha256_ll(
                  (const unsigned char *)password.ptr, password.len,
                  (const unsigned char *)salt.ptr, salt.len, n, r, p, made, key.len) == 0 &&
              sodium_memcmp(made, key.ptr, key.len) == 0;
    sodium_memzero(made, sizeof(made));
    return ok;
}
#else
bool
ch_scrypt_check(kida_str password, kida_str salt, kida_str key, uint64_t n, uint32_t r, uint32_t p)
{
    (void)password, (void)salt, (void)key, (void)n, (void)r, (void)p;
    return false;
}
#endif
