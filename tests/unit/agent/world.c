/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/agent/world.h"

#include <linux/falloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

uint64_t world_random(struct world *w, uint64_t below)
{
    w->random ^= w->random << 13;
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    return (w->random * 0x2545F4914F6CDD1Du >> 20) % below;
}

void world_init(struct world *w, uint64_t seed)
{
    memset(w, 0, sizeof *w);
    w->random = seed * 2 + 1;
    w->term = 1;
    w->next_number = 1000;
    w->object[0] = (struct world_object){.live = true, .mode = S_IFDIR | 0755, .links = 1, .mtime_ns = 1};
    for (int i = 0; i < WORLD_ENTRIES; i++)
        w->entry[i].parent = -1;
}

struct file_id world_id(const struct world *w, int object)
{
    if (object == 0)
        return (struct file_id){.birth = BIRTH_ROOT};
    return (struct file_id){.ino = w->object[object].number, .gen = 7, .birth = BIRTH_A};
}

/* ---- records ---- */

void world_body(struct world_record *r, const char *name, const char *name2, const void *data, size_t size)
{
    r->head.name_len = (uint16_t)strlen(name);
    r->head.name2_len = (uint16_t)strlen(name2);
    r->head.data_len = (uint32_t)size;
    memcpy(r->body, name, r->head.name_len);
    memcpy(r->body + r->head.name_len, name2, r->head.name2_len);
    if (size)
        memcpy(r->body + r->head.name_len + r->head.name2_len, data, size);
}

static int64_t now(const struct world *w)
{
    return 1700000000000000000 + (int64_t)w->seq * 1000003;
}

static void begin(const struct world *w, struct world_record *r, enum record_op op, int object)
{
    const struct world_object *o = &w->object[object];
    r->head = (struct record){.seq = w->seq, .stream = WORLD_STREAM, .term = w->term, .op = op};
    r->head.file = world_id(w, object);
    r->head.mode = o->mode;
    r->head.uid = o->uid;
    r->head.gid = o->gid;
    r->head.mtime_ns = o->mtime_ns;
    r->head.file_size = o->size;
    r->head.links = o->links;
    world_body(r, "", "", NULL, 0);
}

/* ---- picking ---- */

static int pick_object(struct world *w, bool folder)
{
    for (int tries = 0; tries < 64; tries++) {
        int i = (int)world_random(w, WORLD_OBJECTS);
        if (w->object[i].live && S_ISDIR(w->object[i].mode) == folder)
            return i;
    }
    return folder ? 0 : -1;
}

static int pick_file(struct world *w)
{
    int i = pick_object(w, false);
    return i >= 0 && S_ISREG(w->object[i].mode) ? i : -1;
}

static struct world_entry *pick_entry(struct world *w)
{
    for (int tries = 0; tries < 64; tries++) {
        struct world_entry *e = &w->entry[world_random(w, WORLD_ENTRIES)];
        if (e->parent >= 0)
            return e;
    }
    return NULL;
}

static struct world_entry *find_entry(struct world *w, int parent, const char *name)
{
    for (int i = 0; i < WORLD_ENTRIES; i++)
        if (w->entry[i].parent == parent && strcmp(w->entry[i].name, name) == 0)
            return &w->entry[i];
    return NULL;
}

static struct world_entry *free_entry(struct world *w)
{
    for (int i = 0; i < WORLD_ENTRIES; i++)
        if (w->entry[i].parent < 0)
            return &w->entry[i];
    return NULL;
}

static void pick_name(struct world *w, char name[8])
{
    snprintf(name, 8, "n%u", (unsigned)world_random(w, 6));
}

static bool is_below(const struct world *w, int object, int folder)
{
    for (int i = 0; object != 0 && object != folder && i < WORLD_ENTRIES; i++)
        if (w->entry[i].parent >= 0 && w->entry[i].object == object) {
            object = w->entry[i].parent;
            i = -1;
        }
    return object == folder;
}

static bool is_empty(const struct world *w, int folder)
{
    for (int i = 0; i < WORLD_ENTRIES; i++)
        if (w->entry[i].parent == folder)
            return false;
    return true;
}

