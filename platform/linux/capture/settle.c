/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/capture/settle.h"

#include "platform/clock.h"
#include "platform/linux/capture/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define IDLE_MS ((msec)500) /* less than a target waits before it sets an mtime */
#define TICK_MS 250

enum dr_code settle_open(struct session *s, struct dr_error *err)
{
    struct settling *l = &s->settling;
    pthread_mutex_init(&l->lock, NULL);
    l->count = 0;
    l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return l->wake >= 0 ? DR_OK : dr_fail(err, DR_IO, "cannot make an event: %s", strerror(errno));
}

void settle_close(struct session *s)
{
    settle_none(s);
    close(s->settling.wake);
    pthread_mutex_destroy(&s->settling.lock);
}

/* ---- after a write ---- */

/* All that a record tells but the times: only asking for those has a price. */
static int stat_without_times(int fd, struct stat *st)
{
    struct statx x;
    if (statx(fd, "", AT_EMPTY_PATH, STATX_TYPE | STATX_MODE | STATX_NLINK | STATX_UID | STATX_GID | STATX_SIZE, &x) !=
        0)
        return -errno;
    *st = (struct stat){.st_mode = x.stx_mode,
                        .st_nlink = x.stx_nlink,
                        .st_uid = x.stx_uid,
                        .st_gid = x.stx_gid,
                        .st_size = (off_t)x.stx_size};
    return clock_gettime(CLOCK_REALTIME_COARSE, &st->st_mtim) == 0 ? 0 : -errno;
}

/* False: there are too many. It keeps the object and its descriptor. */
static bool settle_later(struct worker *w, struct inode *inode)
{
    struct settling *l = &w->session->settling;
    if (inode->unsettled)
        return true;
    pthread_mutex_lock(&l->lock);
    bool room = l->count < SETTLING_MAX;
    bool first = l->count == 0;
    if (room && inode_pin(&w->mount->inodes, inode, false) >= 0) {
        inode_keep(&w->mount->inodes, inode);
        l->file[l->count++] = (struct unsettled){w->mount, inode};
        inode->unsettled = true;
    }
    pthread_mutex_unlock(&l->lock);
    if (first && inode->unsettled)
        (void)!eventfd_write(l->wake, 1); /* full is as good as rung */
    return inode->unsettled;
}

int settle_stat(struct worker *w, struct inode *inode, int fd, struct stat *st)
{
    msec now = clock_now();
    bool again = inode->written && now - inode->written < IDLE_MS;
    inode->written = now;
    if (!again || !settle_later(w, inode))
        return fstat(fd, st) == 0 ? 0 : -errno;
    int result = stat_without_times(fd, st);
    if (result == 0)
        inode->told_mtime_ns = journal_mtime(st);
    return result;
}

/* ---- later ---- */

static void record_mtime(struct session *s, const struct unsettled *u)
{
    struct stat st;
    int fd = inode_pin(&u->mount->inodes, u->inode, false);
    if (fd < 0 || fstat(fd, &st) != 0) {
        journal_break(&s->journal, "the time of a written file could not be read back");
    } else if (journal_mtime(&st) != u->inode->told_mtime_ns) {
        struct record head = {.op = RECORD_SETATTR, .path = u->mount->path, .file = u->inode->id};
        journal_results(&head, &st);
        head.set = RECORD_SET_MTIME;
        journal_put(&s->journal, &head, &(struct journal_body){0});
    }
    if (fd >= 0)
        inode_unpin(&u->mount->inodes, u->inode);
}

static void take_out(struct settling *l, unsigned i)
{
    pthread_mutex_lock(&l->lock);
    struct unsettled u = l->file[i];
    l->file[i] = l->file[--l->count];
    pthread_mutex_unlock(&l->lock);
    inode_unpin(&u.mount->inodes, u.inode);
    inode_put(&u.mount->inodes, u.inode, 1);
}

/* Who writes at this very moment is not idle, and not waited for: leases hang on this thread. */
static bool lock_if_idle(struct inode *inode, msec before)
{
    if (pthread_mutex_trylock(&inode->lock) != 0)
        return false;
    bool idle = inode->written <= before;
    if (!idle)
        pthread_mutex_unlock(&inode->lock);
    return idle;
}

/* Only this thread takes any out, and others add at the end: from there to the begin, each is seen. */
static void settle(struct session *s, msec before, bool record)
{
    struct settling *l = &s->settling;
    pthread_mutex_lock(&l->lock);
    unsigned i = l->count;
    pthread_mutex_unlock(&l->lock);
    while (i-- > 0) {
        pthread_mutex_lock(&l->lock);
        struct unsettled u = l->file[i];
        pthread_mutex_unlock(&l->lock);
        if (!lock_if_idle(u.inode, before))
            continue;
        if (record)
            record_mtime(s, &u);
        u.inode->unsettled = false;
        pthread_mutex_unlock(&u.inode->lock);
        take_out(l, i);
    }
    journal_wake(&s->journal);
}

int settle_idle(struct session *s)
{
    struct settling *l = &s->settling;
    eventfd_t rung;
    msec now = clock_now();
    (void)!eventfd_read(l->wake, &rung);
    pthread_mutex_lock(&l->lock);
    bool any = l->count > 0;
    pthread_mutex_unlock(&l->lock);
    if (!any)
        return -1;
    if (now < l->next)
        return (int)(l->next - now);
    l->next = now + TICK_MS;
    if (gate_enter_now(&s->gate)) {
        settle(s, now - IDLE_MS, true);
        gate_leave(&s->gate);
    } else if (!gate_is_open(&s->gate)) {
        settle_none(s);
    }
    return TICK_MS;
}

void settle_all(struct session *s)
{
    settle(s, clock_now(), true);
}

void settle_none(struct session *s)
{
    settle(s, clock_now(), false);
}
