/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/target/fdcache.h"
#include "agent/target/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define SECOND_NS 1000000000

void fdcache_init(struct fdcache *c)
{
    c->index = (struct table){0};
    c->fresh = 0;
    c->newest = c->oldest = c->free = -1;
}

void fdcache_close(struct fdcache *c)
{
    for (int i = c->newest; i >= 0; i = c->held[i].older)
        close(c->held[i].fd);
    table_clear(&c->index);
    fdcache_init(c);
}

/* ---- the order of use ---- */

static void unlink_slot(struct fdcache *c, int i)
{
    struct held *h = &c->held[i];
    *(h->newer >= 0 ? &c->held[h->newer].older : &c->newest) = h->older;
    *(h->older >= 0 ? &c->held[h->older].newer : &c->oldest) = h->newer;
}

static void link_newest(struct fdcache *c, int i)
{
    c->held[i].newer = -1;
    c->held[i].older = c->newest;
    *(c->newest >= 0 ? &c->held[c->newest].newer : &c->oldest) = i;
    c->newest = i;
}

struct held *fdcache_find(struct fdcache *c, const struct file_id *id)
{
    uint64_t *at = table_find(&c->index, id);
    if (!at)
        return NULL;
    int i = (int)*at;
    if (c->newest != i) {
        unlink_slot(c, i);
        link_newest(c, i);
    }
    return &c->held[i];
}

/* ---- mtimes ---- */

enum dr_code file_set_mtime(int fd, int64_t mtime_ns, struct dr_error *err)
{
    int64_t seconds = mtime_ns / SECOND_NS, rest = mtime_ns % SECOND_NS;
    if (rest < 0) {
        seconds--;
        rest += SECOND_NS;
    }
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = seconds, .tv_nsec = rest}};
    if (utimensat(fd, "", times, AT_EMPTY_PATH) != 0)
        return dr_fail(err, durable_code(errno), "cannot set an mtime: %s", strerror(errno));
    return DR_OK;
}

void held_settle_later(struct held *h, int64_t mtime_ns, msec now)
{
    h->unsettled = true;
    h->mtime_ns = mtime_ns;
    h->touched = now;
}

static enum dr_code settle(struct held *h, struct dr_error *err)
{
    if (!h->unsettled)
        return DR_OK;
    enum dr_code code = file_set_mtime(h->fd, h->mtime_ns, err);
    if (!code)
        h->unsettled = false;
    return code;
}

enum dr_code fdcache_settle(struct fdcache *c, msec before, struct dr_error *err)
{
    for (int i = c->newest; i >= 0; i = c->held[i].older) {
        enum dr_code code = c->held[i].touched <= before ? settle(&c->held[i], err) : DR_OK;
        if (code)
            return code;
    }
    return DR_OK;
}

/* ---- coming and going ---- */

static void forget(struct fdcache *c, int i)
{
    close(c->held[i].fd);
    table_drop(&c->index, &c->held[i].id);
    unlink_slot(c, i);
    c->held[i].older = c->free;
    c->free = i;
}

static enum dr_code take_slot(struct fdcache *c, int *slot, struct dr_error *err)
{
    if (c->free < 0 && c->fresh < FDCACHE_SIZE) {
        *slot = c->fresh++;
        return DR_OK;
    }
    if (c->free < 0) {
        enum dr_code code = settle(&c->held[c->oldest], err);
        if (code)
            return code;
        forget(c, c->oldest);
    }
    *slot = c->free;
    c->free = c->held[*slot].older;
    return DR_OK;
}

enum dr_code fdcache_put(struct fdcache *c, const struct held *file, struct held **held, struct dr_error *err)
{
    int i = -1;
    fdcache_drop(c, &file->id);
    enum dr_code code = take_slot(c, &i, err);
    if (!code && !table_put(&c->index, &file->id, (uint64_t)i)) {
        c->held[i].older = c->free;
        c->free = i;
        code = dr_fail(err, DR_FULL, "no memory for open files");
    }
    if (code) {
        close(file->fd);
        return code;
    }
    c->held[i] = *file;
    link_newest(c, i);
    *held = &c->held[i];
    return DR_OK;
}

void fdcache_drop(struct fdcache *c, const struct file_id *id)
{
    uint64_t *at = table_find(&c->index, id);
    if (at)
        forget(c, (int)*at);
}
