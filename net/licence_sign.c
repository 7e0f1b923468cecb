/* SPDX-License-Identifier: Apache-2.0 */
#include "net/licence_sign.h"

#include "net/pem_file.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>
#include <unistd.h>

static enum dr_code write_public(const char *path, EVP_PKEY *key, struct dr_error *err)
{
    FILE *file = fopen(path, "wxe");
    if (file == NULL)
        return dr_fail(err, errno == EEXIST ? DR_REFUSED : DR_IO, "cannot make %s: %s", path, strerror(errno));
    bool written = PEM_write_PUBKEY(file, key) == 1;
    if (fclose(file) == 0 && written)
        return DR_OK;
    unlink(path);
    return dr_fail(err, DR_IO, "cannot write %s: free some space there", path);
}

enum dr_code licence_keygen(const char *private_file, const char *public_file, struct dr_error *err)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    enum dr_code code;
    if (access(public_file, F_OK) == 0)
        code = dr_fail(err, DR_REFUSED, "%s is there: a new key would void what the old one signed", public_file);
    else if (key == NULL)
        code = dr_fail(err, DR_IO, "OpenSSL makes no Ed25519 key");
    else if ((code = pem_file_write(private_file, NULL, key, err)) == DR_OK)
        code = write_public(public_file, key, err);
    EVP_PKEY_free(key);
    return code;
}

typedef EVP_PKEY *read_key(FILE *file, EVP_PKEY **key, pem_password_cb *ask, void *baton);

static enum dr_code load(EVP_PKEY **key, const char *path, read_key *read, struct dr_error *err)
{
    FILE *file = fopen(path, "re");
    *key = NULL;
    if (file == NULL)
        return dr_fail(err, errno == ENOENT ? DR_NOT_FOUND : DR_IO, "cannot read the key %s: %s", path,
                       strerror(errno));
    *key = read(file, NULL, NULL, NULL);
    fclose(file);
    if (*key != NULL && EVP_PKEY_get_id(*key) == EVP_PKEY_ED25519)
        return DR_OK;
    ERR_clear_error();
    EVP_PKEY_free(*key);
    *key = NULL;
    return dr_fail(err, DR_INVALID, "%s is no Ed25519 key: drctl lic keygen makes a pair", path);
}

enum dr_code licence_sign(char text[LICENCE_TEXT_SIZE], size_t *size, const struct licence *licence,
                          const char *private_file, struct dr_error *err)
{
    EVP_PKEY *key;
    uint8_t signature[LICENCE_SIGNATURE_SIZE];
    size_t length = sizeof signature, part = licence_write(text, licence);
    if (part == 0)
        return dr_fail(err, DR_INVALID, "the licence is too long");
    if (load(&key, private_file, PEM_read_PrivateKey, err) != DR_OK)
        return err->code;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool made = context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestSign(context, signature, &length, (const unsigned char *)text, part) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    *size = made ? licence_write_signed(text, licence, signature) : 0;
    return *size > 0 ? DR_OK : dr_fail(err, DR_IO, "the licence cannot be signed with %s", private_file);
}

enum dr_code licence_open(struct licence *licence, const char *text, size_t size, const char *public_file,
                          struct dr_error *err)
{
    EVP_PKEY *key;
    uint8_t signature[LICENCE_SIGNATURE_SIZE];
    size_t part;
    if (licence_read(licence, &part, signature, text, size, err) != DR_OK ||
        load(&key, public_file, PEM_read_PUBKEY, err) != DR_OK)
        return err->code;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool fits = context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestVerify(context, signature, sizeof signature, (const unsigned char *)text, part) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    ERR_clear_error();
    if (fits)
        return DR_OK;
    return dr_fail(err, DR_REFUSED, "licence %s was not signed by the issuer whose key is %s, or was changed",
                   licence->sn, public_file);
}
