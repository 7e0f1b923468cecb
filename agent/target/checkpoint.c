/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/target/checkpoint.h"
#include "agent/target/aside.h"
#include "agent/target/durable.h"
#include "core/cursor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#define CHECKPOINT_MAGIC 0x31504b43u /* "CKP1" */

void checkpoint_encode(uint8_t bytes[CHECKPOINT_BYTES], const struct checkpoint *k)
{
    struct cursor c = cursor_over(bytes, CHECKPOINT_BYTES);
    cursor_put_u32(&c, CHECKPOINT_MAGIC);
    cursor_put_u16(&c, k->mixed);
    cursor_put_u16(&c, k->ended);
    cursor_put_u64(&c, k->term);
    cursor_put_u64(&c, k->stream);
    cursor_put_u64(&c, k->seq);
    cursor_put_u64(&c, XXH3_64bits(bytes, CHECKPOINT_BYTES - 8));
}

bool checkpoint_decode(struct checkpoint *k, const uint8_t *bytes, size_t size)
{
    struct cursor c = cursor_reading(bytes, size);
    bool magic = cursor_get_u32(&c) == CHECKPOINT_MAGIC;
    uint16_t mixed = cursor_get_u16(&c), ended = cursor_get_u16(&c);
    *k = (struct checkpoint){.mixed = mixed == 1, .ended = ended == 1};
    k->term = cursor_get_u64(&c);
    k->stream = cursor_get_u64(&c);
    k->seq = cursor_get_u64(&c);
    uint64_t check = cursor_get_u64(&c);
    return magic && cursor_ok(&c) && cursor_left(&c) == 0 && mixed <= 1 && ended <= 1 && k->term <= TERM_MAX &&
           check == XXH3_64bits(bytes, CHECKPOINT_BYTES - 8);
}

enum dr_code checkpoint_read(struct checkpoint *k, const char *file, struct dr_error *err)
{
    memset(k, 0, sizeof *k);
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return DR_OK;
    if (fd < 0)
        return dr_fail(err, DR_IO, "cannot open %s: %s", file, strerror(errno));
    uint8_t *bytes;
    size_t size;
    enum dr_code code = durable_read(fd, file, &bytes, &size, err);
    close(fd);
    if (code)
        return code;
    if (!checkpoint_decode(k, bytes, size))
        code = dr_fail(err, DR_CORRUPT, "%s is damaged: " ASIDE_REMEDY, file);
    free(bytes);
    return code;
}

enum dr_code checkpoint_write(const struct checkpoint *k, const char *file, struct dr_error *err)
{
    uint8_t bytes[CHECKPOINT_BYTES];
    checkpoint_encode(bytes, k);
    return durable_replace(file, bytes, sizeof bytes, err);
}
