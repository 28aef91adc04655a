/* SPDX-License-Identifier: MIT */
/* secret.h - random bytes, signatures, comparisons in constant time: the one user of libsodium. */
#ifndef CH_CONFIG_SECRET_H
#define CH_CONFIG_SECRET_H

#include <kida/kida.h>

#define CH_MAC_LEN 32
#define CH_KEY_LEN 32

/* Must have been called once before the others. Errors: KIDA_E_IO without a source of randomness
 * (SE-7). Thread: any */
kida_status ch_secret_init(kida_error *err);

/* Fills with bytes from the kernel. */
void ch_random(void *out, size_t len);

/* Key of one purpose from a secret of any length: HMAC-SHA256 of the purpose. */
void ch_derive_key(kida_str secret, kida_str purpose, unsigned char key[CH_KEY_LEN]);

/* HMAC-SHA256 of a text. */
void ch_mac(const unsigned char key[CH_KEY_LEN], kida_str text, unsigned char mac[CH_MAC_LEN]);

/* Whether two byte runs are equal; takes as long either way. Different lengths are not equal. */
bool ch_secret_equal(kida_str a, kida_str b);

/* Overwrites. */
void ch_wipe(void *data, size_t len);

/* Keyed hash of 64 bits for tables that clients fill. */
uint64_t ch_hash(const unsigned char key[16], kida_str text);

/* Room for the base64url text of len bytes, without padding, with its NUL. */
#define CH_BASE64_ROOM(len) (((len) * 4 + 2) / 3 + 1)

/* Writes base64url without padding; returns the length of the text. */
size_t ch_base64_write(const void *data, size_t len, char *out, size_t room);

/* Reads it; false for any other byte, padding, or more than room bytes. */
bool ch_base64_read(kida_str text, void *out, size_t room, size_t *len);

/* Writes two hex digits a byte and a NUL. */
void ch_hex_write(const void *data, size_t len, char *out);

/* ---- passwords: slow on purpose, so never on a loop ------------------------------------------ */

#define CH_ARGON2_ROOM 128
#define CH_SCRYPT_KEY_MAX 64

/* Argon2id of a password as a text with its salt and cost, NUL-ended. False: no memory, or a cost
 * that is out of range. memory in bytes. */
bool ch_argon2_write(kida_str password, uint64_t passes, size_t memory, char out[CH_ARGON2_ROOM]);

/* Whether a text of Argon2id or Argon2i, NUL-ended, is that of the password. The caller has looked
 * at its cost. */
bool ch_argon2_check(kida_str password, const char *hash);

/* Whether key is what scrypt makes of the password; at most CH_SCRYPT_KEY_MAX bytes. The caller has
 * looked at the cost. False too where the platform has no scrypt. */
bool ch_scrypt_check(kida_str password, kida_str salt, kida_str key, uint64_t n, uint32_t r,
                     uint32_t p);

/* Reads base64 of the standard alphabet with padding; false as ch_base64_read. */
bool ch_base64_read_padded(kida_str text, void *out, size_t room, size_t *len);

#endif
