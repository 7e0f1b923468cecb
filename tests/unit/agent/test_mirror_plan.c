/* SPDX-License-Identifier: Apache-2.0
 * Thousands of short random histories: an application changes a tree while it is mirrored; changes, their records, the
 * sender and the readers are interleaved by a seed. In the end the target must equal the source, and no record on the
 * way may have been one that a target could not carry out. */
#include "agent/source/mirror_plan.h"
#include "tests/unit/agent/model_source.h"
#include "tests/unit/agent/model_target.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define HISTORIES 3000u /* 20,000 of each were run when this was written */
#define STEPS     400u
#define JOBS      3u

struct reader { /* one job being read, a bit at a time */
    struct mirror_job *job;
    unsigned reading, step;
};

struct world {
    struct model_source source;
    struct model_target target;
    struct mirror_plan *plan;
    uint64_t position;
    struct reader reader[JOBS];
    unsigned readers;
    struct mirror_job *done[JOBS];
    unsigned dones;
    struct mirror_job *spare;
    bool empty;
};

/* ---- what the plan asks of the world ---- */

static void emit(void *baton, const struct record *head, const char *name, const char *name2, const void *data)
{
    struct world *world = baton;
    model_target_apply(&world->target, head, name, name2, data);
}

static bool look(void *baton, const struct mirror_key *key, struct mirror_entry *entry, char *link)
{
    const struct model_object *o = &((struct world *)baton)->source.tree.object[key->ino - 1];
    (void)link;
    *entry = (struct mirror_entry){.key = *key, .mode = o->type | 0600, .size = o->size};
    return o->there;
}

static bool attributes(void *baton, const struct mirror_key *key, uint32_t type, struct mirror_attr *attr)
{
    const struct model_object *o = &((struct world *)baton)->source.tree.object[key->ino - 1];
    attr->mode = type;
    attr->uid = o->attr;
    if (o->xattr) {
        attr->xattrs = malloc(sizeof o->xattr);
        memcpy(attr->xattrs, &o->xattr, sizeof o->xattr);
        attr->xattrs_len = sizeof o->xattr;
    }
    return o->there;
}

/* ---- readers ---- */

static void read_name(struct world *world, struct mirror_job *job, const struct model_object *folder, unsigned name)
{
    int child = folder->entry[name];
    struct mirror_key key = {.ino = (uint64_t)child + 1};
    struct mirror_entry entry;
    char text = (char)('a' + name);
    if (child < 0 || !look(world, &key, &entry, NULL))
        return;
    entry.name = mirror_job_text(job, &text, 1);
    entry.name_len = 1;
    mirror_job_entry(job, &entry);
}

static void read_byte(struct mirror_job *job, struct mirror_reading *reading, const struct model_object *o, uint64_t at)
{
    if (at >= o->size) /* the end: what follows reads as zeros */
        return;
    if (!reading->segments)
        mirror_reading_segment(reading, reading->from, reading->from, job->buffer + job->used);
    struct mirror_segment *segment = &reading->segment[0];
    if (segment->to != at)
        return; /* it was shorter a moment ago */
    job->buffer[job->used++] = o->data[at];
    segment->to++;
}

/* Target and hole: what was not there must read as zeros. */
static void read_end(struct world *world, struct mirror_reading *reading, uint64_t to)
{
    uint64_t from = reading->segments ? reading->segment[0].to : reading->from;
    if (!world->empty && from < to)
        mirror_reading_segment(reading, from, to, NULL);
}

/* One step of BODY; true: through. */
static bool read_body(struct world *world, struct mirror_job *job, struct mirror_reading *reading, unsigned step)
{
    const struct model_object *o = &world->source.tree.object[reading->key.ino - 1];
    if (step == 0) {
        reading->gone = !attributes(world, &reading->key, reading->type, &reading->attr);
        reading->attr.size = o->size;
        reading->whole = o->size <= 4;
        return reading->gone || !reading->whole;
    }
    if (step <= 5)
        read_byte(job, reading, o, step - 1);
    else
        read_end(world, reading, UINT64_MAX);
    return step > 5;
}

static bool read_extent(struct world *world, struct mirror_job *job, struct mirror_reading *reading, unsigned step)
{
    const struct model_object *o = &world->source.tree.object[reading->key.ino - 1];
    if (reading->from + step < reading->to) {
        read_byte(job, reading, o, reading->from + step);
        return false;
    }
    read_end(world, reading, reading->to);
    return true;
}

static bool read_step(struct world *world, struct mirror_job *job, struct mirror_reading *reading, unsigned step)
{
    const struct model_object *o = &world->source.tree.object[reading->key.ino - 1];
    if (!o->there) {
        reading->gone = true;
        return true;
    }
    switch (reading->want) {
    case WANT_LIST: read_name(world, job, o, step); return step + 1 == MODEL_NAMES;
    case WANT_BODY: return read_body(world, job, reading, step);
    case WANT_EXTENT: return read_extent(world, job, reading, step);
    case WANT_ATTR: attributes(world, &reading->key, reading->type, &reading->attr); return true;
    }
    return true;
}

static void reader_step(struct world *world, unsigned which)
{
    struct reader *reader = &world->reader[which];
    struct mirror_job *job = reader->job;
    if (!read_step(world, job, &job->reading[reader->reading], reader->step++))
        return;
    reader->step = 0;
    if (++reader->reading < job->count)
        return;
    job->s1 = world->source.tail;
    world->done[world->dones++] = job;
    *reader = world->reader[--world->readers];
}

