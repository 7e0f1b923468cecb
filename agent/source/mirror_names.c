/* SPDX-License-Identifier: Apache-2.0
 * Records about names. README.md has the table: (folder unlisted, being listed, listed) x (object announced or not) x
 * operation. Two questions decide: is the name on the target now (`placed`), and is the folder one whose names the
 * records keep (`kept`: its listing is under way or through). */
#include "agent/source/mirror_plan_parts.h"

#include <string.h>
#include <sys/stat.h>

static struct mirror_reading *listing_of(const struct mirror_object *folder)
{
    struct mirror_reading *reading = folder->readings;
    while (reading && reading->want != WANT_LIST)
        reading = reading->sister;
    return reading;
}

/* The folder, if the records keep its names. */
static struct mirror_object *kept(const struct mirror_plan *plan, const struct mirror_name *at)
{
    struct mirror_object *folder = mirror_table_find(&plan->table, &at->parent);
    return folder && folder->listed != FOLDER_UNLISTED ? folder : NULL;
}

static bool placed(const struct mirror_plan *plan, const struct mirror_name *at)
{
    const struct mirror_object *folder = kept(plan, at);
    if (!folder || folder->listed == FOLDER_LISTED)
        return folder != NULL;
    const struct name_note *note = name_set_find(&listing_of(folder)->names, at->name, at->length);
    return note && note->present;
}

/* The name was assigned by a record: a listing that is under way does not count for it. If the target does not get the
 * record itself (not `passed`), it has to be told of the folder's time. */
static void note(struct mirror_plan *plan, const struct mirror_name *at, bool present, bool passed)
{
    struct mirror_object *folder = kept(plan, at);
    if (!folder)
        return;
    mirror_touch_attr(folder);
    if (!passed && at->folder_mtime_ns) {
        struct record head = mirror_piece(plan, RECORD_MIRROR_ATTR, &folder->key);
        head.set = RECORD_SET_MTIME;
        head.mtime_ns = at->folder_mtime_ns;
        mirror_emit(plan, &head, NULL, NULL);
    }
    if (folder->listed == FOLDER_LISTING && !name_set_put(&listing_of(folder)->names, at->name, at->length, present))
        plan->failed = true;
}

static void pass(struct mirror_plan *plan, const struct record *r)
{
    plan->config.out.emit(plan->config.out.baton, r, record_name(r), record_name2(r), record_data(r));
}

/* Takes a name away on the target and keeps the object there, with or without other names. */
static void park(struct mirror_plan *plan, const struct mirror_name *at, const struct mirror_object *object)
{
    struct record head = mirror_piece(plan, RECORD_MIRROR_PARK, &object->key);
    head.parent = mirror_id(&at->parent);
    head.name_len = (uint16_t)at->length;
    mirror_emit(plan, &head, at->name, NULL);
}

static void announce(struct mirror_plan *plan, const struct mirror_entry *entry)
{
    struct mirror_object *object = mirror_table_add(&plan->table, &entry->key, entry->mode & S_IFMT);
    if (!object) {
        plan->failed = true;
        return;
    }
    plan->counts.files++;
    if (S_ISDIR(object->type)) {
        object->queued = true;
        mirror_queue_put(&plan->folders, object);
        return;
    }
    object->size = S_ISREG(object->type) ? entry->size : 0;
    plan->counts.bytes += object->size;
    mirror_queue_body(plan, object);
}

void mirror_give_name(struct mirror_plan *plan, const struct mirror_name *at, const struct mirror_entry *entry)
{
    struct record head = mirror_piece(plan, RECORD_MIRROR_ENTRY, &entry->key);
    head.parent = mirror_id(&at->parent);
    head.mode = (entry->mode & S_IFMT) | (S_ISDIR(entry->mode) ? 0700 : 0600);
    head.rdev = entry->rdev;
    head.name_len = (uint16_t)at->length;
    head.data_len = entry->link_len;
    mirror_emit(plan, &head, at->name, entry->link);
    if (!mirror_table_find(&plan->table, &entry->key))
        announce(plan, entry);
}

/* What ENTRY says of an object; false: it is new, and gone by now. A symbolic link that the target has needs a text for
 * form's sake even if it is gone. */
static bool describe(struct mirror_plan *plan, const struct mirror_key *key, struct mirror_entry *entry)
{
    const struct mirror_object *object = mirror_table_find(&plan->table, key);
    *entry = (struct mirror_entry){.key = *key, .mode = object ? object->type : 0};
    if (object && !S_ISLNK(object->type))
        return true;
    if (plan->config.out.look(plan->config.out.baton, key, entry, plan->link))
        return true;
    *entry = (struct mirror_entry){.key = *key, .mode = S_IFLNK, .link = "gone", .link_len = 4};
    return object != NULL;
}

/* The name is `key`'s now, by a record that the target could not follow. An object that is gone by now needs no name:
 * the record that takes it away is on its way, and `stood` must not stay there until then. */
