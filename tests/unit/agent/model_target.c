/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/agent/model_target.h"

#include <linux/falloc.h>
#include <string.h>
#include <sys/stat.h>

#define COMPLAIN(target, head)                                                                                         \
    do {                                                                                                               \
        if (!(target)->wrong) {                                                                                        \
            (target)->wrong = __LINE__;                                                                                \
            (target)->wrong_op = (head)->op;                                                                           \
        }                                                                                                              \
    } while (0)

void model_target_init(struct model_target *target)
{
    memset(target, 0, sizeof *target);
    model_tree_init(&target->tree);
    target->known[0] = true;
}

static int number(const struct file_id *id)
{
    return id->birth == BIRTH_ROOT ? 0 : (int)id->ino - 1;
}

static bool knows(const struct model_target *target, const struct file_id *id)
{
    return number(id) >= 0 && number(id) < MODEL_LIVE && target->known[number(id)];
}

static int *slot(struct model_target *target, const struct file_id *parent, const char *name)
{
    return &target->tree.object[number(parent)].entry[name[0] - 'a'];
}

/* A folder has one name; a name has one object. */
static void give_name(struct model_target *target, const struct record *head, const struct file_id *parent, int *at,
                      int object)
{
    struct model_tree *tree = &target->tree;
    if (model_below(tree, number(parent), object)) {
        COMPLAIN(target, head); /* a loop */
        return;
    }
    if (S_ISDIR(tree->object[object].type))
        for (int i = 0; i < MODEL_OBJECTS; i++)
            for (int n = 0; n < MODEL_NAMES; n++)
                if (tree->object[i].entry[n] == object && tree->object[i].there && S_ISDIR(tree->object[i].type))
                    tree->object[i].entry[n] = -1;
    *at = object;
}

static void learn(struct model_target *target, const struct record *head, bool adopt)
{
    int object = number(&head->file), *at = slot(target, &head->parent, record_name(head));
    struct model_object *o = &target->tree.object[object];
    if (adopt && *at >= MODEL_LIVE && target->tree.object[*at].type == (head->mode & S_IFMT))
        *o = target->tree.object[*at];
    else
        model_object_clear(o, head->mode & S_IFMT);
    target->known[object] = true;
}

static void apply_new(struct model_target *target, const struct record *head, int *at)
{
    bool entry = head->op == RECORD_MIRROR_ENTRY;
    int object = number(&head->file);
    if (!knows(target, &head->file))
        learn(target, head, entry);
    if (!entry)
        target->tree.object[object].attr = head->uid;
    give_name(target, head, &head->parent, at, object);
}

static void apply_rename(struct model_target *target, const struct record *head, int *at, int *to)
{
    int object = number(&head->file);
    if (!knows(target, &head->file)) {
        COMPLAIN(target, head);
        return;
    }
    if (*at == object)
        *at = -1;
    else if (*at >= 0) /* no name at all: a listing may have been read between the change and its record */
        COMPLAIN(target, head);
    give_name(target, head, &head->parent2, to, object);
}

static void apply_exchange(struct model_target *target, const struct record *head, int *at, int *to)
{
    if (!knows(target, &head->file) || !knows(target, &head->other)) {
        COMPLAIN(target, head);
        return;
    }
    *at = *to = -1;
    give_name(target, head, &head->parent2, to, number(&head->file));
    give_name(target, head, &head->parent, at, number(&head->other));
}

static void apply_names(struct model_target *target, const struct record *head, const uint8_t *data)
{
    bool listed[MODEL_NAMES] = {0};
    for (uint32_t at = 0; at < head->data_len; at += 3)
        listed[data[at + 2] - 'a'] = true;
    for (int n = 0; n < MODEL_NAMES; n++) {
        int *entry = &target->tree.object[number(&head->file)].entry[n];
        if (*entry < 0 || listed[n])
            continue;
        if (*entry < MODEL_LIVE)
            COMPLAIN(target, head); /* the records keep the names that they gave */
        *entry = -1;
    }
}

