/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/agent/model_source.h"

#include <linux/falloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const names[MODEL_NAMES] = {"a", "b", "c", "d"};

void model_source_init(struct model_source *source, uint64_t seed)
{
    memset(source, 0, sizeof *source);
    model_tree_init(&source->tree);
    source->made = 1;
    source->random = seed * 2654435761u + 88172645463325252u;
}

void model_source_clear(struct model_source *source)
{
    for (uint64_t i = 0; i < source->tail; i++)
        free(source->record[i]);
    for (int i = 0; i < source->changes; i++)
        free(source->change[i].record);
}

unsigned model_random(struct model_source *source, unsigned below)
{
    source->random ^= source->random << 13;
    source->random ^= source->random >> 7;
    source->random ^= source->random << 17;
    return (unsigned)((source->random >> 11) % below);
}

static struct file_id id_of(int object)
{
    return object ? (struct file_id){.ino = (uint64_t)object + 1} : (struct file_id){.birth = BIRTH_ROOT};
}

/* ---- locks ---- */

static bool locked(const struct model_source *source, int object)
{
    for (int i = 0; i < source->changes; i++)
        for (int k = 0; k < source->change[i].locks; k++)
            if (source->change[i].lock[k] == object)
                return true;
    return false;
}

/* rename(2) between folders has a lock of its own in the kernel: one at a time. */
static bool renaming(const struct model_source *source)
{
    for (int i = 0; i < source->changes; i++)
        if (source->change[i].record->op == RECORD_RENAME || source->change[i].record->op == RECORD_EXCHANGE)
            return true;
    return false;
}

/* ---- a change ---- */

struct pick {
    struct model_source *source;
    struct model_tree *tree;
    int parent, name, parent2, name2; /* folders, and numbers of names */
    int object, other;                /* what stands there, or -1 */
};

static struct record *record_new(const struct pick *pick, enum record_op op, int object, const char *name,
                                 const char *name2, size_t data_len)
{
    struct record *r = calloc(1, sizeof *r + strlen(name) + strlen(name2) + data_len);
    const struct model_object *o = &pick->tree->object[object];
    r->op = (uint16_t)op;
    r->file = id_of(object);
    r->parent = id_of(pick->parent);
    r->parent2 = id_of(pick->parent2);
    r->mode = o->type | 0600;
    r->uid = o->attr;
    r->file_size = o->size;
    r->links = (uint32_t)model_links(pick->tree, object);
    r->name_len = (uint16_t)strlen(name);
    r->name2_len = (uint16_t)strlen(name2);
    r->data_len = (uint32_t)data_len;
    char *body = (char *)(r + 1);
    memcpy(body, name, r->name_len);
    memcpy(body + r->name_len, name2, r->name2_len);
    return r;
}

static void start(struct pick *pick, struct record *record, int a, int b, int c, int d)
{
    struct model_change *change = &pick->source->change[pick->source->changes++];
    int lock[4] = {a, b, c, d};
    *change = (struct model_change){.record = record};
    for (int i = 0; i < 4; i++)
        if (lock[i] >= 0)
            change->lock[change->locks++] = lock[i];
}

static bool free_to_lock(const struct pick *pick, int object)
{
    return object < 0 || !locked(pick->source, object);
}

static void lose_name(struct pick *pick, int object)
{
    struct model_object *o = &pick->tree->object[object];
    if (model_links(pick->tree, object) > 0)
        return;
    o->open = S_ISREG(o->type) && model_random(pick->source, 2);
    o->there = o->open;
}

static void make(struct pick *pick)
{
    static const struct {
        enum record_op op;
        uint32_t type;
    } kind[] = {{RECORD_CREATE, S_IFREG},
                {RECORD_CREATE, S_IFREG},
                {RECORD_MKDIR, S_IFDIR},
                {RECORD_MKDIR, S_IFDIR},
                {RECORD_MKNOD, S_IFIFO}};
    unsigned k = model_random(pick->source, 5);
    if (pick->object >= 0 || pick->source->made == MODEL_LIVE)
        return;
    int object = pick->source->made++;
    model_object_clear(&pick->tree->object[object], kind[k].type);
    pick->tree->object[object].attr = model_random(pick->source, 100);
    pick->tree->object[pick->parent].entry[pick->name] = object;
    start(pick, record_new(pick, kind[k].op, object, names[pick->name], "", 0), pick->parent, object, -1, -1);
}

