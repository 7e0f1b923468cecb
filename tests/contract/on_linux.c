/* SPDX-License-Identifier: Apache-2.0
 * Linux: namespaces of the test's own, scripts in a scratch folder, drcapture's code over a folder through /dev/fuse.
 */
#include "tests/capture/stand.h"
#include "tests/contract/contract.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

char on_scripts[] = "/tmp/drnode-contract.XXXXXX";
static struct stand stand;
static unsigned changes;

bool on_set_up(void)
{
    bool done = mkdtemp(on_scripts) != NULL && unshare(CLONE_NEWNET) == 0 &&
                system("ip link add left type veth peer name right && ip link set left up && ip link set right up &&"
                       "ip addr add 10.99.7.1/24 dev left && ip addr add fd00:99::1/64 dev left nodad") == 0;
    if (!done)
        fprintf(stderr, "contract: cannot make a network namespace: run as root\n");
    return done;
}

void on_tear_down(void)
{
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", on_scripts);
    if (system(command) != 0)
        fprintf(stderr, "contract: cannot remove %s\n", on_scripts);
}

void on_script(const char *name, const struct on_script *script)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", on_scripts, name);
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fprintf(file, "#!/bin/sh\n%s\n", script->deaf ? "trap '' TERM" : "");
    if (script->says)
        fprintf(file, "cat <<'END'\n%s\nEND\n", script->says);
    fprintf(file, "%s\nexit %d\n", script->hangs ? "sleep 1000" : "", script->status);
    fclose(file);
    chmod(path, 0755);
}

bool on_child(void (*body)(void *baton), void *baton)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        body(baton);
        _exit(0);
    }
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status);
}

struct capture_link *on_capture(const char **socket)
{
    stand_open(&stand, 16);
    *socket = stand.socket;
    return stand.link;
}

void on_capture_end(void)
{
    stand_close(&stand);
}

int on_change(void)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%u", stand.folder, changes++);
    return mkdir(path, 0755) == 0 ? 0 : errno;
}