static void apply_name_op(struct model_target *target, const struct record *r)
{
    int *at = slot(target, &r->parent, record_name(r)), object = number(&r->file);
    switch (r->op) {
    case RECORD_UNLINK:
    case RECORD_RMDIR:
        if (*at != object && *at >= 0) /* a listing may have missed it before the record came */
            COMPLAIN(target, r);
        *at = *at == object ? -1 : *at;
        break;
    case RECORD_MIRROR_PARK: *at = *at == object ? -1 : *at; break;
    case RECORD_RENAME: apply_rename(target, r, at, slot(target, &r->parent2, record_name2(r))); break;
    case RECORD_EXCHANGE: apply_exchange(target, r, at, slot(target, &r->parent2, record_name2(r))); break;
    default: apply_new(target, r, at);
    }
}

static void apply_bytes(struct model_target *target, const struct record *head, const uint8_t *data)
{
    struct model_object *o = &target->tree.object[number(&head->file)];
    uint64_t end = head->offset + head->length;
    if (head->op == RECORD_MIRROR_EXTENT && head->length == 0)
        COMPLAIN(target, head);
    o->size = o->size > end ? o->size : end;
    memcpy(o->data + head->offset, data, head->length);
}

static void apply_zeros(struct model_target *target, const struct record *head)
{
    struct model_object *o = &target->tree.object[number(&head->file)];
    if (head->op == RECORD_MIRROR_HOLE && head->length == 0)
        COMPLAIN(target, head);
    memset(o->data + head->offset, 0, head->length);
}

static void apply_attr(struct model_target *target, const struct record *head)
{
    struct model_object *o = &target->tree.object[number(&head->file)];
    if (head->set & RECORD_SET_SIZE)
        model_resize(o, head->file_size);
    if (head->set & RECORD_SET_UID)
        o->attr = head->uid;
}

static void apply_content(struct model_target *target, const struct record *head, const void *data)
{
    struct model_object *o = &target->tree.object[number(&head->file)];
    switch (head->op) {
    case RECORD_WRITE:
    case RECORD_MIRROR_EXTENT: apply_bytes(target, head, data); break;
    case RECORD_FALLOCATE:
    case RECORD_MIRROR_HOLE: apply_zeros(target, head); break;
    case RECORD_SETATTR:
    case RECORD_MIRROR_ATTR: apply_attr(target, head); break;
    case RECORD_MIRROR_XATTRS: o->xattr = 0; /* fall through */
    case RECORD_SETXATTR:
        if (head->data_len)
            memcpy(&o->xattr, data, sizeof o->xattr);
        break;
    case RECORD_MIRROR_NAMES: apply_names(target, head, data); break;
    default: COMPLAIN(target, head);
    }
}

void model_target_apply(struct model_target *target, const struct record *head, const char *name, const char *name2,
                        const void *data)
{
    struct {
        struct record record;
        char body[2 * MODEL_NAMES];
    } r = {.record = *head};
    if (head->op == RECORD_MIRROR_BEGIN || head->op == RECORD_MIRROR_END) {
        target->ended = head->op == RECORD_MIRROR_END;
        return;
    }
    bool second = head->op == RECORD_RENAME || head->op == RECORD_EXCHANGE;
    if (head->name_len == 0 && !knows(target, &head->file)) {
        COMPLAIN(target, head);
        return;
    }
    if (head->name_len == 0) {
        apply_content(target, head, data);
        return;
    }
    if (!knows(target, &head->parent) || (second && !knows(target, &head->parent2))) {
        COMPLAIN(target, head);
        return;
    }
    memcpy(r.body, name, head->name_len);
    if (second)
        memcpy(r.body + head->name_len, name2, head->name2_len);
    apply_name_op(target, &r.record);
}
