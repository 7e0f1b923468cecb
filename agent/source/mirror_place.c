/* SPDX-License-Identifier: Apache-2.0
 * Puts pieces that were read into the stream, less what records touched meanwhile. */
#include "agent/source/mirror_plan_parts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- a folder's names ---- */

static bool untouched(const struct mirror_reading *reading, const struct mirror_entry *entry)
{
    return !name_set_find(&reading->names, entry->name, entry->name_len);
}

static uint8_t *put_name(uint8_t *at, const char *name, size_t length)
{
    at[0] = (uint8_t)length;
    at[1] = (uint8_t)(length >> 8);
    memcpy(at + 2, name, length);
    return at + 2 + length;
}

static size_t names_size(const struct mirror_job *job, const struct mirror_reading *reading)
{
    size_t size = 1;
    for (unsigned i = 0; i < job->entries; i++)
        size += 2 + job->entry[i].name_len;
    for (const struct name_note *note = reading->names.all; note; note = note->next)
        size += 2 + note->length;
    return size;
}

/* What is in the folder now, whoever put it there. */
static uint8_t *names_fill(uint8_t *at, const struct mirror_job *job, const struct mirror_reading *reading)
{
    for (unsigned i = 0; i < job->entries; i++)
        if (untouched(reading, &job->entry[i]))
            at = put_name(at, job->entry[i].name, job->entry[i].name_len);
    for (const struct name_note *note = reading->names.all; note; note = note->next)
        if (note->present)
            at = put_name(at, note->name, note->length);
    return at;
}

/* As many whole names as fit into one record. */
static size_t names_chunk(const uint8_t *from, const uint8_t *end)
{
    const uint8_t *at = from;
    while (at < end) {
        size_t next = 2 + (size_t)(at[0] | at[1] << 8);
        if ((size_t)(at - from) + next > RECORD_DATA_MAX)
            break;
        at += next;
    }
    return (size_t)(at - from);
}

static void emit_names(struct mirror_plan *plan, struct mirror_job *job, const struct mirror_reading *reading)
{
    struct record head = mirror_piece(plan, RECORD_MIRROR_NAMES, &reading->key);
    if (!(job->names = malloc(names_size(job, reading)))) {
        plan->failed = true;
        return;
    }
    const uint8_t *at = job->names, *end = names_fill(job->names, job, reading);
    do {
        head.data_len = (uint32_t)names_chunk(at, end);
        head.offset = at + head.data_len < end;
        mirror_emit(plan, &head, NULL, at);
        at += head.data_len;
    } while (at < end);
}

static void place_list(struct mirror_plan *plan, struct mirror_job *job, struct mirror_reading *reading)
{
    struct mirror_object *folder = reading->object;
    if (reading->gone) { /* the record that removes it is on its way */
        folder->listed = FOLDER_LISTED;
        return;
    }
    if (!plan->config.empty)
        emit_names(plan, job, reading);
    for (unsigned i = 0; i < job->entries; i++) {
        const struct mirror_entry *entry = &job->entry[i];
        struct mirror_name at = {reading->key, entry->name, entry->name_len, 0};
        if (untouched(reading, entry))
            mirror_give_name(plan, &at, entry);
    }
    folder->listed = FOLDER_LISTED;
    mirror_queue_body(plan, folder);
}

/* ---- attributes ---- */

static void emit_xattrs(struct mirror_plan *plan, const struct mirror_reading *reading)
{
    struct record head = mirror_piece(plan, RECORD_MIRROR_XATTRS, &reading->key);
    head.data_len = reading->attr.xattrs_len;
    if (head.data_len > 0 || !plan->config.empty)
        mirror_emit(plan, &head, NULL, reading->attr.xattrs);
}

/* Touched ones are read again, here: what is read now may be newer than the stream, but then the records that made it
 * so follow, and each of them assigns what it changed. */
static void place_attr(struct mirror_plan *plan, struct mirror_reading *reading, bool with_size)
{
    struct mirror_attr *attr = &reading->attr;
    uint64_t size = attr->size;
    if (reading->attr_touched) {
        free(attr->xattrs);
        *attr = (struct mirror_attr){0};
        if (!plan->config.out.attributes(plan->config.out.baton, &reading->key, reading->type, attr))
            return;
    }
    emit_xattrs(plan, reading);
    struct record head = mirror_piece(plan, RECORD_MIRROR_ATTR, &reading->key);
    head.set = RECORD_SET_UID | RECORD_SET_GID | RECORD_SET_MTIME | (S_ISLNK(reading->type) ? 0u : RECORD_SET_MODE);
    head.set |= with_size ? RECORD_SET_SIZE : 0;
    head.file_size = size;
    head.mode = attr->mode;
    head.uid = attr->uid;
    head.gid = attr->gid;
    head.mtime_ns = attr->mtime_ns;
    mirror_emit(plan, &head, NULL, NULL);
    plan->counts.files_done++;
}

