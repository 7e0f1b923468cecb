/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/agent/played.h"
#include "platform/file_handle.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#define NAMES 40u
#define DATA  (40u << 10)

static void must(bool good, const char *what)
{
    if (good)
        return;
    perror(what);
    abort();
}

/* ---- the feed ---- */

static enum dr_code restart(void *baton, uint64_t stream, struct dr_error *err)
{
    struct played *p = baton;
    (void)err;
    pthread_mutex_lock(&p->lock);
    ring_restart(p->ring, stream);
    pthread_mutex_unlock(&p->lock);
    return DR_OK;
}

static enum dr_code settle(void *baton, uint64_t *seq, struct dr_error *err)
{
    struct played *p = baton;
    (void)err;
    pthread_mutex_lock(&p->lock);
    *seq = ring_tail(p->ring);
    pthread_mutex_unlock(&p->lock);
    return DR_OK;
}

struct source_feed played_feed(struct played *p)
{
    return (struct source_feed){.ring = p->ring,
                                .paths = 1,
                                .root = &p->root,
                                .wake = p->wake,
                                .baton = p,
                                .restart = restart,
                                .settle = settle};
}

void played_open(struct played *p, const char *base, size_t size)
{
    struct dr_error err;
    memset(p, 0, sizeof *p);
    snprintf(p->folder, sizeof p->folder, "%s/source", base);
    must(mkdir(p->folder, 0755) == 0, p->folder);
    p->root = open(p->folder, O_RDONLY | O_DIRECTORY);
    p->size = size;
    p->memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    must(p->root >= 0 && p->memory != MAP_FAILED, "a source to play");
    must(ring_create(&p->ring, p->memory, size, 4711, &err) == DR_OK, "ring_create");
    ring_set_term(p->ring, 1);
    p->wake = eventfd(0, EFD_NONBLOCK);
    pthread_mutex_init(&p->lock, NULL);
}

void played_close(struct played *p)
{
    close(p->root);
    close(p->wake);
    munmap(p->memory, p->size);
    pthread_mutex_destroy(&p->lock);
}

/* ---- records ---- */

static struct file_id id_at(int dir, const char *name)
{
    struct dr_file_handle handle;
    struct dr_error err;
    must(file_handle_at(dir, name, &handle, &err) == DR_OK, "file_handle_at");
    return file_handle_id(&handle);
}

/* As a capture names it: the protected folder itself has the number of its path pair. */
static struct file_id folder_id(const struct played *p, int dir)
{
    struct file_id id = id_at(dir, ""), root = id_at(p->root, "");
    return file_id_equal(&id, &root) ? (struct file_id){.birth = BIRTH_ROOT} : id;
}

static int64_t ns(const struct timespec *t)
{
    return t->tv_sec * 1000000000ll + t->tv_nsec;
}

static int64_t mtime_of(int fd)
{
    struct stat st;
    must(fstat(fd, &st) == 0, "fstat");
    return ns(&st.st_mtim);
}

static void fill(struct record *r, const struct stat *st)
{
    r->file_size = (uint64_t)st->st_size;
    r->mtime_ns = ns(&st->st_mtim);
    r->mode = st->st_mode;
    r->uid = st->st_uid;
    r->gid = st->st_gid;
    r->rdev = (uint32_t)st->st_rdev;
    r->links = (uint32_t)st->st_nlink;
}

/* Copies the record into the ring; a full ring breaks, as a capture's does. */
static uint64_t commit(struct played *p, struct record *r, const char *name, const char *name2, const void *data)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    r->time_ns = (uint64_t)ns(&now);
    r->name_len = (uint16_t)strlen(name);
    r->name2_len = (uint16_t)strlen(name2);
    struct record *slot = r->op == RECORD_WRITE ? ring_bulk_reserve(p->ring, record_size(r) - sizeof *r)
                                                : ring_meta_reserve(p->ring, record_size(r) - sizeof *r);
    if (!slot) {
        ring_break(p->ring, "memory full");
        return 0;
    }
    *slot = *r;
    char *body = (char *)(slot + 1);
    memcpy(body, name, r->name_len);
    memcpy(body + r->name_len, name2, r->name2_len);
    if (r->data_len)
        memcpy(body + r->name_len + r->name2_len, data, r->data_len);
    uint64_t seq = ring_commit(p->ring, slot);
    uint64_t one = 1;
    p->changes++;
    if (ring_wake_wanted(p->ring))
        must(write(p->wake, &one, sizeof one) == sizeof one, "eventfd");
    return seq;
}

