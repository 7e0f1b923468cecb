/* SPDX-License-Identifier: Apache-2.0 */
#include "console/auth/password.h"

#include "console/auth/random.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define SALT_SIZE 16
#define HASH_SIZE 32
#define COST_N    (1u << 15)
#define COST_R    8u
#define COST_P    1u
#define N_MAX     (1u << 20)              /* what a damaged or foreign data base may make us spend */
#define MEMORY    (1100ull * 1024 * 1024) /* the bound that scrypt checks itself */

struct cost {
    unsigned n, r, p;
};

static bool hash_of(unsigned char hash[HASH_SIZE], const char *password, const char *salt, struct cost cost)
{
    return EVP_PBE_scrypt(password, strlen(password), (const unsigned char *)salt, strlen(salt), cost.n, cost.r, cost.p,
                          MEMORY, hash, HASH_SIZE) == 1;
}

bool password_keep(char kept[PASSWORD_KEPT_SIZE], const char *password)
{
    char salt[2 * SALT_SIZE + 1], text[2 * HASH_SIZE + 1];
    unsigned char hash[HASH_SIZE];
    struct cost cost = {COST_N, COST_R, COST_P};
    if (!random_hex(salt, sizeof salt) || !hash_of(hash, password, salt, cost))
        return false;
    random_hex_of(text, hash, HASH_SIZE);
    snprintf(kept, PASSWORD_KEPT_SIZE, "scrypt:%u:%u:%u:%s:%s", cost.n, cost.r, cost.p, salt, text);
    return true;
}

bool password_fits(const char *kept, const char *password)
{
    char salt[2 * SALT_SIZE + 1], want[2 * HASH_SIZE + 1], text[2 * HASH_SIZE + 1];
    unsigned char hash[HASH_SIZE];
    struct cost cost;
    if (sscanf(kept, "scrypt:%u:%u:%u:%32[0-9a-f]:%64[0-9a-f]", &cost.n, &cost.r, &cost.p, salt, want) != 5)
        return false;
    if (cost.n > N_MAX || !hash_of(hash, password, salt, cost))
        return false;
    random_hex_of(text, hash, HASH_SIZE);
    return CRYPTO_memcmp(text, want, sizeof text) == 0;
}
