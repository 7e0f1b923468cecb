/* SPDX-License-Identifier: Apache-2.0
 * Each thread picks places and changes at random; what is not possible there (the name is taken, or gone) fails, and
 * that is all right: several threads race. */
#include "tests/mirror/load.h"

#include <fcntl.h>
#include <linux/falloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define THREADS_MOST 8u
#define PATH_SIZE    256u
#define DATA         (48u << 10)

struct worker {
    struct load *load;
    pthread_t thread;
    uint64_t random, changes;
    char bytes[DATA];
};

struct load {
    char folder[128];
    unsigned threads;
    atomic_bool stop;
    struct worker worker[THREADS_MOST];
};

static unsigned pick(struct worker *w, unsigned below)
{
    w->random ^= w->random << 13;
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    return (unsigned)((w->random >> 11) % below);
}

/* Some folder `depth` levels down; then a name in it, of a folder or not. */
static void path_at(struct worker *w, char path[PATH_SIZE], unsigned depth, bool folder)
{
    int used = snprintf(path, PATH_SIZE, "%s", w->load->folder);
    while (depth-- > 0)
        used += snprintf(path + used, PATH_SIZE - (size_t)used, "/d%u", pick(w, 4));
    snprintf(path + used, PATH_SIZE - (size_t)used, folder ? "/d%u" : "/n%u", pick(w, folder ? 4 : 25));
}

static void some_path(struct worker *w, char path[PATH_SIZE])
{
    path_at(w, path, pick(w, 4), false);
}

static int write_file(struct worker *w, const char *path)
{
    bool append = pick(w, 4) == 0;
    int fd = open(path, O_RDWR | O_CREAT | (append ? O_APPEND : 0), 0600 + pick(w, 64));
    if (fd < 0)
        return -1;
    size_t length = 1 + pick(w, pick(w, 4) ? 3000 : DATA);
    memset(w->bytes, (int)pick(w, 256), length);
    ssize_t written = pwrite(fd, w->bytes, length, pick(w, 160u << 10));
    if (pick(w, 16) == 0)
        fsync(fd);
    close(fd);
    return written < 0 ? -1 : 0;
}

static int write_large(struct worker *w)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/large", w->load->folder);
    int fd = open(path, O_RDWR);
    if (fd < 0)
        return -1;
    off_t size = lseek(fd, 0, SEEK_END);
    memset(w->bytes, (int)pick(w, 256), 8192);
    ssize_t written = pwrite(fd, w->bytes, 8192, (off_t)pick(w, (unsigned)(size / 8192)) * 8192);
    close(fd);
    return written < 0 ? -1 : 0;
}

static int write_map(struct worker *w, const char *path)
{
    int fd = open(path, O_RDWR);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0 || st.st_size < 4096) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    char *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (map == MAP_FAILED)
        return -1;
    /* Another thread may cut the file meanwhile, and a store behind its end is a signal: so only with no one else. */
    if (w->load->threads == 1)
        memset(map + pick(w, 4000), (int)pick(w, 256), 64);
    int synced = msync(map, 4096, MS_SYNC);
    munmap(map, 4096);
    return synced;
}

static int change_space(struct worker *w, const char *path)
{
    int fd = open(path, O_RDWR), result = -1;
    if (fd < 0)
        return -1;
    off_t offset = pick(w, 100u << 10), length = 1 + pick(w, 60u << 10);
    switch (pick(w, 4)) {
    case 0: result = ftruncate(fd, pick(w, 200u << 10)); break;
    case 1: result = fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length); break;
    case 2: result = fallocate(fd, FALLOC_FL_ZERO_RANGE, offset, length); break;
    default: result = fallocate(fd, 0, offset, length);
    }
    close(fd);
    return result;
}

/* user::rw- user:N:r-- group::r-- mask::r-- other::--- in the form that the kernel wants. */
static int set_acl(struct worker *w, const char *path)
{
    uint8_t acl[4 + 5 * 8] = {2};
    static const struct {
        uint8_t tag, perm;
    } entry[5] = {{0x01, 6}, {0x02, 4}, {0x04, 4}, {0x10, 4}, {0x20, 0}};
    for (unsigned i = 0; i < 5; i++) {
        uint32_t id = entry[i].tag == 0x02 ? 1000 + pick(w, 50) : UINT32_MAX;
        acl[4 + 8 * i] = entry[i].tag;
        acl[6 + 8 * i] = entry[i].perm;
        memcpy(acl + 8 + 8 * i, &id, sizeof id);
    }
    return setxattr(path, "system.posix_acl_access", acl, sizeof acl, 0);
}

