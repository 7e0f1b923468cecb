/* SPDX-License-Identifier: Apache-2.0
 * tests/unit/net/test_tls.c - who may talk to whom, and what each side is told (B1.1.3-08: encrypted transfer). */
#include "net/conn.h"
#include "tests/unit/net/pair.h"
#include "tests/unit/unit.h"

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HOUR_S   3600
#define LIMIT_MS 5000

/* What one side of a meeting got. */
struct side {
    struct tls *tls;
    enum lane lane;
    int listener;
    enum dr_code code;
    struct dr_error err;
};

static void *accept_one(void *argument)
{
    struct side *s = argument;
    struct conn *conn;
    int socket = accept(s->listener, NULL, NULL);
    s->code = conn_accept(&conn, s->tls, s->lane, socket, LIMIT_MS, &s->err);
    if (s->code == DR_OK)
        conn_close(conn);
    return NULL;
}

/* `dialler` dials `acceptor`, expecting `peer`. */
static void meet(struct side *dialler, struct side *acceptor, const struct dr_id *peer)
{
    uint16_t port;
    struct conn *conn;
    pthread_t thread;
    acceptor->listener = pair_listen(&port);
    pthread_create(&thread, NULL, accept_one, acceptor);
    struct conn_to to = {.address = "127.0.0.1", .port = port, .peer = peer, .limit = LIMIT_MS};
    dialler->code = conn_dial(&conn, dialler->tls, dialler->lane, &to, &dialler->err);
    pthread_join(thread, NULL);
    if (dialler->code == DR_OK)
        conn_close(conn);
    close(acceptor->listener);
}

/* ---- our own files ---- */

static struct pki pki;

static void refused_at_start(const char *name, const char *words)
{
    struct tls *tls = NULL;
    struct dr_error err = {.text = ""};
    CU_ASSERT_NOT_EQUAL(pki_open(&tls, &pki, name, &err), DR_OK);
    unit_says(err.text, name); /* the path is named */
    unit_says(err.text, words);
    CU_ASSERT_PTR_NULL(tls);
}

static void copy_file(const char *from_name, const char *to_name, const char *file)
{
    char from[PKI_PATH * 2], to[PKI_PATH * 2], bytes[8192];
    pki_path(from, &pki, from_name, file);
    pki_path(to, &pki, to_name, file);
    FILE *in = fopen(from, "r"), *out = fopen(to, "w");
    CU_ASSERT_TRUE_FATAL(in && out);
    size_t size = fread(bytes, 1, sizeof bytes, in);
    CU_ASSERT_EQUAL(fwrite(bytes, 1, size, out), size);
    fclose(in);
    fclose(out);
}

static void write_file(const char *name, const char *file, const char *text)
{
    char path[PKI_PATH * 2];
    pki_path(path, &pki, name, file);
    FILE *out = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    fputs(text, out);
    fclose(out);
}

static void own_certificate_is_checked(void)
{
    pki_issue(&pki, "expired", &pki_alpha, -2 * HOUR_S, -HOUR_S);
    refused_at_start("expired", "node.pem has expired");
    pki_issue(&pki, "future", &pki_alpha, HOUR_S, 2 * HOUR_S);
    refused_at_start("future", "node.pem is not valid yet");
    struct pki other;
    pki_make(&other);
    pki_issue(&other, "stranger", &pki_alpha, -HOUR_S, HOUR_S);
    char mine[PKI_PATH * 2], theirs[PKI_PATH * 2], cert[PKI_PATH * 2], key[PKI_PATH * 2];
    pki_path(mine, &pki, "ca", "ca.pem");
    pki_path(theirs, &other, "stranger", "ca.pem");
    pki_path(cert, &other, "stranger", "node.pem");
    pki_path(key, &other, "stranger", "node.key");
    struct tls *tls;
    struct dr_error err;
    CU_ASSERT_EQUAL(tls_create(&tls, mine, cert, key, &err), DR_INVALID);
    unit_says(err.text, "not from the CA of");
    pki_remove(&other);
}

