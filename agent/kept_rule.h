/* SPDX-License-Identifier: Apache-2.0
 * agent/kept_rule.h - a rule as it was read: one copy for all who work by it. Of its 63 KiB nearly all are lists that
 * it does not fill; those take address space, and no memory. */
#ifndef DR_AGENT_KEPT_RULE_H
#define DR_AGENT_KEPT_RULE_H

#include "core/model/rule.h"

/* NULL: no memory. */
const struct rule *kept_rule_create(const struct rule *read);
/* One more holder of one that kept_rule_create() made. */
const struct rule *kept_rule_hold(const struct rule *rule);
/* The last one frees it. NULL is fine. */
void kept_rule_drop(const struct rule *rule);

#endif
