/* SPDX-License-Identifier: Apache-2.0
 * tests/unit/agent/model_target.h - a target as strict as it can be: it takes a mirror's stream and complains about
 * each record that a real one could not carry out. */
#ifndef DR_TESTS_MODEL_TARGET_H
#define DR_TESTS_MODEL_TARGET_H

#include "core/record.h"
#include "tests/unit/agent/model_tree.h"

struct model_target {
    struct model_tree tree;
    bool known[MODEL_LIVE]; /* announced */
    bool ended;
    int wrong; /* line of the first complaint */
    uint32_t wrong_op;
};

void model_target_init(struct model_target *target);
void model_target_apply(struct model_target *target, const struct record *head, const char *name, const char *name2,
                        const void *data);

#endif
