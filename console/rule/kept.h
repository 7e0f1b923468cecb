/* SPDX-License-Identifier: Apache-2.0
 * console/rule/kept.h - rules and groups in the data base: XML of the model with a version, whose they are, and what
 * they are made of (a rule: nodes; a group: rules). */
#ifndef DR_CONSOLE_RULE_KEPT_H
#define DR_CONSOLE_RULE_KEPT_H

#include "console/auth/random.h"
#include "console/route.h"
#include "console/store/store.h"
#include "core/model/rule.h"

#define KEPT_RULE  "rule"
#define KEPT_GROUP "group"

struct kept {
    struct dr_id id;
    char name[RULE_NAME_SIZE], account[65];
    char stamp[RANDOM_UUID_SIZE]; /* random_str: a change must name the one that it saw */
    long long version, created_at;
    bool replication; /* a rule that was made as a replication rule: nothing switches by itself */
    char *xml;        /* owned */
};
void kept_free(struct kept *kept);

/* Reads the XML again, into an object of the model. */
enum dr_code kept_read(const struct kept *kept, const struct model_object *type, void *object,
                       struct dr_error *err) DR_MUST_USE;

/* The one with this id, if whoever calls may see it. DR_NOT_FOUND. */
enum dr_code kept_find(const struct call *call, struct kept *kept, const char *kind, const struct dr_id *id,
                       struct dr_error *err) DR_MUST_USE;
/* DR_REFUSED: another one has the name. */
enum dr_code kept_check_name(struct store *store, const char *kind, const char *name, const struct dr_id *but,
                             struct dr_error *err) DR_MUST_USE;

/* Makes it if its version is 0, else changes it: version and stamp are new then. The object is its model's. */
enum dr_code kept_put(const struct call *call, struct kept *kept, const char *kind, const struct model_object *type,
                      const void *object, struct dr_error *err) DR_MUST_USE;
enum dr_code kept_remove(struct store *store, const struct dr_id *id, struct dr_error *err) DR_MUST_USE;

/* What it is made of; `part` is for the caller. */
enum dr_code kept_link(struct store *store, const struct dr_id *id, const struct dr_id *other, const char *part,
                       struct dr_error *err) DR_MUST_USE;
enum dr_code kept_unlink(struct store *store, const struct dr_id *id, struct dr_error *err) DR_MUST_USE;

/* A page of those that the caller may see, with the rights that clients expect in each row; `row` is given its id, name
 * and XML, and adds what the kind has. `keys`: what clients call the list; the second may be NULL. */
typedef void kept_row(const struct call *call, json_t *row, const char *id, const char *xml);
void kept_list(const struct call *call, const char *kind, bool replication, const char *const keys[2],
               kept_row *finish);
/* All of them, whole; NULL: answered. The caller's. */
json_t *kept_all(const struct call *call, const char *kind, kept_row *finish);

/* Roles that may everything see everything; others what they made. */
bool kept_sees_all(const struct call *call);

/* A failure of the above as an answer. */
void kept_tell(const struct call *call, enum dr_code code, const struct dr_error *err);

#endif