static int change_attributes(struct worker *w, const char *path)
{
    char name[32];
    snprintf(name, sizeof name, "user.x%u", pick(w, 3));
    switch (pick(w, 5)) {
    case 0: return chmod(path, 0600 + pick(w, 64));
    case 1: return lchown(path, 1000 + pick(w, 5), 1000 + pick(w, 5));
    case 2: return setxattr(path, name, w->bytes, pick(w, 200), 0);
    case 3: return removexattr(path, name);
    default: return set_acl(w, path);
    }
}

static int change_name(struct worker *w, const char *path)
{
    char to[PATH_SIZE];
    some_path(w, to);
    switch (pick(w, 8)) {
    case 0: return unlink(path);
    case 1: return link(path, to);
    case 2: return renameat2(AT_FDCWD, path, AT_FDCWD, to, RENAME_EXCHANGE);
    case 3: return symlink("d0/n1", to);
    case 4: return mkdir(to, 0755); /* a name is now a file's, now a folder's */
    case 5: return rmdir(path);
    default: return rename(path, to);
    }
}

/* Folders move on their level: so the tree stays as deep as it is, and every path can be met again. */
static int change_folder(struct worker *w)
{
    char path[PATH_SIZE], to[PATH_SIZE];
    unsigned depth = pick(w, 3);
    path_at(w, path, depth, true);
    path_at(w, to, depth, true);
    switch (pick(w, 8)) {
    case 0: return rmdir(path);
    case 1: return rename(path, to);
    case 2: return chmod(path, 0700 + pick(w, 64));
    case 3: return renameat2(AT_FDCWD, path, AT_FDCWD, to, RENAME_EXCHANGE);
    default: return mkdir(path, 0755);
    }
}

static int change(struct worker *w)
{
    char path[PATH_SIZE];
    some_path(w, path);
    switch (pick(w, 12)) {
    case 0: return change_folder(w);
    case 1: return change_space(w, path);
    case 2: return change_attributes(w, path);
    case 3:
    case 4:
    case 5: return change_name(w, path);
    case 6: return write_map(w, path);
    case 7:
    case 8: return write_large(w);
    default: return write_file(w, path);
    }
}

static void *work(void *baton)
{
    struct worker *w = baton;
    while (!atomic_load(&w->load->stop))
        w->changes += change(w) == 0;
    return NULL;
}

static struct load *load_new(const char *folder, unsigned threads, uint64_t seed)
{
    struct load *load = calloc(1, sizeof *load);
    if (!load || threads > THREADS_MOST)
        abort();
    snprintf(load->folder, sizeof load->folder, "%s", folder);
    load->threads = threads;
    for (unsigned i = 0; i < threads; i++) {
        load->worker[i].load = load;
        load->worker[i].random = (seed + i) * 2654435761u + 88172645463325252u;
    }
    return load;
}

void load_fill(const char *folder, unsigned changes, uint64_t large, uint64_t seed)
{
    struct load *load = load_new(folder, 1, seed);
    struct worker *w = &load->worker[0];
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/large", folder);
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    for (uint64_t at = 0; fd >= 0 && at < large; at += DATA) {
        memset(w->bytes, (int)pick(w, 256), DATA);
        if (pwrite(fd, w->bytes, DATA, (off_t)at) != DATA)
            abort();
    }
    close(fd);
    for (unsigned i = 0; i < changes; i++)
        change(w);
    free(load);
}

struct load *load_start(const char *folder, unsigned threads, uint64_t seed)
{
    struct load *load = load_new(folder, threads, seed);
    for (unsigned i = 0; i < threads; i++)
        if (pthread_create(&load->worker[i].thread, NULL, work, &load->worker[i]) != 0)
            abort();
    return load;
}

uint64_t load_stop(struct load *load)
{
    uint64_t changes = 0;
    atomic_store(&load->stop, true);
    for (unsigned i = 0; i < load->threads; i++) {
        pthread_join(load->worker[i].thread, NULL);
        changes += load->worker[i].changes;
    }
    free(load);
    return changes;
}
