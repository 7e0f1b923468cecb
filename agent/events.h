/* SPDX-License-Identifier: Apache-2.0
 * agent/events.h - the control command `events`: what the log still knows of a rule. */
#ifndef DR_AGENT_EVENTS_H
#define DR_AGENT_EVENTS_H

#include "agent/config.h"
#include "agent/control.h"
#include "base/log.h"

/* rule= (id or name; none: everything), after= (number of the last line known): "events":[{number, time_ms, level,
 * rule, event, text}] oldest first. A command's handler calls it with what its baton holds. */
enum dr_code events_answer(struct log *log, const struct config *config, const struct control_request *request,
                           struct json_writer *answer, struct dr_error *err) DR_MUST_USE;

#endif