/* ---- the sender ---- */

static void give_back(struct world *world, struct mirror_job *job)
{
    mirror_job_reset(job);
    job->next = world->spare;
    world->spare = job;
}

static void start_job(struct world *world)
{
    if (world->readers + world->dones == JOBS)
        return;
    struct mirror_job *job = world->spare ? world->spare : mirror_job_new();
    world->spare = job->next;
    if (mirror_plan_next(world->plan, job))
        world->reader[world->readers++] = (struct reader){.job = job};
    else
        give_back(world, job);
}

static void place_job(struct world *world)
{
    if (world->dones == 0)
        return;
    unsigned which = model_random(&world->source, world->dones);
    struct mirror_job *job = world->done[which];
    if (job->s1 > world->position)
        return;
    mirror_plan_place(world->plan, job);
    give_back(world, job);
    world->done[which] = world->done[--world->dones];
}

static bool send_record(struct world *world)
{
    if (world->position == world->source.tail)
        return false;
    mirror_plan_record(world->plan, world->source.record[world->position++]);
    return true;
}

/* ---- histories ---- */

static void grow_tree(struct model_source *source)
{
    for (int i = 0; i < 60; i++) {
        model_source_change(source);
        while (model_source_commit(source))
            ;
    }
}

/* What the target had: other objects under some of the same names. */
static void stale_tree(struct world *world)
{
    struct model_tree *tree = &world->target.tree;
    for (int i = MODEL_LIVE; i < MODEL_OBJECTS; i++) {
        static const uint32_t type[] = {S_IFREG, S_IFREG, S_IFDIR, S_IFIFO};
        struct model_object *o = &tree->object[i];
        model_object_clear(o, type[model_random(&world->source, 4)]);
        o->attr = 5000;
        o->xattr = model_random(&world->source, 2) ? 6000 : 0;
        o->size = S_ISREG(o->type) ? model_random(&world->source, MODEL_BYTES + 1) : 0;
        memset(o->data, 255, o->size);
        int parent = model_random(&world->source, 2) ? 0 : MODEL_LIVE + (int)model_random(&world->source, 12);
        unsigned name = model_random(&world->source, MODEL_NAMES);
        if (tree->object[parent].there && S_ISDIR(tree->object[parent].type) && parent != i)
            tree->object[parent].entry[name] = i;
    }
}

static void world_init(struct world *world, uint64_t seed, bool empty)
{
    static const struct mirror_key root = {.ino = 1};
    struct mirror_job *spare = world->spare;
    memset(world, 0, sizeof *world);
    world->spare = spare;
    model_source_init(&world->source, seed);
    model_target_init(&world->target);
    world->empty = empty;
    grow_tree(&world->source);
    if (!empty)
        stale_tree(world);
    world->position = world->source.tail;
    struct mirror_plan_config config = {.out = {world, emit, look, attributes}, .paths = 1, .root = &root};
    config.empty = empty;
    config.position = world->position;
    config.whole_max = 4;
    config.extent = 3;
    world->plan = mirror_plan_create(&config);
}

static void step(struct world *world)
{
    unsigned what = model_random(&world->source, 10);
    if (what < 2)
        model_source_change(&world->source);
    else if (what < 4)
        model_source_commit(&world->source);
    else if (what < 6)
        send_record(world);
    else if (what < 7)
        start_job(world);
    else if (what < 9 && world->readers > 0)
        reader_step(world, model_random(&world->source, world->readers));
    else
        place_job(world);
}

/* Nothing new begins; what began comes to its end. */
static void settle(struct world *world)
{
    while (!mirror_plan_done(world->plan)) {
        model_source_commit(&world->source);
        send_record(world);
        start_job(world);
        if (world->readers > 0)
            reader_step(world, 0);
        place_job(world);
    }
    while (model_source_commit(&world->source) || send_record(world))
        ;
    mirror_plan_end(world->plan);
}

static void random_histories(bool empty)
{
    struct world world = {0};
    for (uint64_t seed = 1; seed <= HISTORIES; seed++) {
        world_init(&world, seed, empty);
        for (unsigned i = 0; i < STEPS; i++)
            step(&world);
        settle(&world);
        int line = model_differs(&world.source.tree, &world.target.tree);
        if (line || world.target.wrong || !world.target.ended)
            fprintf(stderr, "seed %llu: differs: line %d of model_tree.c; complaint: line %d, op %s\n",
                    (unsigned long long)seed, line, world.target.wrong, record_op_name(world.target.wrong_op));
        CU_ASSERT_EQUAL_FATAL(line, 0);
        CU_ASSERT_EQUAL_FATAL(world.target.wrong, 0);
        CU_ASSERT_TRUE_FATAL(world.target.ended);
        CU_ASSERT_FALSE(mirror_plan_failed(world.plan));
        mirror_plan_destroy(world.plan);
        model_source_clear(&world.source);
    }
    for (struct mirror_job *job; (job = world.spare);) {
        world.spare = job->next;
        mirror_job_free(job);
    }
}

static void onto_an_empty_target(void)
{
    random_histories(true);
}

static void onto_a_target_with_other_data(void)
{
    random_histories(false);
}

int main(void)
{
    CU_TestInfo cases[] = {{"random histories, onto an empty target", onto_an_empty_target},
                           {"random histories, onto a target with other data", onto_a_target_with_other_data},
                           CU_TEST_INFO_NULL};
    return unit_run("mirror_plan", cases);
}
