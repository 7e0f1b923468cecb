/* SPDX-License-Identifier: Apache-2.0
 * agent/source/mirror_job.h - what the plan asks a reader to read from the lower tree, and what the reader found.
 * The plan fills in the question and, while the job is under way, the notes (what records touched meanwhile); the
 * reader the answer. A job and what it points at live until the frame that carries it is sent. */
#ifndef DR_AGENT_MIRROR_JOB_H
#define DR_AGENT_MIRROR_JOB_H

#include "agent/source/name_set.h"
#include "agent/source/ranges.h"
#include "core/error.h"
#include "core/repl_message.h"

#define MIRROR_JOB_READINGS 16u
#define MIRROR_WHOLE_MAX    (128u << 10) /* files up to this are one piece */
#define MIRROR_EXTENT       (1u << 20)   /* longer ones are read in extents of this */
#define MIRROR_BUFFER       MIRROR_EXTENT
#define MIRROR_LINK_MAX     4096u
#define MIRROR_STRETCHES    64u /* of data or hole per reading; where there are more, some holes are sent as zeros */
#define MIRROR_SEGMENTS     (MIRROR_STRETCHES + REPL_ASK_BLOCKS / 2 + 1) /* stretches, cut by every second block */

/* An object of the source tree as its own host names it. */
struct mirror_key {
    uint64_t ino;
    uint32_t gen;
    uint32_t path; /* number of the path pair */
};

enum mirror_want {
    WANT_LIST,   /* names of a folder */
    WANT_BODY,   /* attributes, and a regular file's size and (up to MIRROR_WHOLE_MAX) data */
    WANT_EXTENT, /* data in [from, to) */
    WANT_ATTR,   /* attributes, after the data or the names are through */
};

struct mirror_entry { /* what never changes about an object, and hints */
    struct mirror_key key;
    uint32_t mode; /* only the type counts */
    uint32_t rdev;
    uint64_t size;     /* a hint */
    const char *link;  /* symlinks: the target's text */
    uint32_t link_len; /* ... */
    uint32_t name_len; /* entries of a listing */
    const char *name;  /* ... */
};

struct mirror_attr {
    uint32_t mode, uid, gid;
    int64_t mtime_ns;
    uint64_t size;
    uint8_t *xattrs; /* as RECORD_MIRROR_XATTRS; malloc'ed */
    uint32_t xattrs_len;
};

struct mirror_segment {
    uint64_t from, to;
    const uint8_t *data; /* NULL: a hole */
};

struct mirror_object;

struct mirror_reading {
    /* question */
    struct mirror_key key;
    uint32_t type; /* S_IFMT bits */
    enum mirror_want want;
    uint64_t from, to; /* EXTENT; BODY: all of it */
    uint64_t hint;     /* BODY: the size that is expected */
    /* notes of the plan */
    struct mirror_object *object;  /* NULL: gone since */
    struct mirror_reading *sister; /* another reading of the same object */
    struct ranges touched;
    struct name_set names;
    bool attr_touched;
    /* hashes of the target's blocks, when there is something to compare with: made by mirror_compare.c */
    struct repl_hashes *theirs;
    /* answer */
    bool gone;  /* no such object any more */
    bool whole; /* BODY: the data is there too */
    struct mirror_attr attr;
    unsigned segments;
    struct mirror_segment segment[MIRROR_SEGMENTS]; /* the last: what is not used is not cleared either */
};

struct mirror_job {
    struct mirror_job *next; /* of whatever list it is in */
    unsigned count;
    struct mirror_reading reading[MIRROR_JOB_READINGS];
    uint64_t frame; /* the questions may be answered once this frame is applied there */
    unsigned asked; /* readings that wait for hashes */
    /* answer */
    uint64_t s1; /* ring's tail after the last read */
    uint64_t bytes_read;
    struct dr_error error;      /* the mirror must end: the lower tree cannot be read */
    struct mirror_entry *entry; /* LIST */
    unsigned entries, entry_room;
    struct mirror_text *text; /* where the names of entries lie */
    uint8_t *names;           /* RECORD_MIRROR_NAMES, made at placement */
    uint8_t *buffer;          /* MIRROR_BUFFER bytes, for data */
    size_t used;
};

struct mirror_job *mirror_job_new(void);
/* Ready for the next use; keeps the buffer. */
void mirror_job_reset(struct mirror_job *job);
void mirror_job_free(struct mirror_job *job);

/* Listing: a copy of `length` bytes that lives as long as the answer; NULL: no memory. */
const char *mirror_job_text(struct mirror_job *job, const char *bytes, size_t length);
bool mirror_job_entry(struct mirror_job *job, const struct mirror_entry *entry);
/* Adds [from, to) as data or (NULL) as a hole; false: no room for one more. */
bool mirror_reading_segment(struct mirror_reading *reading, uint64_t from, uint64_t to, const uint8_t *data);

#endif
