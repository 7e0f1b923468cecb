/* SPDX-License-Identifier: Apache-2.0
 * agent/target/own.h - the inodes of the tree as they were when the session began. Ids of files born here are inode
 * numbers; one from a peer counts only if the inode is in this set, for a handle alone would open any file of the file
 * system. Files made since have the other member's birth, so the set need not grow. */
#ifndef DR_AGENT_OWN_H
#define DR_AGENT_OWN_H

#include "agent/target/table.h"
#include "core/error.h"

#include <pthread.h>

struct own {
    pthread_mutex_t lock;
    bool gathered;
    struct table inodes; /* {ino, gen, BIRTH_LOCAL} -> 1: a peer named it by its own id in this session */
};

void own_init(struct own *own);
void own_close(struct own *own);
/* A new session: what is in the tree may have changed. */
void own_reset(struct own *own);
/* Walks the folders, unless that was done since the last reset. */
enum dr_code own_gather(struct own *own, const int *folder, unsigned count, struct dr_error *err) DR_MUST_USE;

/* Both false before own_gather(). */
bool own_has(struct own *own, const struct file_id *local);
bool own_claimed(struct own *own, const struct file_id *local);
void own_claim(struct own *own, const struct file_id *local);

#endif
