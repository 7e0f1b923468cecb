/* SPDX-License-Identifier: Apache-2.0
 * agent/recorder.h - flight recorders: what each rule's core was told and answered, in a ring of files
 * (var/rules/ID/flight, form: core/flight.h), for `drctl replay`. The decision thread only copies into memory; one
 * thread for all rules writes, at least once a second, and never makes anything durable: what a killed drnode had told
 * it last may be missing, what a killed host had too. When the disk is full, or slow, it says so once, leaves a gap,
 * and goes on when there is room. */
#ifndef DR_AGENT_RECORDER_H
#define DR_AGENT_RECORDER_H

#include "agent/config.h"
#include "base/log.h"
#include "core/flight.h"

struct recorders; /* of a node */

struct recorders_config {
    struct log *log;
    uint64_t bytes;   /* of the files of one rule; one of RECORDER_SEGMENTS parts more for a moment */
    msec retry_after; /* when a disk has failed */
};
enum dr_code recorders_start(struct recorders **all, const struct recorders_config *config,
                             struct dr_error *err) DR_MUST_USE;
/* After the last recorder was closed. */
void recorders_stop(struct recorders *all);

struct recorder; /* of a rule */

/* `rule` is copied from. */
enum dr_code recorder_open(struct recorder **recorder, struct recorders *all, const char *root, const struct rule *rule,
                           struct dr_error *err) DR_MUST_USE;
/* Around each ha_step(), by the thread that calls it: `h` as it is before. Neither waits for a disk. */
void recorder_event(struct recorder *r, const struct ha *h, const struct ha_event *event);
/* `soon`: something happened that a person will look for. */
void recorder_answer(struct recorder *r, const struct ha_answer *answer, bool soon);
/* Writes what is left. Not by the decision thread. */
void recorder_close(struct recorder *r);

#endif
