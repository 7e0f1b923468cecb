/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/net/pair.h"

#include <ftw.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HOUR_S 3600

const struct dr_id pki_alpha = {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
const struct dr_id pki_beta = {"BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"};

static void must(bool held, const char *what, const char *why)
{
    if (held)
        return;
    fprintf(stderr, "fixture: %s: %s\n", what, why);
    exit(1);
}

void pki_path(char path[PKI_PATH * 2], const struct pki *pki, const char *name, const char *file)
{
    snprintf(path, PKI_PATH * 2, "%s/%s/%s", pki->folder, name, file);
}

void pki_make(struct pki *pki)
{
    struct dr_error err = {.text = "mkdtemp"};
    char ca[PKI_PATH * 2];
    snprintf(pki->folder, sizeof pki->folder, "%s/drnode-pki-XXXXXX", P_tmpdir);
    must(mkdtemp(pki->folder), "folder", err.text);
    pki_path(ca, pki, "ca", "");
    must(ca_init(ca, &err) == DR_OK, "ca", err.text);
}

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
    (void)facts, (void)kind, (void)place;
    return remove(path);
}

void pki_remove(struct pki *pki)
{
    must(nftw(pki->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0, "remove", pki->folder);
}

void pki_issue(const struct pki *pki, const char *name, const struct dr_id *node, int64_t from_s, int64_t until_s)
{
    struct dr_error err;
    char ca[PKI_PATH * 2], out[PKI_PATH * 2];
    const struct ca_span span = {from_s, until_s};
    pki_path(ca, pki, "ca", "");
    pki_path(out, pki, name, "");
    must(ca_issue(ca, node, &span, out, &err) == DR_OK, "issue", err.text);
}

enum dr_code pki_open(struct tls **tls, const struct pki *pki, const char *name, struct dr_error *err)
{
    char ca[PKI_PATH * 2], cert[PKI_PATH * 2], key[PKI_PATH * 2];
    pki_path(ca, pki, name, "ca.pem");
    pki_path(cert, pki, name, "node.pem");
    pki_path(key, pki, name, "node.key");
    return tls_create(tls, ca, cert, key, err);
}

struct tls *pki_node(const struct pki *pki, const char *name, const struct dr_id *node)
{
    struct dr_error err;
    struct tls *tls;
    pki_issue(pki, name, node, -HOUR_S, HOUR_S);
    must(pki_open(&tls, pki, name, &err) == DR_OK, "tls", err.text);
    return tls;
}

int pair_listen(uint16_t *port)
{
    struct dr_error err;
    struct sockaddr_in at;
    socklen_t size = sizeof at;
    int listener;
    must(conn_listen(&listener, "127.0.0.1", 0, &err) == DR_OK, "listen", err.text);
    must(getsockname(listener, (struct sockaddr *)&at, &size) == 0, "listen", "getsockname");
    *port = ntohs(at.sin_port);
    return listener;
}

struct dialler {
    struct pair *pair;
    enum lane lane;
    uint16_t port;
};

static void *dial(void *argument)
{
    struct dialler *d = argument;
    struct dr_error err;
    struct conn_to to = {.address = "127.0.0.1", .port = d->port, .peer = &pki_beta, .limit = 10000};
    must(conn_dial(&d->pair->dialled, d->pair->alpha, d->lane, &to, &err) == DR_OK, "dial", err.text);
    return NULL;
}

void pair_open(struct pair *pair, enum lane lane)
{
    struct dr_error err;
    pki_make(&pair->pki);
    pair->alpha = pki_node(&pair->pki, "alpha", &pki_alpha);
    pair->beta = pki_node(&pair->pki, "beta", &pki_beta);
    struct dialler d = {.pair = pair, .lane = lane};
    int listener = pair_listen(&d.port);
    pthread_t thread;
    must(pthread_create(&thread, NULL, dial, &d) == 0, "dial", "pthread_create");
    int socket = accept(listener, NULL, NULL);
    must(conn_accept(&pair->accepted, pair->beta, lane, socket, 10000, &err) == DR_OK, "accept", err.text);
    pthread_join(thread, NULL);
    close(listener);
}

void pair_close(struct pair *pair)
{
    conn_close(pair->dialled);
    conn_close(pair->accepted);
    tls_destroy(pair->alpha);
    tls_destroy(pair->beta);
    pki_remove(&pair->pki);
}
