/* SPDX-License-Identifier: Apache-2.0
 * agent/target/idmap.h - which local file a file id means. Files born here need no entry: their id is their inode. For
 * files born on the other member it holds id <-> local handle, in memory and in a file that checkpoints append to. */
#ifndef DR_AGENT_IDMAP_H
#define DR_AGENT_IDMAP_H

#include "core/error.h"
#include "core/record.h"
#include "platform/file_handle.h"

#include <sys/stat.h>

struct idmap; /* its own lock: any thread */

enum dr_code idmap_open(struct idmap **map, const char *file, enum member self, struct dr_error *err) DR_MUST_USE;
void idmap_close(struct idmap *map);

/* id -> local handle (path number too); false: not known here. */
bool idmap_find(struct idmap *map, const struct file_id *id, struct dr_file_handle *handle, uint32_t *path);
/* local {ino, gen} -> id for life: an entry's, or this member's own birth. */
struct file_id idmap_name(struct idmap *map, const struct file_id *local);
/* What it is (S_IFMT bits), as it never changes; 0: not known. */
mode_t idmap_type(struct idmap *map, const struct file_id *id);
void idmap_put(struct idmap *map, const struct file_id *id, uint32_t path, const struct dr_file_handle *handle,
               mode_t type);
void idmap_drop(struct idmap *map, const struct file_id *id);
/* Makes all changes so far durable (append and fdatasync; compacts when half of the file is stale). */
enum dr_code idmap_sync(struct idmap *map, struct dr_error *err) DR_MUST_USE;

#endif
