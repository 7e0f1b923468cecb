/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/source/mirror_plan_parts.h"

#include <stdlib.h>
#include <sys/stat.h>

/* With so many files waiting no folder is listed: so the target still has a file open when its content comes. */
#define BODIES_ENOUGH 64u
#define BATCH_BYTES   (512u << 10) /* expected data of one job; the buffer has room for files that grew meanwhile */

static bool add_root(struct mirror_plan *plan, const struct mirror_key *key)
{
    struct mirror_object *root = mirror_table_add(&plan->table, key, S_IFDIR);
    if (!root)
        return false;
    root->queued = true;
    mirror_queue_put(&plan->folders, root);
    return true;
}

struct mirror_plan *mirror_plan_create(const struct mirror_plan_config *config)
{
    struct mirror_plan *plan = calloc(1, sizeof *plan);
    if (!plan)
        return NULL;
    plan->config = *config;
    plan->config.whole_max = config->whole_max ? config->whole_max : MIRROR_WHOLE_MAX;
    plan->config.extent = config->extent ? config->extent : MIRROR_EXTENT;
    plan->position = config->position;
    struct record begin = {.op = RECORD_MIRROR_BEGIN, .seq = plan->position};
    mirror_emit(plan, &begin, NULL, NULL);
    for (unsigned i = 0; i < config->paths; i++)
        if (!add_root(plan, &config->root[i])) {
            mirror_plan_destroy(plan);
            return NULL;
        }
    return plan;
}

static void queue_drain(struct mirror_queue *queue)
{
    for (struct mirror_object *object; (object = mirror_queue_get(queue));)
        if (object->gone)
            free(object);
}

void mirror_plan_destroy(struct mirror_plan *plan)
{
    if (!plan)
        return;
    queue_drain(&plan->folders);
    queue_drain(&plan->bodies);
    queue_drain(&plan->extents);
    mirror_table_clear(&plan->table);
    free(plan);
}

struct record mirror_piece(const struct mirror_plan *plan, enum record_op op, const struct mirror_key *key)
{
    return (struct record){.op = (uint16_t)op, .seq = plan->position, .file = mirror_id(key), .path = key->path};
}

void mirror_emit(struct mirror_plan *plan, const struct record *head, const char *name, const void *data)
{
    plan->config.out.emit(plan->config.out.baton, head, name, NULL, data);
}

void mirror_settle_size(struct mirror_plan *plan, struct mirror_object *object, uint64_t size, int64_t mtime_ns)
{
    struct record head = mirror_piece(plan, RECORD_MIRROR_ATTR, &object->key);
    head.set = RECORD_SET_SIZE | RECORD_SET_MTIME;
    head.file_size = size;
    head.mtime_ns = mtime_ns;
    mirror_emit(plan, &head, NULL, NULL);
    object->sized = true;
    object->size = size;
}

/* ---- what is to be read ---- */

void mirror_queue_body(struct mirror_plan *plan, struct mirror_object *object)
{
    object->queued = true;
    mirror_queue_put(&plan->bodies, object);
}

void mirror_finish_extents(struct mirror_plan *plan, struct mirror_object *object)
{
    if (!object->due || object->queued || object->extents > 0 || object->from < object->size)
        return;
    object->due = false;
    mirror_queue_body(plan, object);
}

/* Takes the next one that is still there out of `queue`. */
static struct mirror_object *queue_take(struct mirror_queue *queue)
{
    struct mirror_object *object;
    while ((object = mirror_queue_get(queue)) && object->gone)
        free(object);
    if (object)
        object->queued = false;
    return object;
}

static struct mirror_reading *ask(struct mirror_job *job, struct mirror_object *object, enum mirror_want want)
{
    struct mirror_reading *reading = &job->reading[job->count++];
    reading->key = object->key;
    reading->type = object->type;
    reading->want = want;
    reading->object = object;
    reading->sister = object->readings;
    object->readings = reading;
    return reading;
}