static void own_key_is_checked(void)
{
    char key[PKI_PATH * 2];
    pki_issue(&pki, "open", &pki_alpha, -HOUR_S, HOUR_S);
    pki_path(key, &pki, "open", "node.key");
    CU_ASSERT_EQUAL(chmod(key, 0640), 0);
    refused_at_start("open", "chmod 600");
    pki_issue(&pki, "mixed", &pki_alpha, -HOUR_S, HOUR_S);
    copy_file("open", "mixed", "node.key");
    refused_at_start("mixed", "does not belong to certificate");
    write_file("mixed", "node.key", "no key\n");
    refused_at_start("mixed", "holds no private key");
    write_file("mixed", "node.pem", "no certificate\n");
    refused_at_start("mixed", "node.pem holds no certificate");
    pki_path(key, &pki, "mixed", "ca.pem");
    CU_ASSERT_EQUAL(unlink(key), 0);
    refused_at_start("mixed", "cannot read the certificate of the CA");
}

static void node_id_is_the_common_name(void)
{
    struct tls *alpha = pki_node(&pki, "named", &pki_alpha);
    CU_ASSERT_STRING_EQUAL(tls_self(alpha)->hex, pki_alpha.hex);
    tls_destroy(alpha);
    const struct dr_id nobody = {"not-a-node-id"};
    pki_issue(&pki, "nobody", &nobody, -HOUR_S, HOUR_S);
    refused_at_start("nobody", "names no node id");
}

/* ---- two of our nodes ---- */

static void good_nodes_meet(void)
{
    struct side a = {.tls = pki_node(&pki, "a1", &pki_alpha)}, b = {.tls = pki_node(&pki, "b1", &pki_beta)};
    meet(&a, &b, &pki_beta);
    CU_ASSERT_EQUAL(a.code, DR_OK);
    CU_ASSERT_EQUAL(b.code, DR_OK);
    meet(&a, &b, NULL);
    CU_ASSERT_EQUAL(a.code, DR_OK);
    tls_destroy(a.tls);
    tls_destroy(b.tls);
}

static void another_node_than_expected_is_refused(void)
{
    struct side a = {.tls = pki_node(&pki, "a2", &pki_alpha)}, b = {.tls = pki_node(&pki, "b2", &pki_beta)};
    meet(&a, &b, &pki_alpha);
    CU_ASSERT_EQUAL(a.code, DR_REFUSED);
    unit_says(a.err.text, pki_beta.hex);
    unit_says(a.err.text, pki_alpha.hex);
    tls_destroy(a.tls);
    tls_destroy(b.tls);
}

static void wrong_lane_is_named(void)
{
    struct side a = {.tls = pki_node(&pki, "a3", &pki_alpha), .lane = LANE_MIRROR};
    struct side b = {.tls = pki_node(&pki, "b3", &pki_beta), .lane = LANE_HEARTBEAT};
    meet(&a, &b, NULL);
    CU_ASSERT_EQUAL(a.code, DR_REFUSED);
    unit_says(a.err.text, "serves the heartbeat lane, not mirror");
    tls_destroy(a.tls);
    tls_destroy(b.tls);
}

static void foreign_ca_is_refused_on_both_sides(void)
{
    struct pki other;
    pki_make(&other);
    struct side a = {.tls = pki_node(&other, "a", &pki_alpha)}, b = {.tls = pki_node(&pki, "b4", &pki_beta)};
    meet(&a, &b, NULL); /* the dialler looks first */
    CU_ASSERT_EQUAL(a.code, DR_REFUSED);
    unit_says(a.err.text, "foreign CA");
    CU_ASSERT_EQUAL(b.code, DR_REFUSED);
    unit_says(b.err.text, "refused our certificate: it is from a foreign CA");
    tls_destroy(a.tls);
    tls_destroy(b.tls);
    pki_remove(&other);
}

