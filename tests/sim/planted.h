/* SPDX-License-Identifier: Apache-2.0
 * tests/sim/planted.h - the same simulator over a core with one bug planted in it: a program each, beside this one in
 * planted/. A check that no bug can fail checks nothing. */
#ifndef DR_TESTS_SIM_PLANTED_H
#define DR_TESTS_SIM_PLANTED_H

/* Becomes planted/NAME with the other options. Returns only if there is no such program. */
int planted_become(const char *self, const char *name, int count, char **text);
/* Runs each until it finds its bug, or gives up. Prints one line each and "N passed, N failed". */
int planted_run_all(const char *self);

#endif
