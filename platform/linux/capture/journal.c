/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/capture/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

static int64_t nanoseconds(const struct timespec *t)
{
    return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

/* A file of a tmpfs of our own: in memory files of the system huge pages are off as a rule, here the mount says so.
 * With small ones each page is looked up, held and let go for 4 KiB of payload. -1: this system has no such thing. */
static int memory_of_huge_pages(void)
{
    int mount = -1, file = -1, fs = fsopen("tmpfs", FSOPEN_CLOEXEC);
    if (fs >= 0 && fsconfig(fs, FSCONFIG_SET_STRING, "huge", "within_size", 0) == 0 &&
        fsconfig(fs, FSCONFIG_SET_STRING, "size", "0", 0) == 0 && /* no limit but the file's own size */
        fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
        mount = fsmount(fs, FSMOUNT_CLOEXEC, 0);
    if (mount >= 0) {
        file = openat(mount, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        close(mount); /* the file keeps it */
    }
    if (fs >= 0)
        close(fs);
    return file;
}

enum dr_code journal_open(struct journal *journal, size_t memory, struct dr_error *err)
{
    uint64_t stream;
    pthread_mutex_init(&journal->sequence, NULL);
    journal->size = memory;
    journal->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    journal->memory = memory_of_huge_pages();
    if (journal->memory < 0)
        journal->memory = memfd_create("drcapture", MFD_CLOEXEC);
    if (journal->wake < 0 || journal->memory < 0 || ftruncate(journal->memory, (off_t)memory) != 0 ||
        getrandom(&stream, sizeof stream, 0) != (ssize_t)sizeof stream)
        return dr_fail(err, DR_IO, "cannot make the journal's memory: %s", strerror(errno));
    void *at = mmap(NULL, memory, PROT_READ | PROT_WRITE, MAP_SHARED, journal->memory, 0);
    if (at == MAP_FAILED)
        return dr_fail(err, DR_FULL, "cannot map %zu MiB of journal memory: %s: lower the rule's memory limit",
                       memory >> 20, strerror(errno));
    return ring_create(&journal->ring, at, memory, stream | 1, err);
}

void journal_close(struct journal *journal)
{
    munmap(journal->ring, journal->size);
    close(journal->memory);
    close(journal->wake);
}

struct record journal_record(const struct worker *w, enum record_op op, const struct inode *inode)
{
    struct record r = {.op = (uint16_t)op, .path = w->mount->path};
    if (inode)
        r.file = inode->id;
    return r;
}

int64_t journal_mtime(const struct stat *st)
{
    return nanoseconds(&st->st_mtim);
}

void journal_results(struct record *r, const struct stat *st)
{
    r->mode = st->st_mode;
    r->uid = st->st_uid;
    r->gid = st->st_gid;
    r->rdev = (uint32_t)st->st_rdev;
    r->links = (uint32_t)st->st_nlink;
    r->file_size = (uint64_t)st->st_size;
    r->mtime_ns = journal_mtime(st);
    if (st->st_nlink == 0)
        r->flags |= RECORD_ORPHAN;
}

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_BOOTTIME, &t);
    return (uint64_t)nanoseconds(&t);
}

static void append(uint8_t **at, const void *bytes, size_t length)
{
    if (length)
        memcpy(*at, bytes, length);
    *at += length;
}

/* Under the sequence lock. */
static void break_full(struct journal *journal)
{
    char why[128];
    snprintf(why, sizeof why, "the memory limit of %zu MiB is full: the peer is away or slower than the writers",
             journal->size >> 20);
    if (!ring_broken(journal->ring, NULL, 0))
        ring_break(journal->ring, why);
}

uint64_t journal_put(struct journal *journal, struct record *head, const struct journal_body *body)
{
    head->name_len = (uint16_t)(body->name ? strlen(body->name) : 0);
    head->name2_len = (uint16_t)(body->name2 ? strlen(body->name2) : 0);
    head->data_len = (uint32_t)body->data_len;
    uint64_t seq = 0;
    pthread_mutex_lock(&journal->sequence);
    struct record *slot = ring_meta_reserve(journal->ring, record_size(head) - sizeof *head);
    if (slot) {
        *slot = *head;
        slot->time_ns = now();
        uint8_t *at = (uint8_t *)(slot + 1);
        append(&at, body->name, head->name_len);
        append(&at, body->name2, head->name2_len);
        append(&at, body->data, head->data_len);
        seq = ring_commit(journal->ring, slot);
    } else {
        break_full(journal);
    }
    pthread_mutex_unlock(&journal->sequence);
    return seq;
}

void journal_put_slot(struct journal *journal, const struct record *head, struct record *slot)
{
    *slot = *head;
    slot->time_ns = now();
    pthread_mutex_lock(&journal->sequence);
    ring_commit(journal->ring, slot);
    pthread_mutex_unlock(&journal->sequence);
}

void journal_break(struct journal *journal, const char *why)
{
    ring_break(journal->ring, why);
}

void journal_wake(struct journal *journal)
{
    if (ring_wake_wanted(journal->ring))
        (void)!eventfd_write(journal->wake, 1); /* full is as good as rung */
}
