/* SPDX-License-Identifier: Apache-2.0
 * Records about data and attributes: sent if the target knows the object; what is being read of it right now is noted
 * as touched. Those of other objects are dropped: their effect will be read later. */
#include "agent/source/mirror_plan_parts.h"

#include <linux/falloc.h>
#include <sys/stat.h>

static void touch_data(struct mirror_plan *plan, struct mirror_object *object, uint64_t from, uint64_t to)
{
    for (struct mirror_reading *reading = object->readings; reading; reading = reading->sister)
        if (!ranges_add(&reading->touched, from, to))
            plan->failed = true;
}

/* From its first record on that has a size, a file has the same size on both sides after every record: what the
 * target had before is cut off, or filled with zeros, by the piece that follows that record. Bytes at and above the
 * least size since then are the records' own; those below it are the mirror's. */
static void size_result(struct mirror_plan *plan, struct mirror_object *object, const struct record *r)
{
    if (!object->sized)
        mirror_settle_size(plan, object, r->file_size, r->mtime_ns);
    else if (object->size > r->file_size)
        object->size = r->file_size;
}

static bool has_size(const struct record *r)
{
    return r->op == RECORD_WRITE || r->op == RECORD_FALLOCATE ||
           (r->op == RECORD_SETATTR && (r->set & RECORD_SET_SIZE));
}

/* Punching and FALLOC_FL_ZERO_RANGE; plain allocation (with KEEP_SIZE or not) changes no byte that was there. */
static bool zeroes(const struct record *r)
{
    return r->op == RECORD_FALLOCATE && (r->rdev & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) != 0;
}

static bool is_change(const struct record *r)
{
    switch (r->op) {
    case RECORD_WRITE:
    case RECORD_SETATTR:
    case RECORD_FALLOCATE:
    case RECORD_SETXATTR:
    case RECORD_REMOVEXATTR:
    case RECORD_BARRIER: return true;
    default: return false;
    }
}

void mirror_content_record(struct mirror_plan *plan, const struct record *r)
{
    struct mirror_key key = mirror_key_of(plan, &r->file, r->path);
    struct mirror_object *object = is_change(r) ? mirror_table_find(&plan->table, &key) : NULL;
    if (is_change(r) && !object)
        return;
    plan->config.out.emit(plan->config.out.baton, r, record_name(r), record_name2(r), record_data(r));
    if (!object)
        return;
    if (r->op != RECORD_BARRIER)
        mirror_touch_attr(object);
    if (r->op == RECORD_WRITE || zeroes(r))
        touch_data(plan, object, r->offset, r->offset + r->length);
    if (has_size(r) && S_ISREG(object->type))
        size_result(plan, object, r);
}
