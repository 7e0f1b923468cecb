/* SPDX-License-Identifier: Apache-2.0 */
#include "console/http/certificate.h"

#include "net/pem_file.h"

#include <limits.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DAY_S         86400L
#define CLOCK_SLACK_S 3600L /* clocks of clients differ */
#define TLS12_CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20"

static enum dr_code openssl_fails(struct dr_error *err, const char *doing)
{
    const char *why = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return dr_fail(err, DR_INVALID, "cannot %s: %s", doing, why != NULL ? why : "OpenSSL gives no reason");
}

static bool extend(X509 *certificate, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool added = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

static bool fill(X509 *certificate, EVP_PKEY *key)
{
    char host[HOST_NAME_MAX + 1] = "", names[HOST_NAME_MAX + 64];
    uint64_t serial;
    gethostname(host, sizeof host - 1);
    snprintf(names, sizeof names, "DNS:%s,DNS:localhost,IP:127.0.0.1,IP:::1", host);
    X509_NAME *subject = X509_get_subject_name(certificate);
    return RAND_bytes((unsigned char *)&serial, sizeof serial) == 1 &&
           X509_set_version(certificate, X509_VERSION_3) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) == 1 &&
           X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_ASC, (const unsigned char *)host, -1, -1, 0) ==
               1 &&
           X509_set_issuer_name(certificate, subject) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), -CLOCK_SLACK_S) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), CERTIFICATE_DAYS * DAY_S) != NULL &&
           X509_set_pubkey(certificate, key) == 1 && extend(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
           extend(certificate, NID_key_usage, "critical,digitalSignature") &&
           extend(certificate, NID_ext_key_usage, "serverAuth") && extend(certificate, NID_subject_alt_name, names) &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

static enum dr_code make(const char *certificate_file, const char *key_file, struct dr_error *err)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    enum dr_code code;
    if (key == NULL || certificate == NULL || !fill(certificate, key))
        code = openssl_fails(err, "make a certificate");
    else if ((code = pem_file_write(key_file, NULL, key, err)) == DR_OK)
        code = pem_file_write(certificate_file, certificate, NULL, err);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return code;
}

static enum dr_code context_of(SSL_CTX **tls, const char *certificate, const char *key, bool also_tls12,
                               struct dr_error *err)
{
    SSL_CTX *context = *tls = SSL_CTX_new(TLS_server_method());
    if (context == NULL)
        return openssl_fails(err, "set TLS up");
    SSL_CTX_set_min_proto_version(context, also_tls12 ? TLS1_2_VERSION : TLS1_3_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    if (SSL_CTX_set_cipher_list(context, TLS12_CIPHERS) != 1)
        return openssl_fails(err, "choose ciphers");
    if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1)
        return openssl_fails(err, "use the certificate"), dr_within(err, "%s", certificate);
    if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
        return openssl_fails(err, "use the key"), dr_within(err, "%s", key);
    return DR_OK;
}

enum dr_code certificate_load(SSL_CTX **tls, const char *folder, bool also_tls12, struct dr_error *err)
{
    char certificate[PATH_MAX], key[PATH_MAX];
    *tls = NULL;
    if (snprintf(certificate, sizeof certificate, "%s/console.pem", folder) >= PATH_MAX ||
        snprintf(key, sizeof key, "%s/console.key", folder) >= PATH_MAX)
        return dr_fail(err, DR_INVALID, "the name of folder %.256s is too long", folder);
    if (access(certificate, F_OK) != 0 && access(key, F_OK) != 0 && make(certificate, key, err) != DR_OK)
        return err->code;
    if (context_of(tls, certificate, key, also_tls12, err) == DR_OK)
        return DR_OK;
    SSL_CTX_free(*tls);
    *tls = NULL;
    return err->code;
}
