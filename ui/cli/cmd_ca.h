/* SPDX-License-Identifier: Apache-2.0
 * ui/cli/cmd_ca.h - drctl ca: the certificate authority in a folder, until a console holds it. */
#ifndef DR_UI_CLI_CMD_CA_H
#define DR_UI_CLI_CMD_CA_H

/* argv[0] is "ca". Returns the exit status: 0 done, 1 failed (one line on stderr), 2 wrong usage. */
int cmd_ca(int argc, char **argv);

#endif
