/* SPDX-License-Identifier: Apache-2.0
 * agent/target/durable.h - whole reads and writes of state files, and replacing one so that a power cut leaves either
 * the old or the new. */
#ifndef DR_AGENT_DURABLE_H
#define DR_AGENT_DURABLE_H

#include "core/error.h"

#include <stddef.h>
#include <stdint.h>

/* The code for errno: DR_FULL for a full disk or quota, DR_NOT_FOUND, else DR_IO. */
enum dr_code durable_code(int error);

/* All of it at `offset`; `name` is for the message. */
enum dr_code durable_write(int fd, const char *name, const void *bytes, size_t size, size_t offset,
                           struct dr_error *err) DR_MUST_USE;
/* The whole file; *bytes is the caller's to free. */
enum dr_code durable_read(int fd, const char *name, uint8_t **bytes, size_t *size, struct dr_error *err) DR_MUST_USE;
/* Writes FILE.new, syncs it, renames it to FILE, syncs the folder. */
enum dr_code durable_replace(const char *file, const void *bytes, size_t size, struct dr_error *err) DR_MUST_USE;
/* fsync of the folder that holds `file`, so that its name is on disk. */
enum dr_code durable_folder(const char *file, struct dr_error *err) DR_MUST_USE;

#endif
