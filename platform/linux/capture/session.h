/* SPDX-License-Identifier: Apache-2.0
 * session.h - what the threads of one drcapture share: the mounts of a rule, one sequence, one ring, one gate. */
#ifndef DR_CAPTURE_SESSION_H
#define DR_CAPTURE_SESSION_H

#include "platform/capture.h"
#include "platform/linux/capture/decode.h"
#include "platform/linux/capture/gate.h"
#include "platform/linux/capture/inode.h"
#include "platform/linux/capture/lead.h"

#include <linux/capability.h>

struct mount {
    const char *folder;
    unsigned path;          /* its number in the rule */
    int fuse;               /* this mount's /dev/fuse */
    int lower;              /* the folder below the cover, through a mount of our own */
    _Atomic uint32_t minor; /* of the protocol, as agreed on */
    bool extended_setxattr;
    _Atomic bool gone; /* unmounted */
    struct inode_table inodes;
};

struct journal {
    pthread_mutex_t sequence; /* the last lock to take */
    struct ring *ring;
    int memory; /* file of the ring, without a name */
    size_t size;
    int wake; /* eventfd */
};

/* Files whose records told an mtime that may be off: settle.h. */
#define SETTLING_MAX 256u
struct settling {
    pthread_mutex_t lock; /* taken with an inode's lock held */
    unsigned count;
    struct unsettled {
        struct mount *mount;
        struct inode *inode; /* pinned */
    } file[SETTLING_MAX];
    int wake;  /* eventfd: there is one */
    msec next; /* of the thread that settles */
};

struct session {
    const struct capture_config *config;
    struct gate gate;
    struct journal journal;
    struct settling settling;
    unsigned paths;
    struct mount mount[CAPTURE_PATHS_MAX];

    struct lead lead;     /* who reads /dev/fuse */
    struct record *spare; /* room in the ring for the next WRITE; the leader's */
    unsigned turn;        /* mount that was read last; the leader's */

    pthread_mutex_t crew_lock;
    pthread_cond_t crew_gone;
    unsigned crew; /* threads */
    bool started;
};

/* One thread's own. */
struct worker {
    struct session *session;
    struct mount *mount; /* of the request in hand */
    struct request request;
    uint8_t *bytes;      /* REQUEST_MAX: a request other than WRITE, while it is carried out */
    uint8_t *answer;     /* ANSWER_MAX: the reply's body; takes a WRITE when the ring has no room */
    struct record *slot; /* the WRITE's place in the ring, or NULL */
    mode_t umask;
    struct __user_cap_data_struct caps[2]; /* of this thread, when it acts for root */
};

#define REQUEST_MAX (192u << 10) /* SETXATTR: 64 KiB of value, a name, a head */
#define ANSWER_MAX  ((1u << 20) + 4096)

/* Carries the request in w out. Returns the length of the reply's body in w->answer, or -errno. */
typedef int operation(struct worker *w);

/* init.c */
operation op_init;
/* ops_name.c, ops_make.c */
operation op_lookup, op_make, op_link, op_unlink, op_rmdir, op_rename;
/* ops_attr.c */
operation op_getattr, op_setattr, op_readlink, op_statfs;
/* ops_data.c */
operation op_open, op_read, op_write, op_fsync, op_fallocate, op_lseek, op_nothing;
/* dir.c */
operation op_opendir, op_readdir, op_readdirplus, op_releasedir;
/* ops_xattr.c */
operation op_getxattr, op_listxattr, op_setxattr, op_removexattr;

/* The object that the request is about, or NULL (answer ESTALE). */
static inline struct inode *worker_inode(struct worker *w, uint64_t node)
{
    return inode_of(&w->mount->inodes, node);
}

/* dispatch.c: carries out and answers. */
void dispatch(struct worker *w);
/* It touches memory, as a rule, and waits for nothing. */
bool dispatch_is_brief(const struct request *r);
/* FORGET and BATCH_FORGET: no answer, nothing that blocks. */
void dispatch_forget(struct worker *w);

/* loop.c: serves until every mount is gone. */
enum dr_code loop_start(struct session *s, struct dr_error *err) DR_MUST_USE;
void loop_wait(struct session *s);

/* identity.c: a creating call runs as the one who asked. */
void identity_init(struct worker *w);
void identity_enter(struct worker *w);
void identity_leave(struct worker *w);

#endif
