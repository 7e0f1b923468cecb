/* SPDX-License-Identifier: Apache-2.0
 * drctl: the command line for people and scripts. */
#include "ui/cli/cli.h"

int main(int argc, char **argv)
{
    return cli_main(argc, argv);
}
