/* SPDX-License-Identifier: Apache-2.0
 * tests/unit/agent/stand.h - a target in a scratch folder, and a peer that feeds it frames. */
#ifndef DR_TESTS_STAND_H
#define DR_TESTS_STAND_H

#include "agent/target/target.h"
#include "tests/unit/agent/world.h"

struct stand {
    char base[64]; /* holds state/ and folder/ */
    char state[96];
    int tree, root;        /* a private clone of the folder's mount, as capture hands it out */
    msec checkpoint_every; /* 0: the default */
    struct target *target;
    uint64_t frame;
    uint8_t *body; /* of the frame that is being filled */
    size_t used;
    struct dr_error err;
};

/* `below`: a folder on the file system that is wanted. */
void stand_make(struct stand *s, const char *below);
void stand_remove(struct stand *s);
enum dr_code stand_open(struct stand *s);
void stand_close(struct stand *s);
enum dr_code stand_begin(struct stand *s, term_no term, uint64_t seq, bool mirror);
/* Adds a record to the frame. */
void stand_put(struct stand *s, const struct world_record *r);
enum dr_code stand_send(struct stand *s);
/* A whole mirror of the world as it is, and waits until it is applied. */
enum dr_code stand_mirror(struct stand *s, const struct world *w);
/* Waits until `seq` is applied. */
bool stand_applied(struct stand *s, uint64_t seq);

#endif