uint64_t played_append(struct played *p, enum record_op op)
{
    struct record r = {.op = (uint16_t)op};
    pthread_mutex_lock(&p->lock);
    uint64_t seq = commit(p, &r, "", "", NULL);
    pthread_mutex_unlock(&p->lock);
    return seq;
}

/* ---- changes ---- */

static unsigned pick(struct player *player, unsigned below)
{
    player->random ^= player->random << 13;
    player->random ^= player->random >> 7;
    player->random ^= player->random << 17;
    return (unsigned)((player->random >> 11) % below);
}

struct spot {
    struct player *player;
    int dir;
    char name[16];
    struct stat st;
    bool there;
};

static void look(struct spot *spot)
{
    spot->there = fstatat(spot->dir, spot->name, &spot->st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A folder some steps below the root, and a name in it. */
static void spot_open(struct spot *spot, struct player *player)
{
    spot->player = player;
    spot->dir = openat(player->played->root, ".", O_RDONLY | O_DIRECTORY);
    for (int depth = 0; depth < 4 && pick(player, 4); depth++) {
        snprintf(spot->name, sizeof spot->name, "d%u", pick(player, 4));
        int next = openat(spot->dir, spot->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
        if (next < 0)
            break;
        close(spot->dir);
        spot->dir = next;
    }
    bool folder = pick(player, 5) == 0;
    snprintf(spot->name, sizeof spot->name, folder ? "d%u" : "n%u", pick(player, folder ? 4 : NAMES));
    look(spot);
}

static struct record about(const struct spot *spot, enum record_op op)
{
    struct record r = {
        .op = (uint16_t)op, .file = id_at(spot->dir, spot->name), .parent = folder_id(spot->player->played, spot->dir)};
    struct stat st;
    must(fstatat(spot->dir, spot->name, &st, AT_SYMLINK_NOFOLLOW) == 0, "fstatat");
    fill(&r, &st);
    r.parent_mtime_ns = mtime_of(spot->dir);
    return r;
}

static void make(struct spot *spot)
{
    static const char text[] = "somewhere/else";
    struct played *p = spot->player->played;
    bool link = spot->name[0] != 'd' && pick(spot->player, 8) == 0, fifo = !link && pick(spot->player, 10) == 0;
    enum record_op op = RECORD_CREATE;
    if (spot->name[0] == 'd')
        op = RECORD_MKDIR, must(mkdirat(spot->dir, spot->name, 0755) == 0, "mkdirat");
    else if (link)
        op = RECORD_SYMLINK, must(symlinkat(text, spot->dir, spot->name) == 0, "symlinkat");
    else if (fifo)
        op = RECORD_MKNOD, must(mknodat(spot->dir, spot->name, S_IFIFO | 0640, 0) == 0, "mknodat");
    else
        close(openat(spot->dir, spot->name, O_CREAT | O_EXCL | O_RDWR, 0640));
    struct record r = about(spot, op);
    r.data_len = link ? sizeof text - 1 : 0;
    commit(p, &r, spot->name, "", text);
}

static void write_some(struct spot *spot, int fd)
{
    static uint8_t bytes[DATA];
    uint64_t length = 1 + pick(spot->player, pick(spot->player, 3) ? 4000 : DATA);
    uint64_t offset = pick(spot->player, 3) ? pick(spot->player, 200u << 10) : (uint64_t)spot->st.st_size;
    memset(bytes, (int)(1 + pick(spot->player, 255)), length);
    if (offset > 4u << 20)
        return;
    must(pwrite(fd, bytes, length, (off_t)offset) == (ssize_t)length, "pwrite");
    struct record r = about(spot, RECORD_WRITE);
    r.offset = offset;
    r.length = r.data_len = (uint32_t)length;
    commit(spot->player->played, &r, "", "", bytes);
}

static void cut(struct spot *spot, int fd)
{
    must(ftruncate(fd, pick(spot->player, 300u << 10)) == 0, "ftruncate");
    struct record r = about(spot, RECORD_SETATTR);
    r.set = RECORD_SET_SIZE | RECORD_SET_MTIME;
    commit(spot->player->played, &r, "", "", NULL);
}

static void punch(struct spot *spot, int fd)
{
    off_t offset = pick(spot->player, 100u << 10), length = 1 + pick(spot->player, 100u << 10);
    must(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length) == 0, "fallocate");
    struct record r = about(spot, RECORD_FALLOCATE);
    r.offset = (uint64_t)offset;
    r.length = (uint64_t)length;
    r.rdev = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
    commit(spot->player->played, &r, "", "", NULL);
}

static void label(struct spot *spot, int fd)
{
    char value[16];
    snprintf(value, sizeof value, "%u", pick(spot->player, 1000));
    must(fsetxattr(fd, "user.test", value, strlen(value), 0) == 0, "fsetxattr");
    struct record r = about(spot, RECORD_SETXATTR);
    r.data_len = (uint32_t)strlen(value);
    commit(spot->player->played, &r, "", "user.test", value);
}

static void change_mode(struct spot *spot, int fd)
{
    must(fchmod(fd, S_ISDIR(spot->st.st_mode) ? 0700 + pick(spot->player, 64) : pick(spot->player, 01000)) == 0,
         "fchmod");
    struct record r = about(spot, RECORD_SETATTR);
    r.set = RECORD_SET_MODE;
    commit(spot->player->played, &r, "", "", NULL);
}

static void change_content(struct spot *spot)
{
    bool folder = S_ISDIR(spot->st.st_mode);
    if (!folder && !S_ISREG(spot->st.st_mode))
        return;
    int fd = openat(spot->dir, spot->name, folder ? O_RDONLY | O_DIRECTORY : O_RDWR);
    must(fd >= 0, "openat");
    unsigned what = pick(spot->player, 12);
    if (what == 0)
        label(spot, fd);
    else if (what == 1 || folder)
        change_mode(spot, fd);
    else if (what == 2)
        cut(spot, fd);
    else if (what == 3)
        punch(spot, fd);
    else
        write_some(spot, fd);
    close(fd);
}

static void take_name(struct spot *spot)
{
    bool folder = S_ISDIR(spot->st.st_mode);
    struct record r = about(spot, folder ? RECORD_RMDIR : RECORD_UNLINK);
    if (unlinkat(spot->dir, spot->name, folder ? AT_REMOVEDIR : 0) != 0)
        return; /* not empty */
    r.links = folder ? 0 : r.links - 1;
    r.parent_mtime_ns = mtime_of(spot->dir);
    commit(spot->player->played, &r, spot->name, "", NULL);
}

static void add_link(struct spot *spot, struct spot *to)
{
    if (to->there || to->name[0] == 'd' || !S_ISREG(spot->st.st_mode))
        return;
    must(linkat(spot->dir, spot->name, to->dir, to->name, 0) == 0, "linkat");
    struct record r = about(to, RECORD_LINK);
    commit(spot->player->played, &r, to->name, "", NULL);
}

static void move(struct spot *spot, struct spot *to, unsigned flags)
{
    if ((spot->name[0] == 'd') != (to->name[0] == 'd') || (flags && !to->there))
        return;
    if (to->there && to->st.st_ino == spot->st.st_ino)
        return;
    struct record r = about(spot, flags ? RECORD_EXCHANGE : RECORD_RENAME);
    r.links = 0;
    if (to->there) {
        r.other = id_at(to->dir, to->name);
        r.links = flags || S_ISDIR(to->st.st_mode) ? 0 : (uint32_t)to->st.st_nlink - 1;
    }
    if (renameat2(spot->dir, spot->name, to->dir, to->name, flags) != 0)
        return; /* not empty, or into itself */
    r.parent2 = folder_id(spot->player->played, to->dir);
    r.parent_mtime_ns = mtime_of(spot->dir);
    r.parent2_mtime_ns = mtime_of(to->dir);
    commit(spot->player->played, &r, spot->name, to->name, NULL);
}

static void change_names(struct player *player, struct spot *spot)
{
    unsigned what = pick(player, 8);
    if (what < 3) {
        take_name(spot);
        return;
    }
    struct spot to;
    spot_open(&to, player);
    if (what == 3)
        add_link(spot, &to);
    else
        move(spot, &to, what == 7 ? RENAME_EXCHANGE : 0);
    close(to.dir);
}

void player_change(struct player *player)
{
    struct spot spot;
    pthread_mutex_lock(&player->played->lock);
    spot_open(&spot, player);
    if (!spot.there)
        make(&spot);
    else if (player->calm || pick(player, 5) < 3)
        change_content(&spot);
    else
        change_names(player, &spot);
    close(spot.dir);
    pthread_mutex_unlock(&player->played->lock);
}