static void touch(struct world *w, int folder, int64_t *mtime_ns)
{
    *mtime_ns = w->object[folder].mtime_ns = now(w);
}

static void lose_name(struct world *w, int object)
{
    if (--w->object[object].links == 0)
        w->object[object].live = false;
}

/* ---- changes; false: nothing was to be done ---- */

static bool step_make(struct world *w, struct world_record *r)
{
    static const struct {
        uint32_t type;
        enum record_op op;
    } kinds[] = {{S_IFREG, RECORD_CREATE},
                 {S_IFREG, RECORD_CREATE},
                 {S_IFDIR, RECORD_MKDIR},
                 {S_IFLNK, RECORD_SYMLINK},
                 {S_IFIFO, RECORD_MKNOD}};
    char name[8];
    unsigned kind = (unsigned)world_random(w, 5);
    int parent = pick_object(w, true), i = 1;
    pick_name(w, name);
    while (i < WORLD_OBJECTS && w->object[i].live)
        i++;
    struct world_entry *e = free_entry(w);
    if (i == WORLD_OBJECTS || !e || find_entry(w, parent, name))
        return false;
    struct world_object *o = &w->object[i];
    memset(o, 0, sizeof *o);
    *o = (struct world_object){.live = true, .number = w->next_number++, .links = 1, .mtime_ns = now(w)};
    o->mode = kinds[kind].type | (kinds[kind].type == S_IFLNK ? 0777 : 0640);
    o->uid = (uint32_t)world_random(w, 3);
    e->parent = parent;
    e->object = i;
    memcpy(e->name, name, sizeof name);
    begin(w, r, kinds[kind].op, i);
    r->head.parent = world_id(w, parent);
    touch(w, parent, &r->head.parent_mtime_ns);
    if (S_ISLNK(o->mode)) {
        o->size = 6;
        memcpy(o->data, "target", 6);
    }
    world_body(r, name, "", o->data, o->size);
    return true;
}

static bool step_write(struct world *w, struct world_record *r)
{
    int i = pick_file(w);
    if (i < 0)
        return false;
    struct world_object *o = &w->object[i];
    uint32_t offset = (uint32_t)world_random(w, WORLD_BYTES - 4096), length = 1 + (uint32_t)world_random(w, 4096);
    memset(o->data + offset, 'a' + (int)(w->seq % 26), length);
    o->size = o->size > offset + length ? o->size : offset + length;
    o->mtime_ns = now(w);
    begin(w, r, RECORD_WRITE, i);
    r->head.offset = offset;
    r->head.length = length;
    world_body(r, "", "", o->data + offset, length);
    return true;
}

static bool step_truncate(struct world *w, struct world_record *r)
{
    int i = pick_file(w);
    if (i < 0)
        return false;
    struct world_object *o = &w->object[i];
    uint32_t size = (uint32_t)world_random(w, WORLD_BYTES);
    if (size < o->size)
        memset(o->data + size, 0, o->size - size);
    o->size = size;
    o->mtime_ns = now(w);
    begin(w, r, RECORD_SETATTR, i);
    r->head.set = RECORD_SET_SIZE | RECORD_SET_MTIME;
    return true;
}

static bool step_punch(struct world *w, struct world_record *r)
{
    int i = pick_file(w);
    if (i < 0)
        return false;
    struct world_object *o = &w->object[i];
    uint32_t offset = (uint32_t)world_random(w, WORLD_BYTES - 8192), length = 1 + (uint32_t)world_random(w, 8192);
    for (uint32_t at = offset; at < offset + length && at < o->size; at++)
        o->data[at] = 0;
    o->mtime_ns = now(w);
    begin(w, r, RECORD_FALLOCATE, i);
    r->head.offset = offset;
    r->head.length = length;
    r->head.rdev = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
    return true;
}

