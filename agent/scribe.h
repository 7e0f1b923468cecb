/* SPDX-License-Identifier: Apache-2.0
 * agent/scribe.h - writes the durable records of all rules (agent/store.h) in a thread of its own, so that a disk holds
 * up the rule that waits for it, and no other. What comes in while it writes is written together next: a thousand rules
 * that change at once wait for a few syncs, not for a thousand. */
#ifndef DR_AGENT_SCRIBE_H
#define DR_AGENT_SCRIBE_H

#include "agent/store.h"

#define SCRIBE_TOGETHER 128u /* records; each has a descriptor while it is written */

struct scribe;

/* Zeros, but for what to write: */
struct scribe_note {
    struct store_record record;   /* what it points to stays as it is until the verdict */
    void (*verdict)(void *baton); /* by the decision thread, in scribe_tell(): record.err says what came of it */
    void *baton;
    enum { SCRIBE_IDLE, SCRIBE_WAITS, SCRIBE_WRITTEN } state; /* the scribe's own from here on */
    struct scribe_note *next;
};

/* wake(baton): there is something for scribe_tell(). Any thread; it must not wait for anything. */
enum dr_code scribe_create(struct scribe **scribe, void (*wake)(void *baton), void *baton,
                           struct dr_error *err) DR_MUST_USE;
/* No note may be out. */
void scribe_destroy(struct scribe *scribe);

/* The note is the scribe's until its verdict. One at a time of one file. */
void scribe_write(struct scribe *scribe, struct scribe_note *note);
/* Gives the verdicts that have come. */
void scribe_tell(struct scribe *scribe);
/* Waits until the note, if it is out, has been written or has failed, and takes it back: its verdict is not called. */
void scribe_wait(struct scribe *scribe, struct scribe_note *note);

#endif
