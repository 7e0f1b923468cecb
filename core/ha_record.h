/* SPDX-License-Identifier: Apache-2.0
 * core/ha_record.h - what a member's core was, was told, and answered, as bytes: the words of the flight recorder
 * (core/flight.h). Encode and decode are one list of fields each (core/coder.h), under one version: a record of another
 * version is not read. Decode checks every bound, so that a damaged or invented record cannot make the core misbehave.
 */
#ifndef DR_CORE_HA_RECORD_H
#define DR_CORE_HA_RECORD_H

#include "core/ha_state.h"

/* Goes up with any change of what is encoded: struct ha, its store, its messages, events or answers. */
#define HA_RECORD_VERSION 2u

/* No encoded state, event or action is longer. */
#define HA_RECORD_MAX 8192u

/* Everything that a step depends on: settings, store, and what the member knows and does at the moment. */
void ha_record_state(struct cursor *c, const struct ha *h);
bool ha_record_get_state(struct cursor *c, struct ha *h);

/* An event with room for what it points to. */
struct ha_event_held {
    struct ha_event event;
    struct ha_message message;
    char text[HA_TEXT_MAX];
};
void ha_record_event(struct cursor *c, const struct ha_event *event);
bool ha_record_get_event(struct cursor *c, struct ha_event_held *held);

void ha_record_action(struct cursor *c, const struct ha_action *action);
bool ha_record_get_action(struct cursor *c, struct ha_action *action);

/* The answer without its actions: when it wants to be called again, and whether an order was refused. */
void ha_record_end(struct cursor *c, const struct ha_answer *answer);
bool ha_record_get_end(struct cursor *c, struct ha_answer *answer);

/* Shared by the two files. */
struct coder;
void ha_code_facts(struct coder *c, struct ha_facts *facts);

#endif
