/* SPDX-License-Identifier: Apache-2.0
 * core/model/group.h - a group: rules that a person switches with one order, stage after stage. The same file lies on
 * the nodes that may run it and on both members of each of its rules. */
#ifndef DR_CORE_MODEL_GROUP_H
#define DR_CORE_MODEL_GROUP_H

#include "core/model.h"

#define GROUP_NAME_SIZE   128
#define GROUP_STAGES_MAX  16
#define GROUP_RULES_MAX   64 /* of all stages together */
#define GROUP_RUNNERS_MAX 8

enum group_on_error { GROUP_ON_ERROR_STOP, GROUP_ON_ERROR_IGNORE };

struct group_runner {
    struct dr_id node;
};

struct group_member { /* a rule that belongs to a stage */
    struct dr_id id;
};

struct group_stage {
    bool confirm;
    msec timeout;
    unsigned rules;
    struct group_member rule[GROUP_RULES_MAX];
};

struct group {
    struct dr_id id;
    char name[GROUP_NAME_SIZE];
    bool switch_confirm;
    enum group_on_error on_error;
    unsigned runners, stages;
    struct group_runner runner[GROUP_RUNNERS_MAX];
    struct group_stage stage[GROUP_STAGES_MAX];
};

extern const struct model_object group_model;
extern const char *const group_on_error_words[];

/* What fields alone do not tell: no rule twice, not too many of them. DR_INVALID names the stage. */
enum dr_code group_check(const struct group *group, struct dr_error *err) DR_MUST_USE;

unsigned group_rules(const struct group *group);
bool group_has_rule(const struct group *group, const struct dr_id *rule);
/* May this node run the group's plans, and give orders to the members of its rules? */
bool group_has_runner(const struct group *group, const struct dr_id *node);

#endif
