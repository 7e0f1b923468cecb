/* SPDX-License-Identifier: Apache-2.0
 * drnode - the daemon of every host. */
#include "agent/guarded.h"
#include "agent/guarded_volume.h"
#include "agent/keeper.h"
#include "agent/monitor/probe.h"
#include "agent/node.h"
#include "agent/recover.h"
#include "agent/script.h"
#include "agent/witness/disk.h"
#include "platform/host.h"

#include <apr_general.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOT_STANDARD "/usr/drbksoft/drnode"

static const char usage[] =
    "usage: drnode [--root DIR] [--foreground]\n"
    "       drnode [--root DIR] --recover FOLDER\n"
    "  --root DIR    where etc/, var/, run/ and log/ lie; else $DRNODE_ROOT, else " ROOT_STANDARD "\n"
    "  --foreground  log to the terminal too\n"
    "  --recover FOLDER  bring the copy in FOLDER to its moment, and end; for when no drnode runs\n"
    "SIGHUP reads the rules again. SIGTERM ends drnode and disturbs nothing: what the rules hold here stays until its\n"
    "leases run out, so a restart in time is not noticed. To let go of a rule first: drctl --local stop.\n";

static bool parse(struct node_options *options, const char **recover, int argc, char **argv)
{
    const char *root = getenv("DRNODE_ROOT");
    options->root = root != NULL && root[0] != '\0' ? root : ROOT_STANDARD;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--root") == 0 && i + 1 < argc)
            options->root = argv[++i];
        else if (strcmp(argv[i], "--foreground") == 0)
            options->foreground = true;
        else if (strcmp(argv[i], "--recover") == 0 && i + 1 < argc)
            *recover = argv[++i];
        else
            return false;
    }
    return true;
}

/* Blocked in every thread; waited for in this one. */
static sigset_t own_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    return set;
}

static void serve(struct node *node, const sigset_t *set)
{
    int signal;
    while (sigwait(set, &signal) == 0 && signal == SIGHUP)
        node_reload(node);
}

static int run(const struct node_options *options)
{
    struct dr_error err;
    struct node *node;
    sigset_t set = own_signals();
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (node_start(&node, options, &err) != DR_OK) {
        fprintf(stderr, "drnode: %s\n", err.text);
        return EXIT_FAILURE;
    }
    serve(node, &set);
    node_stop(node);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct node_options options = {0};
    const char *recover = NULL;
    if (argc > 1 && strcmp(argv[1], GUARDED_WORD) == 0)
        return guarded_main(argc, argv);
    if (argc > 1 && strcmp(argv[1], KEEPER_WORD) == 0)
        return keeper_main();
    if (argc > 1 && strcmp(argv[1], SCRIPT_AS_WORD) == 0)
        return script_become(argc, argv);
    if (argc > 1 && strcmp(argv[1], PROBE_WORD) == 0)
        return probe_main(argc, argv);
    if (argc > 1 && strcmp(argv[1], DISK_WORD) == 0)
        return disk_main(argc, argv);
    if (argc > 1 && strcmp(argv[1], GUARDED_VOLUME_WORD) == 0)
        return guarded_volume_main(argc, argv);
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return fputs(usage, stdout) < 0;
    if (!parse(&options, &recover, argc, argv)) {
        fputs(usage, stderr);
        return 2;
    }
    if (!host_privileged()) {
        fputs("drnode: run it as root: it mounts folders and sets addresses\n", stderr);
        return EXIT_FAILURE;
    }
    if (apr_initialize() != APR_SUCCESS) {
        fputs("drnode: the APR library does not start: check its installation\n", stderr);
        return EXIT_FAILURE;
    }
    int status = recover != NULL ? recover_main(options.root, recover) : run(&options);
    apr_terminate();
    return status;
}
