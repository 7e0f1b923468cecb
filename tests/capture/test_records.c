/* SPDX-License-Identifier: Apache-2.0
 * Threads do everything they can to a protected folder, each to files of its own and all to some shared ones; the
 * records, played back in order, must explain the folder exactly. */
#include "tests/capture/stand.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define THREADS 4
#define STEPS   1500
#define NAMES   6
#define ROUNDS  4

struct player {
    const char *folder;
    unsigned number;
    uint64_t random;
    unsigned done; /* calls that succeeded */
};

static unsigned dice(struct player *p, unsigned sides)
{
    p->random = p->random * 6364136223846793005ull + 1442695040888963407ull;
    return (unsigned)(p->random >> 33) % sides;
}

/* A quarter of the names are everybody's; those are only written, renamed and linked over each other. */
static void pick(struct player *p, char *path)
{
    if (dice(p, 4) == 0)
        sprintf(path, "%s/shared%u", p->folder, dice(p, NAMES));
    else if (dice(p, 4) == 0)
        sprintf(path, "%s/d%u.%u/f%u", p->folder, p->number, dice(p, 2), dice(p, NAMES));
    else
        sprintf(path, "%s/t%u.%u", p->folder, p->number, dice(p, NAMES));
}

static bool write_some(struct player *p, const char *path)
{
    static const int flags[] = {O_RDWR,
                                O_WRONLY,
                                O_WRONLY | O_APPEND,
                                O_RDWR | O_SYNC,
                                O_WRONLY | O_DSYNC,
                                O_RDWR | O_APPEND,
                                O_WRONLY | O_TRUNC};
    static const size_t sizes[] = {1, 100, 4096, 70000, 300000};
    int fd = open(path, flags[dice(p, 7)] | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0)
        return false;
    size_t size = sizes[dice(p, 5)];
    char *data = malloc(size);
    memset(data, (int)dice(p, 256), size);
    bool done = pwrite(fd, data, size, dice(p, 200000)) == (ssize_t)size;
    if (dice(p, 8) == 0)
        done &= fsync(fd) == 0;
    free(data);
    close(fd);
    return done;
}

static bool write_nameless(struct player *p, const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool done =
        unlink(path) == 0 && write(fd, "orphan", 6) == 6 && ftruncate(fd, dice(p, 9000)) == 0 && fchmod(fd, 0400) == 0;
    close(fd);
    return done;
}

static bool map_some(struct player *p, const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, 20000) != 0)
        return false;
    char *at = mmap(NULL, 20000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        return false;
    /* Others may truncate shared files under us: only our own are touched. */
    bool own = strstr(path, "shared") == NULL;
    if (own)
        memset(at + dice(p, 9000), (int)dice(p, 256), 5000);
    bool done = msync(at, 20000, MS_SYNC) == 0;
    munmap(at, 20000);
    close(fd);
    return done && own;
}

static bool allocate(struct player *p, const char *path)
{
    static const int modes[] = {0, 1, 3, 16, 17};
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool done = fallocate(fd, modes[dice(p, 5)], dice(p, 100000), 1 + dice(p, 50000)) == 0;
    close(fd);
    return done;
}

static bool set_acl(struct player *p, const char *path, const char *name)
{
    /* version 2; user::rw-, user:4242:r-x, group::r--, mask::rwx, other::--- */
    static const uint8_t acl[] = {2, 0,    0,    0,    1,    0,    6,  0, 0xff, 0xff, 0xff, 0xff, 2,    0,   5,
                                  0, 0x92, 0x10, 0,    0,    4,    0,  4, 0,    0xff, 0xff, 0xff, 0xff, 16,  0,
                                  7, 0,    0xff, 0xff, 0xff, 0xff, 32, 0, 0,    0,    0xff, 0xff, 0xff, 0xff};
    if (dice(p, 3) == 0)
        return removexattr(path, name) == 0;
    return setxattr(path, name, acl, sizeof acl, 0) == 0;
}

static bool set_attributes(struct player *p, const char *path)
{
    struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000000 + dice(p, 1000), .tv_nsec = 5}};
    switch (dice(p, 7)) {
    case 0: return chmod(path, dice(p, 010000)) == 0;
    case 1: return lchown(path, dice(p, 3000), dice(p, 3000)) == 0;
    case 2: return utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) == 0;
    case 3: return setxattr(path, "user.one", "value", dice(p, 6), 0) == 0;
    case 4: return setxattr(path, "user.two", path, strlen(path), 0) == 0;
    case 5: return removexattr(path, "user.one") == 0;
    default: return set_acl(p, path, "system.posix_acl_access");
    }
}

