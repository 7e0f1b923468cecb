/* SPDX-License-Identifier: Apache-2.0
 * tests/survival/survival.h - what becomes of the service when one thing fails, or two. */
#ifndef DR_TESTS_SURVIVAL_H
#define DR_TESTS_SURVIVAL_H

#include "tests/sim/sim.h"

#define LOOK (SECOND / 100) /* between two looks */

enum fault { LOSE_A, LOSE_B, LINE_1, LINE_2, ARBITER_USED, ARBITER_OTHER, CONSOLE, FAULTS };

struct setup {
    const char *title, *about;
    unsigned arbiters;
    bool majority, alone; /* alone: all arbiters are lost before it begins */
};

/* What became of the service. */
struct fate {
    usec gap; /* longest time in which nobody had the resources */
    bool served, split, broken;
    unsigned mends; /* bits of faults each of which alone brings it back when it is mended */
    bool mended;    /* it comes back when all are */
    bool whole;     /* ... and the other member is a slave again, with nothing left to a person */
    bool b_master;  /* ... and the master is B then */
    bool forced;    /* a person can have it at once on a member that lives */
};

/* The worst of several moments at which `first` falls, and a minute later `second` (the same: only one). */
struct fate survival_worst(const struct setup *setup, enum fault first, enum fault second);
bool survival_exists(const struct setup *setup, enum fault fault);
void survival_fail(const char *why);

/* Plays on in a process of its own, so that each branch of a story begins from the same cluster. */
void branch(void (*play)(const void *story, void *result), const void *story, void *result, size_t size);

#endif
