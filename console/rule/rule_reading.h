/* SPDX-License-Identifier: Apache-2.0
 * console/rule/rule_reading.h - shared by the files that read the body of a rule. */
#ifndef DR_CONSOLE_RULE_RULE_READING_H
#define DR_CONSOLE_RULE_RULE_READING_H

#include "console/rule/rule_body.h"

struct reading {
    struct wrong *wrong;
    struct store *store;
    struct rule *rule;
    const json_t *body;
    struct dr_error failure; /* of the data base; code DR_OK: none */
};

/* A text member; "" if it is none. */
const char *reading_text(const json_t *object, const char *name);
/* The elements of a list of the body: what is not there, or is "", has none; a bare object is a list of one. NULL, and
 * told: it is neither. The caller's. */
json_t *reading_list(struct reading *r, const json_t *from, const char *name, const char *outer);
/* The element for each member of ifconfig[], rule_relation[]: by `uuid`. Told if one lacks. */
bool reading_of_members(struct reading *r, const json_t *of[2], const json_t *from, const char *list,
                        const char *outer);
void reading_wrong(struct reading *r, const char *name, const char *en, const char *zh);
/* A scalar of the model; told under `name`. */
void reading_set(struct reading *r, const struct model_object *type, void *object, const char *field, const char *text,
                 const char *name);
/* One more element of the rule's list; NULL, and told: there is no room. */
void *reading_append(struct reading *r, const char *list, const char *name);

void reading_members(struct reading *r);
void reading_arbitration(struct reading *r);
void reading_monitors(struct reading *r);
void reading_resources(struct reading *r);

#endif
