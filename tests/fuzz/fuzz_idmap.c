/* SPDX-License-Identifier: Apache-2.0
 * tests/fuzz/fuzz_idmap.c - the target's map of file ids, read back from a file with contents of any kind under a good
 * seal. Whatever it took: ids and local files name each other one to one. */
#include "agent/target/chunk.h"
#include "agent/target/idmap.h"
#include "core/cursor.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include <unistd.h>

#define CHANGE_BYTES 64u /* of one change in the file; its id comes first */

static char file[64];

static void forget_file(void)
{
    unlink(file);
}

static void write_sealed(const uint8_t *payload, size_t size)
{
    if (!file[0]) {
        snprintf(file, sizeof file, "%s/drnode-fuzz-idmap-%d", P_tmpdir, (int)getpid());
        atexit(forget_file);
    }
    uint8_t head[CHUNK_HEAD];
    chunk_seal(head, &(struct chunk){.first = 1, .last = 1, .bytes = payload, .size = size});
    FILE *out = fopen(file, "wb");
    FUZZ_HOLDS(out && fwrite(head, 1, sizeof head, out) == sizeof head && fwrite(payload, 1, size, out) == size);
    FUZZ_HOLDS(fclose(out) == 0);
}

static void one_to_one(struct idmap *map, const struct file_id *id)
{
    struct dr_file_handle handle;
    uint32_t path;
    if (!idmap_find(map, id, &handle, &path))
        return;
    struct file_id local = file_handle_id(&handle), named = idmap_name(map, &local);
    FUZZ_HOLDS(file_id_equal(&named, id));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dr_error err;
    struct idmap *map;
    write_sealed(data, size);
    if (idmap_open(&map, file, MEMBER_A, &err) != DR_OK) {
        FUZZ_HOLDS(strstr(err.text, file) != NULL);
        return 0;
    }
    for (size_t at = 0; at + CHANGE_BYTES <= size; at += CHANGE_BYTES) {
        struct cursor c = cursor_reading(data + at, CHANGE_BYTES);
        struct file_id id = {.ino = cursor_get_u64(&c), .gen = cursor_get_u32(&c)};
        id.birth = cursor_get_u8(&c);
        one_to_one(map, &id);
    }
    idmap_close(map);
    return 0;
}
