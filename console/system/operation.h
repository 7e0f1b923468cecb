/* SPDX-License-Identifier: Apache-2.0
 * console/system/operation.h - the operation log: who changed what, from where, and what came of it. */
#ifndef DR_CONSOLE_SYSTEM_OPERATION_H
#define DR_CONSOLE_SYSTEM_OPERATION_H

#include "console/route.h"
#include "console/store/store.h"

/* One line; no parameter of the call goes into it, since some are secrets. */
enum dr_code operation_write(struct store *store, const struct request *request, const char *what,
                             const struct answer *answer, long long now_s, struct dr_error *err) DR_MUST_USE;

/* GET /op_log: newest first. */
void operation_list(const struct call *call);

#endif
