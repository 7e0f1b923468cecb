/* SPDX-License-Identifier: Apache-2.0
 * agent/source/mirror_plan_parts.h - what mirror_plan.c, mirror_names.c and mirror_place.c share. Nobody else's. */
#ifndef DR_AGENT_MIRROR_PLAN_PARTS_H
#define DR_AGENT_MIRROR_PLAN_PARTS_H

#include "agent/source/mirror_object.h"
#include "agent/source/mirror_plan.h"

struct mirror_plan {
    struct mirror_plan_config config;
    uint64_t position;
    struct mirror_table table;
    struct mirror_queue folders; /* announced, to be listed */
    struct mirror_queue bodies;  /* whose attributes (and data) are to be read */
    struct mirror_queue extents; /* long files of which more is to be read */
    unsigned under_way;          /* jobs */
    unsigned listings;           /* ... of these */
    bool extent_was_last;        /* whose turn it is not */
    struct mirror_counts counts;
    bool failed;
    char link[MIRROR_LINK_MAX];
};

struct mirror_name {
    struct mirror_key parent;
    const char *name;
    size_t length;
    int64_t folder_mtime_ns; /* after the change; 0 = unknown */
};

static inline struct file_id mirror_id(const struct mirror_key *key)
{
    return (struct file_id){.ino = key->ino, .gen = key->gen, .birth = BIRTH_LOCAL};
}

/* The capture names the protected folder itself by the number of its path pair. */
static inline struct mirror_key mirror_key_of(const struct mirror_plan *plan, const struct file_id *id, uint32_t path)
{
    if (id->birth == BIRTH_ROOT && id->ino < plan->config.paths)
        return plan->config.root[id->ino];
    return (struct mirror_key){.ino = id->ino, .gen = id->gen, .path = path};
}

/* mirror_plan.c */
/* A piece about `key`, to be filled in. */
struct record mirror_piece(const struct mirror_plan *plan, enum record_op op, const struct mirror_key *key);
void mirror_emit(struct mirror_plan *plan, const struct record *head, const char *name, const void *data);
/* Gives the file its size on the target; from now on both have the same one after every record. */
void mirror_settle_size(struct mirror_plan *plan, struct mirror_object *object, uint64_t size, int64_t mtime_ns);
void mirror_queue_body(struct mirror_plan *plan, struct mirror_object *object);
void mirror_finish_extents(struct mirror_plan *plan, struct mirror_object *object);
void mirror_forget(struct mirror_plan *plan, struct mirror_object *object);
void mirror_touch_attr(struct mirror_object *object);

/* mirror_names.c: records about names */
void mirror_names_record(struct mirror_plan *plan, const struct record *r);
/* Gives `object` a name on the target: announces it there if it is new. */
void mirror_give_name(struct mirror_plan *plan, const struct mirror_name *at, const struct mirror_entry *object);

/* mirror_content.c: records about data and attributes */
void mirror_content_record(struct mirror_plan *plan, const struct record *r);

#endif
