/* SPDX-License-Identifier: Apache-2.0
 * agent/rule/starts.h - few drcaptures start at a time: each looks at every process of the host before it covers its
 * folders, and a thousand that do so at once would all be late. One that hangs does not hold up the others. */
#ifndef DR_AGENT_RULE_STARTS_H
#define DR_AGENT_RULE_STARTS_H

#include "core/types.h"

#include <pthread.h>

#define STARTS_AT_ONCE 4u

struct starts {
    pthread_mutex_t lock;
    pthread_cond_t left;
    unsigned busy;
    msec moved;    /* when one left last, or was not waited for */
    msec patience; /* none has left for so long: the next one enters too */
};

void starts_init(struct starts *starts, msec patience);
void starts_destroy(struct starts *starts);

/* Waits for its turn. */
void starts_enter(struct starts *starts);
void starts_leave(struct starts *starts);

#endif
