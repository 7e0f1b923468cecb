/* SPDX-License-Identifier: Apache-2.0
 * core/seal.h - the checksum at the end of small durable records. It finds damage, not malice. */
#ifndef DR_CORE_SEAL_H
#define DR_CORE_SEAL_H

#include "core/cursor.h"

#define SEAL_BYTES 8u

/* Ends a record that began at `start`: returns its whole size, 0 if it did not fit. */
size_t seal_put(struct cursor *c, const uint8_t *start);
/* Opens a record of `size` bytes: *c reads what is before the seal. False: damaged. */
bool seal_check(struct cursor *c, const uint8_t *bytes, size_t size);

#endif