static void place(struct mirror_plan *plan, const struct mirror_name *at, const struct mirror_key *key,
                  const struct mirror_key *stood)
{
    struct mirror_entry entry;
    bool there = describe(plan, key, &entry);
    const struct mirror_object *former = stood ? mirror_table_find(&plan->table, stood) : NULL;
    if (there)
        mirror_give_name(plan, at, &entry);
    else if (former && placed(plan, at))
        park(plan, at, former);
    note(plan, at, there, false);
}

/* A new object is complete by its record: there is nothing to read. */
static void created(struct mirror_plan *plan, const struct record *r, const struct mirror_name *at,
                    const struct mirror_key *key)
{
    if (!kept(plan, at))
        return;
    pass(plan, r);
    note(plan, at, true, true);
    if (mirror_table_find(&plan->table, key))
        return;
    struct mirror_object *object = mirror_table_add(&plan->table, key, r->mode & S_IFMT);
    if (!object) {
        plan->failed = true;
        return;
    }
    object->headed = object->sized = true;
    object->listed = FOLDER_LISTED;
}

static void linked(struct mirror_plan *plan, const struct record *r, const struct mirror_name *at,
                   const struct mirror_key *key)
{
    if (!kept(plan, at))
        return;
    if (mirror_table_find(&plan->table, key)) {
        pass(plan, r);
        note(plan, at, true, true);
    } else {
        place(plan, at, key, NULL);
    }
}

static void unlinked(struct mirror_plan *plan, const struct record *r, const struct mirror_name *at,
                     const struct mirror_key *key)
{
    struct mirror_object *object = mirror_table_find(&plan->table, key);
    bool passed = object && placed(plan, at);
    if (passed)
        pass(plan, r);
    note(plan, at, false, passed);
    if (object && (r->op == RECORD_RMDIR || r->links == 0))
        mirror_forget(plan, object);
}

/* What stood in the new place may have other names. */
static void replaced(struct mirror_plan *plan, const struct record *r, const struct mirror_key *key)
{
    struct mirror_object *object = r->other.ino ? mirror_table_find(&plan->table, key) : NULL;
    if (object && r->links == 0)
        mirror_forget(plan, object);
}

static void renamed(struct mirror_plan *plan, const struct record *r, const struct mirror_name *from,
                    const struct mirror_name *to, const struct mirror_key *key)
{
    struct mirror_key stood = mirror_key_of(plan, &r->other, r->path);
    const struct mirror_object *object = mirror_table_find(&plan->table, key);
    bool was = object && placed(plan, from), is = kept(plan, to) != NULL;
    if (r->other.ino == r->file.ino && r->other.gen == r->file.gen)
        return; /* two names of one file: rename(2) does nothing */
    if (was && is)
        pass(plan, r);
    else if (was)
        park(plan, from, object);
    note(plan, from, false, was && is);
    if (was && is)
        note(plan, to, true, true);
    else if (is)
        place(plan, to, key, &stood);
    replaced(plan, r, &stood);
}

/* Both stand in new places afterwards. What cannot follow the record is taken away from both first, so that neither
 * overwrites the other. */
static void exchanged(struct mirror_plan *plan, const struct record *r, const struct mirror_name *from,
                      const struct mirror_name *to, const struct mirror_key *key)
{
    struct mirror_key other = mirror_key_of(plan, &r->other, r->path);
    const struct mirror_object *moved = mirror_table_find(&plan->table, key);
    const struct mirror_object *back = mirror_table_find(&plan->table, &other);
    bool moved_was = moved && placed(plan, from), back_was = back && placed(plan, to);
    if (moved_was && back_was) {
        pass(plan, r);
        note(plan, from, true, true);
        note(plan, to, true, true);
        return;
    }
    if (moved_was)
        park(plan, from, moved);
    if (back_was)
        park(plan, to, back);
    if (kept(plan, to))
        place(plan, to, key, NULL);
    if (kept(plan, from))
        place(plan, from, &other, NULL);
}

void mirror_names_record(struct mirror_plan *plan, const struct record *r)
{
    struct mirror_key key = mirror_key_of(plan, &r->file, r->path);
    struct mirror_name at = {mirror_key_of(plan, &r->parent, r->path), record_name(r), r->name_len, r->parent_mtime_ns};
    struct mirror_name to = {mirror_key_of(plan, &r->parent2, r->path), record_name2(r), r->name2_len,
                             r->parent2_mtime_ns};
    switch (r->op) {
    case RECORD_LINK: linked(plan, r, &at, &key); break;
    case RECORD_UNLINK:
    case RECORD_RMDIR: unlinked(plan, r, &at, &key); break;
    case RECORD_RENAME: renamed(plan, r, &at, &to, &key); break;
    case RECORD_EXCHANGE: exchanged(plan, r, &at, &to, &key); break;
    default: created(plan, r, &at, &key);
    }
}
