/* SPDX-License-Identifier: Apache-2.0
 * Joins the plan of a mirror to its crew of readers, to the lower tree and to the frames. */
#include "agent/source/source_parts.h"
#include "core/ring.h"

#include <string.h>

static void note_failure(struct session *s, enum dr_code code, const struct dr_error *err)
{
    if (code && code != DR_NOT_FOUND && !s->failed.code)
        s->failed = *err;
}

static void emit(void *baton, const struct record *head, const char *name, const char *name2, const void *data)
{
    struct session *s = baton;
    struct dr_error err;
    if (s->failed.code)
        return;
    if (frame_out_full(&s->out))
        note_failure(s, stream_flush(s, &err), &err);
    if (!s->failed.code)
        frame_out_add(&s->out, head, name, name2, data);
}

static bool look(void *baton, const struct mirror_key *key, struct mirror_entry *entry, char *link)
{
    struct session *s = baton;
    struct dr_error err;
    enum dr_code code = lower_tree_look(&s->source->tree, key, entry, link, MIRROR_LINK_MAX, &err);
    note_failure(s, code, &err);
    return code == DR_OK;
}

static bool attributes(void *baton, const struct mirror_key *key, uint32_t type, struct mirror_attr *attr)
{
    struct session *s = baton;
    struct dr_error err;
    enum dr_code code = lower_tree_attributes(&s->source->tree, key, type, attr, &err);
    note_failure(s, code, &err);
    return code == DR_OK;
}

enum dr_code stream_mirror_begin(struct session *s, bool empty, struct dr_error *err)
{
    struct source *source = s->source;
    struct mirror_plan_config config = {.out = {s, emit, look, attributes}, .paths = source->tree.paths};
    config.root = source->tree.key;
    config.empty = empty;
    config.position = s->position;
    struct mirror_crew_config crew = {&source->tree, &source->ids, source->feed.ring, source->bell, s->hashes};
    s->plan = mirror_plan_create(&config);
    if (!s->plan)
        return dr_fail(err, DR_FULL, "no memory for a mirror");
    return mirror_crew_start(&s->crew, &crew, err);
}

static void drop(void *plan, struct mirror_job *job)
{
    mirror_plan_drop(plan, job);
}

void stream_mirror_end(struct session *s)
{
    while (s->placed) {
        struct mirror_job *job = s->placed;
        s->placed = job->next;
        mirror_crew_give_back(s->crew, job);
    }
    mirror_crew_stop(s->crew, drop, s->plan);
    mirror_plan_destroy(s->plan);
    s->crew = NULL;
    s->plan = NULL;
}

static void count(struct session *s)
{
    struct mirror_counts counts;
    mirror_plan_counts(s->plan, &counts);
    struct source_status *status = &s->source->status;
    pthread_mutex_lock(&s->source->lock);
    status->mirror_files = counts.files;
    status->mirror_files_done = counts.files_done;
    status->mirror_bytes = counts.bytes;
    status->mirror_bytes_done = counts.bytes_done;
    status->mirror_bytes_sent = counts.bytes_sent;
    pthread_mutex_unlock(&s->source->lock);
}

static enum dr_code place_done(struct session *s, bool *worked, struct dr_error *err)
{
    struct mirror_job *job;
    while (s->out.size < FRAME_ENOUGH && (job = mirror_crew_done(s->crew, s->position))) {
        *worked = true;
        if (job->error.code)
            *err = job->error;
        mirror_plan_place(s->plan, job);
        bool failed = job->error.code != DR_OK;
        job->next = s->placed;
        s->placed = job;
        if (failed)
            return err->code;
    }
    return DR_OK;
}

/* Questions for hashes go by another connection: they must not overtake the first frame of the mirror. */
static bool may_ask(struct session *s)
{
    pthread_mutex_lock(&s->source->lock);
    bool begun = s->begun;
    pthread_mutex_unlock(&s->source->lock);
    return begun || !s->hashes;
}

static void ask_more(struct session *s, bool *worked)
{
    struct mirror_job *job;
    while ((job = mirror_crew_spare(s->crew))) {
        job->frame = frame_out_empty(&s->out) ? s->out.frame - 1 : s->out.frame;
        if (!mirror_plan_next(s->plan, job)) {
            mirror_crew_give_back(s->crew, job);
            return;
        }
        *worked = true;
        mirror_crew_submit(s->crew, job);
    }
}

/* Everything was read: S is known once what was under way then is recorded, and the end follows when S is sent. */
static enum dr_code finish(struct session *s, bool *worked, struct dr_error *err)
{
    struct source *source = s->source;
    enum dr_code code = s->settled ? DR_OK : source->feed.settle(source->feed.baton, &s->settle, err);
    s->settled = true;
    if (code || s->position < s->settle)
        return code;
    *worked = true;
    mirror_plan_end(s->plan);
    pthread_mutex_lock(&source->lock);
    s->end_frame = s->out.frame;
    s->end_seq = s->position;
    pthread_mutex_unlock(&source->lock);
    code = stream_flush(s, err);
    count(s);
    if (s->hashes)
        conn_shut(s->hashes); /* the target need not wait for more questions */
    stream_mirror_end(s);
    return code;
}

enum dr_code stream_mirror_work(struct session *s, bool *worked, struct dr_error *err)
{
    enum dr_code code = place_done(s, worked, err);
    if (code)
        return code;
    if (may_ask(s))
        ask_more(s, worked);
    count(s);
    if (mirror_plan_failed(s->plan))
        return dr_fail(err, DR_FULL, "no memory for a mirror");
    return mirror_plan_done(s->plan) ? finish(s, worked, err) : DR_OK;
}
