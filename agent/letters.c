/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/letters.h"

#include <stdlib.h>

struct letter_kept {
    struct letter letter;
    struct letter_kept *next;
};

bool letters_keep(struct letters *letters, const struct letter *letter)
{
    struct letter_kept *kept = malloc(sizeof *kept);
    if (kept == NULL)
        return false;
    *kept = (struct letter_kept){.letter = *letter};
    if (letter->wire != NULL)
        wire_hold(letter->wire);
    *(letters->first == NULL ? &letters->first : &letters->last->next) = kept;
    letters->last = kept;
    letters->count++;
    return true;
}

static struct letter_kept *shift(struct letters *letters)
{
    struct letter_kept *kept = letters->first;
    letters->first = kept->next;
    letters->count--;
    return kept;
}

static void drop(struct letter_kept *kept)
{
    wire_drop(kept->letter.wire);
    free(kept);
}

void letters_deliver(struct letters *letters, const bool *waits)
{
    while (!*waits && letters->first != NULL) {
        struct letter_kept *kept = shift(letters);
        kept->letter.deliver(kept->letter.to, &kept->letter);
        drop(kept);
    }
}

void letters_drop(struct letters *letters)
{
    while (letters->first != NULL)
        drop(shift(letters));
}
