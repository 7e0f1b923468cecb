/* SPDX-License-Identifier: Apache-2.0
 * stand.h - a capture process over a folder in mounts of our own, and a replica made from its records. */
#ifndef DR_TESTS_CAPTURE_STAND_H
#define DR_TESTS_CAPTURE_STAND_H

#include "platform/capture.h"
#include "tests/unit/unit.h"

#include <sys/types.h>

struct stand {
    char work[64]; /* holds folder, replica, socket */
    char folder[80], replica[80], socket[80];
    pid_t server;
    struct capture_link *link;
};

/* Mounts of our own, a folder to work in; `memory` MiB of ring; attached, still READ_ONLY. */
void stand_open(struct stand *s, size_t memory);
/* Another server over the same folder. */
void stand_serve(struct stand *s, size_t memory);
void stand_close(struct stand *s);
/* Stops the server by its link and asserts that it ended well. */
void stand_stop(struct stand *s);

uint64_t stand_flip(struct stand *s, enum capture_mode mode, term_no term);
struct ring *stand_ring(const struct stand *s);

/* ---- replay.c: records -> tree, in the plainest way ---- */

struct replay;
struct replay *replay_new(const char *folder);
void replay_free(struct replay *r);
/* Asserts that the record fits what is there. */
void replay_apply(struct replay *r, const struct record *record);

/* ---- compare.c ---- */

/* Names, types, contents, sizes, links, mode, owner, mtime, extended attributes. Returns how many objects it saw; a
 * difference is printed and fails the test. */
unsigned compare_trees(int left, int right, const char *path);

#endif
