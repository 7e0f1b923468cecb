/* SPDX-License-Identifier: Apache-2.0
 * core/record.h - one change of a protected tree, as the capture worker writes it into the ring, the
 * sender sends it and the target logs and applies it. A record carries results, not the request, so that
 * applying it again changes nothing: every effect assigns a value to a key, and the keys are
 * (file, byte range), (file, size), (file, attribute), (folder, name). */
#ifndef DR_CORE_RECORD_H
#define DR_CORE_RECORD_H

#include "core/cursor.h"
#include "core/types.h"

/* Bounds of what a record may hold; a decoder refuses more. */
#define RECORD_NAME_MAX 255u
#define RECORD_DATA_MAX (1u << 20)

/* Who numbered a file. A file keeps its id for life, on both members. */
enum birth {
    BIRTH_LOCAL = 0, /* in a ring only: this host's inode; the sender translates before it sends */
    BIRTH_A = 1,     /* born on member A: ino and gen are of A's lower file system */
    BIRTH_B = 2,
    BIRTH_ROOT = 3 /* the folder of path pair number `ino` itself; gen 0 */
};

struct file_id {
    uint64_t ino;
    uint32_t gen;
    uint32_t birth; /* enum birth */
};

enum record_op {
    /* Changes of the application. `file` is the object, `parent`/name the name that the op is about. */
    RECORD_WRITE = 1,   /* data at offset; file_size, mtime after it; mode if RECORD_SET_MODE */
    RECORD_CREATE,      /* a new regular file, name in parent */
    RECORD_MKDIR,       /* a new folder */
    RECORD_SYMLINK,     /* data = the link's target */
    RECORD_MKNOD,       /* fifo, socket, device: mode has the type, rdev */
    RECORD_LINK,        /* one more name of `file` */
    RECORD_UNLINK,      /* name in parent no longer names file; links = names left */
    RECORD_RMDIR,       /* the same for a folder */
    RECORD_RENAME,      /* (parent, name) -> (parent2, name2); what stood there is `other` (ino 0 = none) */
    RECORD_EXCHANGE,    /* (parent, name) = other, (parent2, name2) = file afterwards */
    RECORD_SETATTR,     /* those of mode, uid, gid, size (truncate), mtime that `set` names */
    RECORD_FALLOCATE,   /* range offset, length; `rdev` holds the FALLOC_FL_* mode: 0, KEEP_SIZE, PUNCH, ZERO */
    RECORD_SETXATTR,    /* name2 = attribute name, data = value (POSIX ACLs are the system.posix_acl_* ones) */
    RECORD_REMOVEXATTR, /* name2 = attribute name */
    RECORD_BARRIER,     /* fsync of file: changes nothing, orders everything */
    RECORD_MARK,        /* bookmark; name2 = its text */
    RECORD_END_OF_TERM, /* the last record of a planned hand-over */

    /* Pieces of a mirror, put into the stream by the sender between two records; they own no seq: their
     * `seq` repeats that of the last record before them. Until MIRROR_END records of objects that were not announced
     * yet are left out, so seqs may have gaps there; MIRROR_END has the seq of the last record, sent or left out. */
    RECORD_MIRROR_BEGIN = 64, /* the target makes itself `mixed` before it goes on */
    RECORD_MIRROR_ENTRY,      /* (parent, name) = file: announces it if it is new, by its type (mode, rdev, data =
                                 link target); assigns only those attributes that `set` names */
    RECORD_MIRROR_NAMES,      /* folder `file` holds no other names than data's list (u16 length, bytes)...;
                                 `offset` = 1 when more lists of the same folder follow */
    RECORD_MIRROR_EXTENT,     /* data at offset, as WRITE but file_size does not count */
    RECORD_MIRROR_HOLE,       /* range offset, length reads as zeros */
    RECORD_MIRROR_ATTR,       /* as SETATTR, from the tree */
    RECORD_MIRROR_XATTRS,     /* all extended attributes of `file`: data = (u16 name, name, u32 length, value)...
                               */
    RECORD_MIRROR_PARK,       /* (parent, name) left for a folder not listed yet: take the name away, keep `file` */
    RECORD_MIRROR_END,        /* target == source now: `mixed` ends when this is applied and on disk */
};