static bool change_folder(struct player *p, const char *other)
{
    char path[256], moved[256];
    sprintf(path, "%s/d%u.%u", p->folder, p->number, dice(p, 2));
    sprintf(moved, "%s/d%u.%u", p->folder, p->number, dice(p, 2));
    switch (dice(p, 5)) {
    case 0: return mkdir(path, 0777) == 0;
    case 1: return rmdir(path) == 0;
    case 2: return rename(path, moved) == 0;
    case 3: return set_acl(p, path, "system.posix_acl_default");
    default: return renameat2(AT_FDCWD, path, AT_FDCWD, other, RENAME_EXCHANGE) == 0;
    }
}

static bool change_names(struct player *p, const char *path, const char *other)
{
    switch (dice(p, 7)) {
    case 0: return unlink(path) == 0;
    case 1: return link(path, other) == 0;
    case 2: return rename(path, other) == 0;
    case 3: return renameat2(AT_FDCWD, path, AT_FDCWD, other, RENAME_NOREPLACE) == 0;
    case 4: return renameat2(AT_FDCWD, path, AT_FDCWD, other, RENAME_EXCHANGE) == 0;
    case 5: return symlink(other, path) == 0;
    default: return mknod(path, dice(p, 2) ? S_IFIFO | 0640 : S_IFCHR | 0600, 0x0103) == 0;
    }
}

static bool step(struct player *p)
{
    char path[256], other[256];
    struct stat st;
    pick(p, path);
    pick(p, other);
    /* A pipe would make open() wait, a link lead elsewhere. */
    bool plain = lstat(path, &st) != 0 || S_ISREG(st.st_mode);
    switch (dice(p, 10)) {
    case 0:
    case 1:
    case 2: return plain && strstr(path, "shared") == NULL && write_some(p, path);
    case 3: return plain && strstr(path, "shared") == NULL && write_nameless(p, path);
    case 4: return plain && strstr(path, "shared") == NULL && map_some(p, path);
    case 5: return plain && strstr(path, "shared") == NULL && allocate(p, path);
    case 6: return plain && truncate(path, dice(p, 100000)) == 0;
    case 7: return set_attributes(p, path);
    case 8: return change_folder(p, other);
    default: return change_names(p, path, other);
    }
}

static void *play(void *baton)
{
    struct player *p = baton;
    umask(0);
    for (unsigned i = 0; i < STEPS; i++)
        p->done += step(p);
    return NULL;
}

/* Reads the ring while it fills, so that the stream does not break. */
struct reading {
    struct stand *stand;
    struct replay *replay;
    _Atomic uint64_t last; /* 0 = not known yet */
};

static void *read_ring(void *baton)
{
    struct reading *r = baton;
    const struct ring *ring = stand_ring(r->stand);
    uint64_t seq = 0;
    while (r->last == 0 || seq < r->last) {
        const struct record *record = ring_record(ring, seq + 1);
        if (!record) {
            usleep(1000);
            continue;
        }
        CU_ASSERT_EQUAL(record->term, 3);
        CU_ASSERT_TRUE(record->time_ns > 0);
        replay_apply(r->replay, record);
        ring_release(stand_ring(r->stand), ++seq);
    }
    return NULL;
}

static void play_round(uint64_t seed)
{
    struct stand s;
    struct player players[THREADS];
    pthread_t threads[THREADS], reader;
    stand_open(&s, 64);
    stand_flip(&s, CAPTURE_READ_WRITE, 3);
    struct reading reading = {.stand = &s, .replay = replay_new(s.replica)};
    CU_ASSERT_EQUAL_FATAL(pthread_create(&reader, NULL, read_ring, &reading), 0);
    for (unsigned i = 0; i < THREADS; i++) {
        players[i] = (struct player){.folder = s.folder, .number = i, .random = seed * 77 + i};
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, play, &players[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        CU_ASSERT_TRUE(players[i].done > STEPS / 4);
    }
    reading.last = stand_flip(&s, CAPTURE_READ_ONLY, 0);
    pthread_join(reader, NULL);
    char why[160];
    CU_ASSERT_FALSE(ring_broken(stand_ring(&s), why, sizeof why));
    int replica = open(s.replica, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CU_ASSERT_TRUE(compare_trees(capture_info(s.link)->root[0], replica, "") > 10);
    close(replica);
    replay_free(reading.replay);
    stand_close(&s);
}

static void records_explain_the_folder(void)
{
    for (uint64_t seed = 1; seed <= ROUNDS; seed++)
        play_round(seed);
}

int main(void)
{
    CU_TestInfo cases[] = {{"records, played back in order, explain the folder", records_explain_the_folder},
                           CU_TEST_INFO_NULL};
    return unit_run("capture records", cases);
}
