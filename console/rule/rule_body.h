/* SPDX-License-Identifier: Apache-2.0
 * console/rule/rule_body.h - the body of the HA calls (contract 4.2) and our rule: one as the other. */
#ifndef DR_CONSOLE_RULE_RULE_BODY_H
#define DR_CONSOLE_RULE_RULE_BODY_H

#include "console/http/wrong.h"
#include "console/store/store.h"
#include "core/model/rule.h"

/* `rule` has its defaults, or is the one that is being changed: its members stay then, and so does whatever our model
 * has and the contract has not, if the body does not name it. DR_INVALID: `wrong` names every field. */
enum dr_code rule_from_body(struct rule *rule, const json_t *body, struct store *store, struct wrong *wrong,
                            struct dr_error *err) DR_MUST_USE;
/* The object of contract 4.2; the caller's. */
json_t *rule_to_body(const struct rule *rule);

#endif