static void add_link(struct pick *pick)
{
    if (pick->object < 0 || pick->other >= 0 || !S_ISREG(pick->tree->object[pick->object].type) ||
        !free_to_lock(pick, pick->parent2))
        return;
    pick->tree->object[pick->parent2].entry[pick->name2] = pick->object;
    struct record *r = record_new(pick, RECORD_LINK, pick->object, names[pick->name2], "", 0);
    r->parent = id_of(pick->parent2);
    start(pick, r, pick->parent2, pick->object, -1, -1);
}

static void take_name(struct pick *pick)
{
    if (pick->object < 0)
        return;
    bool folder = S_ISDIR(pick->tree->object[pick->object].type);
    if (folder && !model_empty(pick->tree, pick->object))
        return;
    pick->tree->object[pick->parent].entry[pick->name] = -1;
    enum record_op op = folder ? RECORD_RMDIR : RECORD_UNLINK;
    start(pick, record_new(pick, op, pick->object, names[pick->name], "", 0), pick->parent, pick->object, -1, -1);
    lose_name(pick, pick->object);
}

static bool may_replace(const struct pick *pick)
{
    const struct model_object *object = &pick->tree->object[pick->object];
    if (pick->other < 0)
        return true;
    const struct model_object *other = &pick->tree->object[pick->other];
    if (S_ISDIR(object->type) != S_ISDIR(other->type))
        return false;
    return !S_ISDIR(other->type) || model_empty(pick->tree, pick->other);
}

static void move(struct pick *pick)
{
    if (pick->object < 0 || pick->object == pick->other || !free_to_lock(pick, pick->parent2) ||
        !free_to_lock(pick, pick->other) || renaming(pick->source) || !may_replace(pick) ||
        model_below(pick->tree, pick->parent2, pick->object))
        return;
    pick->tree->object[pick->parent].entry[pick->name] = -1;
    pick->tree->object[pick->parent2].entry[pick->name2] = pick->object;
    struct record *r = record_new(pick, RECORD_RENAME, pick->object, names[pick->name], names[pick->name2], 0);
    r->links = 0;
    if (pick->other >= 0) {
        r->other = id_of(pick->other);
        r->links = (uint32_t)model_links(pick->tree, pick->other);
    }
    start(pick, r, pick->parent, pick->parent2, pick->object, pick->other);
    if (pick->other >= 0)
        lose_name(pick, pick->other);
}

static void swap(struct pick *pick)
{
    if (pick->object < 0 || pick->other < 0 || pick->object == pick->other || !free_to_lock(pick, pick->parent2) ||
        !free_to_lock(pick, pick->other) || renaming(pick->source) ||
        model_below(pick->tree, pick->parent2, pick->object) || model_below(pick->tree, pick->parent, pick->other))
        return;
    pick->tree->object[pick->parent].entry[pick->name] = pick->other;
    pick->tree->object[pick->parent2].entry[pick->name2] = pick->object;
    struct record *r = record_new(pick, RECORD_EXCHANGE, pick->object, names[pick->name], names[pick->name2], 0);
    r->other = id_of(pick->other);
    start(pick, r, pick->parent, pick->parent2, pick->object, pick->other);
}

static void write_data(struct pick *pick, int object)
{
    struct model_object *o = &pick->tree->object[object];
    uint64_t offset = model_random(pick->source, MODEL_BYTES - 1);
    uint64_t length = 1 + model_random(pick->source, (unsigned)(MODEL_BYTES - offset));
    for (uint64_t i = offset; i < offset + length; i++)
        o->data[i] = (uint8_t)(1 + model_random(pick->source, 250));
    o->size = o->size > offset + length ? o->size : offset + length;
    struct record *r = record_new(pick, RECORD_WRITE, object, "", "", length);
    r->offset = offset;
    r->length = length;
    memcpy(r + 1, o->data + offset, length);
    start(pick, r, object, -1, -1, -1);
}

