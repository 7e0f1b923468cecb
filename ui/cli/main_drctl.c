/* SPDX-License-Identifier: Apache-2.0
 * ui/cli/main_drctl.c - drctl COMMAND ...: one table of commands; each command is a file cmd_NAME.c. */
#include "ui/cli/cmd_ca.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv); /* argv[0] is the command; returns the exit status */
    const char *does;
} commands[] = {
    {"ca", cmd_ca, "make a certificate authority, and certificates for nodes"},
};

static int usage(void)
{
    fprintf(stderr, "usage: drctl COMMAND ...\n");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(stderr, "  %-10s %s\n", commands[i].name, commands[i].does);
    return 2;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    return usage();
}
