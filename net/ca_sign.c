/* SPDX-License-Identifier: Apache-2.0 */
#include "net/ca_sign.h"

#include "net/tls_session.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#define SERIAL_BITS 127 /* random, positive, and at most 20 bytes (RFC 5280, 4.1.2.2) */

struct extension {
    int nid;
    const char *value;
};

static const struct extension of_ca[] = {
    {NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
    {NID_key_usage, "critical,keyCertSign,cRLSign"},
    {NID_subject_key_identifier, "hash"},
    {NID_undef, NULL},
};
/* Every node both dials and listens. */
static const struct extension of_node[] = {
    {NID_basic_constraints, "critical,CA:FALSE"},   {NID_key_usage, "critical,digitalSignature"},
    {NID_ext_key_usage, "serverAuth,clientAuth"},   {NID_subject_key_identifier, "hash"},
    {NID_authority_key_identifier, "keyid:always"}, {NID_undef, NULL},
};

static bool extend(X509 *certificate, X509 *issuer, const struct extension *list)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    bool added = true;
    for (; list->value && added; list++) {
        X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, list->nid, list->value);
        added = extension && X509_add_ext(certificate, extension, -1) == 1;
        X509_EXTENSION_free(extension);
    }
    return added;
}

static bool number(X509 *certificate)
{
    BIGNUM *serial = BN_new();
    bool set = serial && BN_rand(serial, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
               BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(certificate));
    BN_free(serial);
    return set;
}

/* A CA's name differs from that of any other CA, so that a foreign one is told from a forged one. */
static bool name(X509 *certificate, const struct dr_id *node)
{
    unsigned char random[4];
    char text[DR_ID_DIGITS + 1];
    if (RAND_bytes(random, sizeof random) != 1)
        return false;
    if (node)
        snprintf(text, sizeof text, "%s", node->hex);
    else
        snprintf(text, sizeof text, "drnode CA %02X%02X%02X%02X", random[0], random[1], random[2], random[3]);
    return X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_commonName, MBSTRING_ASC,
                                      (const unsigned char *)text, -1, -1, 0) == 1;
}

static bool fill(struct ca_pair *made, const struct ca_pair *ca, const struct dr_id *node, const struct ca_span *span)
{
    X509 *it = made->certificate, *issuer = ca ? ca->certificate : it;
    return X509_set_version(it, X509_VERSION_3) == 1 && number(it) && name(it, node) &&
           X509_set_issuer_name(it, X509_get_subject_name(issuer)) == 1 &&
           X509_time_adj_ex(X509_getm_notBefore(it), 0, (long)span->from_s, NULL) &&
           X509_time_adj_ex(X509_getm_notAfter(it), 0, (long)span->until_s, NULL) &&
           X509_set_pubkey(it, made->key) == 1 && extend(it, issuer, node ? of_node : of_ca) &&
           X509_sign(it, ca ? ca->key : made->key, EVP_sha256()) > 0;
}

enum dr_code ca_pair_make(struct ca_pair *made, const struct ca_pair *ca, const struct dr_id *node,
                          const struct ca_span *span, struct dr_error *err)
{
    ERR_clear_error();
    made->key = EVP_EC_gen("P-256");
    made->certificate = X509_new();
    if (made->key && made->certificate && fill(made, ca, node, span))
        return DR_OK;
    ca_pair_free(made);
    return dr_fail(err, DR_INVALID, "cannot make a certificate: %s", tls_words());
}

void ca_pair_free(struct ca_pair *pair)
{
    X509_free(pair->certificate);
    EVP_PKEY_free(pair->key);
    *pair = (struct ca_pair){NULL, NULL};
}
