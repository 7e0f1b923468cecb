/* SPDX-License-Identifier: Apache-2.0
 * drctl recover: done by drnode itself, in the foreground, because only it may write below a protected folder. */
#include "ui/cli/cli.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* drnode lies beside drctl. */
static bool find_drnode(char path[PATH_MAX])
{
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
    if (length <= 0)
        return false;
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    if (!slash || slash + sizeof "/drnode" > path + PATH_MAX)
        return false;
    memcpy(slash, "/drnode", sizeof "/drnode");
    return true;
}

int cmd_recover(struct cli *cli)
{
    char drnode[PATH_MAX];
    const char *folder = cli_word(cli, 0);
    if (!folder)
        return cli_usage("recover: name the folder");
    if (!find_drnode(drnode)) {
        fputs("drctl: cannot tell where drnode lies (it should be beside drctl)\n", stderr);
        return CLI_FAILED;
    }
    execl(drnode, drnode, "--root", cli->options.root, "--recover", folder, (char *)NULL);
    fprintf(stderr, "drctl: cannot run %s: %s\n", drnode, strerror(errno));
    return CLI_FAILED;
}
