/* SPDX-License-Identifier: Apache-2.0
 * tests/unit/net/pair.h - for tests: a certificate authority in a folder of its own, nodes, and two connections that
 * are the ends of one on loopback. A step that fails ends the program: nothing after it would mean anything. */
#ifndef DR_TESTS_NET_PAIR_H
#define DR_TESTS_NET_PAIR_H

#include "net/ca.h"
#include "net/conn.h"

#define PKI_PATH 128

struct pki {
    char folder[PKI_PATH]; /* holds ca/, and a folder for each node */
};

extern const struct dr_id pki_alpha, pki_beta;

void pki_make(struct pki *pki);
void pki_remove(struct pki *pki);
/* Issues a certificate into the folder `name`. */
void pki_issue(const struct pki *pki, const char *name, const struct dr_id *node, int64_t from_s, int64_t until_s);
/* "folder/name/file". */
void pki_path(char path[PKI_PATH * 2], const struct pki *pki, const char *name, const char *file);
/* What tls_create says of the folder `name`. */
enum dr_code pki_open(struct tls **tls, const struct pki *pki, const char *name, struct dr_error *err);
/* A good node: issued and opened. */
struct tls *pki_node(const struct pki *pki, const char *name, const struct dr_id *node);

struct pair {
    struct pki pki;
    struct tls *alpha, *beta;
    struct conn *dialled, *accepted; /* alpha dials beta */
};

void pair_open(struct pair *pair, enum lane lane);
void pair_close(struct pair *pair);

/* A listener on an ephemeral port of 127.0.0.1. */
int pair_listen(uint16_t *port);

#endif