static bool step_attr(struct world *w, struct world_record *r)
{
    int i = pick_object(w, world_random(w, 4) == 0);
    if (i < 0 || S_ISLNK(w->object[i].mode))
        return false;
    struct world_object *o = &w->object[i];
    o->mode = (o->mode & S_IFMT) | (uint32_t)(0400 + world_random(w, 0400));
    o->uid = (uint32_t)world_random(w, 3);
    o->gid = (uint32_t)world_random(w, 3);
    begin(w, r, RECORD_SETATTR, i);
    r->head.set = RECORD_SET_MODE | RECORD_SET_UID | RECORD_SET_GID;
    return true;
}

static bool step_xattr(struct world *w, struct world_record *r)
{
    int i = pick_object(w, world_random(w, 4) == 0);
    if (i <= 0 || !(S_ISREG(w->object[i].mode) || S_ISDIR(w->object[i].mode)))
        return false;
    struct world_object *o = &w->object[i];
    bool set = !o->xattr[0] || world_random(w, 2);
    snprintf(o->xattr, sizeof o->xattr, "%.*s", set ? 15 : 0, "value-of-a-user");
    begin(w, r, set ? RECORD_SETXATTR : RECORD_REMOVEXATTR, i);
    world_body(r, "", "user.world", o->xattr, strlen(o->xattr));
    return true;
}

static bool step_link(struct world *w, struct world_record *r)
{
    char name[8];
    int i = pick_object(w, false), parent = pick_object(w, true);
    struct world_entry *e = free_entry(w);
    pick_name(w, name);
    if (i < 0 || !e || find_entry(w, parent, name))
        return false;
    w->object[i].links++;
    e->parent = parent;
    e->object = i;
    memcpy(e->name, name, sizeof name);
    begin(w, r, RECORD_LINK, i);
    r->head.parent = world_id(w, parent);
    touch(w, parent, &r->head.parent_mtime_ns);
    world_body(r, name, "", NULL, 0);
    return true;
}

static bool step_remove(struct world *w, struct world_record *r)
{
    struct world_entry *e = pick_entry(w);
    if (!e || (S_ISDIR(w->object[e->object].mode) && !is_empty(w, e->object)))
        return false;
    int i = e->object;
    begin(w, r, S_ISDIR(w->object[i].mode) ? RECORD_RMDIR : RECORD_UNLINK, i);
    r->head.parent = world_id(w, e->parent);
    touch(w, e->parent, &r->head.parent_mtime_ns);
    world_body(r, e->name, "", NULL, 0);
    lose_name(w, i);
    r->head.links = w->object[i].links;
    e->parent = -1;
    return true;
}

static void move(struct world *w, struct world_record *r, enum record_op op, struct world_entry *from, int parent,
                 const char *name)
{
    begin(w, r, op, from->object);
    r->head.parent = world_id(w, from->parent);
    r->head.parent2 = world_id(w, parent);
    touch(w, from->parent, &r->head.parent_mtime_ns);
    touch(w, parent, &r->head.parent2_mtime_ns);
    world_body(r, from->name, name, NULL, 0);
    r->head.links = 0;
}

static bool step_rename(struct world *w, struct world_record *r)
{
    char name[8];
    struct world_entry *e = pick_entry(w);
    int parent = pick_object(w, true);
    pick_name(w, name);
    struct world_entry *old = find_entry(w, parent, name);
    if (!e || old == e || is_below(w, parent, e->object))
        return false;
    bool folder = S_ISDIR(w->object[e->object].mode);
    if (old && (old->object == e->object || S_ISDIR(w->object[old->object].mode) != folder ||
                (folder && !is_empty(w, old->object))))
        return false;
    move(w, r, RECORD_RENAME, e, parent, name);
    if (old) {
        r->head.other = world_id(w, old->object);
        lose_name(w, old->object);
        r->head.links = w->object[old->object].links;
        old->parent = -1;
    }
    e->parent = parent;
    memcpy(e->name, name, sizeof name);
    return true;
}

static bool step_exchange(struct world *w, struct world_record *r)
{
    struct world_entry *a = pick_entry(w), *b = pick_entry(w);
    if (!a || !b || a->object == b->object || is_below(w, b->parent, a->object) || is_below(w, a->parent, b->object))
        return false;
    move(w, r, RECORD_EXCHANGE, a, b->parent, b->name);
    r->head.other = world_id(w, b->object);
    int object = a->object;
    a->object = b->object;
    b->object = object;
    return true;
}

