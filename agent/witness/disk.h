/* SPDX-License-Identifier: Apache-2.0
 * agent/witness/disk.h - the two records of a rule on a shared mount (disk_file.h). A mount whose server is gone hangs
 * whoever touches it, beyond any signal: so a child process does, one at a time, and is waited for up to a limit. */
#ifndef DR_AGENT_WITNESS_DISK_H
#define DR_AGENT_WITNESS_DISK_H

#include "agent/witness/witness.h"

/* The program of ours that hands `--witness-disk ...` to disk_main(). */
#define DISK_WORD "--witness-disk"

extern const struct witness_store disk_store;

struct disk_config {
    struct dr_id rule;
    enum member self;
    const char *program; /* copied, as all texts here */
    const char *folder;  /* of the shared mount, as this member sees it */
    const char *lock;    /* a file on a disk of this host: what hangs there after our end keeps the next one away */
    msec limit;          /* for one question */
};

/* For witness_config.store. Nothing is touched yet. */
enum dr_code disk_create(void **store, const struct disk_config *config, struct dr_error *err) DR_MUST_USE;

/* The child. Returns the exit status. */
int disk_main(int argc, char **argv);

#endif