/* The long file whose turn it is; those that are through, or gone, leave the queue. */
static struct mirror_object *extending(struct mirror_plan *plan)
{
    struct mirror_object *object;
    while ((object = plan->extents.first) && (object->gone || object->from >= object->size)) {
        mirror_queue_get(&plan->extents);
        object->queued = false;
        if (object->gone)
            free(object);
        else
            mirror_finish_extents(plan, object);
    }
    return object;
}

static bool next_extent(struct mirror_plan *plan, struct mirror_job *job)
{
    struct mirror_object *object = extending(plan);
    if (!object)
        return false;
    struct mirror_reading *reading = ask(job, object, WANT_EXTENT);
    uint64_t left = object->size - object->from;
    reading->from = object->from;
    reading->to = object->from + (left < plan->config.extent ? left : plan->config.extent);
    object->from = reading->to;
    object->extents++;
    return true;
}

static bool next_folder(struct mirror_plan *plan, struct mirror_job *job)
{
    struct mirror_object *object = queue_take(&plan->folders);
    if (!object)
        return false;
    object->listed = FOLDER_LISTING;
    plan->listings++;
    ask(job, object, WANT_LIST);
    return true;
}

static bool next_bodies(struct mirror_plan *plan, struct mirror_job *job)
{
    uint64_t bytes = 0;
    for (struct mirror_object *object; job->count < MIRROR_JOB_READINGS && bytes < BATCH_BYTES;) {
        if (!(object = queue_take(&plan->bodies)))
            break;
        bool body = S_ISREG(object->type) && !object->headed;
        struct mirror_reading *reading = ask(job, object, body ? WANT_BODY : WANT_ATTR);
        reading->to = body ? UINT64_MAX : 0;
        reading->hint = body ? object->size : 0;
        bytes += reading->hint <= plan->config.whole_max ? reading->hint : 0;
    }
    return job->count > 0;
}

/* Long files cost the connection most, short ones the target's file system: they take turns, so that both have work. */
static bool next_data(struct mirror_plan *plan, struct mirror_job *job)
{
    plan->extent_was_last = !plan->extent_was_last;
    if (plan->extent_was_last)
        return next_extent(plan, job) || next_bodies(plan, job);
    return next_bodies(plan, job) || next_extent(plan, job);
}

bool mirror_plan_next(struct mirror_plan *plan, struct mirror_job *job)
{
    bool ahead = plan->bodies.count < BODIES_ENOUGH && plan->listings == 0;
    bool found = (ahead && next_folder(plan, job)) || next_data(plan, job) || next_folder(plan, job);
    plan->under_way += found;
    return found;
}

bool mirror_plan_done(const struct mirror_plan *plan)
{
    return plan->under_way == 0 && !plan->folders.first && !plan->bodies.first && !plan->extents.first;
}

void mirror_plan_end(struct mirror_plan *plan)
{
    struct record end = {.op = RECORD_MIRROR_END, .seq = plan->position};
    mirror_emit(plan, &end, NULL, NULL);
}

bool mirror_plan_failed(const struct mirror_plan *plan)
{
    return plan->failed;
}

void mirror_plan_counts(const struct mirror_plan *plan, struct mirror_counts *counts)
{
    *counts = plan->counts;
}

/* ---- records ---- */

void mirror_forget(struct mirror_plan *plan, struct mirror_object *object)
{
    for (struct mirror_reading *reading = object->readings; reading; reading = reading->sister)
        reading->object = NULL;
    mirror_table_take(&plan->table, object);
    object->gone = true;
    if (!object->queued)
        free(object);
}

void mirror_touch_attr(struct mirror_object *object)
{
    for (struct mirror_reading *reading = object->readings; reading; reading = reading->sister)
        reading->attr_touched = true;
}

void mirror_plan_record(struct mirror_plan *plan, const struct record *r)
{
    plan->position = r->seq;
    switch (r->op) {
    case RECORD_CREATE:
    case RECORD_MKDIR:
    case RECORD_SYMLINK:
    case RECORD_MKNOD:
    case RECORD_LINK:
    case RECORD_UNLINK:
    case RECORD_RMDIR:
    case RECORD_RENAME:
    case RECORD_EXCHANGE: mirror_names_record(plan, r); break;
    default: mirror_content_record(plan, r);
    }
}
