/* SPDX-License-Identifier: Apache-2.0
 * agent/target/attrs.h - (file, attribute) = value, and (file, byte range) = data. */
#ifndef DR_AGENT_ATTRS_H
#define DR_AGENT_ATTRS_H

#include "agent/target/tree.h"

/* Those of mode, uid, gid and size that `set` (RECORD_SET_*) names, as `r` has them; mtime once it is settled. */
enum dr_code attrs_assign(struct tree *t, struct held *file, const struct record *r, uint32_t set,
                          struct dr_error *err) DR_MUST_USE;
/* One extended attribute; `value` NULL removes it. */
enum dr_code attrs_xattr(const struct held *file, const char *name, const void *value, size_t size,
                         struct dr_error *err) DR_MUST_USE;
/* All of them: `list` is (u16 name, name, u32 length, value)...; others are removed. */
enum dr_code attrs_xattrs(const struct held *file, const uint8_t *list, size_t size, struct dr_error *err) DR_MUST_USE;

enum dr_code data_write(const struct held *file, const void *bytes, size_t size, uint64_t offset,
                        struct dr_error *err) DR_MUST_USE;
/* FALLOC_FL_KEEP_SIZE, PUNCH_HOLE and ZERO_RANGE only. */
enum dr_code data_fallocate(const struct held *file, uint32_t mode, uint64_t offset, uint64_t length,
                            struct dr_error *err) DR_MUST_USE;
#define DATA_FALLOCATE_MODES 0x13u

#endif
