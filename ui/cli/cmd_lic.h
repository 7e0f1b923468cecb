/* SPDX-License-Identifier: Apache-2.0
 * ui/cli/cmd_lic.h - drctl lic keygen, issue: what an issuer of licences does, with a key of his own and no console. */
#ifndef DR_UI_CLI_CMD_LIC_H
#define DR_UI_CLI_CMD_LIC_H

#include <stdbool.h>

/* Whether `word` (after "lic") is one of these. */
bool cmd_lic_knows(const char *word);
/* argv[0] is "lic". Returns the exit status: 0 done, 1 failed (one line on stderr), 2 wrong usage. */
int cmd_lic(int argc, char **argv);

#endif
