/* SPDX-License-Identifier: Apache-2.0
 * net/tls_explain.c - what OpenSSL's verdicts mean for the person who set up the two nodes. */
#include "net/tls_session.h"

#include <openssl/err.h>
#include <openssl/x509.h>

enum dr_code tls_peer(struct dr_id *peer, SSL *session, const char *name, struct dr_error *err)
{
    X509 *certificate = SSL_get0_peer_certificate(session);
    if (certificate && tls_common_name(peer, certificate))
        return DR_OK;
    return dr_fail(err, DR_REFUSED,
                   "the certificate of %s names no node id (CN of 32 upper-case hex digits): "
                   "issue it with 'drctl ca issue'",
                   name);
}

/* We did not like the peer's certificate. */
static enum dr_code explain_verdict(struct dr_error *err, long verdict, const char *name)
{
    switch (verdict) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return dr_fail(err, DR_REFUSED,
                       "the certificate of %s has expired: issue it a new one with 'drctl ca issue', or set this clock",
                       name);
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return dr_fail(err, DR_REFUSED, "the certificate of %s is not valid yet: compare the clocks of both hosts",
                       name);
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        return dr_fail(err, DR_REFUSED,
                       "the certificate of %s is from a foreign CA: issue it one from the CA of this node", name);
    default:
        return dr_fail(err, DR_REFUSED, "the certificate of %s does not hold: %s: issue it a new one", name,
                       X509_verify_cert_error_string(verdict));
    }
}

/* The peer did not like ours, and said so in an alert. */
static const char *alert_words(int reason)
{
    switch (reason) {
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED: return "it has expired by the peer's clock: issue a new one";
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE: return "it is damaged or not valid yet: compare the clocks of both hosts";
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA: return "it is from a foreign CA: issue one from the CA of the peer";
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED: return "we showed none";
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED: return "it was revoked: issue a new one";
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_DECRYPT_ERROR: return "it does not hold there: see the peer's log";
    default: return NULL;
    }
}

enum dr_code tls_explain(struct dr_error *err, SSL *session, const char *name)
{
    long verdict = SSL_get_verify_result(session);
    int reason = ERR_GET_REASON(ERR_peek_error());
    const char *alert = alert_words(reason);
    if (alert)
        return dr_fail(err, DR_REFUSED, "%s refused our certificate: %s", name, alert);
    switch (reason) {
    case SSL_R_CERTIFICATE_VERIFY_FAILED: return explain_verdict(err, verdict, name);
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
        return dr_fail(err, DR_REFUSED, "%s showed no certificate: give it one with 'drctl ca issue'", name);
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_BAD_RECORD_TYPE:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_RECORD_LENGTH_MISMATCH:
    case SSL_R_UNEXPECTED_MESSAGE:
        return dr_fail(err, DR_PROTOCOL, "%s does not speak TLS (%s): is that another program?", name, tls_words());
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
        return dr_fail(err, DR_PROTOCOL, "%s does not speak TLS 1.3: is that another program?", name);
    default: return dr_fail(err, DR_PROTOCOL, "TLS with %s failed: %s", name, tls_words());
    }
}