/* Bits of `set`. */
enum {
    RECORD_SET_MODE = 1u << 0,
    RECORD_SET_UID = 1u << 1,
    RECORD_SET_GID = 1u << 2,
    RECORD_SET_SIZE = 1u << 3,
    RECORD_SET_MTIME = 1u << 4,
};

/* Bits of `flags`. */
enum {
    RECORD_ORPHAN = 1u << 0, /* file had no name left when this happened: nobody else can see it */
};

/* The fixed head. In a ring it lies right before name, name2 and data, in this host's layout; on the wire
 * and in logs it goes through record_encode/record_decode. */
struct record {
    uint64_t seq;    /* 1, 2, 3 ... within a stream, no gaps */
    uint64_t stream; /* one life of a ring */
    term_no term;
    uint16_t op; /* enum record_op */
    uint16_t flags;
    uint32_t set;
    struct file_id file;
    struct file_id parent;
    struct file_id parent2;
    struct file_id other; /* RENAME, EXCHANGE: the object that stood at (parent2, name2); ino 0 = none */
    uint64_t offset;
    uint64_t length; /* ranges; for WRITE == data_len */
    uint64_t file_size;
    /* Since 1970, of the file after the op. WRITE: may be a clock's tick off; a SETATTR follows then, once the file is
     * idle, and before a freeze or the end of a term. */
    int64_t mtime_ns;
    /* mtime of the folders `parent` and `parent2` after an op about names (and of `parent` for MIRROR_ENTRY, PARK);
     * 0 = unknown: the target then leaves what its own kernel set. */
    int64_t parent_mtime_ns;
    int64_t parent2_mtime_ns;
    uint32_t mode; /* type and permission bits, as st_mode */
    uint32_t uid;
    uint32_t gid;
    uint32_t rdev;
    uint32_t links;   /* names left after the op: st_nlink of `file`, 0 for a folder that is gone; RENAME: of `other` */
    uint32_t path;    /* number of the path pair the object lies in */
    uint64_t time_ns; /* CLOCK_BOOTTIME of the reply to the application: lag is counted from it */
    uint16_t name_len; /* bytes that follow the head, in this order, no terminators */
    uint16_t name2_len;
    uint32_t data_len;
};

static inline const char *record_name(const struct record *r)
{
    return (const char *)(r + 1);
}
static inline const char *record_name2(const struct record *r)
{
    return record_name(r) + r->name_len;
}
static inline const uint8_t *record_data(const struct record *r)
{
    return (const uint8_t *)record_name2(r) + r->name2_len;
}
static inline size_t record_size(const struct record *r)
{
    return sizeof *r + r->name_len + r->name2_len + r->data_len;
}

/* What RECORD_HEAD_WIRE bytes of head become on the wire; names and data follow as they are. */
#define RECORD_HEAD_WIRE 184u

/* Writes the wire form of the head (not names and data). */
void record_encode_head(struct cursor *c, const struct record *r);

/* Reads one head and checks every bound (op known, lengths, names without '/' or NUL, not "." or "..",
 * offsets that do not overflow); the names and data must follow in `c`, which is moved past them. On success
 * *head is filled and *body points at name in place; returns false and makes `c` bad otherwise. */
bool record_decode(struct cursor *c, struct record *head, const uint8_t **body);

const char *record_op_name(unsigned op);

void file_id_encode(struct cursor *c, const struct file_id *id);
struct file_id file_id_decode(struct cursor *c);

static inline bool file_id_equal(const struct file_id *a, const struct file_id *b)
{
    return a->ino == b->ino && a->gen == b->gen && a->birth == b->birth;
}

#endif
