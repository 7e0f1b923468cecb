/* SPDX-License-Identifier: Apache-2.0 */
#include "net/tls_session.h"

#include "core/id.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The AES instructions are there on every server of the last ten years; 128 bits cost the least with them. */
#define CIPHERS "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"

struct tls {
    SSL_CTX *context;
    struct dr_id self;
};

const char *tls_words(void)
{
    unsigned long code = ERR_peek_error();
    const char *reason = ERR_reason_error_string(code);
    if (reason)
        return reason;
    return ERR_SYSTEM_ERROR(code) ? strerror(ERR_GET_REASON(code)) : "no reason given";
}

bool tls_common_name(struct dr_id *id, X509 *certificate)
{
    char text[DR_ID_DIGITS + 2]; /* one more than fits: too long a name must not look right when cut */
    int length = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, text, sizeof text);
    return length > 0 && dr_id_parse(id, text, (size_t)length);
}

static enum dr_code open_file(FILE **file, const char *path, const char *what, struct dr_error *err)
{
    *file = fopen(path, "re");
    if (*file)
        return DR_OK;
    return dr_fail(err, errno == ENOENT ? DR_NOT_FOUND : DR_IO,
                   "cannot read the %s %s: %s: copy there what 'drctl ca issue' wrote for this node", what, path,
                   strerror(errno));
}

static enum dr_code read_certificate(X509 **certificate, const char *path, const char *what, struct dr_error *err)
{
    FILE *file;
    if (open_file(&file, path, what, err) != DR_OK)
        return err->code;
    *certificate = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    if (*certificate)
        return DR_OK;
    return dr_fail(err, DR_INVALID, "%s holds no certificate in PEM form (%s): copy the %s there again", path,
                   tls_words(), what);
}

/* OpenSSL would ask the terminal for a pass phrase; a daemon has none. */
static int no_pass_phrase(char *buffer, int size, int writing, void *data)
{
    (void)buffer, (void)size, (void)writing, (void)data;
    return -1;
}

static enum dr_code read_key(EVP_PKEY **key, const char *path, struct dr_error *err)
{
    FILE *file;
    if (open_file(&file, path, "key", err) != DR_OK)
        return err->code;
    struct stat facts;
    bool known = fstat(fileno(file), &facts) == 0, secret = known && (facts.st_mode & 077) == 0;
    *key = secret ? PEM_read_PrivateKey(file, NULL, no_pass_phrase, NULL) : NULL;
    fclose(file);
    if (*key)
        return DR_OK;
    if (!known)
        return dr_fail(err, DR_IO, "cannot look at the key %s: %s", path, strerror(errno));
    if (!secret)
        return dr_fail(err, DR_INVALID, "key %s may be read by others (mode %04o): chmod 600 it, or issue a new one",
                       path, facts.st_mode & 07777u);
    return dr_fail(err, DR_INVALID, "%s holds no private key in PEM form without pass phrase (%s)", path, tls_words());
}

/* Checks our certificate as a peer would, so that a start names the file instead of every peer refusing us. */
static enum dr_code check_own(SSL_CTX *context, X509 *own, const char *cert_file, const char *ca_file,
                              struct dr_error *err)
{
    X509_STORE_CTX *check = X509_STORE_CTX_new();
    int verdict = X509_V_ERR_OUT_OF_MEM;
    if (check && X509_STORE_CTX_init(check, SSL_CTX_get_cert_store(context), own, NULL) == 1)
        verdict = X509_verify_cert(check) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(check);
    X509_STORE_CTX_free(check);
    switch (verdict) {
    case X509_V_OK: return DR_OK;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return dr_fail(err, DR_INVALID, "certificate %s has expired: issue a new one with 'drctl ca issue'", cert_file);
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return dr_fail(err, DR_INVALID, "certificate %s is not valid yet: set this host's clock", cert_file);
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return dr_fail(err, DR_INVALID, "certificate %s is not from the CA of %s: take both from one CA", cert_file,
                       ca_file);
    default:
        return dr_fail(err, DR_INVALID, "certificate %s does not hold against %s: %s: issue a new one", cert_file,
                       ca_file, X509_verify_cert_error_string(verdict));
    }
}

static SSL_CTX *new_context(void)
{
    SSL_CTX *context = SSL_CTX_new(TLS_method());
    if (!context)
        return NULL;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    /* No resumption: every connection checks both certificates, and nothing follows the handshake unasked. */
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
        SSL_CTX_set_ciphersuites(context, CIPHERS) == 1 && SSL_CTX_set_num_tickets(context, 0) == 1)
        return context;
    SSL_CTX_free(context);
    return NULL;
}

static enum dr_code trust(SSL_CTX *context, const char *ca_file, struct dr_error *err)
{
    X509 *ca;
    if (read_certificate(&ca, ca_file, "certificate of the CA", err) != DR_OK)
        return err->code;
    bool added =
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca) == 1 && SSL_CTX_add_client_CA(context, ca) == 1;
    X509_free(ca);
    return added ? DR_OK : dr_fail(err, DR_INVALID, "cannot trust the CA of %s: %s", ca_file, tls_words());
}

static enum dr_code identify(struct tls *tls, const char *ca_file, const char *cert_file, const char *key_file,
                             struct dr_error *err)
{
    X509 *own;
    if (read_certificate(&own, cert_file, "certificate", err) != DR_OK)
        return err->code;
    EVP_PKEY *key = NULL;
    enum dr_code code = check_own(tls->context, own, cert_file, ca_file, err);
    if (code == DR_OK && !tls_common_name(&tls->self, own))
        code = dr_fail(err, DR_INVALID, "certificate %s names no node id (CN of 32 upper-case hex digits)", cert_file);
    if (code == DR_OK)
        code = read_key(&key, key_file, err);
    if (code == DR_OK && X509_check_private_key(own, key) != 1)
        code = dr_fail(err, DR_INVALID, "key %s does not belong to certificate %s: copy both from one 'drctl ca issue'",
                       key_file, cert_file);
    if (code == DR_OK &&
        (SSL_CTX_use_certificate(tls->context, own) != 1 || SSL_CTX_use_PrivateKey(tls->context, key) != 1))
        code = dr_fail(err, DR_INVALID, "cannot use certificate %s: %s", cert_file, tls_words());
    EVP_PKEY_free(key);
    X509_free(own);
    return code;
}

enum dr_code tls_create(struct tls **tls, const char *ca_file, const char *cert_file, const char *key_file,
                        struct dr_error *err)
{
    ERR_clear_error();
    struct tls *made = calloc(1, sizeof *made);
    if (!made || !(made->context = new_context())) {
        free(made);
        return dr_fail(err, DR_FULL, "cannot set up TLS 1.3: %s", tls_words());
    }
    enum dr_code code = trust(made->context, ca_file, err);
    if (code == DR_OK)
        code = identify(made, ca_file, cert_file, key_file, err);
    if (code != DR_OK) {
        tls_destroy(made);
        return code;
    }
    *tls = made;
    return DR_OK;
}

void tls_destroy(struct tls *tls)
{
    if (!tls)
        return;
    SSL_CTX_free(tls->context);
    free(tls);
}

const struct dr_id *tls_self(const struct tls *tls)
{
    return &tls->self;
}

SSL *tls_session(struct tls *tls, bool dialling)
{
    SSL *session = SSL_new(tls->context);
    if (session && dialling)
        SSL_set_connect_state(session);
    else if (session)
        SSL_set_accept_state(session);
    return session;
}
