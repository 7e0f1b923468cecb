/* SPDX-License-Identifier: Apache-2.0
 * agent/letters.h - letters (agent/inbox.h) of one rule that wait until what was decided before them is durable. */
#ifndef DR_AGENT_LETTERS_H
#define DR_AGENT_LETTERS_H

#include "agent/inbox.h"

struct letters { /* zeros: none */
    struct letter_kept *first, *last;
    unsigned count;
};

/* False: no memory. */
bool letters_keep(struct letters *letters, const struct letter *letter);
/* Delivers them in their order as long as *waits does not get true. */
void letters_deliver(struct letters *letters, const bool *waits);
void letters_drop(struct letters *letters);

#endif
