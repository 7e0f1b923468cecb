/* SPDX-License-Identifier: Apache-2.0 */
#include "console/auth/cipher.h"

#include "net/base64.h"
#include "net/pem_file.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_BITS    3072
#define PUBLIC_SIZE 2048
#define SENT_MAX    2048 /* base64 of what RSA up to 8192 bits makes */

struct cipher {
    EVP_PKEY *own, *older;
    char public_key[PUBLIC_SIZE];
};

static enum dr_code make_key(EVP_PKEY **key, const char *file, struct dr_error *err)
{
    *key = EVP_RSA_gen(KEY_BITS);
    if (*key == NULL)
        return dr_fail(err, DR_FULL, "OpenSSL makes no RSA key for %s", file);
    return pem_file_write(file, NULL, *key, err);
}

static enum dr_code read_key(EVP_PKEY **key, const char *file, struct dr_error *err)
{
    FILE *in = fopen(file, "re");
    if (in == NULL)
        return dr_fail(err, errno == ENOENT ? DR_NOT_FOUND : DR_IO, "cannot read %s: %s", file, strerror(errno));
    *key = PEM_read_PrivateKey(in, NULL, NULL, NULL);
    fclose(in);
    if (*key != NULL && EVP_PKEY_is_a(*key, "RSA"))
        return DR_OK;
    return dr_fail(err, DR_CORRUPT, "%s is no RSA key in PEM form: put the right one there, or remove it", file);
}

static enum dr_code write_public(struct cipher *cipher, struct dr_error *err)
{
    BIO *memory = BIO_new(BIO_s_mem());
    int size = -1;
    if (memory != NULL && PEM_write_bio_PUBKEY(memory, cipher->own) == 1)
        size = BIO_read(memory, cipher->public_key, sizeof cipher->public_key - 1);
    BIO_free(memory);
    return size > 0 ? DR_OK : dr_fail(err, DR_CORRUPT, "OpenSSL does not write the public key of this console");
}

enum dr_code cipher_create(struct cipher **made, const char *file, const char *older, struct dr_error *err)
{
    struct cipher *cipher = *made = calloc(1, sizeof *cipher);
    if (cipher == NULL)
        return dr_fail(err, DR_FULL, "no memory");
    enum dr_code code = read_key(&cipher->own, file, err);
    if (code == DR_NOT_FOUND)
        code = make_key(&cipher->own, file, err);
    if (code == DR_OK)
        code = write_public(cipher, err);
    if (code == DR_OK && older != NULL)
        code = read_key(&cipher->older, older, err);
    if (code == DR_OK)
        return DR_OK;
    cipher_destroy(cipher);
    *made = NULL;
    return code;
}

void cipher_destroy(struct cipher *cipher)
{
    if (cipher == NULL)
        return;
    EVP_PKEY_free(cipher->own);
    EVP_PKEY_free(cipher->older);
    free(cipher);
}

const char *cipher_public_key(const struct cipher *cipher)
{
    return cipher->public_key;
}

static bool decrypt(EVP_PKEY *key, int padding, const unsigned char *bytes, size_t size, char *plain, size_t room)
{
    unsigned char out[SENT_MAX];
    size_t length = sizeof out;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    bool opened = context != NULL && size == (size_t)EVP_PKEY_get_size(key) && EVP_PKEY_decrypt_init(context) == 1 &&
                  EVP_PKEY_CTX_set_rsa_padding(context, padding) == 1 &&
                  EVP_PKEY_decrypt(context, out, &length, bytes, size) == 1 && length < room;
    EVP_PKEY_CTX_free(context);
    if (opened) {
        memcpy(plain, out, length);
        plain[length] = '\0';
        opened = strlen(plain) == length;
    }
    OPENSSL_cleanse(out, sizeof out);
    return opened;
}

bool cipher_open(const struct cipher *cipher, char *plain, size_t room, const char *sent)
{
    unsigned char bytes[SENT_MAX];
    size_t size = base64_decode(bytes, sizeof bytes, sent);
    EVP_PKEY *key[] = {cipher->own, cipher->older};
    for (size_t i = 0; size > 0 && i < sizeof key / sizeof *key; i++)
        if (key[i] != NULL && (decrypt(key[i], RSA_PKCS1_OAEP_PADDING, bytes, size, plain, room) ||
                               decrypt(key[i], RSA_PKCS1_PADDING, bytes, size, plain, room)))
            return true;
    return snprintf(plain, room, "%s", sent) < (int)room;
}
