/* SPDX-License-Identifier: Apache-2.0
 * drconsole - the control machine. */
#include "console/backup/backup.h"
#include "console/daemon.h"

#include <apr_general.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ROOT_STANDARD "/usr/drbksoft/drconsole"

static const char usage[] = "usage: drconsole [--root DIR] [backup FILE | restore FILE]\n"
                            "  backup FILE   its keys, settings and data base (sqlite3), also while it runs\n"
                            "  restore FILE  makes DIR, which must be empty or not there, from a backup\n"
                            "  --root DIR  where etc/ and var/ lie; else $DRCONSOLE_ROOT, else " ROOT_STANDARD "\n"
                            "SIGTERM ends it; nodes and their rules go on without it.\n";

struct order {
    const char *root;
    const char *what, *file; /* backup or restore; NULL: run */
};

static bool parse(struct order *order, int argc, char **argv)
{
    const char *said = getenv("DRCONSOLE_ROOT");
    *order = (struct order){.root = said != NULL && said[0] != '\0' ? said : ROOT_STANDARD};
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--root") == 0)
            order->root = argv[i + 1];
        else if (order->what == NULL && (strcmp(argv[i], "backup") == 0 || strcmp(argv[i], "restore") == 0))
            order->what = argv[i], order->file = argv[i + 1];
        else
            return false;
    }
    return argc % 2 == 1;
}

static int save_or_restore(const struct order *order)
{
    struct dr_error err;
    bool saves = strcmp(order->what, "backup") == 0;
    umask(077);
    if ((saves ? backup_make(order->root, order->file, &err) : backup_restore(order->root, order->file, &err)) == DR_OK)
        return EXIT_SUCCESS;
    fprintf(stderr, "drconsole: %s: %s\n", order->what, err.text);
    return EXIT_FAILURE;
}

static sigset_t end_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return set;
}

static void *wait_for_end(void *baton)
{
    sigset_t set = end_signals();
    int signal;
    if (sigwait(&set, &signal) == 0)
        daemon_stop(baton);
    return NULL;
}

static int run(const char *root)
{
    struct daemon *daemon;
    struct dr_error err;
    pthread_t waits;
    sigset_t set = end_signals();
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    umask(077);
    if (daemon_start(&daemon, root, &err) != DR_OK) {
        fprintf(stderr, "drconsole: %s\n", err.text);
        return EXIT_FAILURE;
    }
    if (pthread_create(&waits, NULL, wait_for_end, daemon) != 0) {
        fputs("drconsole: cannot start a thread: too many are there\n", stderr);
        daemon_free(daemon);
        return EXIT_FAILURE;
    }
    printf("drconsole: listening on %s\n", daemon_url(daemon));
    fflush(stdout);
    daemon_run(daemon);
    pthread_join(waits, NULL);
    daemon_free(daemon);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct order order;
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return fputs(usage, stdout) < 0;
    if (!parse(&order, argc, argv)) {
        fputs(usage, stderr);
        return 2;
    }
    if (apr_initialize() != APR_SUCCESS) {
        fputs("drconsole: the APR library does not start: check its installation\n", stderr);
        return EXIT_FAILURE;
    }
    int status = order.what != NULL ? save_or_restore(&order) : run(order.root);
    apr_terminate();
    return status;
}