/* Valid when the node started, expired when it met others. */
static void expiry_is_told_to_both_sides(void)
{
    struct tls *tls;
    struct dr_error err;
    time_t lives = 1;
    do /* until it is opened before it expires, however slow this machine is */
        pki_issue(&pki, "short", &pki_alpha, -HOUR_S, lives *= 2);
    while (pki_open(&tls, &pki, "short", &err) != DR_OK && lives < 60);
    nanosleep(&(struct timespec){.tv_sec = lives + 1}, NULL);
    struct side a = {.tls = tls}, b = {.tls = pki_node(&pki, "b5", &pki_beta)};
    meet(&a, &b, NULL);
    CU_ASSERT_EQUAL(a.code, DR_REFUSED);
    unit_says(a.err.text, "refused our certificate: it has expired");
    CU_ASSERT_EQUAL(b.code, DR_REFUSED);
    unit_says(b.err.text, "has expired");
    unit_says(b.err.text, "127.0.0.1");
    meet(&b, &a, NULL);
    CU_ASSERT_EQUAL(b.code, DR_REFUSED);
    unit_says(b.err.text, "has expired");
    tls_destroy(a.tls);
    tls_destroy(b.tls);
}

/* ---- strangers, made with OpenSSL alone ---- */

struct stranger {
    uint16_t port;
    const char *name; /* folder of the certificate that it shows; NULL = none */
    int version;      /* of TLS */
    const char *text; /* says this instead of TLS, if not NULL */
    bool hangs;       /* says nothing and stays until the other side leaves */
};

static int connect_to(uint16_t port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CU_ASSERT_EQUAL_FATAL(connect(s, (struct sockaddr *)&at, sizeof at), 0);
    return s;
}

static void wait_for_end(int s)
{
    char rest[256];
    while (read(s, rest, sizeof rest) > 0)
        continue;
}

static void shake_hands(const struct stranger *who, int s)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_max_proto_version(context, who->version);
    if (who->name) {
        char cert[PKI_PATH * 2], key[PKI_PATH * 2];
        pki_path(cert, &pki, who->name, "node.pem");
        pki_path(key, &pki, who->name, "node.key");
        CU_ASSERT_EQUAL(SSL_CTX_use_certificate_file(context, cert, SSL_FILETYPE_PEM), 1);
        CU_ASSERT_EQUAL(SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM), 1);
    }
    SSL *ssl = SSL_new(context);
    SSL_set_fd(ssl, s);
    char rest[16];
    if (SSL_connect(ssl) == 1)
        CU_ASSERT_TRUE(SSL_read(ssl, rest, sizeof rest) <= 0);
    SSL_free(ssl);
    SSL_CTX_free(context);
}

static void *stranger_run(void *argument)
{
    const struct stranger *who = argument;
    int s = connect_to(who->port);
    if (who->text)
        CU_ASSERT_EQUAL(write(s, who->text, strlen(who->text)), (ssize_t)strlen(who->text));
    if (who->text || who->hangs)
        wait_for_end(s);
    else if (who->version)
        shake_hands(who, s);
    close(s);
    return NULL;
}

/* What our acceptor says of a stranger. */
static void accept_stranger(struct stranger *who, msec limit, enum dr_code code, const char *words)
{
    struct tls *tls = NULL;
    struct dr_error err = {.text = ""};
    if (pki_open(&tls, &pki, "host", &err) != DR_OK)
        tls = pki_node(&pki, "host", &pki_beta);
    int listener = pair_listen(&who->port);
    pthread_t thread;
    struct conn *conn;
    pthread_create(&thread, NULL, stranger_run, who);
    int socket = accept(listener, NULL, NULL);
    CU_ASSERT_EQUAL(conn_accept(&conn, tls, LANE_REPLICATION, socket, limit, &err), code);
    unit_says(err.text, words);
    unit_says(err.text, "127.0.0.1:");
    pthread_join(thread, NULL);
    close(listener);
    tls_destroy(tls);
}

static void a_missing_certificate_is_refused(void)
{
    struct stranger who = {.version = TLS1_3_VERSION};
    accept_stranger(&who, LIMIT_MS, DR_REFUSED, "showed no certificate");
}

static void a_certificate_from_the_future_is_refused(void)
{
    pki_issue(&pki, "later", &pki_alpha, HOUR_S, 2 * HOUR_S);
    struct stranger who = {.version = TLS1_3_VERSION, .name = "later"};
    accept_stranger(&who, LIMIT_MS, DR_REFUSED, "is not valid yet: compare the clocks");
}

