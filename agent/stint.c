/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/stint.h"

bool stint_begin(struct stint *stint, void *(*work)(void *baton), void *baton)
{
    if (stint->begun && !stint->over)
        return true;
    stint_join(stint); /* it does nothing any more that could wait */
    stint->begun = pthread_create(&stint->thread, NULL, work, baton) == 0;
    return stint->begun;
}

void stint_end(struct stint *stint)
{
    stint->over = true;
}

void stint_join(struct stint *stint)
{
    if (stint->begun)
        pthread_join(stint->thread, NULL);
    stint->begun = stint->over = false;
}
