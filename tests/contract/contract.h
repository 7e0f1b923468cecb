/* SPDX-License-Identifier: Apache-2.0
 * tests/contract/contract.h - what a system gives to the contract tests: on_SYSTEM.c has it. The tests themselves,
 * contract_SEAM.c, include nothing of a system, and are built for each. */
#ifndef DR_TESTS_CONTRACT_H
#define DR_TESTS_CONTRACT_H

#include "platform/capture.h"
#include "tests/unit/unit.h"

/* A host of the test's own: its card "left" is 10.99.7.1/24 and fd00:99::1/64. */
bool on_set_up(void);
void on_tear_down(void);

struct on_script {
    const char *says; /* lines, or NULL */
    int status;
    bool hangs, deaf; /* it ignores SIGTERM */
};
extern char on_scripts[]; /* their folder */
void on_script(const char *name, const struct on_script *script);

/* Runs `body` in a process of its own. Was that killed? */
bool on_child(void (*body)(void *baton), void *baton);

/* A capture process over a folder; attached, READ_ONLY. */
struct capture_link *on_capture(const char **socket);
void on_capture_end(void);
/* What a change in that folder ends in: 0 or an errno. */
int on_change(void);

#endif
