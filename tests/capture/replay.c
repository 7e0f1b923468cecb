/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/capture/stand.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define OBJECTS_MAX 65536

/* A descriptor for every object there ever was: nothing is found by name. */
struct replay {
    unsigned count;
    struct {
        struct file_id id;
        int fd;
    } object[OBJECTS_MAX];
};

struct replay *replay_new(const char *folder)
{
    struct replay *r = calloc(1, sizeof *r);
    r->object[0].id = (struct file_id){.birth = BIRTH_ROOT};
    r->object[0].fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    r->count = 1;
    return r;
}

void replay_free(struct replay *r)
{
    for (unsigned i = 0; i < r->count; i++)
        close(r->object[i].fd);
    free(r);
}

static int fd_of(const struct replay *r, const struct file_id *id)
{
    for (unsigned i = r->count; i > 0; i--) { /* the last: an inode may have been used again */
        if (file_id_equal(&r->object[i - 1].id, id))
            return r->object[i - 1].fd;
    }
    return -1;
}

static void must(const struct record *record, int result)
{
    if (result < 0)
        printf("record %llu (%s) %.*s: %s\n", (unsigned long long)record->seq, record_op_name(record->op),
               record->name_len, record_name(record), strerror(errno));
    CU_ASSERT_TRUE(result >= 0);
}

static void proc_path(char path[32], int fd)
{
    snprintf(path, 32, "/proc/self/fd/%d", fd);
}

static void set_mtime(int fd, int64_t ns)
{
    char path[32];
    proc_path(path, fd);
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000}};
    CU_ASSERT_EQUAL(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void text(char *to, const char *from, size_t length)
{
    memcpy(to, from, length);
    to[length] = '\0';
}

static void make(struct replay *r, const struct record *record, int dir, const char *name)
{
    char target[4096];
    switch (record->op) {
    case RECORD_CREATE: must(record, mknodat(dir, name, S_IFREG | 0600, 0)); break;
    case RECORD_MKDIR: must(record, mkdirat(dir, name, 0700)); break;
    case RECORD_MKNOD: must(record, mknodat(dir, name, (record->mode & S_IFMT) | 0600, record->rdev)); break;
    default:
        text(target, (const char *)record_data(record), record->data_len);
        must(record, symlinkat(target, dir, name));
        break;
    }
    int flags = record->op == RECORD_CREATE ? O_RDWR : record->op == RECORD_MKDIR ? O_RDONLY : O_PATH;
    int fd = openat(dir, name, flags | O_NOFOLLOW | O_CLOEXEC);
    must(record, fd);
    must(record, fchownat(fd, "", record->uid, record->gid, AT_EMPTY_PATH));
    if (record->op != RECORD_SYMLINK)
        must(record, fchmodat(dir, name, record->mode & 07777, 0));
    set_mtime(fd, record->mtime_ns);
    CU_ASSERT_TRUE_FATAL(r->count < OBJECTS_MAX);
    r->object[r->count].id = record->file;
    r->object[r->count++].fd = fd;
}

static void set_attributes(const struct record *record, int fd)
{
    char path[32];
    proc_path(path, fd);
    if (record->set & (RECORD_SET_UID | RECORD_SET_GID))
        must(record, fchownat(fd, "", record->uid, record->gid, AT_EMPTY_PATH));
    if (record->set & RECORD_SET_SIZE)
        must(record, ftruncate(fd, (off_t)record->file_size));
    if ((record->set & RECORD_SET_MODE) && !S_ISLNK(record->mode))
        must(record, chmod(path, record->mode & 07777));
    if (record->set & RECORD_SET_MTIME)
        set_mtime(fd, record->mtime_ns);
}

static void change_data(const struct record *record, int fd)
{
    if (record->op == RECORD_WRITE)
        must(record, pwrite(fd, record_data(record), record->data_len, (off_t)record->offset) == (ssize_t)record->length
                         ? 0
                         : -1);
    else
        must(record, fallocate(fd, (int)record->rdev, (off_t)record->offset, (off_t)record->length));
    struct stat st;
    CU_ASSERT_EQUAL(fstat(fd, &st), 0);
    CU_ASSERT_EQUAL((uint64_t)st.st_size, record->file_size);
    set_attributes(record, fd);
    set_mtime(fd, record->mtime_ns);
}

static void change_xattr(const struct record *record, int fd, const char *name)
{
    char path[32];
    proc_path(path, fd);
    if (record->op == RECORD_REMOVEXATTR)
        must(record, removexattr(path, name));
    else
        must(record, setxattr(path, name, record_data(record), record->data_len, 0));
}

static void change_names(struct replay *r, const struct record *record, int dir, const char *name, const char *name2)
{
    char path[32];
    int dir2 = fd_of(r, &record->parent2);
    switch (record->op) {
    case RECORD_LINK:
        proc_path(path, fd_of(r, &record->file));
        must(record, linkat(AT_FDCWD, path, dir, name, AT_SYMLINK_FOLLOW));
        break;
    case RECORD_UNLINK: must(record, unlinkat(dir, name, 0)); break;
    case RECORD_RMDIR: must(record, unlinkat(dir, name, AT_REMOVEDIR)); break;
    case RECORD_RENAME: must(record, renameat(dir, name, dir2, name2)); break;
    case RECORD_EXCHANGE: must(record, renameat2(dir, name, dir2, name2, RENAME_EXCHANGE)); break;
    default: make(r, record, dir, name); break;
    }
    set_mtime(dir, record->parent_mtime_ns);
    if (record->op == RECORD_RENAME || record->op == RECORD_EXCHANGE)
        set_mtime(dir2, record->parent2_mtime_ns);
}

void replay_apply(struct replay *r, const struct record *record)
{
    char name[RECORD_NAME_MAX + 1], name2[RECORD_NAME_MAX + 1];
    text(name, record_name(record), record->name_len);
    text(name2, record_name2(record), record->name2_len);
    switch (record->op) {
    case RECORD_WRITE:
    case RECORD_FALLOCATE: change_data(record, fd_of(r, &record->file)); break;
    case RECORD_SETATTR: set_attributes(record, fd_of(r, &record->file)); break;
    case RECORD_SETXATTR:
    case RECORD_REMOVEXATTR: change_xattr(record, fd_of(r, &record->file), name2); break;
    case RECORD_BARRIER:
    case RECORD_MARK:
    case RECORD_END_OF_TERM: break;
    default: change_names(r, record, fd_of(r, &record->parent), name, name2); break;
    }
}
