/* SPDX-License-Identifier: Apache-2.0
 * agent/target/fdcache.h - the files that the applier touched last, open. Each also remembers the mtime that it shall
 * have once it is idle: our own writes make the kernel set another. One thread. */
#ifndef DR_AGENT_FDCACHE_H
#define DR_AGENT_FDCACHE_H

#include "agent/target/table.h"
#include "core/error.h"

#include <sys/stat.h>

#define FDCACHE_SIZE 512

/* Valid until FDCACHE_SIZE - 1 other files have been put. */
struct held {
    struct file_id id;
    struct file_id local; /* its inode here */
    int fd;               /* files O_RDWR, folders O_RDONLY, anything else O_PATH */
    mode_t type;          /* of st_mode */
    uint32_t path;
    bool unsettled;
    int64_t mtime_ns;
    msec touched;
    int newer, older; /* in order of use; -1 = none */
};

struct fdcache {
    struct held held[FDCACHE_SIZE];
    struct table index;
    int fresh; /* slots from here on were never used */
    int free;  /* head of the list of those given back, through `older`; -1 = none */
    int newest, oldest;
};

void fdcache_init(struct fdcache *c);
void fdcache_close(struct fdcache *c); /* settles nothing */

struct held *fdcache_find(struct fdcache *c, const struct file_id *id);
/* Takes `fd` over, also on failure; settles and closes the file that was used longest ago if there is no room. */
enum dr_code fdcache_put(struct fdcache *c, const struct held *file, struct held **held,
                         struct dr_error *err) DR_MUST_USE;
void fdcache_drop(struct fdcache *c, const struct file_id *id);

/* The mtime that the file shall have from now on. */
void held_settle_later(struct held *h, int64_t mtime_ns, msec now);
/* Sets the mtimes of files that nobody touched since `before`. */
enum dr_code fdcache_settle(struct fdcache *c, msec before, struct dr_error *err) DR_MUST_USE;

static inline int64_t stat_mtime_ns(const struct stat *st)
{
    return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

/* utimensat for any kind of descriptor. */
enum dr_code file_set_mtime(int fd, int64_t mtime_ns, struct dr_error *err) DR_MUST_USE;

#endif
