/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/source/mirror_job.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_ROOM (64u << 10)

struct mirror_text {
    struct mirror_text *next;
    size_t used, room;
    char bytes[];
};

struct mirror_job *mirror_job_new(void)
{
    struct mirror_job *job = calloc(1, sizeof *job);
    if (job && !(job->buffer = malloc(MIRROR_BUFFER))) {
        free(job);
        return NULL;
    }
    return job;
}

static void reading_reset(struct mirror_reading *reading)
{
    ranges_clear(&reading->touched);
    name_set_clear(&reading->names);
    free(reading->attr.xattrs);
    free(reading->theirs);
    memset(reading, 0, offsetof(struct mirror_reading, segment));
}

static void text_free(struct mirror_job *job)
{
    while (job->text) {
        struct mirror_text *text = job->text;
        job->text = text->next;
        free(text);
    }
}

void mirror_job_reset(struct mirror_job *job)
{
    for (unsigned i = 0; i < job->count; i++)
        reading_reset(&job->reading[i]);
    text_free(job);
    free(job->entry);
    free(job->names);
    job->next = NULL;
    job->entry = NULL;
    job->names = NULL;
    job->count = job->asked = job->entries = job->entry_room = 0;
    job->s1 = job->frame = job->bytes_read = 0;
    job->used = 0;
    job->error.code = DR_OK;
}

void mirror_job_free(struct mirror_job *job)
{
    if (!job)
        return;
    mirror_job_reset(job);
    free(job->buffer);
    free(job);
}

const char *mirror_job_text(struct mirror_job *job, const char *bytes, size_t length)
{
    struct mirror_text *text = job->text;
    if (!text || text->room - text->used < length) {
        size_t room = length > TEXT_ROOM ? length : TEXT_ROOM;
        if (!(text = malloc(sizeof *text + room)))
            return NULL;
        *text = (struct mirror_text){.next = job->text, .room = room};
        job->text = text;
    }
    char *copy = text->bytes + text->used;
    memcpy(copy, bytes, length);
    text->used += length;
    return copy;
}

bool mirror_job_entry(struct mirror_job *job, const struct mirror_entry *entry)
{
    if (job->entries == job->entry_room) {
        unsigned room = job->entry_room ? 2 * job->entry_room : 64;
        struct mirror_entry *grown = realloc(job->entry, room * sizeof *grown);
        if (!grown)
            return false;
        job->entry = grown;
        job->entry_room = room;
    }
    job->entry[job->entries++] = *entry;
    return true;
}

bool mirror_reading_segment(struct mirror_reading *reading, uint64_t from, uint64_t to, const uint8_t *data)
{
    if (reading->segments == MIRROR_SEGMENTS)
        return false;
    reading->segment[reading->segments++] = (struct mirror_segment){from, to, data};
    return true;
}
