/* SPDX-License-Identifier: Apache-2.0
 * agent/source/wire_ids.h - ids as this host's ring and tree have them, to ids for life. */
#ifndef DR_AGENT_WIRE_IDS_H
#define DR_AGENT_WIRE_IDS_H

#include "agent/source/lower_tree.h"

struct idmap;

struct wire_ids {
    const struct lower_tree *tree; /* its roots are BIRTH_ROOT */
    struct idmap *idmap;
};

struct file_id wire_id(const struct wire_ids *ids, const struct file_id *local, uint32_t path);

#endif