static void a_certificate_without_node_id_is_refused(void)
{
    const struct dr_id nobody = {"localhost"};
    pki_issue(&pki, "localhost", &nobody, -HOUR_S, HOUR_S);
    struct stranger who = {.version = TLS1_3_VERSION, .name = "localhost"};
    accept_stranger(&who, LIMIT_MS, DR_REFUSED, "names no node id");
}

static void older_tls_is_refused(void)
{
    struct stranger who = {.version = TLS1_2_VERSION};
    accept_stranger(&who, LIMIT_MS, DR_PROTOCOL, "does not speak TLS 1.3");
}

static void plain_text_is_named(void)
{
    struct stranger http = {.text = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"};
    accept_stranger(&http, LIMIT_MS, DR_PROTOCOL, "does not speak TLS");
    struct stranger ssh = {.text = "SSH-2.0-OpenSSH_9.2\r\n"};
    accept_stranger(&ssh, LIMIT_MS, DR_PROTOCOL, "does not speak TLS");
    struct stranger noise = {.text = "\x16\x03\x01\xff\xff\x80\x81\x82"};
    accept_stranger(&noise, LIMIT_MS, DR_PROTOCOL, "does not speak TLS");
}

static void silence_ends_in_time(void)
{
    struct stranger who = {.hangs = true};
    accept_stranger(&who, 200, DR_TIMEOUT, "during the TLS handshake");
    struct stranger half = {.text = "\x16\x03"};
    accept_stranger(&half, 200, DR_TIMEOUT, "during the TLS handshake");
    struct stranger gone = {0};
    accept_stranger(&gone, LIMIT_MS, DR_CLOSED, "during the TLS handshake");
}

static void *answer_in_plain_text(void *argument)
{
    int s = accept(*(int *)argument, NULL, NULL);
    CU_ASSERT_EQUAL(write(s, "220 mail ready\r\n", 16), 16);
    wait_for_end(s);
    close(s);
    return NULL;
}

static void a_dialler_names_a_server_without_tls(void)
{
    uint16_t port;
    int listener = pair_listen(&port);
    struct tls *tls = pki_node(&pki, "a6", &pki_alpha);
    struct conn *conn;
    struct dr_error err;
    pthread_t thread;
    pthread_create(&thread, NULL, answer_in_plain_text, &listener);
    struct conn_to to = {.address = "127.0.0.1", .port = port, .limit = LIMIT_MS};
    CU_ASSERT_EQUAL(conn_dial(&conn, tls, LANE_MIRROR, &to, &err), DR_PROTOCOL);
    unit_says(err.text, "does not speak TLS");
    pthread_join(thread, NULL);
    close(listener);
    tls_destroy(tls);
}

int main(void)
{
    CU_TestInfo cases[] = {
        {"own certificate is checked", own_certificate_is_checked},
        {"own key is checked", own_key_is_checked},
        {"node id is the common name", node_id_is_the_common_name},
        {"good nodes meet", good_nodes_meet},
        {"another node than expected is refused", another_node_than_expected_is_refused},
        {"wrong lane is named", wrong_lane_is_named},
        {"foreign CA is refused on both sides", foreign_ca_is_refused_on_both_sides},
        {"expiry is told to both sides", expiry_is_told_to_both_sides},
        {"a missing certificate is refused", a_missing_certificate_is_refused},
        {"a certificate from the future is refused", a_certificate_from_the_future_is_refused},
        {"a certificate without node id is refused", a_certificate_without_node_id_is_refused},
        {"older TLS is refused", older_tls_is_refused},
        {"plain text is named", plain_text_is_named},
        {"silence ends in time", silence_ends_in_time},
        {"a dialler names a server without TLS", a_dialler_names_a_server_without_tls},
        CU_TEST_INFO_NULL,
    };
    pki_make(&pki);
    int failed = unit_run("tls", cases);
    pki_remove(&pki);
    return failed;
}
