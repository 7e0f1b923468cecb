/* SPDX-License-Identifier: Apache-2.0
 * platform/linux/nfset.h - just enough nfnetlink for elements of the sets of nftables. */
#ifndef DR_PLATFORM_LINUX_NFSET_H
#define DR_PLATFORM_LINUX_NFSET_H

#include "core/types.h"

struct nfset_element {
    uint8_t family; /* NFPROTO_..., of the table */
    const char *table, *set;
    const uint8_t *key; /* NULL, when deleting: all of the set */
    unsigned size;
    msec timeout;
};

struct nfset_batch {
    _Alignas(8) char bytes[16384];
    unsigned used, messages;
};

void nfset_begin(struct nfset_batch *batch);
/* Adds it, or deletes it. */
void nfset_put(struct nfset_batch *batch, bool add, const struct nfset_element *element);
/* All of the batch, or nothing: 0, or an errno; ENOENT: no such set, or no such element to delete. */
int nfset_commit(struct nfset_batch *batch);
/* 0: it is there and has not timed out. ENOENT, or another errno. */
int nfset_has(const struct nfset_element *element);

#endif