void world_step(struct world *w, struct world_record *r)
{
    static bool (*const steps[])(struct world *, struct world_record *) = {
        step_make, step_make,   step_make, step_write,  step_write,  step_write,  step_truncate, step_punch,
        step_attr, step_remove, step_link, step_rename, step_rename, step_rename, step_exchange, step_xattr};
    w->seq++;
    while (!steps[world_random(w, sizeof steps / sizeof *steps)](w, r))
        ;
}

/* ---- the tree as a mirror ---- */

struct sending {
    const struct world *w;
    void (*send)(void *baton, const struct world_record *r);
    void *baton;
    struct world_record r;
    bool sent[WORLD_OBJECTS];
};

static void send_one(struct sending *s, enum record_op op, int object)
{
    begin(s->w, &s->r, op, object);
}

static void send_attrs(struct sending *s, int i)
{
    const struct world_object *o = &s->w->object[i];
    uint8_t list[64];
    struct cursor c = cursor_over(list, sizeof list);
    if (o->xattr[0]) {
        cursor_put_text(&c, "user.world");
        cursor_put_u32(&c, (uint32_t)strlen(o->xattr));
        cursor_put_bytes(&c, o->xattr, strlen(o->xattr));
    }
    if (S_ISREG(o->mode) || S_ISDIR(o->mode)) {
        send_one(s, RECORD_MIRROR_XATTRS, i);
        world_body(&s->r, "", "", list, sizeof list - cursor_left(&c));
        s->send(s->baton, &s->r);
    }
    send_one(s, RECORD_MIRROR_ATTR, i);
    s->r.head.set = RECORD_SET_UID | RECORD_SET_GID | RECORD_SET_MTIME | (S_ISLNK(o->mode) ? 0u : RECORD_SET_MODE);
    s->send(s->baton, &s->r);
}

static void send_content(struct sending *s, int i)
{
    const struct world_object *o = &s->w->object[i];
    if (S_ISREG(o->mode)) {
        send_one(s, RECORD_MIRROR_ATTR, i);
        s->r.head.set = RECORD_SET_SIZE;
        s->send(s->baton, &s->r);
        send_one(s, RECORD_MIRROR_EXTENT, i);
        s->r.head.length = o->size;
        world_body(&s->r, "", "", o->data, o->size);
        s->send(s->baton, &s->r);
    }
    send_attrs(s, i);
}

static void send_folder(struct sending *s, int folder)
{
    uint8_t list[WORLD_ENTRIES * 10];
    struct cursor c = cursor_over(list, sizeof list);
    for (int i = 0; i < WORLD_ENTRIES; i++) {
        const struct world_entry *e = &s->w->entry[i];
        if (e->parent != folder)
            continue;
        const struct world_object *o = &s->w->object[e->object];
        cursor_put_text(&c, e->name);
        send_one(s, RECORD_MIRROR_ENTRY, e->object);
        s->r.head.parent = world_id(s->w, folder);
        world_body(&s->r, e->name, "", o->data, S_ISLNK(o->mode) ? o->size : 0);
        s->send(s->baton, &s->r);
        if (!s->sent[e->object])
            send_content(s, e->object);
        s->sent[e->object] = true;
        if (S_ISDIR(o->mode))
            send_folder(s, e->object);
    }
    send_one(s, RECORD_MIRROR_NAMES, folder);
    world_body(&s->r, "", "", list, sizeof list - cursor_left(&c));
    s->send(s->baton, &s->r);
}

void world_mirror(const struct world *w, void (*send)(void *baton, const struct world_record *r), void *baton)
{
    static struct sending s; /* too large for some stacks */
    s = (struct sending){.w = w, .send = send, .baton = baton};
    send_one(&s, RECORD_MIRROR_BEGIN, 0);
    send(baton, &s.r);
    send_folder(&s, 0);
    send_attrs(&s, 0);
    send_one(&s, RECORD_MIRROR_END, 0);
    send(baton, &s.r);
}
