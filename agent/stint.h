/* SPDX-License-Identifier: Apache-2.0
 * agent/stint.h - a thread that is there while it has work: a thousand rules are mostly idle. It ends by itself when it
 * has had nothing to do for a while, and begins again with the next work. All under the caller's lock, but the join. */
#ifndef DR_AGENT_STINT_H
#define DR_AGENT_STINT_H

#include <pthread.h>
#include <stdbool.h>

struct stint { /* zeros: there is none */
    pthread_t thread;
    bool begun, over;
};

/* Begins one unless one works. False: the system gives no thread. */
bool stint_begin(struct stint *stint, void *(*work)(void *baton), void *baton);
/* By the thread itself, having found no work: it gives the lock back and returns, and does nothing else. */
void stint_end(struct stint *stint);
/* Waits for its end. Without the lock, when nobody begins it any more. */
void stint_join(struct stint *stint);

#endif
