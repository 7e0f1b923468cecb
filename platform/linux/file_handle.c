/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/file_handle.h"

#include "platform/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <xxhash.h>

/* What name_to_handle_at(2) says and how its bytes lie, by file system (kernel: fs/libfs.c, mm/shmem.c,
 * fs/xfs/xfs_export.c, fs/btrfs/export.c). Host byte order, 4 byte aligned at best. */
enum layout { LAYOUT_INO32, LAYOUT_TMPFS, LAYOUT_XFS, LAYOUT_BTRFS, LAYOUT_UNKNOWN };

static const struct {
    uint8_t type, size;
    uint8_t ino_at, ino_bytes, gen_at;
} layouts[] = {
    [LAYOUT_INO32] = {0x01, 8, 0, 4, 4}, /* ext4, xfs with small inode numbers, f2fs */
    [LAYOUT_TMPFS] = {0x01, 12, 4, 8, 0},
    [LAYOUT_XFS] = {0x81, 12, 0, 8, 8},
    [LAYOUT_BTRFS] = {0x4d, 20, 0, 8, 16}, /* bytes 8..15: the subvolume */
};

static enum layout layout_of(const struct dr_file_handle *handle)
{
    for (unsigned i = 0; i < LAYOUT_UNKNOWN; i++) {
        if (layouts[i].type == handle->type && layouts[i].size == handle->size)
            return (enum layout)i;
    }
    return LAYOUT_UNKNOWN;
}

enum dr_code file_handle_at(int dir, const char *name, struct dr_file_handle *handle, struct dr_error *err)
{
    union {
        struct file_handle kernel;
        char room[sizeof(struct file_handle) + FILE_HANDLE_BYTES];
    } h = {.kernel = {.handle_bytes = FILE_HANDLE_BYTES}};
    int mount_id;
    if (name_to_handle_at(dir, name, &h.kernel, &mount_id, *name ? 0 : AT_EMPTY_PATH) != 0) {
        enum dr_code code = errno == ENOENT ? DR_NOT_FOUND : DR_IO;
        return dr_fail(err, code, "cannot get a file handle of \"%s\": %s%s", *name ? name : ".", strerror(errno),
                       errno == EOPNOTSUPP ? ": use a file system with handles (ext4, xfs, btrfs, tmpfs)" : "");
    }
    memset(handle, 0, sizeof *handle);
    handle->type = (uint8_t)h.kernel.handle_type;
    handle->size = (uint8_t)h.kernel.handle_bytes;
    memcpy(handle->bytes, h.kernel.f_handle, handle->size);
    return DR_OK;
}

struct file_id file_handle_id(const struct dr_file_handle *handle)
{
    struct file_id id = {.birth = BIRTH_LOCAL};
    enum layout l = layout_of(handle);
    if (l == LAYOUT_UNKNOWN) {
        id.ino = XXH64(handle->bytes, handle->size, handle->type);
        id.gen = (uint32_t)XXH64(handle->bytes, handle->size, ~0ull);
        return id;
    }
    memcpy(&id.ino, handle->bytes + layouts[l].ino_at, layouts[l].ino_bytes);
    memcpy(&id.gen, handle->bytes + layouts[l].gen_at, sizeof id.gen);
    return id;
}

enum dr_code file_handle_of_id(const struct file_id *id, const struct dr_file_handle *like,
                               struct dr_file_handle *handle, struct dr_error *err)
{
    enum layout l = layout_of(like);
    if (l == LAYOUT_INO32 && id->ino > UINT32_MAX)
        l = LAYOUT_XFS; /* xfs takes the long form for large numbers; the others have none */
    if (l == LAYOUT_UNKNOWN)
        return dr_fail(err, DR_INVALID, "file handles of type 0x%x cannot be made from inode numbers", like->type);
    *handle = *like;
    handle->type = layouts[l].type;
    handle->size = layouts[l].size;
    memcpy(handle->bytes + layouts[l].ino_at, &id->ino, layouts[l].ino_bytes);
    memcpy(handle->bytes + layouts[l].gen_at, &id->gen, sizeof id->gen);
    return DR_OK;
}

/* While a number is being given to a new file, ext4 says ENOMEM to who asks for the file that had it before (kernel:
 * iget_locked() in fs/inode.c finds I_CREATING and answers NULL, __ext4_iget() takes that for no memory). It takes a
 * moment; then the old file is ESTALE. */
static int open_patiently(int mount, struct file_handle *handle, int flags)
{
    const int tries = 1000; /* of 1 ms: a creation may wait for the file system's journal */
    int fd = open_by_handle_at(mount, handle, flags);
    for (int i = 0; i < tries && fd < 0 && errno == ENOMEM; i++) {
        clock_sleep(1);
        fd = open_by_handle_at(mount, handle, flags);
    }
    return fd;
}

enum dr_code file_handle_open(int mount, const struct dr_file_handle *handle, int flags, int *fd, struct dr_error *err)
{
    union {
        struct file_handle kernel;
        char room[sizeof(struct file_handle) + FILE_HANDLE_BYTES];
    } h = {.kernel = {.handle_bytes = handle->size, .handle_type = handle->type}};
    memcpy(h.kernel.f_handle, handle->bytes, handle->size);
    *fd = open_patiently(mount, &h.kernel, flags | O_CLOEXEC);
    if (*fd >= 0)
        return DR_OK;
    struct file_id id = file_handle_id(handle);
    if (errno == ESTALE || errno == ENOENT)
        return dr_fail(err, DR_NOT_FOUND, "inode %llu (generation %u) is gone", (unsigned long long)id.ino, id.gen);
    return dr_fail(err, DR_IO, "cannot open inode %llu (generation %u): %s", (unsigned long long)id.ino, id.gen,
                   strerror(errno));
}