static void cut(struct pick *pick, int object)
{
    model_resize(&pick->tree->object[object], model_random(pick->source, MODEL_BYTES + 1));
    struct record *r = record_new(pick, RECORD_SETATTR, object, "", "", 0);
    r->set = RECORD_SET_SIZE;
    start(pick, r, object, -1, -1, -1);
}

static void punch(struct pick *pick, int object)
{
    struct model_object *o = &pick->tree->object[object];
    uint64_t offset = model_random(pick->source, MODEL_BYTES - 1);
    uint64_t length = 1 + model_random(pick->source, (unsigned)(MODEL_BYTES - offset));
    memset(o->data + offset, 0, length);
    struct record *r = record_new(pick, RECORD_FALLOCATE, object, "", "", 0);
    r->offset = offset;
    r->length = length;
    r->rdev = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
    start(pick, r, object, -1, -1, -1);
}

static void set_attr(struct pick *pick, int object)
{
    struct model_object *o = &pick->tree->object[object];
    bool extended = model_random(pick->source, 2);
    *(extended ? &o->xattr : &o->attr) = 1 + model_random(pick->source, 1000);
    struct record *r = record_new(pick, extended ? RECORD_SETXATTR : RECORD_SETATTR, object, "", extended ? "x" : "",
                                  extended ? sizeof o->xattr : 0);
    if (extended)
        memcpy((char *)(r + 1) + 1, &o->xattr, sizeof o->xattr);
    else
        r->set = RECORD_SET_UID;
    start(pick, r, object, -1, -1, -1);
}

static void change_content(struct pick *pick, int object)
{
    if (object < 0 || !pick->tree->object[object].there || locked(pick->source, object))
        return;
    unsigned what = model_random(pick->source, 6);
    if (what == 0 || !S_ISREG(pick->tree->object[object].type))
        set_attr(pick, object);
    else if (what == 1)
        cut(pick, object);
    else if (what == 2)
        punch(pick, object);
    else
        write_data(pick, object);
}

static int some_folder(struct model_source *source)
{
    for (int tries = 0; tries < 16; tries++) {
        int object = (int)model_random(source, (unsigned)source->made);
        const struct model_object *o = &source->tree.object[object];
        if (o->there && S_ISDIR(o->type) && (object == 0 || model_links(&source->tree, object) > 0))
            return object;
    }
    return 0;
}

void model_source_change(struct model_source *source)
{
    struct pick pick = {.source = source, .tree = &source->tree};
    if (source->changes == MODEL_UNDER_WAY || source->tail + MODEL_UNDER_WAY >= MODEL_RECORDS)
        return;
    pick.parent = some_folder(source);
    pick.parent2 = some_folder(source);
    pick.name = (int)model_random(source, MODEL_NAMES);
    pick.name2 = (int)model_random(source, MODEL_NAMES);
    pick.object = pick.tree->object[pick.parent].entry[pick.name];
    pick.other = pick.tree->object[pick.parent2].entry[pick.name2];
    unsigned what = model_random(source, 14);
    if (what < 5) {
        change_content(&pick,
                       model_random(source, 4) ? pick.object : (int)model_random(source, (unsigned)source->made));
        return;
    }
    if (locked(source, pick.parent) || !free_to_lock(&pick, pick.object))
        return;
    void (*const act[])(struct pick *) = {make, make, make, add_link, take_name, move, move, move, swap};
    act[what - 5](&pick);
}

bool model_source_commit(struct model_source *source)
{
    if (source->changes == 0)
        return false;
    int which = (int)model_random(source, (unsigned)source->changes);
    struct record *r = source->change[which].record;
    r->seq = source->tail + 1;
    source->record[source->tail++] = r;
    source->change[which] = source->change[--source->changes];
    return true;
}