/* ---- data ---- */

static void emit_stretch(struct mirror_plan *plan, const struct mirror_reading *reading,
                         const struct mirror_segment *segment, const struct range *gap)
{
    struct record head = mirror_piece(plan, segment->data ? RECORD_MIRROR_EXTENT : RECORD_MIRROR_HOLE, &reading->key);
    head.offset = gap->begin;
    head.length = gap->end - gap->begin;
    head.data_len = segment->data ? (uint32_t)head.length : 0;
    mirror_emit(plan, &head, NULL, segment->data ? segment->data + (gap->begin - segment->from) : NULL);
    plan->counts.bytes_sent += head.data_len;
}

static void emit_data(struct mirror_plan *plan, const struct mirror_reading *reading)
{
    uint64_t size = reading->object->size;
    for (unsigned i = 0; i < reading->segments; i++) {
        const struct mirror_segment *segment = &reading->segment[i];
        uint64_t from = segment->from, to = segment->to < size ? segment->to : size;
        for (struct range gap; from < to && ranges_gap(&reading->touched, from, to, &gap); from = gap.end)
            emit_stretch(plan, reading, segment, &gap);
    }
}

/* All of a file in one piece: its size goes with the attributes, after the data. */
static void place_whole(struct mirror_plan *plan, struct mirror_reading *reading)
{
    struct mirror_object *object = reading->object;
    bool with_size = !object->sized;
    if (with_size)
        object->size = reading->attr.size;
    object->sized = true;
    plan->counts.bytes_done += reading->attr.size;
    emit_data(plan, reading);
    place_attr(plan, reading, with_size);
}

static void place_body(struct mirror_plan *plan, struct mirror_reading *reading)
{
    struct mirror_object *object = reading->object;
    object->headed = true;
    if (reading->gone)
        return;
    plan->counts.bytes += reading->attr.size - reading->hint;
    if (reading->whole) {
        place_whole(plan, reading);
        return;
    }
    if (!object->sized)
        mirror_settle_size(plan, object, reading->attr.size, reading->attr.mtime_ns);
    object->due = true;
    object->queued = true;
    mirror_queue_put(&plan->extents, object);
}

static void place_extent(struct mirror_plan *plan, struct mirror_reading *reading)
{
    reading->object->extents--;
    if (!reading->gone)
        emit_data(plan, reading);
    plan->counts.bytes_done += reading->to - reading->from;
    mirror_finish_extents(plan, reading->object);
}

/* ---- a job ---- */

static void detach(struct mirror_reading *reading)
{
    struct mirror_reading **at = &reading->object->readings;
    while (*at != reading)
        at = &(*at)->sister;
    *at = reading->sister;
}

static void place(struct mirror_plan *plan, struct mirror_job *job, struct mirror_reading *reading)
{
    switch (reading->want) {
    case WANT_LIST: place_list(plan, job, reading); break;
    case WANT_BODY: place_body(plan, reading); break;
    case WANT_EXTENT: place_extent(plan, reading); break;
    case WANT_ATTR:
        if (!reading->gone)
            place_attr(plan, reading, false);
        break;
    }
}

static void ended(struct mirror_plan *plan, const struct mirror_job *job)
{
    plan->under_way--;
    plan->listings -= job->reading[0].want == WANT_LIST;
}

void mirror_plan_place(struct mirror_plan *plan, struct mirror_job *job)
{
    for (unsigned i = 0; i < job->count; i++) {
        struct mirror_reading *reading = &job->reading[i];
        if (!reading->object)
            continue; /* forgotten meanwhile */
        place(plan, job, reading);
        detach(reading);
    }
    ended(plan, job);
}

void mirror_plan_drop(struct mirror_plan *plan, struct mirror_job *job)
{
    for (unsigned i = 0; i < job->count; i++)
        if (job->reading[i].object)
            detach(&job->reading[i]);
    ended(plan, job);
}
