/* SPDX-License-Identifier: Apache-2.0
 * agent/witness/disk_file.h - the records of a rule as two files of a shared mount, RULE.a and RULE.b: one block each,
 * written in place by one member, so no two hosts ever write the same file. Read and written past this host's cache
 * (O_DIRECT): the cache of an NFS client is up to a minute old. May hang with the mount: disk.h keeps that apart. */
#ifndef DR_AGENT_WITNESS_DISK_FILE_H
#define DR_AGENT_WITNESS_DISK_FILE_H

#include "core/error.h"
#include "core/witness_record.h"

#define DISK_BLOCK 4096u

struct disk_place {
    const char *folder;
    struct dr_id rule;
};

/* Identity 0: the file is not there, or empty. DR_CORRUPT: a record is damaged, or is just being written. */
enum dr_code disk_file_look(struct witness_pair *pair, const struct disk_place *place,
                            struct dr_error *err) DR_MUST_USE;
/* On the server when it returns. Makes the file if need be. */
enum dr_code disk_file_write(const struct disk_place *place, enum member self, const struct witness_record *record,
                             struct dr_error *err) DR_MUST_USE;

/* What a block holds; zeros and nothing: no record. False: damaged. */
bool disk_file_decode(struct witness_record *record, const uint8_t *block, size_t size);

#endif
